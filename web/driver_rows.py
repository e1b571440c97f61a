"""What a driver's day rests on, read with one statement a table however many stops it has.

Only reading. What it means is in driver_bundle.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

from bottles import catalogue, closing, events, locks, photos
from bottles.batches import Lot
from bottles.catalogue import BottleType, CrateType
from bottles.crates import CRATE
from bottles.events import Act, Event
from bottles.ledger import ACCOUNT, AccountKind
from bottles.links import Gs1Number, KeyKind
from bottles.locks import Lock
from bottles.orders import Order, OrderLine
from bottles.partners import Partner
from bottles.people import Person
from bottles.pickups import Pickup, PickupLine
from bottles.points import Point
from bottles.routes import Plan, PlanStatus, Route, Stop, StopTask, Task, Visit, VisitLine
from bottles.vehicles import Vehicle

T = TypeVar("T", bound=SQLModel)


@dataclass(frozen=True)
class Rows:
    """The rows behind the routes that one person drives on one day, drafts left out."""

    day: date
    legs: list[tuple[Route, Plan]]
    """Every route of that day, those of superseded plans too, earliest departure first."""
    versions: set[int]
    """The plans of that day, whoever drives them."""
    stops: dict[int, list[Stop]]
    """By route, in order."""
    tasks: dict[int, list[Task]]
    """By stop."""
    asked: dict[int, Pickup | Order]
    """What a task is for."""
    pickup_lines: dict[int, list[PickupLine]]
    order_lines: dict[int, list[OrderLine]]
    visits: dict[tuple[int, int], Visit]
    """By task and plan."""
    moved: dict[int, list[VisitLine]]
    """What the visits to a task moved, by task."""
    reserved: dict[int, list[tuple[str, Lot, int]]]
    """What is reserved for an order: item, lot, bottles; the oldest lot first."""
    vehicles: dict[str, Vehicle]
    points: dict[str, Point]
    """Every point there is: a stop may be added at any."""
    locks: dict[str, Lock]
    """What is fixed for this day, by point."""
    numbers: dict[str, int]
    """What stands in the labels of points, by point."""
    partners: dict[str, str]
    crate_types: list[CrateType]
    bottle_types: list[BottleType]
    crates: dict[str, tuple[str, str] | tuple[str, str, int]]
    """Type and state by code, and the edition of the label where it is not the first."""
    places: dict[str, str]
    """The event that has the newest photo of a point's loading place, by point."""
    acts: list[Act]
    """What was told about these tasks and routes, on other days too, with the undos."""
    people: dict[int, str]
    """Who told it."""


def read(session: Session, person: int, day: date, within: Callable[[Iterable[Route]], Collection[Route]] = list) -> Rows:
    """Read what a person's day rests on, of the routes that are within their reach."""
    legs = [(route, plan) for route, plan in _legs(session, person, day) if within([route])]
    stops = _among(session, Stop, Stop.route, {route.id for route, _plan in legs}, Stop.position)
    tasks = _tasks(session, {stop.id for stop in stops})
    known = {task.id: task for here in tasks.values() for task in here}
    pickups, orders = _asked(session, known.values())
    acts = _acts(session, set(known), {route.id for route, _plan in legs})
    return Rows(
        day=day,
        legs=legs,
        versions={key for key in session.exec(select(Plan.id).where(Plan.day == day)) if key is not None},
        stops=_by(stops, "route"),
        tasks=tasks,
        asked={task.id or 0: pickups.get(task.pickup) or orders[task.order] for task in known.values()},
        pickup_lines=_by(_among(session, PickupLine, PickupLine.pickup, pickups, PickupLine.crate_type), "pickup"),
        order_lines=_by(_among(session, OrderLine, OrderLine.order, orders, OrderLine.type), "order"),
        visits={(visit.task, visit.plan): visit for visit in _among(session, Visit, Visit.task, known)},
        moved=_by(_among(session, VisitLine, VisitLine.task, known), "task"),
        reserved=_reserved(session, orders),
        vehicles={vehicle.id: vehicle for vehicle in session.exec(select(Vehicle))},
        points={point.id: point for point in session.exec(select(Point).order_by(Point.id))},
        locks=locks.on(session, day),
        numbers=dict(_pairs(session, Gs1Number.name, Gs1Number.number, Gs1Number.kind == KeyKind.POINT)),
        partners=dict(_pairs(session, Partner.id, Partner.name, col(Partner.id).in_({t.partner for t in known.values()}))),
        crate_types=catalogue.crate_types(session),
        bottle_types=catalogue.bottle_types(session, accepted_only=False),
        crates={code: _crate(*told) for code, *told in session.connection().execute(_CRATES)},
        places=photos.of_place(session, {stop.point for stop in stops}),
        acts=acts,
        people=dict(_pairs(session, Person.id, Person.name, col(Person.id).in_({act.person for act in acts}))),
    )


_CRATES = select(CRATE.c.code, CRATE.c.type, CRATE.c.state, CRATE.c.edition)


def _crate(kind: str, state: str, edition: int) -> tuple[str, str] | tuple[str, str, int]:
    return (kind, state) if edition == 1 else (kind, state, edition)


def routes_of(session: Session, person: int, day: date) -> list[Route]:
    """List the routes that somebody drives on a day, those of superseded plans too."""
    return [route for route, _plan in _legs(session, person, day)]


def upcoming(session: Session, person: int, day: date) -> tuple[Plan, Route] | None:
    """Return somebody's next published route after a day."""
    query = select(Plan, Route).join(Route, col(Route.plan) == col(Plan.id)).where(Plan.status == PlanStatus.PUBLISHED)
    query = query.where(Route.driver == person, Plan.day > day).order_by(col(Plan.day), col(Route.departs))
    found = session.exec(query.limit(1)).first()
    return (found[0], found[1]) if found else None


def _legs(session: Session, person: int, day: date) -> list[tuple[Route, Plan]]:
    query = select(Route, Plan).join(Plan, col(Plan.id) == col(Route.plan)).where(Route.driver == person, Plan.day == day)
    found = session.exec(query.where(Plan.status != PlanStatus.DRAFT).order_by(col(Route.departs), col(Route.id)))
    return [(route, plan) for route, plan in found]


def _tasks(session: Session, stops: Collection[int | None]) -> dict[int, list[Task]]:
    query = select(StopTask.stop, Task).join(Task, col(Task.id) == col(StopTask.task)).where(col(StopTask.stop).in_(stops))
    found: dict[int, list[Task]] = defaultdict(list)
    for stop, task in session.exec(query.order_by(col(Task.id))):
        found[stop].append(task)
    return found


def _asked(session: Session, tasks: Iterable[Task]) -> tuple[dict[int | None, Pickup], dict[int | None, Order]]:
    tasks = list(tasks)
    pickups = _among(session, Pickup, Pickup.id, {task.pickup for task in tasks})
    orders = _among(session, Order, Order.id, {task.order for task in tasks})
    return {pickup.id: pickup for pickup in pickups}, {order.id: order for order in orders}


def _reserved(session: Session, orders: Collection[int | None]) -> dict[int, list[tuple[str, Lot, int]]]:
    account = ACCOUNT.c
    query = select(account.order, account.item, account.quantity, Lot).join(Lot, col(Lot.id) == account.lot)
    query = query.where(account.order.in_(orders), account.kind == AccountKind.RESERVED, account.quantity != 0)
    found: dict[int, list[tuple[str, Lot, int]]] = defaultdict(list)
    for order, item, quantity, lot in session.exec(query.order_by(account.lot)):
        found[order].append((item, lot, quantity))
    return found


def _acts(session: Session, tasks: Collection[int | None], routes: Collection[int | None]) -> list[Act]:
    told = events.acts(session, col(Event.task).in_(tasks) | col(Event.route).in_(routes))
    return sorted(events.with_undos(session, closing.heeded(session, told)), key=events.order)


def _among(session: Session, kind: type[T], column: Any, values: Collection[Any], *order: Any) -> list[T]:
    wanted = [value for value in values if value is not None]
    return list(session.exec(select(kind).where(col(column).in_(wanted)).order_by(*order))) if wanted else []


def _pairs(session: Session, key: Any, value: Any, where: Any) -> Iterable[tuple[Any, Any]]:
    return [(found, told) for found, told in session.exec(select(key, value).where(where))]


def _by(rows: Iterable[T], name: str) -> dict[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found
