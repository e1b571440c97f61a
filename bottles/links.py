"""What labels lead to besides crates: the numbers of bottle types, places and pallets, their links, and the sheets printed.

Every number is our company prefix, a number of our own and the GS1 check digit, so that a territory which gets a prefix of
its own has keys that are true everywhere by changing one setting, as for its crates. Restricted circulation numbers (prefixes
040 to 049) would need no licence either, but they mean nothing outside of one company, and lots and pallets leave it.

| what | link |
|---|---|
| lot or batch | /01/ GTIN of its bottle type /10/ "L00042" or "B00007" |
| pallet | /00/ SSCC |
| point | /414/ GLN |

References
----------
GS1 General Specifications, release 24: trade items (2.1), logistic units (2.2), locations (2.4), check digit (7.9).
GS1 Digital Link 1.4: the order of keys and qualifiers in a path.
"""

import re
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

from . import codes
from .db import Utc, choice
from .errors import Conflict, Invalid, say

LOT = re.compile(r"([LB])(\d{5,9})")
"""How a lot or a batch is written on its label."""

GTIN, GLN, SSCC = 14, 13, 18
"""Digits of each key."""


class KeyKind(StrEnum):
    """What bears a number of ours; crates have serials instead."""

    BOTTLE = "bottle"
    POINT = "point"
    PALLET = "pallet"


class LabelKind(StrEnum):
    """What a label is stuck to."""

    CRATE = "crate"
    BATCH = "batch"
    LOT = "lot"
    PALLET = "pallet"
    POINT = "point"


class Gs1Number(SQLModel, table=True):
    """A number we gave, once and for all: to a bottle type, a point, or the n-th pallet of a lot ("3.1")."""

    __tablename__ = "gs1_number"
    __table_args__ = (sa.UniqueConstraint("kind", "name"),)

    number: int | None = Field(default=None, primary_key=True)
    kind: KeyKind = Field(sa_type=choice(KeyKind))
    name: str = Field(max_length=60)


class LabelSheet(SQLModel, table=True):
    """Labels somebody had printed: of what, on which sheet, from which place on. Its id comes from the form that asked."""

    __tablename__ = "label_sheet"

    id: str = Field(primary_key=True, max_length=36)
    kind: LabelKind = Field(sa_type=choice(LabelKind))
    names: list[str] = Field(sa_type=sa.JSON)
    """Crate codes, ids of batches, lots, pallets or points, one for each label."""
    anew: bool = False
    """Whether these labels replace older ones."""
    preset: str = Field(max_length=12)
    start: int = 1
    person: int | None = Field(default=None, foreign_key="person.id")
    """Who asked; None where the command line did."""
    at: datetime = Field(sa_type=Utc, index=True)


def number(session: Session, kind: KeyKind, name: str) -> int:
    """Return the number of a thing, giving it the next one the first time."""
    found = known(session, kind, name)
    if found is None:
        # two that ask at once: one gives the number, both read it
        connection = session.connection()
        insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(Gs1Number).on_conflict_do_nothing()
        connection.execute(insert, {"kind": kind, "name": name})
        found = known(session, kind, name)
    if found is None:
        raise LookupError(f"no number for {kind} {name}")
    return found


def known(session: Session, kind: KeyKind, name: str) -> int | None:
    """Return the number of a thing that has one."""
    return session.exec(select(Gs1Number.number).where(Gs1Number.kind == kind, Gs1Number.name == name)).first()


def named(session: Session, kind: KeyKind, digits: str, prefix: str) -> str | None:
    """Return what a GTIN-13 or GLN names; None when it is not one of ours."""
    if not digits.startswith(prefix):
        return None
    key = select(Gs1Number.name).where(Gs1Number.kind == kind, Gs1Number.number == int(digits[len(prefix) : -1]))
    return session.exec(key).first()


def gln(prefix: str, place: int) -> str:
    """Return the global location number of a place: prefix and number on 12 digits, then the check digit."""
    return _key(prefix, place, GLN)


def gtin(prefix: str, item: int) -> str:
    """Return the 14 digits of a bottle type's trade item number: a nought, then as a place's."""
    return "0" + _key(prefix, item, GLN)


def sscc(prefix: str, pallet: int) -> str:
    """Return the serial shipping container code of a pallet: extension digit 0, prefix, number on 16 digits, check digit."""
    return _key("0" + prefix, pallet, SSCC)


def _key(beginning: str, own: int, length: int) -> str:
    room = length - 1 - len(beginning)
    if own >= 10**room:
        raise Conflict(say("The company prefix of the labels is too long: it leaves no number free for this one."))
    digits = f"{beginning}{own:0{room}d}"
    return digits + codes.check_digit(digits)


def checked(digits: str, length: int) -> str:
    """Return the digits of a GTIN, GLN or SSCC as they stand in a link.

    Raises
    ------
    Invalid
        A digit is missing, or the last one says that it was misread.
    """
    if not (digits.isascii() and digits.isdecimal() and len(digits) == length and codes.check_digit(digits[:-1]) == digits[-1]):
        raise Invalid(say("“%(code)s” was misread or mistyped: read it again."), code=digits)
    return digits


def batch_code(batch: int) -> str:
    """Return the name written on a batch, as `Lot.code` is on a lot."""
    return f"B{batch:05d}"


def read_lot(text: str) -> tuple[LabelKind, int] | None:
    """Return whether a name is a lot's or a batch's, and its number; None when it is neither."""
    found = LOT.fullmatch(text.strip().upper())
    if found is None or int(found[2]) >= 2**31:
        return None
    return (LabelKind.LOT if found[1] == "L" else LabelKind.BATCH), int(found[2])


def lot_link(host: str, item: str, code: str) -> str:
    """Return the link to a lot or batch of a bottle type, in capitals as a crate's."""
    return f"HTTPS://{host.upper()}/01/{item}/10/{code}"


def pallet_link(host: str, code: str) -> str:
    """Return the link to a pallet."""
    return f"HTTPS://{host.upper()}/00/{code}"


def point_link(host: str, code: str) -> str:
    """Return the link to a point."""
    return f"HTTPS://{host.upper()}/414/{code}"


def keep(session: Session, sheet: LabelSheet) -> bool:
    """Keep which labels are printed; say whether this very form was new.

    It is asked before anything else is done, so that the same form sent twice at once waits here and then does nothing.
    """
    connection = session.connection()
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(LabelSheet).on_conflict_do_nothing()
    return connection.execute(insert.returning(col(LabelSheet.id)), sheet.model_dump()).first() is not None


def printed(session: Session, kind: LabelKind, count: int) -> list[LabelSheet]:
    """List the last sheets of a kind, the newest first."""
    query = select(LabelSheet).where(LabelSheet.kind == kind).order_by(col(LabelSheet.at).desc(), col(LabelSheet.id).desc())
    return list(session.exec(query.limit(count)))
