"""Verbs about the machine: tables, config, processes."""

import sys
from dataclasses import replace
from typing import Any

import click
from sqlmodel import col, select

from bottles import migrations
from bottles.db import transaction
from bottles.people import Person, Role
from web.commands import Stop, serving
from web.surroundings import Surroundings


@click.command()
@click.option("--email", help="What the first coordinator signs in with.")
@click.option("--name", default="Coordination", show_default=True, help="Their name.")
@click.option("--password-stdin", is_flag=True, help="Read their password from the standard input (default: make one).")
@click.pass_obj
def init(here: Surroundings, email: str | None, name: str, password_stdin: bool) -> None:
    """Make the tables, write the territory into them, and open a coordinator's account.

    Without --email you are asked for it. A password that was made is shown once and kept nowhere. Doing it again changes
    nothing that is there; an account is only opened while there is no coordinator, or when --email names one.
    """
    from web.commands.people import open_account, read_password, tell
    from web.seed import seed

    migrations.upgrade(here.engine)
    with transaction(here.engine) as session:
        changed = seed(session, here.config)
        is_first = session.exec(select(Person).where(Person.role == Role.COORDINATOR, col(Person.active))).first() is None
    click.echo(f"The territory {here.config.territory.name} is written: {changed} rows added or changed.")
    if email is None and not is_first:
        return
    email = email or click.prompt("E-mail address of the first coordinator", err=True)
    password = read_password() if password_stdin else ""
    with transaction(here.engine) as session:
        made = open_account(session, here.config, email, name, Role.COORDINATOR, here.config.cooperative.id, password)
    tell(email, made)


@click.command()
@click.pass_obj
def migrate(here: Surroundings) -> None:
    """Bring the database up to date. An up-to-date one is left alone."""
    click.echo("The database was brought up to date." if migrations.upgrade(here.engine) else "The database is up to date.")


@click.group()
def config() -> None:
    """Bring what config.toml describes into the database."""


@config.command()
@click.pass_obj
def apply(here: Surroundings) -> None:
    """Write types, reasons, recipes, centres and vehicles into the database; nothing there is removed."""
    from web.seed import seed

    demand_tables(here)
    with transaction(here.engine) as session:
        changed = seed(session, here.config)
    click.echo(f"{changed} rows added or changed.")


@click.command()
@serving.options
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes (default: config.toml's).")
@click.pass_obj
def run(here: Surroundings, /, port: int | None, host: str | None, workers: int | None, **https: Any) -> None:
    """Serve: web, worker and scheduler as one group, until Ctrl+C or SIGTERM."""
    here = replace(here, port=port or here.port)
    demand_tables(here)
    host = host or here.config.server.bind
    serving.demand_port(here, host)
    here, served = serving.secured(here, host, serving.Wish(**https))

    def on_ready(address: str) -> None:
        click.echo(f"Serving on {address}")
        serving.greet(served)

    sys.exit(serving.serve(here, host, served, on_ready, workers))


@click.command()
@click.pass_obj
def worker(here: Surroundings) -> None:
    """Be one more worker, until SIGTERM; searches then save the best plan they have, and audits wait for the next worker."""
    from web import jobs

    demand_tables(here)
    jobs.work_off(here)


@click.command()
@click.pass_obj
def scheduler(here: Surroundings) -> None:
    """Be one more scheduler; of several one leads, and another takes over when it falls silent."""
    from web import scheduler as schedulers

    demand_tables(here)
    schedulers.run(here)


def demand_tables(here: Surroundings) -> None:
    """Go no further without an up-to-date database.

    Raises
    ------
    Stop
        Migrations are missing.
    """
    if not migrations.is_current(here.engine):
        raise Stop(
            "The database is not up to date: run `bouteilles init` for a new one, `bouteilles migrate` for an older one."
        )
