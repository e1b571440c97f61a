"""Where a driver's phone was, when its driver shares it: in by the phone's token, and only of their routes."""

from datetime import timedelta
from typing import Annotated, Any

from flask import g, request
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from werkzeug.exceptions import Unauthorized

from bottles import positions
from bottles.db import transaction
from bottles.errors import say
from bottles.people import Role
from bottles.positions import Spot
from bottles.tokens import Holder
from bottles.wire import Id, Moment
from web import bearers, errors
from web.auth import allowed
from web.current import engine, territory
from web.language import zone
from web.security import csrf

from .document import TOKEN, bp, refusals
from .shapes import Shape

BYTES = 256 * 1024
MOST = 500
"""Positions at once: at one in half a minute, those of four hours."""


class Told(BaseModel):
    """Where a phone was."""

    id: Id = Field(description="A UUID of version 7 that the phone makes: the same one sent again is kept once.")
    at: Moment
    lat: float = Field(ge=-90, le=90, description="Degrees north.")
    lon: float = Field(ge=-180, le=180, description="Degrees east.")
    accuracy: float = Field(ge=0, le=10_000_000, description="Metres of doubt.")


class Kept(Shape):
    """How many of them were of a route, and are kept. The others are forgotten at once: delete all on your side."""

    kept: int


Batch = TypeAdapter(Annotated[list[Told], Field(max_length=MOST)])
SHAPE = say("Positions are a list of at most 500 objects with id, at, lat, lon and accuracy: this is something else.")
REF = "#/components/schemas/"

_one = Told.model_json_schema(ref_template=REF + "{model}")
BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"type": "array", "maxItems": MOST, "items": _one}}},
}


@bp.post(
    "/positions",
    summary="Say where the vehicle is",
    description="From a phone whose driver switched sharing on. Kept are only those of a day's route, until it is closed, and "
    "for the days that the territory's settings say; none where these are 0.",
    request_body=BODY,
    security=TOKEN,
    responses={200: Kept, **refusals(400, 401, 413, 503)},
)
@allowed(*Role)
def spots() -> dict[str, Any]:
    """Keep where the bearer was on their routes."""
    holder: Holder | None = g.bearer
    # unlike events these are worth nothing later: what comes by a token that is over is not kept
    if holder is None or not holder.may(g.now):
        raise Unauthorized
    told = [Spot(**each.model_dump()) for each in _read()]
    days = territory().positions.keep_days
    kept = 0
    if told and days:
        with transaction(engine()) as session:
            kept = positions.keep(session, told, holder.id, since=g.now - timedelta(days=days), zone=zone(), at=g.now)
    bearers.remember(holder)
    return Kept(kept=kept).model_dump()


# it takes nothing but a token in a header of its own, which no other site's form can send
csrf.exempt(spots)


def _read() -> list[Told]:
    request.max_content_length = BYTES
    body = request.get_data()
    # of a body that comes in chunks Werkzeug reads as much as the limit, and does not say that there was more
    if len(body) >= BYTES:
        raise errors.TooLarge(errors.PROGRAMS[413].is_)
    try:
        return Batch.validate_json(body)
    except ValidationError as wrong:
        raise errors.Unreadable(SHAPE) from wrong
