"""Keeps web, worker and scheduler running as one group on one machine.

Each is a process of its own with a process group of its own, told where it is by its environment. A worker or scheduler that
dies is started again, after a pause that grows while it keeps dying; when the web server dies, all end. Told to end, the
group asks each to end in peace, and kills what is left with everything it started.
"""

import ctypes
import http.client
import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from .surroundings import Surroundings

GRACE = 20.0
"""Seconds in which a part may end in peace: a search still has to save the best plan it has."""

LOOK = 0.1
"""Seconds between two looks at the parts."""

PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before a part that died is started again, the first time, the second, and so on."""

TEND = 3600.0
"""Seconds between two looks at what has to be renewed."""

STEADY = 60.0
"""A part that lived for so many seconds begins again with the first pause."""

_log = logging.getLogger(__name__)


@dataclass
class Part:
    """One process of the group. `vital` says that the group ends with it."""

    name: str
    command: Sequence[str]
    vital: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    again_at: float | None = None
    deaths: int = 0

    def start(self, environment: dict[str, str]) -> None:
        """Start the process, at the head of a group of its own."""
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.command,
            env=environment,
            process_group=0,
            preexec_fn=_end_with_parent,  # nothing else runs in this process yet, and it only asks the kernel
        )
        self.began, self.again_at = monotonic(), None

    def died(self) -> bool:
        """Say whether the process is there no more; what it started goes with it."""
        if self.process is None or self.process.poll() is None:
            return False
        _kill_group(self.process.pid, signal.SIGKILL)
        return True

    def rest(self) -> float:
        """Set when to start again, and return in how many seconds that is."""
        self.deaths = 0 if monotonic() - self.began >= STEADY else self.deaths
        pause = PAUSES[min(self.deaths, len(PAUSES) - 1)]
        self.deaths, self.again_at, self.process = self.deaths + 1, monotonic() + pause, None
        return pause


@dataclass
class Group:
    """The parts, and whether they were told to end; a signal's handler sets that, so it is no lock's affair."""

    parts: list[Part]
    environment: dict[str, str]
    is_ending: bool = False
    tend: Callable[[], object] = lambda: None
    """Renews what grows old while the group runs."""
    tend_at: float = 0.0

    def run(self, is_up: Callable[[], bool], on_ready: Callable[[], object]) -> int:
        """Keep the parts running until told to end; return the exit code.

        The rest starts once the vital ones are up: whoever waits for the pages has the whole machine until then.
        """
        code, ready = 0, False
        try:
            self.start(vital=True)
            while not self.is_ending:
                sleep(LOOK)
                if any(not self.keep(part) for part in self.parts):
                    code = 1
                    break
                if not ready and is_up():
                    ready = True
                    on_ready()
                    self.start(vital=False)
                self.look_after()
        finally:
            self.end()
        return code

    def look_after(self) -> None:
        """Renew what grows old, now and then; what cannot be renewed now is tried again, and everything goes on."""
        if monotonic() < self.tend_at:
            return
        self.tend_at = monotonic() + TEND
        try:
            self.tend()
        except Exception:
            _log.exception("what should be renewed was not; it is tried again in %.0f s", TEND)

    def start(self, *, vital: bool) -> None:
        """Start the vital parts, or the others."""
        for part in self.parts:
            if part.vital is vital:
                part.start(self.environment)

    def keep(self, part: Part) -> bool:
        """Start a part again when it died and its pause is over; say whether the group can go on."""
        if part.again_at is not None and monotonic() >= part.again_at:
            part.start(self.environment)
        if part.died() and part.process is not None:
            code = part.process.returncode
            if part.vital:
                _log.error("the %s ended with code %s: everything ends", part.name, code)
                return False
            _log.warning("the %s ended with code %s: it is started again in %.0f s", part.name, code, part.rest())
        return True

    def end(self) -> None:
        """End every part, in peace where there is time."""
        running = [part.process for part in self.parts if part.process is not None]
        for process in running:
            with suppress(ProcessLookupError):  # it has ended by itself
                process.terminate()
        until = monotonic() + GRACE
        for process in running:
            with suppress(subprocess.TimeoutExpired):  # then it is killed
                process.wait(timeout=max(0.0, until - monotonic()))
            _kill_group(process.pid, signal.SIGKILL)
            process.wait()


Pair = tuple[Path, Path]
"""A certificate and its key."""


def serve(
    here: Surroundings,
    *,
    host: str,
    workers: int | None = None,
    certificate: Pair | None = None,
    tend: Callable[[], object] = lambda: None,
    on_ready: Callable[[str], object],
) -> int:
    """Serve until told to end, and return the exit code.

    Parameters
    ----------
    here
        Where we are; the demo brings its own database, day and port.
    host
        Address to listen on.
    workers
        Web processes; the config's without it.
    certificate
        What https is served with; plain http without it.
    tend
        Renews what grows old meanwhile.
    on_ready
        Is handed the address once pages are answered.
    """
    server = here.config.server
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    shown = f"[{near}]" if ":" in near else near
    web = parts(host, server.port, workers or server.workers, server.threads, certificate)
    group = Group(web, here.environment(), tend=tend)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: setattr(group, "is_ending", True))
    address = f"{'https' if certificate else 'http'}://{shown}:{server.port}"
    return group.run(lambda: answers(near, server.port, tls=certificate is not None), lambda: on_ready(address))


def parts(host: str, port: int, workers: int, threads: int, certificate: Pair | None = None) -> list[Part]:
    """Return the processes of the group."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    web = ["gunicorn", "web.surroundings:served()", "--bind", bind, "--workers", str(workers), "--threads", str(threads)]
    web += ["--worker-class", "gthread", "--graceful-timeout", "10", "--log-level", "warning", "--no-control-socket"]
    # an address that is too long gets our own sentence, up to the most that the server reads
    web += ["--limit-request-line", "8190"]
    # whom to believe about the way a request came is the config's to say (trusted_proxies), not the web server's
    web += ["--forwarded-allow-ips", ""]
    if certificate:
        # read anew for each connection, so that a renewed one is served at once
        web += ["--certfile", str(certificate[0]), "--keyfile", str(certificate[1])]
    bouteilles = [sys.executable, "-m", "web.commands"]
    return [
        Part("web server", [sys.executable, "-m", *web], vital=True),
        Part("worker", [*bouteilles, "worker"]),
        Part("scheduler", [*bouteilles, "scheduler"]),
    ]


def answers(host: str, port: int, *, tls: bool = False) -> bool:
    """Say whether a page is answered there: a port that only listens is not up yet."""
    connection = http.client.HTTPConnection(host, port, timeout=1)
    if tls:
        connection = http.client.HTTPSConnection(host, port, timeout=1, context=_unchecked())
    try:
        connection.request("HEAD", "/sign-in", headers={"Host": f"localhost:{port}"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _unchecked() -> ssl.SSLContext:
    """Believe any certificate: only whether our own server is up is asked, under a name it may not have."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def is_free(host: str, port: int) -> bool:
    """Say whether nobody listens on a port yet."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the web server does
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _end_with_parent() -> None:
    """Ask Linux to end this process when its parent dies, however that happens; elsewhere nothing is asked."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _kill_group(leader: int, signum: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # none of it is left, or macOS says so of what has ended
        os.killpg(leader, signum)
