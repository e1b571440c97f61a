"""The driver's rules on a day's timing, and the cheapest place for one pause: each cut is tried.

What a pause is longer than the rules ask costs nothing where the van would wait anyway, and is no work. So a day with
its pauses at given cuts is: stretches of work, each as short as its windows allow, and pauses that fill what is between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from routing.problem import Rests, UnderWay, Vehicle
from routing.schedule.spans import Front, Span, join
from routing.schedule.timing import AFTER, BEFORE, Cut, Line, Run, depart, leave, price, tails

NOTHING = UnderWay(())


@dataclass(frozen=True, slots=True)
class Plan:
    """A day with its pauses decided: what it costs (cents times 3,600), how long it is, when it leaves, its cuts.

    `uneven` is the longest stretch of work; each cut pauses until the second it names.
    """

    price: int
    duration: int
    uneven: int
    departure: int
    cuts: tuple[tuple[Cut, int], ...] = ()

    @property
    def key(self) -> tuple[int, int, int, int]:
        """Rank by cost, then length, then how evenly the work is cut."""
        return self.price, self.duration, self.uneven, self.departure


def before_now(vehicle: Vehicle) -> UnderWay:
    """Give what the driver has behind him."""
    return vehicle.under_way or NOTHING


def owed(vehicle: Vehicle, work: int) -> int:
    """Give the seconds of pause that so much more work today asks for, beyond those already had."""
    had = before_now(vehicle)
    due = [pause for most, pause in vehicle.rests.due if work + had.worked_today > most]
    return max(0, max(due, default=0) - had.paused_today)


def unbroken(line: Line, duration: int) -> bool:
    """Say whether a day of this length needs no pause."""
    rests, had = line.vehicle.rests, before_now(line.vehicle)
    if rests.work is not None and duration + had.worked > rests.work:
        return False
    if rests.driving is not None and had.driven + sum(line.ways) > rests.driving:
        return False
    return owed(line.vehicle, duration) == 0


def within(seconds: int, limit: int | None) -> bool:
    """Say whether a limit is kept, or there is none."""
    return limit is None or seconds <= limit


def singles(line: Line, ahead: list[Front]) -> Iterator[Plan]:
    """Give the best day for each cut at which one pause is enough."""
    for cut, length, first, second in _sides(line, ahead):
        plan = halved(line, cut, length, first, second)
        if plan is not None:
            yield plan


def lateness(line: Line, ahead: list[Front]) -> int:
    """Give how many seconds too long the pause is where it is so least, 0 if no cut keeps the rules."""
    over = [a[0] + a[1] + length - b[2] for _, length, a, b in _sides(line, ahead)]
    return max(0, min(over, default=0))


def _sides(line: Line, ahead: list[Front]) -> Iterator[tuple[Cut, int, Span, Span]]:
    """Give for each cut how long the pause must be, and the work before and after it as far as both are allowed."""
    rests, had = line.vehicle.rests, before_now(line.vehicle)
    behind = tails(line)
    driven = list(accumulate(line.ways, initial=had.driven))
    for gap, way in enumerate(line.ways):
        if not (_any_within(ahead[gap], had.worked, rests.work) and _any_within(behind[gap], 0, rests.work)):
            continue  # too much work before or after this gap already: so it is at most gaps of a long day
        left = leave(ahead[gap], line.ready[gap])
        sides = [(BEFORE, ahead[gap], depart(behind[gap], line.ready[gap], way), driven[gap])]
        if gap < len(line.spans):
            sides.append((AFTER, [(d + way, e, latest) for d, e, latest in left], behind[gap], driven[gap + 1]))
        for side, firsts, seconds, so_far in sides:
            length = _length(rests, so_far, driven[-1])
            if length is None or (gap, side, line.vehicle.under_way) == (0, BEFORE, None):
                continue  # a pause before leaving is only a later departure
            for first, second in ((a, b) for a in firsts for b in seconds):
                if within(first[0] + had.worked, rests.work) and within(second[0], rests.work):
                    yield (gap, side), length, first, second


def _any_within(front: Front, worked: int, limit: int | None) -> bool:
    return limit is None or any(span[0] + worked <= limit for span in front)


def _length(rests: Rests, so_far: int, total: int) -> int | None:
    """Give how long a pause must be after so much of the driving; None if no single one is enough there."""
    if within(total, rests.driving):
        return rests.shortest
    if within(so_far, rests.driving) and within(total - so_far, rests.driving):
        return max(rests.shortest, rests.driving_pause)
    return None


def halved(line: Line, cut: Cut, length: int, first: Span, second: Span) -> Plan | None:
    """Plan the day that works, pauses at least so long, and works again."""
    whole = join(first, length, second)
    if whole is None:
        return None
    work = first[0] + second[0]
    duration = max(whole[0], work + owed(line.vehicle, work))
    finish = max(whole[0] + whole[1], first[1] + duration)
    if finish > second[0] + second[2]:
        return None
    uneven = max(first[0] + before_now(line.vehicle).worked, second[0])
    return Plan(price(line.vehicle, duration, finish), duration, uneven, finish - duration, ((cut, finish - second[0]),))


def kept(line: Line, run: Run) -> bool:
    """Say whether a day as driven keeps the driver's rules, each pause read in the strictest way."""
    rests, had = line.vehicle.rests, before_now(line.vehicle)
    if any(ends - begins < rests.shortest for begins, ends in run.pauses):
        return False
    edges = [run.departure - had.worked, *(second for pause in run.pauses for second in pause), run.finish]
    if not all(within(ends - begins, rests.work) for begins, ends in list(pairwise(edges))[::2]):
        return False
    rest = sum(ends - begins for begins, ends in run.pauses)
    return rest >= owed(line.vehicle, run.work) and _driving_kept(line, run)


def _driving_kept(line: Line, run: Run) -> bool:
    rests = line.vehicle.rests
    arrivals = [*(halt.arrival for halt in run.halts), run.finish]
    events = [(arrival - way, 1, way) for arrival, way in zip(arrivals, line.ways, strict=True)]
    events += [(begins, 0, ends - begins) for begins, ends in run.pauses]
    driven, part = before_now(line.vehicle).driven, False
    for _, drives, seconds in sorted(events):
        if drives:
            driven += seconds
            if not within(driven, rests.driving):
                return False
        else:
            driven, part = rested_by(rests, seconds, driven, part)
    return True


def rested_by(rests: Rests, seconds: int, driven: int, part: bool) -> tuple[int, bool]:
    """Give the driving since the last driving pause, and whether the first part of one is taken, after a pause."""
    parts = rests.parts
    if seconds >= rests.driving_pause or (parts is not None and part and seconds >= parts[1]):
        return 0, False
    return driven, part or (parts is not None and seconds >= parts[0])
