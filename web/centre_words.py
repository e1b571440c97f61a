"""What the centre's pages call things: measures and their limits, states of a lot, differences between two counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext, ngettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_gettext as _

from bottles.batches import Lot, LotStatus, Measure
from bottles.errors import Conflict, say

from . import formats


@dataclass(frozen=True)
class Scale:
    """A measure as the form shows it: its name, its unit, and the values it can possibly have."""

    label: object
    unit: str
    low: float
    high: float


SCALES: Mapping[Measure, Scale] = {
    Measure.BATH: Scale(_("Bath temperature"), "°C", 0, 100),
    Measure.CAUSTIC: Scale(_("Caustic soda"), "%", 0, 10),
    Measure.CONTACT: Scale(_("Time in the bath"), "min", 0, 120),
    Measure.RINSE: Scale(_("pH of the last rinse"), "", 0, 14),
    Measure.RESIDUE: Scale(_("Residue on the glass"), "ppm", 0, 10_000),
    Measure.WATER: Scale(_("Water used"), "l", 0, 1_000_000),
    Measure.ENERGY: Scale(_("Energy used"), "kWh", 0, 100_000),
}
"""What is read during a wash, in the order of the machine."""

LOTS: Mapping[str, tuple[object, str, str]] = {
    "washing": (_("In the machine"), "info", "arrow"),
    "inspection": (_("To inspect"), "attention", ""),
    "held": (_("Held"), "problem", "lock"),
    "released": (_("Released"), "done", ""),
    "late": (_("Past its use-by"), "attention", "warning"),
    "rewashed": (_("Washed again"), "quiet", "arrow"),
}
"""The badge of each state of a lot: word, tone, shape."""

FINISHED = say("This reception is finished: ask the coordinator to correct it.")
"""Said to whoever wants to change what a van brought when its sorting has ended."""

TWICE = say("This was done already, from here or by somebody else; nothing was done twice.")
"""Said when the same form arrives a second time."""


def last_seen(sent: str) -> int:
    """Read which entry was the last when a form was drawn; anything that is no number counts as none."""
    return int(sent) if sent.isdecimal() and len(sent) < 19 else 0


def state(lot: Lot, today: date) -> str:
    """Return which badge a lot bears."""
    if lot.status is LotStatus.HELD and not lot.quantity:
        return "rewashed"
    is_late = lot.status is LotStatus.RELEASED and lot.use_by is not None and lot.use_by < today
    return "late" if is_late else str(lot.status)


@dataclass(frozen=True)
class Judged:
    """One reading beside its limits; `verdict` is "within", "outside", "missing", or empty where nothing is judged."""

    measure: Measure
    limits: str
    value: float | None
    verdict: str

    @property
    def scale(self) -> Scale:
        """Return how this measure is shown."""
        return SCALES[self.measure]

    @property
    def shown(self) -> str:
        """Write the value with its unit."""
        return "" if self.value is None else _with_unit(plain(self.value), self.scale.unit)


def judge(limits: Mapping[str, list[float | None]], readings: Mapping[str, float]) -> list[Judged]:
    """Put every reading beside the limits of its run, in the order of the machine."""
    return [_judged(measure, limits.get(measure), readings.get(measure)) for measure in Measure]


def _judged(measure: Measure, limit: list[float | None] | None, value: float | None) -> Judged:
    if limit is None:
        return Judged(measure, "", value, "")
    low, high = limit
    shown = within(measure, low, high)
    if value is None:
        return Judged(measure, shown, None, "missing")
    is_outside = (low is not None and value < low) or (high is not None and value > high)
    return Judged(measure, shown, value, "outside" if is_outside else "within")


def within(measure: Measure, low: float | None, high: float | None) -> str:
    """Say the limits of a measure: "70 to 80 °C"."""
    unit = SCALES[measure].unit
    if low is not None and high is not None and low != high:
        return _with_unit(gettext("%(low)s to %(high)s", low=plain(low), high=plain(high)), unit)
    if low is not None and high is not None:
        return _with_unit(gettext("exactly %(value)s", value=plain(low)), unit)
    if low is not None:
        return _with_unit(gettext("at least %(value)s", value=plain(low)), unit)
    return _with_unit(gettext("at most %(value)s", value=plain(high or 0)), unit)


def _with_unit(text: str, unit: str) -> str:
    return f"{text}{formats.FIXED}{unit}" if unit else text


def plain(value: float) -> str:
    """Write a reading with as many decimals as it has, three at most."""
    decimals = next(n for n in range(4) if n == 3 or round(value, n) == round(value, 3))
    return formats.number(value, decimals)


def measures(ids: Iterable[str]) -> str:
    """Name measures in a sentence."""
    return ", ".join(str(SCALES[Measure(measure)].label).lower() for measure in ids)


def named(refusal: Conflict) -> Conflict:
    """Return the same refusal with its measures in the reader's words."""
    told = refusal.values.get("measures")
    if not told:
        return refusal
    return Conflict(refusal.message, field=refusal.field, **{**refusal.values, "measures": measures(told.split(", "))})


def difference(counted: int, expected: int) -> str:
    """Say how a count compares with the driver's."""
    if counted == expected:
        return str(gettext("as the driver counted"))
    away = abs(counted - expected)
    if counted < expected:
        return str(ngettext("%(n)s fewer than the driver counted", "%(n)s fewer than the driver counted", away, n=away))
    return str(ngettext("%(n)s more than the driver counted", "%(n)s more than the driver counted", away, n=away))


def around() -> dict[str, object]:
    """Give the centre's templates their words."""
    return {"scales": SCALES, "lot_words": LOTS, "state_of": state}
