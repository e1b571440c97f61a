"""Learns from what drivers told how long the ways between their stops really took."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bottles.events import Event, EventKind
from bottles.points import Point
from bottles.routes import Plan, PlanStatus, Route, Stop, StopTask
from bottles.vehicles import Vehicle

from ..problem import Place
from ..travel import Calibration, Leg, calibrate, expected
from .settings import Settings

LEFT = (EventKind.STOP_DONE, EventKind.STOP_PARTLY, EventKind.STOP_MISSED)


@dataclass(frozen=True, slots=True)
class Halt:
    """A stop as it was driven: when its first task was reached, and when the last was ended; None where nobody told."""

    number: int
    place: Place
    reached: datetime | None
    left: datetime | None


def learn(legs: Sequence[Leg], settings: Settings) -> Calibration:
    """Compare legs with what the settings expect of them without factor and margin, each by its vehicle's profile.

    Raises
    ------
    TooFewLegs
        There are too few to learn from.
    ValueError
        The road engine does not answer.
    """
    base = np.zeros(len(legs))
    for profile in {leg.profile for leg in legs}:
        mine = [number for number, leg in enumerate(legs) if leg.profile == profile]
        base[mine] = expected([legs[number] for number in mine], settings.profiles.get(profile, settings.travel))
    return calibrate(legs, base)


def legs_driven(session: Session, zone: ZoneInfo, *, since: datetime) -> list[Leg]:
    """List the ways between stops that followed each other: from ending one to reaching the next, as phones told."""
    profiles = {vehicle.id: vehicle.profile for vehicle in session.exec(select(Vehicle))}
    legs = []
    for vehicle, halts in _driven(session, since):
        for before, after in _pairs(halts):
            if before.left and after.reached and timedelta() < after.reached - before.left and before.place != after.place:
                seconds = round((after.reached - before.left).total_seconds())
                legs.append(Leg(before.place, after.place, seconds, before.left.astimezone(zone).hour, profiles[vehicle]))
    return legs


def _pairs(halts: Sequence[Halt]) -> Iterable[tuple[Halt, Halt]]:
    """Give each stop with the one that was driven to next; where somebody may have been unheard, only neighbours by plan."""
    told = sorted((halt.reached, halt.number, halt) for halt in halts if halt.reached)
    whole = len(told) == len(halts)
    return [(a, b) for (*_, a), (*_, b) in pairwise(told) if whole or b.number == a.number + 1]


def _driven(session: Session, since: datetime) -> Iterable[tuple[str, list[Halt]]]:
    """Give the stops of each route that stands or stood, in order, with what phones told of them."""
    told = _told(session, since)
    query = (
        sa.select(col(Route.vehicle), col(Route.plan), col(Stop.route), col(Stop.position))
        .add_columns(col(Point.lon), col(Point.lat), col(StopTask.task))
        .join(Plan, col(Plan.id) == col(Route.plan))
        .join(Stop, col(Stop.route) == col(Route.id))
        .join(Point, col(Point.id) == col(Stop.point))
        .join(StopTask, col(StopTask.stop) == col(Stop.id))
        .where(col(Plan.status) != PlanStatus.DRAFT, col(Route.returns) >= since)
        .order_by(col(Route.id), col(Stop.position), col(StopTask.task))
    )
    routes: dict[tuple[str, int], dict[int, Halt]] = defaultdict(dict)
    for vehicle, plan, route, number, lon, lat, task in session.connection().execute(query):
        halts = routes[vehicle, route]
        known = halts.get(number) or Halt(number, Place(lon, lat), None, None)
        reached, left = told.get((task, plan), (None, None))
        first = min((at for at in (known.reached, reached) if at), default=None)
        last = max((at for at in (known.left, left) if at), default=None)
        halts[number] = Halt(number, known.place, first, last)
    return [(vehicle, list(halts.values())) for (vehicle, _), halts in routes.items()]


Times = tuple[datetime | None, datetime | None]


def _told(session: Session, since: datetime) -> dict[tuple[int, int], Times]:
    """Give when each task was reached first and ended last under each plan; what was undone was not."""
    undone = set(session.exec(select(Event.undoes).where(col(Event.undoes).is_not(None))))
    query = (
        sa.select(col(Event.id), col(Event.kind), col(Event.at), col(Event.task), col(Event.plan_version))
        .where(col(Event.kind).in_([EventKind.STOP_REACHED, *LEFT]))
        .where(col(Event.at) >= since, col(Event.task).is_not(None))
    )
    told: dict[tuple[int, int], Times] = {}
    for event, kind, at, task, plan in session.connection().execute(query):
        if event not in undone and task is not None:
            reached, left = told.get((task, plan or 0), (None, None))
            if kind == EventKind.STOP_REACHED:
                reached = min(reached or at, at)
            else:
                left = max(left or at, at)
            told[task, plan or 0] = reached, left
    return told
