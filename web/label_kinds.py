"""What a label of each kind says, and making the crates and numbers it needs; the drawing is in labels.py.

A sheet is kept before it is drawn, with the id of the form that asked for it: the same form sent twice leads to the same
sheet, and a sheet that jammed in the printer is drawn again without a new serial.
"""

from collections.abc import Callable, Mapping, Sequence

from flask_babel import force_locale, gettext, pgettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import catalogue, codes, crates, links
from bottles.batches import Batch, Lot
from bottles.catalogue import BottleType, CrateType
from bottles.crates import Crate
from bottles.db import find
from bottles.errors import Conflict, NotFound, say
from bottles.links import KeyKind, LabelKind, LabelSheet
from bottles.pallets import Pallet
from bottles.points import Point

from . import formats, labels, names
from .config import Config
from .config import Labels as Settings
from .label_sheets import PRESETS
from .labels import Label


def draw(session: Session, sheet: LabelSheet, config: Config) -> bytes:
    """Draw a sheet as a PDF."""
    drawn = rows(session, sheet, config)
    return labels.sheets(drawn, PRESETS[sheet.preset], config.territory, start=sheet.start, at=sheet.at)


def rows(session: Session, sheet: LabelSheet, config: Config) -> list[Label]:
    """Return what the labels of a sheet say, in the territory's language."""
    with force_locale(config.territory.language):
        return WRITERS[sheet.kind](session, sheet.names, config.labels)


def print_new(session: Session, sheet: LabelSheet, crate_type: str, count: int) -> LabelSheet | None:
    """Register crates and keep the sheet that names them; None when this very sheet was made before."""
    if not _is_new(session, sheet, lambda made: _is_of(session, made, crate_type, count)):
        return None
    # two who print at once take turns, so that no serial is given twice
    session.exec(select(CrateType).order_by(CrateType.id).with_for_update()).all()
    catalogue.demand_crate_type(session, crate_type)
    return _name(session, sheet.id, [crate.code for crate in crates.register(session, crate_type, count)])


def print_anew(session: Session, sheet: LabelSheet) -> LabelSheet | None:
    """Give crates a new edition of their label, which voids the old one; None when this very sheet was made before."""
    if not _is_new(session, sheet, lambda made: made.names == sheet.names):
        return None
    # two who replace one label at once get two editions, of which the second counts
    wanted = select(Crate).where(col(Crate.code).in_(sheet.names)).order_by(Crate.code).with_for_update()
    session.exec(wanted.execution_options(populate_existing=True)).all()
    crates.reprint(session, sheet.names, at=sheet.at)
    return find(session, LabelSheet, sheet.id)


def print_again(session: Session, sheet: LabelSheet) -> LabelSheet | None:
    """Keep a sheet for what has its name already, and give the numbers its links need; None when it was made before."""
    if not _is_new(session, sheet, lambda made: made.names == sheet.names):
        return None
    for name in dict.fromkeys(sheet.names):
        _number(session, sheet.kind, name)
    return find(session, LabelSheet, sheet.id)


ALIKE = ("kind", "anew", "preset", "start")
OTHERS = say("This form was sent before, for other labels, and those were made: look at what you ask for, and send it again.")


def _is_new(session: Session, sheet: LabelSheet, is_same: Callable[[LabelSheet], bool]) -> bool:
    """Keep a sheet, or say that this very form was sent before.

    Raises
    ------
    Conflict
        It was sent before and asked for other labels.
    """
    if links.keep(session, sheet):
        return True
    made = find(session, LabelSheet, sheet.id)
    if any(getattr(made, name) != getattr(sheet, name) for name in ALIKE) or not is_same(made):
        raise Conflict(OTHERS)
    return False


def _is_of(session: Session, sheet: LabelSheet, crate_type: str, count: int) -> bool:
    """Say whether a sheet is for so many crates of a type."""
    return len(sheet.names) == count and find(session, Crate, sheet.names[0]).type == crate_type


def _name(session: Session, sheet_id: str, made: list[str]) -> LabelSheet:
    sheet = find(session, LabelSheet, sheet_id)
    sheet.names = made
    session.flush()
    return sheet


def _number(session: Session, kind: LabelKind, name: str) -> None:
    if kind is LabelKind.POINT:
        links.number(session, KeyKind.POINT, find(session, Point, name).id)
    elif kind is LabelKind.LOT:
        links.number(session, KeyKind.BOTTLE, find(session, Lot, int(name)).type)
    elif kind is LabelKind.BATCH:
        links.number(session, KeyKind.BOTTLE, find(session, Batch, int(name)).type)


def item(session: Session, bottle_type: str, settings: Settings) -> str:
    """Return the GTIN of a bottle type that was given a number.

    Raises
    ------
    NotFound
        No label of this type was ever printed.
    """
    return links.gtin(settings.prefix, _given(session, KeyKind.BOTTLE, bottle_type))


def place(session: Session, point: str, settings: Settings) -> str:
    """Return the GLN of a point that was given a number.

    Raises
    ------
    NotFound
        No label of this point was ever printed.
    """
    return links.gln(settings.prefix, _given(session, KeyKind.POINT, point))


def _given(session: Session, kind: KeyKind, name: str) -> int:
    number = links.known(session, kind, name)
    if number is None:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    return number


def _crates(session: Session, wanted: Sequence[str], settings: Settings) -> list[Label]:
    known = {crate.code: crate for crate in session.exec(select(Crate).where(col(Crate.code).in_(wanted)))}
    kinds = dict(session.exec(select(CrateType.id, CrateType.name)).all())
    made = []
    for code in wanted:
        serial = codes.label(code, known[code].edition)
        link = codes.digital_link(settings.host, settings.asset_type, serial)
        made.append(Label(link, codes.by_eye(serial), (kinds[known[code].type],)))
    return made


def _lots(session: Session, wanted: Sequence[str], settings: Settings) -> list[Label]:
    return [_lot(session, find(session, Lot, int(name)), settings) for name in wanted]


def _lot(session: Session, lot: Lot, settings: Settings) -> Label:
    link = links.lot_link(settings.host, item(session, lot.type, settings), lot.code)
    return Label(link, lot.code, (find(session, BottleType, lot.type).name, use_by(lot)))


def use_by(lot: Lot) -> str:
    """Say until when a lot is good, short enough for a label."""
    if lot.use_by is None:
        return str(gettext("not inspected yet"))
    return str(pgettext("label", "use by %(day)s", day=formats.short_day(lot.use_by)))


def _batches(session: Session, wanted: Sequence[str], settings: Settings) -> list[Label]:
    return [_batch(session, find(session, Batch, int(name)), settings) for name in wanted]


def _batch(session: Session, batch: Batch, settings: Settings) -> Label:
    code = links.batch_code(batch.id or 0)
    link = links.lot_link(settings.host, item(session, batch.type, settings), code)
    sorted_ = gettext("sorted on %(day)s", day=formats.short_day(batch.made_at))
    return Label(link, code, (find(session, BottleType, batch.type).name, str(sorted_), str(gettext("to be washed"))))


def _pallets(session: Session, wanted: Sequence[str], settings: Settings) -> list[Label]:
    return [_pallet(session, find(session, Pallet, int(name)), settings) for name in wanted]


def _pallet(session: Session, pallet: Pallet, settings: Settings) -> Label:
    lot = find(session, Lot, pallet.lot)
    held = f"{formats.quantity(pallet.quantity, 'bottle')}, {lot.code}"
    words = (find(session, BottleType, lot.type).name, held, use_by(lot))
    return Label(links.pallet_link(settings.host, pallet.sscc), grouped(pallet.sscc), words)


def _points(session: Session, wanted: Sequence[str], settings: Settings) -> list[Label]:
    made = []
    for name in wanted:
        point, number = find(session, Point, name), place(session, name, settings)
        words = (names.called(point.name, point.town), str(gettext("Full? Scan here.")))
        made.append(Label(links.point_link(settings.host, number), grouped(number), words))
    return made


def grouped(digits: str) -> str:
    """Space a long number in groups of six at most, so that a person reads it."""
    size = -(-len(digits) // 3)
    return " ".join(digits[n : n + size] for n in range(0, len(digits), size))


WRITERS: Mapping[LabelKind, Callable[[Session, Sequence[str], Settings], list[Label]]] = {
    LabelKind.CRATE: _crates,
    LabelKind.BATCH: _batches,
    LabelKind.LOT: _lots,
    LabelKind.PALLET: _pallets,
    LabelKind.POINT: _points,
}
"""Who writes the labels of each kind."""
