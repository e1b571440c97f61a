"""Audits that were asked for: how far each has come, and what it found; two people do not ask for the same one twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from .audit import QUESTIONS, Check
from .db import find, one_by_one
from .errands import Errand, ErrandStatus
from .errors import Fault

KEPT = 100
"""Faults of a question that are kept by name at most; all are counted, and `bouteilles audit` names a thousand."""


class Audit(Errand, table=True):
    """An audit asked for. `checks` has the questions that it came to, the last of them perhaps not answered whole."""

    questions: int
    """How many there were to ask."""
    checks: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)


def ask(session: Session, *, person: int | None = None, at: datetime) -> tuple[Audit, bool]:
    """Ask for an audit; while one is under way that one is meant. Say whether it is a new one."""
    one_by_one(session, "audits")
    last = next(iter(recent(session, 1)), None)
    if last and last.is_under_way:
        return last, False
    fresh = Audit(asked_by=person, asked_at=at, questions=len(QUESTIONS))
    session.add(fresh)
    session.flush()
    return fresh, True


def stop(session: Session, audit_id: int, *, at: datetime) -> Audit:
    """Ask an audit to stop; one that nobody has begun has ended with that."""
    audit = find(session, Audit, audit_id, lock=True)
    audit.stop_asked = True
    if audit.status is ErrandStatus.WAITING:
        audit.status, audit.seen_at = ErrandStatus.DONE, at
    return audit


def recent(session: Session, most: int) -> list[Audit]:
    """List the last audits, newest first."""
    return list(session.exec(select(Audit).order_by(col(Audit.id).desc()).limit(most)))


def told(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Write checks as a row keeps them: a fault as its message id and values, so that each reader has it in their language."""
    return [{**vars(check), "faults": [_told(fault) for fault in check.faults[:KEPT]]} for check in checks]


def _told(fault: str) -> str | dict[str, Any]:
    return {"message": fault.message, "values": fault.values} if isinstance(fault, Fault) else fault


def read(audit: Audit) -> list[Check]:
    """Read the checks that a row keeps."""
    return [Check(**{**check, "faults": [_read(fault) for fault in check["faults"]]}) for check in audit.checks]


def _read(fault: str | Mapping[str, Any]) -> str:
    return fault if isinstance(fault, str) else Fault(fault["message"], **fault["values"])
