"""Writes what was measured as tables, in plain text and in Markdown."""

import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version

from routing.bench.rows import OURS, Line, Row, overall, summary

HEAD = (
    "instance",
    "s",
    "planner",
    "runs",
    "legal",
    "mean cost",
    "gap %",
    "spread",
    "worst",
    "ours lower by %",
    "left",
    "first s",
    "MiB",
)
TOTALS = ("s", "planner", "instances", "mean gap %", "worst", "ours lower by %", "ours wins", "ties", "loses")

NAMED = frozenset({"instance", "planner"})
"""Columns of words."""


def cells(rows: Sequence[Row], names: dict[str, str]) -> list[Sequence[str]]:
    """Write the lines of all instances, the head first."""
    return [HEAD, *(_cells(line, names) for line in summary(rows))]


def _cells(line: Line, names: dict[str, str]) -> Sequence[str]:
    gap = _number(line.mean, 2) + ("" if line.known or line.mean is None else "*")
    return (
        line.instance,
        f"{line.seconds:g}",
        names.get(line.planner, line.planner),
        str(line.runs),
        str(line.legal),
        _number(line.cost, 0),
        gap,
        _number(line.spread, 2),
        _number(line.worst, 2),
        _number(line.lower, 1),
        _number(line.must, 1) if line.must else "",
        _number(line.first, 2),
        "" if line.memory is None else str(line.memory),
    )


def totals(rows: Sequence[Row], names: dict[str, str]) -> list[Sequence[str]]:
    """Write the lines of all planners, the head first."""
    return [
        TOTALS,
        *(
            (
                f"{line.seconds:g}",
                names.get(line.planner, line.planner),
                str(line.instances),
                _number(line.mean, 2),
                _number(line.worst, 2),
                _number(line.lower, 1),
                *(("", "", "") if line.planner == OURS else (str(line.wins), str(line.ties), str(line.losses))),
            )
            for line in overall(rows)
        ),
    ]


def _number(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:,.{places}f}"


def notes(rows: Sequence[Row]) -> list[str]:
    """Tell what went wrong or was not asked, each once, with what it happened on."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.note:
            found.setdefault(f"{row.planner}: {row.note}", []).append(row.problem)
    return [f"{note} ({', '.join(dict.fromkeys(where))})" for note, where in found.items()]


def names(rows: Sequence[Row]) -> dict[str, str]:
    """Name the planners as they were asked."""
    return {row.planner: NAMES.get(row.planner, row.planner) for row in rows}


NAMES = {OURS: "ours", "pyvrp": "PyVRP, better of 2", "ortools": "OR-Tools, better of 2", "vroom": "VROOM, 2 threads"}

EXPLAINED = "* to the best seen here: no best cost is known. left: calls without a prize left out, each priced as the dearest."


def lines(rows: Sequence[Row]) -> Iterator[str]:
    """Write all as plain text."""
    said = names(rows)
    for table in (cells(rows, said), totals(rows, said)):
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        for row in table:
            yield "  ".join(_aligned(row, table[0], widths)).rstrip()
        yield ""
    yield EXPLAINED
    yield from notes(rows)
    yield _machine()


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    """Write all in Markdown."""
    said = names(rows)
    for table in (totals(rows, said), cells(rows, said)):
        yield _piped(table[0])
        yield _piped(["---" if cell in NAMED else "--:" for cell in table[0]])
        yield from (_piped(row) for row in table[1:])
        yield ""
    yield EXPLAINED.replace("*", r"\*", 1)
    yield ""
    yield from (f"- {note}" for note in (*notes(rows), _machine()))


def _aligned(cells: Sequence[str], head: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Put names to the left and numbers to the right."""
    for cell, name, width in zip(cells, head, widths, strict=True):
        yield cell.ljust(width) if name in NAMED else cell.rjust(width)


def _piped(row: Iterable[str]) -> str:
    return f"| {' | '.join(row)} |"


def machine() -> dict[str, str]:
    """Say on what it was measured."""
    found = {"cores": str(os.cpu_count()), "system": platform.platform(terse=True), "python": platform.python_version()}
    for package in ("ortools", "pyvrp", "pyvroom"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _machine() -> str:
    return ", ".join(f"{name} {value}" for name, value in machine().items())
