"""The driver's day on a phone: today's route, what to load, one stop after the other, and what it all came to."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session

from bottles import catalogue, points
from bottles.catalogue import CrateType
from bottles.crates import Move
from bottles.db import reading, transaction
from bottles.errors import say
from bottles.events import EventKind
from bottles.orders import MOST_BOTTLES
from bottles.people import Role
from bottles.pickups import MOST_CRATES

from . import acts, driver_acts, driver_day, driver_words, matches, route_sheet
from .auth import allowed
from .current import engine, territory
from .driver_day import Trip
from .driver_stops import Halt, Key
from .forms import Form
from .language import local

bp = Blueprint("driver", __name__, url_prefix="/driver")

MOST = {Move.COLLECT: MOST_CRATES, Move.DROP: MOST_CRATES, Move.DELIVER: MOST_BOTTLES}
"""More than this in one count is a slip of the finger."""

HOW = {"partly": EventKind.STOP_PARTLY, "missed": EventKind.STOP_MISSED}
"""How a stop may end otherwise than done, as the form says it."""


@bp.context_processor
def words() -> dict[str, object]:
    """Give the driver's templates their words."""
    return {"words": driver_words}


@bp.get("/pages")
@allowed(Role.DRIVER)
def day() -> ResponseReturnValue:
    """Show today's routes, or when the next one is."""
    today = local(g.now).date()
    with reading(engine()) as session:
        trips = driver_day.todays(session, g.person.id, today)
        later = None if trips else driver_day.upcoming(session, g.person.id, today)
    return render_template("driver/day.html", trips=trips, later=later, today=today)


@bp.get("/route/<int:route>")
@allowed(Role.DRIVER)
def route(route: int) -> ResponseReturnValue:
    """Show a route: its stops in order, then the map."""
    return render_template("driver/route.html", trip=_trip(route), tiles=territory().server.tiles)


@bp.get("/route/<int:route>/map.geojson")
@allowed(Role.DRIVER)
def route_map(route: int) -> ResponseReturnValue:
    """Give the route's line and stops; the line goes straight from stop to stop."""
    trip = _trip(route)
    line = {"type": "LineString", "coordinates": [[point.lon, point.lat] for point in trip.way]}
    properties = {"route": 0, "name": trip.vehicle.name, "estimated": True}
    centre = {"id": trip.centre.id, "name": trip.centre.name, "town": trip.centre.town, "kind": "centre"}
    features = [{"type": "Feature", "properties": properties, "geometry": line}, _spot(trip.centre, centre)]
    for halt in trip.halts:
        facts = {"id": halt.stop.id, "name": halt.point.name, "town": halt.point.town, "kind": "stop", "route": 0}
        here = {"number": halt.stop.position, "url": url_for(".stop", stop=halt.stop.id)}
        features.append(_spot(halt.point, facts | here))
    return {"type": "FeatureCollection", "features": features}


def _spot(point: points.Point, properties: Mapping[str, object]) -> dict[str, object]:
    geometry = {"type": "Point", "coordinates": [point.lon, point.lat]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@bp.get("/route/<int:route>/loading")
@allowed(Role.DRIVER)
def loading(route: int) -> ResponseReturnValue:
    """Show what to load, the last stop first."""
    with reading(engine()) as session:
        trip = driver_day.trip(session, route, g.person.id, local(g.now).date())
        rows = driver_day.loading(session, trip)
    mixes = driver_day.is_dirty_and_clean(trip)
    return render_template("driver/loading.html", trip=trip, rows=rows, mixes=mixes)


@bp.get("/route/<int:route>/sheet.pdf")
@allowed(Role.DRIVER)
def sheet(route: int) -> ResponseReturnValue:
    """Give my route as a sheet of paper."""
    with transaction(engine()) as session:
        mine = driver_day.trip(session, route, g.person.id, local(g.now).date()).route
        pdf = route_sheet.sheet(session, mine, territory(), at=g.now)
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": "inline"})


@bp.get("/route/<int:route>/summary")
@allowed(Role.DRIVER)
def summary(route: int) -> ResponseReturnValue:
    """Show what the route came to, and what to hand over at the centre."""
    trip = _trip(route)
    return render_template("driver/summary.html", trip=trip, summary=driver_day.summary(trip))


@bp.get("/route/<int:route>/next")
@allowed(Role.DRIVER)
def go_on(route: int) -> ResponseReturnValue:
    """Go to the next open stop, or to the summary when there is none."""
    trip = _trip(route)
    if not trip.stands:
        # a newer plan says where to go from here
        return redirect(url_for(".day"), 303)
    following = trip.next_after(request.args.get("after", 0, type=int))
    if following is None:
        return redirect(url_for(".summary", route=route), 303)
    return redirect(url_for(".stop", stop=following.stop.id), 303)


@bp.route("/stop/<int:stop>", methods=["GET", "POST"])
@allowed(Role.DRIVER)
def stop(stop: int) -> ResponseReturnValue:
    """Show one stop; end it with its counts."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            return _end(stop, form, EventKind.STOP_DONE)
    return _page("driver/stop.html", stop, form)


@bp.route("/stop/<int:stop>/problem", methods=["GET", "POST"])
@allowed(Role.DRIVER)
def problem(stop: int) -> ResponseReturnValue:
    """Say that a stop was done in part, or not at all, and why."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            return _end(stop, form, HOW.get(form.choice("how", HOW), EventKind.STOP_PARTLY))
    return _page("driver/problem.html", stop, form, reasons=list(driver_words.REASONS.items()))


def _page(template: str, stop: int, form: Form, **values: object) -> ResponseReturnValue:
    today = local(g.now).date()
    with reading(engine()) as session:
        halt = driver_day.halt(session, stop, g.person.id, today)
        trip = driver_day.whole(session, halt.route, halt.plan)
        types, said = catalogue.crate_types(session), driver_acts.said(session, halt)
        found = matches.at_halt(session, halt, g.now)
    values |= {"said": said, "found": found, "trip": trip, "halt": halt}
    values |= {"others": _others(halt, types), "event_id": acts.fresh_id()}
    values |= {"windows": points.windows(halt.point, halt.plan.day), "ways": driver_words.ways(halt.point), "today": today}
    return form.page(template, unsure=_unsure(form, halt), **values)


def _unsure(form: Form, halt: Halt) -> bool:
    """Say whether the form came back because it counts less than was scanned."""
    return bool(form.sent) and any(line.field in form.errors for line in halt.counted() if line.scanned)


def _end(stop: int, form: Form, kind: EventKind) -> ResponseReturnValue:
    with transaction(engine()) as session:
        halt = driver_day.halt(session, stop, g.person.id, local(g.now).date())
        driver_day.refuse_early(halt.plan, local(g.now).date())
        counts = _counts(session, form, halt, kind)
        reason, note = _why(form, kind)
        form.check()
        fresh = driver_acts.end(session, halt, kind, counts, acts.sent_id(), reason=reason, note=note)
    if fresh:
        said: Any = {"text": gettext("%(place)s: recorded.", place=halt.point.name)}
        flash(said | {"undo_url": url_for(".reopen", stop=stop), "fields": {"event_id": acts.fresh_id()}}, "done")
    else:
        flash(gettext(acts.RESENT), "info")
    return redirect(url_for(".go_on", route=halt.route.id, after=halt.stop.position), 303)


def _counts(session: Session, form: Form, halt: Halt, kind: EventKind) -> dict[Key, int]:
    """Read the counts; one below the scans must be confirmed, since a label was seen for each."""
    lines = halt.counted()
    if kind is EventKind.STOP_MISSED:
        counts: dict[Key, int] = {(line.move, line.item): 0 for line in lines}
    else:
        sent = [line for line in lines if line.field in form.sent]
        counts = {(line.move, line.item): form.whole_number(line.field, low=0, high=MOST[line.move]) for line in sent}
        counts |= _other(form, _others(halt, catalogue.crate_types(session)))
    for line in lines:
        count = counts.get((line.move, line.item), line.scanned)
        if count < line.scanned and line.field not in form.errors and not form.ticked("sure"):
            message = say("%(scanned)d were scanned and you count %(count)d: change it, or confirm below that it is right.")
            form.refuse(line.field, message, scanned=line.scanned, count=count)
    return counts


def _others(halt: Halt, types: list[CrateType]) -> list[tuple[str, str]]:
    """List the crate types that a stop's counts do not show yet."""
    shown = {line.item for line in halt.counted()}
    return [(kind.id, kind.name) for kind in types if kind.id not in shown]


def _other(form: Form, others: list[tuple[str, str]]) -> dict[Key, int]:
    take = form.whole_number("other_take", low=0, high=MOST_CRATES, default=0)
    leave = form.whole_number("other_leave", low=0, high=MOST_CRATES, default=0)
    if not (take or leave):
        return {}
    kind = form.choice("other_type", [value for value, _name in others])
    return {(Move.COLLECT, kind): take, (Move.DROP, kind): leave}


def _why(form: Form, kind: EventKind) -> tuple[str, str]:
    if kind is EventKind.STOP_DONE:
        return "", ""
    reason, note = form.choice("reason", driver_words.REASONS), form.text("note", required=False, longest=1000)
    if reason == driver_words.OTHER and not note:
        form.refuse("note", say("Say in a few words what it was."))
    return reason, note


@bp.post("/stop/<int:stop>/reached")
@allowed(Role.DRIVER)
def reached(stop: int) -> ResponseReturnValue:
    """Say that the van stands at the stop."""
    with transaction(engine()) as session:
        halt = driver_day.halt(session, stop, g.person.id, local(g.now).date())
        driver_day.refuse_early(halt.plan, local(g.now).date())
        fresh = driver_acts.reach(session, halt, acts.sent_id())
    flash(gettext("Arrival recorded.") if fresh else gettext(acts.RESENT), "done" if fresh else "info")
    return redirect(url_for(".stop", stop=stop), 303)


@bp.post("/stop/<int:stop>/reopen")
@allowed(Role.DRIVER)
def reopen(stop: int) -> ResponseReturnValue:
    """Take back how the stop ended."""
    with transaction(engine()) as session:
        halt = driver_day.halt(session, stop, g.person.id, local(g.now).date())
        fresh = driver_acts.reopen(session, halt, acts.sent_id())
    if fresh:
        flash(gettext("This stop is open again; its scans are kept."), "done")
    else:
        flash(gettext(acts.RESENT), "info")
    return redirect(url_for(".stop", stop=stop), 303)


def _trip(route: int) -> Trip:
    with reading(engine()) as session:
        return driver_day.trip(session, route, g.person.id, local(g.now).date())
