"""What tests of races share: a database on a disk, and several things done in one moment, each in a transaction of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bottles import audit, crates, intake, pickups, routes
from bottles.crates import Crate
from bottles.db import open_engine, transaction
from bottles.errors import Refusal
from bottles.events import Receipt
from bottles.intake import Answer, Author
from bottles.routes import Route, Stop, StopTask
from bottles.wire import NewEvent
from tests import build
from tests.apps import copy
from tests.build import NOON, Cast
from tests.databases import BOTH

RUNS = 50
LATER = NOON + timedelta(hours=1)
RACES = {"40001", "40P01", "23505"}
"""What the API takes for somebody else being in the way: it records the batch once more."""

Act = Callable[[Session], Any]


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give an empty database that several connections share, written to a disk."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgresql_engine")
        return
    engine = open_engine(f"sqlite:///{tmp_path / 'races.sqlite'}")
    copy(request.getfixturevalue("sqlite_template"), engine)
    yield engine
    engine.dispose()


@pytest.fixture
def cast(engine: Engine) -> Cast:
    with transaction(engine) as session:
        return build.cast(session)


@pytest.fixture
def race(engine: Engine) -> Iterator[Callable[..., list[Any]]]:
    """Do several things in the same moment, each in a transaction of its own; give what each returned or refused."""
    with ThreadPoolExecutor(10) as pool:

        def run(*acts: Act) -> list[Any]:
            barrier = Barrier(len(acts))
            return list(pool.map(partial(outcome, engine, barrier), acts))

        yield run


def outcome(engine: Engine, barrier: Barrier, act: Act) -> Any:
    barrier.wait(timeout=30)
    while True:
        try:
            with transaction(engine) as session:
                return act(session)
        except Refusal as refusal:
            return refusal
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in RACES:
                raise


def telling(author: Author, *news: NewEvent) -> Act:
    """Hand events in, as one batch."""
    return lambda session: intake.record_all(session, news, author, at=LATER)


def receipts(told: list[list[Answer]]) -> list[Receipt]:
    return sorted(answer.receipt for answers in told for answer in answers)


def faults(engine: Engine) -> list[list[str]]:
    with transaction(engine) as session:
        return [check.faults for check in audit.audit(session) if check.faults]


def labelled(engine: Engine, count: int = RUNS) -> list[Crate]:
    with transaction(engine) as session:
        return crates.register(session, "crate12", count)


def visits(engine: Engine, cast: Cast) -> list[dict[str, Any]]:
    """Put pickups on routes of their own, and return what events about each of them bear."""
    with transaction(engine) as session:
        plan = build.plan(session, cast, [])
        for _ in range(RUNS):
            wanted = [pickups.Crates("crate12", 8)]
            pickups.request(session, "cave", "cellar", wanted, cast.winemaker.person, ready_from=build.TUESDAY, at=NOON)
        tasks = routes.gather(session, at=NOON)
        first = build.route_of(session, plan).model_dump(exclude={"id"})
        driven = [Route(**first) for _ in tasks]
        session.add_all(driven)
        session.flush()
        halts = [Stop(route=r.id, position=1, point="cellar", arrives=NOON, starts=NOON, leaves=NOON) for r in driven]
        session.add_all(halts)
        session.flush()
        session.add_all(StopTask(stop=halt.id, task=task.id) for halt, task in zip(halts, tasks, strict=True))
        return [{"task": t.id, "plan_version": plan.id, "route": r.id} for t, r in zip(tasks, driven, strict=True)]
