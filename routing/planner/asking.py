"""Turns what is due on a day into a problem."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bottles import due, locks, orders, points, routes
from bottles.catalogue import BottleType, CrateType
from bottles.locks import Lock
from bottles.points import Point
from bottles.routes import Load, Task, TaskKind
from bottles.vehicles import Vehicle

from .. import problem
from ..problem import HEAVY, LIGHT, MINUTE, NO_RESTS, Problem, Rests, Ways
from ..travel import Travel
from .fixing import fixed
from .settings import DIMENSIONS, Settings

Goods = tuple[tuple[int, int], tuple[int, int], int]
"""(crates, grams) to deliver, the same to collect, crates handed over."""

Scales = Callable[[Task, Load], Goods]

RESTS = {"light": LIGHT, "heavy": HEAVY, "none": NO_RESTS}
"""Rules by the vehicle's word; any other is one pause, as the vehicle says."""


@dataclass(frozen=True)
class Day:
    """A day's question, and what is needed to write its answer down."""

    day: date
    problem: Problem
    estimated: bool
    tasks: Mapping[int, Task]
    vehicles: Mapping[str, Vehicle]
    saw: Mapping[str, object]


@dataclass(frozen=True)
class Asked:
    """What a day asks, before anybody knows the ways between its places."""

    day: date
    places: Mapping[str, Point]
    calls: tuple[problem.Call, ...]
    vans: tuple[problem.Vehicle, ...]
    tasks: Mapping[int, Task]
    vehicles: Mapping[str, Vehicle]
    saw: Mapping[str, object]

    @property
    def spots(self) -> tuple[problem.Place, ...]:
        """Give the places as the problem counts them."""
        return tuple(problem.Place(point.lon, point.lat) for point in self.places.values())

    def asks(self, ways: Mapping[str, Travel]) -> Day:
        """Give the question with its ways, by the vehicles' profile; vehicles on the same ways are one kind."""
        kinds = {id(travel): travel for travel in ways.values()}
        number = {profile: list(kinds).index(id(travel)) for profile, travel in ways.items()}
        first, *others = (Ways(travel.seconds, travel.metres) for travel in kinds.values())
        vans = tuple(replace(van, profile=number[self.vehicles[van.id].profile]) for van in self.vans)
        asked = Problem(self.spots, self.calls, vans, first.seconds, first.metres, DIMENSIONS, others=tuple(others))
        return Day(self.day, asked, any(travel.estimated for travel in kinds.values()), self.tasks, self.vehicles, self.saw)


def read(session: Session, day: date, settings: Settings, *, besides: Iterable[Task] = (), at: datetime) -> Asked:
    """Read what is due on a day, and who could do it; the places of some tasks `besides` are counted too."""
    routes.gather(session, at=at)
    today = at.astimezone(ZoneInfo(settings.zone)).date()
    wanted = due.on(session, day, today=today)
    return asked(session, day, wanted, settings, besides=besides, held=locks.on(session, day))


def asked(
    session: Session,
    day: date,
    wanted: Iterable[Task],
    settings: Settings,
    *,
    besides: Iterable[Task] = (),
    held: Mapping[str, Lock] | None = None,
) -> Asked:
    """Write down what some tasks ask of a day; `held` is what is fixed for it, by point."""
    tasks = {task.id or 0: task for task in wanted}
    loads = routes.loads(session, tasks.values())
    open_loads = {task: load for task, load in loads.items() if load}
    places = places_of(session, [*(tasks[task] for task in open_loads), *besides])
    index = {name: number for number, name in enumerate(places)}
    weigh = scales(session, settings)
    calls = [call(tasks[task], places, index, weigh(tasks[task], load), day, settings) for task, load in open_loads.items()]
    vehicles = {v.id: v for v in session.exec(select(Vehicle).where(Vehicle.active).order_by(Vehicle.id))}
    vans = tuple(_van(vehicle, places[vehicle.centre], index, day) for vehicle in vehicles.values() if vehicle.centre in index)
    saw = {str(task): load.facts() for task, load in loads.items()}
    return Asked(day, places, tuple(fixed(calls, tasks, held or {})), vans, tasks, vehicles, saw)


def places_of(session: Session, tasks: Iterable[Task]) -> dict[str, Point]:
    """Return the centres, then each point where something is due."""
    wanted = {task.point for task in tasks}
    found = {point.id: point for point in points.centres(session)}
    for point in session.exec(select(Point).where(col(Point.id).in_(wanted)).order_by(Point.id)):
        found.setdefault(point.id, point)
    return found


def scales(session: Session, settings: Settings) -> Scales:
    """Return what tells a task's load."""
    crates = {kind.id: kind for kind in session.exec(select(CrateType))}
    bottles = {kind.id: kind for kind in session.exec(select(BottleType))}

    def weigh(task: Task, load: Load) -> Goods:
        out = [(crates[kind], n, 0) for kind, n in load.leave.items()]
        if load.bottles:
            packed = {line.type: crates[line.crate_type] for line in orders.lines(session, task.order or 0)}
            out += [(packed[kind], -(-n // packed[kind].bottles), n * bottles[kind].grams) for kind, n in load.bottles.items()]
        back = [(crates[kind], n, n * crates[kind].bottles * settings.bottle_grams) for kind, n in load.take.items()]
        return _sum(out), _sum(back), sum(n for _, n, _ in out + back)

    return weigh


def _sum(parts: Sequence[tuple[CrateType, int, int]]) -> tuple[int, int]:
    return sum(kind.units * n for kind, n, _ in parts), sum(kind.grams * n + glass for kind, n, glass in parts)


def call(
    task: Task, places: Mapping[str, Point], index: Mapping[str, int], goods: Goods, day: date, settings: Settings
) -> problem.Call:
    """Write a task down as a call."""
    point = places[task.point]
    deliver, collect, handed = goods
    base = settings.pickup if task.kind is TaskKind.COLLECT else settings.delivery
    return problem.Call(
        id=str(task.id),
        place=index[point.id],
        deliver=deliver,
        collect=collect,
        windows=windows(point, day),
        service=point.crate_seconds * handed,
        setup=point.service_seconds,
        prize=base + settings.waiting_day * max(0, (day - task.ready_from).days),
        tags=frozenset(point.tags),
    )


def windows(point: Point, day: date) -> tuple[problem.Window, ...]:
    """Give a point's opening hours in seconds of the day."""
    return tuple((opens * MINUTE, closes * MINUTE) for opens, closes in points.windows(point, day))


def _van(vehicle: Vehicle, centre: Point, index: Mapping[str, int], day: date) -> problem.Vehicle:
    home, hours = index[vehicle.centre], windows(centre, day)
    return problem.Vehicle(
        id=vehicle.id,
        capacity=(vehicle.crates, vehicle.kg * 1000),
        start=home,
        end=home,
        shift=(vehicle.starts * MINUTE, vehicle.ends * MINUTE),
        fixed_cost=vehicle.fixed_cents,
        cost_per_km=vehicle.cents_per_km,
        cost_per_hour=vehicle.cents_per_hour,
        tags=frozenset(vehicle.tags),
        mixed=vehicle.mixed,
        rests=_rests(vehicle),
        overtime=vehicle.overtime_minutes * MINUTE,
        cost_per_overtime_hour=vehicle.overtime_cents_per_hour,
        # a centre that says no hours for the day is opened by who drives
        back_by=hours[-1][1] if hours else None,
        centres=(problem.Centre(home, vehicle.unload_minutes * MINUTE, hours or problem.ALWAYS),),
        unloads=vehicle.unloads,
    )


def _rests(vehicle: Vehicle) -> Rests:
    if vehicle.rests in RESTS:
        return RESTS[vehicle.rests]
    if not vehicle.break_after_minutes or not vehicle.break_minutes:
        return NO_RESTS
    return Rests.once(vehicle.break_after_minutes * MINUTE, vehicle.break_minutes * MINUTE)


def clock(day: date, second: int, zone: ZoneInfo) -> datetime:
    """Return the moment when clocks on the wall show a second of the day; hours are what opening hours and shifts mean."""
    wall = datetime.combine(day, time()) + timedelta(seconds=second)
    return wall.replace(tzinfo=zone)


def second(day: date, at: datetime, zone: ZoneInfo) -> int:
    """Return the second of the day that clocks on the wall show at a moment."""
    wall = at.astimezone(zone).replace(tzinfo=None) - datetime.combine(day, time())
    return wall.days * 86_400 + wall.seconds
