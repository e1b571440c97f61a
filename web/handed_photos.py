"""The photos in the file of a phone: each kept when the event it names is here, by the file or before."""

import base64
import binascii
from datetime import datetime
from typing import NamedTuple

from bottles import photos
from bottles.db import reading, transaction
from bottles.errors import Refusal, say
from bottles.events import Receipt

from . import pictures
from .current import engine
from .errors import Unreadable
from .handed import Authors, File, Shot


class PhotoAnswer(NamedTuple):
    """What became of one photo: a receipt, or why it was not kept."""

    id: str
    receipt: Receipt | None
    refusal: Refusal | None = None


def take(file: File, bearer: int, *, at: datetime) -> list[PhotoAnswer]:
    """Keep the photos of a file one by one, so that none keeps another out."""
    with reading(engine()) as session:
        authors = Authors(session, bearer, [shot.device for shot in file.photos])
    answers = []
    for shot in file.photos:
        person = authors.of(shot.device, shot.author).author.person
        try:
            answers.append(PhotoAnswer(shot.event, _kept(shot, person, at)))
        except Refusal as refusal:
            answers.append(PhotoAnswer(shot.event, None, refusal))
    return answers


def _kept(shot: Shot, person: int, at: datetime) -> Receipt:
    body = _bytes(shot)
    digest = pictures.digest(body)
    with reading(engine()) as session:
        receipt = photos.expect(session, shot.event, digest, person, shot.device)
    if receipt is Receipt.ALREADY_KNOWN:
        return receipt
    # nobody waits for the database while it is drawn
    picture = pictures.draw(body)
    with transaction(engine()) as session:
        return photos.keep(session, shot.event, digest, picture, person, at=at)


def _bytes(shot: Shot) -> bytes:
    try:
        return base64.b64decode(shot.base64, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(say("This photo was cut short in the file: hand it over once more.")) from None
