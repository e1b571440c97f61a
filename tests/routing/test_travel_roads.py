"""What is said of OSRM and Valhalla holds for the real ones, over the real roads of a small town."""

import random
from dataclasses import replace

import numpy as np
import pytest

from routing.problem import LONGEST, Place
from routing.travel import Patience, Travel, TravelSettings, Watch, between, estimate, great_circle
from tools import roads

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SEED = 7
OFF_THE_MAP = Place(8.60, 49.00)
"""40 km south of the map's roads."""


@pytest.fixture(scope="module", params=["osrm", "valhalla"])
def engine(request):
    """Give the settings for a running engine, and its process."""
    extract = next((path for path in roads.extracts() if path.name == "heidelberg.osm.pbf"), None)
    if extract is None:
        pytest.skip("BOUTEILLES_ROADS names no folder with heidelberg.osm.pbf")
    if lacking := roads.missing(request.param):
        pytest.skip(lacking)
    with roads.running(request.param, extract) as (url, process):
        yield TravelSettings(source=request.param, url=url, patience=Patience(60, 240)), process


def town(count: int = 24) -> list[Place]:
    dice = random.Random(SEED)
    return [Place(round(dice.uniform(8.66, 8.70), 5), round(dice.uniform(49.37, 49.42), 5)) for _ in range(count)]


@pytest.fixture(scope="module")
def whole(engine) -> Travel:
    return between(town(), engine[0])


def test_ways_by_road_are_longer_than_the_great_circle_and_differ_by_direction(whole):
    reached = (whole.seconds < LONGEST) & (great_circle(town()) > 500)
    reached[list(whole.doubtful)] = reached[:, list(whole.doubtful)] = False

    assert not whole.estimated
    assert reached.sum() > 300
    # both ends are moved to the nearest road, which may bring them nearer
    nearer = 2 * TravelSettings().snap
    assert (whole.metres[reached] + nearer >= great_circle(town())[reached]).all(), f"seed {SEED}"
    assert np.median(whole.metres[reached] / great_circle(town())[reached]) > 1.2
    assert not (whole.seconds == whole.seconds.T).all()
    speeds = whole.metres[reached] / whole.seconds[reached] * 3.6
    assert 15 < np.median(speeds) < 70


@pytest.mark.parametrize("limit", [5, 64])
def test_small_blocks_give_what_one_gives(engine, whole, limit):
    cut = between(town(), replace(engine[0], limit=limit))

    near = np.isclose(cut.seconds, whole.seconds, rtol=0.02, atol=2)
    assert near.mean() > 0.99, f"seed {SEED}"  # Valhalla's matrix may choose an equally good way in another block
    assert cut.notes == whole.notes


def test_more_than_the_engine_takes_is_asked_by_halves(engine, whole):
    many = town(120) if engine[0].source == "osrm" else town(60)

    travel = between(many, replace(engine[0], limit=10_000))

    assert not travel.estimated
    assert travel.seconds.shape == (len(many), len(many))


def test_a_place_off_the_map_is_estimated_and_named(engine):
    travel = between([*town(4), OFF_THE_MAP], engine[0])

    assert not travel.estimated
    assert 4 in travel.doubtful
    assert travel.seconds[0, 4] == estimate([town(4)[0], OFF_THE_MAP]).seconds[0, 1]
    assert any("[8.60000, 49.00000]" in note.says for note in travel.notes)


def test_a_profile_that_is_not_there_is_refused_by_valhalla_alone(engine):
    travel = between(town(3), replace(engine[0], profile="tank"))

    # osrm-routed serves one profile, whatever it is called in the address
    assert travel.estimated is (engine[0].source == "valhalla")


def test_a_truck_is_no_faster_than_a_car(engine, whole):
    if engine[0].source == "osrm":
        pytest.skip("an OSRM server has one profile")
    truck = between(town(), replace(engine[0], profile="truck", vehicle=(("height", 3.8), ("weight", 18.0))))

    both = (truck.seconds < LONGEST) & (whole.seconds < LONGEST)
    assert truck.seconds[both].sum() > whole.seconds[both].sum()


def test_the_cache_answers_without_the_engine(engine, whole, tmp_path):
    kept = replace(engine[0], cache=tmp_path)
    between(town(), kept)

    def stop() -> bool:
        raise AssertionError("the engine was asked")

    again = between(town(), kept, watch=Watch(stop=stop))

    assert np.isclose(again.seconds, whole.seconds, rtol=0.02, atol=2).mean() > 0.99


@pytest.mark.parametrize("name", ["osrm", "valhalla"])
def test_an_engine_killed_in_the_middle_leaves_an_estimate(name):
    extract = next((path for path in roads.extracts() if path.name == "heidelberg.osm.pbf"), None)
    if extract is None or roads.missing(name):
        pytest.skip("BOUTEILLES_ROADS names no folder with heidelberg.osm.pbf" if extract is None else roads.missing(name))
    told: list[int] = []
    with roads.running(name, extract) as (url, process):

        def kill(done: int, total: int) -> None:
            told.append(done)
            process.kill()
            process.wait()

        travel = between(
            town(), TravelSettings(source=name, url=url, limit=8), watch=Watch(progress=kill, wait=lambda seconds: None)
        )

    assert len(told) == 1
    assert travel.estimated
    assert (travel.seconds == estimate(town()).seconds).all()
    assert travel.notes[0].says == f"The road engine at {url} does not answer (Connection refused)."
