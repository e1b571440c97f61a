"""What does not add up: the list, each one's story, and a person's word that settles it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_gettext as _
from sqlmodel import Session, col, select

from bottles import codes, disputes
from bottles.crates import WHOSE, Crate, CrateState, Move, Where
from bottles.db import find, reading, transaction
from bottles.disputes import SENTENCES, Dispute, DisputeKind, DisputeStatus
from bottles.errors import Invalid, say
from bottles.events import EventKind
from bottles.ledger import Account
from bottles.people import Person, Role
from bottles.routes import Plan, Route, Task

from . import acts, formats, names, story, words
from .auth import allowed
from .current import engine
from .forms import Form
from .holders import GROUP_OF
from .names import Names
from .nav import Entry

bp = Blueprint("office_disputes", __name__, url_prefix="/office/disputes")
NAV = [
    Entry(
        _("Differences"),
        "office_disputes.home",
        (Role.COORDINATOR,),
        50,
        "warning",
        also=("office_devices", "office_parked", "handover"),
    )
]

MOST = 300
"""Rows the list shows at most."""


@bp.get("")
@allowed(Role.COORDINATOR)
def home() -> ResponseReturnValue:
    """List what waits for a person, or what was closed; the filter is the address."""
    state = request.args.get("state", DisputeStatus.OPEN.value)
    query = select(Dispute).order_by(col(Dispute.id).desc()).limit(MOST)
    if state in set(DisputeStatus):
        query = query.where(Dispute.status == state)
    with reading(engine()) as session:
        called = names.read(session)
        found = list(session.exec(query))
        where = _where(session, found, called)
        rows = [(dispute, sentence(dispute, called), where.get(_subject(dispute), "")) for dispute in found]
    return render_template("office/disputes.html", rows=rows, state=state, words=words)


@bp.route("/<int:dispute_id>", methods=["GET", "POST"])
@allowed(Role.COORDINATOR)
def show(dispute_id: int) -> ResponseReturnValue:
    """Show a dispute with its story; settle it with a word, and for a crate with where it is."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            _settle(form, dispute_id)
            flash(gettext("Settled, and kept with your name."), "done")
            return redirect(url_for(".home"), 303)
    with reading(engine()) as session:
        dispute = find(session, Dispute, dispute_id)
        called = names.read(session)
        code = crate_of(dispute)
        crate = session.get(Crate, code) if code else None
        closer = session.get(Person, dispute.closed_by) if dispute.closed_by else None
        entries = _story(session, dispute)
        about = _about(session, dispute, called)
    return form.page(
        "office/dispute.html",
        dispute=dispute,
        says=sentence(dispute, called),
        crate=crate,
        entries=entries,
        about=about,
        closer=closer,
        states=[(str(state), words.STATES[state]) for state in PINNED],
        places=_places(called),
        here=_here(crate),
        event_id=acts.fresh_id(),
        words=words,
    )


PINNED = (
    CrateState.OUT, CrateState.ABOARD, CrateState.RECEIVED, CrateState.CLEAN, CrateState.LENT, CrateState.LOST,
    CrateState.RETIRED,
)  # fmt: skip
"""What a person may say a crate is; the finer states follow from its next scan."""

NAMED = {Where.POINT: "point", Where.VAN: "vehicle", Where.CUSTOMER: "partner"}
"""What kind of name a state needs to say where the crate is; at the centre it needs none."""


def _places(called: Names) -> list[tuple[str, str]]:
    vehicles = [(f"vehicle:{key}", gettext("Vehicle: %(name)s", name=name)) for key, name in called.vehicles.items()]
    points = [(f"point:{key}", gettext("Point: %(name)s", name=name)) for key, name in called.points.items()]
    partners = [(f"partner:{key}", gettext("Partner: %(name)s", name=name)) for key, name in called.partners.items()]
    return [*_sorted(vehicles), *_sorted(points), *_sorted(partners)]


def _sorted(places: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(places, key=lambda place: place[1].casefold())


def _here(crate: Crate | None) -> str:
    kind = NAMED.get(crate.where) if crate else None
    return f"{kind}:{crate.holder}" if crate and kind else ""


def _settle(form: Form, dispute_id: int) -> None:
    note = form.text("note", longest=500)
    state = form.choice("state", [*map(str, PINNED), ""]) if "state" in form.sent else ""
    form.check()
    with transaction(engine()) as session:
        dispute = find(session, Dispute, dispute_id)
        code = crate_of(dispute)
        crate = session.get(Crate, code)
        pin = _pin(session, form, CrateState(state)) if state and crate else None
        # first the person's word, so that what the settlement explains is not told twice
        disputes.settle(session, dispute_id, note, g.person.id, at=g.now)
        session.flush()
        if pin is not None:
            facts: dict[str, Any] = {"crate": code, "state": state, "note": note, **pin}
            event = acts.act(session, EventKind.SETTLE, id=acts.sent_id(), **facts)
            acts.record(session, [event], acts.author(session))


def _pin(session: Session, form: Form, state: CrateState) -> dict[str, str]:
    """Return what an event must say so that the crate is somewhere.

    Raises
    ------
    Invalid
        The place is not of the kind the state needs.
    """
    where, column = WHOSE[state]
    needed = NAMED.get(where)
    if needed is None or column is None:
        return {}
    called = names.read(session)
    kind, _colon, key = form.sent.get("place", "").partition(":")
    known = {"point": called.points, "vehicle": called.vehicles, "partner": called.partners}
    if kind != needed or key not in known[kind]:
        raise Invalid(WHERE_MISSING[where], field="place")
    return {column: key}


WHERE_MISSING = {
    Where.POINT: say("Say at which point it is."),
    Where.VAN: say("Say in which vehicle it is."),
    Where.CUSTOMER: say("Say which partner has it."),
}


def crate_of(dispute: Dispute) -> str:
    """Return the code of the crate a dispute is about; empty when it is about something else."""
    kind, _colon, key = dispute.subject.partition(":")
    return key if kind == "crate" else ""


def _about(session: Session, dispute: Dispute, called: Names) -> tuple[str, str]:
    """Name what a dispute is about besides its sentence, with the page that shows it."""
    kind, _colon, key = dispute.subject.partition(":")
    if kind == "account":
        account = find(session, Account, int(key))
        group = GROUP_OF[account.kind]
        url = url_for("office_balances.show", group=group, holder=account.holder, of=f"{account.kind}:{account.item}")
        return called.holder(account.holder) or str(words.ACCOUNTS[account.kind]), url
    if kind == "crate" and dispute.kind is DisputeKind.UNKNOWN_CRATE and dispute.status is DisputeStatus.OPEN:
        return gettext("Make it known"), url_for("office_parked.show", dispute_id=dispute.id)
    if kind == "reception":
        route = find(session, Route, int(key))
        plan = find(session, Plan, route.plan)
        url = url_for("office_plan.day", day=plan.day.isoformat(), version=plan.version, _anchor=f"route-{route.id}")
        return _van(called, route, plan), url
    if kind == "visit":
        task = find(session, Task, int(key.split("/")[0]))
        place = called.points[task.point]
        if task.order:
            return place, url_for("office_orders.show", order_id=task.order)
        return place, url_for("office_pickups.show", pickup_id=task.pickup)
    return "", ""


def _subject(dispute: Dispute) -> tuple[str, str]:
    """Return what a dispute is about, and its key; a visit's is that of its task."""
    kind, _colon, key = dispute.subject.partition(":")
    return kind, key.split("/")[0]


def _where(session: Session, found: Sequence[Dispute], called: Names) -> dict[tuple[str, str], str]:
    """Name the stop or the route of disputes; the sentences of all others say what they are about."""
    about = {_subject(dispute) for dispute in found}
    tasks, vans = ([int(key) for kind, key in about if kind == wanted] for wanted in ("visit", "reception"))
    stops = session.exec(select(Task.id, Task.point).where(col(Task.id).in_(tasks)))
    routes = session.exec(select(Route, Plan).join(Plan).where(col(Route.id).in_(vans)))
    return {("visit", str(task)): called.points[point] for task, point in stops} | {
        ("reception", str(route.id)): _van(called, route, plan) for route, plan in routes
    }


def _van(called: Names, route: Route, plan: Plan) -> str:
    return f"{called.vehicles[route.vehicle]}, {formats.day(plan.day)}"


def _story(session: Session, dispute: Dispute) -> list[dict[str, Any]]:
    kind, _colon, key = dispute.subject.partition(":")
    tell = STORIES.get(kind)
    return tell(session, key) if tell else []


STORIES: Mapping[str, Callable[[Session, str], list[dict[str, Any]]]] = {
    "crate": story.of_crate,
    "visit": lambda session, key: story.of_task(session, int(key.split("/")[0])),
    "reception": lambda session, key: story.of_route(session, int(key)),
    "account": lambda session, key: story.of_account(session, int(key)),
}
"""How the story of a subject is told."""


def sentence(dispute: Dispute, called: Names) -> str:
    """Say what does not add up, with names for ids."""
    values = dict(dispute.values)
    for name, name_of in NAME_OF.items():
        if name in values:
            values[name] = name_of(called, values[name])
    return str(gettext(SENTENCES[dispute.kind])) % values


NAME_OF: Mapping[str, Callable[[Names, str], object]] = {
    "crate": lambda _called, code: codes.by_eye(code),
    "label": lambda _called, code: codes.by_eye(code),
    "move": lambda _called, move: words.MOVES[Move(move)],
    "state": lambda _called, state: words.STATES[CrateState(state)],
    "item": lambda called, item: called.item(item),
    "holder": lambda called, holder: called.holder(holder),
}
"""How the values of a sentence are named."""
