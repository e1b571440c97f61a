"""Asks the checker again whether a plan still holds, before it is published: the world may have moved since it was made."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from bottles import locks, routes
from bottles.db import find, reading
from bottles.errors import Conflict, say
from bottles.routes import Plan, Route, Stop, StopTask, Task

from .. import explain, problem
from ..checker import Violation, violations
from ..problem import Solution
from ..travel import Patience
from .asking import Asked, asked, second
from .fixing import edges, in_turn
from .planning import with_ways
from .settings import Settings

OTHERWISE_FIXED = say("%(place)s was fixed otherwise since: plan again.")

STALE = {
    "window": say("%(place)s is not open any more at %(at)s, when %(vehicle)s would come: plan again."),
    "capacity": say("%(vehicle)s would carry more than it may now: plan again."),
    "unknown_vehicle": say("%(vehicle)s does not go out any more: plan again."),
    "tag": say("%(vehicle)s cannot come to %(place)s any more: plan again."),
    "vehicle": OTHERWISE_FIXED,
    "position": OTHERWISE_FIXED,
    "early": say("The shift of %(vehicle)s begins later than this plan has it: plan again."),
    "late": say("The shift of %(vehicle)s ends sooner than this plan has it: plan again."),
    "travel": say("The ways of %(vehicle)s take longer than this plan has it: plan again."),
}
"""What a coordinator reads of a plan that does not hold, by the checker's code."""

OTHERWISE = say("This plan cannot be driven any more as things are now: plan again.")

RECORDED = frozenset({"figures", "cost"})
"""What a plan says of itself; nobody drives by it."""

ANYWHERE = frozenset({"window", "tag", "vehicle", "unknown_vehicle", "centre_window"})
"""What can be judged without knowing where a vehicle is and how long its ways are."""

HURRY = Patience(request=3, total=6, tries=1)
"""Who publishes waits for it."""


def demand_holds(engine: Engine, plan_id: int, settings: Settings) -> None:
    """Have the checker judge a plan with the points, vehicles, loads and ways as they are now.

    Times are those of the plan. Of a version that goes on from another, and where the ways cannot be had now, only that
    is judged which does not depend on them.

    Raises
    ------
    Conflict
        It does not hold: the first rule it breaks, in a sentence.
    """
    hasty = {name: replace(travel, patience=HURRY) for name, travel in settings.profiles.items()}
    with reading(engine) as session:
        plan = find(session, Plan, plan_id)
        tasks = _tasks(session, plan_id)
        # the plan may leave out the call that begins or ends a fixed stop: no other has its place then
        ends = edges(_seen(session, plan), locks.on(session, plan.day))
        here = asked(session, plan.day, tasks, settings, besides=tasks, at_edges=ends)
        solution = _solution(session, plan, here, ZoneInfo(settings.zone))
    whole = with_ways(here, replace(settings, travel=replace(settings.travel, patience=HURRY), profiles=hasty))
    served = {visit.call: visit.end - visit.start for route in solution.routes for visit in route.visits}
    calls = tuple(replace(call, setup=0, service=served[call.id]) for call in whole.problem.calls)
    if served.keys() != {call.id for call in calls}:
        return  # something in it was closed meanwhile, which publishing says by itself
    broken = violations(replace(whole.problem, calls=calls), solution)
    is_all = plan.follows is None and whole.estimated == plan.estimated
    counts = [one for one in broken if one.code not in RECORDED and (is_all or one.code in ANYWHERE)]
    if counts:
        raise _refusal(counts[0], here)


def _refusal(broken: Violation, here: Asked) -> Conflict:
    """Say what does not hold any more."""
    facts = dict(broken.facts)
    vehicle = str(broken.vehicle or facts.get("vehicle", ""))
    point = here.tasks[int(broken.call)].point if broken.call else ""
    place = here.places[point].name if point else ""
    is_agreed = broken.code == "window" and point in here.held and here.held[point].hours
    sentence = OTHERWISE_FIXED if is_agreed else STALE.get(broken.code, OTHERWISE)
    name = here.vehicles[vehicle].name if vehicle in here.vehicles else vehicle
    return Conflict(sentence, vehicle=name, place=place, at=explain.clock(facts.get("start", 0)))


def _tasks(session: Session, plan: int) -> list[Task]:
    query = select(Task).join(StopTask).join(Stop).join(Route).where(Route.plan == plan).order_by(col(Task.id))
    return list(session.exec(query))


def _seen(session: Session, plan: Plan) -> list[Task]:
    """List the tasks that asked for anything when a plan was made."""
    asking = [int(task) for task, facts in plan.saw.items() if any(facts.values())]
    return list(session.exec(select(Task).where(col(Task.id).in_(asking))))


def _solution(session: Session, plan: Plan, here: Asked, zone: ZoneInfo) -> Solution:
    """Read a plan's routes as the planner wrote them."""
    return Solution(tuple(_route(session, row, plan, here, zone) for row in routes.of_plan(session, plan.id or 0)), (), 0)


def _route(session: Session, row: Route, plan: Plan, here: Asked, zone: ZoneInfo) -> problem.Route:
    def at(moment: datetime | str) -> int:
        return second(plan.day, datetime.fromisoformat(moment) if isinstance(moment, str) else moment, zone)

    stops = routes.stops(session, row.id or 0)
    visits: list[problem.Visit] = []
    behind = {0: 0}
    for stop in stops:
        tasks = in_turn(routes.tasks_at(session, stop.id or 0))
        visits += _visits(tasks, at(stop.arrives), at(stop.starts), at(stop.leaves))
        behind[stop.position] = len(visits)
    # a version that goes on from another counts its stops on
    first = stops[0].position - 1 if stops else 0
    home = next((van.end for van in here.vans if van.id == row.vehicle), 0)
    unloads = (
        problem.Unload(behind.get(told["after"], 0), home, at(told["arrives"]), at(told["starts"]), at(told["leaves"]))
        for told in row.unloads
        if told["after"] >= first
    )
    return problem.Route(
        vehicle=row.vehicle,
        visits=tuple(visits),
        departure=at(row.departs),
        finish=at(row.returns),
        metres=row.metres,
        seconds_driving=row.driving_seconds,
        peak=(row.peak_crates, row.peak_grams),
        pauses=tuple((at(begins), at(ends)) for begins, ends in row.pauses),
        unloads=tuple(unloads),
    )


def _visits(tasks: Sequence[Task], arrives: int, starts: int, leaves: int) -> list[problem.Visit]:
    """Give the visits of one stop: it was written down as a whole, so the last has all of its time."""
    last = len(tasks) - 1
    return [
        problem.Visit(str(task.id), arrives if number == 0 else starts, starts, leaves if number == last else starts)
        for number, task in enumerate(tasks)
    ]
