"""What a list of points or of pickups says, row by row, before anything is compared with the database."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

from bottles.errors import Invalid, Refusal, say
from bottles.partners import PartnerKind
from bottles.pickups import MOST_CRATES
from bottles.points import PointKind
from routing.problem import Place
from routing.travel import great_circle

from . import opening
from .config import Config
from .spreadsheet import Columns, Fault, Row, Table, fold, slug

FARTHEST = 150_000
"""Metres from the first centre; what lies beyond is a slip: a wrong address once gave 494 km."""
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2099, 12, 31)
"""Days beyond these are slips of the finger."""

POINT_COLUMNS: Columns = {
    "name": ("nom", "name", "nom du point", "point", "point name", "libellé", "désignation"),
    "kind": ("type", "kind", "type de point", "genre", "catégorie", "category", "nature"),
    "town": ("commune", "town", "ville", "city", "village", "localité"),
    "postcode": ("code postal", "postcode", "cp", "postal code", "zip"),
    "lat": ("latitude", "lat", "y"),
    "lon": ("longitude", "lon", "lng", "long", "x"),
    "id": ("id", "identifiant", "point id", "code", "référence"),
    "partner": ("partenaire", "partner", "organisation", "structure", "domaine", "société", "company"),
    "partner_kind": ("type de partenaire", "partner kind", "partner type", "genre du partenaire"),
    "email": (
        "courriel",
        "email",
        "e-mail",
        "mail",
        "adresse mail",
        "adresse e-mail",
        "courriel du partenaire",
        "partner email",
    ),
    "partner_phone": ("téléphone du partenaire", "partner phone", "tél partenaire"),
    "street": ("adresse", "street", "rue", "address", "numéro et rue", "voie"),
    "hours": ("horaires", "hours", "opening hours", "heures d'ouverture", "horaires d'ouverture", "ouverture"),
    "access_note": ("accès", "access", "access note", "note d'accès", "consignes d'accès", "consigne"),
    "tags": ("contraintes", "tags", "mots d'accès", "étiquettes", "contraintes d'accès"),
    "contact": ("contact", "interlocuteur", "personne à contacter", "contact name"),
    "phone": ("téléphone", "phone", "tél", "tel", "portable", "mobile", "telephone"),
    "public": ("public", "ouvert au public", "open to the public", "grand public"),
    "service_minutes": ("minutes sur place", "service minutes", "temps sur place", "durée d'arrêt", "minutes d'arrêt"),
}
POINT_NEEDS = ("name", "kind", "town", "postcode", "lat", "lon")

PICKUP_COLUMNS: Columns = {
    "point": ("point", "point de collecte", "lieu", "nom du point", "point id", "point name", "place"),
    "ready_from": ("prêt à partir du", "ready from", "prêt le", "disponible le", "disponible à partir du", "ready", "date"),
    "take": ("à prendre", "take", "pleins", "casiers pleins", "nombre de casiers", "quantité", "full", "quantity"),
    "leave": ("à laisser", "leave", "vides", "casiers vides", "vides à laisser", "empties"),
    "crate_type": ("type de casier", "crate type", "casier", "crate", "contenant"),
    "wanted_by": ("avant le", "wanted by", "au plus tard", "au plus tard le", "date limite", "by"),
    "reference": ("référence", "reference", "ref", "réf", "numéro", "n°", "number", "id", "identifiant"),
    "note": ("note", "remarque", "commentaire", "notes", "remarques", "comment"),
}
PICKUP_NEEDS = ("point", "ready_from", "take")

POINT_WORDS = {
    PointKind.WINERY: "cave|winery|domaine|vigneron|vigneronne|chai|cellar|winemaker|fruitière|cave coopérative",
    PointKind.SHOP: "magasin|shop|boutique|épicerie|caviste|commerce|supermarché|restaurant|bar|store|grocery",
    PointKind.DROPOFF: "point d'apport|dropoff|point d'apport volontaire|apport volontaire|apport|pav|déchetterie|drop-off",
}
PARTNER_WORDS = {
    PartnerKind.WINERY: POINT_WORDS[PointKind.WINERY],
    PartnerKind.SHOP: POINT_WORDS[PointKind.SHOP],
    PartnerKind.TOWN: "commune|town|mairie|ville|collectivité|communauté de communes|syndicat|municipality",
    PartnerKind.CARRIER: "transporteur|carrier|transport|haulier",
    PartnerKind.WASHER: "laveur|washer|laverie|station de lavage",
    PartnerKind.COOPERATIVE: "coopérative|cooperative|association|scic",
}
"""What people write for each kind; the first two stand in sentences."""
OWN_KIND = {
    PointKind.WINERY: PartnerKind.WINERY,
    PointKind.SHOP: PartnerKind.SHOP,
    PointKind.DROPOFF: PartnerKind.TOWN,
}
"""What a partner is taken for, by its point, when the list does not say."""
TAG_WORDS = {"etroit": "narrow", "acces etroit": "narrow", "hayon": "tail-lift", "tail lift": "tail-lift"}
"""What people write for the access words that vehicles answer."""

NO_LETTERS = say("“%(column)s” is “%(value)s”: it needs latin letters or digits, of which links are made.")
TWICE = say("“%(key)s” stands in line %(first)d already: each row needs an id or reference of its own.")

T = TypeVar("T")


class Words(Generic[T]):
    """What may be written for some choices, and how a sentence names them."""

    def __init__(self, words: Mapping[T, str]) -> None:
        self.by_word = {fold(word): kind for kind, written in words.items() for word in written.split("|")}
        self.shown = ", ".join(" / ".join(written.split("|")[:2]) for written in words.values())

    def read(self, typed: str) -> T:
        """Return the choice that was written."""
        found = self.by_word.get(fold(typed))
        if found is None:
            raise Invalid(say("“%(value)s” is unknown here: write one of %(known)s."), value=typed[:60], known=self.shown)
        return found


POINT_KINDS, PARTNER_KINDS = Words(POINT_WORDS), Words(PARTNER_WORDS)


class Reading(NamedTuple, Generic[T]):
    """What a list says: good rows, what is wrong with the others, and columns nobody reads."""

    rows: list[T]
    faults: list[Fault]
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class PointRow:
    """A point and its partner as a row gives them: only cells that were filled in."""

    line: int
    id: str
    """As the row gives it; empty when it does not."""
    point: Mapping[str, Any]
    partner: Mapping[str, Any]
    """Its name, kind, email and phone."""


@dataclass(frozen=True)
class PickupRow:
    """A pickup as a row gives it; `point` is an id or a name."""

    line: int
    reference: str
    point: str
    crate_type: str
    take: int
    leave: int
    ready_from: date
    wanted_by: date | None
    note: str


def read_points(data: bytes, config: Config) -> Reading[PointRow]:
    """Read a list of points."""
    centre = config.centres[0]
    tags = {tag for vehicle in config.vehicles for tag in vehicle.tags}

    def one(row: Row) -> PointRow:
        point: dict[str, Any] = {
            "name": row.text("name", required=True, longest=100),
            "kind": row.by("kind", POINT_KINDS.read, required=True),
            "town": row.text("town", required=True, longest=80),
            "postcode": row.text("postcode", required=True, longest=10),
            **_position(row, Place(centre.lon, centre.lat), centre.town),
            "street": row.text("street"),
            "hours": row.by("hours", opening.read),
            "access_note": row.text("access_note", longest=500),
            "tags": row.by("tags", lambda typed: _tags(typed, tags)),
            "contact": row.text("contact"),
            "phone": row.text("phone", longest=40),
            "public": row.yes("public"),
            "service_seconds": _seconds(row.number("service_minutes", 0, 240)),
        }
        if point["name"] and not slug(point["name"]):
            row.refuse("name", NO_LETTERS)
        return PointRow(row.line, _id(row), _filled(point), _filled(_partner(row)))

    reading = _read(data, POINT_COLUMNS, POINT_NEEDS, one)
    return _once(reading, lambda row: row.id or made_id(row.point["name"], row.point["town"]))


def read_pickups(data: bytes, config: Config) -> Reading[PickupRow]:
    """Read a list of pickups."""
    crates = Words({kind.id: f"{kind.id}|{kind.name}" for kind in config.crate_types})

    def one(row: Row) -> PickupRow:
        ready = row.day("ready_from", FIRST_DAY, LAST_DAY, required=True) or FIRST_DAY
        wanted = row.day("wanted_by", FIRST_DAY, LAST_DAY)
        if wanted and wanted < ready:
            row.refuse("wanted_by", say("The last day lies before the first one: choose a later day."))
        take, leave = (row.whole(column, 0, MOST_CRATES) or 0 for column in ("take", "leave"))
        if not row.faults and not take and not leave:
            row.refuse("take", say("Say how many crates to take, or how many empties to leave."))
        return PickupRow(
            line=row.line,
            reference=row.text("reference", longest=60) or "",
            point=row.text("point", longest=100, required=True) or "",
            crate_type=row.by("crate_type", crates.read) or config.pickups.crate,
            take=take,
            leave=leave,
            ready_from=ready,
            wanted_by=wanted,
            note=row.text("note", longest=500) or "",
        )

    reading = _read(data, PICKUP_COLUMNS, PICKUP_NEEDS, one)
    return _once(reading, lambda row: row.reference)


def made_id(name: str, town: str) -> str:
    """Make an id of a point's name and town: the same row always makes the same."""
    named, place = slug(name), slug(town)
    return slug(name if place in named else f"{name} {town}")


def _once(reading: Reading[T], key: Callable[[T], str]) -> Reading[T]:
    """Set aside rows whose key stood in an earlier line; rows without a key may stand as often as they like."""
    first: dict[str, int] = {}
    good, faults = [], list(reading.faults)
    for row in reading.rows:
        line: int = row.line  # type: ignore[attr-defined]  # every kind of row says its line
        name = key(row)
        if name and first.setdefault(name, line) != line:
            faults.append(Fault(line, Invalid(TWICE, key=name, first=first[name])))
        else:
            good.append(row)
    return Reading(good, sorted(faults, key=lambda fault: fault.line), reading.unused)


def _read(data: bytes, columns: Columns, needs: tuple[str, ...], one: Callable[[Row], T]) -> Reading[T]:
    good: list[T] = []
    faults: list[Fault] = []
    unused: tuple[str, ...] = ()
    try:
        table = Table(data, columns, needs)
        unused = table.unused
        for row in table:
            read = one(row)
            if row.faults:
                faults += row.faults
            else:
                good.append(read)
        if not good and not faults:
            raise Invalid(say("The list names its columns, and holds no row."))
    except Refusal as refusal:
        faults.append(Fault(0, refusal))
    return Reading(good, faults, unused)


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _id(row: Row) -> str:
    typed = row.text("id", longest=60)
    made = slug(typed or "")
    if typed and not made:
        row.refuse("id", NO_LETTERS)
    return made


def _seconds(minutes: float | None) -> int | None:
    return None if minutes is None else round(minutes * 60)


def _position(row: Row, centre: Place, town: str) -> dict[str, float | None]:
    lat, lon = row.number("lat", -90, 90, required=True), row.number("lon", -180, 180, required=True)
    if lat is None or lon is None:
        return {}
    metres = _metres(centre, Place(lon, lat))
    if metres > FARTHEST:
        swapped = -90 <= lon <= 90 and _metres(centre, Place(lat, lon)) <= FARTHEST
        row.refuse(
            "lat",
            say("Latitude and longitude seem to be swapped: here the latitude is about %(lat).0f.")
            if swapped
            else say("It would lie %(km)d km from %(town)s: check latitude and longitude."),
            lat=centre.lat,
            km=round(metres / 1000),
            town=town,
        )
    return {"lat": lat, "lon": lon}


def _metres(one: Place, other: Place) -> float:
    return float(great_circle([one, other])[0, 1])


def _tags(typed: str, known: Collection[str]) -> list[str]:
    words = {TAG_WORDS.get(fold(word), slug(word)) for word in re.split("[,;|/+]", typed) if word.strip()}
    if strange := sorted(words - set(known)):
        raise Invalid(
            say("No vehicle answers “%(tags)s”, so nobody could stop there; the vehicles know: %(known)s."),
            tags=", ".join(strange),
            known=", ".join(sorted(known)) or "-",
        )
    return sorted(words)


def _partner(row: Row) -> dict[str, Any]:
    name, email = row.text("partner", longest=100), row.text("email", longest=254)
    if name and not slug(name):
        row.refuse("partner", NO_LETTERS)
    if email and not EMAIL.fullmatch(email):
        row.refuse("email", say("“%(value)s” is no e-mail address."))
    return {
        "name": name,
        "kind": row.by("partner_kind", PARTNER_KINDS.read),
        "email": email.lower() if email else None,
        "phone": row.text("partner_phone", longest=40),
    }
