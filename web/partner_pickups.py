"""A partner's pickups: asking with one tap or with the form, how far each is, what was collected, taking one back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_gettext as _
from sqlmodel import Session, select

from bottles import catalogue, pickups, points
from bottles.catalogue import CrateType
from bottles.db import find, reading, transaction
from bottles.errors import NotFound, say
from bottles.partners import Partner
from bottles.people import Role
from bottles.pickups import MOST_CRATES, Crates, Pickup
from bottles.points import Point

from . import asked, driver_words, names, partner_day, partner_stock, story, under_way
from .auth import allowed
from .current import engine, local_path, territory
from .forms import Form
from .language import local, zone
from .nav import Entry
from .planned import Amount, amounts

MINE = (Role.WINEMAKER, Role.SHOP)
bp = Blueprint("partner_pickups", __name__, url_prefix="/partner/pickups")
NAV = [Entry(_("Pickups"), "partner_pickups.home", MINE, 20, "van")]


@bp.context_processor
def around() -> dict[str, object]:
    """Give the templates what they all say: today, how far things are, why a stop was missed."""
    return {"words": partner_day, "reasons": driver_words.REASONS, "today": local(g.now).date()}


AHEAD = timedelta(days=365)
"""How far ahead a pickup may be asked for."""


@dataclass(frozen=True)
class Usual:
    """What one tap asks for: as last time, or as many crates as stand there; `last` is the request it repeats."""

    point: Point
    crates: Sequence[Crates]
    take: Sequence[Amount]
    leave: Sequence[Amount]
    last: int = 0
    note: str = ""


def usual(session: Session, partner: str, point: str | None = None) -> Usual | None:
    """Return what one tap asks for at a point of mine, or where was asked last; None when there is nothing to go by."""
    mine = {place.id: place for place in points.of_partner(session, partner)}
    last = _last(session, partner, point)
    where = mine.get(last.point if last else point or next(iter(mine), ""))
    if where is None:
        return None
    if last:
        crates = [Crates(line.crate_type, line.take, line.leave) for line in pickups.lines(session, last.id or 0)]
    else:
        standing = min(partner_stock.on_hand(session, where.id, territory().pickups.crate), MOST_CRATES)
        crates = [Crates(territory().pickups.crate, standing, standing)] if standing else []
    if not crates:
        return None
    called = partner_day.item_names(session)
    take = amounts({crate.crate_type: crate.take for crate in crates}, "crate", called)
    leave = amounts({crate.crate_type: crate.leave for crate in crates}, "empty", called)
    return Usual(where, crates, take, leave, last.id or 0 if last else 0, last.note if last else "")


def _last(session: Session, partner: str, point: str | None) -> Pickup | None:
    if point is None:
        return pickups.last(session, partner)
    kept = (row for row in pickups.of_partner(session, partner) if row.status is not pickups.PickupStatus.CANCELLED)
    return next((row for row in kept if row.point == point), None)


@bp.get("")
@allowed(*MINE)
def home() -> ResponseReturnValue:
    """List my requests, newest first, with how far each is."""
    with reading(engine()) as session:
        rows = asked.pickups(session, Pickup.partner == g.partner)
        standing = partner_day.standings(session, rows, local(g.now).date())
        several = len(points.of_partner(session, g.partner)) > 1
    return render_template("partner/pickups.html", rows=rows, standing=standing, several=several)


@bp.get("/<int:pickup_id>")
@allowed(*MINE)
def show(pickup_id: int) -> ResponseReturnValue:
    """Show one request: how far it is, and what each visit took and left."""
    with reading(engine()) as session:
        pickup = pickups.mine(session, pickup_id, g.partner)
        row = asked.pickups(session, Pickup.id == pickup_id)[0]
        standing = partner_day.standings(session, [row], local(g.now).date())[pickup_id]
        visits = partner_day.done_at(session, row.task) if row.task else []
        told = story.beside(session, row.task) if row.task else {}
        called = names.read(session)
        calls = under_way.calls_at(session, row.point.id, _morning(pickup.made_at), pickup.closed_at or g.now)
    return render_template(
        "partner/pickup.html",
        calls=calls,
        row=row,
        pickup=pickup,
        at=standing,
        visits=visits,
        told=told,
        names=called,
    )


def _morning(at: datetime) -> datetime:
    """Return when the day of a moment began: who asks at noon is told that a van was there at ten."""
    return datetime.combine(local(at).date(), time(), zone())


@bp.route("/new", methods=["GET", "POST"])
@allowed(*MINE)
def new() -> ResponseReturnValue:
    """Ask for a pickup at one of my points; the form begins with what was asked for last."""
    form = Form(request.form)
    with reading(engine()) as session:
        mine, types = points.of_partner(session, g.partner), _types(session)
        first = partner_stock.working_day(session, g.now)
        like = _like(session)
    if request.method == "POST":
        with form:
            pickup = _ask(form, mine, types)
            _say_asked(pickup)
            return redirect(url_for("partner.home"), 303)
    return form.page(
        "partner/pickup_new.html",
        points=[(point.id, names.called(point.name, point.town)) for point in mine],
        point=like.point.id if like else request.args.get("point", ""),
        types=types,
        like={crate.crate_type: crate for crate in like.crates} if like else {},
        first=first,
        most=MOST_CRATES,
    )


def _types(session: Session) -> list[CrateType]:
    """List the crate types, the usual one first."""
    usual_one = territory().pickups.crate
    return sorted(catalogue.crate_types(session), key=lambda kind: kind.id != usual_one)


def _like(session: Session) -> Usual | None:
    """Return what the form begins with: an earlier request of mine that the address names, else the last one."""
    earlier = request.args.get("like", type=int)
    if earlier is None:
        return usual(session, g.partner, request.args.get("point"))
    pickup = pickups.mine(session, earlier, g.partner)
    lines = [Crates(line.crate_type, line.take, line.leave) for line in pickups.lines(session, earlier)]
    return Usual(find(session, Point, pickup.point), lines, [], [], earlier, pickup.note)


def _ask(form: Form, mine: Sequence[Point], types: Iterable[CrateType]) -> Pickup:
    today = local(g.now).date()
    # a point that is not offered is refused by the use case, as what does not exist
    point = form.text("point") if len(mine) != 1 else form.sent.get("point", mine[0].id)
    crates = [_crates(form, kind.id) for kind in types]
    ready = form.day("ready_from", first=today, last=today + AHEAD)
    wanted = form.optional_day("wanted_by")
    note = form.text("note", required=False, longest=500)
    form.check()
    with transaction(engine()) as session:
        return pickups.request(
            session, g.partner, point, crates, g.person.id, ready_from=ready, wanted_by=wanted, note=note, at=g.now
        )


def _crates(form: Form, kind: str) -> Crates:
    # the usual crate's fields are plainly "take" and "leave": what the use case refuses then stands beside them
    tail = "" if kind == territory().pickups.crate else f"-{kind}"
    take = form.whole_number(f"take{tail}", high=MOST_CRATES, default=0)
    return Crates(kind, take, form.whole_number(f"leave{tail}", high=MOST_CRATES, default=0))


@bp.post("/again")
@allowed(*MINE)
def again() -> ResponseReturnValue:
    """Ask with one tap for what was shown; a second tap on the same page asks for nothing more."""
    shown = request.form.get("last", 0, type=int)
    with transaction(engine()) as session:
        # one at a time for each partner: two taps at once must not both find the same last request
        session.exec(select(Partner).where(Partner.id == g.partner).with_for_update()).one()
        wish = usual(session, g.partner, request.form.get("point", ""))
        if wish is None:
            raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
        pickup = _repeat(session, wish) if wish.last == shown else None
    if pickup:
        _say_asked(pickup)
    else:
        flash(gettext("This is asked for already; nothing was asked for twice."), "info")
    return redirect(url_for("partner.home"), 303)


def _repeat(session: Session, wish: Usual) -> Pickup:
    ready = partner_stock.working_day(session, g.now)
    if wish.last:
        return pickups.repeat(session, wish.last, g.partner, g.person.id, ready_from=ready, at=g.now)
    return pickups.request(session, g.partner, wish.point.id, wish.crates, g.person.id, ready_from=ready, at=g.now)


def _say_asked(pickup: Pickup) -> None:
    said: Any = {"text": gettext("Asked for. You will see here when the van comes.")}
    undo = {"undo_url": url_for("partner_pickups.cancel", pickup_id=pickup.id), "fields": {"next": url_for("partner.home")}}
    flash(said | undo, "done")


@bp.post("/<int:pickup_id>/cancel")
@allowed(*MINE)
def cancel(pickup_id: int) -> ResponseReturnValue:
    """Take a request of mine back."""
    with transaction(engine()) as session:
        pickups.cancel(session, pickup_id, g.partner, at=g.now)
    flash(gettext("The request is taken back; no van comes for it."), "done")
    return redirect(local_path(request.form.get("next"), url_for(".show", pickup_id=pickup_id)), 303)
