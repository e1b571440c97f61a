"""The kinds of events, told from the tables that `bottles.intake` judges by, so that they cannot say anything else."""

from collections.abc import Iterable
from typing import Any

from flask_openapi.models.schema import Schema

from bottles.crates import CrateState, Move
from bottles.events import EventKind
from bottles.intake import INSTEAD, MAY, MOVE_NEEDS, NEEDS, STOPS
from bottles.people import Role
from bottles.wire import NewEvent

from .batches import MOST

REF = "#/components/schemas/"

ALWAYS = [field.alias or name for name, field in NewEvent.model_fields.items() if field.is_required()]
"""What every event says."""

TOLD = """Every event says its {always} and, since it was made, the `schema` it is written in (2; events without one are taken
as 2, and 1 is still understood). `id` is a UUID of version 7 that the device makes; `at` the time of the act with its zone;
`sequence` counts the device's events from 0.

What each kind needs besides:

{kinds}

What each `move` of a scan needs besides, and who may tell of it, in a scan or a count:

{moves}

The answer to a readable batch is 200 with one receipt per event, in the same order: `kept`; `already_known` (same id, same
body); `conflict` (same id, another body: the first was kept, this one set aside; 409 when it was sent alone); `invalid` (set
aside with a sentence). Whichever it is, we hold the event: delete it on your side. A batch that is refused as a whole was not
kept at all. What a device hands in under a token that is over is set aside, until the coordinator lets it in."""


def description() -> str:
    """Return what the document says about handing in events."""
    always = ", ".join(f"`{name}`" for name in ALWAYS)
    return TOLD.format(always=always, kinds=kinds_table(), moves=moves_table())


def kinds_table() -> str:
    """Return what an event of each kind must say, and who may send it, as a table in Markdown."""
    rows = [(f"`{kind}`", _needed(kind), _who(kind)) for kind in NEEDS]
    return _table(("kind", "needs", "who"), rows)


def moves_table() -> str:
    """Return what a scan of each move must say besides, and who may tell of it, as a table in Markdown."""
    rows = [(f"`{move}`", _code(MOVE_NEEDS.get(move, ())), _roles(r for r in MAY if move in MAY[r])) for move in Move]
    return _table(("move", "needs besides", "who"), rows)


def _needed(kind: EventKind) -> str:
    """Say what a kind needs; a stop that was added on the way has no task."""
    needed = _code(NEEDS[kind])
    return needed.replace("`task`", f"`task` (or {' and '.join(f'`{name}`' for name in INSTEAD)})") if kind in STOPS else needed


def _who(kind: EventKind) -> str:
    return str(Role.COORDINATOR) if kind is EventKind.SETTLE else _roles(MAY)


def _roles(roles: Iterable[Role]) -> str:
    return ", ".join(roles)


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "–"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def schemas() -> dict[str, Schema]:
    """Return the schema of a batch, of an event, and of each kind of event."""
    event = NewEvent.model_json_schema(by_alias=True, ref_template=REF + "{model}")
    parts = event.pop("$defs", {})
    named = {f"{''.join(word.title() for word in kind.split('_'))}Event": kind for kind in EventKind}
    kinds = {name: _of_kind(event, name, kind) for name, kind in named.items()}
    mapping = {str(kind): REF + name for name, kind in named.items()}
    one = {
        "oneOf": [{"$ref": REF + name} for name in named],
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }
    events = {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"$ref": f"{REF}Event"}}
    batch = {"type": "object", "properties": {"events": events}, "required": ["events"]}
    return {name: Schema(**part) for name, part in (parts | kinds | {"Event": one, "Batch": batch}).items()}


def _of_kind(event: dict[str, Any], name: str, kind: EventKind) -> dict[str, Any]:
    needed = tuple(name for name in NEEDS[kind] if name != "task" or kind not in STOPS)
    fields = event["properties"] | {"kind": {"type": "string", "const": str(kind)}}
    fields = {field: _without_null(shape) if field in needed else shape for field, shape in fields.items()}
    fields["move"] = _one_of(Move, fields["move"])
    fields["state"] = _one_of(CrateState, fields["state"])
    about = f"Needs {_needed(kind)} besides what every event says. May be sent by: {_who(kind)}."
    which = {"anyOf": [_with(fields, ("task",)), _with(fields, INSTEAD)]} if kind in STOPS else {}
    return {
        "type": "object",
        "title": name,
        "description": about,
        "properties": fields,
        "required": [*event["required"], *needed],
        **which,
    }


def _with(fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {"required": list(names), "properties": {name: _without_null(fields[name]) for name in names}}


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field that may not be left out."""
    return next(one for one in shape["anyOf"] if one.get("type") != "null") if "anyOf" in shape else shape


def _one_of(words: Iterable[str], shape: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field that is one of some words, and null where it may be."""
    chosen = {"type": "string", "enum": [str(word) for word in words]}
    return {"anyOf": [chosen, {"type": "null"}]} if "anyOf" in shape else chosen


def request_body() -> dict[str, Any]:
    """Return the body that events are handed in with."""
    return {"required": True, "content": {"application/json": {"schema": {"$ref": f"{REF}Batch"}}}}
