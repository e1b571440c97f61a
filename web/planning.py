"""Searching for a plan as a job: config in, signs of life on the way, a plan version or a sentence out.

The worker and the command line do it the same way. The search itself runs in a process of its own (`routing.child`), so no
thread here holds a database transaction or the interpreter while it thinks.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlmodel import Session

from bottles import calibrations, errands, routes
from bottles.db import find, reading, transaction
from bottles.errors import say
from bottles.routes import Plan
from bottles.searches import Search
from routing import planner
from routing.child import run
from routing.problem import Problem, Solution
from routing.settings import Progress
from routing.settings import Settings as SearchSettings
from routing.travel import stretched

from .config import Config
from .roads import CAR, TRUCK, travel_settings, truck_settings

Clock = Callable[[], datetime]
Listener = Callable[[Progress], None]
Solver = Callable[[Problem, SearchSettings, Listener, Callable[[], bool]], Solution]
"""Searches in a process of its own: `routing.child.run`, or a pool whose children wait."""
_Timed = Callable[[float], Callable[[Problem], Solution]]
"""Gives, for so many seconds, what searches for a problem's plan."""

BROKEN = say("The search broke off on our side. Ask for the plan again; if it breaks off again, call us.")
"""What a search that failed says of itself; the log has the cause."""

TELL_SECONDS = 1.0
"""Between two signs of life."""

_log = logging.getLogger(__name__)


def planner_settings(config: Config, ways: Path | None = None) -> planner.Settings:
    """Say what the territory decides about planning, in the planner's units; a road engine's answers are kept in `ways`."""
    planning = config.planning
    return planner.Settings(
        zone=config.territory.time_zone,
        travel=travel_settings(config.travel, ways),
        profiles={TRUCK: truck_settings(config.travel, ways)},
        pickup=round(planning.pickup_euros * 100),
        delivery=round(planning.delivery_euros * 100),
        waiting_day=round(planning.waiting_day_euros * 100),
        moving=round(planning.moving_euros * 100),
        patience=planning.patience_days,
        bottle_grams=round(config.factors.glass_grams.value),
    )


def calibrated(session: Session, config: Config, ways: Path | None = None) -> planner.Settings:
    """Give the planner's settings with what drivers' days taught about the ways."""
    settings = planner_settings(config, ways)
    learnt = calibrations.latest(session, config.travel.source)
    if learnt is None:
        return settings
    kinds = {CAR: settings.travel, **settings.profiles}
    slower = {kind: stretched(travel, learnt.factors.get(kind, 1.0), learnt.margin) for kind, travel in kinds.items()}
    return replace(settings, travel=slower[CAR], profiles=slower)


def publish(
    engine: Engine,
    config: Config,
    plan_id: int,
    person: int,
    *,
    instead_of: int | None = None,
    at: datetime,
    ways: Path | None = None,
) -> Plan:
    """Make a version the one that stands for its day, if it may and the checker still accepts it."""
    today = at.astimezone(ZoneInfo(config.territory.time_zone)).date()
    with reading(engine) as session:
        routes.demand_draft(session, plan_id, today=today)
        settings = calibrated(session, config, ways)
    # a road engine may be asked, which no transaction waits for
    planner.demand_holds(engine, plan_id, settings)
    with transaction(engine) as session:
        return routes.publish(session, plan_id, person, instead_of=instead_of, at=at, today=today)


def run_search(
    engine: Engine,
    config: Config,
    search_id: int,
    now: Clock,
    *,
    stopping: Callable[[], bool] | None = None,
    ways: Path | None = None,
    solver: Solver = run,
) -> int | None:
    """Work on a search that waits: return its plan, or none when somebody else works on it or it gave none.

    `stopping` says that this process has to end: the search then ends with the best plan it has.
    """
    with transaction(engine) as session:
        taken = errands.take(session, Search, search_id, at=now())
    return work_on(engine, config, search_id, now, stopping=stopping, ways=ways, solver=solver) if taken else None


def work_on(
    engine: Engine,
    config: Config,
    search_id: int,
    now: Clock,
    *,
    seed: int = 1,
    listener: Listener | None = None,
    stopping: Callable[[], bool] | None = None,
    ways: Path | None = None,
    solver: Solver = run,
) -> int | None:
    """Work on a search that this caller has taken, and end it with a plan or with a sentence."""
    with reading(engine) as session:
        asked = find(session, Search, search_id)
    signs = _Signs(engine, search_id, now, listener, stopping or (lambda: False))

    def within(seconds: float) -> Callable[[Problem], Solution]:
        limits = SearchSettings(seconds=seconds, seed=seed)
        return lambda problem: solver(problem, limits, signs.better, signs.stop)

    try:
        with reading(engine) as session:
            settings = calibrated(session, config, ways)
        if asked.days:
            _propose(engine, settings, asked, signs, within)
            return None
        plan = _plan(engine, settings, asked, signs, within)
    except Exception:
        _log.exception("search %s for %s gave no plan", search_id, asked.day)
        with transaction(engine) as session:
            errands.fail(session, Search, search_id, BROKEN, at=now())
        return None
    with transaction(engine) as session:
        errands.tell(session, Search, search_id, curve=signs.curve, at=now())
        errands.finish(session, Search, search_id, plan=plan, at=now())
    return plan


def _plan(engine: Engine, settings: planner.Settings, asked: Search, signs: "_Signs", within: _Timed) -> int:
    """Make a plan of a day, or of what is left of it."""
    at = signs.now()
    with reading(engine) as session:
        # who is on the road by a plan goes on from where he is
        out = planner.is_under_way(session, asked.day, at=at, zone=ZoneInfo(settings.zone))
    solve = within(asked.limit_seconds)
    if not out:
        return planner.plan_day(engine, asked.day, settings, solve, moving=asked.moving, made_by=asked.asked_by, at=at)
    if asked.moving is not None:
        settings = replace(settings, moving=asked.moving)
    return planner.replan_day(engine, asked.day, settings, solve, made_by=asked.asked_by, at=at)


def _propose(engine: Engine, settings: planner.Settings, asked: Search, signs: "_Signs", within: _Timed) -> None:
    """Propose a day for each call; every day has its share of the time."""
    days = [date.fromisoformat(day) for day in asked.days]
    # the costs of different days are no curve
    signs.draws = False
    proposal = planner.propose_week(engine, days, settings, within(asked.limit_seconds / len(days)), at=signs.now())
    with transaction(engine) as session:
        errands.finish(session, Search, asked.id or 0, proposal=proposal, at=signs.now())


@dataclass
class _Signs:
    """What a search says of itself while it runs; a sign of life once a second, whether it got better or not."""

    engine: Engine
    search: int
    now: Clock
    listener: Listener | None
    stopping: Callable[[], bool]
    curve: list[list[float]] = field(default_factory=list)
    draws: bool = True
    asked_to_stop: bool = False
    told_at: float = field(default_factory=monotonic)

    def better(self, progress: Progress) -> None:
        """Keep a better plan's cost for the curve: seconds searched, cents."""
        if self.draws:
            self.curve.append([round(progress.seconds, 2), progress.cost])
        if self.listener:
            self.listener(progress)

    def stop(self) -> bool:
        """Say whether the search should end now; asked many times a second, so the database is asked once in a while."""
        if monotonic() - self.told_at >= TELL_SECONDS:
            with transaction(self.engine) as session:
                self.asked_to_stop = errands.tell(session, Search, self.search, curve=list(self.curve), at=self.now())
            self.told_at = monotonic()
        return self.asked_to_stop or self.stopping()
