"""A plan as a picture: GeoJSON with a line a route, a point a stop, and what was left out with its reason.

Positions are [lon, lat]. Lines go straight from stop to stop, and say that they are estimated. Texts are in the language
spoken, so this needs an app's context.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, select

from bottles.db import find
from bottles.points import Point
from bottles.positions import Position
from bottles.routes import Plan

from . import formats, planned, words
from .language import local
from .planned import Amount, Call, Halt, Tour

Feature = dict[str, Any]


def plan_picture(session: Session, plan_id: int, seen: Mapping[str, Position] = MappingProxyType({})) -> dict[str, Any]:
    """Return a plan version as a FeatureCollection: centres, routes with stops, calls left out, where vehicles were `seen`."""
    picture = planned.picture(session, find(session, Plan, plan_id))
    homes = _homes(session, {tour.vehicle.centre for tour in picture.tours})
    features = [_spot(home, {"id": home.id, "kind": "centre", "name": home.name}) for home in homes.values()]
    for tour in picture.tours:
        home = homes[tour.vehicle.centre]
        features.append(_line(tour, home, picture.plan.estimated))
        features += [_stop(tour, halt) for halt in tour.halts]
    features += [_left_out(call, message, values) for call, message, values in picture.left_out if call]
    features += [_van(tour, seen[tour.vehicle.id]) for tour in picture.tours if tour.vehicle.id in seen]
    return {"type": "FeatureCollection", "features": features}


def _homes(session: Session, centres: set[str]) -> dict[str, Point]:
    return {point.id: point for point in session.exec(select(Point).where(col(Point.id).in_(centres)).order_by(Point.id))}


def _line(tour: Tour, home: Point, estimated: bool) -> Feature:
    way = [home, *(point for halt in tour.halts for point in (*(home for _ in halt.unloads), halt.point)), home]
    properties = {
        "route": tour.number,
        "name": tour.vehicle.name,
        "vehicle": tour.vehicle.id,
        "stops": len(tour.halts),
        "km": round(tour.route.metres / 1000, 1),
        "departs": iso(tour.departs),
        "returns": iso(tour.route.returns),
        "estimated": estimated,
    }
    geometry = {"type": "LineString", "coordinates": [[point.lon, point.lat] for point in way]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _stop(tour: Tour, halt: Halt) -> Feature:
    properties = {
        "id": f"stop-{halt.stop.id}",
        "kind": "stop",
        "route": tour.number,
        "number": halt.number,
        "name": halt.point.name,
        "arrives": iso(halt.stop.arrives),
        "leaves": iso(halt.stop.leaves),
        "take": amounts(halt.take),
        "leave": amounts(halt.leave),
    }
    return _spot(halt.point, properties)


def _van(tour: Tour, seen: Position) -> Feature:
    name = f"{tour.vehicle.name}, {formats.clock(seen.at)}"
    properties = {"id": f"van-{tour.vehicle.id}", "kind": "van", "name": name, "seen": iso(seen.at)}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [seen.lon, seen.lat]}}


def _left_out(call: Call, message: str, values: Mapping[str, str]) -> Feature:
    properties = {
        "id": f"task-{call.task}",
        "kind": "left-out",
        "name": call.point.name,
        "reason": words.left_out(message, values),
        "take": amounts(call.take),
        "leave": amounts(call.leave),
    }
    return _spot(call.point, properties)


def amounts(listed: Iterable[Amount]) -> list[dict[str, Any]]:
    """Return amounts as plain data: how many, of what unit, of which type."""
    return [{"n": amount.n, "unit": amount.unit, "type": amount.kind} for amount in listed]


def _spot(point: Point, properties: dict[str, Any]) -> Feature:
    position: Sequence[float] = [point.lon, point.lat]
    return {
        "type": "Feature",
        "properties": properties | {"town": point.town},
        "geometry": {"type": "Point", "coordinates": position},
    }


def iso(at: datetime) -> str:
    """Write a moment on the territory's clock."""
    return local(at).isoformat()
