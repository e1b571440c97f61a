"""`bouteilles labels`: sheets of labels of every kind, for new crates and for what has its name already."""

import secrets
from pathlib import Path
from typing import NamedTuple

import click
from flask_babel import gettext, ngettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session

from bottles import codes, links, pallets
from bottles.batches import Batch, Lot
from bottles.db import reading, transaction
from bottles.errors import Conflict, Invalid, say
from bottles.links import LabelKind, LabelSheet
from bottles.points import Point
from web import label_kinds
from web.commands.files import in_one_piece
from web.commands.machine import demand_tables
from web.config import Config
from web.label_sheets import PRESETS
from web.surroundings import Surroundings

NOTHING = say("“%(name)s” names nothing here: lots are L00042, batches B00007, pallets have 18 digits, points their id.")

THERE = say("%(file)s is there already: choose another name, or say --force.")


class Asked(NamedTuple):
    """What labels are wanted: of new crates, of worn ones, or of what is named."""

    kind: LabelKind
    names: tuple[str, ...]
    worn: tuple[str, ...]
    crate_type: str
    copies: int


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in LabelKind]),
    default="crate",
    show_default=True,
    help="What they are for.",
)
@click.option("--preset", type=click.Choice([*PRESETS]), default=None, help="Labels a page, or tag (default: the config's).")
@click.option(
    "--count", type=click.IntRange(1), help="How many new crates (default: a sheet), or labels of each name (default: 1)."
)
@click.option("--type", "crate_type", default="", help="Crate type, by its id (default: the one pickups offer first).")
@click.option(
    "--reprint", multiple=True, metavar="CODE", help="Crate whose label is replaced and becomes void; may be repeated."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("labels.pdf"), show_default=True, help="The PDF."
)
@click.option("--start", type=click.IntRange(1), default=1, show_default=True, help="Position of the first label on its sheet.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def labels(
    here: Surroundings,
    names: tuple[str, ...],
    kind: str,
    preset: str | None,
    count: int | None,
    crate_type: str,
    reprint: tuple[str, ...],
    out: Path,
    start: int,
    force: bool,
) -> None:
    """Write labels: of new crates, of crates whose label is worn, or of the batches, lots, pallets or points NAMES.

    Lots are named L00042, batches B00007, pallets by their SSCC, points by their id. Sheets are A4: 24 labels of
    70 x 37 mm, 40 of 52.5 x 29.7, 65 of 38.1 x 21.2, or 8 weatherproof tags of 100 x 60 mm to be cut.
    """
    demand_tables(here)
    preset = preset or here.config.labels.preset
    is_new = kind == LabelKind.CRATE and not reprint
    wanted = count or (PRESETS[preset].per_sheet if is_new else 1)
    asked = Asked(LabelKind(kind), names, reprint, crate_type or here.config.pickups.crate, wanted)
    _demand_sense(asked, preset, start)
    made_at = here.now()
    sheet = LabelSheet(
        id=codes.uuid7(made_at, secrets.randbits(80)), kind=asked.kind, names=[], preset=preset, start=start, at=made_at
    )
    if out.exists() and not force:
        # its serials are registered: lost before they are printed, they would be crates that nobody has
        raise Conflict(THERE, file=str(out))
    with here.speaking(), in_one_piece(out) as file:
        # the serials are kept before they are printed: a sheet that fails leaves some unused, none is ever printed twice
        with transaction(here.engine) as session:
            made = _kept(session, sheet, asked, here.config)
        with reading(here.engine) as session:
            file.write(label_kinds.draw(session, made, here.config))
            shown = [label.code for label in label_kinds.rows(session, made, here.config)]
    with here.speaking():
        _tell(out, shown)


def _demand_sense(asked: Asked, preset: str, start: int) -> None:
    """Refuse what cannot be meant, before anything is done."""
    is_crate = asked.kind is LabelKind.CRATE
    if is_crate and asked.names:
        raise click.UsageError("New crates get their names here: say --kind for what has one, or --reprint CODE.")
    if not is_crate and (asked.worn or not asked.names):
        raise click.UsageError(f"Name what the labels are for: bouteilles labels --kind {asked.kind} NAME...")
    if start > PRESETS[preset].per_sheet:
        raise click.BadParameter(f"a sheet has {PRESETS[preset].per_sheet} labels", param_hint="--start")
    total = asked.copies * max(1, len(asked.names), len(asked.worn))
    if total > PRESETS[preset].most:
        raise click.BadParameter(f"at most {PRESETS[preset].most} labels are made at once", param_hint="--count")


def _kept(session: Session, sheet: LabelSheet, asked: Asked, config: Config) -> LabelSheet:
    """Make what the sheet needs, and keep it."""
    if asked.worn:
        sheet.names = list(dict.fromkeys(codes.read(code, config.labels.asset_type) for code in asked.worn))
        made = label_kinds.print_anew(session, sheet)
    elif asked.kind is LabelKind.CRATE:
        made = label_kinds.print_new(session, sheet, asked.crate_type, asked.copies)
    else:
        sheet.names = [name for one in asked.names for name in [_id(session, asked.kind, one)] * asked.copies]
        made = label_kinds.print_again(session, sheet)
    # its id was made just now
    return made or sheet


def _id(session: Session, kind: LabelKind, name: str) -> str:
    """Return the id of what a name on a label says."""
    if kind is LabelKind.POINT:
        found = session.get(Point, name)
        key = found.id if found else None
    elif kind is LabelKind.PALLET:
        pallet = pallets.by_sscc(session, name)
        key = str(pallet.id) if pallet else None
    else:
        read = links.read_lot(name)
        key = (
            str(read[1]) if read and read[0] is kind and session.get(Lot if kind is LabelKind.LOT else Batch, read[1]) else None
        )
    if key is None:
        raise Invalid(NOTHING, name=name)
    return key


def _tell(out: Path, shown: list[str]) -> None:
    told = {"file": str(out), "first": shown[0], "last": shown[-1]}
    click.echo(
        ngettext("%(file)s: %(num)d label, %(first)s.", "%(file)s: %(num)d labels, %(first)s to %(last)s.", len(shown), **told)
    )
    click.echo(gettext("Print in actual size, without fitting to the page."))
