"""A device that is signed in gets a token of its own, which its queue of events goes out under when the session is over."""

from datetime import timedelta
from typing import Any

from flask import g
from flask_login import current_user  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select
from werkzeug.exceptions import Unauthorized

from bottles import passes, people, points, tokens
from bottles.db import transaction
from bottles.errors import NotAllowed, say
from bottles.people import Person, Role
from bottles.tokens import TokenKind
from bottles.vehicles import Vehicle
from web import bearers
from web.auth import allowed
from web.current import engine

from .document import bp, refusals
from .shapes import DeviceToken

OUTLIVES = timedelta(days=30)
"""How long a device may still hand in what it has queued, when its session is over."""


@bp.post(
    "/devices",
    summary="Get a token for this device",
    description="For somebody who is signed in to the site, with the form token of the session as `X-CSRFToken`. The token "
    "only hands in events of this device; it outlives the session by 30 days, and ends the one this device had before.",
    security=[{"session": []}],
    responses={200: DeviceToken, **refusals(400, 401, 403, 503)},
)
@allowed(Role.DRIVER, Role.WASHER, Role.COORDINATOR, by_code=True)
def devices() -> dict[str, Any]:
    """Make an upload-only token for the device that is signed in, in place of the one it had."""
    if g.bearer is not None:
        raise NotAllowed(say("A token makes no other token: sign in on the device itself."))
    secret = bearers.new_secret()
    with transaction(engine()) as session:
        signed_in = people.signed_in(session, current_user.token, at=g.now)
        if signed_in is None or not passes.stands(session, signed_in[1].driver_pass, at=g.now):
            # signed out between the door and here
            raise Unauthorized
        person, row = signed_in
        tokens.replace(session, person.id or 0, row.device, at=g.now)
        made = tokens.create(
            session,
            secret,
            TokenKind.UPLOAD,
            person,
            centre=centre_of(session, person),
            device=row.device,
            lasting=row.expires_at - g.now + OUTLIVES,
            by=person.id,
            driver_pass=row.driver_pass,
            at=g.now,
        )
    return DeviceToken(token=secret, expires_at=made.expires_at, device=made.device).model_dump(mode="json")


def centre_of(session: Session, person: Person) -> str:
    """Return the centre somebody works from: that of the vehicle they drive, or the first."""
    driven = session.exec(select(col(Vehicle.centre)).where(Vehicle.driver == person.id).order_by(Vehicle.id)).first()
    return driven or next((place.id for place in points.centres(session)), "")
