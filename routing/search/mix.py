"""How a day is searched, by its size and the time there is: a table made from measurements (docs/routes-mix.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from routing.problem import NO_RESTS, Problem, Vehicle
from routing.search.population import Breed

SHARER = Breed(patience=60, memory=10, shared=True)
"""Many children, each brought up shortly: it finds good plans soon, nearly all of which leave room for a pause."""

DARER = Breed(patience=100, memory=20, neighbours=35)
"""Looks further, and finds those plans too that only just leave room for a pause."""

WALKER = Breed(patience=1_500, memory=200, neighbours=35)
"""Few children, each brought up long and looking further: what it finds differs from what many children find."""

ASSEMBLER = Breed(patience=100, neighbours=35, assembled=True)
"""Many children by edge assembly, each brought up shortly: it finds good plans soon, as long as its members differ."""

BREEDS: Mapping[bool, Sequence[Breed]] = {True: (SHARER, DARER), False: (Breed(shaken=12), ASSEMBLER)}
"""How the populations live where the local search knows the day's rules but roughly, and where it knows them all."""

WALKED: Sequence[Breed] = tuple(replace(breed, walks=3) for breed in BREEDS[False])
"""Where nothing but loads is in the way, a long walk finds in seconds what children do not in a minute."""

RELEASED: Sequence[Breed] = tuple(replace(breed, waiting=0.02, target=0.85) for breed in (Breed(), WALKER))
"""Where goods come in during the day and vehicles go out again for them, waiting at the centre costs nothing, and plans that
are late lead nowhere."""


WHOLE = 500
"""Calls above which a day is too large for the full model."""

LARGE: Mapping[bool, int] = {True: 500, False: 1_000}
"""Calls above which a day is cut into regions in any case, by whether the local search knows the rules but roughly."""

HURRIED: Mapping[bool, tuple[int, float]] = {True: (150, 0.1), False: (600, 0.08)}
"""Calls above which it is where there are fewer seconds a call than that, by whether the local search knows the rules but
roughly: a population of whole days does not grow up then."""

APART: Sequence[Breed] = (Breed(patience=1_500, memory=50, shaken=12),)
"""How a region is searched, by one process and for a few seconds: few children, brought up from the plan that is there."""

ROUGH: Mapping[bool, float] = {True: 0.75, False: 0.97}
"""Share of the local search where it knows the day's rules but roughly, and where it knows them all."""

BEFORE = 0.6
"""Share of the local search in which a day is searched whole before regions of it are, where there is time for both: what a
population of whole days has come to is brought down further part by part (docs/routes-mix.md)."""

AMPLE = (150, 0.1)
"""Calls above which that is so where there are so many seconds a call, and there is time for walks before."""

LONG = 0.9
"""Share of the local search of a day of regions that the full model can hold, which is slow at it."""

ALL = 0.97
"""Share of the regions of a day that is too large for the full model."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the time and breeds.

    Parameters
    ----------
    proposing
        Share of the time that the local search gets; the full model has the rest.
    breeds
        How the populations live, by number of the process, in turn.
    whole
        Share of the local search in which the day is searched whole; after that, regions of it are.
    regional
        How those populations live that search a region.
    """

    proposing: float
    breeds: Sequence[Breed] = field(default=BREEDS[True])
    whole: float = 1.0
    regional: Sequence[Breed] = field(default=APART)

    def breed(self, number: int) -> Breed:
        """Give the breed of one process."""
        return self.breeds[number % len(self.breeds)]

    def of_regions(self) -> "Mix":
        """Give how a region is searched."""
        return replace(self, breeds=self.regional)


def mix(problem: Problem, seconds: float | None) -> Mix:
    """Look up how to search a day in so many seconds, or by iterations."""
    calls, roughly, again = len(problem.calls), rough(problem), released(problem)
    ample = seconds is not None and calls > AMPLE[0] and seconds >= AMPLE[1] * calls
    whole = 0.0 if _hurried(calls, seconds, roughly) else BEFORE if ample else 1.0
    proposing = ALL if calls > WHOLE else ROUGH[roughly] if whole == 1 else max(LONG, ROUGH[roughly])
    breeds = WALKED if ample and not roughly and open_all_day(problem) else BREEDS[roughly]
    return Mix(proposing, RELEASED if again else breeds, whole, RELEASED if again else APART)


def _hurried(calls: int, seconds: float | None, roughly: bool) -> bool:
    """Say whether so many calls are searched in regions from the beginning."""
    most, haste = HURRIED[roughly]
    return calls > LARGE[roughly] or (seconds is not None and calls > most and seconds < haste * calls)


def open_all_day(problem: Problem) -> bool:
    """Say whether each call can be answered, and its goods are there, at any time at which a vehicle is out."""
    begins = min((vehicle.shift[0] for vehicle in problem.vehicles), default=0)
    ends = max((vehicle.latest for vehicle in problem.vehicles), default=0)
    return all(
        call.release <= begins and any(opens <= begins and closes >= ends for opens, closes in call.windows)
        for call in problem.calls
    )


def released(problem: Problem) -> bool:
    """Say whether vehicles go out several times, also for goods that are not there in the morning."""
    return any(vehicle.unloads for vehicle in problem.vehicles) and any(call.release for call in problem.calls)


def rough(problem: Problem) -> bool:
    """Say whether the day has rules that the local search is told only roughly, or not at all."""
    calls = any(call.position not in (None, 0, -1) for call in problem.calls)
    return any(_rough(vehicle) for vehicle in problem.vehicles) or calls or bool(problem.apart) or problem.balance_per_hour > 0


def _rough(vehicle: Vehicle) -> bool:
    """Say whether it has such rules: a longest day by itself is not one, unless a part of it is over."""
    exact = vehicle.rests.without_pauses(vehicle.latest - vehicle.shift[0])
    begun = vehicle.under_way is not None and vehicle.rests != NO_RESTS
    return not exact or begun or vehicle.overtime > 0
