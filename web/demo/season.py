"""Eight weeks of a loop, day by day, ending this morning.

Partners fill crates and ask; plans are made by the fast first search; drivers scan and count; the centre receives, sorts,
washes and releases; partners order. Every act goes through the use case that the pages call. One seed and one day give one
season.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from bottles import orders, partners, pickups, points, routes
from bottles.db import transaction
from bottles.errors import OutOfStock
from bottles.partners import PartnerKind
from bottles.people import Person, Role
from bottles.pickups import Crates
from bottles.points import Point, PointKind
from bottles.vehicles import Vehicle
from routing import planner, search
from web.config import Config
from web.imports import import_points
from web.planning import planner_settings
from web.seed import seed as seed_territory

from .hall import Hall
from .road import Road
from .stock import Place

PLACES = Path(__file__).with_name("points.csv")
WEEKS = 8
CRATE = "casier-12"
RATES = {PointKind.WINERY: (0.9, 2.2), PointKind.SHOP: (0.6, 1.6), PointKind.DROPOFF: (0.8, 1.8)}
"""Crates that fill in a day at a point of each kind, lowest and highest."""

Progress = Callable[[int, int], None]


@dataclass
class People:
    """Who acts in the season."""

    coordinator: Person
    washer: Person
    drivers: list[Person]
    asks: dict[str, Person]
    """The person who asks and orders for each partner."""


def build(
    engine: Engine, config: Config, today: date, seed: int, solve: planner.Solver, progress: Progress, *, weeks: int = WEEKS
) -> None:
    """Live the season up to this morning, then plan today with `solve`, publish it, and let one more partner ask.

    `progress` is told how many days of how many are done.
    """
    season = Season(engine, config, today, seed)
    season.settle_in(today - timedelta(days=weeks * 7 + 3))
    days = [day for n in range(weeks * 7, 0, -1) if (day := today - timedelta(days=n)).weekday() < 5]
    for done, day in enumerate(days):
        progress(done, len(days))
        season.live(day)
    season.begin(today, solve)
    progress(len(days), len(days))


class Season:
    """The loop while it is simulated: the same facts as the database, kept beside it for speed."""

    def __init__(self, engine: Engine, config: Config, today: date, seed: int) -> None:
        self.engine, self.config, self.today = engine, config, today
        self.dice = Random(f"{seed} {today}")
        self.zone = ZoneInfo(config.territory.time_zone)
        self.settings = planner_settings(config)
        self.coordinator = 0

    def clock(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Return a local time of day as a moment."""
        return datetime.combine(day, time(hour, minute), self.zone)

    def settle_in(self, first: date) -> None:
        """Write the territory, its places, its people and, on the first day, its crates."""
        with transaction(self.engine) as session:
            seed_territory(session, self.config)
            import_points(session, PLACES.read_bytes(), self.config)
            self.people = _people(session)
            self.coordinator = self.people.coordinator.id or 0
            _give_vehicles(session, self.people.drivers)
            centre = points.centres(session)[0].id
            self.places = {point.id: self._place(point) for point in session.exec(select(Point).order_by(Point.id))}
            self.hall = Hall(self.dice, self.config, centre, self.people.washer)
            self.road = Road(self.dice, centre, {p.id or 0: p for p in self.people.drivers}, self.places, self.hall)
            self.hall.commission(session, labelled=480, loose=2600, at=self.clock(first, 8))

    def _place(self, point: Point) -> Place:
        low, high = RATES.get(point.kind, (0.0, 0.0))
        return Place(point.id, point.partner, point.kind, rate=self.dice.uniform(low, high))

    def live(self, day: date) -> None:
        """Live one working day: the hall first, then what partners ask, then the road, then the gate."""
        with transaction(self.engine) as session:
            self.hall.work(session, day, self.clock(day, 6))
        self.ask_and_order(day)
        at = self.clock(day, 6, 30)
        plan = planner.plan_day(self.engine, day, self.settings, search.first, made_by=self.coordinator, at=at)
        with transaction(self.engine) as session:
            routes.publish(session, plan, self.coordinator, at=at, today=day)
            for route in routes.of_plan(session, plan):
                self.road.drive(session, route)
                self.hall.receive(session, route, self.clock(day, 17, 10))

    def begin(self, day: date, solve: planner.Solver) -> None:
        """Begin today: the hall's morning, what was asked last night, a plan that stands, and a call that came after it."""
        with transaction(self.engine) as session:
            self.hall.work(session, day, self.clock(day, 6))
        for place in self.places.values():
            # a busy day: less than what usually waits is enough to ask
            place.hurry = 0.7
        # whoever steps in as a winemaker has a van to wait for
        host = next(partner for partner, person in self.people.asks.items() if person.role is Role.WINEMAKER)
        next(place for place in self.places.values() if place.partner == host).hurry = 0.0
        self.ask_and_order(day)
        at = self.clock(day, 6, 30)
        plan = planner.plan_day(self.engine, day, self.settings, solve, made_by=self.coordinator, at=at)
        with transaction(self.engine) as session:
            routes.publish(session, plan, self.coordinator, at=at, today=day)
            late = [place for place in self.places.values() if place.served and not place.asked and place.full][-1]
            late.hurry = 0.0
            self._ask(session, late, day, self.clock(day, 6, 45))

    def ask_and_order(self, day: date) -> None:
        """Let crates fill for a day, and partners ask and order."""
        with transaction(self.engine) as session:
            asking = self.clock(day - timedelta(days=1), 18)
            for place in self.places.values():
                place.fill(self.dice)
                self._ask(session, place, day, asking)
            self._order(session, day, asking)

    def _ask(self, session: Session, place: Place, day: date, at: datetime) -> None:
        if place.asked or not place.rate:
            return
        first = not place.served
        if not first and place.full <= place.patience * place.hurry:
            return
        leave = place.wants if first else min(place.full, place.wants)
        # on the first days the van brings empties to a few points at a time
        if first and self.dice.random() > 0.3:
            return
        person = self.people.coordinator if self.dice.random() < 0.1 else self.people.asks[place.partner]
        crates = [Crates(CRATE, take=place.full, leave=leave)]
        pickups.request(session, place.partner, place.point, crates, person.id or 0, ready_from=day, at=at)
        place.asked = True

    def _order(self, session: Session, day: date, at: datetime) -> None:
        """Order washed bottles for the day, mostly by wineries that bottle."""
        buyers = [place for place in self.places.values() if place.kind in (PointKind.WINERY, PointKind.SHOP) and place.served]
        for place in self.dice.sample(buyers, min(len(buyers), 2)):
            kind = self.dice.choices(["jura-75", "clavelin-62", "macvin-75"], [8, 1, 1])[0]
            crates = self.dice.randint(5, 30) if place.kind is PointKind.WINERY else self.dice.randint(2, 5)
            person = self.people.asks[place.partner].id or 0
            try:
                with session.begin_nested():
                    orders.place(
                        session, place.partner, place.point, {kind: 12 * crates}, person, due=day, crate_type=CRATE, at=at
                    )
            except OutOfStock:
                continue  # who comes too late in this season orders nothing


def _people(session: Session) -> People:
    """Give every partner somebody who asks, and the cooperative its staff; nobody here exists."""
    own = partners.listed(session, PartnerKind.COOPERATIVE)[0].id
    staff = [
        Person(name="Camille Coordonne", email="coordination@demo.example", role=Role.COORDINATOR, partner=own),
        Person(name="Dominique Volant", email="volant@demo.example", role=Role.DRIVER, partner=own),
        Person(name="Sacha Virage", email="virage@demo.example", role=Role.DRIVER, partner=own),
        Person(name="Alix Lacet", email="lacet@demo.example", role=Role.DRIVER, partner=own),
        Person(name="Noa Laveuse", email="lavage@demo.example", role=Role.WASHER, partner=own),
    ]
    asks = {}
    for partner in partners.listed(session):
        role = Role.WINEMAKER if partner.kind is PartnerKind.WINERY else Role.SHOP
        if partner.id != own:
            email = f"{partner.id}@demo.example"
            asks[partner.id] = Person(name=f"Contact · {partner.name}", email=email, role=role, partner=partner.id)
    session.add_all([*staff, *asks.values()])
    session.flush()
    return People(coordinator=staff[0], washer=staff[4], drivers=staff[1:4], asks=asks)


def _give_vehicles(session: Session, drivers: list[Person]) -> None:
    for vehicle, driver in zip(session.exec(select(Vehicle).order_by(Vehicle.id)), drivers, strict=False):
        vehicle.driver = driver.id
