"""Plans a day, or the rest of it."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from bottles import routes
from bottles.db import transaction
from bottles.errors import Conflict, say

from .. import checker, replan
from ..problem import Problem, Solution
from ..travel import by_profile
from .asking import Asked, Day, read
from .saving import Follows, save, told
from .settings import CAR, Settings, Solver
from .today import TRIED, Today, overloaded, today


def plan_day(
    engine: Engine,
    day: date,
    settings: Settings,
    solve: Solver,
    *,
    moving: int | None = None,
    made_by: int | None = None,
    at: datetime,
) -> int:
    """Plan a day from its open tasks and save a new version, always; return its id.

    `solve` and the road engine are called outside of any transaction. `at` is the time the plan is made. With `moving`, each
    call that rides with another vehicle than in the plan that stands costs so many cents.

    Raises
    ------
    Conflict
        The search gave a plan that the independent checker rejects; nothing was saved.
    """
    with transaction(engine) as session:
        standing = routes.published(session, day) if moving is not None else None
        known = today(session, standing, settings, at=at) if standing is not None else None
        asked = known.asked if known is not None else read(session, day, settings, at=at)
    whole = with_ways(asked, settings)
    if known is None:
        solution = solve(whole.problem)
    else:
        now = replan.replan(whole.problem, at_home(known, whole), known.now, known.done, solve, moving_cost=moving or 0)
        whole, solution = replace(whole, problem=now.problem), now.solution
    refuse(whole.problem, solution)
    left_out = told(whole, solution)
    with transaction(engine) as session:
        return save(session, whole, solution, left_out, ZoneInfo(settings.zone), made_by=made_by, at=at)


def replan_day(
    engine: Engine, day: date, settings: Settings, solve: Solver, *, made_by: int | None = None, at: datetime
) -> int:
    """Plan the rest of a day that is under way and save a new version that goes on from the one that stands.

    What is done stays with the version it was done by; calls visited today are not tried again. Each call moved to another
    vehicle costs what the settings say.

    Raises
    ------
    Conflict
        No plan stands for the day, or the search gave a plan that the independent checker rejects; nothing was saved.
    """
    zone = ZoneInfo(settings.zone)
    with transaction(engine) as session:
        standing = routes.published(session, day)
        if standing is None:
            raise Conflict(say("No plan stands for this day: plan it first."))
        known = today(session, standing, settings, at=at)
    whole = with_ways(known.asked, settings)
    now = replan.replan(whole.problem, at_home(known, whole), known.now, known.done, solve, moving_cost=settings.moving)
    rest = replace(whole, problem=now.problem)
    refuse(now.problem, now.solution)
    left_out = told(rest, now.solution)
    reasons = {**left_out.reasons, **{call: (TRIED, {}) for call in known.tried}}
    left_out = replace(left_out, reasons=reasons, notes=overloaded(whole, now.problem))
    follows = Follows(standing.version, known.stops)
    with transaction(engine) as session:
        return save(session, rest, now.solution, left_out, zone, follows=follows, made_by=made_by, at=at)


def at_home(known: Today, whole: Day) -> Solution:
    """Give the plan that stands with its unloadings at each vehicle's own centre."""
    homes = {vehicle.id: vehicle.end for vehicle in whole.problem.vehicles}
    return replace(
        known.solution,
        routes=tuple(
            replace(route, unloads=tuple(replace(unload, place=homes[route.vehicle]) for unload in route.unloads))
            for route in known.solution.routes
            if route.vehicle in homes
        ),
    )


def with_ways(asked: Asked, settings: Settings) -> Day:
    """Ask for the ways between the places of a day, for each kind of vehicle that may go out."""
    kinds = {asked.vehicles[van.id].profile for van in asked.vans} or {CAR}
    wanted = {kind: settings.profiles.get(kind, settings.travel) for kind in sorted(kinds)}
    return asked.asks(by_profile(asked.spots, wanted, names=list(asked.places)))


def refuse(problem: Problem, solution: Solution) -> None:
    """Raise what the checker finds."""
    broken = checker.violations(problem, solution)
    if broken:
        raise Conflict(say("The search gave a plan that cannot be driven (%(why)s); nothing was saved."), why=broken[0].says)
