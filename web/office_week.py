"""The coming days together: which call is proposed for which day, what each day's vans carry, and one button to accept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, select

from bottles import due, points, routes, searches
from bottles.db import reading, transaction
from bottles.errands import ErrandStatus
from bottles.errors import Conflict, say
from bottles.people import Person, Role
from bottles.searches import Search
from bottles.vehicles import Vehicle

from . import asked, formats, jobs, planned
from .auth import allowed
from .current import engine, territory
from .curve import Curve
from .office_plan import today
from .planned import Call

bp = Blueprint("office_week", __name__, url_prefix="/office/week")

DAYS = 5
"""Days that are looked at together: a working week, as the weeks that were simulated."""

FARTHEST = timedelta(days=14)
"""Beyond that no day is looked for: who closes longer plans no week."""

CLOSED = say("No centre opens in the next two weeks, or every open day has its plan: there is no week to plan.")


@dataclass(frozen=True)
class Trip:
    """One vehicle's part of a proposed day."""

    vehicle: Vehicle
    departs: datetime
    returns: datetime
    metres: int
    peak_crates: int
    peak_kg: int
    calls: Sequence[Call]


@dataclass(frozen=True)
class Proposed:
    """A day of a proposal; `standing` says that a plan was published for it since."""

    day: date
    metres: int
    trips: Sequence[Trip]
    standing: bool

    @property
    def calls(self) -> int:
        """Count the calls of all trips."""
        return sum(len(trip.calls) for trip in self.trips)


@dataclass(frozen=True)
class Proposal:
    """A week as it was proposed, and what has become of it since."""

    search: Search
    days: Sequence[Proposed]
    left: Sequence[Call]
    estimated: bool
    fresh: int
    """Calls that were asked for since, and are in no day."""
    gone: int
    """Calls that were cancelled or planned since."""

    @property
    def routes(self) -> int:
        """Count the routes of all days."""
        return sum(len(one.trips) for one in self.days)


@bp.get("")
@allowed(Role.COORDINATOR)
def home() -> ResponseReturnValue:
    """Show the week that was proposed last, or the days that one would be proposed for."""
    with reading(engine()) as session:
        search = searches.latest_week(session)
        # the days that were accepted last are in force until others are accepted, whatever is searched or proposed meanwhile
        held = in_force(session)
        done = worth_showing(session, held)
        days = coming(session)
        return render_template(
            "office/week.html",
            curve=Curve.of(search, g.now) if search and search.is_under_way else None,
            trouble=gettext(search.trouble) if search and search.status is ErrandStatus.FAILED else "",
            week=read_proposal(session, done) if done else None,
            held=held,
            days=days,
            waits=done is None and bool(days) and any_waits(session, days[-1]),
            vans=session.exec(select(Vehicle.id).where(Vehicle.active)).first() is not None,
            accepted_by=session.get(Person, held.accepted_by) if held and held.accepted_by else None,
        )


@bp.post("")
@allowed(Role.COORDINATOR)
def ask() -> ResponseReturnValue:
    """Ask for a week; while one is searched, everybody watches the same search."""
    fresh = None
    with transaction(engine()) as session:
        if not searches.is_under_way(session, None):
            days = coming(session)
            if not days:
                raise Conflict(CLOSED)
            seconds = territory().planning.search_seconds
            fresh = searches.ask_week(session, days, seconds=seconds, person=g.person.id, at=g.now).id
    if fresh is not None:
        # only once the row is kept: the worker would not find it before
        jobs.wake(fresh)
    return redirect(url_for(".home"), 303)


@bp.post("/<int:search_id>/accept")
@allowed(Role.COORDINATOR)
def accept(search_id: int) -> ResponseReturnValue:
    """Give each call of a proposal its day, so that the plan of that day takes it and the others leave it."""
    with transaction(engine()) as session:
        search = searches.accept(session, search_id, g.person.id, at=g.now)
        # what it leaves out waits for no day that an older one gave
        due.choose_days(session, {**dict.fromkeys(search.proposal["left"]), **days_of(search.proposal)})
    return redirect(url_for(".home"), 303)


@bp.post("/<int:search_id>/release")
@allowed(Role.COORDINATOR)
def release(search_id: int) -> ResponseReturnValue:
    """Take the days back that a proposal gave: every plan takes again what is due."""
    with transaction(engine()) as session:
        search = searches.release(session, search_id)
        due.choose_days(session, dict.fromkeys(days_of(search.proposal)))
    return redirect(url_for(".home"), 303)


def coming(session: Session) -> list[date]:
    """List the next days on which a centre is open and no plan stands."""
    centres = points.centres(session)
    standing = due.standing(session, after=today())
    ahead = (today() + timedelta(days=n) for n in range(1, FARTHEST.days + 1))
    found = [day for day in ahead if day not in standing and any(points.windows(centre, day) for centre in centres)]
    return found[:DAYS]


def any_waits(session: Session, last: date) -> bool:
    """Say whether anything is open that may be done by a day and is on no route."""
    free = {task.id for task in due.free(session, last, today=today())}
    return any(row.task is None or row.task in free for row in asked.ready(session, last))


def in_force(session: Session) -> Search | None:
    """Return the week that was accepted last, unless its days are over or nothing it chose a day for still has it."""
    search = searches.latest_accepted(session)
    if search is None or not is_ahead(search):
        return None
    newest = searches.latest_proposal(session)
    if newest is not None and newest.id == search.id:
        return search
    chosen = days_of(search.proposal)
    stands = any(task.day is not None and chosen.get(task.id or 0) == task.day > today() for task in routes.open_tasks(session))
    return search if stands else None


def worth_showing(session: Session, held: Search | None) -> Search | None:
    """Return the week that was proposed last, or the one in force if the last found nothing to give a day."""
    done = searches.latest_proposal(session)
    if done is None or not is_ahead(done):
        return None
    return done if done.accepted_at or done.proposal["left"] or days_of(done.proposal) else held


def is_ahead(search: Search) -> bool:
    """Say whether some of a proposal's days are still to come."""
    return date.fromisoformat(search.days[-1]) > today()


def days_of(proposal: Mapping[str, Any]) -> dict[int, date | None]:
    """Give the day that a proposal chose, by task."""
    days = proposal.get("days", ())
    return {task: date.fromisoformat(told["day"]) for told in days for trip in told["routes"] for task in trip["tasks"]}


def read_proposal(session: Session, search: Search) -> Proposal:
    """Read a proposal with the names of what is in it, in a fixed number of queries."""
    told = search.proposal
    chosen = days_of(told)
    calls = planned.calls_as_seen(session, told["saw"], {*chosen, *told["left"]})
    vehicles = {vehicle.id: vehicle for vehicle in session.exec(select(Vehicle))}
    standing = due.standing(session, after=today())
    last = date.fromisoformat(search.days[-1])
    free = {task.id or 0 for task in due.free(session, last, today=today())}
    known = chosen.keys() | set(told["left"])
    days = [
        Proposed(day, one["metres"], [_trip(trip, vehicles, calls) for trip in one["routes"]], day in standing)
        for one in told["days"]
        if (day := date.fromisoformat(one["day"])) > today()
    ]
    return Proposal(
        search=search,
        days=days,
        left=_known(calls, told["left"]),
        estimated=told["estimated"],
        # what no planning has gathered yet has no task
        fresh=sum(row.task is None or (row.task in free and row.task not in known) for row in asked.ready(session, last)),
        gone=sum(1 for task, day in chosen.items() if day not in standing and task not in free),
    )


def _trip(told: Mapping[str, Any], vehicles: Mapping[str, Vehicle], calls: Mapping[int, Call]) -> Trip:
    departs, returns = datetime.fromisoformat(told["departs"]), datetime.fromisoformat(told["returns"])
    kg, vehicle = formats.whole_kg(told["peak_grams"]), vehicles[told["vehicle"]]
    return Trip(vehicle, departs, returns, told["metres"], told["peak_crates"], kg, _known(calls, told["tasks"]))


def _known(calls: Mapping[int, Call], tasks: Iterable[int]) -> list[Call]:
    return [calls[task] for task in tasks if task in calls]
