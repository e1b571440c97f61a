"""Holds calls to what a coordinator has fixed for their points."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bottles.locks import LAST, Lock
from bottles.routes import Task, TaskKind

from ..problem import MINUTE, Call


def in_turn(tasks: Iterable[Task]) -> list[Task]:
    """Order the tasks of one stop: what is brought comes off first."""
    return sorted(tasks, key=lambda task: (task.kind is not TaskKind.DELIVER, task.id))


def fixed(calls: Sequence[Call], tasks: Mapping[int, Task], locks: Mapping[str, Lock]) -> Iterator[Call]:
    """Give the calls with what is fixed; of several at one point only the one at the route's end has its place in the order."""
    at: dict[str, list[Task]] = {}
    for call in calls:
        task = tasks[int(call.id)]
        at.setdefault(task.point, []).append(task)
    edges = {in_turn(at[point])[-1 if locks[point].position == LAST else 0].id for point in at.keys() & locks.keys()}
    for call in calls:
        lock = locks.get(tasks[int(call.id)].point)
        yield call if lock is None else _held(call, lock, is_edge=int(call.id) in edges)


def _held(call: Call, lock: Lock, *, is_edge: bool) -> Call:
    """Hold one call; hours that were agreed count instead of the point's own."""
    return replace(
        call,
        vehicles=frozenset({lock.vehicle}) if lock.vehicle else None,
        position=lock.position if is_edge else None,
        windows=((lock.hours[0] * MINUTE, lock.hours[1] * MINUTE),) if lock.hours else call.windows,
    )
