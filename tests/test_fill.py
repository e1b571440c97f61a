"""What the bench of events fills a database with is what the use cases would have kept."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session

from bottles import audit, codes, intake, ledger, trace, wire
from bottles.crates import Crate, CrateState, Move
from bottles.db import transaction
from bottles.intake import Author
from bottles.ledger import AccountKind
from bottles.people import Role
from tests import build
from tools.events.fill import LOT, Loop, fill

MOVES = 7


@pytest.fixture
def filled(shared_engine: Engine) -> Loop:
    with transaction(shared_engine) as session:
        build.cast(session)
        loop = Loop.settle(session, build.CENTRE, "crate12", "jura75", "standard")
    fill(shared_engine, loop, crates=300, events=300 * MOVES, lots=4)
    return loop


@pytest.mark.slow
def test_a_filled_database_adds_up_and_its_keys_hold(shared_engine: Engine, filled: Loop):
    with Session(shared_engine) as session:
        checks = audit.audit(session)
        broken = session.connection().exec_driver_sql("PRAGMA foreign_key_check").all() if _is_sqlite(session) else []

    assert {check.name: check.faults for check in checks if check.faults} == {}
    assert sum(check.compared for check in checks) > 300 * MOVES
    assert broken == []


@pytest.mark.slow
def test_life_goes_on_in_a_filled_database(shared_engine: Engine, filled: Loop):
    driver, now = Author(filled.people[Role.DRIVER][0], "filled", Role.DRIVER, build.CENTRE), datetime.now(UTC)
    scan = wire.NewEvent(id=codes.uuid7(now, 1), kind="scan", at=now, device="new", sequence=0, crate=codes.serial(7),
                         move=Move.DROP, point=filled.points[0], holder="van-1")  # fmt: skip

    with transaction(shared_engine) as session:
        before = ledger.on_hand(session, AccountKind.POINT, filled.points[0], "crate12")
        intake.record(session, scan, driver, at=now)

    with Session(shared_engine) as session:
        assert session.get(Crate, codes.serial(7)).state is CrateState.OUT
        assert ledger.on_hand(session, AccountKind.POINT, filled.points[0], "crate12") == before + 1
        assert sum(part for part in trace.sources(session, 3).points.values()) == pytest.approx(1)
        assert sum(buyer.quantity for buyer in trace.buyers(session, 3)) == LOT // 3 * 2


def _is_sqlite(session: Session) -> bool:
    return sa.inspect(session.get_bind()).dialect.name == "sqlite"
