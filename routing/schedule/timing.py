"""The cheapest day of one vehicle along given halts, its pauses not counted; pauses.py puts those in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from routing.problem import LONGEST, Call, Problem, Vehicle, Window
from routing.schedule.goods import Misfit, Stop
from routing.schedule.spans import NEVER, Front, before, cross, visit

BEFORE, AFTER = 0, 1
"""A pause in a gap between two halts is taken before its drive, or after it."""

Cut = tuple[int, int]
"""Where a pause is taken: the gap (0 leads to the first halt), and `BEFORE` or `AFTER` its drive."""


@dataclass(frozen=True, slots=True)
class Line:
    """Halts in order as numbers: ways between them, how long each takes, when it may start, when it may be left.

    There is one way more than there are halts, and one `ready`: the first second at which that gap's drive may begin.
    """

    vehicle: Vehicle
    ways: list[int]
    spans: list[int]
    windows: list[tuple[Window, ...]]
    ready: list[int]

    @property
    def late(self) -> int:
        """The last second to be back."""
        return self.vehicle.latest


@dataclass(slots=True)
class Halt:
    """When the vehicle arrives at a halt, starts there, and ends."""

    arrival: int
    start: int
    end: int


@dataclass(slots=True)
class Run:
    """A day driven: leaving, each halt, coming back, the pauses."""

    departure: int
    finish: int = 0
    halts: list[Halt] = field(default_factory=list)
    pauses: list[Window] = field(default_factory=list)

    @property
    def work(self) -> int:
        """Seconds away without the pauses."""
        return self.finish - self.departure - sum(ends - begins for begins, ends in self.pauses)


def line(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop]) -> Line:
    """Write the stops down as numbers for the timing."""
    rows, metres = problem.ways(vehicle).seconds_rows, problem.ways(vehicle).metres_rows
    ways, spans, windows, ready = [], [], [], [0]
    place, under_way, last = vehicle.start, vehicle.under_way is not None, None
    for stop in stops:
        ways.append(rows[place][stop.place] if metres[place][stop.place] < LONGEST else LONGEST)
        windows.append(stop.windows)
        if isinstance(stop, Call):
            near = last is not None and last == stop.place
            spans.append(stop.service if near else stop.service + stop.setup)
            last = stop.place
            if stop.release and not under_way:
                ready[-1] = max(ready[-1], stop.release)
        else:
            spans.append(stop.seconds)
            last, under_way = None, False
            ready.append(0)
        place = stop.place
    ways.append(rows[place][vehicle.end] if metres[place][vehicle.end] < LONGEST else LONGEST)
    return Line(vehicle, ways, spans, windows, _spread(ready, stops))


def _spread(ready: list[int], stops: Sequence[Stop]) -> list[int]:
    """Turn seconds by trip into seconds by gap: only the gap that begins a trip has to wait for its goods."""
    spread, trip = [ready[0]], 0
    for stop in stops:
        if not isinstance(stop, Call):
            trip += 1
            spread.append(ready[trip])
        else:
            spread.append(0)
    return spread


def fronts(line: Line) -> list[Front] | Misfit:
    """Give the spans from leaving to the end of each halt, and to coming back as the last; or where it fails."""
    found: list[Front] = [[(0, line.vehicle.shift[0], NEVER)]]
    for halt, duration in enumerate(line.spans):
        front = visit(leave(found[-1], line.ready[halt]), line.ways[halt], line.windows[halt], duration)
        if not front:
            return window_misfit(line, halt, found[-1])
        found.append(front)
    home = visit(leave(found[-1], line.ready[-1]), line.ways[-1], ((0, line.late),), 0)
    if not home:
        back = max(earliest(found[-1]), line.ready[-1]) + line.ways[-1]
        return Misfit("shift", excess=back - line.late)
    found.append(home)
    return found


def tails(line: Line) -> list[Front]:
    """Give the spans from the start of each halt to coming back, coming back itself as the last."""
    found: list[Front] = [[(0, 0, line.late)]]
    for halt in range(len(line.spans) - 1, -1, -1):
        ahead = depart(found[-1], line.ready[halt + 1], line.ways[halt + 1])
        found.append(before(line.windows[halt], line.spans[halt], 0, ahead))
    return found[::-1]


def leave(front: Front, ready: int) -> Front:
    """Wait until the goods are ready."""
    return cross(front, 0, [(0, ready, NEVER)]) if ready else front


def depart(front: Front, ready: int, way: int) -> Front:
    """Let the drive, not before it is ready, come before each span."""
    return cross([(0, ready, NEVER)], way, front)


def earliest(front: Front) -> int:
    """Give the first second at which one of the spans can have ended."""
    return min(span[0] + span[1] for span in front)


def window_misfit(line: Line, halt: int, front: Front) -> Misfit:
    """Say by how much a halt is reached too late; the halt's number stands for the call until `schedule` names it."""
    arrival = max(earliest(front), line.ready[halt]) + line.ways[halt]
    return Misfit("window", str(halt), excess=arrival - line.windows[halt][-1][1] if line.windows[halt] else 0)


def price(vehicle: Vehicle, duration: int, finish: int) -> int:
    """Give what the hours and the overtime cost, in cents times 3,600."""
    return duration * vehicle.cost_per_hour + max(0, finish - vehicle.shift[1]) * vehicle.cost_per_overtime_hour


def follow(line: Line, departure: int, cuts: Mapping[Cut, int]) -> Run:
    """Drive as early as possible from this departure, with pauses in these cuts until these seconds."""
    run = Run(departure)
    clock = departure
    for gap, way in enumerate(line.ways):
        clock = max(_paused(run, clock, cuts.get((gap, BEFORE))), line.ready[gap])
        clock = arrival = clock + way
        if gap == len(line.spans):
            break
        clock = _paused(run, clock, cuts.get((gap, AFTER)))
        start = next(max(clock, opens) for opens, closes in line.windows[gap] if clock <= closes)
        clock = start + line.spans[gap]
        run.halts.append(Halt(arrival, start, clock))
    run.finish = clock
    return run


def _paused(run: Run, clock: int, until: int | None) -> int:
    """Note a pause from now until then, if there is one."""
    if until is None:
        return clock
    run.pauses.append((clock, until))
    return until


def reachable(line: Line) -> bool:
    """Say whether every way of the line exists."""
    return max(line.ways) < LONGEST
