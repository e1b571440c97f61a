"""`bouteilles labels`: new crates, and the sheet of labels that names them."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask_babel import gettext, ngettext  # type: ignore[import-untyped]  # it ships no types

from bottles import catalogue, crates
from bottles.catalogue import CrateType
from bottles.db import transaction
from bottles.errors import Conflict, Invalid, say
from web.commands.machine import demand_tables
from web.labels import MOST, PER_SHEET, Label, sheets
from web.surroundings import Surroundings


@click.command()
@click.option("--count", type=click.IntRange(1, MOST), default=PER_SHEET, show_default=True, help="How many labels.")
@click.option("--type", "kind", default="", help="Crate type, by its id (default: the one pickups offer first).")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("labels.pdf"), show_default=True, help="The PDF."
)
@click.option(
    "--start", type=click.IntRange(1, PER_SHEET), default=1, show_default=True, help="Position of the first label on its sheet."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def labels(here: Surroundings, count: int, kind: str, out: Path, start: int, force: bool) -> None:
    """Register new crates and write a sheet of their labels: A4, 24 of 70 x 37 mm."""
    demand_tables(here)
    with _in_one_piece(out, force=force) as write:
        # the serials are kept before they are printed: a sheet that fails leaves some unused, none is ever printed twice
        with transaction(here.engine) as session:
            crate_type = _type(catalogue.crate_types(session), kind or here.config.pickups.crate)
            made = [crate.code for crate in crates.register(session, crate_type.id, count)]
        rows = [Label(code, crate_type.name) for code in made]
        write(sheets(rows, here.config.labels, here.config.territory, start=start, at=here.now()))
    with here.speaking():
        told = {"file": str(out), "first": made[0], "last": made[-1]}
        click.echo(
            ngettext("%(file)s: %(num)d label, %(first)s.", "%(file)s: %(num)d labels, %(first)s to %(last)s.", count, **told)
        )
        click.echo(gettext("Print in actual size, without fitting to the page."))


def _type(known: list[CrateType], wanted: str) -> CrateType:
    for crate_type in known:
        if crate_type.id == wanted:
            return crate_type
    ids = ", ".join(crate_type.id for crate_type in known)
    raise Invalid(say("There is no crate type “%(wanted)s”: choose one of %(known)s."), wanted=wanted, known=ids)


@contextmanager
def _in_one_piece(out: Path, *, force: bool) -> Iterator[Callable[[bytes], None]]:
    """Give a way to write a file that appears whole or not at all; where none can be written, refuse before anything is done.

    Raises
    ------
    Conflict
        The file is there already, or its folder cannot be written to.
    """
    if out.exists() and not force:
        # its serials are registered: lost before they are printed, they would be crates that nobody has
        raise Conflict(say("%(file)s is there already: choose another name, or say --force."), file=str(out))
    piece: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
            piece = Path(file.name)
            yield lambda data: _keep(file.fileno(), data)
        piece.chmod(0o644)
        piece.replace(out)
    except OSError as error:
        raise Conflict(
            say("%(file)s cannot be written (%(why)s): make room or choose another folder."), file=str(out), why=error.strerror
        ) from error
    finally:
        if piece:
            piece.unlink(missing_ok=True)


def _keep(descriptor: int, data: bytes) -> None:
    """Write all of it down to the disk."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)
