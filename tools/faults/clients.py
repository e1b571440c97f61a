"""Devices that hand in what was done until a receipt names each of it, and what the server holds of it in the end."""

import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from bottles import audit, codes, crates, tokens
from bottles.crates import Move
from bottles.db import open_engine, transaction
from bottles.events import Event, EventKind
from bottles.people import Person, Role
from bottles.tokens import TokenKind
from web import bearers
from web.surroundings import Surroundings

from .server import PATIENCE, Server

CLIENTS = 5
EVENTS = 40
"""How many events each client hands in."""
LARGEST = 4
"""Events in one batch, at most."""


@dataclass
class Device:
    """One client: its token, what it has to tell, and what was answered."""

    name: str
    secret: str
    events: list[dict[str, Any]]
    receipts: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    resent: int = 0


def devices(url: str, here: Surroundings, dice: random.Random, tag: str) -> list[Device]:
    """Make the clients of one run, each with a driver's upload token, and crates for all of them to scan."""
    engine = open_engine(url)
    with transaction(engine) as session:
        labels = [crate.code for crate in crates.register(session, here.config.crate_types[0].id, 10)]
        made = [_device(session, here, f"{tag}-{n}", dice, labels) for n in range(CLIENTS)]
    engine.dispose()
    return made


def _device(session: Session, here: Surroundings, name: str, dice: random.Random, labels: Sequence[str]) -> Device:
    centre, now = here.config.centres[0].id, datetime.now(UTC)
    person = Person(name=name, email=f"{name}@example.org", role=Role.DRIVER, partner=here.config.cooperative.id)
    session.add(person)
    session.flush()
    secret = bearers.new_secret()
    tokens.create(session, secret, TokenKind.UPLOAD, person, centre=centre, device=name, lasting=timedelta(days=1), at=now)
    told: list[dict[str, Any]] = []
    for number in range(EVENTS):
        at = now - timedelta(minutes=EVENTS - number)
        event = {"id": codes.uuid7(at, dice.getrandbits(74)), "at": at.isoformat(), "device": name, "sequence": number}
        told.append(event | {"schema": 2} | _act(dice, labels, told, centre))
    return Device(name, secret, told)


def _act(dice: random.Random, labels: Sequence[str], told: Sequence[dict[str, Any]], point: str) -> dict[str, Any]:
    """Make up what a driver does: scans, most of all, and now and then a note or an undo."""
    kind = dice.choice([EventKind.SCAN] * 6 + [EventKind.NOTE, EventKind.UNDO])
    if kind is EventKind.UNDO and told:
        return {"kind": kind, "undoes": dice.choice(told)["id"]}
    if kind is EventKind.NOTE or kind is EventKind.UNDO:
        return {"kind": EventKind.NOTE, "note": "Closed until ten."}
    move = dice.choice([Move.LOAD, Move.DROP, Move.COLLECT])
    return {"kind": kind, "crate": dice.choice(labels), "move": move, "point": point, "holder": "van"}


@dataclass
class Run:
    """Clients at work against a server that is killed while they are."""

    server: Server
    clients: Sequence[Device]
    dice: random.Random
    begun: "count[int]" = field(default_factory=count)
    asked: int = 0
    mines: int = 0
    """How many requests are still to kill the server between commit and answer."""
    mined: set[str] = field(default_factory=set)
    """The events that were committed without an answer."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    fuse: threading.Lock = field(default_factory=threading.Lock)
    pause: threading.Event = field(default_factory=threading.Event)
    errors: list[BaseException] = field(default_factory=list)

    def hand_in(self, client: Device, seed: int) -> None:
        """Hand a client's events in until a receipt names each of them."""
        dice, tries, end = random.Random(seed), 0, time.monotonic() + 10 * PATIENCE
        tried: set[str] = set()
        while waiting := [event for event in client.events if event["id"] not in client.receipts]:
            if time.monotonic() > end:
                raise RuntimeError(f"{client.name} still holds {len(waiting)} events.")
            batch = waiting[: dice.randint(1, LARGEST)]
            client.sent += len(batch)
            client.resent += sum(event["id"] in tried for event in batch)
            is_new = not any(event["id"] in tried for event in batch)
            tried.update(event["id"] for event in batch)
            named = self._blow_up(client, batch) if is_new and self._lay_mine() else self.send(client, batch)
            client.receipts |= named
            tries = 0 if named else tries + 1
            if tries:
                # back-off with jitter; nobody sets the event, so this only waits
                self.pause.wait(dice.uniform(0, min(0.2, 0.005 * 2**tries)))

    def _lay_mine(self) -> bool:
        with self.lock:
            self.mines -= 1
            return self.mines >= 0

    def _blow_up(self, client: Device, batch: Sequence[dict[str, Any]]) -> dict[str, str]:
        """Hand in a batch that is committed and not answered."""
        # one at a time: no other mine may go off before this one's commit
        with self.fuse:
            self.server.wait()
            self.mined.update(event["id"] for event in batch)
            return self.send(client, batch, is_mined=True)

    def send(self, client: Device, batch: Sequence[dict[str, Any]], *, is_mined: bool = False) -> dict[str, str]:
        """Hand in one batch, and return the receipts by the id they name; none where no answer came back whole."""
        with self.lock:
            self.asked = next(self.begun)
        headers = {"Authorization": f"Bearer {client.secret}", "Content-Type": "application/json"}
        headers |= {"X-Die": "1"} if is_mined else {}
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            line.request("POST", "/api/v1/events", json.dumps({"events": batch}), headers)
            answer = line.getresponse()
            told = answer.read()
            return {one["id"]: one["receipt"] for one in json.loads(told)["receipts"]} if answer.status == 200 else {}
        except (OSError, http.client.HTTPException, ValueError):
            return {}
        finally:
            line.close()

    def play(self, kills: int, *, whole: int) -> None:
        """Let all clients hand in, and kill the server so many times meanwhile, `whole` times with its parent."""
        threads = [threading.Thread(target=self._work, args=(client, self.dice.getrandbits(32))) for client in self.clients]
        for thread in threads:
            thread.start()
        everything = set(self.dice.sample(range(kills), min(whole, kills)))
        for n in range(kills):
            self._await(self.dice.randint(1, 2), threads)
            self.pause.wait(self.dice.uniform(0, 0.03))
            self.server.kill(whole=n in everything)
            self.server.wait()
        for thread in threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    def _work(self, client: Device, seed: int) -> None:
        try:
            self.hand_in(client, seed)
        except BaseException as error:  # it is raised again where the threads are joined
            self.errors.append(error)

    def _await(self, more: int, threads: Sequence[threading.Thread]) -> None:
        """Wait until so many more requests have begun."""
        goal = self.asked + more
        while self.asked < goal and any(thread.is_alive() for thread in threads):
            self.pause.wait(0.001)


@dataclass(frozen=True)
class Outcome:
    """What came of a run, all clients together."""

    kills: int
    events: int
    sent: int
    resent: int
    lost: int
    double: int
    faults: list[str]
    receipts: dict[str, int]


def weigh(url: str, clients: Sequence[Device], kills: int) -> Outcome:
    """Compare what the clients hold with what the server holds, and audit the server."""
    engine = open_engine(url)
    with Session(engine) as session:
        mine = [client.name for client in clients]
        held = list(session.exec(select(Event.id).where(sa.column("device").in_(mine))))
        faults = [f"{check.name}: {fault}" for check in audit.audit(session) for fault in check.faults]
    engine.dispose()
    told = [event["id"] for client in clients for event in client.events]
    answers = [receipt for client in clients for receipt in client.receipts.values()]
    return Outcome(
        kills,
        len(told),
        sum(client.sent for client in clients),
        sum(client.resent for client in clients),
        len(set(told) - set(held)),
        len(held) - len(set(told) & set(held)),
        faults,
        {receipt: answers.count(receipt) for receipt in sorted(set(answers))},
    )
