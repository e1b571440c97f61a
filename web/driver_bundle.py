"""A driver's day as one parcel for the phone: all it needs to work until the evening without network.

What is asked of a stop is said as it is before any act of this day, and the acts known here go with it: the phone folds them,
and its own that have not been sent, in the same way.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import mean
from typing import Any

from flask import g, url_for

from bottles import events, links, locks
from bottles.crates import Move
from bottles.events import Act, EventKind
from bottles.orders import OrderLine, OrderStatus
from bottles.people import Person
from bottles.pickups import PickupStatus
from bottles.points import Point
from bottles.routes import Plan, PlanStatus, Route, Stop, Task

from . import silhouettes
from .config import Config
from .driver_rows import Rows
from .language import spoken, zone

Key = tuple[Move, str]
"""A move and the item it moves."""

VERSION = 1
"""The form of the parcel; a phone that knows an older one only asks for a newer app."""

TOLD = ("crate", "label", "move", "point", "holder", "task", "plan_version", "route", "item", "quantity", "basis", "reason",
        "photo", "note", "undoes", "state")  # fmt: skip
"""What an event may say besides who, when and what kind, by its name on the wire."""


CUT = 8
"""Characters of another's device that are told; three quarters of its name stay a secret."""


@dataclass(frozen=True)
class Called:
    """A stop that the phone shows, of the plan that it was driven by."""

    stop: Stop
    route: Route
    plan: Plan


def day(rows: Rows, person: Person, config: Config, later: tuple[Plan, Route] | None, at: datetime) -> dict[str, Any]:
    """Return what the phone keeps of a day."""
    trips = [_legs(rows, route, plan) for route, plan in rows.legs if plan.status is PlanStatus.PUBLISHED]
    shown: dict[int, set[int]] = defaultdict(set)
    for called in (called for trip in trips for called in _halts(rows, trip)):
        for task in rows.tasks.get(called.stop.id or 0, ()):
            shown[task.id or 0].add(called.plan.id or 0)
    teller = _Teller(rows, shown)
    return {
        "version": VERSION,
        "made_at": moment(at),
        "person": {"id": person.id, "name": person.name, "language": spoken()},
        "centre": _centre(rows, trips, config),
        "config": settings(config),
        **_catalogue(rows),
        "points": _places(rows, config.labels.prefix),
        "communes": _communes(rows),
        "trips": [teller.trip(trip) for trip in trips],
        "later": {"day": later[0].day.isoformat(), "departs": moment(later[1].departs)} if later else None,
        "events": _events([act for act in rows.acts if act.id in teller.kept], rows.people, person.id or 0),
    }


def moment(at: datetime) -> str:
    """Write a moment as phones do: UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def settings(config: Config) -> dict[str, Any]:
    """Return what the phone must know of the territory."""
    return {
        "asset_type": config.labels.asset_type,
        "label_host": config.labels.host,
        "prefixes": [config.labels.prefix],
        "tiles": config.server.tiles,
        "positions_days": config.positions.keep_days,
        "time_zone": config.territory.time_zone,
        "languages": list(config.territory.languages),
    }


def _catalogue(rows: Rows) -> dict[str, Any]:
    crates = [{"id": kind.id, "name": kind.name, "kind": "crate", "bottles": kind.bottles} for kind in rows.crate_types]
    bottles = [{"id": kind.id, "name": kind.name, "kind": "bottle", "bottles": 1} for kind in rows.bottle_types]
    guide = [
        {"id": kind.id, "name": kind.name, "accepted": kind.accepted, "why": kind.why_not, "outline": silhouettes.outline(kind)}
        for kind in rows.bottle_types
    ]
    return {"items": [*crates, *bottles], "crates": rows.crates, "guide": guide, "outlines": silhouettes.BOX}


def _places(rows: Rows, prefix: str) -> list[dict[str, Any]]:
    return [
        _spot(point) | ({"gln": links.gln(prefix, rows.numbers[point.id])} if point.id in rows.numbers else {})
        for point in rows.points.values()
    ]


def _communes(rows: Rows) -> list[dict[str, Any]]:
    """Return the towns to be written on the map, in the middle of their points."""
    towns: dict[str, list[Point]] = defaultdict(list)
    for point in rows.points.values():
        towns[point.town].append(point)
    return [
        {"name": town, "lat": mean(point.lat for point in here), "lon": mean(point.lon for point in here)}
        for town, here in sorted(towns.items())
    ]


def _spot(point: Point) -> dict[str, Any]:
    return {"id": point.id, "name": point.name, "town": point.town, "lat": point.lat, "lon": point.lon}


def _centre(rows: Rows, trips: list[list[tuple[Route, Plan]]], config: Config) -> dict[str, Any]:
    key = rows.vehicles[trips[0][0][0].vehicle].centre if trips else config.centres[0].id
    centre = rows.points[key]
    return _spot(centre) | {"phone": centre.phone or config.cooperative.phone}


def _legs(rows: Rows, route: Route, plan: Plan) -> list[tuple[Route, Plan]]:
    """Return the routes that make up one trip, the first driven first: the one that stands goes on from the others."""
    chain = [(route, plan)]
    while (before := _followed(rows, *chain[0])) is not None:
        chain.insert(0, before)
    return chain


def _followed(rows: Rows, route: Route, plan: Plan) -> tuple[Route, Plan] | None:
    if plan.follows is None:
        return None
    same = ((leg, made) for leg, made in rows.legs if made.version == plan.follows and leg.vehicle == route.vehicle)
    return next(same, None)


def _halts(rows: Rows, trip: list[tuple[Route, Plan]]) -> list[Called]:
    """List the stops of a trip: those begun by the routes before, then all of the one that stands."""
    called = [Called(stop, route, plan) for route, plan in trip for stop in rows.stops.get(route.id or 0, ())]
    return [each for each in called if each.route is trip[-1][0] or _is_begun(rows, each)]


def _is_begun(rows: Rows, called: Called) -> bool:
    visits = [rows.visits.get((task.id or 0, called.plan.id or 0)) for task in rows.tasks.get(called.stop.id or 0, ())]
    return any(visit is not None and visit.outcome is not None for visit in visits)


def _of_today(rows: Rows) -> set[str]:
    """Return the acts done by a plan of this day, with their undos and the undos of those."""
    own = {route.id for route, _plan in rows.legs}
    kept = {act.id for act in rows.acts if act.plan_version in rows.versions or act.route in own}
    while fresh := {act.id for act in rows.acts if act.undoes in kept} - kept:
        kept |= fresh
    return kept


def _events(acts: list[Act], people: dict[int, str], reader: int) -> list[dict[str, Any]]:
    """Say acts; whoever knows a device and its driver can write a file in their name, so others' devices are cut short."""
    devices = {act.device for act in acts}
    own = {g.device} | {act.device for act in acts if act.person == reader}
    told = {device: device if device in own else _cut(device, (devices | own) - {device}) for device in devices}
    return [_event(act, people, told[act.device]) for act in acts]


def _cut(device: str, others: set[str]) -> str:
    """Return so much of a device's name that the phone puts acts in order by it as we do by the whole."""
    parts = (device[:length] for length in range(CUT, len(device)))
    return next((part for part in parts if not any(other.startswith(part) for other in others)), device)


def _event(act: Act, people: dict[int, str], device: str) -> dict[str, Any]:
    told = {name: value for name in TOLD if (value := getattr(act, name)) is not None}
    who = {"person": act.person, "person_name": people.get(act.person, ""), "role": act.role}
    made = {"id": act.id, "kind": act.kind, "at": moment(act.at), "device": device, "sequence": act.sequence}
    return made | told | who | {"received_at": moment(act.received_at)}


class _Teller:
    """Says trips; `shown` names the plans under which a task has a stop of its own on the phone."""

    def __init__(self, rows: Rows, shown: dict[int, set[int]]) -> None:
        self.rows = rows
        self.shown = shown
        self.sizes = {kind.id: kind.bottles for kind in rows.crate_types}
        self.kept = _of_today(rows)
        told = events.standing(rows.acts)
        # a signature's note is who signed
        self.earlier = [act for act in told if act.id not in self.kept and act.kind is not EventKind.SIGNATURE]

    def folded(self, task: Task, plan: Plan) -> set[int]:
        """Return the plans whose acts count at a task's stop: its own, and those of the day that have no stop for it here."""
        return {plan.id or 0} | (self.rows.versions - self.shown[task.id or 0])

    def trip(self, legs: list[tuple[Route, Plan]]) -> dict[str, Any]:
        """Say one trip."""
        route, plan = legs[-1]
        vehicle, halts = self.rows.vehicles[route.vehicle], _halts(self.rows, legs)
        stops = [self._stop(called) for called in halts]
        unloads = [each for leg, _plan in legs for each in _unloads(leg, [c for c in halts if c.route is leg], route)]
        centre = self.rows.points[vehicle.centre]
        return {
            "route": route.id,
            "plan": plan.id,
            "version": plan.version,
            "stands": True,
            "day": plan.day.isoformat(),
            "vehicle": {"id": vehicle.id, "name": vehicle.name, "mixed": vehicle.mixed},
            "departs": moment(legs[0][0].departs),
            "returns": moment(route.returns),
            "metres": route.metres,
            "breaks": [moment(at) for leg, _plan in legs for at in _breaks(leg)],
            "estimated": plan.estimated,
            "mixes": _mixes(stops),
            "line": _line(centre, halts, unloads, self.rows),
            "unloads": [{"before": before, "at": moment(at)} for before, at in unloads],
            "loading": [row for called, stop in zip(halts, stops, strict=True) if (row := self._aboard(called, stop))][::-1],
            "stops": stops,
        }

    def _stop(self, called: Called) -> dict[str, Any]:
        stop, point = called.stop, self.rows.points[called.stop.point]
        tasks = self.rows.tasks.get(stop.id or 0, [])
        return {
            "id": stop.id,
            "position": stop.position,
            "arrives": moment(stop.arrives),
            "starts": moment(stop.starts),
            "leaves": moment(stop.leaves),
            "route": called.route.id,
            "plan": called.plan.id,
            "point": self._sheet(point, called.plan.day, tasks),
            "tasks": [self._task(task, called.plan) for task in tasks],
        }

    def _sheet(self, point: Point, on: date, tasks: list[Task]) -> dict[str, Any]:
        about = {task.id for task in tasks}
        notes = [act.note for act in self.earlier if act.task in about and act.note]
        return _spot(point) | {
            "street": point.street,
            "postcode": point.postcode,
            "access_note": point.access_note,
            "contact": point.contact,
            "phone": point.phone,
            "windows": [[_clock(on, opens), _clock(on, closes)] for opens, closes in locks.windows(point, on, self.rows.locks)],
            "photo": url_for("photos.small", event=taken) if (taken := self.rows.places.get(point.id)) else None,
            "seconds": point.service_seconds,
            "notes": notes,
        }

    def _task(self, task: Task, plan: Plan) -> dict[str, Any]:
        asked = self.rows.asked[task.id or 0]
        withdrawn = self._is_withdrawn(task, plan)
        asks = {} if withdrawn else self._asks(task, plan)
        return {
            "id": task.id,
            "kind": task.kind,
            "partner": self.rows.partners[task.partner],
            "order": task.order,
            "withdrawn": withdrawn,
            "notes": [asked.note] if asked.note else [],
            "asks": [{"move": move, "item": item, "quantity": n} for (move, item), n in asks.items()],
        }

    def _is_withdrawn(self, task: Task, plan: Plan) -> bool:
        asked = self.rows.asked[task.id or 0]
        visits = (self.rows.visits.get((task.id or 0, version)) for version in self.folded(task, plan))
        here = any(visit is not None and visit.outcome is not None for visit in visits)
        cancelled = asked.status in (PickupStatus.CANCELLED, OrderStatus.CANCELLED)
        return cancelled or (asked.status is PickupStatus.DONE and not here)

    def _asks(self, task: Task, plan: Plan) -> dict[Key, int]:
        """Return what a task asks here: all it wants, less what visits moved whose acts do not count here."""
        wants, folded = self._wants(task), self.folded(task, plan)
        for line in self.rows.moved.get(task.id or 0, ()):
            if line.plan not in folded and (line.move, line.item) in wants:
                wants[line.move, line.item] -= line.quantity
        crates: dict[Key, int] = defaultdict(int)
        for wanted in self._lines(task):
            crates[Move.DELIVER, wanted.crate_type] += _full(wants[Move.DELIVER, wanted.type], self.sizes[wanted.crate_type])
        return {key: n for key, n in (wants | crates).items() if n > 0}

    def _lines(self, task: Task) -> list[OrderLine]:
        return self.rows.order_lines.get(task.order or 0, [])

    def _wants(self, task: Task) -> dict[Key, int]:
        asked = self.rows.pickup_lines.get(task.pickup or 0, ())
        take: dict[Key, int] = {(Move.COLLECT, line.crate_type): line.take for line in asked}
        leave: dict[Key, int] = {(Move.DROP, line.crate_type): line.leave for line in asked}
        return take | leave | {(Move.DELIVER, line.type): line.quantity for line in self._lines(task)}

    def _aboard(self, called: Called, stop: dict[str, Any]) -> dict[str, Any]:
        """Say what has to be aboard for one stop; nothing when that is nothing."""
        empties: dict[str, int] = defaultdict(int)
        for ask in (ask for task in stop["tasks"] for ask in task["asks"] if ask["move"] is Move.DROP):
            empties[ask["item"]] += ask["quantity"]
        bottles = [row for task in self.rows.tasks.get(stop["id"], ()) for row in self._bottles(task, called.plan)]
        told = [{"item": item, "quantity": n} for item, n in empties.items()]
        return {"stop": stop["id"], "empties": told, "bottles": bottles} if told or bottles else {}

    def _bottles(self, task: Task, plan: Plan) -> Iterable[dict[str, Any]]:
        asks = {} if self._is_withdrawn(task, plan) else self._asks(task, plan)
        for line in self._lines(task):
            wanted = asks.get((Move.DELIVER, line.type), 0)
            lots = [
                {"code": lot.code, "quantity": n, "use_by": lot.use_by.isoformat() if lot.use_by else None}
                for item, lot, n in self.rows.reserved.get(line.order, ())
                if item == line.type
            ]
            crates = {"crates": _full(wanted, self.sizes[line.crate_type]), "crate_item": line.crate_type}
            if wanted:
                yield {"order": line.order, "item": line.type, "quantity": wanted, **crates, "lots": lots}


def _full(bottles: int, size: int) -> int:
    """Return how many crates of a size so many bottles need, the last one perhaps not full."""
    return -(-max(0, bottles) // size)


def _clock(on: date, minutes: int) -> str:
    # added on the wall's clock: an opening hour keeps its name on the nights when the hour changes
    return moment(datetime.combine(on, time(), zone()) + timedelta(minutes=minutes))


def _breaks(route: Route) -> list[datetime]:
    once = [route.break_at] if route.break_at else []
    return [datetime.fromisoformat(begins) for begins, _ends in route.pauses] or once


def _unloads(leg: Route, halts: list[Called], last: Route) -> list[tuple[int | None, datetime]]:
    """Return when a route unloads, with the stop that comes next; of a route given up, what comes before a begun stop."""
    found = []
    for told in leg.unloads:
        following = next((called.stop.id for called in halts if called.stop.position > told["after"]), None)
        if following is not None or leg is last:
            found.append((following, datetime.fromisoformat(told["arrives"])))
    return found


def _mixes(stops: list[dict[str, Any]]) -> bool:
    """Say whether washed bottles and full crates ride together."""
    tasks = [task for stop in stops for task in stop["tasks"]]
    takes = any(ask["move"] is Move.COLLECT for task in tasks for ask in task["asks"])
    return takes and any(task["order"] is not None for task in tasks)


def _line(
    centre: Point, halts: list[Called], unloads: list[tuple[int | None, datetime]], rows: Rows
) -> list[tuple[float, float]]:
    """Return the way from place to place, straight."""
    way = [centre]
    for called in halts:
        way += [centre for before, _at in unloads if before == called.stop.id]
        way.append(rows.points[called.stop.point])
    return [(place.lon, place.lat) for place in [*way, *(centre for before, _at in unloads if before is None), centre]]
