"""The coordinator's pickups: who asks for what, asking for a partner on the phone, taking a request back."""

from datetime import timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_gettext as _
from sqlmodel import Session, select

from bottles import catalogue, pickups
from bottles.db import find, reading, transaction
from bottles.errors import NotFound, say
from bottles.partners import Partner
from bottles.people import Role
from bottles.pickups import MOST_CRATES, Pickup, PickupStatus
from bottles.points import Point, PointKind

from . import asked, matches, story, words
from .auth import allowed
from .current import engine, territory
from .forms import Form
from .names import called
from .nav import Entry
from .office_plan import today

bp = Blueprint("office_pickups", __name__, url_prefix="/office/pickups")
NAV = [Entry(_("Pickups"), "office_pickups.home", (Role.COORDINATOR,), 30, "crate")]


@bp.get("")
@allowed(Role.COORDINATOR)
def home() -> ResponseReturnValue:
    """List requests; the filter is the address."""
    state, text = request.args.get("state", PickupStatus.OPEN.value), request.args.get("q", "")[:60]
    where = [Pickup.status == state] if state in set(PickupStatus) else []
    with reading(engine()) as session:
        rows = asked.matching(asked.pickups(session, *where), text)
        stops = story.standing(session, [row.task for row in rows if row.task], today())
    return render_template("office/pickups.html", rows=rows, stops=stops, state=state, text=text, words=words, today=today())


@bp.get("/<int:pickup_id>")
@allowed(Role.COORDINATOR)
def show(pickup_id: int) -> ResponseReturnValue:
    """Show one request, where it is planned, and what was done."""
    with reading(engine()) as session:
        rows = asked.pickups(session, Pickup.id == pickup_id)
        if not rows:
            raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
        task = rows[0].task
        stops = story.planned(session, task) if task else []
        entries = story.of_task(session, task) if task else []
        found = matches.of_task(session, task, g.now) if task else []
        pickup = find(session, Pickup, pickup_id)
    return render_template(
        "office/pickup.html", row=rows[0], found=found, pickup=pickup, stops=stops, entries=entries, words=words, today=today()
    )


@bp.route("/new", methods=["GET", "POST"])
@allowed(Role.COORDINATOR)
def new() -> ResponseReturnValue:
    """Ask for a pickup for a partner on the phone; both names are kept."""
    form = Form(request.form)
    with reading(engine()) as session:
        places, crate_types = choices(session), catalogue.crate_types(session)
    if request.method == "POST":
        with form:
            pickup = _ask(form, {key for key, _label in places}, [kind.id for kind in crate_types])
            flash(gettext("The pickup is asked for, in your name and theirs."), "done")
            return redirect(url_for(".show", pickup_id=pickup.id), 303)
    return form.page(
        "office/pickup_new.html",
        places=places,
        point=request.args.get("point", ""),
        crate_types=[(kind.id, kind.name) for kind in crate_types],
        crate=territory().pickups.crate,
        first=today(),
        most=MOST_CRATES,
    )


def _ask(form: Form, places: set[str], crate_types: list[str]) -> Pickup:
    point = form.choice("point", places)
    crate = form.choice("crate_type", crate_types)
    take = form.whole_number("take", high=MOST_CRATES, default=0)
    leave = form.whole_number("leave", high=MOST_CRATES, default=0)
    ready = form.day("ready_from", first=today(), last=today() + timedelta(days=365))
    wanted = form.optional_day("wanted_by")
    note = form.text("note", required=False, longest=500)
    form.check()
    with transaction(engine()) as session:
        partner = find(session, Point, point).partner
        wants = [pickups.Crates(crate, take, leave)]
        return pickups.request(
            session, partner, point, wants, g.person.id, ready_from=ready, wanted_by=wanted, note=note, at=g.now
        )


@bp.post("/<int:pickup_id>/cancel")
@allowed(Role.COORDINATOR)
def cancel(pickup_id: int) -> ResponseReturnValue:
    """Take a request back for its partner."""
    with transaction(engine()) as session:
        pickup = find(session, Pickup, pickup_id)
        pickups.cancel(session, pickup_id, pickup.partner, at=g.now)
    flash(gettext("The request is cancelled."), "done")
    return redirect(url_for(".show", pickup_id=pickup_id), 303)


def choices(session: Session) -> list[tuple[str, str]]:
    """List the points something can be asked for at: their partner's name first, as people on the phone say it."""
    query = (
        select(Point.id, Point.name, Point.town, Partner.name)
        .join(Partner)
        .where(Point.kind != PointKind.CENTRE)
        .order_by(Partner.name, Point.name)
    )
    found = []
    for key, name, town, partner in session.exec(query):
        place = called(name, town)
        found.append((key, place if partner in place else f"{partner} – {place}"))
    return found
