"""How figures, days and hours are written: filters for the templates, in the reader's language and the territory's zone.

| filter | takes | French | English |
|---|---|---|---|
| number | a number; number(1) for decimals | 1 200 | 1,200 |
| quantity | a count and a unit: "bottle", "crate", "empty", "pallet", "point", "stop", "day" | 12 bouteilles | 12 bottles |
| percent | a share of 1 | 12 % | 12% |
| day | a date or moment | mardi 6 octobre | Tuesday 6 October |
| short_day | the same, for tables | 06/10/2026 | 06/10/2026 |
| clock | a moment, a time, or minutes of the local day | 10 h 20 | 10:20 |
| moment | a moment | aujourd’hui à 10 h 20 | today at 10:20 |
| duration | seconds | 2 h 05 | 2 h 05 |
| km | metres | 12,4 km | 12.4 km |
| kg | grams | 6,6 kg | 6.6 kg |
| euros | cents | 0,23 € | €0.23 |
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from babel import dates, numbers
from flask import Flask, g
from flask_babel import gettext, ngettext  # type: ignore[import-untyped]  # it ships no types

from .language import local, spoken

THIN, FIXED = "\u202f", "\u00a0"
"""Spaces that do not break: within a figure, and between a figure and its unit."""

UNITS: dict[str, Callable[[int, str], str]] = {
    "bottle": lambda n, shown: ngettext("%(n)s bottle", "%(n)s bottles", n, n=shown),
    "crate": lambda n, shown: ngettext("%(n)s crate", "%(n)s crates", n, n=shown),
    "empty": lambda n, shown: ngettext("%(n)s empty crate", "%(n)s empty crates", n, n=shown),
    "pallet": lambda n, shown: ngettext("%(n)s pallet", "%(n)s pallets", n, n=shown),
    "point": lambda n, shown: ngettext("%(n)s point", "%(n)s points", n, n=shown),
    "stop": lambda n, shown: ngettext("%(n)s stop", "%(n)s stops", n, n=shown),
    "day": lambda n, shown: ngettext("%(n)s day", "%(n)s days", n, n=shown),
}
"""What can be counted, with its plural in each language."""


def number(value: float, decimals: int = 0) -> str:
    """Write a number with its group marks and a fixed count of decimals."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    # a true minus: a hyphen is narrower than a digit, and may be parted from its number
    return str(numbers.format_decimal(value, format=pattern, locale=spoken())).replace("-", "\N{MINUS SIGN}")


def quantity(value: int, unit: str) -> str:
    """Write a count with its unit in the right plural."""
    return UNITS[unit](value, number(value)).replace(" ", FIXED, 1)


def percent(share: float, decimals: int = 0) -> str:
    """Write a share of 1 as percent."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return numbers.format_percent(share, format=f"{pattern}{FIXED}%" if spoken() == "fr" else f"{pattern}%", locale=spoken())


def day(value: date | datetime) -> str:
    """Write a day as people say it, with its year only when it is not this one."""
    when = _day(value)
    text = dates.format_date(when, "EEEE d MMMM" + (" y" if when.year != local(g.now).year else ""), locale=spoken())
    return text.replace(" 1 ", " 1er ", 1) if spoken() == "fr" else text


def short_day(value: date | datetime) -> str:
    """Write a day in figures."""
    return dates.format_date(_day(value), "dd/MM/y", locale=spoken())


def clock(value: datetime | time | int) -> str:
    """Write an hour of the local day; an int counts minutes from midnight."""
    if isinstance(value, datetime):
        value = local(value).time()
    hour, minute = divmod(value, 60) if isinstance(value, int) else (value.hour, value.minute)
    if spoken() != "fr":
        return f"{hour}:{minute:02d}"
    return f"{hour}{FIXED}h{FIXED}{minute:02d}" if minute else f"{hour}{FIXED}h"


def moment(value: datetime) -> str:
    """Write a day and an hour, in words when they are close."""
    away = _day(value) - _day(g.now)
    if away == timedelta():
        return str(gettext("today at %(clock)s", clock=clock(value)))
    if away == timedelta(days=1):
        return str(gettext("tomorrow at %(clock)s", clock=clock(value)))
    if away == timedelta(days=-1):
        return str(gettext("yesterday at %(clock)s", clock=clock(value)))
    return str(gettext("%(day)s at %(clock)s", day=day(value), clock=clock(value)))


def duration(seconds: float) -> str:
    """Write a duration to the minute; under a minute, in seconds."""
    if seconds < 60:
        return f"{round(seconds)}{FIXED}s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours}{FIXED}h{FIXED}{minutes:02d}" if hours else f"{minutes}{FIXED}min"


def km(metres: float) -> str:
    """Write a distance in kilometres; under one, in metres."""
    return f"{number(metres)}{FIXED}m" if metres < 1000 else f"{number(metres / 1000, 1 if metres < 100_000 else 0)}{FIXED}km"


def kg(grams: float) -> str:
    """Write a mass in kilograms, with a decimal under a hundred."""
    return f"{number(grams / 1000, 1 if grams < 100_000 else 0)}{FIXED}kg"


def whole_kg(grams: int) -> int:
    """Give a load in whole kilograms, up: beside what a vehicle may carry it must not look lighter than it is."""
    return -(-grams // 1000)


def euros(cents: float) -> str:
    """Write an amount of money."""
    return numbers.format_currency(cents / 100, "EUR", locale=spoken())


def headed(text: str) -> str:
    """Begin a heading with a capital, and leave the rest: an English month keeps its own."""
    return text[:1].upper() + text[1:]


def _day(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def init(app: Flask) -> None:
    """Give the templates these filters."""
    for write in (number, quantity, percent, day, short_day, clock, moment, duration, km, kg, whole_kg, euros, headed):
        app.add_template_filter(write)
