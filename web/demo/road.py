"""The drivers of the simulated season: what their phones send from each stop."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlmodel import Session

from bottles import codes, intake, routes
from bottles.crates import Move
from bottles.events import EventKind
from bottles.intake import Author
from bottles.people import Person
from bottles.routes import Load, Route, Stop, Task, TaskKind
from bottles.wire import NewEvent

from .hall import CRATE, Hall
from .stock import Place

MISSED = ["closed", "no-access", "nothing-there"]
"""Reasons as the driver's app sends them."""


class Phone:
    """A device: its name, its sequence, and the ids it makes."""

    def __init__(self, name: str, dice: Random) -> None:
        self.name, self.dice, self.sequence = name, dice, 0

    def tell(self, kind: EventKind, at: datetime, **facts: Any) -> NewEvent:
        """Make an event."""
        self.sequence += 1
        made = codes.uuid7(at, self.dice.getrandbits(80))
        return NewEvent(id=made, kind=kind, at=at, device=self.name, sequence=self.sequence, **facts)


class Road:
    """Drives routes: scans what bears a label, counts the rest, now and then finds a door closed."""

    def __init__(self, dice: Random, centre: str, drivers: dict[int, Person], places: dict[str, Place], hall: Hall) -> None:
        self.dice, self.centre, self.drivers, self.places, self.hall = dice, centre, drivers, places, hall
        self.phones = {person: Phone(f"demo-phone-{n}", dice) for n, person in enumerate(drivers, start=1)}

    def drive(self, session: Session, route: Route) -> None:
        """Drive a route, stop by stop; its phone has no signal in the hills and sends everything on the way home."""
        stops = routes.stops(session, route.id or 0)
        at = {stop.id or 0: routes.tasks_at(session, stop.id or 0) for stop in stops}
        loads = routes.loads(session, [task for tasks in at.values() for task in tasks])
        news = [event for stop in stops for event in self._stop(route, stop, at[stop.id or 0], loads)]
        person = self.drivers[route.driver or 0]
        who = Author(person.id or 0, person.partner, person.role, self.centre)
        intake.record_all(session, news, who, at=route.returns + timedelta(minutes=self.dice.randint(0, 25)))

    def _stop(self, route: Route, stop: Stop, tasks: list[Task], loads: dict[int, Load]) -> list[NewEvent]:
        phone, place = self.phones[route.driver or 0], self.places[stop.point]
        news = []
        for task in tasks:
            visit: dict[str, Any] = {"task": task.id, "plan_version": route.plan, "route": route.id}
            visit |= {"point": stop.point, "holder": route.vehicle}
            news.append(phone.tell(EventKind.STOP_REACHED, stop.arrives, **visit))
            if self.dice.random() < 0.02:
                news.append(phone.tell(EventKind.STOP_MISSED, stop.starts, reason=self.dice.choice(MISSED), **visit))
                continue
            done = self._collect if task.kind is TaskKind.COLLECT else self._deliver
            news += done(phone, place, loads[task.id or 0], stop, visit)
            news.append(phone.tell(EventKind.STOP_DONE, stop.leaves, **visit))
        return news

    def _collect(self, phone: Phone, place: Place, load: Load, stop: Stop, visit: dict[str, Any]) -> list[NewEvent]:
        take, leave = load.take.get(CRATE, 0), load.leave.get(CRATE, 0)
        labels, place.full_labels = place.full_labels[:take], place.full_labels[take:]
        loose = min(place.full_loose, take - len(labels))
        place.full_loose -= loose
        at = stop.starts
        news = [phone.tell(EventKind.SCAN, at, crate=code, move=Move.COLLECT, **visit) for code in labels]
        if take:
            taken = len(labels) + loose
            news.append(phone.tell(EventKind.COUNT, at, move=Move.COLLECT, item=CRATE, quantity=taken, **visit))
        # three in ten that go out are labelled, as long as the centre has some
        new = self.hall.take_labels(round(leave * 0.3))
        news += [phone.tell(EventKind.SCAN, stop.leaves, crate=code, move=Move.DROP, **visit) for code in new]
        if leave:
            news.append(phone.tell(EventKind.COUNT, stop.leaves, move=Move.DROP, item=CRATE, quantity=leave, **visit))
        place.empty_labels += new
        place.empty_loose += leave - len(new)
        place.served, place.asked = True, False
        return news

    def _deliver(self, phone: Phone, place: Place, load: Load, stop: Stop, visit: dict[str, Any]) -> list[NewEvent]:
        return [
            phone.tell(EventKind.COUNT, stop.starts, move=Move.DELIVER, item=kind, quantity=n, **visit)
            for kind, n in load.bottles.items()
        ]
