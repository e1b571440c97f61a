"""The one way in for programs and phones: a batch of events, and a receipt for each."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from flask import Response, current_app, g, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import Unauthorized

from bottles import intake
from bottles.db import transaction
from bottles.errors import Invalid, say
from bottles.events import Receipt
from bottles.intake import Answer, Author, Unreadable
from bottles.people import Role
from bottles.tokens import Holder
from bottles.wire import NewEvent
from web import bearers, errors
from web.auth import allowed
from web.current import engine
from web.forms import sentence
from web.security import csrf

from . import batches, kinds
from .document import TOKEN, bp, refusals
from .shapes import Receipts

BYTES = 4 * 1024 * 1024
"""The largest batch that is read."""

TRIES = 4
"""How often a batch is recorded that another one got in the way of, before it is sent back."""

RACES = {"40001", "40P01", "23505"}
"""PostgreSQL's words for: could not be put in one order, a deadlock, somebody was faster with the same key."""

OVER = say("The token it came under is over: it waits until the coordinator lets it in.")
ELSEWHERE = say("This token hands in what was done on the device %(device)s, and no other.")


@bp.post(
    "/events",
    summary="Hand in what was done",
    description=kinds.description(),
    request_body=kinds.request_body(),
    security=TOKEN,
    responses={200: Receipts, 409: Receipts, **refusals(400, 401, 413, 503)},
)
@allowed(*Role)
def events() -> Response:
    """Keep a batch of events, and answer one receipt each in the same order."""
    holder: Holder | None = g.bearer
    if holder is None:
        # a session of the site is no token: what was made on a device goes out under its author's own
        raise Unauthorized
    bodies = batches.cut(_body())
    news = intake.unpack(bodies)
    answers = _in_one_order(lambda: _record(news, bodies, holder))
    bearers.remember(holder)
    return _receipts(answers)


# it takes nothing but a token in a header of its own, which no other site's form can send
csrf.exempt(events)


def _body() -> bytes:
    request.max_content_length = BYTES
    packed = request.headers.get("Content-Encoding", "identity")
    if packed != "identity":
        raise errors.Unreadable(say("Send the events as they are: “%(packed)s” is not unpacked here."), packed=packed[:40])
    body = request.get_data(cache=False)
    # of a body that comes in chunks Werkzeug reads as much as the limit, and does not say that there was more
    if len(body) >= BYTES:
        raise errors.TooLarge(errors.PROGRAMS[413].is_)
    return body


def _record(news: Sequence[NewEvent | Unreadable], bodies: Sequence[bytes], holder: Holder) -> list[Answer]:
    """Keep what the token may hand in, and put the rest into quarantine."""
    author = Author(person=holder.id, partner=holder.partner, role=holder.role, centre=holder.centre)
    barred = _barred(news, holder)
    with transaction(engine()) as session:
        if not barred:
            return intake.record_all(session, news, author, bodies=bodies, at=g.now)
        answers = dict[int, Answer]()
        for why, chosen in barred.items():
            part, raws = [news[n] for n in chosen], [bodies[n] for n in chosen]
            if why:
                answered = intake.quarantine(session, part, raws, author, Invalid(why, device=holder.device), at=g.now)
            else:
                answered = intake.record_all(session, part, author, bodies=raws, at=g.now)
            answers.update(zip(chosen, answered, strict=True))
    return [answers[n] for n in range(len(news))]


def _barred(news: Sequence[NewEvent | Unreadable], holder: Holder) -> dict[str, list[int]]:
    """Say which events may not come in by a token, and why; those under "" may. Empty when all may."""
    if not holder.may(g.now):
        return {OVER: list(range(len(news)))}
    # in the name of one device nobody hands in what another did: its numbers would tell of a gap that is none
    strange = [n for n, new in enumerate(news) if holder.device and new.device not in ("", holder.device)]
    if not strange:
        return {}
    return {ELSEWHERE: strange, "": sorted(set(range(len(news))) - set(strange))}


def _in_one_order(record: Callable[[], list[Answer]]) -> list[Answer]:
    """Record a batch, and once more when another one at the same moment got in its way."""
    for tried in range(1, TRIES + 1):
        try:
            return record()
        except DBAPIError as error:
            if tried == TRIES or getattr(error.orig, "sqlstate", None) not in RACES:
                raise
            current_app.logger.info("request %s: recorded again after %s", g.request_id, type(error.orig).__name__)
    raise AssertionError("unreachable")


def _receipts(answers: Sequence[Answer]) -> Response:
    told = msgspec.json.encode({"receipts": [_receipt(answer) for answer in answers]})
    is_conflict = len(answers) == 1 and answers[0].receipt is Receipt.CONFLICT
    return Response(told, 409 if is_conflict else 200, mimetype="application/json")


def _receipt(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {"id": answer.id, "receipt": answer.receipt}
    if answer.refusal is not None:
        told["sentence"] = sentence(answer.refusal)
        if answer.refusal.field:
            told["field"] = answer.refusal.field
    return told
