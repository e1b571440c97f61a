"""Says why a call is left out: by relaxing one thing at a time and trying to put it in (`easing`).

A reason is a code with values; `sentence` gives the message for the coordinator. `shortage` says what the whole day lacks.
"""

from collections.abc import Callable

from routing.explain.easing import Question, Reason, Worlds
from routing.explain.shortage import Shortage, shortage
from routing.problem import Problem, Solution

__all__ = ["LOADS", "SENTENCES", "Reason", "Shortage", "clock", "reasons", "sentence", "shortage"]

SENTENCES = {
    "no_vehicle": "No vehicle goes out this day.",
    "closed_all_day": "Closed all day.",
    "locked_away": "Only %(locked)s may answer it, and does not go out this day.",
    "too_heavy_for_any_vehicle": "Needs room for %(needed)s %(dimension)s; the largest vehicle takes %(most)s.",
    "access": "No vehicle that could carry it can come here: %(tag)s is needed.",
    "too_far": "There and back takes %(minutes)s; the longest shift has %(longest)s.",
    "too_long_a_drive": "There and back is %(minutes)s of driving; a driver may drive %(longest)s a day.",
    "closed_before": "Closed before a vehicle can arrive; open until %(until)s it would fit, +%(minutes)s on %(vehicle)s.",
    "open_longer": "Open %(hours)s; open until %(until)s it would fit, +%(minutes)s on %(vehicle)s.",
    "open_sooner": "Open %(hours)s; open from %(since)s it would fit, +%(minutes)s on %(vehicle)s.",
    "window_missed": "Open %(hours)s; a vehicle could only be there between %(earliest)s and %(latest)s.",
    "window_moment": "Open %(hours)s; a vehicle could only be there at %(earliest)s.",
    "lock": "It waits for %(locked)s; %(vehicle)s could take it, +%(minutes)s.",
    "lock_unable": "It waits for %(locked)s, which cannot do it; another vehicle could, but has no room left for it.",
    "apart": "It must not ride with others of its route; else it would fit on %(vehicle)s, %(minutes)s more.",
    "position": "It does not fit in its place of the order; elsewhere it would, +%(minutes)s on %(vehicle)s.",
    "release": "Its goods are ready at %(ready)s; ready at %(by)s it would fit, +%(minutes)s on %(vehicle)s.",
    "clean_and_dirty": "Fits only a vehicle that may carry clean and dirty goods together.",
    "fewer": "The vehicles are full: with %(missing)s %(dimension)s fewer it would fit, +%(minutes)s on %(vehicle)s.",
    "full": "The vehicles are full: room for %(missing)s %(dimension)s is missing.",
    "access_busy": "Who can come here (%(tag)s) has no room or time left; %(vehicle)s would have, +%(minutes)s.",
    "overtime": "The shifts are full: it would fit if %(vehicle)s came back %(minutes)s later.",
    "rest": "The rest that drivers need leaves no time for it; without, it would fit on %(vehicle)s.",
    "no_time": "The shifts are full, even if each ended %(hours)s h later.",
    "not_worth": "It would fit on %(vehicle)s, but +%(km)s km and +%(minutes)s cost %(cost)s, leaving it out %(prize)s.",
    "search_longer": "It would fit on %(vehicle)s, +%(minutes)s: a longer search may find it.",
}
"""Message ids by code, for the coordinator."""

LOADS = frozenset({"load", "needed", "most", "missing"})
"""Values that count load units of the `dimension` beside them."""


def reasons(problem: Problem, solution: Solution) -> dict[str, Reason]:
    """Give the reason for each call the solution leaves out."""
    if not solution.left_out:
        return {}
    worlds = Worlds(problem, solution)
    found: dict[str, Reason] = {}
    for call in solution.left_out:
        if call not in found:
            question = Question(worlds, worlds.together(call))
            found.update(dict.fromkeys((each.id for each in question.item), question.reason()))
    return {call: found[call] for call in solution.left_out}


def sentence(reason: Reason) -> tuple[str, dict[str, str]]:
    """Give the message id and its values as people read them: clock times, hours and minutes, whole km, money in full."""
    values = {name: _READ.get(name, str)(value) for name, value in reason.values.items()}
    alike = reason.code == "window_missed" and values["earliest"] == values["latest"]
    return SENTENCES["window_moment" if alike else reason.code], values


def clock(value: int | str) -> str:
    """Write a second of the day as hours and minutes."""
    return f"{int(value) // 3600:02}:{int(value) % 3600 // 60:02}"


def duration(value: int | str) -> str:
    """Write seconds as people say them, the begun minute counted whole: 50 min, 1 h 50."""
    hours, minutes = divmod(-(-int(value) // 60), 60)
    return f"{hours} h {minutes:02}" if hours else f"{minutes} min"


def _kilometres(value: int | str) -> str:
    return str(-(-int(value) // 1000))


def _hours(value: int | str) -> str:
    """Write seconds as hours; opening hours are text already."""
    return value if isinstance(value, str) else str(value // 3600)


def _money(value: int | str) -> str:
    return f"{int(value) // 100}.{int(value) % 100:02}"


_READ: dict[str, Callable[[int | str], str]] = {
    "earliest": clock,
    "latest": clock,
    "until": clock,
    "since": clock,
    "ready": clock,
    "by": clock,
    "minutes": duration,
    "longest": duration,
    "km": _kilometres,
    "hours": _hours,
    "cost": _money,
    "prize": _money,
}
"""How a value is read; what is not here is shown as it is."""
