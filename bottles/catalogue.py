"""What goes round: bottle types, crate types, and why some glass is not taken."""

from sqlmodel import Field, Session, SQLModel, select

from .db import find
from .errors import Invalid, say

UNSORTED = "unsorted"
"""The item of bottles nobody has sorted yet; no bottle type may bear this name."""


class BottleType(SQLModel, table=True):
    """A model of bottle, told apart by shape; masses in grams, heights in millimetres."""

    __tablename__ = "bottle_type"

    id: str = Field(primary_key=True, max_length=40)
    name: str
    volume_ml: int = Field(gt=0)
    grams: int
    height_mm: int
    diameter_mm: int
    accepted: bool = True
    why_not: str = ""
    """Why this glass is refused, said to whoever brings it; empty when it is taken."""
    price_cents: int = 0
    position: int = 0


class CrateType(SQLModel, table=True):
    """A model of crate; `bottles` is how many it holds, `grams` its own mass, `units` the floor it takes in a vehicle."""

    __tablename__ = "crate_type"

    id: str = Field(primary_key=True, max_length=40)
    name: str
    bottles: int
    grams: int
    units: int = 1
    """Floor space in crates of twelve: vehicles count their capacity in these."""
    position: int = 0


class RefusalReason(SQLModel, table=True):
    """Why a bottle leaves at the sorting table or at inspection."""

    __tablename__ = "refusal_reason"

    id: str = Field(primary_key=True, max_length=40)
    name: str
    step: str = "sorting"
    position: int = 0


def bottle_types(session: Session, *, accepted_only: bool = True) -> list[BottleType]:
    """List the bottle types in the order people expect them."""
    query = select(BottleType).order_by(BottleType.position, BottleType.id)  # type: ignore[arg-type]
    return [kind for kind in session.exec(query) if kind.accepted or not accepted_only]


def crate_types(session: Session) -> list[CrateType]:
    """List the crate types in the order people expect them."""
    return list(session.exec(select(CrateType).order_by(CrateType.position, CrateType.id)))  # type: ignore[arg-type]


def reasons(session: Session, step: str) -> list[RefusalReason]:
    """List why bottles are refused at one step: "sorting" or "inspection"."""
    query = select(RefusalReason).where(RefusalReason.step == step).order_by(RefusalReason.position)  # type: ignore[arg-type]
    return list(session.exec(query))


def accepted(session: Session, type_id: str) -> BottleType:
    """Return a bottle type that the loop takes.

    Raises
    ------
    Invalid
        The type is known and refused; the sentence says why.
    """
    kind = find(session, BottleType, type_id)
    if not kind.accepted:
        raise Invalid(say("%(name)s is not taken: %(why)s"), name=kind.name, why=kind.why_not)
    return kind


def demand_crate_type(session: Session, type_id: str) -> str:
    """Return the id of a crate type that there is.

    Raises
    ------
    Invalid
        There is none; the sentence says which there are.
    """
    known = [kind.id for kind in crate_types(session)]
    if type_id not in known:
        told = ", ".join(known)
        raise Invalid(say("There is no crate type “%(wanted)s”: choose one of %(known)s."), wanted=type_id, known=told)
    return type_id
