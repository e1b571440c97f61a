"""Reads plain tables into checked dataclasses: a wrong setting stops the start with one sentence.

A dataclass is the whole description: its fields name the keys, their types say what is expected, and `setting()` adds
the range and the explanation. Nothing here knows what the settings are about.
"""

import difflib
import json
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, field, fields, is_dataclass
from datetime import time
from enum import StrEnum
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

Window = NewType("Window", tuple[int, int])
"""Opening hours of one half day, in minutes from midnight, written "08:00-12:00"."""

Range = NewType("Range", tuple[float, float])
"""A lowest and a highest good value, written [70, 80]."""

Slug = NewType("Slug", str)
"""A short name that links and lists can carry: small letters, digits and hyphens."""


class SettingError(ValueError):
    """A setting is wrong; the text says which file, which key, and what was expected."""


def setting(
    why: str,
    *,
    default: Any = MISSING,
    low: float | None = None,
    high: float | None = None,
    length: int | None = None,
    pattern: str | None = None,
) -> Any:
    """Describe one key: what it means, its range, and its value when the file leaves it out.

    Parameters
    ----------
    why
        One sentence with the unit, for whoever edits the file.
    default
        Value when the file leaves the key out; without one the key is required.
    low, high
        Smallest and largest number allowed.
    length
        Most characters of a text, most entries of a list.
    pattern
        Regular expression the whole text must match.
    """
    metadata = {"why": why, "low": low, "high": high, "length": length, "pattern": pattern}
    return field(default=default, metadata=metadata)


def read(kind: type[T], raw: object, where: str) -> T:
    """Build a dataclass from a table.

    Raises
    ------
    SettingError
        A key is unknown, missing, of the wrong type or out of range.
    """
    if not isinstance(raw, Mapping):
        raise SettingError(f"{where}: expected a table, got {_shown(raw)}")
    known = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]  # callers hand in dataclasses
    for key in raw:
        if key not in known:
            raise SettingError(f"{_at(where, key, raw[key])}: no such setting{_meant(key, known)}")
    hints = get_type_hints(kind)
    return kind(**{name: _field(entry, hints[name], raw, where) for name, entry in known.items()})


def _field(entry: "Field[Any]", hint: Any, raw: Mapping[str, object], where: str) -> Any:
    if entry.name in raw:
        return _value(hint, raw[entry.name], entry, _at(where, entry.name, raw[entry.name]))
    if entry.default is not MISSING:
        return entry.default
    place = _at(where, entry.name, [{}] if _is_tables(hint) else {} if is_dataclass(hint) else "")
    raise SettingError(f"{place}: missing; expected {_expected(hint, entry)} ({entry.metadata['why']})")


def _value(hint: Any, value: object, entry: "Field[Any]", where: str) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return read(hint, value, where)  # type: ignore[arg-type]  # is_dataclass saw a class
    if origin is tuple:
        return _list(inner[0], value, entry, where)
    if origin is dict:
        return _table(inner[1], value, entry, where)
    if origin in (Union, types.UnionType):
        return _value(inner[0], value, entry, where)
    return _plain(hint, value, entry, where)


def _list(hint: Any, value: object, entry: "Field[Any]", where: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) > (entry.metadata.get("length") or len(value)):
        raise SettingError(f"{where}: expected {_expected(tuple[hint, ...], entry)}, got {_shown(value)}")
    return tuple(_value(hint, one, entry, _nth(where, n, one)) for n, one in enumerate(value, 1))


def _table(hint: Any, value: object, entry: "Field[Any]", where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise SettingError(f"{where}: expected a table, got {_shown(value)}")
    return {key: _value(hint, one, entry, f"{where}.{key}") for key, one in value.items()}


def _plain(hint: Any, value: object, entry: "Field[Any]", where: str) -> Any:
    try:
        found = READERS[hint][1](value) if hint in READERS else hint(value)
        _within(found, entry.metadata)
    except (ValueError, TypeError):
        raise SettingError(
            f"{where}: expected {_expected(hint, entry)}, got {_shown(value)}{_meant_choice(hint, value)}"
        ) from None
    return found


def _within(value: Any, limits: Mapping[str, Any]) -> None:
    low, high, length, pattern = (limits.get(key) for key in ("low", "high", "length", "pattern"))
    numbers = value if isinstance(value, tuple) else (value,) if isinstance(value, int | float) else ()
    inside = all((low is None or low <= n) and (high is None or n <= high) for n in numbers)
    fits = not isinstance(value, str) or (length is None or len(value) <= length)
    reads = not isinstance(value, str) or pattern is None or re.fullmatch(pattern, value)
    if not (inside and fits and reads):
        raise ValueError(value)


def _exactly(*kinds: type) -> Callable[[Any], Any]:
    def take(value: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(value)
        return kinds[0](value)

    return take


def _slug(value: Any) -> Slug:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 40:
        raise ValueError(value)
    return Slug(value)


def _finite(value: Any) -> float:
    found: float = _exactly(float, int)(value)
    if found != found or found in (float("inf"), float("-inf")):
        raise ValueError(value)
    return found


def _range(value: Any) -> Range:
    low, high = (_finite(one) for one in _exactly(list)(value))
    if low > high:
        raise ValueError(value)
    return Range((low, high))


def _clock(value: Any) -> time:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d", value):
        raise ValueError(value)
    return time.fromisoformat(value)


def _window(value: Any) -> Window:
    opens, closes = (_clock(part) for part in value.split("-"))
    if opens >= closes:
        raise ValueError(value)
    return Window((opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute))


READERS: dict[Any, tuple[str, Callable[[Any], Any]]] = {
    bool: ("true or false", _exactly(bool)),
    int: ("a whole number", _exactly(int)),
    float: ("a number", _finite),
    str: ("text", _exactly(str)),
    time: ('a time like "08:00"', _clock),
    Range: ("two numbers, the lower one first,", _range),
    Window: ('hours like "08:00-12:00"', _window),
    Slug: ("a short name of small letters, digits and hyphens", _slug),
}
"""How each plain type is called in a sentence, and how it is read."""


def _expected(hint: Any, entry: "Field[Any]") -> str:
    if is_dataclass(hint):
        return "a table"
    if get_origin(hint) is tuple:
        return f"a list of {'tables' if _is_tables(hint) else 'values'}"
    if get_origin(hint) is dict:
        return "a table"
    if get_origin(hint) in (Union, types.UnionType):
        return _expected(get_args(hint)[0], entry)
    if hint not in READERS:
        return "one of " + ", ".join(json.dumps(member.value) for member in hint)
    return READERS[hint][0] + _limits(entry.metadata)


def _limits(limits: Mapping[str, Any]) -> str:
    low, high = limits.get("low"), limits.get("high")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    words = {"low": " >= {}", "high": " <= {}", "length": " of at most {} characters", "pattern": " like {}"}
    return "".join(text.format(limits[key]) for key, text in words.items() if limits.get(key) is not None)


def _is_tables(hint: Any) -> bool:
    return get_origin(hint) is tuple and is_dataclass(get_args(hint)[0])


def _at(where: str, key: str, value: object) -> str:
    """Say where a key stands, as the file writes it: [planning] search_seconds, [[vehicles]]."""
    if ": " in where:
        return f"{where} {key}"
    is_tables = isinstance(value, list) and value and isinstance(value[0], Mapping)
    return f"{where}: " + (f"[[{key}]]" if is_tables else f"[{key}]" if isinstance(value, Mapping) else key)


def _nth(where: str, n: int, value: object) -> str:
    name = value.get("id") if isinstance(value, Mapping) else None
    return f"{where} {json.dumps(name)}" if isinstance(name, str) else f"{where} number {n}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _meant(key: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(sorted(known))}"


def _meant_choice(hint: Any, value: object) -> str:
    if not (isinstance(hint, type) and issubclass(hint, StrEnum) and isinstance(value, str)):
        return ""
    close = difflib.get_close_matches(value, [member.value for member in hint], n=1)
    return f"; did you mean {json.dumps(close[0])}?" if close else ""
