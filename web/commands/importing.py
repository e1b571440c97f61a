"""`bouteilles import points|pickups|epcis FILE`: lists that people keep, and the crates of another operator."""

from pathlib import Path

import click
from flask_babel import gettext, ngettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import catalogue, people
from bottles.db import reading, transaction
from bottles.epcis import reading as epcis_reading
from bottles.errors import Conflict, Invalid, say
from bottles.people import Person, Role
from web.commands import Stop
from web.commands.machine import demand_tables
from web.forms import sentence
from web.imports import Report, import_pickups, import_points
from web.spreadsheet import MOST_BYTES
from web.surroundings import Surroundings

MOST_FAULTS = 200
"""Faults printed; the rest is counted."""


@click.group()
def group() -> None:
    """Take in lists of points or pickups, kept as CSV: every row, or none. Or the crates of another operator."""


FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
CHECK = click.option("--check", is_flag=True, help="Only say what it would do, and what is wrong.")


@group.command()
@FILE
@CHECK
@click.pass_obj
def points(here: Surroundings, file: Path, check: bool) -> None:
    """Take in points and their partners from FILE. Exit code 1 when a row is at fault."""
    demand_tables(here)
    with (reading if check else transaction)(here.engine) as session:
        report = import_points(session, _bytes(file), here.config, check=check)
    _tell(here, report, check=check)


@group.command()
@FILE
@CHECK
@click.option("--as", "email", default="", help="The coordinator who asks, by e-mail address (default: the first one).")
@click.pass_obj
def pickups(here: Surroundings, file: Path, check: bool, email: str) -> None:
    """Take in pickups from FILE, asked for in their partners' names. Exit code 1 when a row is at fault."""
    demand_tables(here)
    with (reading if check else transaction)(here.engine) as session:
        person = coordinator(session, email)
        report = import_pickups(session, _bytes(file), here.config, person.id or 0, at=here.now(), check=check)
    _tell(here, report, check=check)


@group.command()
@FILE
@CHECK
@click.option("--type", "kind", default="", help="What crate type they are, by its id (default: the one pickups offer first).")
@click.pass_obj
def epcis(here: Surroundings, file: Path, check: bool, kind: str) -> None:
    """Make the crates of another operator known here, from their EPCIS 2.0 document in JSON."""
    demand_tables(here)
    with file.open("rb") as stream:
        found = epcis_reading.read(stream.read(epcis_reading.MOST_BYTES + 1), here.config.labels.asset_type)
    with (reading if check else transaction)(here.engine) as session:
        crate_type = catalogue.demand_crate_type(session, kind or here.config.pickups.crate)
        report = epcis_reading.adopt(session, found, crate_type, at=here.now(), check=check)
    _tell_crates(here, found, report, check=check)


def _tell_crates(here: Surroundings, found: epcis_reading.Found, report: epcis_reading.Report, *, check: bool) -> None:
    """Print what became of the crates of a document, and what could not be read of it."""
    with here.speaking():
        for number, refusal in found.faults[:MOST_FAULTS]:
            click.echo(gettext("Event %(number)d: ", number=number) + sentence(refusal), err=True)
        told = {"new": report.new, "known": report.known, "left": len(found.faults)}
        if check:
            click.echo(gettext("%(new)d crates would be made known, %(known)d are, %(left)d names would be left out.", **told))
            click.echo(gettext("Only checked: nothing was written."))
        else:
            click.echo(gettext("%(new)d crates are known here now, %(known)d were, %(left)d names were left out.", **told))


def coordinator(session: Session, email: str) -> Person:
    """Return the coordinator with an address, or the first of all.

    Raises
    ------
    Invalid
        Nobody active has this address, or somebody who is no coordinator.
    Conflict
        There is no coordinator yet.
    """
    if email:
        person = people.by_email(session, email)
        if person is None or person.role is not Role.COORDINATOR:
            raise Invalid(say("No coordinator signs in as “%(email)s”."), email=email)
        return person
    query = select(Person).where(Person.role == Role.COORDINATOR, col(Person.active)).order_by(col(Person.id))
    first = session.exec(query).first()
    if first is None:
        raise Conflict(say("There is no coordinator yet, in whose name pickups could be asked for."))
    return first


def _bytes(file: Path) -> bytes:
    # one byte more than allowed is enough to be told so
    with file.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def _tell(here: Surroundings, report: Report, *, check: bool) -> None:
    """Print what became of the list, and end with 1 when it has faults."""
    with here.speaking():
        if report.unused:
            click.echo(gettext("Columns that are not read: %(columns)s.", columns=", ".join(report.unused)), err=True)
        for fault in report.faults[:MOST_FAULTS]:
            click.echo(f"{_place(fault.line)}{sentence(fault.refusal)}", err=True)
        if report.faults:
            many = ngettext("%(num)d fault; nothing was imported.", "%(num)d faults; nothing was imported.", len(report.faults))
            raise Stop(many)
        told = {"new": report.new, "changed": report.changed, "same": report.same}
        click.echo(gettext("%(new)d new, %(changed)d changed, %(same)d same", **told))
        if check:
            click.echo(gettext("Only checked: nothing was written."))


def _place(line: int) -> str:
    return str(gettext("Line %(line)d: ", line=line)) if line else ""
