"""Turns what is due on a day into a problem."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bottles import due, locks, orders, points, routes
from bottles.catalogue import BottleType, CrateType
from bottles.locks import Hours, Lock
from bottles.points import Point
from bottles.routes import Load, Task, TaskKind
from bottles.vehicles import Vehicle

from .. import problem
from ..problem import HEAVY, LIGHT, MINUTE, NO_RESTS, Problem, Rests, Ways
from ..travel import Travel
from .fixing import edges, fixed
from .settings import DIMENSIONS, Settings

Goods = tuple[tuple[int, int], tuple[int, int], int]
"""(crates, grams) to deliver, the same to collect, crates handed over."""

Scales = Callable[[Task, Load], Goods]

RESTS = {"light": LIGHT, "heavy": HEAVY, "none": NO_RESTS}
"""Rules by the vehicle's word; any other is one pause, as the vehicle says."""


@dataclass(frozen=True)
class Scene:
    """A day with its places, and what is fixed for it: what a task needs to be written down as a call."""

    day: date
    places: Mapping[str, Point]
    settings: Settings
    held: Mapping[str, Lock]
    """What is fixed, by point."""

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Give the place that each point is."""
        return {name: number for number, name in enumerate(self.places)}

    def call(self, task: Task, goods: Goods) -> problem.Call:
        """Write a task down as a call."""
        point = self.places[task.point]
        deliver, collect, handed = goods
        base = self.settings.pickup if task.kind is TaskKind.COLLECT else self.settings.delivery
        return problem.Call(
            id=str(task.id),
            place=self.index[point.id],
            deliver=deliver,
            collect=collect,
            windows=windows(locks.windows(point, self.day, self.held)),
            service=point.crate_seconds * handed,
            setup=point.service_seconds,
            prize=base + self.settings.waiting_day * max(0, (self.day - task.ready_from).days),
            tags=frozenset(point.tags),
        )

    def van(self, vehicle: Vehicle) -> problem.Vehicle:
        """Write a vehicle down."""
        home, hours = self.index[vehicle.centre], windows(points.windows(self.places[vehicle.centre], self.day))
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


@dataclass(frozen=True)
class Day:
    """A day's question, and what is needed to write its answer down."""

    day: date
    problem: Problem
    estimated: bool
    tasks: Mapping[int, Task]
    vehicles: Mapping[str, Vehicle]
    saw: Mapping[str, object]
    held: Mapping[str, Lock]


@dataclass(frozen=True)
class Asked:
    """What a day asks, before anybody knows the ways between its places."""

    day: date
    places: Mapping[str, Point]
    calls: tuple[problem.Call, ...]
    vans: tuple[problem.Vehicle, ...]
    tasks: Mapping[int, Task]
    vehicles: Mapping[str, Vehicle]
    """All by their id, those that do not go out any more too."""
    saw: Mapping[str, object]
    held: Mapping[str, Lock]
    """What is fixed for the day, by point."""

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
        is_estimated = any(travel.estimated for travel in kinds.values())
        return Day(self.day, asked, is_estimated, self.tasks, self.vehicles, self.saw, self.held)


def read(session: Session, day: date, settings: Settings, *, besides: Iterable[Task] = (), at: datetime) -> Asked:
    """Read what is due on a day, and who could do it; the places of some tasks `besides` are counted too."""
    routes.gather(session, at=at)
    today = at.astimezone(ZoneInfo(settings.zone)).date()
    wanted = due.on(session, day, today=today)
    return asked(session, day, wanted, settings, besides=besides)


def asked(
    session: Session,
    day: date,
    wanted: Iterable[Task],
    settings: Settings,
    *,
    besides: Iterable[Task] = (),
    at_edges: Collection[int] | None = None,
) -> Asked:
    """Write down what some tasks ask of a day, as it is fixed for it.

    The places of some tasks `besides` are counted too; `at_edges` are those of the tasks that begin or end a fixed stop,
    where it is more tasks than these that it is made of.
    """
    tasks = {task.id or 0: task for task in wanted}
    loads = routes.loads(session, tasks.values())
    open_loads = {task: load for task, load in loads.items() if load}
    places = places_of(session, [*(tasks[task] for task in open_loads), *besides])
    scene = Scene(day, places, settings, locks.on(session, day))
    weigh = scales(session, settings)
    calls = [scene.call(tasks[task], weigh(tasks[task], load)) for task, load in open_loads.items()]
    ends = edges((tasks[task] for task in open_loads), scene.held) if at_edges is None else at_edges
    vehicles = {vehicle.id: vehicle for vehicle in session.exec(select(Vehicle).order_by(Vehicle.id))}
    vans = tuple(scene.van(vehicle) for vehicle in vehicles.values() if vehicle.active and vehicle.centre in places)
    saw = {str(task): load.facts() for task, load in loads.items()}
    return Asked(day, places, tuple(fixed(calls, tasks, scene.held, ends)), vans, tasks, vehicles, saw, scene.held)


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


def windows(hours: Iterable[Hours]) -> tuple[problem.Window, ...]:
    """Give opening hours in seconds of the day."""
    return tuple((opens * MINUTE, closes * MINUTE) for opens, closes in hours)


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
