"""A plan as a picture: what a map, or another program, gets to see."""

import pytest

from bottles import searches
from bottles.db import reading, transaction
from web.geojson import plan_picture
from web.planning import run_search

from .days import PLACES, TUESDAY, ask


@pytest.fixture
def draw(app, territory_engine, config, clock):
    """Plan the day and return its picture."""

    def planned(**changed: object) -> dict:
        with transaction(territory_engine) as session:
            ask(session, clock(), **changed)
            search = searches.ask(session, TUESDAY, seconds=0, at=clock()).id
        plan = run_search(territory_engine, config, search, clock)
        with app.app_context(), reading(territory_engine) as session:
            return plan_picture(session, plan)

    return planned


def of_kind(picture: dict, kind: str) -> list[dict]:
    return [feature for feature in picture["features"] if feature["properties"].get("kind") == kind]


def test_a_route_is_a_line_from_the_centre_over_its_stops_and_back(draw):
    picture = draw()

    (line,) = [feature for feature in picture["features"] if feature["geometry"]["type"] == "LineString"]
    way = line["geometry"]["coordinates"]
    assert way[0] == way[-1] == [5.78909, 46.73161]
    assert sorted(way[1:-1]) == sorted([lon, lat] for lat, lon in PLACES.values())
    assert line["properties"]["route"] == 0
    assert line["properties"]["estimated"] is True
    assert line["properties"]["km"] > 40
    assert line["properties"]["departs"].startswith("2026-10-06T07:30:")


def test_a_stop_says_when_and_what(draw):
    stops = of_kind(draw(), "stop")

    assert [stop["properties"]["number"] for stop in stops] == [1, 2]
    facts = stops[0]["properties"]
    assert facts["arrives"] < facts["leaves"] < stops[1]["properties"]["arrives"]
    assert facts["take"] == [{"n": 10, "unit": "crate", "type": "Casier de 12"}]
    assert facts["leave"] == [{"n": 5, "unit": "empty", "type": "Casier de 12"}]
    assert facts["id"].startswith("stop-")


def test_what_is_left_out_is_a_point_with_its_reason(draw):
    picture = draw(hours={})

    left = of_kind(picture, "left-out")
    assert sorted(feature["properties"]["town"] for feature in left) == ["arbois", "poligny"]
    assert all(feature["properties"]["reason"] for feature in left)
    assert of_kind(picture, "stop") == []


def test_the_centre_is_on_it(draw):
    assert [centre["properties"]["id"] for centre in of_kind(draw(), "centre")] == ["pont-du-navoy"]
