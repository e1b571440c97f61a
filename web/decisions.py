"""What waits for the coordinator, most pressing first: each with a sentence, why, and where to go."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext, ngettext  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import func
from sqlmodel import Session, col, select

from bottles import disputes, points, routes
from bottles.aside import SetAside
from bottles.disputes import Dispute
from bottles.routes import Plan, PlanStatus, Route

from . import asked, changes, formats, names, planned, words
from .asked import Asked
from .office_disputes import sentence

FEW = 3
"""Lines shown under a decision; the page behind it has them all."""


@dataclass(frozen=True)
class Decision:
    """Something that waits for a person; `main` marks the one to begin with."""

    what: str
    url: str
    verb: str
    lines: Sequence[str] = ()
    tone: str = "attention"
    icon: str = "warning"
    main: bool = False


@dataclass(frozen=True)
class Ahead:
    """The day to plan next: its newest version, the one that stands, and what is due."""

    day: date
    newest: Plan | None
    standing: Plan | None
    due: Sequence[Asked]


def ahead(session: Session, day: date, *, today: date) -> Ahead:
    """Read a day to come."""
    versions = routes.versions(session, day)
    standing = next((plan for plan in versions if plan.status is PlanStatus.PUBLISHED), None)
    return Ahead(day, versions[0] if versions else None, standing, asked.due(session, day, today=today))


def waiting(session: Session, today: date, standing: Plan | None, coming: Ahead) -> list[Decision]:
    """List everything that waits for a decision."""
    return [
        *_today_unpublished(session, today, standing, coming),
        *_without_driver(session, [plan for plan in (standing, coming.standing) if plan]),
        *_disputes(session),
        *_set_aside(session),
        *_promises_passed(coming, today),
        *_next_plan(session, coming, today),
        *_left_out(session, coming.standing or coming.newest),
    ]


def _today_unpublished(session: Session, today: date, standing: Plan | None, coming: Ahead) -> Iterator[Decision]:
    late = [row for row in coming.due if row.since <= today]
    if standing is None and late and any(points.windows(centre, today) for centre in points.centres(session)):
        what = ngettext(
            "Nothing is published for today, and %(num)s call is due",
            "Nothing is published for today, and %(num)s calls are due",
            len(late),
        )
        yield Decision(what, _plan_url(today), gettext("Plan today"), tone="problem", icon="map")


def _set_aside(session: Session) -> Iterator[Decision]:
    lying = session.exec(select(func.count()).select_from(SetAside).where(col(SetAside.decided_at).is_(None))).one()
    if lying:
        what = ngettext(
            "%(num)s thing a phone sent could not be counted", "%(num)s things phones sent could not be counted", lying
        )
        yield Decision(what, url_for("office_devices.quarantine"), gettext("Look"), icon="lock")


def _without_driver(session: Session, plans: Sequence[Plan]) -> Iterator[Decision]:
    days = {plan.id: plan for plan in plans}
    for route in session.exec(select(Route).where(col(Route.plan).in_(list(days)), col(Route.driver).is_(None))):
        plan = days[route.plan]
        what = gettext("A published route has no driver: %(day)s, %(clock)s",
                       day=formats.day(plan.day), clock=formats.clock(route.departs))  # fmt: skip
        url = _plan_url(plan.day, version=plan.version, _anchor=f"route-{route.id}")
        yield Decision(what, url, gettext("Choose a driver"), tone="problem", icon="person")


def _disputes(session: Session) -> Iterator[Decision]:
    found = disputes.open_ones(session)
    if not found:
        return
    called = names.read(session)
    what = ngettext("%(num)s difference waits", "%(num)s differences wait", len(found))
    lines = [sentence(dispute, called) for dispute in found[:FEW]]
    yield Decision(what, _first(found), gettext("Look"), lines)


def _first(found: Sequence[Dispute]) -> str:
    if len(found) == 1:
        return url_for("office_disputes.show", dispute_id=found[0].id)
    return url_for("office_disputes.home")


def _promises_passed(coming: Ahead, today: date) -> Iterator[Decision]:
    # what is due for the next day is on no route that still goes out: only that needs somebody
    late = [row for row in coming.due if row.last and row.last < today]
    pickups, orders = [row for row in late if not row.is_order], [row for row in late if row.is_order]
    if pickups:
        what = ngettext(
            "%(num)s pickup is later than its partner wished", "%(num)s pickups are later than their partners wished",
            len(pickups),
        )  # fmt: skip
        yield Decision(what, url_for("office_pickups.home"), gettext("Look"), _named(pickups), icon="crate")
    if orders:
        what = ngettext("%(num)s order is past its day", "%(num)s orders are past their day", len(orders))
        yield Decision(what, url_for("office_orders.home"), gettext("Look"), _named(orders), icon="bottle")


def _named(rows: Iterable[Asked]) -> list[str]:
    return [f"{row.partner_name}, {row.point.town}, {formats.day(row.last or row.since)}" for row in list(rows)[:FEW]]


def _next_plan(session: Session, coming: Ahead, today: date) -> Iterator[Decision]:
    day = formats.day(coming.day)
    if coming.newest is None:
        if coming.due:
            calls = ngettext("%(num)s call is due", "%(num)s calls are due", len(coming.due))
            what = gettext("%(day)s has no plan yet", day=_capital(day))
            yield Decision(what, _plan_url(coming.day), gettext("Plan this day"), [calls], icon="map", main=True)
        return
    if coming.standing is None:
        what = gettext("The plan of %(day)s is not published", day=day)
        yield Decision(what, _plan_url(coming.day), gettext("Look and publish"), _made(coming.newest), icon="map", main=True)
        return
    moved = changes.since(session, coming.standing, today=today)
    if moved:
        what = ngettext(
            "%(num)s change since the plan of %(day)s was published", "%(num)s changes since the plan of %(day)s was published",
            len(moved), day=day,
        )  # fmt: skip
        lines = [f"{change.partner}, {change.where}" for change in moved[:FEW]]
        yield Decision(what, _plan_url(coming.day), gettext("Look"), lines, icon="map")


def _made(plan: Plan) -> list[str]:
    return [gettext("Version %(number)s, made %(when)s", number=plan.version, when=formats.moment(plan.made_at))]


def _left_out(session: Session, plan: Plan | None) -> Iterator[Decision]:
    if plan is None or not plan.left_out:
        return
    calls = planned.read_calls(session, plan, [entry["task"] for entry in plan.left_out])
    what = ngettext(
        "%(num)s call is left out on %(day)s", "%(num)s calls are left out on %(day)s", len(plan.left_out),
        day=formats.day(plan.day),
    )  # fmt: skip
    lines = [
        gettext("%(who)s: %(why)s", who=calls[entry["task"]].partner, why=words.left_out(entry["message"], entry["values"]))
        for entry in plan.left_out[:2]
        if entry["task"] in calls
    ]
    url = _plan_url(plan.day, version=plan.version, _anchor="left-out")
    yield Decision(what, url, gettext("See why"), lines, icon="crate")


def _plan_url(day: date, **more: object) -> str:
    return url_for("office_plan.day", day=day.isoformat(), **more)  # type: ignore[arg-type]  # Flask types its keywords, not the rest


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
