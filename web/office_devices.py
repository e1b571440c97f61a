"""Whose devices and programs hand in events, and what of it was set aside until somebody has looked at it."""

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_pgettext as pgettext
from sqlmodel import Session, col, select

from bottles import aside, intake, passes, photos, tokens
from bottles.aside import SetAside
from bottles.db import reading, transaction
from bottles.errors import Invalid
from bottles.events import Event, Receipt
from bottles.passes import PassState
from bottles.people import Person, Role
from bottles.vehicles import Vehicle

from . import names, story
from .auth import allowed
from .current import engine
from .forms import sentence
from .language import local

bp = Blueprint("office_devices", __name__, url_prefix="/office")

MOST = 100
"""Rows a list shows at most."""

SHOWN = 2000
"""Bytes of a body that are shown."""

NUMBER = re.compile(r"[0-9]{1,18}")

ROLES = {
    Role.WINEMAKER: pgettext("role", "winemaker"),
    Role.SHOP: pgettext("role", "shop"),
    Role.DRIVER: pgettext("role", "driver"),
    Role.WASHER: pgettext("role", "washer"),
    Role.COORDINATOR: pgettext("role", "coordinator"),
}
"""What each role is called."""


@bp.get("/devices")
@allowed(Role.COORDINATOR)
def home() -> ResponseReturnValue:
    """List who hands in events, and with what."""
    with reading(engine()) as session:
        rows = tokens.listed(session)
        # yesterday's too: they last into the morning
        codes = passes.listed(session, since=local(g.now).date() - timedelta(days=1))
        vehicles = {vehicle.id: vehicle.name for vehicle in session.exec(select(Vehicle))}
    standing = [row for row in rows if row[0].stands(g.now)]
    over = [row for row in rows if not row[0].stands(g.now)]
    codes = [row for row in codes if row[0].state(g.now) in (PassState.WAITING, PassState.USED)]
    lists: dict[str, Any] = {"standing": standing, "over": over[:MOST], "codes": codes, "vehicles": vehicles}
    return render_template("office/devices.html", **lists, roles=ROLES, now=g.now)


@bp.post("/devices/<int:token>/revoke")
@allowed(Role.COORDINATOR)
def revoke(token: int) -> ResponseReturnValue:
    """Shut a phone or a program out from now on."""
    with transaction(engine()) as session:
        tokens.revoke(session, token, g.person.id, at=g.now)
    flash(gettext("Shut out. What it still sends waits under “Set aside”."), "done")
    return redirect(url_for(".home"), 303)


class Lying(NamedTuple):
    """What was set aside, as the list shows it."""

    row: int
    event_id: str | None
    receipt: Receipt
    device: str
    role: Role | None
    received_at: datetime
    message: str
    values: dict[str, Any]
    is_barred: bool
    decided_at: datetime | None
    body: bytes
    bytes: int
    person: str | None
    is_kept: bool

    @property
    def says(self) -> str:
        """Return what was answered, in the reader's language."""
        return sentence(Invalid(self.message, **self.values))

    @property
    def text(self) -> str:
        """Return the beginning of the body, readable whatever it holds."""
        return self.body.decode(errors="replace").replace("\0", "\ufffd")


@bp.get("/quarantine")
@allowed(Role.COORDINATOR)
def quarantine() -> ResponseReturnValue:
    """List what was set aside, the newest first; the filter is the address."""
    is_decided = request.args.get("state") == "decided"
    with reading(engine()) as session:
        rows, called = _lying(session, is_decided=is_decided), names.read(session)
        pictured = photos.apart(session, [one.row for one in rows[:MOST]])
    told = {one.row: story.unkept(one.body, called) for one in rows[:MOST] if one.bytes <= SHOWN}
    values: dict[str, Any] = {"is_decided": is_decided, "roles": ROLES, "shown": SHOWN, "pictured": pictured}
    return render_template("office/quarantine.html", rows=rows[:MOST], told=told, more=len(rows) > MOST, **values)


def _lying(session: Session, *, is_decided: bool) -> list[Lying]:
    # only the beginning of a body: there may be megabytes of it
    body = sa.func.substr(col(SetAside.body), 1, SHOWN, type_=sa.LargeBinary())
    columns = [col(getattr(SetAside, name)) for name in Lying._fields[:10]]
    query = (
        sa.select(*columns, body, sa.func.length(col(SetAside.body)), col(Person.name), col(Event.id).is_not(None))
        .outerjoin(Person, col(Person.id) == col(SetAside.person))
        .outerjoin(Event, col(Event.id) == col(SetAside.event_id))
        .where(col(SetAside.decided_at).is_not(None) if is_decided else col(SetAside.decided_at).is_(None))
        .order_by(col(SetAside.row).desc())
        .limit(MOST + 1)
    )
    return [Lying._make(row) for row in session.connection().execute(query)]


@bp.post("/quarantine/<int:row>/let-in")
@allowed(Role.COORDINATOR)
def let_in(row: int) -> ResponseReturnValue:
    """Take what lies in quarantine for what its author did."""
    return _let_in([row])


@bp.post("/quarantine/let-in")
@allowed(Role.COORDINATOR)
def let_in_all() -> ResponseReturnValue:
    """Take all that the page named for what its author did."""
    return _let_in([int(row) for row in request.form.get("rows", "").split(",") if NUMBER.fullmatch(row)])


def _let_in(rows: list[int]) -> ResponseReturnValue:
    with transaction(engine()) as session:
        answers = intake.let_in(session, rows, g.person.id, at=g.now)
    refused = [sentence(answer.refusal) for answer in answers if answer.refusal]
    if len(answers) > len(refused):
        flash(gettext("Let in: it counts as if it had come in time."), "done")
    for why in dict.fromkeys(refused):
        flash(gettext("It could not be kept all the same: %(why)s", why=why), "problem")
    return redirect(url_for(".quarantine"), 303)


@bp.post("/quarantine/<int:row>/put-away")
@allowed(Role.COORDINATOR)
def put_away(row: int) -> ResponseReturnValue:
    """Say that somebody has seen to what lies in quarantine."""
    with transaction(engine()) as session:
        aside.decide(session, row, g.person.id, at=g.now)
    flash(gettext("Put away: it stays in the list of what was decided."), "done")
    return redirect(url_for(".quarantine"), 303)
