"""Routes on the road: when their vans are expected, read from what was told so far, and said in words."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import hauls
from bottles.hauls import AddedStop
from bottles.routes import Outcome, Route, Stop, StopTask, Visit

from . import formats
from .arrivals import CLOSE, Forecast, Happened, Planned, Why, forecast


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
