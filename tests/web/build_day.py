"""A day's work for tests of pages: points, requests, orders and a published plan for the cast of conftest."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session, select

from bottles import crates, intake, ledger, orders, people, pickups, routes
from bottles.batches import Lot, LotStatus, Recipe, WashRun
from bottles.codes import uuid7
from bottles.crates import Crate, Move
from bottles.events import EventKind
from bottles.intake import Author
from bottles.ledger import AccountKind, Key, Posting
from bottles.people import Role
from bottles.points import Point, PointKind
from bottles.routes import Plan, Route, Stop, StopTask, Task
from bottles.wire import NewEvent

DAY = date(2026, 10, 6)
DAWN = datetime(2026, 10, 6, 5, 30, tzinfo=UTC)
"""Half past seven in the Jura, before the clock of the tests."""
CENTRE, VAN, CRATE = "pont-du-navoy", "fourgon-1", "casier-12"
CELLAR, SHOP = "cellar", "shop"
ALL_WEEK = {str(day): [[480, 720], [840, 1080]] for day in range(7)}


@dataclass(frozen=True)
class Day:
    """A published plan with one route, and its stops in order."""

    plan: int
    route: int
    stops: list[int]
    tasks: list[int]


def author(session: Session, role: Role) -> Author:
    """Return the person of a role as the author of events."""
    person = people.by_email(session, f"{role}@example.org")
    return Author(person=person.id, partner=person.partner, role=role, centre=CENTRE)


def places(session: Session) -> None:
    """Add the winemaker's cellar and the shop, once."""
    if session.get(Point, CELLAR) is None:
        session.add_all(
            [
                Point(id=CELLAR, partner="domaine-chene", kind=PointKind.WINERY, name="Domaine Chêne", town="Arbois",
                      postcode="39600", street="12 rue de Courcelles", lat=46.903, lon=5.775, hours=ALL_WEEK,
                      access_note="Portail au fond de la cour", contact="Camille Chêne", phone="03 84 00 00 01"),
                Point(id=SHOP, partner="cave-exemple", kind=PointKind.SHOP, name="Cave Exemple", town="Poligny",
                      postcode="39800", lat=46.836, lon=5.705, hours=ALL_WEEK, public=True),
            ]
        )  # fmt: skip
        session.flush()


def pickup(session: Session, *, take: int = 8, leave: int = 4, kind: str = CRATE, point: str = CELLAR) -> Task:
    """Ask for a pickup and return its task."""
    places(session)
    role = Role.WINEMAKER if point == CELLAR else Role.SHOP
    who = author(session, role)
    asked = pickups.request(
        session, who.partner, point, [pickups.Crates(kind, take, leave)], who.person, ready_from=DAY, at=DAWN
    )
    return next(task for task in routes.gather(session, at=DAWN) if task.pickup == asked.id)


def lot(session: Session, kind: str, bottles: int) -> Lot:
    """Put a released lot on the shelf, without the wash that made it."""
    washer = author(session, Role.WASHER).person
    recipe = session.exec(select(Recipe.id)).first()
    run = WashRun(centre=CENTRE, line="Ligne 1", recipe=recipe, limits={}, operator=washer, started_at=DAWN, ended_at=DAWN)
    session.add(run)
    session.flush()
    made = Lot(run=run.id, centre=CENTRE, type=kind, quantity=bottles, accepted=bottles, status=LotStatus.RELEASED,
               inspected_by=washer, inspected_at=DAWN, use_by=DAY + timedelta(days=20))  # fmt: skip
    session.add(made)
    session.flush()
    shelf = Key(AccountKind.AVAILABLE, CENTRE, kind, made.id)
    ledger.post(session, [Posting(Key(AccountKind.OUTSIDE, "", kind), shelf, bottles, f"lot:{made.id}", DAWN)], known_at=DAWN)
    return made


def order(session: Session, wanted: dict[str, int]) -> Task:
    """Order washed bottles for the shop, from lots made for it, and return the delivery's task."""
    places(session)
    for kind, bottles in wanted.items():
        lot(session, kind, bottles)
    shop = author(session, Role.SHOP)
    placed = orders.place(session, shop.partner, SHOP, wanted, shop.person, due=DAY, crate_type=CRATE, at=DAWN)
    return next(task for task in routes.gather(session, at=DAWN) if task.order == placed.id)


def plan(
    session: Session, stops: list[list[Task]], *, day: date = DAY, driver: Role | int = Role.DRIVER, publish: bool = True
) -> Day:
    """Make a plan with one route that halts once for each list of tasks, and publish it unless it stays a draft."""
    person = author(session, driver).person if isinstance(driver, Role) else driver
    saw = {str(task): load.facts() for task, load in routes.loads(session, routes.open_tasks(session)).items()}
    made = Plan(
        day=day, version=len(routes.versions(session, day)) + 1, cost=5000, metres=40_000, seconds=3600, saw=saw, made_at=DAWN
    )
    session.add(made)
    session.flush()
    leaves = datetime.combine(day, DAWN.timetz())
    route = Route(plan=made.id, vehicle=VAN, driver=person, departs=leaves, returns=leaves + timedelta(hours=6), metres=82_400,
                  driving_seconds=5400, peak_crates=20, peak_grams=150_001)  # fmt: skip
    session.add(route)
    session.flush()
    halts = [_stop(session, route, position, tasks) for position, tasks in enumerate(stops, start=1)]
    if publish:
        routes.publish(session, made.id, author(session, Role.COORDINATOR).person, at=DAWN, today=day)
    return Day(made.id, route.id, halts, [task.id for tasks in stops for task in tasks])


def _stop(session: Session, route: Route, position: int, tasks: list[Task]) -> int:
    when = route.departs + timedelta(minutes=40 * position)
    stop = Stop(
        route=route.id, position=position, point=tasks[0].point, arrives=when, starts=when, leaves=when + timedelta(minutes=15)
    )
    session.add(stop)
    session.flush()
    session.add_all([StopTask(stop=stop.id, task=task.id) for task in tasks])
    session.flush()
    return stop.id


def labelled(session: Session, count: int, *, kind: str = CRATE, at: str = CELLAR) -> list[Crate]:
    """Put crates with labels into service and out at a point."""
    places(session)
    made, start = crates.register(session, kind, count), DAWN - timedelta(days=3)
    for crate in made:
        _scan(session, crate, Move.COMMISSION, Role.WASHER, start)
        _scan(session, crate, Move.DROP, Role.DRIVER, start + timedelta(hours=1), point=at, holder=VAN)
    return made


def _scan(session: Session, crate: Crate, move: Move, role: Role, at: datetime, **facts: object) -> None:
    number = 2 * crate.number + (move is Move.DROP)
    new = NewEvent(
        id=uuid7(at, number), kind=EventKind.SCAN, at=at, device="built", sequence=number, crate=crate.code, move=move, **facts
    )
    intake.record(session, new, author(session, role), at=at)


def brought(session: Session, day: Day, crates_by_type: dict[str, int], *, task: int = 0) -> None:
    """Let the driver collect crates by count at one task of a day, and end that stop."""
    visit = {"task": day.tasks[task], "plan_version": day.plan, "point": CELLAR, "holder": VAN}
    told = [(EventKind.COUNT, {"move": Move.COLLECT, "item": kind, "quantity": n}) for kind, n in crates_by_type.items()]
    told.append((EventKind.STOP_DONE, {}))
    for number, (kind, facts) in enumerate(told, start=100_000 + 10 * day.tasks[task]):
        new = NewEvent(id=uuid7(DAWN, number), kind=kind, at=DAWN, device="phone", sequence=number, **visit, **facts)
        intake.record(session, new, author(session, Role.DRIVER), at=DAWN)
