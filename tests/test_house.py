"""The house keeps its own rules: files stay readable, the demo season adds up."""

import ast
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session

from bottles import audit
from bottles.crates import EXPECTED, LEADS_TO, WHOSE, CrateState, Move
from bottles.db import open_engine, transaction
from bottles.ledger import AccountKind
from routing.search import first
from web.config import Config
from web.demo import season

ROOT = Path(__file__).parent.parent
LONGEST = 400


def python_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
                            cwd=ROOT, capture_output=True, text=True, check=True)  # fmt: skip
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


def test_no_file_is_longer_than_a_reader_bears():
    long = {path.name: lines for path in python_files() if (lines := len(path.read_text().splitlines())) > LONGEST}

    assert long == {}


def test_every_module_says_what_it_is():
    ours = {path: path.read_text() for path in python_files() if "tests" not in path.parts}
    silent = [path.name for path, text in ours.items() if text and not ast.get_docstring(ast.parse(text))]

    assert silent == []


def test_every_state_and_every_place_of_a_crate_has_its_account():
    assert set(LEADS_TO) == set(Move)
    assert set(EXPECTED) == set(WHOSE) == set(CrateState)
    assert {str(where) for where, _ in WHOSE.values()} <= {str(kind) for kind in AccountKind}


@pytest.fixture(scope="module")
def lived(sqlite_template: Engine, config: Config, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Engine]:
    """Give the demo season of a seed, lived for some weeks."""

    def live(seed: int, weeks: int = 1) -> Engine:
        engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('season') / 'season.sqlite'}")
        with sqlite_template.connect() as source, engine.connect() as target:
            source.connection.driver_connection.backup(target.connection.driver_connection)
        season.build(engine, config, date(2026, 10, 6), seed, first, lambda done, total: None, weeks=weeks)
        return engine

    return live


@pytest.mark.slow
def test_the_demo_season_adds_up_and_is_the_same_for_the_same_seed(lived: Callable[..., Engine]):
    pictures = []
    for seed in (1, 1, 2):
        with transaction(lived(seed)) as session:
            checks = audit.audit(session)
            rows = session.connection().exec_driver_sql("SELECT id, kind, at, crate, quantity FROM event ORDER BY row").all()
        assert {check.name: check.faults for check in checks if check.faults} == {}
        pictures.append(rows)

    assert pictures[0] == pictures[1] != pictures[2]


PLANTED = {
    "Balances equal the transfers": "UPDATE account SET quantity = quantity + 1 WHERE kind = 'available'",
    "Nothing appears or vanishes": "UPDATE account SET quantity = quantity + 1 WHERE kind = 'point'",
    "Crate states equal their events replayed": "UPDATE crate SET state = 'lost' WHERE number = 7",
    "Visits equal their counts and scans": "UPDATE visit_line SET quantity = quantity + 1 WHERE move = 'collect'",
    "Reservations equal what is still to deliver": "UPDATE order_line SET quantity = quantity + 12",
    "Batches and lots are accounted for": "DELETE FROM lot_edge WHERE parent LIKE 'batch:%'",
    "No event was changed": "UPDATE event SET quantity = 3 WHERE kind = 'count' AND quantity > 3",
}


@pytest.mark.slow
def test_each_planted_error_is_found_by_its_question(lived: Callable[..., Engine]):
    engine = lived(1, weeks=3)
    for name, planted in PLANTED.items():
        with engine.connect() as connection:
            connection.exec_driver_sql(planted)
            with Session(bind=connection) as session:
                faults = {check.name: check.faults for check in audit.audit(session) if check.faults}
            connection.rollback()
        assert faults.get(name), name
