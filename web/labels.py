"""Draws sheets of labels: a QR made of shapes, and beside it what is read by eye, never upon it.

Lengths are millimetres, font sizes points. The QR is as high as the label allows with its quiet zone inside the label, so
that labels side by side do not disturb each other; words that do not fit are made smaller, then cut.

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
from fpdf.prefs import ViewerPreferences
from qrcode.constants import ERROR_CORRECT_Q  # type: ignore[import-untyped]  # the same

from .config import Territory
from .label_sheets import Preset

QUIET = 4
"""Modules left white around the symbol."""
POINT = 25.4 / 72
"""Millimetres."""
AIR = 0.7
"""Between words and the code, millimetres."""
LEADING = 1.25
"""From one line of words to the next, as a share of the font's size."""
SMALLEST = 0.75
"""How far words are made smaller before they are broken or cut, as a share of the font's size."""
CAPITAL, BETWEEN = 0.6, 0.27
"""Height of a capital of the serial, and of the white between two lines of it; both as shares of the font's size."""
ADVANCE = 0.6
"""Width of a letter of the serial, as a share of the font's size."""


class Label(NamedTuple):
    """What one label says: its link, its code in groups to be read by eye, and some words under them."""

    link: str
    code: str
    words: tuple[str, ...] = ()


class Box(NamedTuple):
    """A rectangle that holds words."""

    left: float
    top: float
    width: float
    height: float


def sheets(labels: Sequence[Label], preset: Preset, territory: Territory, *, start: int = 1, at: datetime) -> bytes:
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
    # some browsers and offices fit a page to the printer's margins unless the file says otherwise
    pdf.viewer_preferences = ViewerPreferences(print_scaling="None")
    for place, label in enumerate(labels, start=start - 1):
        if not pdf.pages or place % preset.per_sheet == 0:
            pdf.add_page()
        _draw(pdf, *preset.corner(place % preset.per_sheet), label, preset, territory.name)
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
    # a thin space is in no font of the PDF, and it stands between the digits of every large number
    if character == "\u202f":
        return "\u00a0"
    for form in (character, unicodedata.normalize("NFKD", character)[0]):
        try:
            form.encode("cp1252")
        except UnicodeEncodeError:
            continue
        return form if form.isprintable() or form == "\u00a0" else " "
    return "?"


def _draw(pdf: FPDF, left: float, top: float, label: Label, preset: Preset, territory: str) -> None:
    if preset.hole:
        _hole(pdf, left, top, preset)
    begins = left + preset.hole
    taken = preset.hole + _qr(pdf, begins, top, matrix(label.link), preset)
    free = Box(left + taken, top + preset.margin, preset.width - taken - preset.margin, preset.height - 2 * preset.margin)
    if preset.words:
        free = _words(pdf, free, territory, label.words, preset.words)
    _code(pdf, free, label.code.split())


def _hole(pdf: FPDF, left: float, top: float, preset: Preset) -> None:
    """Draw the line to cut along, and where to punch."""
    pdf.set_draw_color(150)
    pdf.set_line_width(0.1)
    pdf.rect(left, top, preset.width, preset.height)
    radius = 3.0
    pdf.circle(left + preset.hole / 2, top + preset.height / 2, radius)
    pdf.set_draw_color(0)


def _qr(pdf: FPDF, left: float, top: float, modules: Sequence[Sequence[bool]], preset: Preset) -> float:
    """Draw a QR at the left of a label, in the middle of its height; return the width it takes with its quiet zone."""
    side = preset.side or preset.height
    module = min((side - 2 * preset.margin) / len(modules), side / (len(modules) + 2 * QUIET))
    size = module * len(modules)
    symbol(pdf, left + (side - size) / 2, top + (preset.height - size) / 2, module, modules)
    return side


def symbol(pdf: FPDF, left: float, top: float, module: float, modules: Sequence[Sequence[bool]]) -> None:
    """Draw the dark modules of a QR, each so many millimetres wide."""
    with pdf.new_path() as path:
        path.style.stroke_color = None
        path.style.fill_color = "#000000"
        # whole modules inside, one scale outside: the file stays small
        path.transform = Transform.scaling(module).translate(left, top)
        for x, y, width, height in runs(modules):
            path.rectangle(x, y, width, height)


def _words(pdf: FPDF, box: Box, above: str, below: Sequence[str], points: float) -> Box:
    """Write words at the top and the bottom of a box, the first below in bold; return the room left between them."""
    written = [
        (line, style, size) for n, text in enumerate(below) for line, style, size in _lines(pdf, box.width, text, points, n)
    ]
    bottom = box.top + box.height
    for text, style, size in reversed(written):
        line(pdf, box.left, bottom - 0.22 * size * POINT, box.width, text, size, style)
        bottom -= LEADING * size * POINT
    line(pdf, box.left, box.top + 0.75 * points * POINT, box.width, above, points, "")
    top = box.top + LEADING * points * POINT
    return Box(box.left, top + AIR, box.width, bottom - top - 2 * AIR)


def _lines(pdf: FPDF, width: float, text: str, points: float, place: int) -> Iterator[tuple[str, str, float]]:
    """Break a text that stays too long when it is made smaller into two lines: text, style and size of each."""
    style, size = ("B", 1.2 * points) if place == 0 else ("", points)
    text = printable(text)
    pdf.set_font("helvetica", style, SMALLEST * size)
    words = text.split(" ")
    kept = next((n for n in range(len(words), 0, -1) if pdf.get_string_width(" ".join(words[:n])) <= width), len(words))
    yield " ".join(words[:kept]), style, size
    if words[kept:]:
        yield " ".join(words[kept:]), style, size


def _code(pdf: FPDF, box: Box, groups: Sequence[str]) -> None:
    """Write the groups of a code one above the other, as large as they fit, in the middle of a box."""
    longest = max(len(group) for group in groups)
    lines = len(groups) * CAPITAL + (len(groups) - 1) * BETWEEN
    em = min(box.width / (ADVANCE * longest), box.height / lines)
    base = box.top + (box.height - em * lines) / 2 + em * CAPITAL
    for group in groups:
        _group(pdf, box.left, base, group, em)
        base += em * (CAPITAL + BETWEEN)


def _group(pdf: FPDF, left: float, base: float, group: str, em: float) -> None:
    """Write a group of a code; a nought gets a stroke, so that nobody takes it for an O."""
    pdf.set_font("courier", "B", em / POINT)
    pdf.text(left, base, group)
    pdf.set_line_width(0.07 * em)
    for n, character in enumerate(group):
        if character == "0":
            middle = left + ADVANCE * (n + 0.5) * em
            pdf.line(middle - 0.055 * em, base - 0.2 * em, middle + 0.055 * em, base - 0.4 * em)


def line(pdf: FPDF, left: float, base: float, width: float, text: str, points: float, style: str) -> None:
    """Write one line in a given width: a long one in a smaller size, a very long one cut."""
    text = printable(text)
    pdf.set_font("helvetica", style, points)
    if pdf.get_string_width(text) > width:
        pdf.set_font_size(max(points * width / pdf.get_string_width(text), SMALLEST * points))
    # a size that was made to fit may miss it by what a float rounds off
    while len(text) > 1 and pdf.get_string_width(text) > width + 0.01:
        text = text.rstrip("…")[:-1].rstrip() + "…"
    pdf.text(left, base, text)
