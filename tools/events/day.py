"""What phones send in the bench: stop after stop, crates scanned one by one, a count, the end of the stop."""

import json
import secrets
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import count, cycle, islice
from typing import Any, NamedTuple

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from bottles import codes, tokens
from bottles.crates import Crate
from bottles.db import transaction
from bottles.people import Person, Role
from bottles.pickups import Pickup, PickupLine
from bottles.points import Point
from bottles.routes import Plan, Route, Stop, StopTask, Task, TaskKind
from bottles.tokens import TokenKind
from bottles.vehicles import Vehicle

STOP = 50
"""Events of one stop: reached, scans, one count, done."""
LABELS = 1504
"""Crates that one phone scans, again and again."""
CRATE = "casier-12"


class Phone(NamedTuple):
    """A driver's phone: its token, and where it goes."""

    device: str
    secret: str
    vehicle: str
    route: int
    plan: int
    stops: list[tuple[int, str]]
    """Task and point of each."""
    labels: list[str]


def prepare(engine: Engine, phones: int, stops: int, day: date, at: datetime) -> list[Phone]:
    """Put drivers, a published plan and its stops into a territory, and give each phone crates of its own to scan."""
    with transaction(engine) as session:
        plan = Plan(day=day, version=secrets.randbelow(10**8), cost=0, metres=0, seconds=0, made_at=at)
        session.add(plan)
        session.flush()
        return [_phone(session, plan, n, stops, at) for n in range(phones)]


def _phone(session: Session, plan: Plan, number: int, stops: int, at: datetime) -> Phone:
    name, secret = f"bench-{secrets.token_hex(6)}", secrets.token_urlsafe(32)
    known = session.exec(select(Vehicle)).first()
    centre = known.centre if known else ""
    vehicle = Vehicle(id=name, name=name, centre=centre, crates=120, kg=1100, starts=360, ends=1200)
    person = Person(name=name, email=f"{name}@bench.example", role=Role.DRIVER, partner="filled")
    session.add_all([vehicle, person])
    session.flush()
    tokens.create(session, secret, TokenKind.UPLOAD, person, centre=centre, device=name, lasting=timedelta(days=1), at=at)
    ends = at + timedelta(hours=9)
    route = Route(plan=plan.id or 0, vehicle=name, departs=at, returns=ends, metres=0, driving_seconds=0, peak_crates=0,
                  peak_grams=0)  # fmt: skip
    session.add(route)
    session.flush()
    places = list(session.exec(select(Point.id).where(Point.partner == "filled").order_by(Point.id)))
    halts = _halts(session, route, plan, person.id or 0, [places[(number + n) % len(places)] for n in range(stops)], at)
    # each phone has labels of its own: two who scan one crate would make disputes, which is another measurement
    own = select(Crate.code).order_by(col(Crate.number)).offset(number * LABELS).limit(LABELS)
    return Phone(name, secret, name, route.id or 0, plan.id or 0, halts, list(session.exec(own)))


def _halts(
    session: Session, route: Route, plan: Plan, person: int, places: Sequence[str], at: datetime
) -> list[tuple[int, str]]:
    asked = [Pickup(partner="filled", point=point, person=person, ready_from=plan.day, made_at=at) for point in places]
    told: dict[str, Any] = {"arrives": at, "starts": at, "leaves": at}
    stops = [Stop(route=route.id or 0, position=n, point=point, **told) for n, point in enumerate(places)]
    session.add_all([*asked, *stops])
    session.flush()
    known: dict[str, Any] = {"kind": TaskKind.COLLECT, "partner": "filled", "ready_from": plan.day, "made_at": at}
    tasks = [Task(pickup=pickup.id, point=pickup.point, **known) for pickup in asked]
    session.add_all([*tasks, *(PickupLine(pickup=p.id or 0, crate_type=CRATE, take=STOP - 3) for p in asked)])
    session.flush()
    session.add_all([StopTask(stop=stop.id or 0, task=task.id or 0) for stop, task in zip(stops, tasks, strict=True)])
    return [(task.id or 0, task.point) for task in tasks]


def acts(phone: Phone, begins: datetime) -> Iterator[bytes]:
    """Yield the phone's events, each as the bytes it would send, until its stops are done.

    What one stop collects the next one drops, so that nothing surprises anybody.
    """
    numbers, labels = count(), cycle(phone.labels)
    aboard: list[str] = []
    for task, point in phone.stops:
        visit = {"task": task, "plan_version": phone.plan, "route": phone.route, "point": point, "holder": phone.vehicle}
        move = "drop" if aboard else "collect"
        scanned = aboard or list(islice(labels, STOP - 3))
        aboard = [] if aboard else scanned
        told: list[dict[str, Any]] = [{"kind": "stop_reached"}]
        told += [{"kind": "scan", "move": move, "crate": label} for label in scanned]
        told += [{"kind": "count", "move": move, "item": CRATE, "quantity": len(scanned), "basis": "counted"}]
        for one in (*told, {"kind": "stop_done"}):
            number = next(numbers)
            at = begins + timedelta(seconds=number)
            id_ = codes.uuid7(at, secrets.randbits(80))
            said = {"id": id_, "at": at.isoformat(), "device": phone.device, "sequence": number, "schema": 2, **one, **visit}
            yield json.dumps(said, separators=(",", ":")).encode()
