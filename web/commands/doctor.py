"""The doctor, who names what is wrong with an installation, one sentence each, and what to do."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bottles import migrations
from bottles.people import Person, Role
from web import group, jobs
from web.settings import SettingError
from web.surroundings import Surroundings

WEB = Path(__file__).parent.parent
OLDEST = (3, 11)
ROOM = 500 * 1024 * 1024
"""Bytes that should be free where the database grows."""

LATEST_BUILD = datetime(2026, 10, 1, tzinfo=UTC)
"""A clock before the day this was written is wrong."""


@click.command()
@click.pass_obj
def doctor(here: Surroundings) -> None:
    """Name what is wrong with this installation, one sentence each, and what to do. Exit code 1 when something is."""
    healthy = True
    for name, look in LOOKS.items():
        faults = list(_asked(look, here))
        healthy = healthy and not faults
        click.echo(f"{'✗' if faults else '✓'} {name}")
        for fault in faults:
            click.echo(f"    {fault}")
    sys.exit(0 if healthy else 1)


def _asked(look: Callable[[Surroundings], Iterator[str]], here: Surroundings) -> Iterator[str]:
    try:
        yield from look(here)
    except SettingError as error:
        # without a config nothing further can be said
        yield str(error)


def _python(_here: Surroundings) -> Iterator[str]:
    if sys.version_info < OLDEST:
        yield f"This is Python {sys.version.split()[0]}: install Python 3.11 or newer, then `make install`."


def _packages(_here: Surroundings) -> Iterator[str]:
    for package in ("ortools", "pyvrp", "gunicorn", "huey", "apscheduler", "alembic"):
        try:
            version(package)
        except PackageNotFoundError:
            yield f"The package {package} is not installed: run `make install`."


def _config(here: Surroundings) -> Iterator[str]:
    server = here.config.server
    if server.bind not in ("127.0.0.1", "::1", "localhost") and server.public_url.startswith("http://"):
        yield "Pages are served to other machines without https: set [server] public_url to the https address of your proxy."


def _zone(here: Surroundings) -> Iterator[str]:
    for zone in (here.config.territory.time_zone, "UTC"):
        try:
            ZoneInfo(zone)
        except ZoneInfoNotFoundError:
            yield f"The time zone {zone} is not known here: install the package tzdata."


def _clock(here: Surroundings) -> Iterator[str]:
    if datetime.now(UTC) < LATEST_BUILD:
        yield f"This machine's clock says {datetime.now(UTC):%d/%m/%Y}: set it, or let it follow a time server."
    if here.days_ahead and not here.demo:
        yield "BOUTEILLES_DAYS_AHEAD shifts the clock outside of a demo: unset it."


def _instance(here: Surroundings) -> Iterator[str]:
    folder = here.instance
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        yield f"The folder {folder} cannot be made ({error.strerror}): make it, and let this user write there."
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield f"The folder {folder} cannot be written to: let this user write there, or set BOUTEILLES_INSTANCE."
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        yield f"Only {free // 1024**2} MB are free in {folder}: make room before the database stops."


def _database(here: Surroundings) -> Iterator[str]:
    try:
        with here.engine.connect() as connection:
            standing = migrations.standing(connection)
    except (SQLAlchemyError, ImportError) as error:
        yield f"The database does not answer ({error}): check [server] database, or BOUTEILLES_DATABASE."
        return
    if standing is None:
        yield "The database has no tables yet: run `bouteilles init`."
    elif standing != migrations.newest():
        yield "The database is older than this version: run `bouteilles migrate`."
    else:
        yield from _people(here)


def _people(here: Surroundings) -> Iterator[str]:
    with here.engine.connect() as connection:
        count = sa.select(sa.func.count()).select_from(Person).where(sa.column("role") == Role.COORDINATOR.value)
        if not connection.scalar(count):
            yield "Nobody coordinates: run `bouteilles person add --role coordinator --email ... --name ...`."


def _queue(here: Surroundings) -> Iterator[str]:
    try:
        jobs.open_storage(here.config, here.instance, demo=here.demo).pending_count()
    except Exception as error:  # each kind of storage fails in its own way
        yield f"The queue cannot be used ({error}): check [jobs] queue, or the folder {here.instance}."


def _vendor(_here: Surroundings) -> Iterator[str]:
    if not (WEB / "static" / "vendor" / "LICENCES.txt").is_file():
        yield "The browser libraries are missing: run `make install`."


def _translations(_here: Surroundings) -> Iterator[str]:
    catalogues = sorted((WEB / "translations").glob("*/LC_MESSAGES/messages.po"))
    if not catalogues:
        yield "There are no translations: get web/translations back from the repository."
    for catalogue in catalogues:
        compiled = catalogue.with_suffix(".mo")
        if not compiled.is_file() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
            yield f"The translation {catalogue.parent.parent.name} is not compiled: run `make install`."


def _port(here: Surroundings) -> Iterator[str]:
    server = here.config.server
    if not group.is_free(server.bind, server.port) and not group.answers(server.bind, server.port):
        yield f"Port {server.port} of {server.bind} is taken by another program: end it, or change [server] port."


LOOKS: dict[str, Callable[[Surroundings], Iterator[str]]] = {
    "Python": _python,
    "Packages": _packages,
    "Config": _config,
    "Time zones": _zone,
    "Clock": _clock,
    "Folder and disk": _instance,
    "Database": _database,
    "Queue": _queue,
    "Browser libraries": _vendor,
    "Translations": _translations,
    "Port": _port,
}
"""What the doctor looks at."""
