"""Adding it all up: ask for an audit, watch it, read what it found, and see which ones there were."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import audits, seals
from bottles.audit import Check
from bottles.audits import Audit
from bottles.db import find, reading, transaction
from bottles.people import Person, Role

from . import jobs
from .auth import allowed
from .current import engine
from .forms import finding

SEALED = {"event": _("Events"), "transfer": _("Movements"), "set_aside": _("What was set aside")}
"""What the sealed tables hold, in the reader's words."""

LISTED = 10
"""Audits that are listed."""

bp = Blueprint("office_audit", __name__, url_prefix="/office/audit")


@dataclass(frozen=True)
class Shown:
    """An audit as its page shows it; `seconds` is how long it took, or has taken so far."""

    audit: Audit
    checks: Sequence[Check]
    by: str
    seconds: float

    @classmethod
    def all_of(cls, session: Session, asked: Sequence[Audit]) -> list[Self]:
        """Read some audits with the names of who asked for them."""
        who = select(Person.id, Person.name).where(col(Person.id).in_({audit.asked_by for audit in asked}))
        names = dict(session.exec(who).all())
        return [cls(audit, audits.read(audit), names.get(audit.asked_by, ""), _seconds(audit)) for audit in asked]

    @property
    def answered(self) -> int:
        """Count the questions that were answered whole."""
        return sum(check.is_done for check in self.checks)

    @property
    def is_whole(self) -> bool:
        """Say whether every question was answered."""
        return self.answered == self.audit.questions

    @property
    def wrong(self) -> list[Check]:
        """Give the questions that found something wrong."""
        return [check for check in self.checks if check.differing]

    @property
    def differing(self) -> int:
        """Count what differs."""
        return sum(check.differing for check in self.checks)

    @property
    def looked(self) -> int:
        """Count what was looked at."""
        return sum(check.looked for check in self.checks)


def _seconds(audit: Audit) -> float:
    until = g.now if audit.is_under_way else audit.seen_at
    return max(0.0, (until - audit.started_at).total_seconds()) if audit.started_at and until else 0.0


@bp.get("")
@allowed(Role.COORDINATOR)
def home() -> ResponseReturnValue:
    """Show the audit under way, or what the last one found."""
    return _page()


@bp.get("/<int:audit_id>")
@allowed(Role.COORDINATOR)
def show(audit_id: int) -> ResponseReturnValue:
    """Show what an audit found."""
    return _page(audit_id)


def _page(audit_id: int | None = None) -> ResponseReturnValue:
    with reading(engine()) as session:
        past = Shown.all_of(session, audits.recent(session, LISTED))
        chosen = Shown.all_of(session, [find(session, Audit, audit_id)]) if audit_id else past
        return render_template(
            "office/audit.html",
            shown=chosen[0] if chosen else None,
            past=[one for one in past if not one.audit.is_under_way],
            is_under_way=bool(past) and past[0].audit.is_under_way,
            took=_took(past),
            heads=seals.heads(session),
            sealed=SEALED,
            finding=finding,
        )


def _took(past: Sequence[Shown]) -> float:
    """Return how long the last whole audit took."""
    return next((one.seconds for one in past if one.is_whole), 0.0)


@bp.post("")
@allowed(Role.COORDINATOR)
def ask() -> ResponseReturnValue:
    """Ask for an audit; while one is under way, everybody watches that one."""
    with transaction(engine()) as session:
        audit, is_new = audits.ask(session, person=g.person.id, at=g.now)
    if is_new:
        # only once the row is kept: the worker would not find it before
        jobs.wake(audit.id or 0, Audit)
    return redirect(url_for(".home"), 303)


@bp.get("/<int:audit_id>/progress")
@allowed(Role.COORDINATOR)
def progress(audit_id: int) -> ResponseReturnValue:
    """Tell how far an audit is, for the page that waits for it."""
    with reading(engine()) as session:
        (shown,) = Shown.all_of(session, [find(session, Audit, audit_id)])
        if shown.audit.is_under_way:
            took = _took(Shown.all_of(session, audits.recent(session, LISTED)))
            return render_template("office/_audit_running.html", shown=shown, took=took, finding=finding)
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": url_for(".show", audit_id=audit_id)})
    return redirect(url_for(".show", audit_id=audit_id), 303)


@bp.post("/<int:audit_id>/stop")
@allowed(Role.COORDINATOR)
def stop(audit_id: int) -> ResponseReturnValue:
    """Stop an audit: what it found so far is kept."""
    with transaction(engine()) as session:
        audits.stop(session, audit_id, at=g.now)
    return redirect(url_for(".show", audit_id=audit_id), 303)
