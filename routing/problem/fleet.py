"""Who goes out: vehicles, their drivers' day, and what those under way have done already."""

from dataclasses import dataclass

from routing.problem.calls import Centre
from routing.problem.rests import NO_RESTS, Rests
from routing.problem.rules import LARGEST, Window, demand, demand_figures, demand_loads


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A vehicle that is out already: its `start` is where it is, its `shift` begins now, and it must come home.

    Parameters
    ----------
    aboard
        Load units collected so far, and not yet unloaded.
    carries
        The calls whose deliveries are aboard; before it loads anew it can deliver to no others.
    worked, driven
        Seconds of work since the last pause, and of driving since the last driving pause.
    worked_today, driven_today, paused_today
        Seconds of each since it left.
    """

    aboard: tuple[int, ...]
    carries: frozenset[str] = frozenset()
    worked: int = 0
    driven: int = 0
    worked_today: int = 0
    driven_today: int = 0
    paused_today: int = 0

    def __post_init__(self) -> None:
        counters = (*self.aboard, self.worked, self.driven, self.worked_today, self.driven_today, self.paused_today)
        demand_loads("a vehicle under way: a figure is negative", counters)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A van and its driver for the day.

    Parameters
    ----------
    start, end
        Indices into the problem's places.
    shift
        First second it may leave, last second it should be back.
    fixed_cost, cost_per_km, cost_per_hour
        Cents: for going out at all, per km driven, per hour between leaving and coming back.
    tags
        What it can do; a call is answered only by a vehicle that has all the call's tags.
    mixed
        Whether clean goods going out and dirty goods coming back may share it; otherwise nothing is
        collected on a trip until its last delivery is made (one stop may do both, in that order).
    rests
        When its driver pauses.
    overtime, cost_per_overtime_hour
        Seconds it may be back after the shift's end, and cents per hour of that besides.
    back_by
        Last second it must be back whatever it costs, as its place closes; None for no such rule.
    centres, unloads
        Where it may unload on its way, and how often at most.
    profile
        Which of the problem's ways it drives: 0 is `seconds` and `metres`, n is `others[n - 1]`.
    under_way
        What it has done already; None for one that has not left.
    """

    id: str
    capacity: tuple[int, ...]
    start: int
    end: int
    shift: Window
    fixed_cost: int = 0
    cost_per_km: int = 0
    cost_per_hour: int = 0
    tags: frozenset[str] = frozenset()
    mixed: bool = True
    rests: Rests = NO_RESTS
    overtime: int = 0
    cost_per_overtime_hour: int = 0
    back_by: int | None = None
    centres: tuple[Centre, ...] = ()
    unloads: int = 0
    profile: int = 0
    under_way: UnderWay | None = None

    def __post_init__(self) -> None:
        demand_loads(f"vehicle {self.id}: a capacity is negative", self.capacity)
        demand(0 <= self.shift[0] <= self.shift[1], f"vehicle {self.id}: its shift runs backwards or starts before midnight")
        demand(self.shift[1] <= LARGEST, f"vehicle {self.id}: its shift ends after second {LARGEST:,}")
        demand_figures(f"vehicle {self.id}", self, "fixed_cost", "cost_per_km", "cost_per_hour", "cost_per_overtime_hour")
        demand_figures(f"vehicle {self.id}", self, "overtime", "back_by", "unloads", "profile")

    @property
    def latest(self) -> int:
        """The last second it may be back, overtime included."""
        late = self.shift[1] + self.overtime
        return late if self.back_by is None else min(late, self.back_by)
