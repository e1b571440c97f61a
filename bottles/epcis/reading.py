"""Another operator's document, and the crates it makes known here.

Of all that a document tells, we need which crates there are and whose: their life elsewhere is not ours to keep. What cannot
be read of it is said, event by event; a file that cannot be read at all changes nothing.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote

import sqlalchemy as sa
from biip.gs1_prefixes import GS1CompanyPrefix
from sqlmodel import Session, col

from .. import codes, intake, nesting
from ..crates import Crate
from ..errors import Invalid, say
from .naming import NAMED_BY_GS1

MOST_BYTES = 32 << 20
"""Largest file that is read; a larger one can be asked for in parts, since a time."""

DEEPEST = 60
"""A document of events nests twelve deep."""

URN = re.compile(r"urn:epc:id:grai:(\d{6,12})\.(\d{0,6})\.([!-~]{1,48})", re.ASCII)
LINK = re.compile(r"https?://([a-z0-9.:-]{1,60})(?:/[!-.0-~]{1,40}){0,4}/8003/(0\d{13})([!-~]{1,48})", re.ASCII | re.IGNORECASE)
SERIAL = re.compile(r"[!-~]{1,16}", re.ASCII)

NO_JSON = say("The file is no JSON (line %(line)d): ask for an EPCIS 2.0 document in JSON.")
NO_DOCUMENT = say("The file is no EPCISDocument with a list of events: ask for an EPCIS 2.0 document in JSON.")
NO_CRATE = say("“%(epc)s” is no returnable asset (GRAI): it is left out.")
MISREAD = say("“%(epc)s” has a wrong check digit: it is left out.")
NO_EVENT = say("This is no event, or its epcList is no list of texts: it is left out.")
UNKNOWN_OURS = say("Crate %(epc)s bears our own asset type, but we never made it: it is left out.")


class Named(NamedTuple):
    """Whose a crate is, and the first event that names it; no owner of one that bears our own asset type."""

    owner: str
    event: int


@dataclass
class Found:
    """What a document names: crates by their code, how many events name none, and what could not be read of which event."""

    crates: dict[str, Named] = field(default_factory=dict)
    others: int = 0
    faults: list[tuple[int, Invalid]] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """How many crates became known, and how many were."""

    new: int
    known: int


def read(raw: bytes, ours: str) -> Found:
    """Read which crates an EPCISDocument names.

    Parameters
    ----------
    raw
        The file.
    ours
        The 12 digits of our own asset type.

    Raises
    ------
    Invalid
        The file is too large, or no EPCIS document in JSON at all.
    """
    found = Found()
    for number, event in enumerate(_events(raw), start=1):
        named = _named(event)
        if named is None:
            found.faults.append((number, Invalid(NO_EVENT)))
        elif not named:
            found.others += 1
        for epc in named or ():
            try:
                code, owner = crate_of(epc, ours)
                found.crates.setdefault(code, Named(owner, number))
            except Invalid as refusal:
                found.faults.append((number, refusal))
    return found


def _events(raw: bytes) -> list[Any]:
    if len(raw) > MOST_BYTES:
        too_large = say("The file is larger than %(most)d MB: ask for it in parts, each since a later time.")
        raise Invalid(too_large, most=MOST_BYTES >> 20)
    body: Any = _parsed(raw)
    for name in ("epcisBody", "eventList"):
        body = body.get(name) if isinstance(body, dict) else None
        # what a query is answered with wraps its list once more
        if name == "epcisBody" and isinstance(body, dict) and isinstance(body.get("queryResults"), dict):
            body = body["queryResults"].get("resultsBody")
    if not isinstance(body, list):
        raise Invalid(NO_DOCUMENT)
    return body


def _parsed(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8-sig")
        if nesting.depth(text) > DEEPEST:
            raise Invalid(NO_DOCUMENT)
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise Invalid(NO_JSON, line=error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise Invalid(NO_JSON, line=1) from error


def _no_number(name: str) -> float:
    raise ValueError(name)


def _named(event: Any) -> list[str] | None:
    """Return the things an event names one by one; none at all of one that did not happen."""
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        return None
    if event["type"] != "ObjectEvent" or "errorDeclaration" in event:
        return []
    epcs = event.get("epcList", [])
    return epcs if isinstance(epcs, list) and all(isinstance(epc, str) for epc in epcs) else None


def crate_of(epc: str, ours: str) -> tuple[str, str]:
    """Return the code by which we call a crate, and whose it is; no owner when it is ours.

    Raises
    ------
    Invalid
        It is the name of something else, or was misread.
    """
    grai, owner = _of_urn(epc) if epc.startswith("urn:") else _of_link(epc)
    if codes.check_digit(grai[1:13]) != grai[13]:
        raise Invalid(MISREAD, epc=epc[:80])
    if grai[1:13] == ours:
        return codes.printed(grai[14:].upper())[0], ""
    return grai, owner


def _of_urn(epc: str) -> tuple[str, str]:
    parts = URN.fullmatch(epc)
    if parts is None or len(parts[1] + parts[2]) != 12:
        raise Invalid(NO_CRATE, epc=epc[:80])
    digits = parts[1] + parts[2]
    return f"0{digits}{codes.check_digit(digits)}{_serial(parts[3], epc)}", parts[1]


def _of_link(epc: str) -> tuple[str, str]:
    parts = LINK.fullmatch(epc)
    if parts is None:
        raise Invalid(NO_CRATE, epc=epc[:80])
    grai, host = parts[2] + _serial(parts[3], epc), parts[1].lower()
    if host != NAMED_BY_GS1:
        return grai, host
    prefix = GS1CompanyPrefix.extract(grai[1:14])
    return grai, prefix.value if prefix else grai[1:13]


def _serial(quoted: str, epc: str) -> str:
    serial = unquote(quoted.partition("?")[0])
    if not SERIAL.fullmatch(serial):
        raise Invalid(NO_CRATE, epc=epc[:80])
    return serial


def adopt(session: Session, found: Found, crate_type: str, *, at: datetime, check: bool = False) -> Report:
    """Make the crates of a document known here, or only tell how many; one of our own type that we never made is left out."""
    here = set(_here(session, list(found.crates)))
    missing = {code: named for code, named in found.crates.items() if code not in here}
    new = {code: named.owner for code, named in missing.items() if named.owner}
    found.faults += [(named.event, Invalid(UNKNOWN_OURS, epc=code)) for code, named in missing.items() if not named.owner]
    for code, owner in () if check else new.items():
        intake.adopt(session, code, crate_type, owner, at=at)
    return Report(new=len(new), known=len(here))


def _here(session: Session, wanted: list[str]) -> Iterator[str]:
    for start in range(0, len(wanted), MANY):
        yield from session.scalars(sa.select(col(Crate.code)).where(col(Crate.code).in_(wanted[start : start + MANY])))


MANY = 5_000
"""Keys asked for at once; a database takes some thirty thousand."""
