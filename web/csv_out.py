"""Tables as CSV files that a spreadsheet opens without asking: a mark of the encoding first, semicolons, no formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from flask import Response

from .language import local

BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What a spreadsheet may take for a formula at the start of a text; figures of ours are numbers, not texts."""

Cell = str | int | float | datetime | None


def answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Answer with a file of this name, without its ending."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([cell(column) for column in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
    # the mark tells spreadsheets that this is UTF-8
    found = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    found.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return found


def cell(value: Cell) -> str | int | float:
    """Write a value so that a spreadsheet shows it as it is."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, str):
        return f"'{value}" if value.lstrip(" ").startswith(BEGINS) else value.replace("\0", "")
    return value
