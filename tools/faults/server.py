"""A server to be killed: the web server that `bouteilles run` starts, with a piece of WSGI around the application."""

import http.client
import importlib
import os
import pkgutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

import bottles
from bottles.db import open_engine, transaction
from web import group
from web.seed import seed
from web.surroundings import Surroundings, served

DIE = "HTTP_X_DIE"
"""The header that asks the server to kill itself after the commit."""
UP = "/up"
"""Where the server says that it is up, at no cost."""
PATIENCE = 60.0
"""Seconds within which a server must answer again."""


def app() -> Callable[..., Iterable[bytes]]:
    """Make the application, with a mine under it: asked to, it dies when all is committed and nothing is answered yet."""
    inner = served()

    def mined(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == UP:
            start_response("204 No Content", [])
            return []
        answer: Iterable[bytes] = inner(environ, start_response)
        if DIE in environ:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return mined


@dataclass
class Server:
    """The web server in processes of its own, on a port of its own."""

    environment: dict[str, str]
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it; a killed worker is started anew by its parent, which has read everything already."""
        (web,) = [part for part in group.parts("127.0.0.1", self.port, 1, 4) if part.vital]
        command = ["tools.faults.server:app()" if word == "web.surroundings:served()" else word for word in web.command]
        quiet = [*command, "--preload", "--log-level", "critical"]
        self.process = subprocess.Popen(quiet, env=self.environment, process_group=0, stderr=subprocess.DEVNULL)

    def workers(self) -> list[int]:
        """Name the processes that answer."""
        found: list[int] = []
        if self.process is not None:
            with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended while we looked
                for children in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
                    found += [int(pid) for pid in children.read_text().split()]
        return found

    def kill(self, *, whole: bool) -> None:
        """Kill what answers, or all of it and start it again."""
        if whole:
            self.end()
            self.start()
            return
        for pid in self.workers():
            with suppress(ProcessLookupError):  # it ended sooner
                os.kill(pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait until it answers."""
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > end:
                raise RuntimeError("The server does not answer any more.")
            time.sleep(0.01)

    def _answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", UP)
            return line.getresponse().status == 204
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def end(self) -> None:
        """Kill all of it."""
        if self.process is not None:
            with suppress(ProcessLookupError):  # all of it ended sooner
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def prepare(url: str, here: Surroundings) -> None:
    """Make the tables and the territory."""
    for module in pkgutil.walk_packages(bottles.__path__, "bottles."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
    engine = open_engine(url)
    SQLModel.metadata.create_all(engine)
    with transaction(engine) as session:
        seed(session, here.config)
    engine.dispose()


@contextmanager
def serving(url: str, folder: Path) -> Iterator[tuple[Server, Surroundings]]:
    """Serve a database that nobody has used yet."""
    port = free_port()
    here = Surroundings(instance=folder, database=url, port=port)
    prepare(url, here)
    root = str(Path(__file__).parents[2])
    server = Server({**here.environment(), "PYTHONPATH": root}, port)
    server.start()
    try:
        server.wait()
        yield server, here
    finally:
        server.end()
