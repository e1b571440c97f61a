"""`bouteilles export epcis`: what other operators' systems read."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import click

from bottles.db import reading
from bottles.epcis import document
from bottles.errors import Invalid, say
from web import epcis as asking
from web.commands.files import in_one_piece
from web.commands.machine import demand_tables
from web.surroundings import Surroundings


@click.group()
def group() -> None:
    """Give out what other systems read."""


@group.command()
@click.option("--since", default="", help="Only what we know since then: 2026-10-06, or 2026-10-06T14:30.")
@click.option("--lot", default="", help="Only one lot, by its name: L00012.")
@click.option("--crate", default="", help="Only one crate, by its code or link.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a file, in one piece (default: standard output)."
)
@click.pass_obj
def epcis(here: Surroundings, since: str, lot: str, crate: str, out: Path | None) -> None:
    """Write what happened here as an EPCIS 2.0 document, in JSON-LD."""
    demand_tables(here)
    known_since = moment(since, here.zone) if since else None
    with reading(here.engine) as session:
        asked = asking.ask(session, here.config, since=known_since, lot=lot, crate=crate, at=here.now())
        pieces = document.document(session, asked)
        if out is None:
            _write(pieces, None)
            return
        with in_one_piece(out) as file:
            _write(pieces, file)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """Read a day or a time; the territory's clocks are meant where it names no zone.

    Raises
    ------
    Invalid
        It is neither.
    """
    try:
        read = datetime.fromisoformat(text.strip())
        return read if read.tzinfo else read.replace(tzinfo=zone)
    except ValueError as error:
        said = say("“%(text)s” is no time: write a day like 2026-10-06, or a day and time like 2026-10-06T14:30.")
        raise Invalid(said, text=text[:60]) from error


def _write(pieces: Iterable[str], file: IO[bytes] | None) -> None:
    """Write to a file, or to the standard output."""
    for piece in pieces:
        # as bytes, since JSON is UTF-8 whatever this machine's own letters are
        click.echo(piece.encode(), file=file, nl=False)
