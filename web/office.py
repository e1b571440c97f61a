"""The coordinator's first page: what needs a decision, what is moving now, what is coming up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col

from bottles import closing, hauls, outbox, routes
from bottles.closing import Ended
from bottles.db import reading
from bottles.events import Event
from bottles.hauls import AddedStop
from bottles.orders import Order, OrderStatus
from bottles.people import Role
from bottles.pickups import Pickup, PickupStatus
from bottles.routes import Outcome, Plan

from . import asked, decisions, names, planned, positions, under_way, words
from . import office_plan as plans
from .arrivals import Forecast
from .auth import allowed
from .current import engine, territory
from .nav import Entry
from .planned import Halt, Tour

bp = Blueprint("office", __name__, url_prefix="/office")
NAV = [Entry(_("Today"), "office.today", (Role.COORDINATOR,), 10, "home")]

WEEK = timedelta(days=7)
FEW = 6
"""Lines of what is coming up; the lists have the rest."""


@dataclass(frozen=True)
class Moving:
    """A route of today: how far it is, what is next, and when we last heard of it."""

    tour: Tour
    done: int
    missed: int
    next: Halt | None
    heard_at: datetime | None
    forecast: Forecast
    ended: Ended
    added: int = 0
    """Stops that the plan has not."""

    @property
    def total(self) -> int:
        """Count all its stops."""
        return len(self.tour.halts)

    @property
    def expected(self) -> datetime | None:
        """Return when the van comes to its next stop, where that is not as planned."""
        return self.forecast.differs(self.next.stop.id or 0) if self.next else None


@bp.get("")
@allowed(Role.COORDINATOR)
def today() -> ResponseReturnValue:
    """Show the day in three bands."""
    day = plans.today()
    with reading(engine()) as session:
        standing = routes.published(session, day)
        coming = decisions.ahead(session, plans.next_day(session, day), today=day)
        draft = coming.standing or coming.newest
        later = (Pickup.status == PickupStatus.OPEN, Pickup.ready_from > coming.day)
        due = (Order.status == OrderStatus.PLACED, col(Order.due).between(day, day + WEEK))
        return render_template(
            "office/today.html",
            day=day,
            decisions=decisions.waiting(session, day, standing, coming),
            moving=_moving(session, standing) if standing else [],
            positions=positions.last(session),
            standing=standing,
            coming=coming,
            draft=planned.picture(session, draft) if draft else None,
            pickups=asked.pickups(session, *later)[::-1],
            orders=sorted(asked.orders(session, *due), key=lambda row: row.since),
            few=FEW,
            now=g.now,
            words=words,
            why=under_way.why,
            mail=territory().mail,
            stuck=outbox.stuck(session, at=g.now),
            names=names.read(session),
        )


def _moving(session: Session, plan: Plan) -> list[Moving]:
    tours = planned.picture(session, plan).tours
    ids = [tour.route.id or 0 for tour in tours]
    foreseen, ends = under_way.forecasts(session, [tour.route for tour in tours], g.now), closing.ended(session, *ids)
    heard, added = _heard(session, plan), hauls.added(session, *ids)
    return [
        _progress(tour, heard, foreseen[id_], ends[id_], [stop for stop in added if stop.route == id_])
        for id_, tour in zip(ids, tours, strict=True)
    ]


def _heard(session: Session, plan: Plan) -> dict[int, datetime]:
    """Return when we last heard of each task under a plan, by the time of the act."""
    last = sa.select(col(Event.task), sa.func.max(col(Event.at))).group_by(col(Event.task))
    query = last.where(col(Event.plan_version) == plan.id)
    return {task: at for task, at in session.connection().execute(query) if task is not None}


def _progress(tour: Tour, heard: dict[int, datetime], forecast: Forecast, ended: Ended, added: Sequence[AddedStop]) -> Moving:
    moments = [heard[call.task] for halt in tour.halts for call in halt.calls if call.task in heard]
    return Moving(
        tour=tour,
        done=tour.count(Outcome.DONE, Outcome.PARTLY),
        missed=tour.count(Outcome.MISSED),
        next=_next(tour.halts),
        heard_at=max([*moments, *(stop.at for stop in added), *([ended.at] if ended.at else [])], default=None),
        forecast=forecast,
        ended=ended,
        added=len(added),
    )


def _next(halts: Iterable[Halt]) -> Halt | None:
    return next((halt for halt in halts if halt.outcome in (None, Outcome.REACHED)), None)
