"""A partner's orders of washed bottles: what is ready for a day, ordering, what was delivered from which lots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_gettext as _

from bottles import batches, catalogue, orders, points
from bottles.catalogue import BottleType, CrateType
from bottles.db import find, reading, transaction
from bottles.orders import MOST_BOTTLES, Order, OrderStatus
from bottles.people import Role

from . import asked, driver_words, names, ordering, partner_day, story
from .auth import allowed
from .current import engine, territory
from .forms import Form
from .language import local
from .nav import Entry

MINE = (Role.WINEMAKER, Role.SHOP)
bp = Blueprint("partner_orders", __name__, url_prefix="/partner/orders")
NAV = [Entry(_("Orders"), "partner_orders.home", MINE, 30, "bottle")]


@bp.context_processor
def around() -> dict[str, object]:
    """Give the templates what they all say: today, how far things are, why a stop was missed."""
    return {"words": partner_day, "reasons": driver_words.REASONS, "today": local(g.now).date()}


LOOK = "look"
"""The button that only asks what is ready for the day typed, and what it comes to."""


@dataclass(frozen=True)
class Offer:
    """One bottle type in the order form: what it costs, how many are ready, how many are wished for."""

    type: BottleType
    ready: int
    wanted: int

    @property
    def cents(self) -> int:
        """Return what the bottles wished for come to."""
        return self.wanted * self.type.price_cents


@bp.get("")
@allowed(*MINE)
def home() -> ResponseReturnValue:
    """List my orders, newest first, with how far each is."""
    with reading(engine()) as session:
        rows = asked.orders(session, Order.partner == g.partner)
        standing = partner_day.standings(session, rows, local(g.now).date())
    return render_template("partner/orders.html", rows=rows, standing=standing)


@bp.get("/<int:order_id>")
@allowed(*MINE)
def show(order_id: int) -> ResponseReturnValue:
    """Show one order: its lines, how far it is, and the lots it was served from."""
    with reading(engine()) as session:
        order = orders.mine(session, order_id, g.partner)
        row, lines = asked.orders(session, Order.id == order_id)[0], orders.lines(session, order_id)
        standing = partner_day.standings(session, [row], local(g.now).date())[order_id]
        visits = partner_day.done_at(session, row.task) if row.task else []
        told = story.beside(session, row.task) if row.task else {}
        sent, called = orders.lots_sent(session, order_id), names.read(session)
        crates = {kind.id: kind for kind in catalogue.crate_types(session)}
    return render_template(
        "partner/order.html",
        row=row,
        order=order,
        lines=lines,
        crates=crates,
        at=standing,
        visits=visits,
        told=told,
        sent=sent,
        names=called,
        total=sum(line.quantity * line.price_cents for line in lines),
        may_cancel=order.status is OrderStatus.PLACED and not any(line.delivered for line in lines),
    )


@bp.route("/new", methods=["GET", "POST"])
@allowed(*MINE)
def new() -> ResponseReturnValue:
    """Order washed bottles for a day, knowing how many are ready for it."""
    form = Form(request.form)
    first, last = ordering.days()
    with reading(engine()) as session:
        mine, types = points.of_partner(session, g.partner), catalogue.bottle_types(session)
        crate = find(session, CrateType, territory().orders.crate)
    if request.method == "POST" and LOOK not in request.form:
        with form:
            # a point that is not offered is refused by the use case, as what does not exist
            point = form.text("point") if len(mine) != 1 else form.sent.get("point", mine[0].id)
            order = ordering.place(form, point, types, partner=g.partner)
            flash(gettext("Your order is placed and its bottles are reserved."), "done")
            return redirect(url_for(".show", order_id=order.id), 303)
    day = _day_typed(form, first, last)
    return form.page(
        "partner/order_new.html",
        points=[(point.id, names.called(point.name, point.town)) for point in mine],
        offers=_offers(form, types, day),
        crate=crate,
        day=day,
        first=first,
        last=last,
        most=MOST_BOTTLES,
        smallest=territory().orders.smallest_bottles,
    )


def _day_typed(form: Form, first: date, last: date) -> date:
    """Return the day typed if an order can be for it, else the first one; what is wrong with it is said when it is sent."""
    quiet = Form(form.sent)
    typed = quiet.optional_day("due")
    return typed if typed and first <= typed <= last else first


def _offers(form: Form, types: Sequence[BottleType], day: date) -> list[Offer]:
    quiet = Form(form.sent)
    with reading(engine()) as session:
        ready = batches.released(session, day)
    wanted = {kind.id: quiet.whole_number(f"quantity-{kind.id}", high=MOST_BOTTLES, default=0) for kind in types}
    return [Offer(kind, ready.get(kind.id, 0), wanted[kind.id]) for kind in types]


@bp.post("/<int:order_id>/cancel")
@allowed(*MINE)
def cancel(order_id: int) -> ResponseReturnValue:
    """Take an order of mine back; its bottles are free again."""
    with transaction(engine()) as session:
        orders.cancel(session, order_id, g.partner, at=g.now)
    flash(gettext("Your order is cancelled; its bottles are free again."), "done")
    return redirect(url_for(".show", order_id=order_id), 303)
