"""`bouteilles run`: web, worker and scheduler live and end together."""

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from cryptography import x509

from tests.apps import ROOT
from web import authority, group
from web.commands import main
from web.group import PAUSES, Group, Part
from web.surroundings import Surroundings

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
DIE = [sys.executable, "-c", "raise SystemExit(3)"]


class Machine:
    """A group in a process of its own, and how to look at it."""

    def __init__(self, instance: Path, *more: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        environment = {**os.environ, "BOUTEILLES_INSTANCE": str(instance), "BOUTEILLES_DATABASE": "", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "web.commands", "run", "--port", str(self.port), *more],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,
        )

    def line(self) -> str:
        """Wait for the next line it prints."""
        return self.process.stdout.readline().strip()

    def children(self) -> list[int]:
        """Name the processes that it and they started."""
        found, fresh = [], [self.process.pid]
        while fresh:
            mine = Path(f"/proc/{fresh.pop()}/task")
            for task in mine.glob("*/children"):
                started = [int(pid) for pid in task.read_text().split()]
                found += started
                fresh += started
        return found

    def end(self) -> int:
        """Tell it to end, as systemd does."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@pytest.fixture
def machine(tmp_path, request) -> Iterator[Machine]:
    made = CliRunner().invoke(main, ["init", "--email", "a@example.org"], obj=Surroundings(instance=tmp_path))
    assert made.exit_code == 0, made.output
    machine = Machine(tmp_path, *getattr(request, "param", ()))
    yield machine
    left = machine.children()
    if machine.process.poll() is None:
        machine.process.kill()
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    machine.process.stdout.close()
    machine.process.wait()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_run_serves_and_ends_with_everything_it_started(machine):
    assert machine.line() == f"Serving on http://127.0.0.1:{machine.port}"
    with urlopen(f"http://127.0.0.1:{machine.port}/sign-in") as page:
        assert page.status == 200
    started = machine.children()

    code = machine.end()

    assert code == 0
    assert started
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Linux ends children with their parent")
@pytest.mark.parametrize("machine", [("--workers", "1")], indirect=True)
def test_no_part_outlives_a_group_that_was_killed(machine):
    machine.line()

    machine.process.kill()

    # every part holds this pipe: it ends when the last one is gone
    assert machine.process.stdout.read() == ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Linux ends children with their parent")
@pytest.mark.parametrize("machine", [("--tls", "--workers", "1")], indirect=True)
def test_run_serves_https_to_whoever_trusts_its_authority_and_a_renewed_certificate_at_once(machine, tmp_path):
    assert machine.line() == f"Serving on https://127.0.0.1:{machine.port}"
    files = authority.Files(tmp_path / "tls")
    trusting = ssl.create_default_context(cafile=str(files.authority))

    def serial() -> int:
        with (
            socket.create_connection(("127.0.0.1", machine.port), 10) as plain,
            trusting.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
        ):
            return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True)).serial_number

    with urlopen(f"https://127.0.0.1:{machine.port}/trust", context=trusting) as page:
        assert page.status == 200
        assert page.headers["Strict-Transport-Security"] is None
    before = serial()
    authority.ensure(tmp_path / "tls", ["127.0.0.1", "another.local"], "renewed", now=datetime.now(UTC))
    assert before != authority.load(files.certificate).serial_number
    assert serial() == authority.load(files.certificate).serial_number
    assert machine.end() == 0


@pytest.fixture
def of_parts(monkeypatch) -> Iterator[list[Group]]:
    """Groups to be ended after the test; parts look often and rest shortly."""
    monkeypatch.setattr(group, "LOOK", 0.01)
    monkeypatch.setattr(group, "PAUSES", (0.0,))
    groups: list[Group] = []
    yield groups
    for one in groups:
        one.end()


def test_a_part_that_dies_is_started_again(of_parts):
    began: list[int] = []

    class Counted(Part):
        def start(self, environment: dict[str, str]) -> None:
            super().start(environment)
            began.append(self.process.pid)
            if len(began) == 3:
                running.is_ending = True

    running = Group([Part("web", SLEEP, vital=True), Counted("worker", DIE)], dict(os.environ))
    of_parts.append(running)

    code = running.run(lambda: True, lambda: None)

    assert code == 0
    assert len(set(began)) == 3


def test_what_grows_old_is_renewed_while_the_group_runs_and_a_failure_ends_nothing(of_parts, monkeypatch, caplog):
    monkeypatch.setattr(group, "TEND", 0.0)
    tended: list[int] = []

    def tend() -> None:
        tended.append(1)
        if len(tended) == 1:
            raise OSError("the disk is full")
        running.is_ending = True

    running = Group([Part("web", SLEEP, vital=True)], dict(os.environ), tend=tend)
    of_parts.append(running)

    assert running.run(lambda: True, lambda: None) == 0
    assert len(tended) == 2
    assert "what should be renewed was not" in caplog.text


def test_everything_ends_when_the_web_server_dies(of_parts):
    worker = Part("worker", SLEEP)
    running = Group([Part("web", DIE, vital=True), worker], dict(os.environ))
    of_parts.append(running)

    code = running.run(lambda: True, lambda: None)

    assert code == 1
    assert worker.process is None or worker.process.returncode is not None


def test_what_a_dead_part_started_does_not_outlive_it(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = f"out = open({str(pipe)!r}, 'w'); print('up', file=out, flush=True); import time; time.sleep(600)"
    part = Part(
        "worker", [sys.executable, "-c", f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"]
    )
    part.start(dict(os.environ))

    with pipe.open() as heard:
        assert heard.readline() == "up\n"
        part.process.wait()
        assert part.died()

        # the pipe ends when nobody holds it any more
        assert heard.read() == ""


def test_pauses_grow_while_a_part_keeps_dying_and_begin_again_when_it_is_steady(monkeypatch):
    part = Part("worker", DIE)
    now = 1000.0
    monkeypatch.setattr(group, "monotonic", lambda: now)

    part.began = now
    dying = [part.rest() for _ in range(len(PAUSES) + 1)]
    part.began = now - group.STEADY
    steady = part.rest()

    assert dying == [*PAUSES, PAUSES[-1]]
    assert steady == PAUSES[0]


def test_an_address_with_colons_is_bound_in_brackets():
    web = group.parts("::1", 8000, 1, 8)[0]

    assert web.command[web.command.index("--bind") + 1] == "[::1]:8000"


def test_a_port_somebody_listens_on_is_not_free():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert not group.is_free("127.0.0.1", taken.getsockname()[1])


def test_a_port_nobody_serves_answers_nothing():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert group.is_free("127.0.0.1", port)
    assert not group.answers("127.0.0.1", port)
