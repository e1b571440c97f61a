"""Events as they come over the wire: one JSON object each, checked field by field, its bytes kept as they were.

A field of a bad form gets its own sentence. What a newer device says besides is not understood and not lost: it stays in the
bytes.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from . import codes, nesting
from .errors import Invalid, say
from .events import Basis, EventKind, Told

VERSION = 2
"""The form in which events are written today; the two before it are understood too."""

UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: lambda said: {"plan_version" if name == "plan" else name: value for name, value in said.items()},
}
"""How an event of an older form is said in the next one."""

LARGEST = 2**31 - 1
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"


def _moment(value: Any) -> Any:
    """Refuse what is not a text or a moment: a bare number could be seconds, or milliseconds."""
    if not isinstance(value, str | datetime):
        raise ValueError("not a time")
    return value


def or_none(value: Any) -> Any:
    """Take a text of nothing but spaces for none: where one is needed, it is asked for."""
    return None if isinstance(value, str) and not value.strip() else value


Id = Annotated[str, StringConstraints(pattern=UUID7)]
Number = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=60)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), Field(ge=EARLIEST, le=LATEST)]


class NewEvent(BaseModel):
    """An event as a device sends it, checked for shape; `at` is the act's time by the device."""

    model_config = ConfigDict(populate_by_name=True, frozen=True, extra="forbid")

    id: Id
    kind: EventKind
    at: Moment
    device: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=40)]
    sequence: Number
    version: Annotated[int, Field(strict=True, ge=1, le=VERSION, alias="schema")] = VERSION
    crate: Annotated[str, StringConstraints(strict=True, pattern=r"^[!-~]{1,40}$")] | None = None
    label: Annotated[str, StringConstraints(strict=True, max_length=40)] | None = None
    move: Annotated[str, StringConstraints(max_length=24)] | None = None
    point: Name | None = None
    holder: Name | None = None
    task: Number | None = None
    plan_version: Number | None = None
    route: Number | None = None
    item: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=40)] | None = None
    quantity: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = None
    basis: Basis | None = None
    reason: Annotated[Annotated[str, StringConstraints(strict=True, max_length=200)] | None, BeforeValidator(or_none)] = None
    photo: Annotated[str, StringConstraints(strict=True, max_length=80)] | None = None
    note: Annotated[Annotated[str, StringConstraints(strict=True, max_length=2000)] | None, BeforeValidator(or_none)] = None
    undoes: Id | None = None
    state: Annotated[str, StringConstraints(max_length=24)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_the_crate(cls, said: Any) -> Any:
        """Call a crate by its code, whichever edition of its label was read."""
        if not isinstance(said, dict) or not isinstance(said.get("crate"), str):
            return said
        code, edition = codes.printed(said["crate"])
        return said if edition == 1 else {**said, "crate": code, "label": said["crate"]}


SAID = {
    "id": say("“%(value)s” is no id of an event: send a UUID of version 7, in small letters."),
    "kind": say("“%(value)s” is not a kind of event we know."),
    "at": say("“%(value)s” is not the time of an act: send a date and time with its zone, like 2026-10-06T12:00:00+02:00."),
    "device": say("“%(value)s” is no name of a device: send 1 to 40 characters."),
    "sequence": say("“%(value)s” is no place in a device's order: send a whole number, 0 for its first event."),
    "schema": say("Events of the form “%(value)s” are not understood here: send 1 or 2."),
    "crate": say("“%(value)s” is not the code of a crate: send its serial or its GRAI, at most 40 characters without spaces."),
    "quantity": say("“%(value)s” is not a quantity: send a whole number from 0 to 100,000."),
    "basis": say("“%(value)s” is not a way to know a quantity: send declared, assumed_full, counted or weighed."),
    "reason": say("The reason is too long, or no text: send at most 200 characters."),
    "note": say("The note is too long, or no text: send at most 2,000 characters."),
    "undoes": say("“%(value)s” is no id of an event that could be undone: send the id it was given."),
}
"""What is said of a field of a bad form, by the name it has on the wire."""

OTHERWISE = say("“%(value)s” is not a good %(name)s: send what the list of kinds says.")
MISSING = say("An event must say its %(name)s.")
NO_OBJECT = say("This is not an event: send one JSON object for each.")
TOO_DEEP = say("This event holds lists and objects in one another more than %(most)s deep: send it flat.")
NO_TEXT = say("A text of this event cannot be kept (its %(name)s holds a character that no text has).")


def read(raw: bytes) -> NewEvent:
    """Read one event from the bytes it arrived as.

    Raises
    ------
    Invalid
        It is no JSON object, or a field has a bad form; `field` names it.
    """
    return checked(parsed(raw))


def checked(said: dict[str, Any]) -> NewEvent:
    """Check what an event says, field by field; see `read`."""
    version = said.get("schema", VERSION)
    while type(version) is int and version in UPGRADES:
        said, version = {**UPGRADES[version](said), "schema": version + 1}, version + 1
    try:
        return NewEvent.model_validate({name: value for name, value in said.items() if name in NAMES})
    except ValidationError as error:
        raise _refusal(error) from error
    except Invalid as misread:
        misread.field = "crate"
        raise


def parsed(raw: bytes) -> dict[str, Any]:
    """Read the JSON object that an event is.

    Raises
    ------
    Invalid
        It is none, or holds a text that no database keeps.
    """
    if _is_deep(raw):
        raise Invalid(TOO_DEEP, most=DEEPEST)
    try:
        text = raw.decode(json.detect_encoding(raw), "surrogatepass")
        said = _reader.decode(text)
    except ValueError as error:
        raise Invalid(NO_OBJECT) from error
    if not isinstance(said, dict):
        raise Invalid(NO_OBJECT)
    # what no database keeps is not written in ASCII without an escape
    for name, value in () if text.isascii() and "\\u" not in text else said.items():
        # PostgreSQL keeps no NUL, and half a character pair is no text anywhere
        if isinstance(value, str) and UNKEPT.search(value):
            raise Invalid(NO_TEXT, field=name[:40], name=name[:40])
    return said


def _is_deep(raw: bytes) -> bool:
    """Say whether a body nests deeper than we read: without a limit of our own it would hang on how much stack is left."""
    return raw.count(b"[") + raw.count(b"{") > DEEPEST and nesting.depth(raw.decode(errors="replace")) > DEEPEST


DEEPEST = 60
"""An event is one object."""

UNKEPT = re.compile("[\x00\ud800-\udfff]")


def _no_number(name: str) -> float:
    raise ValueError(name)


# made once: json.loads would make one for each event
_reader = json.JSONDecoder(parse_constant=_no_number)


def _refusal(error: ValidationError) -> Invalid:
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "missing":
        return Invalid(MISSING, field=name, name=name)
    return Invalid(SAID.get(name, OTHERWISE), field=name, name=name, value=shown(first["input"]))


def shown(value: Any) -> str:
    """Return what was sent in a form that fits into a sentence."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"


def named(raw: bytes) -> dict[str, Any]:
    """Return as much of an event's name as a body that cannot be kept gives away: its id, device and sequence."""
    try:
        # whatever else it holds that no database keeps: unnamed, a device would send it for ever
        said = _roughly(raw.decode(errors="replace"))
    except ValueError:
        return {}
    if not isinstance(said, dict):
        return {}
    id_, device, sequence = said.get("id"), said.get("device"), said.get("sequence")
    is_name = isinstance(device, str) and len(device) <= 40 and not UNKEPT.search(device)
    return {
        "id": id_ if isinstance(id_, str) and re.fullmatch(UUID7, id_) else "",
        "device": device if is_name else "",
        "sequence": sequence if type(sequence) is int and 0 <= sequence <= LARGEST else None,
    }


def _roughly(text: str) -> Any:
    """Read JSON that need not be kept, without what nests in it where that is too deep."""
    try:
        return json.loads(text, parse_int=_small, parse_constant=str)
    except RecursionError:
        return json.loads(nesting.outermost(text), parse_int=_small, parse_constant=str)


def _small(digits: str) -> int | None:
    """Read a whole number; one of thousands of digits, which Python would refuse, is none of ours."""
    return int(digits) if len(digits) <= 20 else None


def body_of(new: NewEvent) -> bytes:
    """Return the bytes of an event that did not come over the wire: what is kept and digested."""
    return _canonical(new.model_dump(mode="json", exclude_none=True, by_alias=True))


def digest(raw: bytes, said: Mapping[str, Any] | None = None) -> str:
    """Return what tells two bodies apart; the order of their fields and their spacing do not.

    `said` is what was read from them already, where it was.
    """
    try:
        if said is None and not _is_deep(raw):
            said = json.loads(raw)
    except ValueError:
        said = None  # it is no JSON, and told by its bytes
    return hashlib.sha256(raw if said is None else _canonical(said)).hexdigest()


def _canonical(said: Mapping[str, Any]) -> bytes:
    # half a character pair may stand in what is set aside: it is written as JSON writes it
    return _in_order.encode(said).encode()


_in_order = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def of(event: Told) -> NewEvent:
    """Return what a device must have sent for us to keep this event."""
    return NewEvent.model_construct(**{name: getattr(event, name) for name in FACTS})


FACTS = [name for name in NewEvent.model_fields if name != "version"]
NAMES = {*FACTS, "schema"}
"""What a field is called on the wire."""
