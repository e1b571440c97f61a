"""When a van is expected, case by case; the table is plain JSON, so that a phone's own reckoning is held to the same."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from web.arrivals import Happened, Planned, forecast

TABLE = json.loads((Path(__file__).parent / "data" / "arrivals.json").read_text())
MIDNIGHT = datetime(2026, 10, 6, tzinfo=UTC)


def clock(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def happened(began: int, ended: int | None) -> Happened:
    return Happened(clock(began), clock(ended) if ended is not None else None)


def minutes(at: datetime) -> float:
    return (at - MIDNIGHT).total_seconds() / 60


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_a_van_is_expected_when_the_table_says(case: dict[str, Any]):
    plan = TABLE["plan"]
    stops = [Planned(stop, *map(clock, times)) for stop, *times in plan["stops"]]
    told = {int(stop): happened(*times) for stop, times in case["told"].items()}
    added = [happened(*times) for times in case.get("added", [])]

    found = forecast(clock(plan["departs"]), clock(plan["returns"]), stops, told, clock(case["now"]), added=added)

    assert [(str(stop), minutes(one.starts)) for stop, one in found.stops.items()] == list(case["expect"].items())
    assert (minutes(found.home), found.why) == (case["home"], case["why"])
