"""Builders: what a test does not mention is supplied here, the same every time."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

from sqlmodel import Session

from bottles import batches, codes, intake, pickups, routes
from bottles.catalogue import BottleType, CrateType, RefusalReason
from bottles.crates import Crate, Move
from bottles.events import EventKind
from bottles.intake import Author
from bottles.partners import Partner, PartnerKind
from bottles.people import Person, Role
from bottles.points import Point, PointKind
from bottles.routes import Plan, Route, Stop, StopTask, Task
from bottles.vehicles import Vehicle
from bottles.wire import NewEvent

TUESDAY = date(2026, 10, 6)
NOON = datetime(2026, 10, 6, 10, 0, tzinfo=UTC)
"""Tuesday 6 October 2026, noon in Arbois."""
ALL_WEEK = {str(day): [[480, 1080]] for day in range(7)}
CENTRE = "pont-du-navoy"
LIMITS = {"bath_celsius": [70.0, 80.0], "naoh_percent": [1.5, 2.0], "contact_minutes": [12.0, None], "residue_ppm": [None, 1.0]}
GOOD_READINGS = {"bath_celsius": 75.0, "naoh_percent": 1.7, "contact_minutes": 15.0, "residue_ppm": 0.0}


@dataclass
class Cast:
    """Who and what every test may lean on."""

    winemaker: Author
    shop: Author
    driver: Author
    washer: Author
    coordinator: Author
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    sequences: "defaultdict[str, count[int]]" = field(default_factory=lambda: defaultdict(lambda: count(1)))

    def event(self, kind: EventKind, *, at: datetime = NOON, device: str = "phone-1", **facts: object) -> NewEvent:
        """Make an event as the phone makes it: a fresh id, the next number of its device."""
        number = next(self.numbers)
        facts.setdefault("id", codes.uuid7(at, number))
        facts.setdefault("sequence", next(self.sequences[device]))
        return NewEvent.model_validate({"kind": kind, "at": at, "device": device, **facts})

    def scan(self, crate: Crate | str, move: Move, **facts: object) -> NewEvent:
        """Make a scan; where the crate ends up is supplied unless the test says it."""
        code = crate if isinstance(crate, str) else crate.code
        return self.event(EventKind.SCAN, crate=code, move=move, **{"point": "cellar", "holder": "van-1", **facts})

    def count(self, move: Move, item: str, quantity: int, **facts: object) -> NewEvent:
        """Make a count."""
        return self.event(EventKind.COUNT, move=move, item=item, quantity=quantity, **facts)

    def undo(self, target: NewEvent, **facts: object) -> NewEvent:
        """Take an event back, a minute later."""
        return self.event(EventKind.UNDO, undoes=target.id, **{"at": target.at + timedelta(minutes=1), **facts})


def cast(session: Session) -> Cast:
    """Put the fixed cast into an empty database: a winery, a shop, the cooperative, its centre and van, one person a role."""
    session.add_all(
        [
            Partner(id="cave", name="Cave des Trois Puits", kind=PartnerKind.WINERY),
            Partner(id="epicerie", name="Épicerie du Champ de Foire", kind=PartnerKind.SHOP),
            Partner(id="cooperative", name="La Coopérative du Verre", kind=PartnerKind.COOPERATIVE),
        ]
    )
    session.flush()
    session.add_all(
        [
            Point(
                id="cellar",
                partner="cave",
                kind=PointKind.WINERY,
                name="Cave des Trois Puits",
                town="Arbois",
                postcode="39600",
                lat=46.903,
                lon=5.775,
                hours=ALL_WEEK,
            ),
            Point(
                id="shop",
                partner="epicerie",
                kind=PointKind.SHOP,
                name="Épicerie du Champ de Foire",
                town="Poligny",
                postcode="39800",
                lat=46.836,
                lon=5.705,
                hours=ALL_WEEK,
                public=True,
            ),
            Point(
                id=CENTRE,
                partner="cooperative",
                kind=PointKind.CENTRE,
                name="Centre de lavage",
                town="Pont-du-Navoy",
                postcode="39300",
                lat=46.7264,
                lon=5.7889,
                hours=ALL_WEEK,
            ),
            BottleType(id="jura75", name="Jura 75 cl", volume_ml=750, grams=560, height_mm=296, diameter_mm=80, price_cents=23),
            BottleType(
                id="clavelin", name="Clavelin 62 cl", volume_ml=620, grams=620, height_mm=280, diameter_mm=84, price_cents=35
            ),
            BottleType(
                id="champenoise",
                name="Champenoise",
                volume_ml=750,
                grams=835,
                height_mm=300,
                diameter_mm=88,
                accepted=False,
                why_not="le verre a pu subir des chocs et éclater.",
            ),
            CrateType(id="crate12", name="Casier de 12", bottles=12, grams=1500, units=1),
            CrateType(id="crate20", name="Casier de 20", bottles=20, grams=2200, units=2),
            RefusalReason(id="glue", name="Étiquette à colle permanente"),
            RefusalReason(id="chip", name="Éclat", step="inspection"),
            batches.Recipe(id="standard", name="Lavage standard", limits=LIMITS),
        ]
    )
    session.flush()
    people = {role: _person(session, role) for role in Role}
    session.add(
        Vehicle(
            id="van-1",
            name="Fourgon 1",
            centre=CENTRE,
            crates=120,
            kg=1100,
            starts=420,
            ends=1020,
            fixed_cents=2000,
            cents_per_km=45,
            cents_per_hour=2200,
            driver=people[Role.DRIVER].person,
        )
    )
    session.flush()
    return Cast(**{str(role): author for role, author in people.items()})


def _person(session: Session, role: Role) -> Author:
    partner = {Role.WINEMAKER: "cave", Role.SHOP: "epicerie"}.get(role, "cooperative")
    person = Person(name=f"{role.title()} Test", email=f"{role}@example.org", role=role, partner=partner)
    session.add(person)
    session.flush()
    return Author(person=person.id or 0, partner=partner, role=role, centre=CENTRE)


def pickup(session: Session, cast: Cast, *, take: int = 8, leave: int = 4) -> Task:
    """Ask for a pickup at the cellar and return its task."""
    crates = [pickups.Crates("crate12", take, leave)]
    asked = pickups.request(session, "cave", "cellar", crates, cast.winemaker.person, ready_from=TUESDAY, at=NOON)
    return next(task for task in routes.gather(session, at=NOON) if task.pickup == asked.id)


def plan(session: Session, cast: Cast, tasks: list[Task], *, day: date = TUESDAY, publish: bool = True) -> Plan:
    """Make a plan with one route that stops at each task in turn, and publish it."""
    version = len(routes.versions(session, day)) + 1
    saw = {str(task): load.facts() for task, load in routes.loads(session, routes.open_tasks(session)).items()}
    made = Plan(day=day, version=version, cost=5000, metres=40_000, seconds=3600, saw=saw, made_at=NOON)
    session.add(made)
    session.flush()
    route = Route(
        plan=made.id or 0,
        vehicle="van-1",
        driver=cast.driver.person,
        departs=NOON,
        returns=NOON + timedelta(hours=2),
        metres=40_000,
        driving_seconds=3600,
        peak_crates=20,
        peak_grams=150_000,
    )
    session.add(route)
    session.flush()
    for position, task in enumerate(tasks, start=1):
        when = NOON + timedelta(minutes=20 * position)
        stop = Stop(route=route.id or 0, position=position, point=task.point, arrives=when, starts=when, leaves=when)
        session.add(stop)
        session.flush()
        session.add(StopTask(stop=stop.id or 0, task=task.id or 0))
    session.flush()
    if publish:
        routes.publish(session, made.id or 0, cast.coordinator.person, at=NOON, today=day)
    return made


def route_of(session: Session, made: Plan) -> Route:
    """Return the only route of a plan."""
    return routes.of_plan(session, made.id or 0)[0]


def reception(session: Session, cast: Cast, *, crates: int = 10) -> Route:
    """Bring crates of unsorted bottles home: asked for, planned, collected by count, received by count."""
    task = pickup(session, cast, take=crates, leave=0)
    made = plan(session, cast, [task], day=TUESDAY)
    route = route_of(session, made)
    visit = {"task": task.id, "plan_version": made.id}
    for event, author in (
        (cast.count(Move.COLLECT, "crate12", crates, point="cellar", holder="van-1", **visit), cast.driver),
        (cast.event(EventKind.STOP_DONE, **visit), cast.driver),
        (cast.count(Move.RECEIVE, "crate12", crates, route=route.id, device="tablet"), cast.washer),
    ):
        intake.record(session, event, author, at=NOON)
    return route


def lot(session: Session, cast: Cast, *, bottles: int = 120) -> batches.Lot:
    """Make a released lot of Jura bottles, all the way from a reception."""
    route = reception(session, cast, crates=-(-bottles // 12))
    batches.sort(session, route.id or 0, {"jura75": bottles}, {}, cast.washer.person, finished=True, at=NOON)
    run = batches.start_wash(session, CENTRE, "standard", "line-1", {"jura75": bottles}, cast.washer.person, at=NOON)
    batches.finish_wash(session, run.id or 0, GOOD_READINGS, at=NOON)
    made = batches.lots_of(session, run.id or 0)[0]
    return batches.inspect(
        session, made.id or 0, {}, cast.washer.person, use_within=timedelta(days=30), zone="Europe/Paris", at=NOON
    )
