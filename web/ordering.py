"""Placing an order from a form: the partner's own page and the coordinator's, for a partner on the phone, do the same."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import g

from bottles import orders
from bottles.catalogue import BottleType
from bottles.db import find, transaction
from bottles.errors import say
from bottles.orders import MOST_BOTTLES, Order
from bottles.points import Point

from .current import engine, territory
from .forms import Form
from .language import local


def days() -> tuple[date, date]:
    """Return the first and the last day that can be ordered for."""
    today, limits = local(g.now).date(), territory().orders
    return today + timedelta(days=limits.lead_days), today + timedelta(days=limits.horizon_days)


def place(form: Form, point: str, types: Sequence[BottleType], partner: str = "") -> Order:
    """Read an order for a point and place it, for `partner` or for whoever the point belongs to."""
    first, last = days()
    due = form.day("due", first=first, last=last)
    wanted = read_bottles(form, types)
    note = form.text("note", required=False, longest=500)
    form.check()
    crate = territory().orders.crate
    with transaction(engine()) as session:
        partner = partner or find(session, Point, point).partner
        return orders.place(session, partner, point, wanted, g.person.id, due=due, crate_type=crate, note=note, at=g.now)


def read_bottles(form: Form, types: Sequence[BottleType]) -> dict[str, int]:
    """Read how many bottles of each type are wished for; fewer than the territory delivers are refused beside the field."""
    wanted = {kind.id: form.whole_number(f"quantity-{kind.id}", high=MOST_BOTTLES, default=0) for kind in types}
    least = territory().orders.smallest_bottles
    for kind, quantity in wanted.items():
        if 0 < quantity < least:
            form.refuse(f"quantity-{kind}", say("Order at least %(least)d bottles of a type."), least=least)
    return wanted
