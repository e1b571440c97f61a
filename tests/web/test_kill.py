"""The server is killed in the middle of it, again and again: it holds exactly what the devices hold."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.faults.clients import Run, devices, weigh
from tools.faults.server import Server, serving
from web.surroundings import Surroundings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'killed.sqlite'}"


@pytest.fixture(scope="module")
def served(url: str, folder: Path) -> Iterator[tuple[Server, Surroundings]]:
    """One server for both tests: it dies often enough."""
    with serving(url, folder) as here:
        yield here


@pytest.fixture
def seed() -> int:
    """A new one each time; it stands in the report of a failure."""
    return random.SystemRandom().randrange(10**6)


def test_killed_twenty_times_at_random_the_server_holds_what_the_devices_hold(served, url: str, seed: int):
    server, here = served
    clients = devices(url, here, random.Random(seed), "phone")

    Run(server, clients, random.Random(seed)).play(20, whole=2)

    found = weigh(url, clients, 20)
    assert (found.lost, found.double, found.faults) == (0, 0, []), f"seed {seed}"
    assert found.receipts.keys() <= {"kept", "already_known"}, f"seed {seed}"
    assert found.resent > 0, f"seed {seed}"


def test_killed_between_commit_and_answer_the_resend_is_known_already(served, url: str, seed: int):
    server, here = served
    clients = devices(url, here, random.Random(seed), "tablet")

    run = Run(server, clients, random.Random(seed), mines=10)
    run.play(0, whole=0)

    found = weigh(url, clients, 10)
    assert (found.lost, found.double, found.faults) == (0, 0, []), f"seed {seed}"
    assert len(run.mined) >= 10, f"seed {seed}"
    assert {client.receipts[id_] for client in clients for id_ in run.mined & client.receipts.keys()} == {"already_known"}
