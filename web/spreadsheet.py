"""Lists as people keep them: the bytes of a CSV file become rows by column, whatever Excel made of them.

The separator is `;`, `,` or a tab, the text UTF-8, cp1252 or UTF-16; names of columns are known by their aliases, without
regard to accents, case and spaces. What is wrong is gathered with its line, so that a list is mended in one go.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeVar

from bottles.errors import Invalid, Refusal, say

T = TypeVar("T")

Columns = Mapping[str, tuple[str, ...]]
"""What each column may be called; the first name is the one that sentences use."""

MOST_BYTES = 50_000_000
SEPARATORS = ";,\t"
YES = {"oui", "yes", "o", "y", "x", "vrai", "true", "1"}
NO = {"non", "no", "n", "faux", "false", "0"}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
NOT_TEXT = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b")
"""How workbooks (xlsx, ods, xls), papers, pictures and archives begin."""


class Unclosed(Invalid):
    """A quotation mark opens and does not close: nothing after that line can be trusted."""

    def __init__(self, line: int) -> None:
        super().__init__(
            say("A quotation mark opens in line %(line)d and does not close properly: mend it in a text editor."), line=line
        )


class Fault(NamedTuple):
    """What is wrong, and in which line of the file; line 0 is the file as a whole."""

    line: int
    refusal: Refusal


@dataclass
class Row:
    """One row: its cells by column, and what is wrong with them; an empty cell reads as None.

    `line` is where the row begins in the file; `titles` are the columns' names as the file has them.
    """

    line: int
    cells: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, column: str, message: str, **values: object) -> None:
        """Keep what is wrong with a cell; the sentence may name %(column)s and %(value)s."""
        named = {"column": self.titles.get(column, column), "value": self.cells.get(column, "")[:60]}
        self.faults.append(Fault(self.line, Invalid(message, field=column, **{**named, **values})))

    def text(self, column: str, *, longest: int = 200, required: bool = False) -> str | None:
        """Read a text on one line."""
        typed = self.cells.get(column, "")
        if required and not typed:
            self.refuse(column, say("“%(column)s” is empty: fill it in."))
        if len(typed) > longest:
            self.refuse(column, say("“%(column)s” is too long: at most %(longest)d characters."), longest=longest)
        return typed or None

    def number(self, column: str, low: float, high: float, *, required: bool = False) -> float | None:
        """Read a number with a comma or a point; both ends of the range are allowed."""
        typed = self.text(column, required=required)
        if typed is None:
            return None
        bare = re.sub(r"\s", "", typed).removesuffix("°").replace(",", ".")
        # float() reads more than people write: inf, nan, 1_000, other scripts' digits
        value = float(bare) if re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{0,20})?", bare) else None
        if value is None or not low <= value <= high:
            self.refuse(column, say("“%(column)s” is “%(value)s”: give a number from %(low)g to %(high)g."), low=low, high=high)
            return None
        return value

    def whole(self, column: str, low: int, high: int) -> int | None:
        """Read a whole number."""
        value = self.number(column, low, high)
        if value is not None and value != int(value):
            self.refuse(
                column, say("“%(column)s” is “%(value)s”: give a whole number from %(low)d to %(high)d."), low=low, high=high
            )
        return None if value is None else int(value)

    def yes(self, column: str) -> bool | None:
        """Read yes or no."""
        typed = self.text(column)
        word = fold(typed or "")
        if typed and word not in YES | NO:
            self.refuse(column, say("“%(column)s” is “%(value)s”: write yes or no."))
        return None if typed is None else word in YES

    def day(self, column: str, first: date, last: date, *, required: bool = False) -> date | None:
        """Read a day, written 06/10/2026 or 2026-10-06; days beyond the range are slips."""
        typed = self.text(column, required=required)
        if typed is None:
            return None
        found = _day(typed)
        if found is None:
            self.refuse(column, say("“%(column)s” is “%(value)s”: write a day like 06/10/2026 or 2026-10-06."))
        elif not first <= found <= last:
            span = {"first": first.strftime("%d/%m/%Y"), "last": last.strftime("%d/%m/%Y")}
            self.refuse(column, say("“%(column)s” is “%(value)s”: it should lie between %(first)s and %(last)s."), **span)
        return found

    def by(self, column: str, reader: Callable[[str], T], *, required: bool = False) -> T | None:
        """Read a cell by a function that may refuse it."""
        typed = self.text(column, longest=500, required=required)
        try:
            return None if typed is None else reader(typed)
        except Refusal as refusal:
            refusal.field = column
            self.faults.append(Fault(self.line, refusal))
            return None


def fold(text: str, keep: str = "") -> str:
    """Reduce a text to small letters and digits with single spaces, without accents; `keep` names signs that stay."""
    plain = text.casefold().replace("’", "'")
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain.replace("œ", "oe").replace("æ", "ae"))
        plain = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join(re.sub(rf"[^\w{re.escape(keep)}]|_", " ", plain).split())


def slug(text: str) -> str:
    """Make a short name of a text, for links and lists; empty when it has no latin letter or digit."""
    return "-".join(re.findall("[a-z0-9]+", fold(text)))[:60].strip("-")


def decode(data: bytes) -> str:
    """Return the text of a file, in whichever of the usual encodings it is.

    Raises
    ------
    Invalid
        It is empty, too large, a workbook, or text in several encodings at once.
    """
    if len(data) > MOST_BYTES:
        raise Invalid(say("The file is too large: at most %(most)d MB. Send it in several parts."), most=MOST_BYTES // 10**6)
    if data.startswith(NOT_TEXT):
        raise Invalid(say("This is not a text file: open it in your spreadsheet and save it as CSV."))
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise Invalid(say("Some characters cannot be read: save the file as CSV in UTF-8.")) from None
    if "\0" in text:
        raise Invalid(say("This is not a text file: open it in your spreadsheet and save it as CSV."))
    if not text.strip():
        raise Invalid(say("The file is empty."))
    return text


class Table:
    """A list whose first line was read; going over it yields its rows, once.

    Parameters
    ----------
    data
        The file as it came.
    columns
        What each column may be called.
    required
        Columns that must be there.

    Attributes
    ----------
    titles
        The columns known, as the file calls them.
    unused
        The file's other columns.

    Raises
    ------
    Invalid
        The file cannot be read as a list with these columns.
    """

    def __init__(self, data: bytes, columns: Columns, required: tuple[str, ...]) -> None:
        text = decode(data)
        separator, skipped = _separator(text, columns)
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        self._names: list[str | None] = []
        self.titles: dict[str, str] = {}
        self.unused: tuple[str, ...] = ()
        for line, cells in self._filled():
            if line <= skipped:
                continue
            self._names = _names(cells, columns)
            self.unused = tuple(
                cell.strip() for cell, name in zip(cells, self._names, strict=True) if cell.strip() and not name
            )
            self._take_titles(cells)
            break
        if missing := [" / ".join(columns[name][:2]) for name in required if name not in self.titles]:
            raise Invalid(say("The first line names the columns; missing: %(missing)s."), missing=", ".join(missing))

    def __iter__(self) -> Iterator[Row]:
        for line, cells in self._filled():
            values = {name: " ".join(cell.split()) for name, cell in zip(self._names, cells, strict=False) if name}
            row = Row(line, values, self.titles)
            self._check(row, cells)
            yield row

    def _filled(self) -> Iterator[tuple[int, list[str]]]:
        """Yield rows that hold something, each with the line it begins in."""
        line = self._reader.line_num + 1
        try:
            for cells in self._reader:
                if any(cell.strip() for cell in cells):
                    yield line, cells
                line = self._reader.line_num + 1
        except csv.Error:
            raise Unclosed(line) from None

    def _take_titles(self, cells: list[str]) -> None:
        for name, cell in zip(self._names, cells, strict=True):
            if name in self.titles:
                raise Invalid(
                    say("“%(one)s” and “%(other)s” mean the same: keep one."), one=self.titles[name], other=cell.strip()
                )
            if name:
                self.titles[name] = cell.strip()

    def _check(self, row: Row, cells: list[str]) -> None:
        if any(cell.strip() for cell in cells[len(self._names) :]):
            many = {"cells": len(cells), "columns": len(self._names)}
            row.refuse(
                "",
                say("%(cells)d cells for %(columns)d columns: a text that holds the separator needs quotation marks."),
                **many,
            )
        if any(CONTROL.search(value) for value in row.cells.values()):
            row.refuse("", say("This row holds characters that cannot be kept: type it again."))


def _names(cells: list[str], columns: Columns) -> list[str | None]:
    known = {fold(alias): name for name, aliases in columns.items() for alias in (*aliases, name)}
    return [known.get(fold(cell)) for cell in cells]


def _separator(text: str, columns: Columns) -> tuple[str, int]:
    """Return the separator that makes most columns of the first line, and how many lines go before it."""
    lines = io.StringIO(text[:65536])
    first = next(lines, "")
    if re.fullmatch(r"sep=[;,\t]\s*", first):  # Excel's own hint
        return first[4], 1
    while not first.strip():
        first = next(lines)
    return max(SEPARATORS, key=lambda s: sum(1 for name in _names(first.split(s), columns) if name)), 0


def _encoding(data: bytes) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = data[:400]
    if len(start) >= 4 and (start[1::2].count(0) > len(start) // 3 or start[::2].count(0) > len(start) // 3):
        return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # two letters of UTF-8 read as cp1252 would be kept as nonsense: such a file is half one, half the other
        return "utf-8" if re.search(rb"\xc3[\x80-\xbf]", data) else "cp1252"
    return "utf-8"


def _day(typed: str) -> date | None:
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", typed)
    french = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: 00:00(?::00)?)?", typed)
    try:
        if iso:
            return date(*(int(part) for part in iso.groups()))
        return date(*(int(part) for part in reversed(french.groups()))) if french else None
    except ValueError:
        return None
