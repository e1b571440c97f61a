"""Where vehicles are, for the office; and for a driver what the office sees of them."""

from datetime import datetime, time, timedelta

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
    return datetime.combine(local(g.now).date(), time(), zone())


def last(session: Session) -> dict[str, Position]:
    """Return today's last position of each vehicle whose driver shares it."""
    return positions.last(session, max(today(), g.now - timedelta(days=territory().positions.keep_days)))


@bp.get("")
@allowed(Role.DRIVER, by_code=True)
def mine() -> Response:
    """List where I was today, as the office sees it."""
    with reading(engine()) as session:
        told = positions.of_person(session, g.person.id, today())
    return jsonify([{"at": spot.at.isoformat(), "lat": spot.lat, "lon": spot.lon, "accuracy": spot.accuracy} for spot in told])
