"""Lists that people already keep, taken in whole or not at all: points with their partners, and pickups.

A list is read first, without the database (import_rows); then every row is compared with what is known, and only when
none is at fault they are written, in one savepoint. The same list a second time changes nothing. An empty cell leaves
what is known as it is.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bottles import pickups, points
from bottles.errors import Invalid, Refusal, say
from bottles.partners import Partner
from bottles.pickups import Crates, Pickup, PickupLine
from bottles.points import Point, PointKind

from . import seed
from .config import Config
from .import_rows import OWN_KIND, TWICE, PickupRow, PointRow, Reading, made_id, read_pickups, read_points
from .spreadsheet import Fault, fold, slug

__all__ = ["Fault", "Reading", "Report", "import_pickups", "import_points", "read_pickups", "read_points"]

MADE = "row-"
"""How a reference begins that was made of the row itself."""
CHUNK = 500
"""Rows asked for in one query: databases limit the values a query may carry."""


@dataclass
class Report:
    """What an import did, or would do: rows that were new, changed something, or said what is known already."""

    new: int = 0
    changed: int = 0
    same: int = 0
    faults: list[Fault] = field(default_factory=list)
    unused: tuple[str, ...] = ()
    """Columns of the file that nobody reads."""


class Change(NamedTuple):
    """What a row asks of the database, and how to write it."""

    line: int
    is_new: bool
    write: Callable[[], object]


def import_points(session: Session, data: bytes, config: Config, *, check: bool = False) -> Report:
    """Take in a list of points and their partners; with `check`, only say what it would do."""
    reading = read_points(data, config)
    return _import(session, reading, _Points(session, config).compare, check=check)


def import_pickups(session: Session, data: bytes, config: Config, person: int, *, at: datetime, check: bool = False) -> Report:
    """Take in a list of pickups, asked for by a coordinator in the partners' names; with `check`, only say what it would do."""
    reading = read_pickups(data, config)
    known = _Pickups(session, reading.rows, person, at)
    return _import(session, reading, known.compare, check=check)


def _import(session: Session, reading: Reading[Any], compare: Callable[[Any], Change | None], *, check: bool) -> Report:
    report = Report(faults=list(reading.faults), unused=reading.unused)
    todo = []
    for row in reading.rows:
        try:
            change = compare(row)
        except Refusal as refusal:
            report.faults.append(Fault(row.line, refusal))
            continue
        report.same += change is None
        todo += [change] if change else []
    report.new = sum(change.is_new for change in todo)
    report.changed = len(todo) - report.new
    if not report.faults and not check:
        report.faults = _write(session, todo)
    report.faults.sort(key=lambda fault: fault.line)
    return report


def _write(session: Session, todo: Iterable[Change]) -> list[Fault]:
    """Write every change, or none of them; return what a use case refused."""
    faults = []
    savepoint = session.begin_nested()
    for change in todo:
        try:
            change.write()
        except Refusal as refusal:
            faults.append(Fault(change.line, refusal))
    if faults:
        savepoint.rollback()
    else:
        savepoint.commit()
    return faults


class _Points:
    """What is known of points and partners, and what the rows add to it."""

    def __init__(self, session: Session, config: Config) -> None:
        self.session = session
        self.config = config
        self.points = {point.id: point for point in session.exec(select(Point))}
        self.places = {made_id(point.name, point.town): point.id for point in self.points.values()}
        self.partners = {partner.id: partner for partner in session.exec(select(Partner))}
        self.named = {slug(partner.name): partner.id for partner in self.partners.values()}
        self.guessed: dict[str, dict[str, Any]] = {}
        self.told: dict[str, dict[str, tuple[int, Any]]] = {}
        self.seen: dict[str, int] = {}

    def compare(self, row: PointRow) -> Change | None:
        """Return what a row changes, or None.

        Raises
        ------
        Invalid
            It speaks of a centre, contradicts another row, or leaves out what a new point needs.
        """
        made = made_id(row.point["name"], row.point["town"])
        point_id = row.id or self.places.get(made, made)
        known = self.points.get(point_id)
        first = self.seen.setdefault(point_id, row.line)
        if first != row.line:
            raise Invalid(TWICE, key=point_id, first=first)
        if known and known.kind is PointKind.CENTRE:
            raise Invalid(say("“%(id)s” is a centre: centres are described in config.toml."), id=point_id)
        partner = self._partner(row, known)
        given = {**row.point, "id": point_id, "partner": partner}
        values = given if known else {**self._defaults(row), **given}
        if values.get("public", known and known.public) and not values.get("hours", known and known.hours):
            raise Invalid(say("A public point needs its hours, because people are sent there; “24/7” when it is always open."))
        is_same = known and all(getattr(known, key) == value for key, value in values.items())
        if is_same and not self._tells_news(row, partner):
            return None
        return Change(row.line, known is None, lambda: self._save(values))

    def _defaults(self, row: PointRow) -> dict[str, Any]:
        """Return what a new point has where the list says nothing."""
        centre, planning = self.config.centres[0], self.config.planning
        public = row.point["kind"] is PointKind.DROPOFF
        # people would stand before a closed door: hours are only guessed for vans
        guessed = {} if row.point.get("public", public) else seed.centre(centre, "")["hours"]
        return {
            "public": public,
            "hours": guessed,
            "service_seconds": planning.service_seconds,
            "crate_seconds": planning.crate_seconds,
        }

    def _partner(self, row: PointRow, known: Point | None) -> str:
        """Return the partner a row is about, and keep what it tells of it.

        A new cellar or shop without a partner is its own; a new drop-off is the cooperative's.
        """
        name = row.partner.get("name")
        facts = {key: value for key, value in row.partner.items() if key != "name"}
        if not name and known:
            partner = known.partner
        elif not name and row.point["kind"] is PointKind.DROPOFF:
            if facts:
                raise Invalid(say("Say whose point this is: the row tells of a partner and does not name it."))
            return self.config.cooperative.id
        else:
            name = name or row.point["name"]
            partner = slug(name) if slug(name) in self.partners else self.named.get(slug(name), slug(name))
            if partner not in self.partners:
                self.guessed.setdefault(partner, {"name": name, "kind": OWN_KIND[row.point["kind"]]})
        self._hear(row.line, partner, facts)
        return partner

    def _hear(self, line: int, partner: str, facts: Mapping[str, Any]) -> None:
        told = self.told.setdefault(partner, {})
        for key, value in facts.items():
            first, said = told.setdefault(key, (line, value))
            if said != value:
                raise Invalid(
                    say("Line %(first)d gives “%(partner)s” “%(said)s”, this row “%(value)s”: which is right?"),
                    first=first,
                    partner=partner,
                    said=said,
                    value=value,
                )

    def _tells_news(self, row: PointRow, partner: str) -> bool:
        known = self.partners[partner]
        return any(getattr(known, key) != value for key, value in row.partner.items() if key != "name")

    def _save(self, values: Mapping[str, Any]) -> None:
        self._save_partners()
        points.save(self.session, values)

    def _save_partners(self) -> None:
        """Write what all rows told of partners, once, before the first point: the database checks what a point names."""
        for partner, told in self.told.items():
            facts = {key: value for key, (_, value) in told.items()}
            known = self.partners.get(partner) or Partner.model_validate({"id": partner, **self.guessed[partner], **facts})
            self.session.add(known.sqlmodel_update(facts))
        if self.told:
            self.told = {}
            self.session.flush()


class _Pickups:
    """What is known of points and of the pickups a list may name."""

    def __init__(self, session: Session, rows: list[PickupRow], person: int, at: datetime) -> None:
        self.session = session
        self.person = person
        self.at = at
        self.points = {point.id: point for point in session.exec(select(Point))}
        self.named: dict[str, list[Point]] = {}
        for point in self.points.values():
            self.named.setdefault(fold(point.name), []).append(point)
        self.known: dict[str, tuple[object, ...]] = {}
        self.seen: dict[str, int] = {}
        references = [row.reference for row in rows if row.reference]
        for start in range(0, len(references), CHUNK):
            self._learn(col(Pickup.reference).in_(references[start : start + CHUNK]))
        if len(references) < len(rows):
            self._learn(col(Pickup.reference).startswith(MADE))

    def _learn(self, which: ColumnElement[bool]) -> None:
        """Learn what some pickups ask for."""
        asked: dict[int, list[Crates]] = {}
        lines = select(PickupLine).join(Pickup, col(Pickup.id) == col(PickupLine.pickup)).where(which)
        for line in self.session.exec(lines):
            asked.setdefault(line.pickup, []).append(Crates(line.crate_type, line.take, line.leave))
        for pickup in self.session.exec(select(Pickup).where(which)):
            asks = (pickup.point, asked.get(pickup.id or 0), pickup.ready_from, pickup.wanted_by, pickup.note)
            self.known[pickup.reference or ""] = asks

    def compare(self, row: PickupRow) -> Change | None:
        """Return the pickup a row adds, or None when it is known.

        Raises
        ------
        Invalid
            The point is unknown, or the reference already stands for something else.
        """
        point = self._point(row.point)
        crates = [Crates(row.crate_type, row.take, row.leave)]
        asks = (point.id, crates, row.ready_from, row.wanted_by, row.note)
        reference = row.reference or f"{MADE}{hashlib.sha256(repr(asks).encode()).hexdigest()[:24]}"
        if not row.reference:
            self._check_twin(row, reference)
        if reference in self.known:
            if self.known[reference] != asks:
                raise Invalid(
                    say(
                        "“%(reference)s” was imported before and asked for something else: cancel that request, "
                        "and give this one a new reference."
                    ),
                    reference=reference,
                )
            return None
        return Change(row.line, True, lambda: self._request(point, row, crates, reference))

    def _check_twin(self, row: PickupRow, reference: str) -> None:
        first = self.seen.setdefault(reference, row.line)
        if first != row.line:
            raise Invalid(
                say("This row says the same as line %(first)d: if both are meant, give each a reference."), first=first
            )

    def _point(self, typed: str) -> Point:
        exact = self.points.get(typed) or self.points.get(slug(typed))
        found = [exact] if exact else self.named.get(fold(typed), [])
        if not found:
            raise Invalid(say("No point is called “%(point)s”: import the points first, or write its id."), point=typed)
        if len(found) > 1:
            ids = ", ".join(sorted(point.id for point in found))
            raise Invalid(say("Several points are called “%(point)s”: write the id of one, %(ids)s."), point=typed, ids=ids)
        if found[0].kind is PointKind.CENTRE:
            raise Invalid(say("“%(point)s” is a centre: nothing is collected there."), point=typed)
        return found[0]

    def _request(self, point: Point, row: PickupRow, crates: list[Crates], reference: str) -> None:
        pickups.request(
            self.session,
            point.partner,
            point.id,
            crates,
            self.person,
            ready_from=row.ready_from,
            wanted_by=row.wanted_by,
            note=row.note,
            reference=reference,
            at=self.at,
        )
