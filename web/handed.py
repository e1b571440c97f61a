"""What a phone that reaches us no more has not sent, as a file from another phone or from its own downloads.

The file says whose events they are; whether that is so, the tokens say that we once gave to that phone.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlmodel import Session, col, select

from bottles import intake, tokens
from bottles.aside import SetAside
from bottles.errors import Invalid, NotFound, say
from bottles.intake import Answer, Author
from bottles.people import Person
from bottles.tokens import Token
from bottles.wire import NewEvent

from .api.devices import centre_of
from .errors import TooLarge, Unreadable

FORMAT, VERSION = "bouteilles-handover", 1
MEGABYTES = 16
"""The largest file; a phone with more photos makes several."""

MOST = 5_000
"""Events in one file: more than a driver makes in a month without network."""

MOST_PHOTOS = 100
"""Photos in one file: each is drawn anew while a phone waits for the answer."""

UNREADABLE = say("This is not the file of a phone, or it was cut short: choose the one the phone saved, whole.")
OTHER = say("This file is of the form “%(version)s”, and only %(ours)d is understood here: update whichever is older.")
EMPTY = say("Nothing is in this file: the phone had sent all when it was made.")
TOO_LARGE = say("This file is larger than %(most)d MB: no phone makes one like that.")
TOO_MANY = say("This file holds %(count)d events, more than the %(most)d we take at once.")
TOO_MANY_PHOTOS = say("This file holds %(count)d photos, more than the %(most)d we take at once: a newer app makes several.")
STRANGE = say("This phone never signed in here as that person: it waits until the coordinator lets it in.")
ANOTHERS = say("Somebody else recorded this: it waits until the coordinator lets it in.")


class Told(msgspec.Struct):
    """An event of the file: the bytes that the phone would have sent, as text, and whose it is."""

    body: str
    author: int = 0


class Shot(msgspec.Struct):
    """A photo of the file."""

    event: str
    base64: str
    author: int = 0
    device: str = ""

    def __post_init__(self) -> None:
        """Leave out the character NUL: no name of ours has it, and PostgreSQL cannot look for it."""
        self.event, self.device = self.event.replace("\0", ""), self.device.replace("\0", "")


class File(msgspec.Struct):
    """What a phone writes."""

    events: list[Told] = []
    photos: list[Shot] = []


class Head(msgspec.Struct):
    """What says what sort of file it is; any program may write any version."""

    format: str
    version: msgspec.Raw = msgspec.Raw()


_head, _file = msgspec.json.Decoder(Head), msgspec.json.Decoder(File)


def read(raw: bytes) -> File:
    """Read the file of a phone.

    Raises
    ------
    Unreadable
        It is none, or of a form that is not understood here.
    TooLarge
        It holds more than is taken at once.
    Invalid
        Nothing is in it.
    """
    if len(raw) > MEGABYTES * 1024 * 1024:
        raise TooLarge(TOO_LARGE, most=MEGABYTES)
    try:
        head = _head.decode(raw)
        if head.format == FORMAT and bytes(head.version) != str(VERSION).encode():
            raise Unreadable(OTHER, version=bytes(head.version).decode(errors="replace")[:20], ours=VERSION)
        file = _file.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise Unreadable(UNREADABLE) from None
    if head.format != FORMAT:
        raise Unreadable(UNREADABLE)
    if len(file.events) > MOST:
        raise TooLarge(TOO_MANY, count=len(file.events), most=MOST)
    if len(file.photos) > MOST_PHOTOS:
        raise TooLarge(TOO_MANY_PHOTOS, count=len(file.photos), most=MOST_PHOTOS)
    if not file.events and not file.photos:
        raise Invalid(EMPTY)
    return file


class Whose(NamedTuple):
    """Under whom something of the file comes in, and why it may not just so; empty when it may."""

    author: Author
    why: str = ""


class Authors:
    """Says whose each thing of a file is, when the session that read it is over too."""

    def __init__(self, session: Session, bearer: int, devices: Sequence[str]) -> None:
        person = session.get(Person, bearer)
        if person is None:
            raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
        self.bearer = bearer
        self.stranger = Author(bearer, person.partner, person.role, centre_of(session, person))
        known = tokens.of_devices(session, set(devices) - {""})
        self.known = {key: _author(token) for key, token in known.items()}

    def of(self, device: str, author: int) -> Whose:
        """Say whose something is that an author made on a device."""
        known = self.known.get((device, author))
        if known is None:
            return Whose(self.stranger, STRANGE)
        # a phone's name is no secret, and a file says what it likes: a coordinator looks before anything counts
        return Whose(known, "" if self.bearer == known.person else ANOTHERS)


def _author(token: Token) -> Author:
    return Author(token.person, token.partner, token.role, token.centre)


def take(session: Session, file: File, bearer: int, *, at: datetime) -> list[Answer]:
    """Keep the events of a file under their authors, or set them aside, and answer one receipt each in the same order."""
    arrived = intake.unpack([told.body.encode(errors="replace") for told in file.events])
    authors = Authors(session, bearer, [each.new.device for each in arrived])
    chosen: dict[Whose, list[int]] = defaultdict(list)
    for n, (each, told) in enumerate(zip(arrived, file.events, strict=True)):
        chosen[authors.of(each.new.device, told.author)].append(n)
    answers = dict[int, Answer]()
    for (author, why), places in chosen.items():
        part = [arrived[n] for n in places]
        if why:
            answered = intake.quarantine(session, part, author, Invalid(why), at=at)
        else:
            answered = intake.receive(session, part, author, at=at)
        answers.update(zip(places, answered, strict=True))
    return [answers[n] for n in range(len(arrived))]


class Claim(NamedTuple):
    """What a file says that somebody else did, and that waits under their name."""

    row: int
    person: int
    device: str
    at: datetime | None
    """When it was done; none when it cannot be read."""


def claims(session: Session, file: File, bearer: int) -> dict[int, Claim]:
    """Return what of a file waits under another's name than who handed it in, by its place in the file."""
    arrived = intake.unpack([told.body.encode(errors="replace") for told in file.events])
    query = select(SetAside).where(col(SetAside.is_barred), col(SetAside.decided_at).is_(None), SetAside.person != bearer)
    rows = session.exec(query.where(col(SetAside.digest).in_([each.digest for each in arrived])))
    lying = {(row.digest, row.person): row for row in rows}
    return {
        n: Claim(row.row or 0, told.author, row.device, each.new.at if isinstance(each.new, NewEvent) else None)
        for n, (each, told) in enumerate(zip(arrived, file.events, strict=True))
        if (row := lying.get((each.digest, told.author)))
    }
