"""What does not add up and waits for a person.

A dispute that follows from events is kept in step with them: `keep` is told everything that is odd about one subject now,
opens what is new and marks what a later event explained. What a person settled stays settled.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .db import Utc, among, choice, find
from .errors import Conflict, say


class DisputeKind(StrEnum):
    """What sort of thing does not add up."""

    UNEXPECTED_MOVE = "unexpected_move"
    UNKNOWN_CRATE = "unknown_crate"
    NEGATIVE_BALANCE = "negative_balance"
    COUNT_BELOW_SCANS = "count_below_scans"
    RECEPTION_DIFFERENCE = "reception_difference"
    SHORT_STOCK = "short_stock"
    VOID_LABEL = "void_label"


class DisputeStatus(StrEnum):
    """Whether a dispute still waits for a person."""

    OPEN = "open"
    EXPLAINED = "explained"
    SETTLED = "settled"


SENTENCES = {
    DisputeKind.UNEXPECTED_MOVE: say("Crate %(crate)s was “%(move)s” while we believed it “%(state)s”."),
    DisputeKind.UNKNOWN_CRATE: say("Crate %(crate)s is not one of ours: it is parked until someone says whose it is."),
    DisputeKind.NEGATIVE_BALANCE: say("%(holder)s would hold %(quantity)d × %(item)s: more left than ever came."),
    DisputeKind.COUNT_BELOW_SCANS: say("%(counted)d × %(item)s counted, but %(scanned)d scanned at the same stop."),
    DisputeKind.RECEPTION_DIFFERENCE: say("%(received)d × %(item)s received, but the driver brought %(expected)d."),
    DisputeKind.SHORT_STOCK: say("%(delivered)d × %(item)s delivered, but only %(reserved)d were reserved for the order."),
    DisputeKind.VOID_LABEL: say("Crate %(crate)s was read by its old label %(label)s: take that one off, the new one counts."),
}


class Dispute(SQLModel, table=True):
    """One thing that does not add up. `subject` is what it is about ("crate:J000042R"); `key` names it once for all."""

    __table_args__ = (sa.Index("ix_dispute_subject_status", "subject", "status"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: DisputeKind = Field(sa_type=choice(DisputeKind))
    subject: str = Field(max_length=120)
    key: str = Field(unique=True, max_length=160)
    values: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    status: DisputeStatus = Field(default=DisputeStatus.OPEN, sa_type=choice(DisputeStatus))
    opened_at: datetime = Field(sa_type=Utc)
    closed_at: datetime | None = Field(default=None, sa_type=Utc)
    closed_by: int | None = Field(default=None, foreign_key="person.id")
    note: str = ""


@dataclass(frozen=True)
class Oddity:
    """Something that does not add up, before anyone wrote it down; `key` is its name within its subject."""

    kind: DisputeKind
    key: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def keep(session: Session, subjects: Mapping[str, list[Oddity]], *, at: datetime) -> None:
    """Bring the disputes about some subjects in step with everything that is odd about each of them now."""
    wanted = _keyed(subjects)
    for key, dispute in _tell(session, subjects, wanted, at).items():
        if key not in wanted and dispute.status is DisputeStatus.OPEN:
            dispute.status, dispute.closed_at = DisputeStatus.EXPLAINED, at


def add(session: Session, subjects: Mapping[str, list[Oddity]], *, at: datetime) -> None:
    """Open disputes about what is odd besides; what was known before stays as it is."""
    wanted = _keyed(subjects)
    _tell(session, {subject for subject, _ in wanted.values()}, wanted, at)


ABOUT = select(Dispute).where(among(col(Dispute.subject), "subjects"))
Wanted = Mapping[str, tuple[str, Oddity]]


def _keyed(subjects: Mapping[str, list[Oddity]]) -> Wanted:
    return {
        f"{oddity.kind}:{subject}:{oddity.key}": (subject, oddity)
        for subject, oddities in subjects.items()
        for oddity in oddities
    }


def _tell(session: Session, subjects: Collection[str], wanted: Wanted, at: datetime) -> dict[str, Dispute]:
    """Open what is wanted, anew where it had closed by itself, and return every dispute about the subjects."""
    known = {each.key: each for each in session.exec(ABOUT, params={"subjects": list(subjects)})} if subjects else {}
    for key, (subject, oddity) in wanted.items():
        dispute = known.get(key)
        if dispute is None:
            session.add(Dispute(kind=oddity.kind, subject=subject, key=key, values=dict(oddity.values), opened_at=at))
        elif dispute.status is not DisputeStatus.SETTLED or dispute.values != oddity.values:
            _reopen(dispute, oddity)
    return known


def _reopen(dispute: Dispute, oddity: Oddity) -> None:
    dispute.values = dict(oddity.values)
    dispute.status, dispute.closed_at, dispute.closed_by = DisputeStatus.OPEN, None, None


def open_ones(session: Session) -> list[Dispute]:
    """List what waits for a person, oldest first."""
    return list(session.exec(select(Dispute).where(Dispute.status == DisputeStatus.OPEN).order_by(col(Dispute.id))))


def settle(session: Session, dispute_id: int, note: str, person: int, *, at: datetime) -> Dispute:
    """Close a dispute with a person's word for it.

    Raises
    ------
    Conflict
        Somebody, or a later event, closed it meanwhile.
    """
    dispute = find(session, Dispute, dispute_id, lock=True)
    if dispute.status is not DisputeStatus.OPEN:
        raise Conflict(say("This was closed meanwhile; nothing was changed."))
    dispute.status, dispute.closed_at, dispute.closed_by, dispute.note = DisputeStatus.SETTLED, at, person, note
    return dispute
