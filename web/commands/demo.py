"""`bouteilles demo`: a season of invented people on real places, built and served on this machine."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bottles import migrations
from bottles.people import Role
from routing.settings import HIGHEST_SEED
from web.commands import serving
from web.demo.season import Progress
from web.surroundings import Surroundings

if TYPE_CHECKING:
    from web.tls import Served

USUAL = gc.get_threshold()
"""How often Python looks for lost objects."""

SEARCH_SECONDS = 2.5
"""How long today's plan may be searched for: a first look should not have to wait."""


@click.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day it is in the demo (default: the next working day).")
@click.option(
    "--seed", type=click.IntRange(0, HIGHEST_SEED), default=1, show_default=True, help="Another number is another season."
)
@serving.options
@click.option("--keep", is_flag=True, help="Serve the season that is there, with what was done in it.")
@click.option("--build-only", is_flag=True, help="Build the season and do not serve it.")
@click.pass_obj
def demo(
    here: Surroundings,
    /,
    day: datetime | None,
    seed: int,
    port: int | None,
    host: str | None,
    *,
    keep: bool,
    build_only: bool,
    **https: Any,
) -> None:
    """Build a season of the Jura and serve it on this machine.

    Eight weeks of an invented loop on real places, up to this morning. The same day and seed give the same season. It listens
    on this machine only unless --host says otherwise; to step in with one click is for this machine in any case.
    """
    file = here.instance / "demo.sqlite"
    here = replace(here, demo=True, port=port or here.port, database=f"sqlite:///{file}")
    here = here.on(day.date() if day else _working_day(here.today()))
    host, served = host or "127.0.0.1", None
    if not build_only:
        serving.demand_port(here, host)
        here, served = serving.secured(here, host, serving.Wish(**https))
    if not (keep and file.exists()):
        _build(here, file, seed)
    if not build_only:
        sys.exit(serving.serve(here, host, served, partial(_greet, served)))


def _working_day(day: date) -> date:
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def _build(here: Surroundings, file: Path, seed: int) -> None:
    """Build into a new file, which takes the old one's place only when it is whole."""
    from routing.child import run
    from routing.settings import Settings
    from web.demo import season

    new = file.with_suffix(".new")
    _remove(new)
    building = replace(here, database=f"sqlite:///{new}")
    migrations.upgrade(building.engine)
    solve = partial(run, settings=Settings(seconds=SEARCH_SECONDS, seed=seed))
    # the season makes many small objects: looked through as often as usual, they took a fifth of the time
    gc.set_threshold(200_000, 50, 50)
    with _bar(f"Eight weeks until {here.today()}") as progress:
        season.build(building.engine, here.config, here.today(), seed, solve, progress)
    gc.set_threshold(*USUAL)
    building.engine.dispose()
    _remove(file)
    new.rename(file)


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    with click.progressbar(length=100, label=label, file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.update(round(100 * done / total) - bar.pos)

        yield progress


def _greet(served: "Served | None", address: str) -> None:
    click.echo(f"\nThe demo is served on {address} (Ctrl+C ends it). Step in as")
    for role in Role:
        click.echo(f"  {role:<12} {address}/demo/sign-in/{role}")
    click.echo(f"  {'anybody':<12} {address}/points")
    serving.greet(served)
