"""Tokens at the door of the API: `Authorization: Bearer jmb_...`, read without touching cookie or session."""

import secrets

from flask import current_app, g, request

from bottles import tokens
from bottles.db import reading, transaction
from bottles.errors import NotAllowed, say
from bottles.tokens import Holder, TokenKind

from .current import engine

PREFIX = "jmb_"
"""What our secrets begin with, so that one that leaked into a log or a repository is recognised."""

UPLOADS = frozenset({"api.events", "api.photo", "api.spots"})
"""The endpoints that a token of a device opens."""

UPLOAD_ONLY = say("This token only hands in events; it opens nothing else.")


def new_secret() -> str:
    """Make the secret of a token; it is shown once and kept nowhere."""
    return PREFIX + secrets.token_urlsafe(32)


def shown() -> str:
    """Return the secret that the request shows at an address of the API; empty when it shows none."""
    if not request.path.startswith("/api/"):
        return ""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.casefold() == "bearer" else ""


def recognise(secret: str) -> None:
    """Set g.bearer, and g.person and g.partner with it, from a token.

    A device's token is let through to the upload when it is over too, since what comes under it is put into quarantine.

    Raises
    ------
    NotAllowed
        The token of a device is shown anywhere else than where events are handed in.
    """
    with reading(engine()) as work:
        holder = tokens.of(work, secret)
    if holder is None or request.endpoint is None:
        return
    is_upload = holder.kind is TokenKind.UPLOAD
    # nobody's pages are everybody's, whatever is shown at their door
    is_public = not getattr(current_app.view_functions[request.endpoint], "access", True)
    if is_public or not (is_upload or holder.may(g.now)):
        return
    if is_upload and request.endpoint not in UPLOADS:
        raise NotAllowed(UPLOAD_ONLY)
    g.bearer = g.person = holder
    g.partner, g.device = holder.partner, holder.device


def remember(holder: Holder) -> None:
    """Write down that a token is in use, at most once an hour."""
    if tokens.is_stale(holder, g.now):
        with transaction(engine()) as work:
            tokens.used(work, holder, at=g.now)
