"""Planning a day: ask for a plan, watch the search, look at its versions, give drivers their routes, publish."""

from datetime import date, timedelta
from pathlib import Path

from flask import Blueprint, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_gettext as _
from sqlmodel import Session, col, select

from bottles import due, errands, locks, points, routes, searches
from bottles.db import find, reading, transaction
from bottles.errands import ErrandStatus
from bottles.errors import Conflict, NotFound, say
from bottles.people import Person, Role
from bottles.routes import Plan, PlanStatus, Route
from bottles.searches import Search

from . import asked, changes, geojson, jobs, moves, planned, planning, positions, route_sheet, story, under_way, words
from .auth import allowed
from .current import engine, territory
from .curve import Curve
from .forms import Form
from .language import local
from .nav import Entry

bp = Blueprint("office_plan", __name__, url_prefix="/office/plan")
NAV = [
    Entry(_("Plan"), "office_plan.home", (Role.COORDINATOR,), 20, "map", also=("office_week", "office_codes", "office_locks"))
]

FAR = timedelta(days=3660)
"""A day further from today than this is a slip, and its neighbours may be no days at all."""
DEAREST = 10_000
"""Euros that moving a call may cost: for so many, nothing is moved that can stay."""
NOTHING_HERE = say("There is no such thing here: it may have been removed, or the link is incomplete.")


@bp.get("")
@allowed(Role.COORDINATOR)
def home() -> ResponseReturnValue:
    """Go to the day that was chosen, else to the one to plan next."""
    wanted = request.args.get("day", "")
    with reading(engine()) as session:
        day = read_day(wanted) if wanted else next_day(session, today())
    return redirect(url_for(".day", day=day.isoformat()), 303)


@bp.get("/<day>")
@allowed(Role.COORDINATOR)
def day(day: str) -> ResponseReturnValue:
    """Show a day: its plan versions, the search under way, and what is due."""
    return page(read_day(day), Form({}))


def page(when: date, form: Form) -> ResponseReturnValue:
    """Show a day, with what was typed into its form."""
    with reading(engine()) as session:
        versions = routes.versions(session, when)
        plan = chosen(versions, request.args.get("version", ""))
        search = searches.latest(session, when)
        waiting = asked.due(session, when, today=today()) if plan is None else []
        picture = planned.picture(session, plan) if plan else None
        return form.page(
            "office/plan.html",
            day=when,
            today=today(),
            before=when - timedelta(days=1),
            after=when + timedelta(days=1),
            versions=versions,
            picture=picture,
            fixed=picture.fixed if picture else planned.fixed(session, locks.on(session, when)),
            roads=under_way.roads(session, [tour.route for tour in picture.tours], g.now, is_today=when == today())
            if picture
            else {},
            base=(base := moves.base(session, plan) if plan else None),
            moved=moves.between(session, base, plan) if plan and base else [],
            changes=changes.since(session, plan, today=today()) if plan and when >= today() else [],
            also_on=due.also_on(session, plan, today=today()) if plan and plan.status is PlanStatus.DRAFT else {},
            due=waiting,
            stops=story.standing(session, [row.task for row in waiting if row.task], today()),
            drivers=drivers(session) if plan else [],
            standing=next((p for p in versions if p.status is PlanStatus.PUBLISHED), None),
            maker=session.get(Person, plan.made_by) if plan and plan.made_by else None,
            publisher=session.get(Person, plan.published_by) if plan and plan.published_by else None,
            curve=Curve.of(search, g.now) if search and search.is_under_way else None,
            trouble=gettext(search.trouble) if search and failed_last(search, versions) else "",
            now=planned.minute(g.now) if when == today() else None,
            tiles=territory().server.tiles,
            words=words,
            moving=territory().planning.moving_euros,
        )


@bp.post("/<day>")
@allowed(Role.COORDINATOR)
def ask(day: str) -> ResponseReturnValue:
    """Ask for a plan of a day; while one is searched, everybody watches the same search."""
    when = read_day(day)
    if when < today():
        raise Conflict(say("This day has passed: plan a later one."))
    form, fresh = Form(request.form), None
    with form:
        euros = form.number("moving", low=0, high=DEAREST) if "moving" in form.sent else None
        form.check()
        moving = None if euros is None else round(euros * 100)
        with transaction(engine()) as session:
            if not searches.is_under_way(session, when):
                seconds = territory().planning.search_seconds
                fresh = searches.ask(session, when, seconds=seconds, moving=moving, person=g.person.id, at=g.now).id
        if fresh is not None:
            # only once the row is kept: the worker would not find it before
            jobs.wake(fresh)
        return redirect(url_for(".day", day=day), 303)
    return page(when, form)


@bp.get("/searches/<int:search_id>")
@allowed(Role.COORDINATOR)
def progress(search_id: int) -> ResponseReturnValue:
    """Tell how far a search is, for the page that waits for it."""
    with reading(engine()) as session:
        search = find(session, Search, search_id)
        if search.is_under_way:
            return render_template("office/_search.html", curve=Curve.of(search, g.now))
        made = session.get(Plan, search.plan) if search.plan else None
    target = page_of(search, version=made.version if made else None)
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, 303)


@bp.post("/searches/<int:search_id>/stop")
@allowed(Role.COORDINATOR)
def stop(search_id: int) -> ResponseReturnValue:
    """Stop a search: its best plan so far is good enough."""
    with transaction(engine()) as session:
        search = errands.stop(session, Search, search_id)
    return redirect(page_of(search), 303)


@bp.get("/<int:plan_id>.geojson")
@allowed(Role.COORDINATOR)
def picture(plan_id: int) -> ResponseReturnValue:
    """Give a plan's routes and stops to the map."""
    with reading(engine()) as session:
        plan = find(session, Plan, plan_id)
        seen = positions.last(session) if plan.day == today() else {}
        answer = jsonify(geojson.plan_picture(session, plan_id, seen))
    answer.mimetype = "application/geo+json"
    return answer


@bp.post("/<int:plan_id>/publish")
@allowed(Role.COORDINATOR)
def publish(plan_id: int) -> ResponseReturnValue:
    """Make a version the one that stands for its day."""
    ways = Path(current_app.instance_path) / "ways"
    seen = request.form.get("instead_of", type=int)
    plan = planning.publish(engine(), territory(), plan_id, g.person.id, instead_of=seen, at=g.now, ways=ways)
    return redirect(url_for(".day", day=plan.day.isoformat(), version=plan.version), 303)


@bp.get("/routes/<int:route_id>.pdf")
@allowed(Role.COORDINATOR)
def sheet(route_id: int) -> ResponseReturnValue:
    """Give a route as a sheet of paper."""
    with transaction(engine()) as session:
        # a point that has no number for its QR yet is given one: asked for again, it is the same
        pdf = route_sheet.sheet(session, find(session, Route, route_id), territory(), at=g.now)
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": "inline"})


@bp.post("/routes/<int:route_id>/driver")
@allowed(Role.COORDINATOR)
def assign(route_id: int) -> ResponseReturnValue:
    """Give a route to a driver, or to nobody."""
    typed = request.form.get("driver", "")
    with transaction(engine()) as session:
        known = {str(person.id): person.id for person in drivers(session)}
        # somebody who is not in the list is nobody the rule knows as a driver
        route = routes.assign(session, route_id, known.get(typed, 0) if typed else None)
        plan = find(session, Plan, route.plan)
    return redirect(url_for(".day", day=plan.day.isoformat(), version=plan.version, _anchor=f"route-{route_id}"), 303)


def page_of(search: Search, **more: int | None) -> str:
    """Return the page that waits for a search: its day's, or the week's."""
    if search.days:
        return url_for("office_week.home")
    return url_for(".day", day=search.day.isoformat(), **more)  # type: ignore[arg-type]  # Flask types its keywords, not the rest


def drivers(session: Session) -> list[Person]:
    """List who may drive, by name."""
    return list(session.exec(select(Person).where(Person.role == Role.DRIVER, col(Person.active)).order_by(Person.name)))


def today() -> date:
    """Return the day it is on the territory's clock."""
    return local(g.now).date()


def read_day(text: str) -> date:
    """Read a day from an address; one that nobody will ever plan is none of ours."""
    try:
        when = date.fromisoformat(text)
    except ValueError:
        raise NotFound(NOTHING_HERE) from None
    if abs(when - today()) > FAR:
        raise NotFound(NOTHING_HERE)
    return when


def next_day(session: Session, after: date) -> date:
    """Return the next day on which a centre is open, within a week."""
    centres = points.centres(session)
    week = [after + timedelta(days=n) for n in range(1, 8)]
    return next((day for day in week if any(points.windows(centre, day) for centre in centres)), week[0])


def chosen(versions: list[Plan], wanted: str) -> Plan | None:
    """Return the version that the address names, else the newest that nothing has replaced."""
    if not wanted:
        return next((plan for plan in versions if plan.status is not PlanStatus.SUPERSEDED), next(iter(versions), None))
    found = next((plan for plan in versions if str(plan.version) == wanted), None)
    if found is None:
        raise NotFound(NOTHING_HERE)
    return found


def failed_last(search: Search, versions: list[Plan]) -> bool:
    """Say whether the last thing that happened to a day is a search that gave no plan."""
    return search.status is ErrandStatus.FAILED and not (versions and versions[0].made_at > search.asked_at)
