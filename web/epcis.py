"""What is asked of EPCIS, as people and programs write it: by a command, or at an address of the API."""

from datetime import datetime

from sqlmodel import Session

from bottles import codes, trace
from bottles.epcis import reading
from bottles.epcis.naming import Asked, Territory
from bottles.errors import Invalid, say

from .config import Config

NO_CRATE = say("“%(crate)s” names no crate: ask by its serial, by its Digital Link, or as urn:epc:id:grai:…")


def of(config: Config) -> Territory:
    """Return whose events these are."""
    return Territory(config.labels.host, config.labels.asset_type, config.territory.time_zone)


def ask(
    session: Session, config: Config, *, since: datetime | None = None, lot: str = "", crate: str = "", at: datetime
) -> Asked:
    """Read what is asked for: a lot by its name or address, a crate by its code, link or EPC.

    Raises
    ------
    Invalid
        No crate is called that, or a lot and a crate are asked for at once.
    NotFound
        No lot is called that.
    """
    if lot and crate:
        raise Invalid(say("Ask for one lot or for one crate, not for both: no event is about both."), field="crate")
    territory = of(config)
    code = _code(crate, territory.asset_type) if crate else None
    number = trace.lot(session, _name(lot, territory)).id if lot else None
    return Asked(territory, at, since, number, code)


def _code(crate: str, asset_type: str) -> str:
    try:
        return reading.crate_of(crate, asset_type)[0] if crate.startswith("urn:") else codes.read(crate, asset_type)
    except Invalid as misread:
        raise Invalid(NO_CRATE, crate=crate[:80]) from misread


def _name(lot: str, territory: Territory) -> str:
    """Return the name in a lot's address under our host; what stands under another one is no lot of ours."""
    host, between, name = lot.rpartition("/lot/")
    return name if between and host.casefold() == f"https://{territory.host}".casefold() else lot
