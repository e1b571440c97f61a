"""When a van will come, by its plan and by what really happened; pure, so that a phone may reckon the same without network.

The rule. A van is free when it left its last stop; one that stands at a stop is free after the time planned there, or now.
From there it needs what the plan gives it to the next stop, pauses and unloadings on the way included; where the plan waits
for a point to open, nobody is served before that. A stop passed over is made up for after the last. Nothing is expected in
the past. `tests/web/data/arrivals.json` holds the cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CLOSE = timedelta(minutes=5)
"""A difference smaller than this is none: nobody sets a watch by a van."""


@dataclass(frozen=True)
class Planned:
    """A stop as the plan has it; `starts` lies after `arrives` where the van waits for the point to open."""

    id: int
    arrives: datetime
    starts: datetime
    leaves: datetime


@dataclass(frozen=True)
class Happened:
    """What was told of a stop, by the times of the acts: when the van was first there, and when the stop was ended."""

    began: datetime
    ended: datetime | None = None

    @property
    def at(self) -> datetime:
        """Return the last moment that is known of it."""
        return self.ended or self.began


class Why(StrEnum):
    """Why a van is expected when it is."""

    PLAN = "plan"
    LATE = "late"
    EARLY = "early"
    THERE = "there"
    SILENT = "silent"


@dataclass(frozen=True)
class Expected:
    """When the van comes to one stop, is served and leaves; `late` is how much later than planned, below nought if earlier."""

    arrives: datetime
    starts: datetime
    leaves: datetime
    late: timedelta


@dataclass(frozen=True)
class Forecast:
    """The rest of a route: each stop to come, the way home, and why. `after` is the planned stop that was heard of last."""

    stops: Mapping[int, Expected]
    home: datetime
    why: Why
    after: int | None = None
    heard_at: datetime | None = None

    @property
    def next(self) -> int | None:
        """Return the stop that comes next."""
        return next(iter(self.stops), None)

    def differs(self, stop: int) -> datetime | None:
        """Return when the van comes to a stop, where that is not as planned; nothing after a silence: nobody knows."""
        found = self.stops.get(stop)
        return found.starts if found and abs(found.late) >= CLOSE and self.why is not Why.SILENT else None


def forecast(
    departs: datetime,
    returns: datetime,
    stops: Sequence[Planned],
    told: Mapping[int, Happened],
    now: datetime,
    *,
    added: Sequence[Happened] = (),
) -> Forecast:
    """Say when a van comes to the stops of its route that are still to come; `added` are stops that the plan has not."""
    known = [stop for stop in stops if stop.id in told]
    last = max(known, key=lambda stop: told[stop.id].at, default=None)
    heard = max([*told.values(), *added], key=lambda one: one.at, default=None)
    is_there = last is not None and heard is told[last.id] and heard.ended is None
    at = departs if heard is None else heard.at
    if heard and heard.ended is None:
        at = max(now, heard.began + (last.leaves - last.starts if last and is_there else timedelta()))
    before = dict(zip([stop.id for stop in stops], [departs, *(stop.leaves for stop in stops)], strict=False))
    found: dict[int, Expected] = {}
    for stop in _to_come(stops, told, last):
        found[stop.id] = _expected(stop, at + (stop.arrives - before[stop.id]), now)
        at = found[stop.id].leaves
    home = max(now, at + (returns - (stops[-1].leaves if stops else departs)))
    why = Why.THERE if is_there else _why(next(iter(found.values()), None), heard, now)
    return Forecast(found, home, why, last.id if last else None, heard.at if heard else None)


def _to_come(stops: Sequence[Planned], told: Mapping[int, Happened], last: Planned | None) -> list[Planned]:
    """Put the stops in order that the van has not been at: on from the last it was at, then those it passed over."""
    here = stops.index(last) if last else -1
    return [stop for stop in (*stops[here + 1 :], *stops[: here + 1]) if stop.id not in told]


def _expected(stop: Planned, arrives: datetime, now: datetime) -> Expected:
    arrives = max(arrives, now)
    starts = max(arrives, stop.starts) if stop.starts > stop.arrives else arrives
    return Expected(arrives, starts, starts + (stop.leaves - stop.starts), starts - stop.starts)


def _why(first: Expected | None, heard: Happened | None, now: datetime) -> Why:
    if first is None or abs(first.late) < CLOSE:
        return Why.PLAN
    if first.arrives == now and (heard is None or heard.at < now):
        return Why.SILENT
    return Why.LATE if first.late > timedelta() else Why.EARLY
