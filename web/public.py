"""What anybody may see: where to bring bottles, and which are taken; what labels lead to is in links.py."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from bottles import catalogue
from bottles import points as places
from bottles.db import reading
from bottles.errors import NotFound, say
from bottles.points import Point

from . import nearby, silhouettes
from .auth import home_of, public
from .current import engine, territory

bp = Blueprint("public", __name__)

LONGEST_SEARCH = 60
"""Characters of a search that are read."""


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """Begin where one's work is; visitors read what this is and search for a point."""
    if g.person:
        return redirect(home_of(g.person), 303)
    with reading(engine()) as session:
        count = len(places.public(session))
        kinds = catalogue.bottle_types(session)
    return render_template("public/home.html", count=count, kinds=kinds, outline=silhouettes.outline, box=silhouettes.BOX)


@bp.get("/points")
@public
def points() -> ResponseReturnValue:
    """List the points citizens may use: those of the town searched for, then its neighbours."""
    text = request.args.get("town", "")[:LONGEST_SEARCH]
    with reading(engine()) as session:
        found, kinds = nearby.search(_served(session), text), catalogue.bottle_types(session)
    cards = {near.point.id: nearby.hours(near.point, g.now) for near in (*found.here, *found.around)}
    return render_template(
        "public/points.html",
        found=found,
        text=text.strip(),
        hours=cards,
        week=nearby.week,
        kinds=kinds,
        tiles=territory().server.tiles,
    )


def _served(session: Session) -> list[Point]:
    """List every point; the private ones only lend their towns a place on the map."""
    return list(session.exec(select(Point).order_by(Point.town, Point.name)))


@bp.get("/points.geojson")
@public
def points_map() -> ResponseReturnValue:
    """Give the same points for the map."""
    with reading(engine()) as session:
        found = nearby.search(_served(session), request.args.get("town", "")[:LONGEST_SEARCH])
    return {"type": "FeatureCollection", "features": [_spot(near.point) for near in (*found.here, *found.around)]}


def _spot(point: Point) -> dict[str, Any]:
    facts = {"id": point.id, "name": point.name, "town": point.town, "kind": "point", "url": url_for(".point", key=point.id)}
    return {"type": "Feature", "properties": facts, "geometry": {"type": "Point", "coordinates": [point.lon, point.lat]}}


@bp.get("/points/<key>")
@public
def point(key: str) -> ResponseReturnValue:
    """Show one point; one that is not for citizens reads as if it did not exist."""
    with reading(engine()) as session:
        found = session.exec(select(Point).where(Point.id == key, col(Point.public))).first()
        kinds = catalogue.bottle_types(session)
    if found is None:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    hours, week = nearby.hours(found, g.now), nearby.week(found)
    return render_template("public/point.html", point=found, hours=hours, week=week, kinds=kinds)


@bp.get("/bottles")
@public
def bottles() -> ResponseReturnValue:
    """Say of each bottle whether it is taken, and why not."""
    with reading(engine()) as session:
        kinds = catalogue.bottle_types(session, accepted_only=False)
        reasons = catalogue.reasons(session, "sorting")
    return render_template(
        "public/bottles.html",
        taken=[kind for kind in kinds if kind.accepted],
        refused=[kind for kind in kinds if not kind.accepted],
        reasons=reasons,
        outline=silhouettes.outline,
        box=silhouettes.BOX,
    )
