"""Sheets of crate labels: A4, 24 labels of 70 x 37 mm, a QR that is drawn as shapes and a code that is read by eye.

Lengths are millimetres, font sizes points. A label keeps 3 mm free at its edges, because sheets are never cut or fed
exactly; the QR's quiet zone of four modules reaches into that margin, its symbol does not.

References
----------
ISO/IEC 18004:2015: quiet zone of four modules (5.3.8); at error correction level Q a quarter of the symbol may be lost.
GS1 Digital Link 1.4: a link in capitals needs only the alphanumeric mode, 5.5 bits a character.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import qrcode  # type: ignore[import-untyped]  # it ships no types
from fpdf import FPDF
from fpdf.drawing_primitives import Transform
from qrcode.constants import ERROR_CORRECT_Q  # type: ignore[import-untyped]  # the same

from bottles import codes

from .config import Labels, Territory

COLUMNS, ROWS = 3, 8
PER_SHEET = COLUMNS * ROWS
WIDTH, HEIGHT = 70.0, 37.0
TOP = (297 - ROWS * HEIGHT) / 2
MARGIN = 3.0
QUIET = 4
"""Modules left white around the symbol."""
MOST = 20 * PER_SHEET
LARGEST_VERSION = 4
"""33 modules a side: coarse enough to be read from a metre by a telephone."""
SERIAL_POINTS = 33.0
POINT = 25.4 / 72
"""Millimetres."""


class Label(NamedTuple):
    """What one label says: the crate's serial, and what kind of crate it is."""

    code: str
    kind: str


def sheets(labels: Sequence[Label], settings: Labels, territory: Territory, *, start: int = 1, at: datetime) -> bytes:
    """Draw labels as a PDF; the first lies at position `start` of its sheet, counted from 1 by rows."""
    pdf = FPDF(unit="mm", format="A4")
    # the fonts every PDF reader has know cp1252: all of French, and not more
    pdf.core_fonts_encoding = "cp1252"
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_title(printable(territory.name))
    pdf.set_lang(territory.language)
    pdf.set_creation_date(at)
    for place, label in enumerate(labels, start=start - 1):
        if not pdf.pages or place % PER_SHEET == 0:
            pdf.add_page()
        row, column = divmod(place % PER_SHEET, COLUMNS)
        _draw(pdf, column * WIDTH, TOP + row * HEIGHT, label, settings, territory.name)
    return bytes(pdf.output())


def matrix(link: str) -> list[list[bool]]:
    """Return the modules of a QR, dark ones true, without its quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(link)
    code.make()
    modules: list[list[bool]] = code.get_matrix()
    return modules


def runs(modules: Sequence[Sequence[bool]]) -> Iterator[tuple[int, int, int, int]]:
    """Yield dark rectangles (x, y, width, height) that cover a QR: runs along rows, joined with equal ones above."""
    open_: dict[tuple[int, int], int] = {}
    for y, row in enumerate([*modules, []]):
        here = set(_dark(row))
        for x, width in [run for run in open_ if run not in here]:
            top = open_.pop((x, width))
            yield x, top, width, y - top
        for run in here:
            open_.setdefault(run, y)


def _dark(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    begins: int | None = None
    for x, dark in enumerate([*row, False]):
        if dark and begins is None:
            begins = x
        elif not dark and begins is not None:
            yield begins, x - begins
            begins = None


def printable(text: str) -> str:
    """Return a text in letters that the PDF's fonts have: accents they lack are left out, other scripts become "?"."""
    return "".join(_printable(character) for character in unicodedata.normalize("NFC", text))


def _printable(character: str) -> str:
    for form in (character, unicodedata.normalize("NFKD", character)[0]):
        try:
            form.encode("cp1252")
        except UnicodeEncodeError:
            continue
        return form if form.isprintable() else " "
    return "?"


def _draw(pdf: FPDF, left: float, top: float, label: Label, settings: Labels, territory: str) -> None:
    modules = matrix(codes.digital_link(settings.host, settings.asset_type, label.code))
    side = _qr(pdf, left, top, modules)
    _words(pdf, left + side, top, WIDTH - side - MARGIN, label, territory)


def _qr(pdf: FPDF, left: float, top: float, modules: Sequence[Sequence[bool]]) -> float:
    """Draw a QR at the left of a label, as high as the label allows; return the width it takes with its quiet zone."""
    module = min((HEIGHT - 2 * MARGIN) / len(modules), HEIGHT / (len(modules) + 2 * QUIET))
    quiet = (HEIGHT - module * len(modules)) / 2
    with pdf.new_path() as path:
        path.style.stroke_color = None
        path.style.fill_color = "#000000"
        # whole modules inside, one scale outside: the file stays small
        path.transform = Transform.scaling(module).translate(left + quiet, top + quiet)
        for x, y, width, height in runs(modules):
            path.rectangle(x, y, width, height)
    return 2 * quiet + module * len(modules)


def _words(pdf: FPDF, left: float, top: float, width: float, label: Label, territory: str) -> None:
    """Write what a person reads: whose crate, its serial in two groups one above the other, what kind."""
    _line(pdf, left, top + 5.6, width, territory, 7.5, "")
    for group, base in zip(codes.by_eye(label.code).split(" "), (16.4, 27.1), strict=True):
        _serial(pdf, left, top + base, group)
    _line(pdf, left, top + 33.3, width, label.kind, 9, "B")


def _serial(pdf: FPDF, left: float, base: float, group: str) -> None:
    """Write a group of the serial; a nought gets a stroke, so that nobody takes it for an O."""
    em = SERIAL_POINTS * POINT
    pdf.set_font("courier", "B", SERIAL_POINTS)
    # the letters of this font stand a little to the right of where they begin
    pdf.text(left - 0.05 * em, base, group)
    pdf.set_line_width(0.07 * em)
    for n, character in enumerate(group):
        if character == "0":
            middle = left + (0.6 * n + 0.25) * em
            pdf.line(middle - 0.055 * em, base - 0.2 * em, middle + 0.055 * em, base - 0.4 * em)


def _line(pdf: FPDF, left: float, base: float, width: float, text: str, points: float, style: str) -> None:
    """Write one line in a given width: a long one in a smaller size, a very long one cut."""
    text = printable(text)
    pdf.set_font("helvetica", style, points)
    if pdf.get_string_width(text) > width:
        pdf.set_font_size(max(points * width / pdf.get_string_width(text), 0.75 * points))
    while len(text) > 1 and pdf.get_string_width(text) > width:
        text = text.rstrip("…")[:-1].rstrip() + "…"
    pdf.text(left, base, text)
