"""`bouteilles recall LOT`: everybody who holds bottles of a lot, as a file for a spreadsheet."""

from pathlib import Path

import click
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types

from bottles import batches, trace
from bottles.db import reading, transaction
from web import centre_trace, formats, names
from web.commands.files import in_one_piece
from web.commands.machine import demand_tables
from web.surroundings import Surroundings


@click.command()
@click.argument("lot")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a file, in one piece (default: standard output)."
)
@click.option("--hold", "why", default="", help="Hold the lot first, for this reason: nobody can order from it any more.")
@click.pass_obj
def recall(here: Surroundings, lot: str, out: Path | None, why: str) -> None:
    """List who holds bottles of LOT (L00012 or 12), and how to reach them: CSV for a spreadsheet."""
    demand_tables(here)
    if why:
        with transaction(here.engine) as session:
            batches.hold(session, trace.lot(session, lot).id or 0, why, at=here.now())
    with here.speaking():
        with reading(here.engine) as session:
            row = trace.lot(session, lot)
            found = centre_trace.recall(session, row.id or 0, names.read(session))
        data = centre_trace.answer(found, row).get_data()
        if out is None:
            click.echo(data, nl=False)
        else:
            with in_one_piece(out) as file:
                file.write(data)
        given, kept = (
            formats.quantity(sum(line.quantity for line in lines), "bottle") for lines in (found.delivered, found.here)
        )
        told = gettext("%(lot)s: %(given)s delivered, %(kept)s still here.", lot=row.code, given=given, kept=kept)
        click.echo(told, err=out is None)
