"""How the things of a territory are named for the rest of the world, and what every event says."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from .. import codes
from .words import DELETED, OBSERVED

Json = dict[str, Any]
Made = list[tuple[int, list[Json]]]
"""Rows in the order of their keys, each with the events it makes."""

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld"
NAMED_BY_GS1 = "id.gs1.org"
"""The host under which crates of other networks are named: their own is not ours to say."""


@dataclass(frozen=True)
class Territory:
    """Whose events these are: the host of our links, the 12 digits of our asset type, the zone of our clocks."""

    host: str
    asset_type: str
    zone: str

    def named(self, noun: str, key: object) -> str:
        """Return the address that names a thing of ours which bears no GS1 key: a place, a lot, a type."""
        return f"https://{self.host.lower()}/{noun}/{quote(str(key), safe='')}"

    @property
    def vocabulary(self) -> str:
        """Return what our own words begin with."""
        return f"https://{self.host.lower()}/epcis/"

    def own(self, name: str) -> str:
        """Return the address of a word of ours that the vocabulary has none for."""
        return f"{self.vocabulary}{name}"

    def word(self, name: str) -> str:
        """Return a word as a document says it: GS1's bare, ours ("jmb:washing") as an address."""
        return self.own(name.removeprefix("jmb:")) if name.startswith("jmb:") else name

    def crate(self, code: str) -> str:
        """Return the address of a crate: ours under our host, another network's under GS1's."""
        host = NAMED_BY_GS1 if codes.is_foreign(code) else self.host.lower()
        return f"https://{host}/8003/{quote(codes.grai(self.asset_type, code), safe='')}"

    def lot(self, lot: int, item: str) -> str:
        """Return the class of a lot's bottles, or of their type alone where no lot is known."""
        return self.named("lot", f"L{lot:05d}") if lot else self.named("type", item)

    def at(self, place: str, *, gone: bool = False) -> Json:
        """Return where a thing was seen, and that it is there since unless it is gone."""
        here = {"id": self.named("place", place)}
        return {"readPoint": here} if gone else {"readPoint": here, "bizLocation": here}

    def id_of(self, fact: str) -> str:
        """Return the id of a fact that bears none of its own; the same fact has the same id in every document."""
        return f"urn:uuid:{uuid5(self._ids, fact)}"

    @cached_property
    def _ids(self) -> UUID:
        return uuid5(NAMESPACE_URL, self.vocabulary)

    @cached_property
    def _clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def when(self, at: datetime, known_at: datetime) -> Json:
        """Return the two times of a fact, and what the clocks here said at the first."""
        return {"eventTime": instant(at), "eventTimeZoneOffset": self._offset(at), "recordTime": instant(known_at)}

    def _offset(self, at: datetime) -> str:
        away = at.astimezone(self._clock).utcoffset()
        minutes = round(away.total_seconds() / 60) if away else 0
        hours, rest = divmod(abs(minutes), 60)
        return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"

    def context(self) -> list[Any]:
        """Return the JSON-LD context: GS1's words, and ours under their prefix."""
        return [CONTEXT, {"jmb": self.vocabulary}]


@dataclass(frozen=True)
class Asked:
    """What is asked for: everything, or what we know since a time, about one lot or one crate; `at` is when it is asked."""

    territory: Territory
    at: datetime
    since: datetime | None = None
    lot: int | None = None
    crate: str | None = None


def instant(at: datetime) -> str:
    """Write a moment in UTC, to the millisecond, as EPCIS compares them."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text_of(value: Any) -> str:
    """Write JSON in the fewest characters."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def some(epc_class: str, quantity: int) -> Json:
    """Return so many of a class."""
    return {"epcClass": epc_class, "quantity": quantity}


def observed(territory: Territory, fact: str, at: datetime, known_at: datetime, **told: Any) -> Json:
    """Return an event about things, by the name of a fact that bears no id of its own."""
    return {"type": "ObjectEvent", "eventID": territory.id_of(fact), **territory.when(at, known_at), **told}


def refused(
    territory: Territory, fact: str, what: Json, at: datetime, known_at: datetime, centre: str, **why: Any
) -> list[Json]:
    """Tell that bottles were found wanting, and that they are glass to be melted from then on."""
    shared = {"quantityList": [what], **why}
    found = {"action": OBSERVED, **shared, "bizStep": "inspecting", "disposition": "non_conformant", **territory.at(centre)}
    gone = {"action": DELETED, **shared, "bizStep": "destroying", "disposition": "destroyed", **territory.at(centre, gone=True)}
    return [
        observed(territory, fact, at, known_at, **found),
        observed(territory, f"{fact}:cullet", at, known_at, **gone),
    ]
