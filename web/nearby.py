"""Points for people on foot: search by town first, how far each is, whether it is open now.

A town is recognised by its name or postcode when a point of ours lies there, public or not; its middle is that of those
points, so distances are honest to a kilometre and no table of towns is needed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from math import asin, cos, radians, sin, sqrt

from babel import dates
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types

from bottles import points
from bottles.points import Point

from . import formats
from .asked import bare
from .language import local, spoken

EARTH_KM = 6371.0
"""Mean radius."""
NEAREST = 8
"""How many neighbours are named beside the points of the town itself."""


@dataclass(frozen=True)
class Near:
    """A point with its distance in kilometres as the crow flies, when a town was recognised."""

    point: Point
    km: float | None = None


@dataclass(frozen=True)
class Found:
    """What a search found: points that answer it, then neighbours of the town it names."""

    here: Sequence[Near]
    around: Sequence[Near] = ()
    town: str = ""
    """The town as it is spelt, when it was recognised."""


def search(everywhere: Sequence[Point], text: str) -> Found:
    """Find public points by town, postcode or name, whatever case, accents and hyphens; blank finds all."""
    wanted = plain(text)
    open_to_all = sorted((p for p in everywhere if p.public), key=lambda p: (plain(p.town), plain(p.name)))
    here = [p for p in open_to_all if wanted in plain(f"{p.town} {p.postcode} {p.name}")]
    there = [p for p in everywhere if wanted and wanted in (plain(p.town), p.postcode)]
    if not there:
        return Found([Near(p) for p in here])
    middle = (sum(p.lat for p in there) / len(there), sum(p.lon for p in there) / len(there))
    ids = {p.id for p in here}
    around = sorted((Near(p, apart(middle, p)) for p in open_to_all if p.id not in ids), key=lambda near: near.km or 0.0)
    towns = sorted({p.town for p in there})
    return Found([Near(p) for p in here], around[:NEAREST], towns[0] if len(towns) == 1 else text.strip())


def plain(text: str) -> str:
    """Return a text as it is compared: "saint amour" finds Saint-Amour, "st amour" too."""
    words = re.sub(r"\W+", " ", bare(text)).split()
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)


def apart(middle: tuple[float, float], point: Point) -> float:
    """Measure kilometres as the crow flies, by the haversine formula."""
    lat, lon, to_lat, to_lon = (radians(angle) for angle in (*middle, point.lat, point.lon))
    half = sin((to_lat - lat) / 2) ** 2 + cos(lat) * cos(to_lat) * sin((to_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


@dataclass(frozen=True)
class Hours:
    """A point's hours now: whether it is open, and what a passer-by wants to know."""

    is_open: bool
    said: str
    today: str


def hours(point: Point, now: datetime) -> Hours:
    """Say whether a point is open and until when, else when it opens next."""
    here = local(now)
    day, minute = here.date(), here.hour * 60 + here.minute
    windows = points.windows(point, day)
    today = spans(windows)
    for opens, closes in windows:
        if opens <= minute < closes:
            return Hours(True, str(gettext("open until %(clock)s", clock=formats.clock(closes))), today)
        if minute < opens:
            return Hours(False, str(gettext("opens at %(clock)s", clock=formats.clock(opens))), today)
    return Hours(False, _opens_next(point, day), today)


def _opens_next(point: Point, today: date) -> str:
    for n in range(1, 15):
        day = today + timedelta(days=n)
        for opens, _closes in points.windows(point, day)[:1]:
            if n == 1:
                return str(gettext("closed, opens tomorrow at %(clock)s", clock=formats.clock(opens)))
            return str(gettext("closed, opens on %(day)s at %(clock)s", day=formats.day(day), clock=formats.clock(opens)))
    return str(gettext("closed for now")) if point.hours else str(gettext("hours not known: ask before you come"))


def spans(windows: Sequence[tuple[int, int]]) -> str:
    """Write opening windows: "9 h – 12 h, 14 h – 18 h", or that it is closed."""
    written = [f"{formats.clock(opens)} – {formats.clock(closes)}".replace(" ", formats.FIXED) for opens, closes in windows]
    return ", ".join(written) or str(gettext("closed"))


def week(point: Point) -> list[tuple[str, str]]:
    """Write a point's week, days that are alike and follow one another in one line."""
    names = dates.get_day_names("wide", locale=spoken())
    alike = groupby(range(7), key=lambda day: spans([(opens, closes) for opens, closes in point.hours.get(str(day), [])]))
    rows = []
    for said, days in alike:
        first, *rest = list(days)
        rows.append((f"{names[first]} – {names[rest[-1]]}" if rest else names[first], said))
    return rows
