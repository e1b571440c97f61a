"""Several pauses in a day, by labels that are pushed from halt to halt; one that another beats in all is dropped.

References
----------
Goel, A. (2010), Truck driver scheduling in the European Union. Transportation Science 44(4), 429-441.
Tilk, C. and Goel, A. (2020), Bidirectional labeling for solving vehicle routing and truck driver scheduling problems.
European Journal of Operational Research 283(1), 108-124.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from routing.problem import NO_RESTS, Window
from routing.schedule.goods import Misfit
from routing.schedule.pauses import Plan, before_now, kept, lateness, owed, rested_by, singles, unbroken, within
from routing.schedule.spans import NEVER, Span, join
from routing.schedule.timing import AFTER, BEFORE, Cut, Line, Run, earliest, follow, fronts, price

LABELS = 120
"""Labels kept at a halt at most: a bound on the time for strange days; usual ones have under 30."""

Trail = tuple[tuple[Cut, int, int], ...]
"""Each pause so far: its cut, how long it is at least, and the earliest second that the work after it begins well."""


@dataclass(frozen=True, slots=True)
class Label:
    """A way to have come so far.

    Parameters
    ----------
    whole, stretch
        The spans since leaving and since the last pause.
    worked
        Seconds of work before this stretch since leaving.
    most
        Seconds this stretch may take at most.
    driven, part
        Driving since the last driving pause, and whether the first part of the next is taken.
    opened
        The earliest second the first stretch begins well.
    trail
        The pauses.
    """

    whole: Span
    stretch: Span
    worked: int
    most: int
    driven: int
    part: bool
    opened: int | None
    trail: Trail

    def at(self, whole: Span, stretch: Span, trail: Trail, driven: int) -> "Label":
        """Give the label further on; written out, as `dataclasses.replace` took a third of all timing."""
        return Label(whole, stretch, self.worked, self.most, driven, self.part, self.opened, trail)

    def beats(self, other: "Label") -> bool:
        """Say whether nothing that can follow the other is better than what can follow this one."""
        mine, its = self.stretch, other.stretch
        return (
            self.whole[0] <= other.whole[0]
            and self.whole[0] + self.whole[1] <= other.whole[0] + other.whole[1]
            and self.whole[2] >= other.whole[2]
            and self.most - mine[0] >= other.most - its[0]
            and (mine[2] >= its[2] or self.most >= NEVER)
            and self.worked + mine[0] <= other.worked + its[0]
            and self.worked - mine[2] <= other.worked - its[2]
            and self.driven <= other.driven
            and self.part >= other.part
            and self._opens_before(other)
        )

    def _opens_before(self, other: "Label") -> bool:
        """Say whether this day can be begun as early to make its pauses longer; before the first pause that is open."""
        if self.opened is None or other.opened is None:
            return other.opened is None and (self.opened is None or self.opened <= other.stretch[1])
        return self.opened <= other.opened


def rested(line: Line, hurry: bool = False) -> Run | Misfit:
    """Find the cheapest day that keeps the driver's rules; with `hurry` any such day."""
    ahead = fronts(line)
    if isinstance(ahead, Misfit):
        return ahead
    vehicle = line.vehicle
    plains = [Plan(price(vehicle, d, d + e), d, d, e) for d, e, _ in ahead[-1]]
    cheapest = min(plains, key=lambda plan: plan.key)
    driven = before_now(vehicle).driven_today + sum(line.ways)
    if not within(driven, vehicle.rests.driving_day):
        return Misfit("driving", excess=driven - (vehicle.rests.driving_day or 0))
    if vehicle.rests == NO_RESTS or unbroken(line, cheapest.duration):
        return follow(line, cheapest.departure, {})
    plans = [plan for plan in plains if unbroken(line, plan.duration)] + list(singles(line, ahead))
    found = min(plans, key=lambda plan: plan.key, default=None)
    if found is None or not (hurry or _cannot_be_beaten(line, found, min(d for d, _, _ in ahead[-1]), earliest(ahead[-1]))):
        found = min((found, *several(line)), key=lambda plan: plan.key if plan else (NEVER * 10**6,))
    return _refusal(line, ahead) if found is None else follow(line, found.departure, dict(found.cuts))


def _cannot_be_beaten(line: Line, plan: Plan, shortest: int, soonest: int) -> bool:
    """Say whether a day costs as little as any can with these halts and rules."""
    toil = sum(line.ways) + sum(line.spans)
    least = max(shortest, toil + owed(line.vehicle, toil))
    return (plan.price, plan.duration) <= (price(line.vehicle, least, max(soonest, line.vehicle.shift[0] + least)), least)


def _refusal(line: Line, ahead: list[list[Span]]) -> Misfit:
    """Say which of the driver's rules stands in the way."""
    if line.vehicle.rests.driving is not None:
        rests = replace(line.vehicle.rests, driving=None)
        if isinstance(rested(replace(line, vehicle=replace(line.vehicle, rests=rests)), hurry=True), Run):
            return Misfit("driving")
    return Misfit("break", excess=lateness(line, ahead))


def several(line: Line) -> list[Plan]:
    """Give the cheapest day with any number of pauses, or none."""
    rests, had = line.vehicle.rests, before_now(line.vehicle)
    start: Span = (0, line.vehicle.shift[0], NEVER)
    most = NEVER if rests.work is None else rests.work - had.worked
    labels = [Label(start, start, 0, most, had.driven, False, None, ())]
    for gap in range(len(line.ways)):
        labels = _pause(line, labels, (gap, BEFORE))
        labels = _drive(line, labels, gap)
        if gap < len(line.spans):
            labels = _pause(line, labels, (gap, AFTER))
            labels = _halt(labels, line.windows[gap], line.spans[gap])
        else:
            labels = _halt(labels, ((0, line.late),), 0)
        labels = undominated(labels)
    plans = [plan for plan in (_plan(line, label) for label in labels) if plan is not None]
    for plan in sorted(plans, key=lambda plan: plan.key):
        if kept(line, follow(line, plan.departure, dict(plan.cuts))):
            return [plan]
    return []


def undominated(labels: Iterable[Label]) -> list[Label]:
    """Drop labels that another beats, and the longest of too many."""
    kept_: list[Label] = []
    for label in sorted(labels, key=lambda label: (label.whole[0], label.whole[1], label.stretch[0], len(label.trail))):
        if not any(other.beats(label) for other in kept_):
            kept_.append(label)
    return kept_[:LABELS]


def _pause(line: Line, labels: list[Label], cut: Cut) -> list[Label]:
    """Add each label with a pause here, of each length that a rule asks for."""
    rests = line.vehicle.rests
    lengths = {rests.shortest}
    if rests.driving is not None:
        lengths |= {max(rests.shortest, length) for length in (rests.driving_pause, *(rests.parts or ()))}
    if cut == (0, BEFORE) and line.vehicle.under_way is None:
        return labels
    return labels + [_paused(line, label, cut, length) for label in labels for length in sorted(lengths)]


def _paused(line: Line, label: Label, cut: Cut, length: int) -> Label:
    rests = line.vehicle.rests
    driven, part = rested_by(rests, length, label.driven, label.part)
    duration, begin, latest = label.whole
    over = begin + duration + length
    opened = label.stretch[1] if label.opened is None else label.opened
    return Label(
        whole=(duration + length, begin, latest),
        stretch=(0, over, NEVER),
        worked=label.worked + label.stretch[0],
        most=NEVER if rests.work is None else rests.work,
        driven=driven,
        part=part,
        opened=opened,
        trail=(*label.trail, (cut, length, over)),
    )


def _drive(line: Line, labels: list[Label], gap: int) -> list[Label]:
    """Leave when the goods are ready, and drive."""
    way, driving = line.ways[gap], line.vehicle.rests.driving
    found = []
    for label in labels:
        if within(label.driven + way, driving):
            left = _after(label, 0, (0, line.ready[gap], NEVER))
            assert left is not None  # noqa: S101 - leaving has no end
            (d, e, latest), (sd, se, slatest) = left.whole, left.stretch
            if sd + way <= left.most:
                found.append(left.at((d + way, e, latest), (sd + way, se, slatest), left.trail, label.driven + way))
    return found


def _halt(labels: list[Label], windows: tuple[Window, ...], duration: int) -> list[Label]:
    """Serve in each window."""
    served = (_after(label, 0, (duration, opens, closes)) for label in labels for opens, closes in windows)
    return [label for label in served if label is not None and label.stretch[0] <= label.most]


def _after(label: Label, gap: int, span: Span) -> Label | None:
    """Let a span follow, in the day and in the stretch; the last pause ends when the stretch begins well."""
    whole, stretch = join(label.whole, gap, span), join(label.stretch, gap, span)
    if whole is None or stretch is None:
        return None
    trail = label.trail
    if trail:
        cut, length, _ = trail[-1]
        trail = (*trail[:-1], (cut, length, stretch[1]))
    return label.at(whole, stretch, trail, label.driven)


def _plan(line: Line, label: Label) -> Plan | None:
    """Decide the day of a label that came home: as long as its pauses must be in all."""
    vehicle, (duration, begin, _), stretch = line.vehicle, label.whole, label.stretch
    work = label.worked + stretch[0]
    long = max(duration, work + owed(vehicle, work)) if label.trail else duration
    if not label.trail and owed(vehicle, work):
        return None
    finish = max(duration + begin, (begin if label.opened is None else label.opened) + long)
    if finish > stretch[0] + stretch[2]:
        return None
    departure = finish - long
    return Plan(price(vehicle, long, finish), long, stretch[0], departure, _cuts(line, label, departure, finish))


def _cuts(line: Line, label: Label, departure: int, finish: int) -> tuple[tuple[Cut, int], ...]:
    """Say until when each pause lasts: at least as long as it must, and until the work after it begins well."""
    cuts: dict[Cut, int] = {}
    for number, (cut, length, well) in enumerate(label.trail, 1):
        begins = _reached(line, departure, cuts, cut)
        until = max(begins + length, well)
        if number == len(label.trail):
            until = max(until, finish - label.stretch[0])
        cuts[cut] = until
    return tuple(cuts.items())


def _reached(line: Line, departure: int, cuts: dict[Cut, int], cut: Cut) -> int:
    """Give when a day reaches a cut: driven with a pause of no length there."""
    clock = departure
    for gap, way in enumerate(line.ways):
        clock = max(clock, cuts.get((gap, BEFORE), 0))
        if cut == (gap, BEFORE):
            return clock
        clock = max(clock, line.ready[gap]) + way
        clock = max(clock, cuts.get((gap, AFTER), 0))
        if cut == (gap, AFTER):
            return clock
        clock = next(max(clock, opens) for opens, closes in line.windows[gap] if clock <= closes) + line.spans[gap]
    raise ValueError(f"cut {cut}: the day has no such gap")
