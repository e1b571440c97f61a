"""Who has how many crates and bottles, since when, at any past time and as known at any past time; stocktakes."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session

from bottles import codes, crates, holdings, stocktakes
from bottles.crates import Where
from bottles.db import reading, transaction
from bottles.errors import NotFound, say
from bottles.holdings import Held
from bottles.ledger import ACCOUNT, AccountKind, Key
from bottles.people import Role

from . import csv_out, holders, names, statement, words
from .auth import allowed
from .current import engine
from .forms import Form, draw
from .holders import GROUPS, Filter
from .names import Names

bp = Blueprint("office_balances", __name__, url_prefix="/office/balances")
bp.context_processor(holders.around)

FEW, MOST = 12, 200
"""Rows of each group that the page shows, beside others and alone; the filter finds the rest, and the file has all."""

FIELDS = ("q", "group", "item", "as_of", "known_at")
"""What the filter asks for."""

MOST_COUNTED = 100_000
"""More than this in one count is a slip of the finger."""


@bp.context_processor
def around() -> dict[str, object]:
    """Give the templates how codes and moments are written."""
    return {"by_eye": codes.by_eye, "in_field": holders.in_field}


@bp.get("")
@allowed(Role.COORDINATOR)
def home() -> ResponseReturnValue:
    """Show who has what; the filter is the address."""
    form = Form(request.args)
    groups: list[holders.Group] = []
    with reading(engine()) as session:
        offered = holders.items(session)
        with form:
            wanted = holders.asked(form, [key for key, _name in offered])
            form.check()
            most = MOST if wanted.group else FEW
            groups = holders.groups(session, wanted, names.read(session), most=most, now=g.now)
    chosen = [(key, label) for key, (label, _kinds) in GROUPS.items()]
    asked = {name: form.sent[name] for name in FIELDS if form.sent.get(name)}
    return form.page("office/balances.html", groups=groups, items=offered, chosen=chosen, asked=asked)


@bp.get("/balances.csv")
@allowed(Role.COORDINATOR)
def table() -> ResponseReturnValue:
    """Give what the page shows as a file, every row of it."""
    form = Form(request.args)
    with reading(engine()) as session:
        called = names.read(session)
        wanted = holders.asked(form, [key for key, _name in holders.items(session)])
        if form.errors:
            # the page says what is wrong with the filter, and keeps it
            values: dict[str, Any] = {name: form.sent.get(name, "") for name in FIELDS}
            return redirect(url_for(".home", **values), 303)
        held = holdings.quantities(session, kinds=wanted.kinds, item=wanted.item or None, when=wanted.when)
        found = set(holders.matching(held, wanted.text, called))
        rows = holders.aged(session, found, wanted, called, is_deep=True, now=g.now)
    columns = [
        gettext("Group"), gettext("Holder"), gettext("Name"), gettext("State"), gettext("Item"), gettext("Type"),
        gettext("Quantity"), *holders.brackets(), gettext("Oldest since"),
    ]  # fmt: skip
    return csv_out.answer("balances", columns, [_cells(row) for row in rows])


def _cells(row: holders.Row) -> list[csv_out.Cell]:
    held = row.held
    state = str(words.ACCOUNTS[held.kind])
    return [
        str(GROUPS[row.group][0]),
        held.holder,
        row.name,
        state,
        held.item,
        row.item,
        held.quantity,
        *held.ages,
        held.oldest,
    ]


@bp.get("/<any(points, vans, partners, centre, unexplained):group>/<holder>")
@allowed(Role.COORDINATOR)
def show(group: str, holder: str) -> ResponseReturnValue:
    """Show what one holder has, and its movements."""
    return _page(group, holder, Form({}))


@bp.post("/<any(points, vans, partners, centre, unexplained):group>/<holder>")
@allowed(Role.COORDINATOR)
def count(group: str, holder: str) -> ResponseReturnValue:
    """Keep what somebody counted there, and post what differs from the books."""
    form = Form(request.form)
    with form:
        with reading(engine()) as session:
            offered = _countable(session, group, _known(session, group, holder, names.read(session)))
        what = form.choice("what", [key for key, _name in offered])
        counted = form.whole_number("counted", high=MOST_COUNTED)
        when, note = holders.moment(form, "counted_at"), form.text("note", required=False, longest=500)
        form.check()
        kind, _colon, item = what.partition(":")
        key, opening = Key(AccountKind(kind), holder, item), form.ticked("opening")
        with transaction(engine()) as session:
            stocktakes.take_stock(session, key, counted, g.person.id, opening=opening, note=note, counted_at=when, at=g.now)
        flash(gettext("Counted, and kept with your name."), "done")
        return redirect(url_for(".show", group=group, holder=holder, of=what), 303)
    return _page(group, holder, form)


def _page(group: str, holder: str, counting: Form) -> ResponseReturnValue:
    form = Form(request.args)
    values: dict[str, Any] = {"rows": [], "lines": [], "more": False, "what": "", "options": []}
    page = max(0, request.args.get("page", 0, type=int))
    with reading(engine()) as session:
        called = names.read(session)
        known = _known(session, group, holder, called)
        with form:
            wanted = Filter(group=group, when=holders.times(form))
            form.check()
            values |= _statement(session, known, wanted, called, min(page, 10_000))
        taken = [one for kind in GROUPS[group][1] for one in stocktakes.of_holder(session, kind, holder)]
        values |= {
            "countable": _countable(session, group, known),
            "taken": taken,
            "labelled": _labelled(session, group, holder),
        }
    title = called.holder(holder) or str(GROUPS[group][0])
    # a holder with books that hold together has lost or found something; without, it was there before
    is_first = not taken and all(row.held.quantity < 0 for row in values["rows"])
    body = draw(
        "office/balance_holder.html", [form, counting], form=form, counting=counting, group=group, holder=holder, title=title,
        page=page, label=GROUPS[group][0], called=called, is_first=is_first, **values,
    )  # fmt: skip
    return body, max(form.status, counting.status)


def _known(session: Session, group: str, holder: str, called: Names) -> list[Held]:
    """Return every holding there ever was of a holder in a group.

    Raises
    ------
    NotFound
        Nobody of this name may hold anything.
    """
    query = sa.select(ACCOUNT.c.kind, ACCOUNT.c.holder, ACCOUNT.c.item).distinct()
    mine = query.where(ACCOUNT.c.kind.in_(GROUPS[group][1]), ACCOUNT.c.holder == holder)
    found = [(AccountKind(kind), key, item) for kind, key, item in session.connection().execute(mine)]
    place = {"points": called.points, "vans": called.vehicles, "partners": called.partners}.get(group, {})
    if not found and holder not in place:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    return sorted(found)


def _statement(session: Session, known: list[Held], wanted: Filter, called: Names, page: int) -> dict[str, Any]:
    rows = holders.aged(session, known, wanted, called, is_deep=True, now=g.now) if known else []
    most = max(rows, key=lambda row: abs(row.held.quantity), default=None)
    options = statement.choices(known, called)
    first = f"{most.held.kind}:{most.held.item}" if most else options[0][0] if options else ""
    asked = request.args.get("of", "")
    what = asked if asked in dict(options) else first
    held = next((one for one in known if f"{one[0]}:{one[2]}" == what), None)
    lines, more = statement.lines(session, held, wanted.when, called, page=page) if held else ([], False)
    return {"rows": rows, "lines": lines, "more": more, "what": what, "options": options}


def _countable(session: Session, group: str, known: list[Held]) -> list[tuple[str, str]]:
    """List what can be counted there: crates of every type, and whatever else was ever held."""
    kinds = [kind for kind in GROUPS[group][1] if kind in stocktakes.COUNTABLE]
    ever = {(kind, item) for kind, _holder, item in known}
    types = {crate for crate, _name in holders.crate_types(session)}
    return [
        (f"{kind}:{item}", name if len(kinds) == 1 else f"{name}, {words.ACCOUNTS[kind]}")
        for kind in kinds
        for item, name in holders.items(session)
        if item in types or (kind, item) in ever
    ]


WHERE = {"points": (Where.POINT,), "vans": (Where.VAN,), "partners": (Where.CUSTOMER,), "centre": (Where.RECEIVED, Where.CLEAN)}
"""Where crates with a label are, by the group of who has them."""


def _labelled(session: Session, group: str, holder: str) -> list[crates.Crate]:
    return [crate for where in WHERE.get(group, ()) for crate in crates.held(session, where, holder)]
