"""The phone's own reckoning of when its van comes, held to the server's: the same table, and days made up at random."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from web.arrivals import Happened, Planned, forecast

from .modules import run

__all__ = ["run"]
pytestmark = pytest.mark.browser

TABLE = json.loads((Path(__file__).parents[1] / "data" / "arrivals.json").read_text())
MIDNIGHT = datetime(2026, 10, 6, tzinfo=UTC)

RECKONED = """({forecast}, cases) => cases.map(({plan, now, told, added = []}) => {
  const minute = 60_000;
  const happened = ([began, ended]) => ({ began: began * minute, ended: ended === null ? null : ended * minute });
  const stops = plan.stops.map(([id, ...times]) => {
    const [arrives, starts, leaves] = times.map((each) => each * minute);
    return { id, arrives, starts, leaves };
  });
  const heard = new Map(Object.entries(told).map(([id, times]) => [Number(id), happened(times)]));
  const known = { departs: plan.departs * minute, returns: plan.returns * minute, stops, told: heard, now: now * minute };
  const found = forecast({ ...known, added: added.map(happened) });
  return [[...found.stops].map(([id, one]) => [id, one.starts / minute, one.late / minute]), found.home / minute, found.why];
})"""


def clock(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def happened(began: int, ended: int | None) -> Happened:
    return Happened(clock(began), clock(ended) if ended is not None else None)


def minutes(time: timedelta) -> float:
    return time.total_seconds() / 60


def by_server(case: dict[str, Any]) -> list[Any]:
    plan = case["plan"]
    stops = [Planned(stop, *map(clock, times)) for stop, *times in plan["stops"]]
    told = {int(stop): happened(*times) for stop, times in case["told"].items()}
    added = [happened(*times) for times in case.get("added", [])]
    found = forecast(clock(plan["departs"]), clock(plan["returns"]), stops, told, clock(case["now"]), added=added)
    rows = [[stop, minutes(one.starts - MIDNIGHT), minutes(one.late)] for stop, one in found.stops.items()]
    return [rows, minutes(found.home - MIDNIGHT), str(found.why)]


def test_the_phone_expects_its_van_when_the_table_says(run):
    cases = [case | {"plan": TABLE["plan"]} for case in TABLE["cases"]]

    found = run(RECKONED, cases, module="arrivals")

    for case, (stops, home, why) in zip(cases, found, strict=True):
        seen = [(str(stop), starts) for stop, starts, _late in stops]
        assert (case["name"], seen, home, why) == (case["name"], list(case["expect"].items()), case["home"], case["why"])


def made_up(chance: random.Random) -> dict[str, Any]:
    departs = at = 480
    stops = []
    for number in range(1, chance.randrange(2, 7)):
        arrives = at + chance.randrange(40)
        starts = arrives + chance.choice((0, 0, chance.randrange(20)))
        at = starts + chance.randrange(20)
        stops.append([number, arrives, starts, at])
    now = chance.randrange(470, 760)

    def heard() -> list[int | None]:
        began = chance.randrange(460, now + 1)
        return [began, chance.choice((None, chance.randrange(began, now + 1)))]

    told = {str(stop): heard() for stop, *_ in stops if chance.random() < 0.4}
    added = [heard() for _ in range(chance.choice((0, 0, 1, 2)))]
    return {"plan": {"departs": departs, "returns": at + 30, "stops": stops}, "now": now, "told": told, "added": added}


def test_phone_and_server_expect_the_van_at_the_same_times(run):
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    cases = [made_up(chance) for _ in range(300)]

    found = run(RECKONED, cases, module="arrivals")

    for case, said in zip(cases, found, strict=True):
        assert said == by_server(case), f"seed {seed}: {case}"
