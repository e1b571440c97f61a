"""“The van comes in about 20 minutes”: a mail to those who want it, when what really happened says so.

Asked every minute. Nothing is written before the route has begun, after a silence, for a stop that is over, for a route
that is closed, or less than five minutes ahead; so a phone that sends its acts late makes no mail that comes too late.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from flask_babel import force_locale, gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import closing, outbox, routes
from bottles.people import Person, Role
from bottles.points import Point
from bottles.routes import Stop, StopTask, Task

from . import formats, under_way
from .arrivals import CLOSE, Expected, Forecast, Why
from .current import territory


def write(session: Session, now: datetime, day: date) -> int:
    """Write the mails that are due now, each once, and return how many are new."""
    plan = routes.published(session, day)
    if plan is None:
        return 0
    planned = routes.of_plan(session, plan.id or 0)
    ends = closing.ended(session, *(route.id or 0 for route in planned))
    foreseen = under_way.forecasts(session, [route for route in planned if not ends[route.id or 0].at], now)
    near = dict(pair for found in foreseen.values() for pair in _near(found, now))
    return sum(
        _write(session, f"near:{day}:{task}:{person.id}", person, point, near[stop], now)
        for (stop, task, _), (person, point) in _wishes(session, near).items()
    )


def _near(found: Forecast, now: datetime) -> Iterator[tuple[int, Expected]]:
    """Give the stops of a route that a van reaches soon, and not too soon."""
    if found.heard_at is None or found.why is Why.SILENT:
        return
    soon = timedelta(minutes=territory().mail.near_minutes)
    yield from ((stop, one) for stop, one in found.stops.items() if CLOSE <= one.starts - now <= soon)


def _wishes(session: Session, near: Mapping[int, Expected]) -> dict[tuple[int, int, int], tuple[Person, Point]]:
    """Return who wants to be told of some stops: by stop and first task, so that a new plan tells nobody twice."""
    query = (
        select(Stop.id, Task.id, Person, Point)
        .join(StopTask, col(StopTask.stop) == col(Stop.id))
        .join(Task, col(Task.id) == col(StopTask.task))
        .join(Person, col(Person.partner) == col(Task.partner))
        .join(Point, col(Point.id) == col(Stop.point))
        .where(col(Stop.id).in_(list(near)), col(Person.van_mail), col(Person.active))
        .where(col(Person.role).in_([Role.WINEMAKER, Role.SHOP]))
        .order_by(col(Task.id))
    )
    first: dict[tuple[int, int], int] = {}
    wishes: dict[tuple[int, int, int], tuple[Person, Point]] = {}
    for stop, task, person, point in session.exec(query):
        task = first.setdefault((stop or 0, person.id or 0), task or 0)
        wishes[stop or 0, task, person.id or 0] = person, point
    return wishes


def _write(session: Session, key: str, person: Person, point: Point, expected: Expected, now: datetime) -> bool:
    spoken = territory().territory
    language = person.language if person.language in spoken.languages else spoken.language
    minutes = 5 * round((expected.starts - now).total_seconds() / 300)
    with force_locale(language):
        subject = gettext("The van comes in about %(minutes)s minutes", minutes=minutes)
        body = gettext(
            "Hello,\n\nThe van is on its way to %(point)s and should be there around %(clock)s.\n\n"
            "The time it is expected at stands here and follows the van:\n%(url)s\n\n"
            "You get this mail because you asked for it; you can end it on the same page.\n",
            point=point.name,
            clock=formats.clock(expected.starts),
            url=f"{territory().server.public_url.rstrip('/')}/partner",
        )
    return outbox.write(session, key, person.email, str(subject), str(body), until=expected.starts - CLOSE, at=now)
