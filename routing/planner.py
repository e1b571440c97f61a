"""The one bridge to bottles: a day's open tasks become a problem, its solution becomes a plan version.

Planning never holds a transaction: read, search, save. What moved meanwhile is told by `routes.changes_since`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from bottles import orders, points, routes
from bottles.catalogue import BottleType, CrateType
from bottles.db import transaction
from bottles.errors import Conflict, say
from bottles.points import Point
from bottles.routes import Load, Plan, Route, Stop, StopTask, Task, TaskKind, Vehicle

from . import checker, explain, problem
from .problem import Problem, Solution
from .travel import TravelSettings, estimate

DIMENSIONS = ("crates", "grams")
"""What a vehicle runs out of: floor in crates of twelve, and mass."""

Solver = Callable[[Problem], Solution]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the territory decides about planning; costs in cents.

    Parameters
    ----------
    pickup, delivery
        What leaving a call of that kind out costs.
    waiting_day
        What each day a call has waited adds.
    bottle_grams
        Mass of a bottle nobody has sorted yet.
    """

    zone: str
    travel: TravelSettings = field(default_factory=TravelSettings)
    pickup: int = 20_000
    delivery: int = 40_000
    waiting_day: int = 5_000
    bottle_grams: int = 560


@dataclass(frozen=True)
class Day:
    """A day's question, and what is needed to write its answer down."""

    day: date
    problem: Problem
    estimated: bool
    tasks: Mapping[int, Task]
    vehicles: Mapping[str, Vehicle]
    saw: Mapping[str, object]


def plan_day(engine: Engine, day: date, settings: Settings, solve: Solver, *, made_by: int | None = None, at: datetime) -> int:
    """Plan a day from its open tasks and save a new version, always; return its id.

    `solve` is called outside of any transaction. `at` is the time the plan is made.

    Raises
    ------
    Conflict
        The search gave a plan that the independent checker rejects; nothing was saved.
    """
    with transaction(engine) as session:
        asked = read(session, day, settings, at=at)
    solution = solve(asked.problem)
    broken = checker.violations(asked.problem, solution)
    if broken:
        raise Conflict(say("The search gave a plan that cannot be driven (%(why)s); nothing was saved."), why=broken[0].says)
    reasons = explain.reasons(asked.problem, solution)
    with transaction(engine) as session:
        return save(session, asked, solution, reasons, settings, made_by=made_by, at=at)


def read(session: Session, day: date, settings: Settings, *, at: datetime) -> Day:
    """Turn what is due on a day into a problem."""
    routes.gather(session, at=at)
    today = at.astimezone(ZoneInfo(settings.zone)).date()
    tasks = {task.id or 0: task for task in routes.due(session, day, today=today)}
    loads = {task: load for task, load in routes.loads(session, tasks.values()).items() if load}
    places = _places(session, (tasks[task] for task in loads))
    index = {name: i for i, name in enumerate(places)}
    ways = estimate([problem.Place(point.lon, point.lat) for point in places.values()], settings.travel)
    weigh = _scales(session, settings)
    halts = Counter(tasks[task].point for task in loads)
    calls = [
        _call(tasks[task], load, places[tasks[task].point], index, weigh(tasks[task], load), day, settings, halts)
        for task, load in loads.items()
    ]
    vehicles = {v.id: v for v in session.exec(select(Vehicle).where(col(Vehicle.active)).order_by(Vehicle.id))}
    vans = tuple(_van(vehicle, index) for vehicle in vehicles.values() if vehicle.centre in index)
    stated = tuple(problem.Place(point.lon, point.lat) for point in places.values())
    asked = Problem(stated, tuple(calls), vans, ways.seconds, ways.metres, DIMENSIONS)
    saw = {str(task): load.facts() for task, load in routes.loads(session, tasks.values()).items()}
    return Day(day, asked, ways.estimated, tasks, vehicles, saw)


def _places(session: Session, tasks: Iterable[Task]) -> dict[str, Point]:
    """Return the centres, then each point where something is due."""
    wanted = {task.point for task in tasks}
    found = {point.id: point for point in points.centres(session)}
    for point in session.exec(select(Point).where(col(Point.id).in_(wanted)).order_by(Point.id)):
        found.setdefault(point.id, point)
    return found


Loads = tuple[tuple[int, int], tuple[int, int], int]


def _scales(session: Session, settings: Settings) -> Callable[[Task, Load], Loads]:
    """Return what tells a task's load: (crates, grams) to deliver, the same to collect, crates handed over."""
    crates = {kind.id: kind for kind in session.exec(select(CrateType))}
    bottles = {kind.id: kind for kind in session.exec(select(BottleType))}

    def weigh(task: Task, load: Load) -> Loads:
        out = [(crates[kind], n, 0) for kind, n in load.leave.items()]
        if load.bottles:
            packed = {line.type: crates[line.crate_type] for line in orders.lines(session, task.order or 0)}
            out += [(packed[kind], -(-n // packed[kind].bottles), n * bottles[kind].grams) for kind, n in load.bottles.items()]
        back = [(crates[kind], n, n * crates[kind].bottles * settings.bottle_grams) for kind, n in load.take.items()]
        return _sum(out), _sum(back), sum(n for _, n, _ in out + back)

    return weigh


def _sum(parts: Sequence[tuple[CrateType, int, int]]) -> tuple[int, int]:
    return sum(kind.units * n for kind, n, _ in parts), sum(kind.grams * n + glass for kind, n, glass in parts)


def _call(
    task: Task,
    load: Load,
    point: Point,
    index: Mapping[str, int],
    loads: Loads,
    day: date,
    settings: Settings,
    halts: Counter[str],
) -> problem.Call:
    deliver, collect, handed = loads
    base = settings.pickup if task.kind is TaskKind.COLLECT else settings.delivery
    return problem.Call(
        id=str(task.id),
        place=index[point.id],
        deliver=deliver,
        collect=collect,
        windows=tuple((opens * 60, closes * 60) for opens, closes in points.windows(point, day)),
        # several calls at one point are one halt: they share its fixed time
        service=point.service_seconds // halts[point.id] + point.crate_seconds * handed,
        prize=base + settings.waiting_day * (day - task.ready_from).days,
        tags=frozenset(point.tags),
    )


def _van(vehicle: Vehicle, index: Mapping[str, int]) -> problem.Vehicle:
    home = index[vehicle.centre]
    return problem.Vehicle(
        id=vehicle.id,
        capacity=(vehicle.crates, vehicle.kg * 1000),
        start=home,
        end=home,
        shift=(vehicle.starts * 60, vehicle.ends * 60),
        fixed_cost=vehicle.fixed_cents,
        cost_per_km=vehicle.cents_per_km,
        cost_per_hour=vehicle.cents_per_hour,
        tags=frozenset(vehicle.tags),
        mixed=vehicle.mixed,
        break_after=vehicle.break_after_minutes * 60 if vehicle.break_after_minutes else None,
        break_seconds=vehicle.break_minutes * 60,
    )


def save(
    session: Session,
    asked: Day,
    solution: Solution,
    reasons: Mapping[str, explain.Reason],
    settings: Settings,
    *,
    made_by: int | None,
    at: datetime,
) -> int:
    """Write a solution down as the day's next plan version."""
    last = session.scalar(sa.select(sa.func.max(Plan.version)).where(col(Plan.day) == asked.day)) or 0
    left_out = []
    for call, reason in sorted(reasons.items(), key=lambda entry: int(entry[0])):
        message, values = explain.sentence(reason)
        if values.get("dimension") == "grams":
            # the model counts grams, the coordinator kilograms
            values = {name: str(-(-int(text) // 1000)) if text.isdecimal() else text for name, text in values.items()}
            values["dimension"] = "kg"
        left_out.append({"task": int(call), "message": message, "values": values})
    plan = Plan(
        day=asked.day,
        version=last + 1,
        cost=solution.cost,
        metres=sum(route.metres for route in solution.routes),
        seconds=sum(route.finish - route.departure for route in solution.routes),
        estimated=asked.estimated,
        left_out=left_out,
        saw=dict(asked.saw),
        made_by=made_by,
        made_at=at,
    )
    session.add(plan)
    session.flush()
    for route in solution.routes:
        _save_route(session, plan.id or 0, asked, route, ZoneInfo(settings.zone))
    session.flush()
    return plan.id or 0


def _save_route(session: Session, plan: int, asked: Day, route: problem.Route, zone: ZoneInfo) -> None:
    row = Route(
        plan=plan,
        vehicle=route.vehicle,
        driver=asked.vehicles[route.vehicle].driver,
        departs=clock(asked.day, route.departure, zone),
        returns=clock(asked.day, route.finish, zone),
        metres=route.metres,
        driving_seconds=route.seconds_driving,
        peak_crates=route.peak[0],
        peak_grams=route.peak[1],
        break_at=None if route.break_at is None else clock(asked.day, route.break_at, zone),
    )
    session.add(row)
    session.flush()
    stop: Stop | None = None
    for visit in route.visits:
        task = asked.tasks[int(visit.call)]
        leaves = clock(asked.day, visit.end, zone)
        if stop is None or stop.point != task.point:
            arrives, starts = clock(asked.day, visit.arrival, zone), clock(asked.day, visit.start, zone)
            position = stop.position + 1 if stop else 1
            stop = Stop(route=row.id or 0, position=position, point=task.point, arrives=arrives, starts=starts, leaves=leaves)
            session.add(stop)
            session.flush()
        stop.leaves = leaves
        session.add(StopTask(stop=stop.id or 0, task=task.id or 0))


def clock(day: date, second: int, zone: ZoneInfo) -> datetime:
    """Return the moment when clocks on the wall show a second of the day; hours are what opening hours and shifts mean."""
    wall = datetime.combine(day, time()) + timedelta(seconds=second)
    return wall.replace(tzinfo=zone)
