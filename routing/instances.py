"""Problems from files: which form one has is told by what is in it, never by its name."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routing.formats import demand, shown
from routing.problem import Problem


@dataclass(frozen=True, eq=False)
class Instance:
    """A problem with where it comes from.

    Parameters
    ----------
    kind
        "VRPLIB", "Solomon", "VROOM" or "own".
    scale
        Units of the problem in one of the file's: 10 where a public collection counts tenths.
    known
        Cost of the best solution known, in units of the problem: that of the .sol file beside the instance.
    warnings
        Sentences on what the file asks for and cannot be had.
    """

    name: str
    kind: str
    problem: Problem
    scale: int = 1
    known: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def metric(self) -> bool:
        """Whether a way's `metres` are metres: other forms have there what it costs."""
        return self.kind == "own"


def read(path: Path | str, rounding: str | None = None) -> Instance:
    """Read a file of any form, and the best cost known from a .sol file beside it.

    Parameters
    ----------
    path
        Of the file.
    rounding
        How distances of a public instance become whole: "round", "trunc", "dimacs" or "exact"; by its type where not given.

    Raises
    ------
    ValueError
        With a sentence naming the file, the line or field, and what was expected.
    """
    path = Path(path)
    try:
        instance = parse(_text(path), path.stem, rounding)
        return instance if instance.kind not in ("VRPLIB", "Solomon") else _with_known(instance, path)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def parse(text: str, name: str = "problem", rounding: str | None = None) -> Instance:
    """Read a text of any form.

    Raises
    ------
    ValueError
        With a sentence naming the line or field and what was expected.
    """
    if text.lstrip().startswith(("{", "[")):
        return _from_json(document_of(text), name)
    if re.search(r"^\s*VEHICLE\s*$", text, re.MULTILINE) and re.search(r"^\s*CUST\s+NO", text, re.MULTILINE):
        from routing.formats.vrplib import solomon_problem_of

        return Instance(name, "Solomon", *solomon_problem_of(text, rounding))
    demand(bool(re.search(r"^\s*DIMENSION\s*:|_SECTION", text, re.MULTILINE)), "expected VRPLIB, Solomon's text or JSON")
    from routing.formats.vrplib import problem_of

    return Instance(name, "VRPLIB", *problem_of(text, rounding))


def document_of(text: str) -> dict[str, Any]:
    """Read JSON that is an object.

    Raises
    ------
    ValueError
        With a sentence naming the line.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: no JSON: {error.msg}") from error
    except RecursionError as error:
        raise ValueError("no JSON that can be read: it is nested too deep") from error
    demand(isinstance(document, dict), f"expected a JSON object, got {shown(document)}")
    return dict(document)


def _from_json(document: dict[str, Any], name: str) -> Instance:
    """Tell VROOM's request from our own form by its keys."""
    if "jobs" in document or ("shipments" in document and "calls" not in document):
        from routing.formats.vroom import request_of

        request = request_of(document)
        return Instance(name, "VROOM", request.problem, warnings=request.warnings)
    demand("calls" in document, "expected a JSON object with calls and vehicles, or VROOM's with jobs and vehicles")
    from routing.formats.own import problem_of

    return Instance(name, "own", problem_of(document))


def _with_known(instance: Instance, path: Path) -> Instance:
    """Add what the best solution known costs."""
    beside = path.with_suffix(".sol")
    if not beside.is_file():
        return instance
    from routing.formats.sol import known_of

    try:
        known = known_of(_text(beside), instance.problem, instance.scale)
    except ValueError as error:
        raise ValueError(f"{beside.name}: {error}") from error
    return Instance(instance.name, instance.kind, instance.problem, instance.scale, known.cost)


def _text(path: Path) -> str:
    """Read a file as text."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("expected text, and it is none") from error
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error


def written(problem: Problem) -> str:
    """Write a problem in our own form, one place, call, vehicle and row of a matrix a line."""
    from routing.formats.own import document_of as own

    parts = []
    for name, value in own(problem).items():
        listed = isinstance(value, list) and value and isinstance(value[0], (list, dict))
        rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in value) if listed else ""
        parts.append(f'"{name}": [\n  {rows}\n]' if listed else f'"{name}": {json.dumps(value, ensure_ascii=False)}')
    return "{" + ",\n".join(parts) + "}\n"
