"""Names for ids: what an item, a holder or a person is called, read in few queries however many are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bottles.catalogue import UNSORTED, BottleType, CrateType
from bottles.crates import Where
from bottles.partners import Partner
from bottles.people import Person
from bottles.points import Point
from bottles.vehicles import Vehicle

from . import words


@dataclass(frozen=True)
class Names:
    """What ids are called; an id nobody knows is shown as it is."""

    items: Mapping[str, str]
    points: Mapping[str, str]
    vehicles: Mapping[str, str]
    partners: Mapping[str, str]
    people: Mapping[int, str]

    def item(self, key: str | None) -> str:
        """Name a bottle type, a crate type, or bottles nobody has sorted."""
        return words.unsorted_bottles() if key == UNSORTED else self.items.get(key or "", key or "")

    def holder(self, key: str | None) -> str:
        """Name whoever or whatever may hold crates and bottles."""
        for known in (self.points, self.vehicles, self.partners):
            if key in known:
                return known[key or ""]
        return key or ""

    def place(self, where: Where, key: str) -> str:
        """Name the place a crate is in; empty when it is nowhere we know."""
        known = {Where.VAN: self.vehicles, Where.CUSTOMER: self.partners}.get(where, self.points)
        return known.get(key, key)

    def person(self, key: int | None) -> str:
        """Name a person."""
        return self.people.get(key or 0, "")


def read(session: Session) -> Names:
    """Read every name once; a territory has hundreds of them, not millions."""
    items = dict(session.exec(select(BottleType.id, BottleType.name)).all())
    items |= dict(session.exec(select(CrateType.id, CrateType.name)).all())
    points = {key: called(name, town) for key, name, town in session.exec(select(Point.id, Point.name, Point.town))}
    return Names(
        items=items,
        points=points,
        vehicles=dict(session.exec(select(Vehicle.id, Vehicle.name)).all()),
        partners=dict(session.exec(select(Partner.id, Partner.name)).all()),
        people={key or 0: name for key, name in session.exec(select(col(Person.id), Person.name))},
    )


def called(name: str, town: str) -> str:
    """Name a point with its town, unless the name says it."""
    return name if town.casefold() in name.casefold() else f"{name}, {town}"


def beside(partner: str, point: Point) -> str:
    """Say where, beside a partner's name: the town, and the point's name where it has one of its own."""
    return point.town if point.name == partner else called(point.name, point.town)
