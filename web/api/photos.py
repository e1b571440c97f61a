"""Pictures of events, sent after the facts; the phone keeps each until a receipt names its event."""

from typing import Any

from flask import g, request
from pydantic import BaseModel, Field
from werkzeug.exceptions import Unauthorized

from bottles import photos
from bottles.db import reading, transaction
from bottles.events import Receipt
from bottles.people import Role
from bottles.tokens import Holder
from web import bearers, errors, pictures
from web.auth import allowed
from web.current import engine
from web.security import csrf

from .document import TOKEN, bp, refusals
from .shapes import PhotoReceipt


class OfEvent(BaseModel):
    """An address that names an event."""

    event: str = Field(description="The event's id.")


BODY = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png", "image/webp")},
}


@bp.put(
    "/events/<event>/photo",
    summary="Hand in the picture of an event",
    description="For an event whose `photo` is the SHA-256, in hexadecimal digits, of exactly these bytes: a JPEG, PNG or "
    "WebP of at most 8 megabytes. Send it when the event has its receipt, whichever that was, with a token of the person and "
    "the device that made the event. It is drawn anew, at most 1,600 pixels wide or high, and without what it says of place "
    "and camera. A 404 means that we do not hold the event: keep the picture. The same picture sent again is `already_known`.",
    request_body=BODY,
    security=TOKEN,
    responses={200: PhotoReceipt, **refusals(400, 401, 403, 404, 409, 413, 415, 503)},
)
@allowed(*Role)
def photo(path: OfEvent) -> dict[str, Any]:
    """Keep a picture that an event names."""
    holder: Holder | None = g.bearer
    if holder is None:
        raise Unauthorized
    body = _body()
    digest = pictures.digest(body)
    with reading(engine()) as session:
        receipt = photos.expect(session, path.event, digest, holder.id, holder.device)
    if receipt is Receipt.KEPT:
        # nobody waits for the database while it is drawn
        picture = pictures.draw(body)
        with transaction(engine()) as session:
            receipt = photos.keep(session, path.event, digest, picture, holder.id, at=g.now)
    bearers.remember(holder)
    return PhotoReceipt(id=path.event, receipt=receipt).model_dump(mode="json")


# it takes nothing but a token in a header of its own, which no other site's form can send
csrf.exempt(photo)


def _body() -> bytes:
    request.max_content_length = pictures.BYTES
    # remembered, since the view is begun again when another request gets in its way
    body = request.get_data()
    # of a body that comes in chunks Werkzeug reads as much as the limit, and does not say that there was more
    if len(body) >= pictures.BYTES:
        raise errors.TooLarge(pictures.TOO_LARGE)
    return body
