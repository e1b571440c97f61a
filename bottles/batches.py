"""The centre: receptions are sorted into batches, batches are washed in runs, runs give lots, lots are inspected and released.

What becomes of a bottle is also kept as edges, `LotEdge(parent, child, quantity)`: from the points to a reception, to a
batch, to a lot, to an order; so any lot can be followed both ways.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from . import ledger
from .catalogue import UNSORTED, accepted
from .db import Utc, choice, find
from .errors import Conflict, Invalid, say
from .events import Basis
from .ledger import AccountKind, Key, Posting


class LotStatus(StrEnum):
    """Where a lot stands."""

    WASHING = "washing"
    INSPECTION = "inspection"
    RELEASED = "released"
    HELD = "held"


class Measure(StrEnum):
    """What is read during a wash run; `UNITS` says in what."""

    BATH = "bath_celsius"
    CAUSTIC = "naoh_percent"
    CONTACT = "contact_minutes"
    RINSE = "rinse_ph"
    RESIDUE = "residue_ppm"
    WATER = "water_litres"
    ENERGY = "energy_kwh"


class Reception(SQLModel, table=True):
    """What one route brought to a centre. `bottles` follows the counts at reception; sorting draws on it."""

    route: int = Field(primary_key=True)
    centre: str = Field(foreign_key="point.id")
    vehicle: str
    bottles: int
    at: datetime = Field(sa_type=Utc)
    finished_at: datetime | None = Field(default=None, sa_type=Utc)


class Sorting(SQLModel, table=True):
    """One entry at the sorting table: so many of a type, or so many refused for a reason, out of one reception."""

    id: int | None = Field(default=None, primary_key=True)
    reception: int = Field(foreign_key="reception.route", index=True)
    type: str | None = Field(default=None, foreign_key="bottle_type.id")
    reason: str | None = Field(default=None, foreign_key="refusal_reason.id")
    quantity: int = Field(gt=0)
    person: int = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Utc)


class Batch(SQLModel, table=True):
    """Sorted bottles of one type out of one reception; `left` is what no wash run has taken yet."""

    id: int | None = Field(default=None, primary_key=True)
    centre: str = Field(foreign_key="point.id")
    type: str = Field(foreign_key="bottle_type.id", index=True)
    reception: int = Field(foreign_key="reception.route")
    quantity: int
    left: int
    made_at: datetime = Field(sa_type=Utc)

    __table_args__ = (sa.CheckConstraint('"left" >= 0', name="not_washed_twice"), sa.UniqueConstraint("reception", "type"))


class Recipe(SQLModel, table=True):
    """How to wash. `limits` maps a measure to its lowest and highest good value; null is no bound."""

    id: str = Field(primary_key=True, max_length=40)
    name: str
    limits: dict[str, list[float | None]] = Field(default_factory=dict, sa_type=sa.JSON)
    position: int = 0


class WashRun(SQLModel, table=True):
    """One machine cycle; it keeps a copy of the limits it is judged by."""

    __tablename__ = "wash_run"

    id: int | None = Field(default=None, primary_key=True)
    centre: str = Field(foreign_key="point.id")
    line: str
    recipe: str = Field(foreign_key="recipe.id")
    limits: dict[str, list[float | None]] = Field(sa_type=sa.JSON)
    readings: dict[str, float] = Field(default_factory=dict, sa_type=sa.JSON)
    operator: int = Field(foreign_key="person.id")
    started_at: datetime = Field(sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)


class Lot(SQLModel, table=True):
    """One bottle type out of one wash run."""

    id: int | None = Field(default=None, primary_key=True)
    run: int = Field(foreign_key="wash_run.id", index=True)
    centre: str = Field(foreign_key="point.id")
    type: str = Field(foreign_key="bottle_type.id", index=True)
    quantity: int
    status: LotStatus = Field(default=LotStatus.WASHING, sa_type=choice(LotStatus))
    accepted: int = 0
    rejected: dict[str, int] = Field(default_factory=dict, sa_type=sa.JSON)
    inspected_by: int | None = Field(default=None, foreign_key="person.id")
    inspected_at: datetime | None = Field(default=None, sa_type=Utc)
    use_by: date | None = Field(default=None, index=True)
    why_held: str = ""
    held_at: datetime | None = Field(default=None, sa_type=Utc)

    @property
    def code(self) -> str:
        """Return the name written on the pallet."""
        return f"L{self.id:05d}"


class LotEdge(SQLModel, table=True):
    """So many bottles of `parent` became part of `child`; nodes read "point:arbois-fruitiere", "batch:7", "lot:3"."""

    __tablename__ = "lot_edge"

    id: int | None = Field(default=None, primary_key=True)
    parent: str = Field(index=True, max_length=80)
    child: str = Field(index=True, max_length=80)
    quantity: int


def left_to_sort(session: Session, reception: Reception) -> int:
    """Return how many bottles of a reception nobody has sorted yet."""
    done = session.scalar(sa.select(sa.func.sum(Sorting.quantity)).where(col(Sorting.reception) == reception.route)) or 0
    return 0 if reception.finished_at else reception.bottles - done


def receptions_open(session: Session, centre: str) -> list[Reception]:
    """List the receptions that still wait to be sorted, oldest first."""
    query = (
        select(Reception).where(Reception.centre == centre, col(Reception.finished_at).is_(None)).order_by(col(Reception.at))
    )
    return list(session.exec(query))


def sort(
    session: Session,
    route: int,
    good: Mapping[str, int],
    refused: Mapping[str, int],
    person: int,
    *,
    finished: bool,
    at: datetime,
) -> list[Batch]:
    """Sort bottles of one reception: so many by type, so many refused by reason; `finished` writes off what is missing.

    Raises
    ------
    Invalid
        More than the reception holds, nothing at all, or a type that is not taken.
    """
    reception = find(session, Reception, route, lock=True)
    good, refused = ({key: n for key, n in counts.items() if n} for counts in (good, refused))
    total, left = sum(good.values()) + sum(refused.values()), left_to_sort(session, reception)
    if total > left:
        raise Invalid(
            say("Only %(left)d bottles are left to sort, not %(asked)d: count again, or correct the reception."),
            left=left,
            asked=total,
        )
    if not total and not finished:
        raise Invalid(say("Nothing was sorted: enter at least one quantity."))
    cause, received = f"sorting:{route}", Key(AccountKind.RECEIVED, reception.centre, UNSORTED)
    lines = [Sorting(reception=route, type=accepted(session, t).id, quantity=n, person=person, at=at) for t, n in good.items()]
    lines += [Sorting(reception=route, reason=reason, quantity=n, person=person, at=at) for reason, n in refused.items()]
    session.add_all(lines)
    flows = [Posting(received, Key(AccountKind.SORTED, reception.centre, t), n, cause, at) for t, n in good.items()]
    flows.append(Posting(received, Key(AccountKind.CULLET, reception.centre, UNSORTED), sum(refused.values()), cause, at))
    if finished:
        lost = Key(AccountKind.UNEXPLAINED, reception.centre, UNSORTED)
        flows.append(Posting(received, lost, left - total, cause, at, Basis.ASSUMED_FULL))
        reception.finished_at = at
    ledger.post(session, flows, known_at=at)
    return [_batch(session, reception, kind, n, at) for kind, n in good.items()]


def _batch(session: Session, reception: Reception, kind: str, quantity: int, at: datetime) -> Batch:
    query = select(Batch).where(Batch.reception == reception.route, Batch.type == kind)
    batch = session.exec(query).first() or Batch(
        centre=reception.centre, type=kind, reception=reception.route, quantity=0, left=0, made_at=at
    )
    batch.quantity, batch.left = batch.quantity + quantity, batch.left + quantity
    session.add(batch)
    session.flush()
    session.add(LotEdge(parent=f"reception:{reception.route}", child=f"batch:{batch.id}", quantity=quantity))
    return batch


def waiting(session: Session, centre: str) -> list[Batch]:
    """List the batches that wait to be washed, oldest first."""
    query = select(Batch).where(Batch.centre == centre, Batch.left > 0).order_by(col(Batch.id))
    return list(session.exec(query))


def start_wash(
    session: Session, centre: str, recipe_id: str, line: str, takes: Mapping[str, int], operator: int, *, at: datetime
) -> WashRun:
    """Start a machine cycle with so many bottles of each type, oldest batch first; each type becomes one lot.

    Raises
    ------
    OutOfStock
        Fewer sorted bottles of a type wait than asked for.
    """
    recipe = find(session, Recipe, recipe_id)
    takes = {kind: n for kind, n in takes.items() if n}
    if any(run.line == line for run in runs_open(session, centre)):
        raise Conflict(say("%(line)s is running already: end that wash first."), line=line)
    if not takes:
        raise Invalid(say("Nothing goes into this wash: enter at least one quantity."))
    run = WashRun(centre=centre, line=line, recipe=recipe.id, limits=recipe.limits, operator=operator, started_at=at)
    session.add(run)
    session.flush()
    for kind, quantity in sorted(takes.items()):
        lot = Lot(run=run.id or 0, centre=centre, type=kind, quantity=quantity)
        session.add(lot)
        session.flush()
        source, target = Key(AccountKind.SORTED, centre, kind), Key(AccountKind.WASHED, centre, kind, lot.id or 0)
        ledger.post(session, [Posting(source, target, quantity, f"wash:{run.id}", at)], known_at=at)
        _draw(session, lot, quantity)
    return run


def _draw(session: Session, lot: Lot, quantity: int) -> None:
    """Take a lot's bottles from the oldest batches; the ledger has already said that there are enough."""
    for batch in waiting(session, lot.centre):
        if batch.type == lot.type and quantity:
            taken = min(batch.left, quantity)
            batch.left -= taken
            quantity -= taken
            session.add(LotEdge(parent=f"batch:{batch.id}", child=f"lot:{lot.id}", quantity=taken))


def runs_open(session: Session, centre: str) -> list[WashRun]:
    """List the runs that have not ended."""
    return list(session.exec(select(WashRun).where(WashRun.centre == centre, col(WashRun.ended_at).is_(None))))


def lots_of(session: Session, run: int) -> list[Lot]:
    """List the lots of one run."""
    return list(session.exec(select(Lot).where(Lot.run == run).order_by(col(Lot.id))))


def finish_wash(session: Session, run_id: int, readings: Mapping[str, float], *, at: datetime) -> WashRun:
    """End a machine cycle with its readings; its lots wait for inspection, whatever the readings say.

    Raises
    ------
    Conflict
        The run has ended already.
    """
    run = find(session, WashRun, run_id, lock=True)
    if run.ended_at:
        raise Conflict(say("This wash has ended already; its readings stand."))
    run.readings, run.ended_at = dict(readings), at
    for lot in lots_of(session, run_id):
        lot.status = LotStatus.INSPECTION
    return run


def out_of_limits(run: WashRun) -> list[str]:
    """Return the measures that were not read, or lie outside the limits the run is judged by."""
    bad = []
    for measure, (low, high) in run.limits.items():
        value = run.readings.get(measure)
        if value is None or (low is not None and value < low) or (high is not None and value > high):
            bad.append(measure)
    return bad


def inspect(
    session: Session, lot_id: int, rejected: Mapping[str, int], person: int, *, use_within: timedelta, zone: str, at: datetime
) -> Lot:
    """Inspect a washed lot and release what is good, with its use-by date.

    Raises
    ------
    Conflict
        The wash was outside its limits, or the lot is not waiting for inspection.
    Invalid
        More rejected than there are.
    """
    lot = find(session, Lot, lot_id, lock=True)
    if lot.status not in (LotStatus.INSPECTION, LotStatus.HELD) or lot.inspected_at:
        raise Conflict(say("This lot was inspected already; nothing was changed."))
    bad = out_of_limits(find(session, WashRun, lot.run))
    if bad:
        raise Conflict(
            say("The wash was outside its limits (%(measures)s): hold the lot, or wash it again."), measures=", ".join(bad)
        )
    lost = sum(rejected.values())
    if lost > lot.quantity:
        raise Invalid(
            say("%(rejected)d rejected, but the lot holds %(quantity)d bottles."), rejected=lost, quantity=lot.quantity
        )
    lot.rejected, lot.accepted = {reason: n for reason, n in rejected.items() if n}, lot.quantity - lost
    lot.status, lot.why_held, lot.inspected_by, lot.inspected_at = LotStatus.RELEASED, "", person, at
    lot.use_by = (at + use_within).astimezone(ZoneInfo(zone)).date()
    washed, cause = Key(AccountKind.WASHED, lot.centre, lot.type, lot_id), f"inspection:{lot_id}"
    good, broken = Key(AccountKind.AVAILABLE, lot.centre, lot.type, lot_id), Key(AccountKind.CULLET, lot.centre, lot.type)
    ledger.post(
        session, [Posting(washed, good, lot.accepted, cause, at), Posting(washed, broken, lost, cause, at)], known_at=at
    )
    return lot


def hold(session: Session, lot_id: int, why: str, *, at: datetime) -> Lot:
    """Hold a lot: nobody can order from it until it is released."""
    lot = find(session, Lot, lot_id, lock=True)
    if lot.status is LotStatus.WASHING:
        raise Conflict(say("This lot is still in the machine: end the wash first."))
    if not lot.quantity:
        raise Conflict(say("These bottles were put back to be washed again: there is nothing left to hold."))
    if not why.strip():
        raise Invalid(say("Say why the lot is held, so that the next person knows."), field="why")
    lot.status, lot.why_held, lot.held_at = LotStatus.HELD, why.strip(), at
    return lot


def let_go(session: Session, lot_id: int) -> Lot:
    """Free a lot that was held after its release; what is left in it can be ordered again.

    Raises
    ------
    Conflict
        It is not held, or it was never inspected.
    """
    lot = find(session, Lot, lot_id, lock=True)
    if lot.status is not LotStatus.HELD or not lot.inspected_at or not lot.quantity:
        raise Conflict(say("Only a lot that was released and is held since can be freed; inspect the others first."))
    lot.status, lot.why_held, lot.held_at = LotStatus.RELEASED, "", None
    return lot


def rewash(session: Session, lot_id: int, *, at: datetime) -> None:
    """Put a held lot that was never released back among the sorted bottles, to be washed again."""
    lot = find(session, Lot, lot_id, lock=True)
    if lot.status is not LotStatus.HELD or lot.inspected_at:
        raise Conflict(say("Only a held lot that was never released can be washed again."))
    for edge in session.exec(select(LotEdge).where(LotEdge.child == f"lot:{lot_id}")).all():
        batch = find(session, Batch, int(edge.parent.removeprefix("batch:")))
        batch.left += edge.quantity
        session.delete(edge)
    source, target = Key(AccountKind.WASHED, lot.centre, lot.type, lot_id), Key(AccountKind.SORTED, lot.centre, lot.type)
    ledger.post(session, [Posting(source, target, lot.quantity, f"rewash:{lot_id}", at)], known_at=at)
    lot.quantity = 0
    lot.inspected_at = at


def to_inspect(session: Session, centre: str) -> list[Lot]:
    """List the lots that wait for inspection or are held, oldest first."""
    query = select(Lot).where(
        Lot.centre == centre, col(Lot.status).in_([LotStatus.INSPECTION, LotStatus.HELD]), Lot.quantity > 0
    )
    return list(session.exec(query.order_by(col(Lot.id))))


def released(session: Session, day: date) -> dict[str, int]:
    """Return how many washed bottles of each type can be ordered for a day: released, free, and good until then."""
    total: dict[str, int] = {}
    for lot, free in _sellable(session, day):
        total[lot.type] = total.get(lot.type, 0) + free
    return total


def oldest(session: Session, kind: str, day: date) -> list[tuple[Lot, int]]:
    """Return the lots of a type that can be sold for a day, oldest first, with what is free in each."""
    return _sellable(session, day, Lot.type == kind)


def _sellable(session: Session, day: date, *where: Any) -> list[tuple[Lot, int]]:
    account = ledger.ACCOUNT.c
    query = select(Lot, account.kind, account.quantity).join(ledger.ACCOUNT, col(Lot.id) == account.lot)
    query = query.where(account.lot != ledger.NONE, account.quantity > 0, *where)
    query = query.where(Lot.status == LotStatus.RELEASED, col(Lot.use_by) >= day).order_by(col(Lot.use_by), col(Lot.id))
    return [(lot, quantity) for lot, kind, quantity in session.exec(query) if kind is AccountKind.AVAILABLE]
