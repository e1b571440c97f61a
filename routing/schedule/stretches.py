"""Says fast whether a day can be cut by pauses so that no stretch of work is too long, whatever it costs.

Insertion asks this of thousands of routes, most of which cannot be driven; `labels` would take 10 ms for each.
"""

from routing.problem import Vehicle, Window
from routing.schedule.labels import rested
from routing.schedule.pauses import before_now, owed, singles, unbroken, within
from routing.schedule.spans import NEVER, Front, Span, visit
from routing.schedule.timing import Line, Run, fronts, leave, tails


def can_be_rested(line: Line, brief: bool = False) -> bool:
    """Say whether any day along these halts keeps the driver's rules, as `labels.rested` would find.

    With `brief` several pauses are tried only for vehicles whose rules ask for them on most days.
    """
    ahead = fronts(line)
    if not isinstance(ahead, list):
        return False
    vehicle, rests = line.vehicle, line.vehicle.rests
    if not within(before_now(vehicle).driven_today + sum(line.ways), rests.driving_day):
        return False
    if any(unbroken(line, duration) for duration, _, _ in ahead[-1]) or one_is_enough(line, ahead):
        return True
    if (brief and _one_is_usual(vehicle)) or _too_much(line) or not stretches_fit(line):
        return False
    # any pause is as long as the longest that may be due, so stretches are all there is to ask for
    if rests.driving is None and all(pause <= rests.shortest for _, pause in rests.due):
        return True
    return isinstance(rested(line, hurry=True), Run)


def one_is_enough(line: Line, ahead: list[Front]) -> bool:
    """Say whether a day with one pause keeps the rules, as one of `pauses.singles` would show.

    Written out for halts with one window each and no rule of driving: most routes, and the most asked of all questions.
    """
    plain = line.vehicle.rests.driving is None and not any(line.ready) and all(len(front) == 1 for front in ahead)
    behind = tails(line) if plain else []
    if not plain or any(len(front) != 1 for front in behind):
        return next(singles(line, ahead), None) is not None
    gaps = zip(line.ways, ahead, behind, strict=False)
    home = line.vehicle.under_way is None
    return any(_cut_fits(line, way, first[0], second[0], home and gap == 0) for gap, (way, first, second) in enumerate(gaps))


def _cut_fits(line: Line, way: int, first: Span, second: Span, home: bool) -> bool:
    """Say whether one pause before or after a way is enough; at home before leaving is none."""
    rests, worked = line.vehicle.rests, before_now(line.vehicle).worked
    most = NEVER if rests.work is None else rests.work
    (d, e, latest), (d2, e2, latest2) = first, second
    if d + worked > most or d2 > most or e + d + rests.shortest + way > latest2:
        return False
    for before, after in ((way, 0),) if home else ((way, 0), (0, way)):
        work = d + d2 + way
        if d + before + worked > most or d2 + after > most:
            continue
        apart = d + before + rests.shortest
        wanted = e2 - after - apart
        duration = max(apart + d2 + after + max(0, wanted - latest), work + owed(line.vehicle, work))
        if e + duration <= d2 + latest2:
            return True
    return False


def _one_is_usual(vehicle: Vehicle) -> bool:
    """Say whether one pause is enough for a whole shift without waiting."""
    rests = vehicle.rests
    return rests.driving is None and (
        rests.work is None or vehicle.latest - vehicle.shift[0] <= 2 * rests.work + rests.shortest
    )


def _too_much(line: Line) -> bool:
    """Say whether two pauses, where one is not enough, are more than the day has room for beside its ways and services."""
    toil = sum(line.ways) + sum(line.spans)
    return toil + 2 * line.vehicle.rests.shortest > line.late - line.vehicle.shift[0]


def stretches_fit(line: Line) -> bool:
    """Say whether pauses of the shortest length, one or more, leave no stretch of work too long."""
    rests, had = line.vehicle.rests, before_now(line.vehicle)
    first: Front = [(0, line.vehicle.shift[0], NEVER)]
    later: Front = []
    most = NEVER if rests.work is None else rests.work - had.worked
    longest = NEVER if rests.work is None else rests.work
    for gap in range(len(line.ways)):
        if gap or line.vehicle.under_way is not None:
            later = _paused(first, later, rests.shortest)
        first, later = _driven(first, line, gap, most), _driven(later, line, gap, longest)
        windows: tuple[Window, ...] = ((0, line.late),)
        duration = 0
        if gap < len(line.spans):
            later = _paused(first, later, rests.shortest)
            windows, duration = line.windows[gap], line.spans[gap]
        first = _within(visit(first, 0, windows, duration), most)
        later = _within(visit(later, 0, windows, duration), longest)
    return bool(later)


def _paused(first: Front, later: Front, length: int) -> Front:
    """Add the soonest stretch that begins after a pause here."""
    ends = [duration + earliest for front in (first, later) for duration, earliest, _ in front]
    return [*later, (0, min(ends) + length, NEVER)] if ends else []


def _driven(front: Front, line: Line, gap: int, most: int) -> Front:
    """Leave when the goods are ready, and drive."""
    ready, way = line.ready[gap], line.ways[gap]
    return _within([(duration + way, earliest, latest) for duration, earliest, latest in leave(front, ready)], most)


def _within(front: Front, most: int) -> Front:
    return [span for span in front if span[0] <= most]
