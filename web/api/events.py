"""The one way in for programs and phones: a batch of events, and a receipt for each."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import msgspec
from flask import Response, g, request
from werkzeug.exceptions import Unauthorized

from bottles import intake
from bottles.db import transaction
from bottles.errors import Invalid, say
from bottles.events import Receipt
from bottles.intake import Answer, Arrived, Author
from bottles.people import Role
from bottles.tokens import Holder
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

OVER = say("This phone or program may no longer send: it waits until the coordinator lets it in.")
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
    arrived = intake.unpack(batches.cut(_body()))
    answers = _record(arrived, holder)
    bearers.remember(holder)
    return _receipts(answers)


# it takes nothing but a token in a header of its own, which no other site's form can send
csrf.exempt(events)


def _body() -> bytes:
    request.max_content_length = BYTES
    packed = request.headers.get("Content-Encoding", "identity")
    if packed != "identity":
        raise errors.Unreadable(say("Send the events as they are: “%(packed)s” is not unpacked here."), packed=packed[:40])
    # remembered, since the view is begun again when another batch gets in its way
    body = request.get_data()
    # of a body that comes in chunks Werkzeug reads as much as the limit, and does not say that there was more
    if len(body) >= BYTES:
        raise errors.TooLarge(errors.PROGRAMS[413].is_)
    return body


def _record(arrived: Sequence[Arrived], holder: Holder) -> list[Answer]:
    """Keep what the token may hand in, and put the rest into quarantine."""
    author = Author(person=holder.id, partner=holder.partner, role=holder.role, centre=holder.centre)
    barred = _barred(arrived, holder)
    with transaction(engine()) as session:
        if not barred:
            return intake.receive(session, arrived, author, at=g.now)
        answers = dict[int, Answer]()
        for why, chosen in barred.items():
            part = [arrived[n] for n in chosen]
            if why:
                answered = intake.quarantine(session, part, author, Invalid(why, device=holder.device), at=g.now)
            else:
                answered = intake.receive(session, part, author, at=g.now)
            answers.update(zip(chosen, answered, strict=True))
    return [answers[n] for n in range(len(arrived))]


def _barred(arrived: Sequence[Arrived], holder: Holder) -> dict[str, list[int]]:
    """Say which events may not come in by a token, and why; those under "" may. Empty when all may."""
    if not holder.may(g.now):
        return {OVER: list(range(len(arrived)))}
    # in the name of one device nobody hands in what another did: its numbers would tell of a gap that is none
    strange = [n for n, each in enumerate(arrived) if holder.device and each.new.device not in ("", holder.device)]
    if not strange:
        return {}
    return {ELSEWHERE: strange, "": sorted(set(range(len(arrived))) - set(strange))}


def _receipts(answers: Sequence[Answer]) -> Response:
    told = msgspec.json.encode({"receipts": [receipt(answer) for answer in answers]})
    is_conflict = len(answers) == 1 and answers[0].receipt is Receipt.CONFLICT
    answer = Response(told, 409 if is_conflict else 200, mimetype="application/json")
    # a phone makes the times of its acts from ours, since its own clock may be set to anything
    answer.headers["X-Server-Time"] = g.now.astimezone(UTC).isoformat(timespec="milliseconds")
    return answer


def receipt(answer: Answer) -> dict[str, Any]:
    """Return a receipt as it is answered."""
    told: dict[str, Any] = {"id": answer.id, "receipt": answer.receipt}
    if answer.refusal is not None:
        told["sentence"] = sentence(answer.refusal)
        if answer.refusal.field:
            told["field"] = answer.refusal.field
    return told
