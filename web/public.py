"""What anybody may see: where to bring bottles, which are taken, and what to do with a crate that was found."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import catalogue, codes
from bottles import points as places
from bottles.catalogue import CrateType
from bottles.crates import Crate, CrateState
from bottles.db import reading
from bottles.errors import Invalid, NotFound, say
from bottles.points import Point

from . import nearby, silhouettes
from .auth import home_of, public
from .current import engine, territory
from .forms import sentence

bp = Blueprint("public", __name__)

LONGEST_SEARCH = 60
"""Characters of a search that are read."""

CRATES: Mapping[CrateState, object] = {
    CrateState.NEW: _("It has a label and waits for its first use."),
    CrateState.CLEAN: _("We believe it is clean, at our centre."),
    CrateState.FILLED: _("We believe it is full of washed bottles, at our centre."),
    CrateState.ABOARD: _("We believe it is aboard one of our vans."),
    CrateState.OUT: _("It stands at one of our points, to be filled with empty bottles."),
    CrateState.RECEIVED: _("We believe it is at our centre, to be washed."),
    CrateState.EMPTIED: _("We believe it is at our centre, to be washed."),
    CrateState.LENT: _("It is lent to one of our partners."),
    CrateState.LOST: _("We have been looking for it."),
    CrateState.RETIRED: _("It is out of service; it should not be in use any more."),
}
"""Where a crate stands, in words for whoever finds it: no place, no partner."""


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """Begin where one's work is; visitors read what this is and search for a point."""
    if g.person:
        return redirect(home_of(g.person), 303)
    with reading(engine()) as session:
        count = len(places.public(session))
        kinds = catalogue.bottle_types(session)
    return render_template("public/home.html", count=count, kinds=kinds, outline=silhouettes.outline, box=_box())


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
        box=_box(),
    )


def _box() -> str:
    return f"0 0 {silhouettes.WIDEST} {silhouettes.TALLEST}"


@bp.get("/8003/<grai>")
@public
def crate(grai: str) -> ResponseReturnValue:
    """Say whose crate this is and what to do with it; the QR's link is in capitals, people type it in small letters."""
    try:
        code = codes.read(f"8003/{grai}")
    except Invalid as refusal:
        return render_template("public/crate.html", crate=None, kind=None, said=sentence(refusal)), 422
    with reading(engine()) as session:
        found = session.get(Crate, code) if grai[1:13] == territory().labels.asset_type else None
        kind = session.get(CrateType, found.type) if found else None
    if found is None:
        return render_template("public/crate.html", crate=None, kind=None, said="", code=codes.by_eye(code)), 404
    return render_template(
        "public/crate.html", crate=found, kind=kind, code=codes.by_eye(found.code), state=CRATES[found.state]
    )
