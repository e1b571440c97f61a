"""The statement of a holding: when, what, from or to whom, why, and what was held after it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext, pgettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import codes, holdings
from bottles.catalogue import UNSORTED
from bottles.holdings import Held, Movement, When
from bottles.ledger import AccountKind
from bottles.routes import Task

from . import words
from .names import Names

PAGE = 50
"""Movements on one page."""

TOGETHER = timedelta(hours=1)
"""Labels that went the same way within this time are one line."""


@dataclass(frozen=True)
class Line:
    """One line: a cause with the page that tells of it, who stood at the other end, how many, and how many then."""

    at: datetime
    known_at: datetime
    change: int
    balance: int
    other: str
    why: str
    url: str = ""
    labels: tuple[str, ...] = ()

    @property
    def is_late(self) -> bool:
        """Say whether we heard of it much later than it was done."""
        return self.known_at - self.at > timedelta(hours=12)


def lines(session: Session, held: Held, when: When, called: Names, *, page: int = 0) -> tuple[list[Line], bool]:
    """Return one page of a statement, newest first, and whether there are older lines."""
    found = holdings.movements(session, *held, when=when, most=PAGE + 1, skip=page * PAGE)
    shown = found[:PAGE]
    tasks = _tasks(session, shown)
    told: list[Line] = []
    for movement in shown:
        line = _line(movement, held[1], called, tasks)
        if told and _goes_on(told[-1], line):
            told[-1] = replace(told[-1], change=told[-1].change + line.change, labels=(*told[-1].labels, *line.labels), url="")
        else:
            told.append(line)
    return told, len(found) > PAGE


def _goes_on(later: Line, line: Line) -> bool:
    """Say whether two lines are labels of one act: forty scans are one delivery."""
    same = (later.other, later.change > 0) == (line.other, line.change > 0)
    return bool(later.labels and line.labels) and same and later.at - line.at <= TOGETHER


def _tasks(session: Session, found: Sequence[Movement]) -> Mapping[int, Task]:
    """Return the tasks of the visits that moved something."""
    numbers = {_number(key.split("/")[0]) for kind, _colon, key in (m.cause.partition(":") for m in found) if kind == "visit"}
    return {task.id or 0: task for task in session.exec(select(Task).where(col(Task.id).in_(numbers)))} if numbers else {}


def _line(movement: Movement, mine: str, called: Names, tasks: Mapping[int, Task]) -> Line:
    kind, _colon, key = movement.cause.partition(":")
    tell = CAUSES.get(kind)
    why, url = tell(key, tasks) if tell else (movement.cause, "")
    labels = (codes.by_eye(key),) if kind == "crate" else ()
    other = account(movement.kind, "" if movement.holder == mine else movement.holder, called)
    return Line(movement.at, movement.known_at, movement.quantity, movement.balance, other, why, url, labels)


def account(kind: AccountKind, holder: str, called: Names) -> str:
    """Name an account: who, and what it holds for them where the name does not say it."""
    word = "" if holder and kind in (AccountKind.POINT, AccountKind.VAN) else str(words.ACCOUNTS[kind])
    return ", ".join(part for part in (called.holder(holder), word) if part)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


Told = tuple[str, str]
"""What a cause is called, and the page that tells of it."""


def _crate(key: str, _tasks: Mapping[int, Task]) -> Told:
    return gettext("Crate %(code)s", code=codes.by_eye(key)), url_for("office_crates.show", code=key)


def _visit(key: str, tasks: Mapping[int, Task]) -> Told:
    task = tasks.get(_number(key.split("/")[0]))
    if task is None:
        return pgettext("cause", "Visit"), ""
    if task.order is not None:
        return pgettext("cause", "Delivery"), url_for("office_orders.show", order_id=task.order)
    return pgettext("cause", "Pickup"), url_for("office_pickups.show", pickup_id=task.pickup)


def _at_centre(says: Callable[[], str], endpoint: str, name: str) -> Callable[[str, Mapping[int, Task]], Told]:
    """Tell of a cause that is a numbered thing at the centre."""

    def tell(key: str, _tasks: Mapping[int, Task]) -> Told:
        values: dict[str, Any] = {name: _number(key)}
        return says(), url_for(endpoint, **values)

    return tell


CAUSES: Mapping[str, Callable[[str, Mapping[int, Task]], Told]] = {
    "crate": _crate,
    "visit": _visit,
    "reception": _at_centre(lambda: pgettext("cause", "Reception"), "centre_reception.reception", "route"),
    "sorting": _at_centre(lambda: pgettext("cause", "Sorting"), "centre_sorting.sorting", "route"),
    "wash": _at_centre(lambda: pgettext("cause", "Wash"), "centre_washing.run", "run"),
    "inspection": _at_centre(lambda: pgettext("cause", "Inspection"), "centre_lots.lot", "lot"),
    "rewash": _at_centre(lambda: pgettext("cause", "Put back to be washed again"), "centre_lots.lot", "lot"),
    "order": _at_centre(lambda: pgettext("cause", "Order"), "office_orders.show", "order_id"),
    "count": lambda _key, _tasks: (pgettext("cause", "Counted at the centre"), ""),
    "stock": lambda _key, _tasks: (pgettext("cause", "Stocktake"), ""),
}
"""What each kind of cause is called; one that nobody named is shown as it is kept."""


def choices(held: Sequence[Held], called: Names) -> list[tuple[str, str]]:
    """List holdings for a choice: the item, and where it is not plain, as what it is held."""
    plain = {AccountKind.POINT, AccountKind.VAN, AccountKind.CUSTOMER, AccountKind.UNEXPLAINED}
    found = []
    for kind, _holder, item in held:
        name = called.item(item)
        name = name[:1].upper() + name[1:] if item == UNSORTED else name
        found.append((f"{kind}:{item}", name if kind in plain else f"{name}, {words.ACCOUNTS[kind]}"))
    return found
