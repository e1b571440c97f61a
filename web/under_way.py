"""Routes on the road: when their vans are expected, read from what was told so far, and said in words."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import closing, hauls
from bottles.catalogue import UNSORTED
from bottles.closing import Ended
from bottles.crates import Move
from bottles.hauls import AddedLine, AddedStop
from bottles.pickups import Pickup, PickupStatus
from bottles.points import Point
from bottles.routes import Outcome, Route, Stop, StopTask, Visit

from . import formats, names
from .arrivals import CLOSE, Forecast, Happened, Planned, Why, forecast
from .driver_words import REASONS
from .names import Names
from .planned import Amount, amount


def forecasts(session: Session, routes: Sequence[Route], now: datetime) -> dict[int, Forecast]:
    """Say when the vans of some routes come to the stops still to come, in a fixed number of queries."""
    ids = [route.id or 0 for route in routes]
    stops: dict[int, list[Planned]] = defaultdict(list)
    for stop in session.exec(select(Stop).where(col(Stop.route).in_(ids)).order_by(col(Stop.position))):
        stops[stop.route].append(Planned(stop.id or 0, stop.arrives, stop.starts, stop.leaves))
    told = _told(session, ids)
    added: dict[int, list[Happened]] = defaultdict(list)
    for one in hauls.added(session, *ids):
        added[one.route].append(_happened([one]))
    return {
        id_: forecast(route.departs, route.returns, stops[id_], told[id_], now, added=added[id_])
        for id_, route in zip(ids, routes, strict=True)
    }


@dataclass(frozen=True)
class Call:
    """A stop that was added on the way, and the pickup that is still open at its point."""

    began: datetime
    point: Point
    outcome: Outcome | None
    reason: str
    take: Sequence[Amount]
    leave: Sequence[Amount]
    pickup: int | None


@dataclass(frozen=True)
class Road:
    """What came of one route so far besides its plan; the forecast is only for today."""

    forecast: Forecast | None
    added: Sequence[Call]
    ended: Ended
    names: Names

    @property
    def why(self) -> str:
        """Say why the next stop is expected when it is."""
        return why(self.forecast) if self.forecast else ""

    @staticmethod
    def reason(key: str) -> str:
        """Say a driver's reason in the reader's words."""
        return str(REASONS.get(key, key))

    def expected(self, stop: int) -> datetime | None:
        """Return when the van comes to a stop, where that is not as planned."""
        return self.forecast.differs(stop) if self.forecast else None


def roads(session: Session, routes: Sequence[Route], now: datetime, *, is_today: bool) -> dict[int, Road]:
    """Say what came of some routes so far: when they are expected, what was added, how they ended."""
    ids = [route.id or 0 for route in routes]
    calls, ends, called = _calls(session, ids), closing.ended(session, *ids), names.read(session)
    # a van whose route is closed comes no more
    foreseen = forecasts(session, [route for route in routes if not ends[route.id or 0].at], now) if is_today else {}
    return {id_: Road(foreseen.get(id_), calls[id_], ends[id_], called) for id_ in ids}


def calls_at(session: Session, point: str, since: datetime, until: datetime) -> list[Call]:
    """List the calls at a point that no plan had, in some time, the last first."""
    found = _calls(session, sorted(hauls.called_at(session, point, since, until)))
    here = [call for calls in found.values() for call in calls if call.point.id == point]
    return sorted(here, key=lambda call: call.began, reverse=True)


def _calls(session: Session, ids: Sequence[int]) -> Mapping[int, list[Call]]:
    added, moved, called = hauls.added(session, *ids), hauls.moved(session, *ids), names.read(session)
    places = {stop.point for stop in added}
    points = {point.id: point for point in session.exec(select(Point).where(col(Point.id).in_(places)))}
    waiting = select(Pickup.point, Pickup.id).where(col(Pickup.point).in_(places), Pickup.status == PickupStatus.OPEN)
    asked = dict(session.exec(waiting).all())
    found: dict[int, list[Call]] = defaultdict(list)
    for stop in added:
        lines = [line for _, here in moved[stop.route] for line in here if isinstance(line, AddedLine)]
        mine = [line for line in lines if line.point == stop.point and line.quantity and line.item != UNSORTED]
        take = [amount(line.quantity, "crate", line.item, called.items) for line in mine if line.move is Move.COLLECT]
        leave = [amount(line.quantity, "empty", line.item, called.items) for line in mine if line.move is Move.DROP]
        call = Call(stop.began, points[stop.point], stop.outcome, stop.reason, take, leave, asked.get(stop.point))
        found[stop.route].append(call)
    return found


def _told(session: Session, ids: Collection[int]) -> Mapping[int, dict[int, Happened]]:
    """Return what was told of the stops of some routes, by route and stop; one is ended when all its tasks are."""
    query = (
        select(Stop.route, Stop.id, Visit)
        .join(StopTask, col(StopTask.stop) == col(Stop.id))
        .join(Route, col(Route.id) == col(Stop.route))
        .outerjoin(Visit, (col(Visit.task) == col(StopTask.task)) & (col(Visit.plan) == col(Route.plan)))
        .where(col(Stop.route).in_(ids))
    )
    visits: dict[tuple[int, int], list[Visit | None]] = defaultdict(list)
    for route, stop, visit in session.exec(query):
        visits[route, stop or 0].append(visit if visit and visit.outcome else None)
    told: dict[int, dict[int, Happened]] = defaultdict(dict)
    for (route, stop), found in visits.items():
        if heard := [visit for visit in found if visit]:
            told[route][stop] = _happened(heard, whole=len(heard) == len(found))
    return told


def _happened(heard: Sequence[Visit] | Sequence[AddedStop], *, whole: bool = True) -> Happened:
    """Say when the van was first at a stop, and when it had done all there was."""
    began = min(one.began if isinstance(one, AddedStop) else one.at for one in heard)
    over = whole and all(one.outcome not in (None, Outcome.REACHED) for one in heard)
    return Happened(began, max(one.at for one in heard) if over else None)


def why(found: Forecast) -> str:
    """Say why the next stop is expected when it is; nothing while all goes by the plan."""
    first = next(iter(found.stops.values()), None)
    if first is None or abs(first.late) < CLOSE:
        return ""
    clock, time = found.heard_at and formats.clock(found.heard_at), formats.duration(abs(first.late).total_seconds())
    if found.why is Why.SILENT:
        return str(gettext("nothing heard since %(clock)s", clock=clock) if clock else gettext("nothing heard yet"))
    return str(
        gettext("%(time)s late so far", time=time) if first.late >= CLOSE else gettext("%(time)s early so far", time=time)
    )
