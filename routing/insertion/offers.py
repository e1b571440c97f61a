"""Prices calls at every gap of a route at once: what each would add, or that it cannot go there.

Time and goods are checked as far as arrays can (see `gaps`); the price is that of ways, service, overtime and moving,
waiting and pauses not counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from routing.insertion.gaps import ANYWHERE, Flags, Gaps, Numbers, Spans, Table
from routing.problem import Call, Centre, Problem, Vehicle
from routing.schedule import PER_CENT, PER_METRE, PER_SECOND
from routing.schedule.pauses import before_now

NO_WAY = 10**18
"""More than any day costs, in parts of a cent."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a call goes: the gap, and an unloading besides, before or after it."""

    gap: int
    centre: Centre | None = None
    first: bool = False

    def stops(self, call: Call) -> list[Call | Centre]:
        """List what is put into the gap."""
        if self.centre is None:
            return [call]
        return [self.centre, call] if self.first else [call, self.centre]


class Offers:
    """Prices for one problem's calls in one vehicle's route."""

    def __init__(self, problem: Problem, table: Table, vehicle: Vehicle, gaps: Gaps, reloads: bool) -> None:
        self.problem, self.table, self.vehicle, self.gaps = problem, table, vehicle, gaps
        ways = problem.ways(vehicle)
        self.seconds, self.metres = ways.seconds, ways.metres
        self.room = np.array(vehicle.capacity)
        self.empty = len(gaps.way) == 1 and vehicle.under_way is None
        self.centres = tuple(centre for centre in vehicle.centres if centre.windows) if reloads and not self.empty else ()

    def prices(self, rows: Numbers) -> Numbers:
        """Give parts of a cent for each call (row) at each spot (column); `NO_WAY` where it cannot go."""
        plain = self._plain(rows)
        if not self.centres:
            return plain
        blocks = [plain]
        for centre in self.centres:
            blocks += [self._reloading(rows, centre, first) for first in (True, False)]
        return np.concatenate(blocks, axis=1)

    def cheapest(self, rows: Numbers) -> Numbers:
        """Give for each call what its cheapest spot costs; an unloading is thought of only where there is none without."""
        least: Numbers = self._plain(rows).min(axis=1)
        none = np.flatnonzero(least >= NO_WAY)
        if self.centres and none.size:
            least[none] = self.prices(rows[none]).min(axis=1)
        return least

    def spot(self, column: int) -> Spot:
        """Say which spot a column is."""
        block, gap = divmod(column, len(self.gaps.way))
        if block == 0:
            return Spot(gap)
        return Spot(gap, self.centres[(block - 1) // 2], block % 2 == 1)

    def _plain(self, rows: Numbers) -> Numbers:
        """Price the calls by themselves."""
        gaps, service = self.gaps, self._service(rows)
        place = self.table.place[rows]
        near = place[:, None]
        to, back = np.ix_(gaps.before, place), np.ix_(place, gaps.after)
        there, onward = self.seconds[to].T, self.seconds[back]
        metres = self.metres[to].T + self.metres[back]
        first = _join(gaps.ahead, there, self._visit(rows, service))
        whole = _join(first, onward, gaps.behind)
        holds = self._kept(rows) & self._holds(rows) & (whole[1] >= 0)
        time = there + onward + service
        if gaps.spare.any():
            time -= np.where(near == gaps.after, np.minimum(gaps.spare, service), 0)
        return self._priced(rows, metres, time, whole, holds)

    def _reloading(self, rows: Numbers, centre: Centre, first: bool) -> Numbers:
        """Price the calls with an unloading before or after them."""
        gaps, table = self.gaps, self.table
        place, service = table.place[rows][:, None], self._service(rows)
        if first:
            service = table.service[rows][:, None] + table.setup[rows][:, None] + 0 * gaps.way
        at = np.full_like(place, centre.place)
        window = _even(service, centre.seconds, centre.windows[0][0], centre.windows[-1][1])
        visit = self._visit(rows, service)
        legs = [(at, window), (place, visit)] if first else [(place, visit), (at, window)]
        spans, here, seconds, metres = gaps.ahead, gaps.before[None, :], np.zeros(1, np.int64), np.zeros(1, np.int64)
        for there, span in legs:
            spans = _join(spans, self.seconds[here, there], span)
            seconds, metres = seconds + self.seconds[here, there], metres + self.metres[here, there]
            here = there
        whole = _join(spans, self.seconds[here, gaps.after[None, :]], gaps.behind)
        seconds, metres = seconds + self.seconds[here, gaps.after[None, :]], metres + self.metres[here, gaps.after[None, :]]
        holds = self._kept(rows, first) & self._holds_apart(rows, first) & (whole[1] >= 0)
        return self._priced(rows, metres, seconds + service + centre.seconds, whole, holds)

    def _visit(self, rows: Numbers, service: Numbers) -> Spans:
        """Give the span of each call at each gap."""
        table = self.table
        zero = 0 * service
        return service, table.opens[rows][:, None] + zero, table.closes[rows][:, None] + zero

    def _service(self, rows: Numbers) -> Numbers:
        """Give the seconds each call takes at each gap: no set-up where the stop before is a visit at its place."""
        table, gaps = self.table, self.gaps
        near = gaps.near & (gaps.before == table.place[rows][:, None])
        return table.service[rows][:, None] + np.where(near, 0, table.setup[rows][:, None])

    def _priced(self, rows: Numbers, metres: Numbers, seconds: Numbers, whole: Spans, holds: Flags) -> Numbers:
        """Price ways and time; refuse what is too late once the pauses that its work asks for are counted."""
        vehicle, gaps = self.vehicle, self.gaps
        added = seconds if self.empty else seconds - gaps.way
        toil = self.gaps.toil + seconds - gaps.way
        finish = np.maximum(whole[0] + whole[1], vehicle.shift[0] + toil + _owed(vehicle, toil))
        way = metres if self.empty else metres - gaps.metres
        parts = way * (vehicle.cost_per_km * PER_METRE) + added * (vehicle.cost_per_hour * PER_SECOND)
        if self.empty:
            parts = parts + vehicle.fixed_cost * PER_CENT
        if vehicle.cost_per_overtime_hour:
            end = int(gaps.behind[0][0] + max(gaps.behind[1][0], vehicle.shift[0] + gaps.way[0]))
            over = np.maximum(finish - vehicle.shift[1], 0) - max(0, end - vehicle.shift[1])
            parts = parts + over * (vehicle.cost_per_overtime_hour * PER_SECOND)
        return np.where(holds & (finish <= vehicle.latest), parts, NO_WAY)

    def _kept(self, rows: Numbers, reload: bool | None = None) -> Flags:
        """Say where the call may stand as for order: locked places, clean before dirty, and what is aboard.

        `reload` says whether an unloading goes in before it (True) or after it (False): that side is another trip then.
        """
        table, gaps, vehicle = self.table, self.gaps, self.vehicle
        wanted = table.position[rows][:, None]
        asked = np.where(wanted == -1, gaps.visits[-1], wanted)
        allowed: Flags = ((wanted == ANYWHERE) | (gaps.visits == asked)) & ~gaps.locked
        if not vehicle.mixed and reload is not True:
            allowed &= ~(table.delivers[rows][:, None] & gaps.dirty)
        if not vehicle.mixed and reload is not False:
            allowed &= ~(table.collects[rows][:, None] & gaps.clean)
        if vehicle.under_way is not None and reload is not True:
            allowed &= ~gaps.opening | ~self._brought_anew(rows)[:, None]
        return allowed

    def _carried(self, rows: Numbers) -> Flags:
        carries = before_now(self.vehicle).carries
        return np.array([self.problem.calls[row].id in carries for row in rows], bool)

    def _brought_anew(self, rows: Numbers) -> Flags:
        """Say which calls need goods that a vehicle under way does not carry."""
        return self.table.delivers[rows] & ~self._carried(rows)

    def _holds(self, rows: Numbers) -> Flags:
        """Say where the goods find room."""
        gaps = self.gaps
        fits = np.ones((len(rows), len(gaps.way)), bool)
        for dimension, room in enumerate(self.room):
            out, back = self._goods(rows, dimension)
            fits &= (gaps.heaviest[:, dimension] + out <= room) & (gaps.heavier[:, dimension] + back <= room)
        return fits

    def _goods(self, rows: Numbers, dimension: int) -> tuple[Numbers, Numbers]:
        """Give what a call adds to the legs before and after it; what is carried for it is aboard already."""
        out, back = self.table.deliver[rows, dimension][:, None], self.table.collect[rows, dimension][:, None]
        if self.vehicle.under_way is None:
            return out, back
        aboard = self.gaps.opening & self._carried(rows)[:, None]
        return np.where(aboard, 0, out), np.where(aboard, back - out, back)

    def _holds_apart(self, rows: Numbers, first: bool) -> Flags:
        """Say where the goods find room when the trip is cut there, the call on its second half if the centre is first."""
        gaps = self.gaps
        fits = np.broadcast_to(~gaps.shut, (len(rows), len(gaps.way))).copy()
        if first and self.vehicle.under_way is None:
            fits[:, gaps.visits == 0] = False
        for dimension, room in enumerate(self.room):
            out, back = self.table.deliver[rows, dimension][:, None], self.table.collect[rows, dimension][:, None]
            here, later = gaps.heaviest[:, dimension], gaps.heavier[:, dimension]
            brought, taken = gaps.brought[:, dimension], gaps.taken[:, dimension]
            if first:
                fits &= (here - brought <= room) & (brought + out <= room) & (later - taken + back <= room)
            else:
                fits &= (here - brought + out <= room) & (taken + back <= room) & (later - taken <= room)
        # what is carried from before stays aboard until then: these sums do not know it, `schedule` does
        return fits | (gaps.opening & ~gaps.shut)


def _even(like: Numbers, *numbers: int) -> Spans:
    """Spread three numbers over an array's shape."""
    zero = 0 * like
    return zero + numbers[0], zero + numbers[1], zero + numbers[2]


def _join(first: Spans, gap: Numbers, second: Spans) -> Spans:
    """Join spans as `spans.join` does; an earliest of -1 says that the second would begin too late."""
    offset = first[0] + gap
    reach, wanted = second[2] - offset, second[1] - offset
    earliest = np.minimum(np.maximum(wanted, first[1]), first[2])
    fails = (first[1] > reach) | (first[1] < 0)
    duration = offset + second[0] + np.maximum(wanted - first[2], 0)
    return duration, np.where(fails, -1, earliest), np.minimum(first[2], reach)


def _owed(vehicle: Vehicle, work: Numbers) -> Numbers:
    """Give the pause that so much work asks for at least."""
    had = before_now(vehicle)
    pause = np.zeros_like(work)
    for most, due in vehicle.rests.due:
        pause = np.where(work + had.worked_today > most, max(0, due - had.paused_today), pause)
    return pause


def worth(calls: Iterable[Call]) -> int:
    """Add up the prizes in parts of a cent; a call without one is worth any journey."""
    return sum(NO_WAY if call.prize is None else call.prize * PER_CENT for call in calls)


def moving_parts(vehicle: Vehicle, calls: Iterable[Call]) -> int:
    """Price the calls that were to be answered by another vehicle, in parts of a cent."""
    return sum(call.moving_cost for call in calls if call.usual not in (None, vehicle.id)) * PER_CENT
