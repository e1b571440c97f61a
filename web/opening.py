"""Opening hours as people write them: OpenStreetMap's way, or as on a French shop door.

"Mo-Fr 08:00-12:00,14:00-18:00; Sa 09:00-12:00" and "Lu-Ve 8h-12h 14h-18h, samedi 9h-12h" say the same. French is put
into OpenStreetMap's words first, and opening-hours-py reads those. A point keeps one week, so hours that change with the
season or the sun are refused, with the reason.

References
----------
https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from opening_hours import OpeningHours, State, validate

from bottles.errors import Invalid, say

from .spreadsheet import fold

Week = dict[str, list[list[int]]]
"""Opening windows by weekday ("0" is Monday), in minutes of the local day; a day that is absent is closed."""

DAYS = {
    "Mo": "lundis? lun lu mondays? mon",
    "Tu": "mardis? mar ma tuesdays? tue",
    "We": "mercredis? mer me wednesdays? wed",
    "Th": "jeudis? jeu je thursdays? thu",
    "Fr": "vendredis? ven ve fridays? fri",
    "Sa": "samedis? sam sa saturdays? sat",
    "Su": "dimanches? dim di sundays? sun",
}
"""What people write for OpenStreetMap's days."""

ANY_DAY = f"(?:{'|'.join(DAYS)}|PH)"
HOURS = r"\d\d:\d\d-\d\d:\d\d"

WORDS = (
    (r"24 ?h? ?(?:/|sur|-) ?24 ?h?(?:[ ,]*7 ?j?(?:ours)? ?(?:/|sur) ?7 ?j?)?|jour et nuit|toujours ouvert", "24/7"),
    (r"tous les jours|7 ?j?(?:ours)? ?(?:/|sur) ?7(?: ?j)?\b|every ?day|daily", "Mo-Su"),
    *((rf"\b(?:{names.replace(' ', '|')})\b\.?", day) for day, names in DAYS.items()),
    (r"\bferme\b|\bclosed\b", "off"),
    (r"\bjours? feries?\b", "PH"),
    (r"\bmidi\b|\bnoon\b", "12:00"),
    (r"\bminuit\b|\bmidnight\b", "24:00"),
    (r"\b(\d{1,2}) ?[h:] ?(\d\d)\b", r"\1:\2"),
    (r"\b(\d{1,2}) ?h\b", r"\1:00"),
    (r"(?<![\d:])(\d:\d\d)\b", r"0\1"),
    (r" ?- ?| (?:au|a|to|until|jusqu'a) (?=\S)", "-"),
    (rf"({ANY_DAY}) (?:et|and|&|\+) (?={ANY_DAY})", r"\1,"),
    (r"\b(?:du|de|le|les|from|et|and)\b ?", ""),
    (rf"({ANY_DAY})(?: ?, ?| )(?={ANY_DAY}\b)", r"\1,"),
    (rf"({ANY_DAY}) ?: ?", r"\1 "),
    (rf"({HOURS})[ ,/&|]+(?=\d\d:)", r"\1,"),
    (rf"({HOURS}|off)[ /|]+(?={ANY_DAY}\b)", r"\1, "),
)
"""How French and loose writing becomes OpenStreetMap's, in this order."""

YEAR = datetime(2028, 1, 3)  # noqa: DTZ001 - a Monday on the local clock of no place; hours know no zone
WEEKS = 53
SUN = re.compile("sunrise|sunset|dawn|dusk")


@lru_cache(maxsize=1024)
def _week(text: str) -> tuple[tuple[int, int, int], ...]:
    written = in_osm(text)
    if not validate(written):
        raise Invalid(
            say(
                "“%(value)s” cannot be read as opening hours: write them like “Mo-Fr 08:00-12:00,14:00-18:00; Sa 09:00-12:00”."
            ),
            value=text,
        )
    hours = OpeningHours(written)
    weeks = {tuple(_windows(hours, YEAR + timedelta(weeks=n))) for n in range(WEEKS)}
    if len(weeks) > 1 or SUN.search(text.casefold()):
        raise Invalid(say("“%(value)s” changes with the season: write the hours of an ordinary week."), value=text)
    if weeks == {()}:
        raise Invalid(say("“%(value)s” is never open: leave the cell empty, or write hours."), value=text)
    return weeks.pop()


def read(text: str) -> Week:
    """Read the hours of an ordinary week; bank holidays are left to the point's closures.

    Raises
    ------
    Invalid
        They cannot be read, change with the season, or never open.
    """
    week: Week = {}
    for day, opens, closes in _week(" ".join(text.split())):
        week.setdefault(str(day), []).append([opens, closes])
    return week


def in_osm(text: str) -> str:
    """Put hours as people write them into OpenStreetMap's words."""
    said = fold(re.sub(r"[‐‑–—]", "-", text), keep=",;:/&|+-'\"[]().")
    for pattern, words in WORDS:
        said = re.sub(pattern, words, said)
    for word in ("PH", "SH", *DAYS):
        said = re.sub(rf"\b{word}\b", word, said, flags=re.IGNORECASE)
    return said.strip(" ,;")


def _windows(hours: OpeningHours, monday: datetime) -> Iterator[tuple[int, int, int]]:
    """Yield one week's windows as (weekday, opens, closes), cut at midnight."""
    joined: list[list[int]] = []
    for begins, ends, state, _ in hours.intervals(monday, monday + timedelta(weeks=1)):
        if state is State.CLOSED:
            continue
        if state is not State.OPEN:
            raise Invalid(say("“%(value)s” does not say for sure when it is open."), value=str(hours))
        opens, closes = (round((moment - monday) / timedelta(minutes=1)) for moment in (begins, ends))
        if joined and joined[-1][1] == opens:
            joined[-1][1] = closes
        else:
            joined.append([opens, closes])
    for opens, closes in joined:
        for day in range(opens // 1440, -(-closes // 1440)):
            yield day, max(opens - day * 1440, 0), min(closes - day * 1440, 1440)
