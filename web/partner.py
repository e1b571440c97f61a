"""Where winemakers and shops begin: the next van, one button to ask again, orders, and the crates they hold."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_gettext as _
from sqlmodel import Session

from bottles import codes, points
from bottles.db import find, reading, transaction
from bottles.orders import Order
from bottles.people import Person, Role
from bottles.pickups import Pickup, PickupStatus

from . import asked, driver_words, holders, partner_day, partner_pickups, partner_stock
from .auth import allowed
from .current import engine, territory
from .language import local
from .nav import Entry

MINE = (Role.WINEMAKER, Role.SHOP)
bp = Blueprint("partner", __name__, url_prefix="/partner")
NAV = [Entry(_("Home"), "partner.home", MINE, 10, "home"), Entry(_("Crates"), "partner.crates", MINE, 40, "crate")]

LATEST = 3
"""Orders the first page shows."""


@bp.get("")
@allowed(*MINE)
def home() -> ResponseReturnValue:
    """Show the next van, the button that asks again, orders, and what came back."""
    with reading(engine()) as session:
        values = _home(session)
    return render_template("partner/home.html", **values)


def _home(session: Session) -> dict[str, Any]:
    today = local(g.now).date()
    open_pickups = asked.pickups(session, Pickup.partner == g.partner, Pickup.status == PickupStatus.OPEN)
    ordered = asked.orders(session, Order.partner == g.partner)
    standing = partner_day.standings(session, open_pickups, today)
    order_standing = partner_day.standings(session, ordered, today)
    both = [*((row, standing[row.id]) for row in open_pickups), *((row, order_standing[row.id]) for row in ordered)]
    return {
        "van": partner_day.next_van(session, both, g.now),
        "troubles": partner_day.troubles(session, both),
        "waiting": [row for row in open_pickups if standing[row.id].halt is None],
        "standing": standing,
        "usual": partner_pickups.usual(session, g.partner),
        "first": partner_stock.working_day(session, g.now),
        "orders": ordered[:LATEST],
        "order_standing": order_standing,
        "collected": partner_stock.collected(session, g.partner, g.now),
        "stocks": partner_stock.stocks(session, g.partner, g.now),
        "points": points.of_partner(session, g.partner),
        "today": today,
        "is_shop": g.person.role is Role.SHOP,
        "van_mail": find(session, Person, g.person.id).van_mail,
        "mail": territory().mail,
        "words": partner_day,
        "reasons": driver_words.REASONS,
    }


@bp.post("/van-mail")
@allowed(*MINE)
def van_mail() -> ResponseReturnValue:
    """Choose whether I get a mail when the van is near."""
    wanted = request.form.get("wanted") == "mail"
    with transaction(engine()) as session:
        find(session, Person, g.person.id).van_mail = wanted
    flash(gettext("You get a mail when the van is near.") if wanted else gettext("You get no mail."), "done")
    return redirect(url_for(".home", _anchor="van-mail"), 303)


@bp.get("/crates")
@allowed(*MINE)
def crates() -> ResponseReturnValue:
    """Show what I have of theirs and since when: counted by the ledger, and the crates with a label one by one."""
    with reading(engine()) as session:
        stocks = partner_stock.stocks(session, g.partner, g.now)
        lent = partner_stock.lent(session, g.partner, g.now)
    return render_template("partner/crates.html", stocks=stocks, lent=lent, by_eye=codes.by_eye, brackets=holders.brackets())
