"""The coordinator's orders: who waits for washed bottles, from which lots, ordering for a partner on the phone."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_gettext as _
from sqlmodel import Session, col, select

from bottles import batches, catalogue, orders
from bottles.batches import Lot
from bottles.db import find, reading, transaction
from bottles.errors import NotFound, say
from bottles.orders import MOST_BOTTLES, Order, OrderStatus
from bottles.people import Role

from . import asked, names, ordering, story, words
from .auth import allowed
from .current import engine
from .forms import Form
from .nav import Entry
from .office_pickups import choices
from .office_plan import today

bp = Blueprint("office_orders", __name__, url_prefix="/office/orders")
NAV = [Entry(_("Orders"), "office_orders.home", (Role.COORDINATOR,), 40, "bottle")]


@bp.get("")
@allowed(Role.COORDINATOR)
def home() -> ResponseReturnValue:
    """List orders; the filter is the address."""
    state, text = request.args.get("state", OrderStatus.PLACED.value), request.args.get("q", "")[:60]
    where = [Order.status == state] if state in set(OrderStatus) else []
    with reading(engine()) as session:
        rows = asked.matching(asked.orders(session, *where), text)
    rows = sorted(rows, key=lambda row: row.since) if state == OrderStatus.PLACED else rows
    return render_template("office/orders.html", rows=rows, state=state, text=text, words=words, today=today())


@bp.get("/<int:order_id>")
@allowed(Role.COORDINATOR)
def show(order_id: int) -> ResponseReturnValue:
    """Show one order: its lines, what is reserved for it, and what was brought."""
    with reading(engine()) as session:
        found = asked.orders(session, Order.id == order_id)
        if not found:
            raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
        task, lines = found[0].task, orders.lines(session, order_id)
        return render_template(
            "office/order.html",
            row=found[0],
            order=find(session, Order, order_id),
            lines=lines,
            reserved=_lots(session, {key.lot: n for key, n in orders.reserved(session, order_id).items()}),
            sent=orders.lots_sent(session, order_id),
            names=names.read(session),
            total=sum(line.quantity * line.price_cents for line in lines),
            may_cancel=found[0].status == OrderStatus.PLACED and not any(line.delivered for line in lines),
            stops=story.planned(session, task) if task else [],
            entries=story.of_task(session, task) if task else [],
            words=words,
        )


def _lots(session: Session, quantities: dict[int, int]) -> list[tuple[Lot, int]]:
    found = session.exec(select(Lot).where(col(Lot.id).in_(list(quantities))).order_by(col(Lot.use_by), col(Lot.id)))
    return [(lot, quantities[lot.id or 0]) for lot in found]


@bp.route("/new", methods=["GET", "POST"])
@allowed(Role.COORDINATOR)
def new() -> ResponseReturnValue:
    """Place an order for a partner on the phone; both names are kept."""
    form = Form(request.form)
    first, last = ordering.days()
    with reading(engine()) as session:
        places, types = choices(session), catalogue.bottle_types(session)
        ready = batches.released(session, first)
    if request.method == "POST":
        with form:
            point = form.choice("point", [key for key, _label in places])
            order = ordering.place(form, point, types)
            flash(gettext("The order is placed and its bottles are reserved."), "done")
            return redirect(url_for(".show", order_id=order.id), 303)
    return form.page(
        "office/order_new.html",
        places=places,
        point=request.args.get("point", ""),
        types=types,
        ready=ready,
        first=first,
        last=last,
        most=MOST_BOTTLES,
    )


@bp.post("/<int:order_id>/cancel")
@allowed(Role.COORDINATOR)
def cancel(order_id: int) -> ResponseReturnValue:
    """Take an order back for its partner; its bottles are free again."""
    with transaction(engine()) as session:
        order = find(session, Order, order_id)
        orders.cancel(session, order_id, order.partner, at=g.now)
    flash(gettext("The order is cancelled; its bottles are free again."), "done")
    return redirect(url_for(".show", order_id=order_id), 303)
