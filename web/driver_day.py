"""A driver's day as it stands: the routes, what to load for them, and what they brought.

Only reading, like driver_stops; what the driver does is in driver_acts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from bottles import orders, routes
from bottles.batches import Lot
from bottles.catalogue import CrateType
from bottles.crates import Move
from bottles.db import find
from bottles.errors import Conflict, NotFound, say
from bottles.points import Point
from bottles.routes import Plan, PlanStatus, Route, Stop
from bottles.vehicles import Vehicle

from . import driver_stops, formats
from .driver_stops import Halt, Line, StopState, full


@dataclass
class Trip:
    """One route with its stops."""

    route: Route
    plan: Plan
    vehicle: Vehicle
    centre: Point
    halts: list[Halt]
    unloads: Mapping[int, Sequence[datetime]]
    """When to unload at the centre on the way, by the stop that comes next; 0 for none."""
    departs: datetime
    """When it leaves the centre; a route that goes on from another begins later, where the vehicle was."""

    @property
    def done(self) -> int:
        """Count the stops that are ended."""
        return sum(not halt.is_open for halt in self.halts)

    @property
    def stands(self) -> bool:
        """Say whether no newer plan has replaced this one."""
        return self.plan.status is PlanStatus.PUBLISHED

    @property
    def breaks(self) -> list[datetime]:
        """List when to pause; older plans knew one pause."""
        once = [self.route.break_at] if self.route.break_at else []
        return [datetime.fromisoformat(begins) for begins, _ in self.route.pauses] or once

    @property
    def way(self) -> list[Point]:
        """List the places of the route in order, from the centre and back."""
        before = [(*(self.centre for _ in self.unloads.get(halt.stop.id or 0, ())), halt.point) for halt in self.halts]
        return [self.centre, *(point for points in before for point in points), self.centre]

    def next_after(self, position: int = 0) -> Halt | None:
        """Return the first open stop after a position, or else the first open one at all."""
        waiting = [halt for halt in self.halts if halt.is_open]
        return next((halt for halt in waiting if halt.stop.position > position), waiting[0] if waiting else None)


def trip(session: Session, route_id: int, person: int, today: date) -> Trip:
    """Return a route that this person drives today or later; any other reads as if it did not exist."""
    route, plan = _driven(session, route_id, person, today)
    return whole(session, route, plan)


def halt(session: Session, stop_id: int, person: int, today: date) -> Halt:
    """Return one stop of a route that this person drives today or later."""
    stop = find(session, Stop, stop_id)
    route, plan = _driven(session, stop.route, person, today)
    return driver_stops.build(session, stop, route, plan, driver_stops.names_of_items(session))


def refuse_early(plan: Plan, today: date) -> None:
    """Refuse to record anything at a stop before the day of its route.

    Raises
    ------
    Conflict
        The day is still to come.
    """
    if plan.day > today:
        raise Conflict(
            say("This route is for another day: its stops can be recorded from %(day)s on."), day=formats.day(plan.day)
        )


def todays(session: Session, person: int, day: date) -> list[Trip]:
    """List the routes somebody drives on a day."""
    return [whole(session, route, find(session, Plan, route.plan)) for route in routes.of_driver(session, person, day)]


def upcoming(session: Session, person: int, day: date) -> tuple[Plan, Route] | None:
    """Return somebody's next published route after a day."""
    query = select(Plan, Route).join(Route, col(Route.plan) == col(Plan.id)).where(Plan.status == PlanStatus.PUBLISHED)
    query = query.where(Route.driver == person, Plan.day > day).order_by(col(Plan.day), col(Route.departs))
    found = session.exec(query.limit(1)).first()
    return (found[0], found[1]) if found else None


def whole(session: Session, route: Route, plan: Plan) -> Trip:
    """Return a route with all its stops; one that goes on from another has what was done by that one before them."""
    names = driver_stops.names_of_items(session)
    halts = [driver_stops.build(session, stop, route, plan, names) for stop in routes.stops(session, route.id or 0)]
    vehicle = find(session, Vehicle, route.vehicle)
    now = Trip(route, plan, vehicle, find(session, Point, vehicle.centre), halts, _unloads(route, halts), route.departs)
    past = _followed(session, route, plan)
    return _joined(past, now) if past else now


def _followed(session: Session, route: Route, plan: Plan) -> Trip | None:
    """Return the route that one goes on from: the same vehicle's, and the same driver's, since the stops are his."""
    query = select(Route, Plan).join(Plan, col(Plan.id) == col(Route.plan)).where(Plan.day == plan.day)
    query = query.where(Plan.version == plan.follows, Route.vehicle == route.vehicle, Route.driver == route.driver)
    found = session.exec(query).first() if plan.follows is not None else None
    return whole(session, *found) if found else None


def _joined(past: Trip, now: Trip) -> Trip:
    """Put the stops that were begun by one route before those of the route that goes on from it."""
    begun = [halt for halt in past.halts if halt.state is not StopState.TO_COME]
    return replace(now, halts=[*begun, *now.halts], unloads={**past.unloads, 0: (), **now.unloads}, departs=past.departs)


def _unloads(route: Route, halts: Sequence[Halt]) -> dict[int, list[datetime]]:
    """Return when a route unloads, by the stop that comes next."""
    found: dict[int, list[datetime]] = defaultdict(list)
    for told in route.unloads:
        following = next((halt.stop.id or 0 for halt in halts if halt.stop.position > told["after"]), 0)
        found[following].append(datetime.fromisoformat(told["arrives"]))
    return dict(found)


def _driven(session: Session, route_id: int, person: int, today: date) -> tuple[Route, Plan]:
    route = routes.driven_by(session, route_id, person)
    plan = find(session, Plan, route.plan)
    if plan.day < today:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    return route, plan


@dataclass(frozen=True)
class Bottles:
    """Washed bottles of one type to load for an order, in so many crates, from these lots."""

    order: int
    name: str
    quantity: int
    crates: int
    crate_name: str
    lots: list[tuple[Lot, int]]


@dataclass(frozen=True)
class Aboard:
    """What has to be aboard for one stop."""

    halt: Halt
    empties: list[Line]
    bottles: list[Bottles] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.empties or self.bottles)


def loading(session: Session, trip: Trip) -> list[Aboard]:
    """List what to load, the last stop first: it goes in first, and comes out last."""
    rows = [_aboard(session, halt) for halt in reversed(trip.halts)]
    return [row for row in rows if row]


def _aboard(session: Session, halt: Halt) -> Aboard:
    empties = [line for line in halt.lines(Move.DROP, crates=True) if line.asked]
    bottles = []
    for task in halt.tasks:
        if task.order is None or task in halt.withdrawn:
            continue
        held = orders.reserved(session, task.order)
        for asked in orders.lines(session, task.order):
            wanted = sum(part.asked for part in halt.line(Move.DELIVER, asked.type).parts if part.task.id == task.id)
            crate = find(session, CrateType, asked.crate_type)
            lots = [(find(session, Lot, key.lot), n) for key, n in held.items() if key.item == asked.type and n]
            if wanted:
                name = halt.names[asked.type]
                bottles.append(Bottles(task.order, name, wanted, full(wanted, crate.bottles), crate.name, lots))
    return Aboard(halt, empties, bottles)


def is_dirty_and_clean(trip: Trip) -> bool:
    """Say whether washed bottles and full crates ride on the same route."""
    return any(halt.delivers for halt in trip.halts) and any(_asked(halt, Move.COLLECT) for halt in trip.halts)


def _asked(halt: Halt, move: Move) -> int:
    return sum(line.asked for line in halt.lines(move, crates=True))


@dataclass(frozen=True)
class Summary:
    """What a route did, by name of item, and what it brings to the centre."""

    collected: dict[str, int]
    left: dict[str, int]
    delivered: dict[str, int]
    empties_back: dict[str, int]
    bottles_back: dict[str, int]
    short: list[Halt]
    """Stops missed, or done in part."""
    open: list[Halt]


def summary(trip: Trip) -> Summary:
    """Add up what a route did."""
    crates = {
        move: [line for halt in trip.halts for line in halt.lines(move, crates=True)] for move in driver_stops.CRATE_MOVES
    }
    bottles = [line for halt in trip.halts for line in halt.lines(Move.DELIVER, crates=False)]
    return Summary(
        collected=_sum((line.name, line.moved) for line in crates[Move.COLLECT]),
        left=_sum((line.name, line.moved) for line in crates[Move.DROP]),
        delivered=_sum((line.name, line.moved) for line in bottles),
        empties_back=_sum((line.name, line.asked - line.moved) for line in crates[Move.DROP]),
        bottles_back=_sum((line.name, line.asked - line.moved) for line in bottles),
        short=[halt for halt in trip.halts if halt.state in (StopState.PARTLY, StopState.MISSED)],
        open=[halt for halt in trip.halts if halt.is_open],
    )


def _sum(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, n in counts:
        sums[name] = sums.get(name, 0) + n
    return {name: n for name, n in sums.items() if n > 0}
