"""Holders as pages show them: who has what by group, what was typed into the filter, and the words for ages."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import groupby, pairwise
from typing import Any

import sqlalchemy as sa
from flask import g
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_pgettext as pgettext
from sqlmodel import Session, col, select

from bottles import catalogue, holdings
from bottles.catalogue import UNSORTED
from bottles.disputes import Dispute, DisputeKind, DisputeStatus
from bottles.errors import say
from bottles.holdings import BRACKETS, Held, Holding, When
from bottles.ledger import ACCOUNT, AccountKind
from bottles.wire import EARLIEST, LATEST

from . import words
from .asked import bare
from .forms import Form
from .language import zone
from .names import Names

GROUPS: Mapping[str, tuple[object, tuple[AccountKind, ...]]] = {
    "points": (pgettext("holders", "Points"), (AccountKind.POINT,)),
    "vans": (pgettext("holders", "Vehicles"), (AccountKind.VAN,)),
    "partners": (pgettext("holders", "Partners"), (AccountKind.CUSTOMER,)),
    "centre": (
        pgettext("holders", "Centre"),
        (
            AccountKind.RECEIVED, AccountKind.CLEAN, AccountKind.SORTED, AccountKind.WASHED, AccountKind.AVAILABLE,
            AccountKind.RESERVED,
        ),
    ),
    "unexplained": (pgettext("holders", "Unexplained"), (AccountKind.UNEXPLAINED,)),
}  # fmt: skip
"""Who may hold something, in the order of the page."""

GROUP_OF = {kind: group for group, (_label, kinds) in GROUPS.items() for kind in kinds}


@dataclass(frozen=True)
class Filter:
    """What a person wants to see."""

    text: str = ""
    group: str = ""
    item: str = ""
    when: When = holdings.NOW

    @property
    def kinds(self) -> tuple[AccountKind, ...]:
        """Return the kinds of account to look at."""
        return GROUPS[self.group][1] if self.group else tuple(GROUP_OF)


def asked(form: Form, items: Collection[str]) -> Filter:
    """Read the filter of an address; a choice nobody offered is as none."""
    group, item = form.sent.get("group", ""), form.sent.get("item", "")
    text = form.text("q", required=False, longest=60)
    return Filter(text, group if group in GROUPS else "", item if item in items else "", times(form))


def times(form: Form) -> When:
    """Read the two times a balance is told for."""
    return When(moment(form, "as_of"), moment(form, "known_at"))


def moment(form: Form, name: str) -> datetime | None:
    """Read a day and an hour of the local clock, as a field sends them or as people write; a day alone is its end."""
    typed = form.sent.get(name, "").strip()
    if not typed:
        return None
    try:
        when = _typed(typed)
        when = when if when.tzinfo else when.replace(tzinfo=zone())
        # asked here already: the ends of the calendar have no other time zone, and no age can be told from them
        when = when.astimezone(g.now.tzinfo)
    except (ValueError, OverflowError):
        form.refuse(name, say("Give a day and an hour, such as 31/10/2026 10:30."))
        return None
    if not EARLIEST <= when <= LATEST:
        form.refuse(name, say("Give a year from %(first)d to %(last)d."), first=EARLIEST.year, last=LATEST.year - 1)
        return None
    return when


def in_field(form: Form, name: str) -> str:
    """Return what was typed for a moment as the browser's own field shows it, which knows no other way to write one."""
    typed = form.sent.get(name, "")
    try:
        when = _typed(typed.strip())
        local = when.astimezone(zone()) if when.tzinfo else when
        return local.replace(tzinfo=None).isoformat(timespec="minutes")
    except (ValueError, OverflowError):
        return typed


TYPED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:,?\s+(\d{1,2})(?::|\s*h\s*)(\d{2})?)?")
"""A day and perhaps an hour, as people write them: 31/10/2026 10:30, 31.10.2026 10 h 30."""


def _typed(text: str) -> datetime:
    """Read a day, with its end where no hour is given."""
    found = TYPED.fullmatch(text)
    if found is None:
        when = datetime.fromisoformat(text)
        return datetime.combine(when, time.max) if len(text) <= len("2026-10-06") else when
    day, month, year = (int(part) for part in found.groups()[:3])
    hour = time(int(found[4]), int(found[5] or 0)) if found[4] else time.max
    return datetime.combine(date(year, month, day), hour)


def crate_types(session: Session) -> list[tuple[str, str]]:
    """List the types of crate with their names."""
    return [(kind.id, kind.name) for kind in catalogue.crate_types(session)]


def items(session: Session) -> list[tuple[str, str]]:
    """List what can be held: crates, bottles by type, and bottles nobody has sorted."""
    bottles = [(kind.id, kind.name) for kind in catalogue.bottle_types(session, accepted_only=False)]
    return [*crate_types(session), *bottles, (UNSORTED, words.unsorted_bottles())]


@dataclass(frozen=True)
class Row:
    """One holding with its names; `dispute` says that more left than came."""

    held: Holding
    name: str
    item: str
    dispute: int | None = None

    @property
    def group(self) -> str:
        """Return the group its holder is in."""
        return GROUP_OF[self.held.kind]


@dataclass
class Group:
    """Holders of one sort, with what they have in all, by item."""

    key: str
    label: object
    rows: list[Row] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    kept_back: int = 0
    """Rows that are not shown; the totals count them."""

    @property
    def lines(self) -> list[tuple[Row, int]]:
        """Return each row with how many rows its holder has, nought on all but the first of them."""
        holders = [list(rows) for _key, rows in groupby(self.rows, key=lambda row: row.held.holder)]
        return [(row, 0 if place else len(rows)) for rows in holders for place, row in enumerate(rows)]


def matching(held: Mapping[Held, int], text: str, called: Names) -> dict[Held, int]:
    """Keep what is held by those whose name holds a text, whatever its case and accents."""
    wanted = bare(text)
    return {key: n for key, n in held.items() if wanted in bare(called.holder(key[1]))}


def groups(session: Session, wanted: Filter, called: Names, *, most: int, now: datetime) -> list[Group]:
    """Put what is held into groups; no more rows than `most` of each: what cannot be first, then those with the most."""
    everything = holdings.quantities(session, kinds=wanted.kinds, item=wanted.item or None, when=wanted.when)
    found: dict[str, list[tuple[Held, int]]] = {}
    for key, quantity in matching(everything, wanted.text, called).items():
        found.setdefault(GROUP_OF[key[0]], []).append((key, quantity))
    made = []
    for name in [name for name in GROUPS if name in found]:
        held = sorted(found[name], key=lambda pair: (pair[1] >= 0, -abs(pair[1])))
        shown = {key for key, _quantity in held[:most]}
        group = Group(name, GROUPS[name][0], kept_back=len(held) - len(shown))
        rows = aged(session, shown, wanted, called, is_deep=False, now=now)
        group.rows = sorted(
            (row for row in rows), key=lambda row: (row.name.casefold(), row.held.holder, row.held.kind, row.item)
        )
        for key, quantity in held:
            group.totals[called.item(key[2])] = group.totals.get(called.item(key[2]), 0) + quantity
        made.append(group)
    return made


def aged(
    session: Session, shown: Collection[Held], wanted: Filter, called: Names, *, is_deep: bool, now: datetime
) -> list[Row]:
    """Return some holdings with their ages and the disputes about them."""
    kinds, holders = {key[0] for key in shown}, {key[1] for key in shown}
    found = holdings.balances(
        session, kinds=kinds, holders=holders, item=wanted.item or None, when=wanted.when, is_deep=is_deep, at=now
    )
    held = [one for one in found if (one.kind, one.holder, one.item) in shown]
    odd = disputes(session, [one for one in held if one.quantity < 0])
    return [
        Row(one, called.holder(one.holder), called.item(one.item), odd.get((one.kind, one.holder, one.item))) for one in held
    ]


def disputes(session: Session, held: Iterable[Holding]) -> dict[Held, int]:
    """Return the open disputes about holdings below nought."""
    keys = [(one.kind, one.holder, one.item) for one in held]
    if not keys:
        return {}
    name = (ACCOUNT.c.kind, ACCOUNT.c.holder, ACCOUNT.c.item)
    accounts = sa.select(ACCOUNT.c.id, *name).where(sa.tuple_(*name).in_(keys))
    subjects = {f"account:{row.id}": row for row in session.connection().execute(accounts)}
    query = select(Dispute.subject, Dispute.id).where(
        col(Dispute.subject).in_(subjects),
        Dispute.kind == DisputeKind.NEGATIVE_BALANCE,
        Dispute.status == DisputeStatus.OPEN,
    )
    found = [(subjects[subject], number or 0) for subject, number in session.exec(query)]
    return {(AccountKind(account.kind), account.holder, account.item): number for account, number in found}


def brackets() -> list[str]:
    """Return the words for each bracket of ages."""
    first = [str(gettext("up to %(days)s days", days=BRACKETS[0]))]
    middle = [str(gettext("%(first)s to %(last)s days", first=low + 1, last=high)) for low, high in pairwise(BRACKETS)]
    return [*first, *middle, str(gettext("over %(days)s days", days=BRACKETS[-1]))]


def around() -> dict[str, Any]:
    """Give templates the words they need for holdings."""
    return {"words": words, "brackets": brackets()}
