"""Organisations in the loop."""

from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, select

from .db import choice


class PartnerKind(StrEnum):
    """What an organisation is in the loop."""

    WINERY = "winery"
    SHOP = "shop"
    TOWN = "town"
    CARRIER = "carrier"
    WASHER = "washer"
    COOPERATIVE = "cooperative"


class Partner(SQLModel, table=True):
    """An organisation; its id is a short name that lists and links can carry."""

    id: str = Field(primary_key=True, max_length=60)
    name: str
    kind: PartnerKind = Field(sa_type=choice(PartnerKind))
    email: str = ""
    phone: str = ""


def listed(session: Session, kind: PartnerKind | None = None) -> list[Partner]:
    """List partners by name, of one kind or all."""
    query = select(Partner).order_by(Partner.name)
    return list(session.exec(query if kind is None else query.where(Partner.kind == kind)))
