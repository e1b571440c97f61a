"""What the database calls things, in the reader's words: states, moves, outcomes, access words."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, ngettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_pgettext as pgettext

from bottles.closing import Closing
from bottles.crates import CrateState, Move
from bottles.disputes import DisputeKind, DisputeStatus
from bottles.ledger import AccountKind
from bottles.locks import FIRST, LAST
from bottles.orders import OrderStatus
from bottles.pickups import PickupStatus
from bottles.routes import Outcome, PlanStatus

from . import formats

STATES: Mapping[CrateState, object] = {
    CrateState.NEW: pgettext("crate", "never seen yet"),
    CrateState.CLEAN: pgettext("crate", "clean at the centre"),
    CrateState.FILLED: pgettext("crate", "filled with washed bottles"),
    CrateState.ABOARD: pgettext("crate", "aboard a vehicle"),
    CrateState.OUT: pgettext("crate", "out at a point"),
    CrateState.RECEIVED: pgettext("crate", "received, to be washed"),
    CrateState.EMPTIED: pgettext("crate", "emptied, to be washed"),
    CrateState.PARKED: pgettext("crate", "put aside at the centre"),
    CrateState.LENT: pgettext("crate", "lent"),
    CrateState.LOST: pgettext("crate", "lost"),
    CrateState.RETIRED: pgettext("crate", "retired"),
}
"""Where a crate stands."""

MOVES: Mapping[Move, object] = {
    Move.COMMISSION: pgettext("crate", "put into service"),
    Move.FILL: pgettext("crate", "filled"),
    Move.LOAD: pgettext("crate", "loaded"),
    Move.DROP: pgettext("crate", "left empty"),
    Move.DELIVER: pgettext("crate", "delivered"),
    Move.COLLECT: pgettext("crate", "collected"),
    Move.RECEIVE: pgettext("crate", "received"),
    Move.RETURN: pgettext("crate", "brought back"),
    Move.EMPTY: pgettext("crate", "emptied"),
    Move.WASH: pgettext("crate", "washed"),
    Move.PARK: pgettext("crate", "put aside"),
    Move.LEND: pgettext("crate", "lent"),
    Move.LOSE: pgettext("crate", "declared lost"),
    Move.FIND: pgettext("crate", "found again"),
    Move.RETIRE: pgettext("crate", "retired"),
}
"""What was done with a crate."""

MOVE_ICONS = {
    Move.LOAD: "van", Move.COLLECT: "van", Move.DROP: "crate", Move.DELIVER: "crate", Move.FIND: "pin", Move.WASH: "wash",
    Move.LOSE: "warning", Move.RETIRE: "cross",
}  # fmt: skip
"""The icon of a move; any other gets a check."""

OUTCOMES: Mapping[Outcome, tuple[object, str]] = {
    Outcome.REACHED: (pgettext("stop", "there now"), "info"),
    Outcome.DONE: (pgettext("stop", "done"), "done"),
    Outcome.PARTLY: (pgettext("stop", "partly done"), "attention"),
    Outcome.MISSED: (pgettext("stop", "missed"), "problem"),
}
"""How a stop ended, with the tone it is shown in."""

CLOSINGS: Mapping[Closing, tuple[object, str]] = {
    Closing.OPEN: (pgettext("route", "open"), "info"),
    Closing.CLOSED: (pgettext("route", "closed"), "done"),
    Closing.EXPLAINED: (pgettext("route", "closed, explained"), "done"),
    Closing.UNCLEAR: (pgettext("route", "closed, to be looked at"), "problem"),
}
"""How a route ended, with the tone it is shown in."""

PICKUPS: Mapping[PickupStatus, tuple[object, str]] = {
    PickupStatus.OPEN: (pgettext("pickup", "open"), "attention"),
    PickupStatus.DONE: (pgettext("pickup", "collected"), "done"),
    PickupStatus.CANCELLED: (pgettext("pickup", "cancelled"), "quiet"),
}
"""Where a request stands."""

ORDERS: Mapping[OrderStatus, tuple[object, str]] = {
    OrderStatus.PLACED: (pgettext("order", "placed"), "attention"),
    OrderStatus.DELIVERED: (pgettext("order", "delivered"), "done"),
    OrderStatus.CANCELLED: (pgettext("order", "cancelled"), "quiet"),
}
"""Where an order stands."""

PLANS: Mapping[PlanStatus, tuple[object, str]] = {
    PlanStatus.DRAFT: (pgettext("plan", "draft"), "attention"),
    PlanStatus.PUBLISHED: (pgettext("plan", "published"), "done"),
    PlanStatus.SUPERSEDED: (pgettext("plan", "superseded"), "quiet"),
}
"""Where a plan version stands."""

DISPUTES: Mapping[DisputeStatus, tuple[object, str]] = {
    DisputeStatus.OPEN: (pgettext("dispute", "open"), "attention"),
    DisputeStatus.EXPLAINED: (pgettext("dispute", "explained since"), "done"),
    DisputeStatus.SETTLED: (pgettext("dispute", "settled"), "done"),
}
"""Whether a dispute waits."""

KINDS: Mapping[DisputeKind, object] = {
    DisputeKind.UNEXPECTED_MOVE: pgettext("dispute", "Unexpected move"),
    DisputeKind.UNKNOWN_CRATE: pgettext("dispute", "Unknown crate"),
    DisputeKind.NEGATIVE_BALANCE: pgettext("dispute", "More left than came"),
    DisputeKind.COUNT_BELOW_SCANS: pgettext("dispute", "Fewer counted than scanned"),
    DisputeKind.RECEPTION_DIFFERENCE: pgettext("dispute", "Difference at reception"),
    DisputeKind.SHORT_STOCK: pgettext("dispute", "Delivered without reservation"),
    DisputeKind.VOID_LABEL: pgettext("dispute", "Old label"),
}
"""What sort of thing does not add up, in few words."""

ACCOUNTS: Mapping[AccountKind, object] = {
    AccountKind.OUTSIDE: pgettext("account", "outside the loop"),
    AccountKind.POINT: pgettext("account", "at the point"),
    AccountKind.VAN: pgettext("account", "aboard"),
    AccountKind.RECEIVED: pgettext("account", "received"),
    AccountKind.CLEAN: pgettext("account", "clean"),
    AccountKind.SORTED: pgettext("account", "sorted"),
    AccountKind.WASHED: pgettext("account", "washed, not inspected"),
    AccountKind.AVAILABLE: pgettext("account", "ready to be ordered"),
    AccountKind.RESERVED: pgettext("account", "reserved"),
    AccountKind.CUSTOMER: pgettext("account", "with the customer"),
    AccountKind.CULLET: pgettext("account", "cullet"),
    AccountKind.UNEXPLAINED: pgettext("account", "unexplained"),
}
"""What an account of the ledger holds."""

TAGS = {"narrow": pgettext("access", "a narrow vehicle"), "tail-lift": pgettext("access", "a tail-lift")}
"""The access words that config.toml begins with."""

PLACES: Mapping[int | None, object] = {FIRST: pgettext("route", "the first stop"), LAST: pgettext("route", "the last stop")}
"""Where in its route a stop is fixed."""


def tag(word: str) -> str:
    """Return an access word as people say it; one the territory made up is shown as it is."""
    return str(TAGS.get(word, word))


def unsorted_bottles() -> str:
    """Return the word for bottles nobody has sorted."""
    return str(gettext("unsorted bottles"))


CLOCK = re.compile(r"\b(\d\d):(\d\d)\b")


def _as_hours(message: str, values: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Read what plans kept before they said hours: minutes as a bare number, with the unit in the sentence."""
    shown = dict(values)
    for name in {"minutes", "longest"} & shown.keys():
        if shown[name].isdecimal():
            hours, minutes = divmod(int(shown[name]), 60)
            shown[name] = f"{hours} h {minutes:02}" if hours else f"{minutes} min"
    return message.replace("%(minutes)s min", "%(minutes)s"), shown


def left_out(message: str, values: Mapping[str, str]) -> str:
    """Say why a call is left out; figures, hours, units and access words come as the planner keeps them."""
    shown = {name: CLOCK.sub(lambda at: formats.clock(int(at[1]) * 60 + int(at[2])), text) for name, text in values.items()}
    if "tag" in values:
        shown["tag"] = ", ".join(tag(word) for word in values["tag"].split(", "))
    message, shown = _as_hours(message, shown)
    if "dimension" in values:
        in_grams = values["dimension"] == "grams"
        shown["dimension"] = "kg" if in_grams or values["dimension"] == "kg" else str(gettext("crates of twelve"))
        for name in {"load", "needed", "most", "missing"} & values.keys():
            shown[name] = formats.number(formats.whole_kg(int(values[name])) if in_grams else int(values[name]))
    for name in {"cost", "prize"} & values.keys():
        shown[name] = formats.euros(round(float(values[name]) * 100))
    return str(gettext(message)) % shown


def shortage(lack: Mapping[str, Any]) -> str:
    """Say what more vehicles would have to do for the calls left out."""
    return str(
        gettext(
            "%(work)s of work is missing for %(calls)s: %(more)s of %(vehicle)s.",
            work=formats.duration(lack["seconds"]),
            calls=ngettext("%(num)s call", "%(num)s calls", lack["calls"]),
            more=ngettext("%(num)s half-day more", "%(num)s half-days more", lack["half_days"]),
            vehicle=lack["vehicle"],
        )
    )
