"""Checks a driver's pauses, work and driving of one route."""

from collections.abc import Iterator
from itertools import pairwise

from routing.checker.walk import Violation, Walk
from routing.problem import Rests, UnderWay


def resting(walk: Walk) -> Iterator[Violation]:
    """Check where the pauses lie, and what work and driving ask of them."""
    before = walk.vehicle.under_way or UnderWay(aboard=())
    yield from _pauses(walk)
    yield from _work(walk, before)
    yield from _driving(walk, before)


def _pauses(walk: Walk) -> Iterator[Violation]:
    """Check that each pause is long enough, apart from the others, and lies where the vehicle stands still."""
    shortest = walk.vehicle.rests.shortest
    for begins, ends in walk.route.pauses:
        if ends - begins < shortest:
            yield walk.breaks("pause_short", length=ends - begins, shortest=shortest)
        if not any(arrives <= begins and ends <= leaves for arrives, leaves in walk.slots):
            yield walk.breaks("pause_place", begins=begins, ends=ends)
    if any(earlier[1] > later[0] for earlier, later in pairwise(walk.route.pauses)):
        yield walk.breaks("pause_order")


def _work(walk: Walk, before: UnderWay) -> Iterator[Violation]:
    """Check each stretch of work between pauses, and the pauses that the day's work needs in all."""
    rests, route = walk.vehicle.rests, walk.route
    marks = [route.departure, *(second for pause in route.pauses for second in pause), route.finish]
    stretches = [ends - begins for begins, ends in zip(marks[::2], marks[1::2], strict=True)]
    worked = before.worked_today + sum(stretches)
    paused = before.paused_today + sum(ends - begins for begins, ends in route.pauses)
    longest = max(before.worked + stretches[0], *stretches)
    if rests.work is not None and longest > rests.work:
        yield walk.breaks("work", worked=longest, most=rests.work)
    for more_than, owed in rests.due:
        if worked > more_than and paused < owed:
            yield walk.breaks("due", worked=worked, paused=paused, owed=owed)


def _driving(walk: Walk, before: UnderWay) -> Iterator[Violation]:
    """Check the driving between driving pauses, and of the day."""
    rests = walk.vehicle.rests
    longest = max(_stretches(walk, rests, before.driven))
    if rests.driving is not None and longest > rests.driving:
        yield walk.breaks("driving", driven=longest, most=rests.driving)
    today = before.driven_today + sum(walk.seconds)
    if rests.driving_day is not None and today > rests.driving_day:
        yield walk.breaks("driving_day", driven=today, most=rests.driving_day)


def _stretches(walk: Walk, rests: Rests, driven: int) -> Iterator[int]:
    """Give the driving since the last driving pause at the end of each leg.

    Once a driving pause is complete, counting begins anew and no earlier pause is a part of another.

    References
    ----------
    Court of Justice of the European Union, C-116/92 (Charlton), 1993.
    """
    waiting = list(walk.route.pauses)
    first_part = False
    for leaves, way in zip(walk.leaves, walk.seconds, strict=True):
        while waiting and waiting[0][1] <= leaves:
            begins, ends = waiting.pop(0)
            length = ends - begins
            if length >= rests.driving_pause or (first_part and rests.parts and length >= rests.parts[1]):
                driven, first_part = 0, False
            elif rests.parts and length >= rests.parts[0]:
                first_part = True
        driven += way
        yield driven
