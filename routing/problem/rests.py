"""When drivers pause, by the rules of light and of heavy vehicles."""

from dataclasses import dataclass

from routing.problem.rules import HOUR, LARGEST, MINUTE, demand


@dataclass(frozen=True, slots=True)
class Rests:
    """When a driver pauses. Work is everything between leaving and coming back but the pauses; waiting is work.

    Parameters
    ----------
    work
        Seconds of work without a pause at most; None for no such rule.
    due
        Pairs (seconds of work, seconds of pause): a day with more work than the first needs the second in all.
    driving, driving_pause
        Seconds of driving at most before a driving pause of so many seconds; None for no such rule.
    parts
        The driving pause may be taken in two, of at least so many seconds each, in this order; None for in one.
    driving_day
        Seconds of driving in the day at most; None for no such rule.
    shortest
        Seconds below which a halt counts as no pause.
    """

    work: int | None = None
    due: tuple[tuple[int, int], ...] = ()
    driving: int | None = None
    driving_pause: int = 45 * MINUTE
    parts: tuple[int, int] | None = None
    driving_day: int | None = None
    shortest: int = 15 * MINUTE

    def __post_init__(self) -> None:
        limits = (self.work, self.driving, self.driving_day)
        demand(
            all(limit is None or 0 < limit <= LARGEST for limit in limits), f"rests: a limit is not within 1 to {LARGEST:,} s"
        )
        pauses = (self.driving_pause, self.shortest, *(self.parts or ()), *(figure for pair in self.due for figure in pair))
        demand(min(pauses) >= 0, "rests: a pause is below 0 s")
        demand(self.driving_pause > 0 and self.shortest > 0, "rests: a pause is not above 0 s")
        demand(max(pauses) <= LARGEST, f"rests: a pause is above {LARGEST:,} s")
        demand(list(self.due) == sorted(set(self.due)), "rests: the pauses due are out of order")

    @classmethod
    def once(cls, after: int, seconds: int) -> "Rests":
        """Make the rule of one pause: work longer than `after` is cut by `seconds` of rest."""
        return cls(work=after, due=((after, seconds),), shortest=seconds)

    def without_pauses(self, span: int) -> bool:
        """Say whether in `span` seconds nobody has to pause or can: then there is a longest day, or no rule at all."""
        pauses = self.due or self.driving is not None or self.driving_day is not None
        return not pauses and (self.work is None or self.shortest > span)


LIGHT = Rests(work=6 * HOUR, due=((6 * HOUR, 30 * MINUTE), (9 * HOUR, 45 * MINUTE)))
"""Vehicles up to 3.5 t in France: never more than 6 h of work without a break, 30 min for a day of 6 to 9 h, 45 min beyond.

References
----------
Code des transports, L. 3312-2 (breaks of mobile workers), as of 2026.
"""

HEAVY = Rests(
    work=6 * HOUR,
    due=((6 * HOUR, 30 * MINUTE), (9 * HOUR, 45 * MINUTE)),
    driving=9 * HOUR // 2,
    parts=(15 * MINUTE, 30 * MINUTE),
    driving_day=9 * HOUR,
)
"""Vehicles over 3.5 t: 45 min after 4 h 30 of driving, which may be 15 and then 30, and 9 h of driving a day.

References
----------
Regulation (EC) No 561/2006, articles 6 and 7; Directive 2002/15/EC, article 5.
"""

NO_RESTS = Rests()
