"""The territory's settings: `load(path)` reads config.toml into these frozen, checked shapes.

Every key carries its explanation, unit and range here; config.toml carries the figures and where they come from. The
reading itself is in settings.py, the rules between several keys in config_rules.py.
"""
# ruff: noqa: RUF009  # setting() only describes a field, as dataclasses.field does

import tomllib
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from pathlib import Path

from . import config_rules, settings
from .config_service import Audit, Jobs, Mail, Positions, Server, SignIn
from .settings import Range, SettingError, Slug, Window, setting

__all__ = ["Config", "SettingError", "load"]

Hours = dict[str, tuple[Window, ...]]


class Step(StrEnum):
    """Where a bottle can be refused."""

    SORTING = "sorting"
    INSPECTION = "inspection"


@dataclass(frozen=True, kw_only=True)
class Territory:
    """Who runs this loop, and how it speaks."""

    name: str = setting("Name of the loop, at the top of every page and sheet.", length=60)
    language: str = setting("Language shown first.", pattern="[a-z]{2}")
    languages: tuple[str, ...] = setting("Languages a person may choose.", pattern="[a-z]{2}")
    time_zone: str = setting("Zone of every day and hour a person sees, by its tz name.")


@dataclass(frozen=True, kw_only=True)
class Cooperative:
    """The organisation behind the loop, itself a partner."""

    id: Slug = setting("Its id among the partners.")
    name: str = setting("Its name on papers.")
    email: str = setting("Where partners write to; empty when there is none.", default="")
    phone: str = setting("Whom partners call; empty when there is none.", default="")


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What stands in the QR of a label, and on which sheets labels are printed."""

    host: str = setting(
        "Host of the link in the QR; short hosts make coarse QRs that read from afar.", length=28, pattern="[A-Z0-9.-]+"
    )
    asset_type: str = setting("Our company prefix and asset type: the 12 digits of the GRAI.", pattern="[0-9]{12}")
    company_prefix: str = setting(
        "Our GS1 company prefix, with which the asset type begins; empty: its first seven digits.",
        default="",
        pattern="([0-9]{4,10})?",
    )
    preset: str = setting("Sheet offered first: 24, 40 or 65 labels, or tag.", default="24", pattern="24|40|65|tag")

    @property
    def prefix(self) -> str:
        """Return the digits that our numbers of lots, pallets and places begin with."""
        return self.company_prefix or self.asset_type[:7]


@dataclass(frozen=True, kw_only=True)
class Centre:
    """A place where bottles are sorted and washed, and where vehicles start."""

    id: Slug = setting("Its id among the points.")
    name: str = setting("Its name on screen.")
    street: str = setting("Street and number.", default="")
    town: str = setting("Town.")
    postcode: str = setting("Postcode.", length=10)
    lat: float = setting("Latitude, degrees north.", low=-90, high=90)
    lon: float = setting("Longitude, degrees east.", low=-180, high=180)
    hours: Hours = setting("Opening hours by weekday; a weekday left out is closed.")
    lines: tuple[str, ...] = setting("Its washing lines, as the washers call them.")
    bottles_per_hour: int = setting("What its line washes, bottles an hour.", low=1)


@dataclass(frozen=True, kw_only=True)
class Vehicle:
    """A vehicle with its driver's day."""

    id: Slug = setting("Its id.")
    name: str = setting("What the drivers call it.")
    centre: Slug = setting("The centre it starts from and returns to.")
    crates: int = setting("Floor, in crates of twelve.", low=1)
    kg: int = setting("What it may load, kilograms.", low=1)
    shift_starts: time = setting("When its driver's day begins, local time.")
    shift_ends: time = setting("When its driver's day ends, local time.")
    break_after_hours: float = setting("Work allowed without a break, hours.", low=0.5, high=12)
    break_minutes: int = setting("Length of that break, minutes.", low=0, high=180)
    rests: str = setting(
        "Whose rules its driver pauses by: light (up to 3.5 t), heavy (over it), once (the two keys before), none.",
        default="once",
        pattern="light|heavy|once|none",
    )
    unloads: int = setting("How often a day it may unload at its centre and go out again.", default=0, low=0, high=9)
    unload_minutes: int = setting("Time at the centre for that, minutes.", default=0, low=0, high=240)
    overtime_minutes: int = setting("How late after its shift it may be back, minutes.", default=0, low=0, high=360)
    overtime_per_hour: float = setting("Euros an hour of that costs more.", default=0.0, low=0)
    cost_per_km: float = setting("Euros a kilometre.", low=0)
    cost_per_hour: float = setting("Euros an hour on the road, driver included.", low=0)
    cost_per_day: float = setting("Euros for using it at all on a day.", low=0)
    mixed: bool = setting("Whether washed bottles may ride with dirty ones (wrapped, own zone).")
    tags: tuple[Slug, ...] = setting("Access words it answers, such as narrow or tail-lift.", default=())
    profile: str = setting("How it drives: car, or truck as [travel.truck] says.", default="car", pattern="car|truck")


@dataclass(frozen=True, kw_only=True)
class BottleType:
    """A model of bottle, told apart by its shape."""

    id: Slug = setting("Its id; crate types share the same names' space.")
    name: str = setting("What people call it.")
    volume_ml: int = setting("Content, millilitres.", low=1, high=20_000)
    grams: int = setting("Mass of the empty bottle, grams.", low=1)
    height_mm: int = setting("Height, millimetres.", low=1)
    diameter_mm: int = setting("Largest diameter, millimetres.", low=1)
    accepted: bool = setting("Whether the loop takes it.", default=True)
    why_not: str = setting("Why it is not taken, said to whoever brings it.", default="")
    price_cents: int = setting("Price of a washed one, cents.", default=0, low=0)


@dataclass(frozen=True, kw_only=True)
class CrateType:
    """A model of crate."""

    id: Slug = setting("Its id; bottle types share the same names' space.")
    name: str = setting("What people call it.")
    bottles: int = setting("Bottles it holds.", low=1)
    grams: int = setting("Its own mass, grams.", low=0)
    units: int = setting("Floor it takes in a vehicle, in crates of twelve.", low=1)


@dataclass(frozen=True, kw_only=True)
class RefusalReason:
    """Why a bottle is refused."""

    id: Slug = setting("Its id.")
    name: str = setting("What the sorter reads on the button.")
    step: Step = setting("Where it is given: sorting or inspection.")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Between what each reading of a wash run must lie; a measure left out is read and not judged."""

    bath_celsius: Range | None = setting("Bath temperature, degrees Celsius.", default=None, low=0, high=100)
    naoh_percent: Range | None = setting("Caustic soda in the bath, percent.", default=None, low=0, high=10)
    contact_minutes: Range | None = setting("Time in the bath, minutes.", default=None, low=0, high=120)
    rinse_ph: Range | None = setting("pH of the last rinse.", default=None, low=0, high=14)
    residue_ppm: Range | None = setting("Caustic or acid left on the glass, parts per million.", default=None, low=0)
    water_litres: Range | None = setting("Water of the run, litres.", default=None, low=0)
    energy_kwh: Range | None = setting("Energy of the run, kilowatt hours.", default=None, low=0)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a wash run must go for its bottles to be released."""

    id: Slug = setting("Its id.")
    name: str = setting("What the washer chooses.")
    limits: Limits = setting("Between what each reading must lie.")


@dataclass(frozen=True, kw_only=True)
class Planning:
    """How a day is planned."""

    search_seconds: float = setting("How long a plan may be searched for, seconds.", low=0, high=3600)
    draft_hour: int = setting("Local hour at which tomorrow's draft is made.", low=0, high=23)
    service_seconds: int = setting("Time for a halt before the first crate, seconds, where the point says nothing.", low=0)
    crate_seconds: int = setting("Time for each crate handed over, seconds, where the point says nothing.", low=0)
    pickup_euros: float = setting("What leaving a pickup out costs the plan, euros.", low=0)
    delivery_euros: float = setting("What leaving a promised delivery out costs the plan, euros.", low=0)
    waiting_day_euros: float = setting("What each day a call already waits adds to that, euros.", low=0)
    moving_euros: float = setting("What giving a call to another vehicle costs a day planned again.", default=5.0, low=0)
    patience_days: int = setting("Days within which a pickup is made that names no last day.", default=5, low=0, high=60)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """a + b d + c sqrt(d) over the great circle d in metres."""

    a: float = setting("Of every way, however short.", low=0)
    b: float = setting("For each metre of great circle.", low=0)
    c: float = setting("For the square root of those metres: short ways are slow and winding.", low=0)


class Source(StrEnum):
    """Where ways come from."""

    CIRCLE = "circle"
    TABLE = "table"
    OSRM = "osrm"
    VALHALLA = "valhalla"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a vehicle is, for a road engine that knows low bridges; 0 where nobody minds."""

    height: float = setting("Metres.", default=0.0, low=0, high=6)
    width: float = setting("Metres.", default=0.0, low=0, high=4)
    length: float = setting("Metres.", default=0.0, low=0, high=30)
    weight: float = setting("Tonnes.", default=0.0, low=0, high=60)
    axle_load: float = setting("Tonnes.", default=0.0, low=0, high=20)


@dataclass(frozen=True, kw_only=True)
class Truck:
    """What is otherwise for vehicles that drive as a truck; empty: as for the others."""

    slower: float = setting("What seconds are multiplied by.", default=1.0, low=0.5, high=3)
    url: str = setting("Where an engine of their own listens.", default="", pattern="(https?://.+)?")
    profile: str = setting("How they drive: OSRM's profile or Valhalla's costing.", default="")
    file: str = setting("A table of their own.", default="")
    vehicle: Size = setting("Their size, for Valhalla.", default=Size())


@dataclass(frozen=True, kw_only=True)
class Travel:
    """How long the ways are: from a road engine or a table, or else estimated from the great circle."""

    metres: Curve = setting("Metres of road, estimated.")
    seconds: Curve = setting("Seconds at the wheel, estimated.")
    margin: float = setting("Share added to estimated seconds, so that plans do not run late.", low=0, high=2)
    source: Source = setting("Where ways come from.", default=Source.CIRCLE)
    url: str = setting("Where the road engine listens.", default="", pattern="(https?://.+)?")
    profile: str = setting("How it drives: OSRM's profile or Valhalla's costing; empty: what it has.", default="")
    file: str = setting("A table of ways: CSV, .npz or .npy.", default="")
    vehicle: Size = setting("Of the vehicles, for Valhalla.", default=Size())
    truck: Truck = setting("What is otherwise for trucks.", default=Truck())
    factor: float = setting("What an engine's or a table's seconds are multiplied by.", default=1.0, low=0.1, high=10)
    limit: int = setting("Places (OSRM) or pairs (Valhalla) the engine takes at once; 0: what it comes with.", default=0, low=0)
    snap: int = setting("Metres from a road beyond which a place is estimated.", default=300, low=0)
    cache_days: int = setting(
        "Days an engine's answers are kept in instance/ways; 0: not at all.", default=90, low=0, high=3650
    )


@dataclass(frozen=True, kw_only=True)
class Washing:
    """What holds for every wash."""

    use_within_days: int = setting("Days a washed bottle may wait before it is rinsed again.", low=1, high=365)
    pallet_bottles: int = setting("Bottles a full pallet holds.", default=1200, low=1, high=10_000)


@dataclass(frozen=True, kw_only=True)
class Pickups:
    """What a pickup may ask."""

    crate: Slug = setting("Crate type offered first.")


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What an order may ask."""

    crate: Slug = setting("Crate type washed bottles are delivered in.")
    lead_days: int = setting("Days between an order and its earliest delivery.", low=0, high=60)
    horizon_days: int = setting("How many days ahead a delivery may be wished for.", low=1, high=365)
    smallest_bottles: int = setting("Fewest bottles in a line.", low=1)


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A figure that reports multiply with, and where it is from."""

    value: float = setting("The figure.", low=0)
    unit: str = setting("Its unit.")
    source: str = setting("Who says so, and when.")


@dataclass(frozen=True, kw_only=True)
class Factors:
    """What reuse is worth."""

    new_bottle_co2: Factor = setting("Greenhouse gas of making and delivering a new bottle.")
    saved_co2: Factor = setting("Share of it that a reuse saves.")
    saved_energy: Factor = setting("Share of the energy that a reuse saves.")
    saved_water: Factor = setting("Share of the water that a reuse saves.")
    glass_grams: Factor = setting("Glass in an average reused bottle.")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything config.toml says."""

    territory: Territory = setting("Who runs this loop, and how it speaks.")
    cooperative: Cooperative = setting("The organisation behind the loop.")
    labels: Labels = setting("What stands in the QR of a label, and on which sheets.")
    centres: tuple[Centre, ...] = setting("Where bottles are washed; the first is the main one.")
    vehicles: tuple[Vehicle, ...] = setting("What fetches and brings.")
    bottle_types: tuple[BottleType, ...] = setting("Bottles people bring, taken or not, in the order of the buttons.")
    crate_types: tuple[CrateType, ...] = setting("What bottles travel in.")
    refusal_reasons: tuple[RefusalReason, ...] = setting("Why bottles are refused, in the order of the buttons.")
    recipes: tuple[Recipe, ...] = setting("How bottles are washed.")
    planning: Planning = setting("How a day is planned.")
    travel: Travel = setting("How long the ways are.")
    washing: Washing = setting("What holds for every wash.")
    pickups: Pickups = setting("What a pickup may ask.")
    orders: Orders = setting("What an order may ask.")
    server: Server = setting("Where the pages are served.")
    sign_in: SignIn = setting("How people sign in.")
    jobs: Jobs = setting("Work that takes seconds.")
    audit: Audit = setting("Proof that nothing was changed.", default=Audit())
    positions: Positions = setting("Where drivers are who share it.", default=Positions())
    mail: Mail = setting("Which mail server takes our mails.", default=Mail())
    factors: Factors = setting("What reuse is worth, for reports.")


def load(path: Path) -> Config:
    """Read a territory's config.

    Raises
    ------
    SettingError
        The file cannot be read, or a setting is wrong; the sentence names the file, the key and what was expected.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"{path.name}: cannot be read ({error.strerror}): {path}") from error
    except ValueError as error:
        raise SettingError(f"{path.name}: not valid TOML: {error}") from error
    config = settings.read(Config, raw, path.name)
    config_rules.check(config, path.name)
    return config
