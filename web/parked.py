"""Crates that are not ours, or whose label we do not know: where they were last seen, and which network printed the label."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from biip import ParseError
from biip.gs1_prefixes import GS1CompanyPrefix, GS1Prefix
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import codes, crates
from bottles.crates import Crate, CrateState, Where
from bottles.db import find
from bottles.disputes import Dispute, DisputeKind, DisputeStatus
from bottles.errors import NotFound, say
from bottles.events import EventKind

from . import words
from .names import Names


@dataclass(frozen=True)
class Stranger:
    """A crate that somebody scanned and nobody knows."""

    code: str
    dispute: int
    network: str
    state: CrateState
    where: Where
    holder: str
    place: str
    since: datetime | None
    scans: int

    @property
    def says(self) -> str:
        """Say where it was last seen."""
        return ", ".join(part for part in (str(words.STATES[self.state]), self.place) if part)


@dataclass(frozen=True)
class Guest:
    """A crate of another network that was made known."""

    crate: Crate
    type: str
    place: str

    @property
    def says(self) -> str:
        """Say where it stands."""
        return ", ".join(part for part in (str(words.STATES[self.crate.state]), self.place) if part)


def strangers(session: Session, called: Names, *, most: int) -> list[Stranger]:
    """List the crates that wait until someone says whose they are, the latest first."""
    unknown = (Dispute.kind == DisputeKind.UNKNOWN_CRATE, Dispute.status == DisputeStatus.OPEN)
    found = session.exec(select(Dispute).where(*unknown).order_by(col(Dispute.id).desc()).limit(most)).all()
    about = {dispute.subject.removeprefix("crate:"): dispute.id or 0 for dispute in found}
    lives = crates.lives_of(session, about) if about else {}
    return [_stranger(code, dispute, crates.replay(lives[code]), called) for code, dispute in about.items()]


def stranger(session: Session, dispute: int, called: Names) -> Stranger:
    """Return the unknown crate of one open dispute.

    Raises
    ------
    NotFound
        There is no such dispute, it is about something else, or it is closed.
    """
    found = find(session, Dispute, dispute)
    if found.kind is not DisputeKind.UNKNOWN_CRATE or found.status is not DisputeStatus.OPEN:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    code = found.subject.removeprefix("crate:")
    return _stranger(code, dispute, crates.replay(crates.lives_of(session, [code])[code]), called)


def _stranger(code: str, dispute: int, history: crates.History, called: Names) -> Stranger:
    now = history.now
    scans = sum(step.act.kind is EventKind.SCAN for step in history.steps)
    place = called.place(now.where, now.holder)
    return Stranger(code, dispute, network(code), CrateState(now.state), Where(now.where), now.holder, place, now.since, scans)


def network(code: str) -> str:
    """Name who gave the label its number, as far as GS1's public list of prefixes tells; empty for a serial like ours."""
    if not codes.is_foreign(code):
        return ""
    number = code[1:14]
    try:
        country, company = GS1Prefix.extract(number), GS1CompanyPrefix.extract(number)
    except ParseError:
        return str(gettext("no network that GS1 knows"))
    if country is None:
        return str(gettext("no network that GS1 knows"))
    if company is None:
        return country.usage
    return str(gettext("%(country)s, company %(prefix)s", country=country.usage, prefix=company.value))


def guests(session: Session, called: Names, *, most: int) -> list[Guest]:
    """List the crates of other networks that we know, the latest moved first."""
    query = select(Crate).where(Crate.owner != "", Crate.state != CrateState.RETIRED)
    found = session.exec(query.order_by(col(Crate.since).desc(), Crate.code).limit(most))
    return [Guest(crate, called.item(crate.type), called.place(crate.where, crate.holder)) for crate in found]


def here(session: Session, centre: str, called: Names, *, most: int) -> Sequence[Stranger | Guest]:
    """List the crates put aside at a centre: unknown ones, and those of other networks that wait to go home."""
    unknown = [one for one in strangers(session, called, most=most) if one.where is Where.RECEIVED and one.holder == centre]
    known = [one for one in guests(session, called, most=most) if one.crate.state is CrateState.PARKED]
    return [*unknown, *(one for one in known if one.crate.holder == centre)]
