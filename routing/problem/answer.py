"""A day's answer: routes with their times, and what is left out."""

from dataclasses import dataclass

from routing.problem.rules import Window


@dataclass(frozen=True, slots=True)
class Visit:
    """One call answered: when the van is there, when setup and service start, when they end."""

    call: str
    arrival: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unload:
    """A halt at a centre on the way, after so many visits: all that was collected goes off, the next trip's goods come on."""

    after: int
    place: int
    arrival: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Route:
    """One vehicle's day, from leaving its start to reaching its end.

    `peak` is the heaviest load on any leg per dimension; each of the `pauses` begins and ends while the vehicle stands at a
    place: between arriving and starting there, or after the end of what it did there. It leaves as late as the way allows.
    """

    vehicle: str
    visits: tuple[Visit, ...]
    departure: int
    finish: int
    metres: int
    seconds_driving: int
    peak: tuple[int, ...]
    pauses: tuple[Window, ...] = ()
    unloads: tuple[Unload, ...] = ()

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls in the order they are answered."""
        return tuple(visit.call for visit in self.visits)


@dataclass(frozen=True, slots=True)
class Solution:
    """The routes that go out, the calls left out, and what both cost together in cents.

    A vehicle under way has a route in any case, if only the way home.
    """

    routes: tuple[Route, ...]
    left_out: tuple[str, ...]
    cost: int
