"""A stop as its driver needs it: what is asked there, and what was scanned and counted so far.

Only reading: nothing here changes anything, and nothing knows of a page. What the driver does is in driver_acts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlmodel import Session, select

from bottles import catalogue, events, orders, pickups, projections, routes
from bottles.catalogue import UNSORTED, BottleType, CrateType
from bottles.crates import Move
from bottles.db import find
from bottles.orders import Order, OrderStatus
from bottles.pickups import Pickup, PickupStatus
from bottles.points import Point
from bottles.routes import Outcome, Plan, Route, Stop, Task, TaskKind, Visit, VisitLine

Key = tuple[Move, str]
"""A move and the item it moves."""

CRATE_MOVES = (Move.COLLECT, Move.DROP)
"""What is counted by crate type at every stop; bottles are counted where an order is delivered."""


class StopState(StrEnum):
    """Where a stop stands."""

    TO_COME = "to_come"
    REACHED = "reached"
    DONE = "done"
    PARTLY = "partly"
    MISSED = "missed"


@dataclass(frozen=True)
class Part:
    """One task's share of a line."""

    task: Task
    asked: int = 0
    scanned: int = 0
    counted: int | None = None


@dataclass(frozen=True)
class Line:
    """One item under one move at a stop, for all its tasks together."""

    move: Move
    item: str
    name: str
    parts: tuple[Part, ...]

    @property
    def field(self) -> str:
        """Return the name of its field in a form."""
        return f"{self.move}-{self.item}"

    @property
    def asked(self) -> int:
        """Return how many are asked for."""
        return sum(part.asked for part in self.parts)

    @property
    def scanned(self) -> int:
        """Return how many labels were scanned."""
        return sum(part.scanned for part in self.parts)

    @property
    def moved(self) -> int:
        """Return how many there were: what was counted, or else what was scanned."""
        return sum(part.scanned if part.counted is None else part.counted for part in self.parts)

    @property
    def likely(self) -> int:
        """Return the count to propose: the last one, or else what is asked unless more was scanned."""
        return self.moved if any(part.counted is not None for part in self.parts) else max(self.scanned, self.asked)


def share(total: int, parts: Sequence[Part]) -> list[int]:
    """Divide a stop's count among its tasks: what each has scanned, then what each asks for, and the rest to the first."""
    given = [0] * len(parts)
    for wish in ([part.scanned for part in parts], [part.asked for part in parts]):
        for index, wanted in enumerate(wish):
            given[index] += max(0, min(wanted - given[index], total - sum(given)))
    given[0] += total - sum(given)
    return given


@dataclass
class Halt:
    """One stop as its driver needs it."""

    stop: Stop
    route: Route
    plan: Plan
    point: Point
    tasks: list[Task]
    """Those that still stand first, so that what nobody asked for goes to one of them."""
    withdrawn: list[Task]
    """Those that were cancelled, or closed by another visit, since the plan was made."""
    visits: Mapping[int, Visit]
    found: Mapping[Key, Mapping[int, Part]]
    names: Mapping[str, str]
    notes: list[str] = field(default_factory=list)

    @property
    def state(self) -> StopState:
        """Return where the stop stands."""
        return state_of([visit.outcome if (visit := self.visits.get(task.id or 0)) else None for task in self.tasks])

    @property
    def is_open(self) -> bool:
        """Say whether the stop is still to be done."""
        return self.state in (StopState.TO_COME, StopState.REACHED)

    @property
    def reasons(self) -> list[str]:
        """List why it was not, or not wholly, done."""
        return sorted({visit.reason for visit in self.visits.values() if visit.reason})

    @property
    def delivers(self) -> bool:
        """Say whether an order is brought here."""
        return any(task.kind is TaskKind.DELIVER for task in self.tasks)

    @property
    def moves(self) -> list[Move]:
        """List what may be scanned here."""
        return [*CRATE_MOVES, *([Move.DELIVER] if self.delivers else [])]

    def line(self, move: Move, item: str) -> Line:
        """Return one line, all zero when nothing was asked or seen."""
        kind = TaskKind.DELIVER if move is Move.DELIVER else TaskKind.COLLECT
        known = self.found.get((move, item), {})
        ordered = sorted(self.tasks, key=lambda task: task.kind is not kind)
        parts = tuple(known.get(task.id or 0, Part(task)) for task in ordered)
        return Line(move, item, self.names.get(item, item), parts)

    def lines(self, move: Move, *, crates: bool) -> list[Line]:
        """List the lines of one move: of crate types, or of bottle types."""
        moves = CRATE_MOVES if move in CRATE_MOVES else (move,)
        # a type that is taken is often left too: both are offered for each
        items = [item for (other, item) in self.found if other in moves and (f"crate:{item}" in self.names) is crates]
        return [self.line(move, item) for item in self.names if item in items]

    def counted(self) -> list[Line]:
        """List the lines that the end of a stop counts."""
        loose = [line for move in CRATE_MOVES for line in self.lines(move, crates=True)]
        return [*loose, *self.lines(Move.DELIVER, crates=False)]


def state_of(outcomes: Sequence[Outcome | None]) -> StopState:
    """Fold the outcomes of a stop's tasks into one state."""
    ended = [outcome for outcome in outcomes if outcome not in (None, Outcome.REACHED)]
    if not ended or len(ended) < len(outcomes):
        return StopState.REACHED if ended or Outcome.REACHED in outcomes else StopState.TO_COME
    return StopState(str(ended[0])) if len(set(ended)) == 1 else StopState.PARTLY


def names_of_items(session: Session) -> dict[str, str]:
    """Return what each item is called, in the order people expect; crate types bear a second, marked entry."""
    crates, bottles = catalogue.crate_types(session), catalogue.bottle_types(session, accepted_only=False)
    items: list[CrateType | BottleType] = [*crates, *bottles]
    return {kind.id: kind.name for kind in items} | {f"crate:{kind.id}": kind.name for kind in crates}


def build(session: Session, stop: Stop, route: Route, plan: Plan, names: Mapping[str, str]) -> Halt:
    """Put together one stop from its tasks, what they ask, and the events about them."""
    tasks = routes.tasks_at(session, stop.id or 0)
    visits = {task.id or 0: visit for task in tasks if (visit := session.get(Visit, (task.id, plan.id)))}
    withdrawn = [task for task in tasks if _is_withdrawn(session, task, visits.get(task.id or 0))]
    found: dict[Key, dict[int, Part]] = {}
    for task in tasks:
        for key, part in _parts(session, task, plan.id or 0, is_asked=task not in withdrawn).items():
            found.setdefault(key, {})[task.id or 0] = part
    tasks.sort(key=lambda task: task in withdrawn)
    notes = [note for task in tasks if (note := _asked(session, task).note)]
    return Halt(stop, route, plan, find(session, Point, stop.point), tasks, withdrawn, visits, found, names, notes)


def _asked(session: Session, task: Task) -> Pickup | Order:
    return find(session, Pickup, task.pickup) if task.pickup is not None else find(session, Order, task.order)


def _is_withdrawn(session: Session, task: Task, visit: Visit | None) -> bool:
    status = _asked(session, task).status
    here = visit is not None and visit.outcome is not None
    return status in (PickupStatus.CANCELLED, OrderStatus.CANCELLED) or (status is PickupStatus.DONE and not here)


def _parts(session: Session, task: Task, plan: int, *, is_asked: bool) -> dict[Key, Part]:
    heard = events.with_undos(session, events.of_visit(session, task.id or 0, plan))
    seen = projections.tally(session, events.standing(heard))
    asked = _asks(session, task, plan) if is_asked else {}
    parts = {}
    for key in [*asked, *(key for key in seen.entries() if key not in asked and key[1] != UNSORTED)]:
        count = seen.counted.get(key)
        parts[key] = Part(task, asked.get(key, 0), seen.scanned.get(key, 0), None if count is None else count.quantity)
    return parts


def _asks(session: Session, task: Task, plan: int) -> dict[Key, int]:
    """Return what a task asks of this visit: all it wants, less what its other visits moved."""
    wants = _wants(session, task)
    query = select(VisitLine).where(VisitLine.task == task.id, VisitLine.plan != plan)
    for line in session.exec(query):
        if (line.move, line.item) in wants:
            wants[line.move, line.item] -= line.quantity
    return {key: n for key, n in wants.items() if n > 0} | _crates_for(session, task, wants)


def _wants(session: Session, task: Task) -> dict[Key, int]:
    if task.pickup is not None:
        asked = pickups.lines(session, task.pickup)
        take: dict[Key, int] = {(Move.COLLECT, line.crate_type): line.take for line in asked}
        return take | {(Move.DROP, line.crate_type): line.leave for line in asked}
    return {(Move.DELIVER, line.type): line.quantity for line in orders.lines(session, task.order or 0)}


def _crates_for(session: Session, task: Task, wants: Mapping[Key, int]) -> dict[Key, int]:
    """Return how many crates, by type, the bottles of an order travel in."""
    crates: dict[Key, int] = {}
    for line in orders.lines(session, task.order) if task.order is not None else ():
        size = find(session, CrateType, line.crate_type).bottles
        key = (Move.DELIVER, line.crate_type)
        crates[key] = crates.get(key, 0) + full(wants[Move.DELIVER, line.type], size)
    return {key: n for key, n in crates.items() if n}


def full(bottles: int, size: int) -> int:
    """Return how many crates of a size so many bottles need, the last one perhaps not full."""
    return -(-max(0, bottles) // size)
