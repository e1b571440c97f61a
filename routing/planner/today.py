"""Reads what a day has come to by now: who is out, what is done, what was planned for the rest."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bottles import routes
from bottles.catalogue import UNSORTED
from bottles.crates import Move
from bottles.db import find
from bottles.errors import say
from bottles.routes import Load, Outcome, Plan, PlanStatus, Route, Stop, StopTask, Task, Visit, VisitLine

from .. import problem
from ..problem import Solution
from ..replan import Done
from .asking import Asked, Day, Scene, read, scales, second
from .saving import in_words
from .settings import DIMENSIONS, Settings

TRIED = say("A vehicle was there today already.")
"""Why a call that is still open after a visit is left for another day."""

OVERLOADED = say("%(vehicle)s carries %(load)s %(dimension)s, more than the %(most)s it may: it goes on with what it carries.")
"""Of a vehicle that was made smaller while it is out."""

SENTENCES = {"tried": TRIED, "overloaded": OVERLOADED}
"""Message ids by code, for the coordinator."""


@dataclass(frozen=True)
class Today:
    """A day under way, as a question: the day as planned and what came of it, for `replan.underway`.

    `stops` counts the stops that each vehicle has behind it; `tried` are calls visited today that still ask for something.
    """

    asked: Asked
    solution: Solution
    now: int
    done: Mapping[str, Done]
    standing: Plan
    stops: Mapping[str, int]
    tried: Sequence[str]


@dataclass
class _Out:
    """One vehicle's day: its stops by now, those planned to come, and its routes in all versions it drove by."""

    behind: list[problem.Visit] = field(default_factory=list)
    ahead: list[problem.Visit] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)


def is_under_way(session: Session, day: date, *, at: datetime, zone: ZoneInfo) -> bool:
    """Say whether a plan stands for the day, it is today, and somebody has left by it."""
    standing = routes.published(session, day)
    if standing is None or at.astimezone(zone).date() != day:
        return False
    told = session.exec(select(Visit.task).where(Visit.plan == standing.id)).first()
    return told is not None or any(route.departs <= at for route in routes.of_plan(session, standing.id or 0))


def today(session: Session, standing: Plan, settings: Settings, *, at: datetime) -> Today:
    """Read a day under way by the plan that stands."""
    day, zone = standing.day, ZoneInfo(settings.zone)
    rows = _rows(session, day)
    visits = _visits(session, {plan for _, plan, _, _ in rows})
    tasks = {task: find(session, Task, task) for task, _ in visits}
    asked = read(session, day, settings, besides=tasks.values(), at=at)
    behind = _DoneCalls(session, asked, settings, tasks)
    now = second(day, at, zone)
    out: dict[str, _Out] = defaultdict(_Out)
    for task, plan, route, stop in rows:
        told = visits.get((task, plan))
        if told is not None or plan == standing.id:
            one = out[route.vehicle]
            one.routes += [route] if route not in one.routes else []
            if told is not None:
                one.behind.append(behind.visit(task, told, second(day, stop.arrives, zone), second(day, told.at, zone), now))
            elif (task, plan) not in visits and str(task) not in behind.done:
                one.ahead.append(_planned(task, stop, day, zone))
    known = {each.id for each in asked.calls}
    calls = (*(each for each in asked.calls if each.id not in behind.done), *behind.calls)
    whole = replace(asked, calls=calls, tasks={**tasks, **asked.tasks})
    plans = [_route(vehicle, one, {each.id for each in calls}, standing, day, zone) for vehicle, one in out.items()]
    stops = {vehicle: _stops_behind(rows, visits, vehicle) for vehicle in out}
    # where somebody is right now, nothing is left out yet
    there = {str(task) for (task, _), visit in visits.items() if visit.outcome is Outcome.REACHED}
    tried = [name for name in behind.done if name in known and name not in there]
    return Today(whole, Solution((*plans,), (), 0), now, behind.done, standing, stops, tried)


Row = tuple[int, int, Route, Stop]
"""A task, the plan and route that have it, and the stop."""


def _rows(session: Session, day: date) -> list[Row]:
    """List what the versions that stood on a day, or stand, have their vehicles do, in order."""
    query = (
        select(StopTask.task, Plan.id, Route, Stop)
        .join(Stop, col(Stop.id) == col(StopTask.stop))
        .join(Route, col(Route.id) == col(Stop.route))
        .join(Plan, col(Plan.id) == col(Route.plan))
        .where(Plan.day == day, Plan.status != PlanStatus.DRAFT)
        .order_by(col(Plan.version), col(Route.id), col(Stop.position), col(StopTask.task))
    )
    return [(task, plan or 0, route, stop) for task, plan, route, stop in session.exec(query)]


def _visits(session: Session, plans: Iterable[int]) -> dict[tuple[int, int], Visit]:
    """Read what came of tasks under some versions; a task nobody has told an outcome of is still to come."""
    query = select(Visit).where(col(Visit.plan).in_(list(plans)), col(Visit.outcome).is_not(None))
    return {(visit.task, visit.plan): visit for visit in session.exec(query)}


class _DoneCalls:
    """The calls that were visited today, with what was really moved."""

    def __init__(self, session: Session, asked: Asked, settings: Settings, tasks: Mapping[int, Task]) -> None:
        self.tasks = tasks
        self.scene = Scene(asked.day, asked.places, settings, asked.held)
        self.weigh = scales(session, settings)
        self.remaining = routes.loads(session, tasks.values())
        self.moved: dict[tuple[int, int], Load] = defaultdict(Load)
        for line in session.exec(select(VisitLine).where(col(VisitLine.task).in_(list(tasks)))):
            _add(self.moved[line.task, line.plan], line)
        self.calls: list[problem.Call] = []
        self.done: dict[str, Done] = {}

    def visit(self, task: int, visit: Visit, arrival: int, told: int, now: int) -> problem.Visit:
        """Note a visit, and give it as the plan would have it; who has only arrived needs the time of the service still."""
        name = str(task)
        moved = self.call(task, self.moved[task, visit.plan])
        reached = visit.outcome is Outcome.REACHED
        ended = max(now, told + moved.setup + self._service(task)) if reached else told
        if name not in self.done:
            self.calls.append(self.call(task, self._expected(task)) if reached else moved)
        left = self.remaining[task]
        undelivered = (0, 0) if reached else self.call(task, Load(leave=left.leave, bottles=left.bottles)).deliver
        self.done[name] = Done(ended, undelivered)
        begun = min(arrival, told)
        return problem.Visit(name, begun, begun, ended)

    def _expected(self, task: int) -> Load:
        """Give what a visit that goes on is expected to move: all that is still asked for."""
        return self.remaining[task]

    def _service(self, task: int) -> int:
        return self.call(task, self._expected(task)).service

    def call(self, task: int, load: Load) -> problem.Call:
        """Write a task down with a load."""
        known = self.tasks[task]
        return self.scene.call(known, self.weigh(known, load))


def _add(load: Load, line: VisitLine) -> None:
    """Note what a visit moved of what is weighed by crates: bottles nobody has sorted ride in these."""
    if line.move == Move.COLLECT and line.item != UNSORTED:
        load.take[line.item] = line.quantity
    elif line.move == Move.DROP:
        load.leave[line.item] = line.quantity


def _planned(task: int, stop: Stop, day: date, zone: ZoneInfo) -> problem.Visit:
    arrives, starts, leaves = (second(day, moment, zone) for moment in (stop.arrives, stop.starts, stop.leaves))
    return problem.Visit(str(task), arrives, starts, leaves)


def _route(vehicle: str, one: _Out, known: set[str], standing: Plan, day: date, zone: ZoneInfo) -> problem.Route:
    """Put a vehicle's day together: what it did, by whichever version, and what stands for the rest."""
    behind = sorted(one.behind, key=lambda visit: visit.end)
    ahead = [visit for visit in one.ahead if visit.call in known]
    made = second(day, standing.made_at, zone)
    pauses: list[problem.Window] = []
    unloads: list[problem.Unload] = []
    for route in one.routes:
        stands = route.plan == standing.id
        taken = [
            (second(day, datetime.fromisoformat(b), zone), second(day, datetime.fromisoformat(e), zone))
            for b, e in route.pauses
        ]
        pauses += [pause for pause in taken if stands or pause[1] <= made]
        for told in route.unloads:
            arrives, starts, leaves = (
                second(day, datetime.fromisoformat(told[k]), zone) for k in ("arrives", "starts", "leaves")
            )
            if stands or leaves <= made:
                before = sum(visit.end <= arrives for visit in (*behind, *ahead))
                unloads.append(problem.Unload(before, -1, arrives, starts, leaves))
    return problem.Route(
        vehicle=vehicle,
        visits=(*behind, *ahead),
        departure=min(second(day, route.departs, zone) for route in one.routes),
        finish=second(day, one.routes[-1].returns, zone),
        metres=0,
        seconds_driving=0,
        peak=(0, 0),
        pauses=tuple(sorted(pauses)),
        unloads=tuple(sorted(unloads, key=lambda unload: (unload.after, unload.start))),
    )


def _stops_behind(rows: Sequence[Row], visits: Mapping[tuple[int, int], Visit], vehicle: str) -> int:
    """Give the number of the last stop that a vehicle has behind it."""
    return max(
        (stop.position for task, plan, route, stop in rows if route.vehicle == vehicle and (task, plan) in visits), default=0
    )


def overloaded(whole: Day, rest: problem.Problem) -> list[dict[str, Any]]:
    """Say of each vehicle that is out and carries more than it may by now what that is."""
    notes = []
    for van in rest.vehicles:
        may = whole.problem.vehicle[van.id].capacity
        # grams and crates may both be too many: one sentence is enough
        over = [number for number, most in enumerate(may) if van.capacity[number] > most]
        if over:
            dimension = DIMENSIONS[over[0]]
            values = {"vehicle": van.id, "load": str(van.capacity[over[0]]), "most": str(may[over[0]]), "dimension": dimension}
            notes.append({"message": OVERLOADED, "values": in_words(whole, values)})
    return notes
