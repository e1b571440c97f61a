"""What stands where at the centre now: vans on their way in, receptions, what waits, the lines, the stock."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import g
from sqlmodel import Session, col, select

from bottles import batches, catalogue, events, hauls, ledger, points, projections, routes
from bottles.batches import Lot, LotStatus, Reception, WashRun
from bottles.catalogue import UNSORTED, CrateType
from bottles.crates import Move
from bottles.db import find
from bottles.errors import NotFound, say
from bottles.events import Act, Event
from bottles.ledger import AccountKind
from bottles.people import Person, Role
from bottles.points import Point
from bottles.projections import Tally
from bottles.routes import Outcome, Plan, PlanStatus, Route, Stop, StopTask
from bottles.vehicles import Vehicle

from .current import territory

MAY = (Role.WASHER, Role.COORDINATOR)
"""Who works at the centre, and who may look and lend a hand."""


def here(session: Session) -> Point:
    """Return the centre these pages are about: the first, as for every act a page records."""
    return points.centres(session)[0]


@dataclass(frozen=True)
class Van:
    """A route that has not been counted at the dock yet."""

    route: Route
    vehicle: Vehicle
    driver: str
    day: date
    stops: int
    done: int
    aboard: int
    """Crates collected so far, rounded up to tens: the exact count is for whoever counts at the dock to find."""


def vans(session: Session, centre: str, today: date) -> list[Van]:
    """List today's and yesterday's routes that nobody has counted in, the first to return first."""
    query = (
        select(Route, Plan, Vehicle)
        .join(Plan, col(Plan.id) == col(Route.plan))
        .join(Vehicle, col(Vehicle.id) == col(Route.vehicle))
        .where(col(Plan.day).in_([today - timedelta(days=1), today]), Plan.status != PlanStatus.DRAFT)
        .where(Vehicle.centre == centre)
        .order_by(col(Route.returns), col(Route.id))
    )
    found = []
    for route, plan, vehicle in session.exec(query).all():
        crates = sum(brought(session, route).values())
        # a superseded plan counts only where somebody drove by it
        if (plan.status is PlanStatus.PUBLISHED or crates) and not received(session, route.id or 0).counted:
            driver = session.get(Person, route.driver) if route.driver else None
            done, stops = _progress(session, route)
            aboard = -(-crates // 10) * 10
            found.append(Van(route, vehicle, driver.name if driver else "", plan.day, stops, done, aboard))
    return found


def _progress(session: Session, route: Route) -> tuple[int, int]:
    """Return how many stops of a route are over, and how many there are."""
    over = {t for t, visit in routes.visits(session, route).items() if visit.outcome not in (None, Outcome.REACHED)}
    tasks: dict[int, list[int]] = defaultdict(list)
    query = select(StopTask.stop, StopTask.task).join(Stop, col(Stop.id) == col(StopTask.stop))
    for stop, task in session.exec(query.where(Stop.route == route.id)):
        tasks[stop].append(task)
    return sum(over.issuperset(each) for each in tasks.values()), len(tasks)


def brought(session: Session, route: Route) -> Counter[str]:
    """Return what the driver says a route took aboard: crates by type."""
    total: Counter[str] = Counter()
    for items in hauls.collected(session, route).values():
        total.update({item: n for item, n in items.items() if item != UNSORTED})
    return total


def heard(session: Session, route: int) -> list[Act]:
    """List what stands of what was scanned and counted when a route came in."""
    told = events.acts(session, col(Event.route) == route, col(Event.move) == Move.RECEIVE)
    return events.standing(events.with_undos(session, told))


def received(session: Session, route: int) -> Tally:
    """Return what was scanned and counted when a route came in."""
    return projections.tally(session, heard(session, route))


def driven(session: Session, route_id: int) -> tuple[Route, Vehicle, Plan, str]:
    """Return a route that was published, its vehicle, its plan and its driver's name."""
    route = find(session, Route, route_id)
    plan = find(session, Plan, route.plan)
    if plan.status is PlanStatus.DRAFT:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    driver = session.get(Person, route.driver) if route.driver else None
    return route, find(session, Vehicle, route.vehicle), plan, driver.name if driver else ""


@dataclass(frozen=True)
class ToSort:
    """A reception that waits at the sorting table."""

    reception: Reception
    vehicle: str
    left: int


def to_sort(session: Session, centre: str) -> list[ToSort]:
    """List the receptions that wait to be sorted, oldest first; one that was only scanned waits to be counted first."""
    found = []
    for reception in batches.receptions_open(session, centre):
        if received(session, reception.route).counted:
            vehicle = session.get(Vehicle, reception.vehicle)
            name = vehicle.name if vehicle else reception.vehicle
            found.append(ToSort(reception, name, batches.left_to_sort(session, reception)))
    return found


def to_wash(session: Session, centre: str) -> dict[str, int]:
    """Return how many sorted bottles of each type wait to be washed."""
    total: Counter[str] = Counter()
    for batch in batches.waiting(session, centre):
        total[batch.type] += batch.left
    return dict(total)


@dataclass(frozen=True)
class Running:
    """A wash run that has not ended, and what is in it."""

    run: WashRun
    recipe: str
    lots: list[Lot]

    @property
    def bottles(self) -> int:
        """Return how many bottles are in the machine."""
        return sum(lot.quantity for lot in self.lots)

    @property
    def seconds(self) -> float:
        """Return for how long it has run."""
        return float((g.now - self.run.started_at).total_seconds())


def running(session: Session, centre: str) -> dict[str, Running]:
    """Return the runs that have not ended, by line."""
    found = {}
    for run in batches.runs_open(session, centre):
        recipe = find(session, batches.Recipe, run.recipe)
        found[run.line] = Running(run, recipe.name, batches.lots_of(session, run.id or 0))
    return found


def lines(centre: str) -> tuple[str, ...]:
    """Return the washing lines of a centre, as its washers call them."""
    return next((one.lines for one in territory().centres if one.id == centre), ())


def wash_seconds(centre: str, bottles: int) -> float:
    """Return about how long a centre's line takes for so many bottles."""
    speed: int = next((one.bottles_per_hour for one in territory().centres if one.id == centre), 0)
    return 3600.0 * bottles / speed if speed else 0.0


def crates(session: Session, kind: AccountKind, centre: str) -> list[tuple[CrateType, int]]:
    """List the crates of each type that are clean, or received and unwashed; types of which there are none are left out."""
    held = {key.item: n for key, n in ledger.balances(session, kind, centre).items()}
    return [(crate, held[crate.id]) for crate in catalogue.crate_types(session) if held.get(crate.id)]


def stock(session: Session, centre: str) -> Mapping[str, int]:
    """Return how many bottles of released lots of each type are free to be ordered."""
    good = set(session.exec(select(Lot.id).where(Lot.centre == centre, Lot.status == LotStatus.RELEASED)))
    total: Counter[str] = Counter()
    for key, n in ledger.balances(session, AccountKind.AVAILABLE, centre).items():
        if key.lot in good:
            total[key.item] += n
    return total
