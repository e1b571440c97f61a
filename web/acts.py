"""What a person does on a page, as an event: the page is the device, and its forms carry the event's id.

The id is made when the form is drawn (or by the page's script), so the same form sent twice is one act.
"""

import hashlib
import re
import secrets
from typing import Any

from flask import g, request
from sqlmodel import Session, select

from bottles import events, intake, points
from bottles.db import find
from bottles.errors import say
from bottles.events import Event, EventKind, Receipt
from bottles.intake import Author
from bottles.vehicles import Vehicle
from bottles.wire import NewEvent

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

RESENT = say("This was recorded already; nothing was counted twice.")


def fresh_id() -> str:
    """Make the id for an act that a form will tell."""
    return events.next_id(g.now, secrets.randbits(80))


def sent_id() -> str:
    """Return the id the form carries, or a fresh one where it carries none that is well formed."""
    sent = request.form.get("event_id", "")
    return sent if UUID7.fullmatch(sent) else fresh_id()


def follow(root: str, number: int) -> str:
    """Return the id of an act's n-th event: the first is the act's own, the others follow from it (UUIDv7 as well)."""
    if number == 0:
        return root
    mixed = hashlib.sha256(f"{root}/{number}".encode()).hexdigest()
    return f"{root[:14]}7{mixed[:3]}-{'89ab'[int(mixed[3], 16) % 4]}{mixed[4:7]}-{mixed[7:19]}"


def is_known(session: Session, event_id: str) -> bool:
    """Say whether an event of this id reached us already."""
    return session.exec(select(Event.id).where(Event.id == event_id)).first() is not None


def id_of_scan(session: Session, event_id: str, code: str, move: str) -> str | None:
    """Return the id for a scan, or none when that very scan was sent already.

    An id that another label wore out is not used again, so that no scan is taken for a resend and lost.
    """
    known = session.exec(select(Event).where(Event.id == event_id)).first()
    if known is None:
        return event_id
    return None if (known.crate, known.move) == (code, move) else fresh_id()


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
