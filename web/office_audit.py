"""Adding it all up: every question of the audit, how much it compared, and what differs."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types

from bottles import audit, seals
from bottles.db import reading
from bottles.people import Role

from .auth import allowed
from .current import engine
from .forms import finding

SEALED = {"event": _("Events"), "transfer": _("Movements"), "set_aside": _("What was set aside")}
"""What the sealed tables hold, in the reader's words."""

bp = Blueprint("office_audit", __name__, url_prefix="/office/audit")


@bp.get("")
@allowed(Role.COORDINATOR)
def home() -> ResponseReturnValue:
    """Show the page at once; its answer follows, because a long season takes a while."""
    return render_template("office/audit.html", checks=None)


@bp.get("/result")
@allowed(Role.COORDINATOR)
def result() -> ResponseReturnValue:
    """Ask every question; a page without scripts gets its answer whole."""
    with reading(engine()) as session:
        checks, heads = audit.audit(session), seals.heads(session)
    template = "office/_audit.html" if "HX-Request" in request.headers else "office/audit.html"
    return render_template(template, checks=checks, heads=heads, sealed=SEALED, finding=finding, at=g.now)
