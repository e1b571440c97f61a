"""Cuts a batch into the exact bytes of each of its events."""

import json
import re

import msgspec

from bottles import nesting
from bottles.errors import say
from web.errors import TooLarge, Unreadable

MOST = 500
"""Events in one batch."""

SHAPE = say('A batch is JSON of the form {"events": [...]}, with 1 to 500 events: this is something else.')


class Batch(msgspec.Struct):
    """A batch whose events are not read yet."""

    events: list[msgspec.Raw]


_decoder = msgspec.json.Decoder(Batch)
_reader = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)
_BEGINS = re.compile(r'\s*\{\s*"events"\s*:\s*\[\s*')
_GOES_ON = re.compile(r"\s*,\s*")
_ENDS = re.compile(r"\s*\]\s*\}\s*\Z")


def cut(body: bytes) -> list[bytes]:
    """Return the bytes of each event, in order.

    Raises
    ------
    Unreadable
        It is no batch: nothing of it can be told apart.
    TooLarge
        It holds more events than are taken at once.
    """
    try:
        bodies = [bytes(raw) for raw in _decoder.decode(body).events]
    except (msgspec.DecodeError, RecursionError):
        bodies = _cut_slowly(body)
    if not bodies:
        raise Unreadable(SHAPE, field="events")
    if len(bodies) > MOST:
        raise TooLarge(say("%(count)d events are more than the %(most)d we take at once."), count=len(bodies), most=MOST)
    return bodies


def _cut_slowly(body: bytes) -> list[bytes]:
    """Cut a batch in which an event is not quite JSON (half a letter, NaN) or too deep: it spoils none of the others."""
    try:
        text = body.decode("utf-8-sig")
        return [event.encode() for event in _pieces(text)]
    except ValueError:
        raise Unreadable(SHAPE, field="events") from None


def _pieces(text: str) -> list[str]:
    begins = _BEGINS.match(text)
    if begins is None:
        raise ValueError
    pieces, at = list[str](), begins.end()
    while True:
        end = _end(text, at)
        pieces.append(text[at:end])
        if _ENDS.match(text, end):
            return pieces
        goes_on = _GOES_ON.match(text, end)
        if goes_on is None:
            raise ValueError
        at = goes_on.end()


def _end(text: str, begin: int) -> int:
    """Return where an event ends."""
    try:
        return _reader.raw_decode(text, begin)[1]
    except RecursionError:
        return nesting.end(text, begin)
