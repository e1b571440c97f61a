"""Holds calls to what a coordinator has fixed for their points."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bottles.locks import LAST, Lock
from bottles.routes import Task, TaskKind

from ..problem import Call


def in_turn(tasks: Iterable[Task]) -> list[Task]:
    """Order the tasks of one stop: what is brought comes off first."""
    return sorted(tasks, key=lambda task: (task.kind is not TaskKind.DELIVER, task.id))


def edges(tasks: Iterable[Task], locks: Mapping[str, Lock]) -> set[int]:
    """Give, of the tasks of each fixed stop, the one that begins it, or that ends it where it is the last of its route."""
    at: dict[str, list[Task]] = {}
    for task in tasks:
        at.setdefault(task.point, []).append(task)
    held = at.keys() & locks.keys()
    return {in_turn(at[point])[-1 if locks[point].position == LAST else 0].id or 0 for point in held}


def fixed(
    calls: Sequence[Call], tasks: Mapping[int, Task], locks: Mapping[str, Lock], at_edges: Collection[int]
) -> Iterator[Call]:
    """Give the calls with what is fixed; of several at one point only the one at its edge has its place in the order."""
    for call in calls:
        lock = locks.get(tasks[int(call.id)].point)
        if lock is None:
            yield call
            continue
        position = lock.position if int(call.id) in at_edges else None
        yield replace(call, vehicles=frozenset({lock.vehicle}) if lock.vehicle else None, position=position)
