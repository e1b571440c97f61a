"""What a person does on a page, as an event: the page is the device, and its forms carry the event's id.

The id is made when the form is drawn (or by the page's script), so the same form sent twice is one act.
"""

import re
import secrets
from typing import Any

from flask import g, request
from sqlmodel import Session

from bottles import events, intake, points
from bottles.db import find
from bottles.errors import say
from bottles.events import EventKind, NewEvent, Receipt
from bottles.intake import Author
from bottles.routes import Vehicle

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

RESENT = say("This was recorded already; nothing was counted twice.")


def fresh_id() -> str:
    """Make the id for an act that a form will tell."""
    return events.next_id(g.now, secrets.randbits(80))


def sent_id(name: str = "event_id") -> str:
    """Return the id the form carries, or a fresh one where it carries none that is well formed."""
    sent = request.form.get(name, "")
    return sent if UUID7.fullmatch(sent) else fresh_id()


def author(session: Session, vehicle: str | None = None) -> Author:
    """Return who acts: the person signed in, and the centre they work from (their vehicle's, or the first)."""
    home = find(session, Vehicle, vehicle).centre if vehicle else points.centres(session)[0].id
    return Author(person=g.person.id, partner=g.partner, role=g.person.role, centre=home)


def act(session: Session, kind: EventKind, *, id: str, offset: int = 0, **facts: Any) -> NewEvent:  # noqa: A002  # it is the event's own word
    """Make an event of this page: now, by this device; `offset` numbers several made at once."""
    sequence = events.next_sequence(session, g.device) + offset
    return NewEvent.model_validate({"id": id, "kind": kind, "at": g.now, "device": g.device, "sequence": sequence, **facts})


def record(session: Session, news: list[NewEvent], who: Author) -> list[intake.Answer]:
    """Keep acts of this page; the first that was set aside raises its sentence, since a person is there to read it."""
    answers = intake.record_all(session, news, who, at=g.now)
    for answer in answers:
        if answer.refusal is not None and answer.receipt is Receipt.INVALID:
            raise answer.refusal
    return answers
