"""The server is killed in the middle of it, again and again: it holds exactly what the devices hold."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import faults
from tools.faults import Run, Server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'killed.sqlite'}"


@pytest.fixture
def serving(url: str, tmp_path: Path) -> Iterator[tuple[Server, faults.Surroundings]]:
    with faults.serving(url, tmp_path) as server:
        yield server


@pytest.fixture
def seed() -> int:
    """A new one each time; it stands in the report of a failure."""
    return random.SystemRandom().randrange(10**6)


def test_killed_twenty_times_at_random_the_server_holds_what_the_devices_hold(serving, url: str, seed: int):
    server, here = serving
    clients = faults.devices(url, here, random.Random(seed), "phone")

    Run(server, clients, random.Random(seed)).play(20, whole=2)

    found = faults.weigh(url, clients, 20)
    assert (found.lost, found.double, found.faults) == (0, 0, []), f"seed {seed}"
    assert found.receipts.keys() <= {"kept", "already_known"}, f"seed {seed}"
    assert found.resent > 0, f"seed {seed}"


def test_killed_between_commit_and_answer_the_resend_is_known_already(serving, url: str, seed: int):
    server, here = serving
    clients = faults.devices(url, here, random.Random(seed), "phone")

    Run(server, clients, random.Random(seed), mines=10).play(0, whole=0)

    found = faults.weigh(url, clients, 10)
    assert (found.lost, found.double, found.faults) == (0, 0, []), f"seed {seed}"
    assert found.receipts["already_known"] >= 10, f"seed {seed}"
