"""Where vehicles are, for the office; and for a driver what the office sees of them."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, g, jsonify
from sqlmodel import Session

from bottles import positions
from bottles.db import reading
from bottles.people import Role
from bottles.positions import Position

from .auth import allowed
from .current import engine, territory
from .language import local, zone

bp = Blueprint("positions", __name__, url_prefix="/driver/positions")


def today() -> datetime:
    """Return when this day began."""
    return _midnight(local(g.now).date())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), zone())


def last(session: Session) -> dict[str, Position]:
    """Return today's last position of each vehicle whose driver shares it."""
    return positions.last(session, max(today(), g.now - timedelta(days=territory().positions.keep_days)))


@bp.get("")
@allowed(Role.DRIVER, by_code=True)
def mine() -> Response:
    """List where I was today, as the office sees it; whom a code signed in, on its day and no other."""
    day = g.driver_pass.day if g.driver_pass else local(g.now).date()
    with reading(engine()) as session:
        seen = positions.of_person(session, g.person.id, _midnight(day))
    told = [spot for spot in seen if spot.at < _midnight(day + timedelta(days=1))]
    return jsonify([{"at": spot.at.isoformat(), "lat": spot.lat, "lon": spot.lon, "accuracy": spot.accuracy} for spot in told])
