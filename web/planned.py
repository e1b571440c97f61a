"""A plan version as people read it: routes as rows of stops on a time axis, what was left out and why, what changed since.

Everything is read in a fixed number of queries, whatever the size of the day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import locks, routes
from bottles.catalogue import BottleType, CrateType
from bottles.locks import Lock
from bottles.partners import Partner
from bottles.people import Person
from bottles.points import Point
from bottles.routes import Outcome, Plan, Route, Stop, StopTask, Task, Visit
from bottles.vehicles import Vehicle

from . import words
from .current import territory
from .formats import clock
from .language import local
from .names import beside


@dataclass(frozen=True)
class Amount:
    """So many of something, for the quantity component: crates and empties, or bottles, by type."""

    n: int
    unit: str
    kind: str
    usual: bool = False
    """Whether this is the crate everybody uses, whose type goes without saying."""


@dataclass(frozen=True)
class Call:
    """A task as people read it: whose, where, and what it asked for when the plan was made."""

    task: int
    partner: str
    point: Point
    take: Sequence[Amount] = ()
    leave: Sequence[Amount] = ()
    pickup: int | None = None
    order: int | None = None

    @property
    def where(self) -> str:
        """Say where, beside the partner's name."""
        return beside(self.partner, self.point)


@dataclass(frozen=True)
class Unload:
    """An unloading at the centre on the way, with its own row on the time axis."""

    arrives: datetime
    leaves: datetime
    segments: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Halt:
    """One stop of a route with its own row on the time axis; minutes of the local day."""

    number: int
    stop: Stop
    point: Point
    calls: Sequence[Call]
    outcome: Outcome | None
    reason: str
    segments: Sequence[Mapping[str, Any]]
    unloads: Sequence[Unload] = ()
    """What is unloaded between the stop before and this one."""

    @property
    def take(self) -> list[Amount]:
        """Return all that goes aboard here."""
        return together(amount for call in self.calls for amount in call.take)

    @property
    def leave(self) -> list[Amount]:
        """Return all that stays here."""
        return together(amount for call in self.calls for amount in call.leave)


@dataclass(frozen=True)
class Tour:
    """One vehicle's part of a plan; `number` tells its line on the map."""

    number: int
    route: Route
    vehicle: Vehicle
    driver: Person | None
    halts: Sequence[Halt]
    segments: Sequence[Mapping[str, Any]]
    home: Mapping[str, Any]
    """The last leg's segments back to the centre, and the unloadings before them."""
    departs: datetime
    """When it leaves the centre; on a version that goes on from another the route begins later, where the vehicle was."""

    def count(self, *outcomes: Outcome | None) -> int:
        """Count the stops that ended so."""
        return sum(halt.outcome in outcomes for halt in self.halts)


@dataclass(frozen=True)
class Picture:
    """A plan version, read whole. The axis begins and ends on full hours, in minutes."""

    plan: Plan
    tours: Sequence[Tour]
    starts: int
    ends: int
    left_out: Sequence[tuple[Call | None, str, Mapping[str, str]]] = field(default_factory=list)
    fixed: Mapping[str, str] = field(default_factory=dict)
    """What is fixed by now for a point on this day, in words."""

    @property
    def stops(self) -> int:
        """Count the stops of all routes."""
        return sum(len(tour.halts) for tour in self.tours)


def picture(session: Session, plan: Plan) -> Picture:
    """Read a plan version whole."""
    found = routes.of_plan(session, plan.id or 0)
    ids = [route.id for route in found]
    stops = session.exec(select(Stop).where(col(Stop.route).in_(ids)).order_by(col(Stop.route), col(Stop.position))).all()
    tasks_of = _tasks_of(session, [stop.id or 0 for stop in stops])
    left = [entry["task"] for entry in plan.left_out]
    calls = read_calls(session, plan, {*left, *(task for listed in tasks_of.values() for task in listed)})
    ended = {visit.task: visit for visit in session.exec(select(Visit).where(Visit.plan == plan.id))}
    vehicles = {vehicle.id: vehicle for vehicle in session.exec(select(Vehicle))}
    drivers = {person.id: person for person in _drivers(session, found)}
    before = _followed(session, plan)
    past = {tour.vehicle.id: tour for tour in before.tours} if before else {}
    left_at = [past[route.vehicle].departs if route.vehicle in past else route.departs for route in found]
    edges = [minute(moment) for moment in (*left_at, *(route.returns for route in found))] or [480, 1020]
    axis = int(min(edges) // 60 * 60), int(-(-max(edges) // 60) * 60)
    held = locks.on(session, plan.day)
    opened = partial(_windows, day=plan.day, held=held, axis=axis)
    tours = []
    for number, route in enumerate(found):
        mine = [stop for stop in stops if stop.route == route.id]
        halts = _halts(route, vehicles[route.vehicle], mine, tasks_of, calls, ended, opened)
        tour = _tour(number, route, vehicles[route.vehicle], drivers.get(route.driver), halts)
        tours.append(_joined(past.get(route.vehicle), tour))
    left_out = [(calls.get(entry["task"]), entry["message"], entry["values"]) for entry in plan.left_out]
    return Picture(plan, tours, *axis, left_out, fixed(session, held))


def fixed(session: Session, held: Mapping[str, Lock]) -> dict[str, str]:
    """Say what is fixed for a day, by point."""
    names = dict(session.exec(select(Vehicle.id, Vehicle.name)).all()) if held else {}
    return {point: _said(lock, names) for point, lock in held.items()}


def _said(lock: Lock, names: Mapping[str, str]) -> str:
    """Say what is fixed."""
    said = [gettext("with %(vehicle)s", vehicle=names[lock.vehicle])] if lock.vehicle else []
    said += [str(words.PLACES[lock.position])] if lock.position in words.PLACES else []
    if lock.hours:
        said.append(gettext("between %(opens)s and %(closes)s", opens=clock(lock.hours[0]), closes=clock(lock.hours[1])))
    return str(gettext("Fixed: %(what)s", what=", ".join(said)))


def _followed(session: Session, plan: Plan) -> Picture | None:
    """Read the version that a plan goes on from."""
    if plan.follows is None:
        return None
    followed = session.exec(select(Plan).where(Plan.day == plan.day, Plan.version == plan.follows)).first()
    return picture(session, followed) if followed else None


def _joined(past: Tour | None, tour: Tour) -> Tour:
    """Put the stops that a vehicle had behind it before those that are left."""
    done = [halt for halt in past.halts if halt.outcome is not None] if past else []
    if past is None or not done:
        return tour
    segments = [segment for halt in done for segment in _driven(halt)]
    return replace(tour, halts=[*done, *tour.halts], segments=[*segments, *tour.segments], departs=past.departs)


def _tasks_of(session: Session, stops: Sequence[int]) -> dict[int, list[int]]:
    tasks: dict[int, list[int]] = defaultdict(list)
    for row in session.exec(select(StopTask).where(col(StopTask.stop).in_(stops)).order_by(col(StopTask.task))):
        tasks[row.stop].append(row.task)
    return tasks


def _drivers(session: Session, found: Iterable[Route]) -> Sequence[Person]:
    return session.exec(select(Person).where(col(Person.id).in_({route.driver for route in found}))).all()


def read_calls(session: Session, plan: Plan, tasks: Iterable[int]) -> dict[int, Call]:
    """Read tasks with whose they are, where, and what they asked for when a plan was made."""
    return calls_as_seen(session, plan.saw, tasks)


def calls_as_seen(session: Session, saw: Mapping[str, Any], tasks: Iterable[int]) -> dict[int, Call]:
    """Read tasks with whose they are, where, and what they asked for when somebody looked."""
    query = (
        select(Task, Point, Partner.name)
        .join(Point, col(Point.id) == col(Task.point))
        .join(Partner, col(Partner.id) == col(Task.partner))
        .where(col(Task.id).in_(set(tasks)))
    )
    names = dict(session.exec(select(CrateType.id, CrateType.name)).all())
    names |= dict(session.exec(select(BottleType.id, BottleType.name)).all())
    calls = {}
    for task, point, partner in session.exec(query):
        asked = saw.get(str(task.id), {})
        take = amounts(asked.get("take", {}), "crate", names)
        leave = amounts(asked.get("leave", {}), "empty", names) + amounts(asked.get("bottles", {}), "bottle", names)
        calls[task.id or 0] = Call(task.id or 0, partner, point, take, leave, task.pickup, task.order)
    return calls


def amounts(counts: Mapping[str, int], unit: str, names: Mapping[str, str]) -> list[Amount]:
    """Return counts by type with the types' names."""
    return [amount(n, unit, kind, names) for kind, n in sorted(counts.items()) if n]


def together(listed: Iterable[Amount]) -> list[Amount]:
    """Add up what several calls at one stop ask for, type by type."""
    summed: dict[tuple[str, str], Amount] = {}
    for one in listed:
        known = summed.get((one.unit, one.kind))
        summed[one.unit, one.kind] = replace(one, n=one.n + known.n) if known else one
    return list(summed.values())


def amount(n: int, unit: str, kind: str, names: Mapping[str, str]) -> Amount:
    """Return one count with the name of its type."""
    return Amount(n, unit, names.get(kind, kind), usual=kind == territory().pickups.crate)


def _halts(
    route: Route,
    vehicle: Vehicle,
    stops: Sequence[Stop],
    tasks_of: Mapping[int, list[int]],
    calls: Mapping[int, Call],
    ended: Mapping[int, Visit],
    opened: Callable[[Point], list[dict[str, Any]]],
) -> list[Halt]:
    halts, left = [], route.departs
    for stop in stops:
        here = [calls[task] for task in tasks_of.get(stop.id or 0, ()) if task in calls]
        if not here:
            continue
        visits = [ended[call.task] for call in here if call.task in ended]
        outcome = worst(visit.outcome for visit in visits) if len(visits) == len(here) else None
        unloads = _unloads(route, vehicle, left, stop.arrives)
        left = unloads[-1].leaves if unloads else left
        segments = opened(here[0].point) + _leg(route, vehicle, left, stop.arrives, stop.starts, stop.leaves)
        reason = next((visit.reason for visit in visits if visit.reason), "")
        halts.append(Halt(stop.position, stop, here[0].point, here, outcome, reason, segments, unloads))
        left = stop.leaves
    return halts


def _windows(point: Point, day: date, held: Mapping[str, Lock], axis: tuple[int, int]) -> list[dict[str, Any]]:
    """Return when a vehicle may begin at a point, as far as the axis goes."""
    cut = [(max(opens, axis[0]), min(closes, axis[1])) for opens, closes in locks.windows(point, day, held)]
    return [_segment("window", opens, closes) for opens, closes in cut if opens < closes]


def worst(outcomes: Iterable[Outcome | None]) -> Outcome | None:
    """Return what a stop comes to when its tasks ended differently."""
    told = set(outcomes)
    return next((known for known in (None, Outcome.MISSED, Outcome.PARTLY, Outcome.REACHED) if known in told), Outcome.DONE)


def _leg(
    route: Route, vehicle: Vehicle, left: datetime, arrives: datetime, starts: datetime | None, leaves: datetime | None
) -> list[dict[str, Any]]:
    """Return the way to a place, the wait and the break on it, and the time there."""
    found = [_segment("drive", minute(left), minute(arrives))]
    if starts and starts > arrives:
        found.append(_segment("wait", minute(arrives), minute(starts)))
    if starts and leaves:
        found.append(_segment("service", minute(starts), minute(leaves)))
    for begins, ends in _pauses(route, vehicle):
        if left <= begins < (starts or arrives):
            found.append(_segment("break", minute(begins), minute(ends)))
    return found


def _pauses(route: Route, vehicle: Vehicle) -> list[tuple[datetime, datetime]]:
    """Return when the driver pauses; older plans knew one pause, and its length from the vehicle."""
    if route.pauses or not route.break_at:
        return [(datetime.fromisoformat(begins), datetime.fromisoformat(ends)) for begins, ends in route.pauses]
    return [(route.break_at, route.break_at + timedelta(minutes=vehicle.break_minutes))]


def breaks(tour: Tour) -> list[datetime]:
    """List when the driver pauses."""
    return [begins for begins, _ends in _pauses(tour.route, tour.vehicle)]


def _unloads(route: Route, vehicle: Vehicle, since: datetime, until: datetime) -> list[Unload]:
    """Return what a vehicle unloads at its centre between two moments."""
    found: list[Unload] = []
    for unload in route.unloads:
        arrives, starts, leaves = (datetime.fromisoformat(unload[key]) for key in ("arrives", "starts", "leaves"))
        if since <= arrives < until:
            found.append(Unload(arrives, leaves, _leg(route, vehicle, since, arrives, starts, leaves)))
            since = leaves
    return found


def _tour(number: int, route: Route, vehicle: Vehicle, driver: Person | None, halts: Sequence[Halt]) -> Tour:
    left = halts[-1].stop.leaves if halts else route.departs
    unloads = _unloads(route, vehicle, left, route.returns)
    back = _leg(route, vehicle, unloads[-1].leaves if unloads else left, route.returns, None, None)
    driven = [segment for halt in halts for segment in _driven(halt)]
    whole = [*driven, *(segment for unload in unloads for segment in unload.segments), *back]
    home = {"segments": back, "at": route.returns, "unloads": unloads}
    return Tour(number, route, vehicle, driver, halts, whole, home, route.departs)


def _driven(halt: Halt) -> list[Mapping[str, Any]]:
    """Return what a vehicle does until it leaves a stop."""
    own = [segment for segment in halt.segments if segment["kind"] != "window"]
    return [*(segment for unload in halt.unloads for segment in unload.segments), *own]


def _segment(kind: str, start: float, end: float) -> dict[str, Any]:
    return {"kind": kind, "start": start, "end": end, "label": ""}


def minute(at: datetime) -> float:
    """Return a moment in minutes of the local day."""
    here = local(at)
    return here.hour * 60 + here.minute + here.second / 60
