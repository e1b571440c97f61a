"""What an engine said is not asked again until it is old; a broken file costs time, never a plan."""

import multiprocessing
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from routing.problem import LONGEST, Place
from routing.travel import TravelSettings, Watch, between
from routing.travel.blocks import cut
from routing.travel.cache import Cache, key

from .road_engine import RoadEngine, serving

DAY = 86_400


@pytest.fixture
def engine():
    with serving(RoadEngine()) as running:
        yield running


@pytest.fixture
def settings(engine, tmp_path):
    return TravelSettings(source="osrm", url=engine.url, cache=tmp_path / "cache")


def on_day(day: int) -> Watch:
    return Watch(wait=lambda seconds: None, now=lambda: day * DAY + 3600.0)


def places(count: int = 6) -> list[Place]:
    return [Place(round(5.7 + 0.007 * number, 6), round(46.9 - 0.003 * number**2 % 0.05, 6)) for number in range(count)]


def test_what_is_known_is_not_asked_again(engine, settings):
    first = between(places(), settings)
    asked = len(engine.asked)

    again = between(list(reversed(places())), settings)

    assert len(engine.asked) == asked
    assert (again.seconds == first.seconds[::-1, ::-1]).all()
    assert (again.metres == first.metres[::-1, ::-1]).all()


def test_a_new_place_asks_for_its_own_ways_only(engine, settings):
    between(places(60), settings)
    engine.pairs.clear()

    travel = between(places(61), settings)

    new = (places(61)[60].lon, places(61)[60].lat)
    assert all(new in pair for pair in engine.pairs)
    assert len(engine.pairs) == 2 * 60
    assert (travel.seconds == between(places(61), replace(settings, cache=None)).seconds).all()


def test_places_a_step_apart_are_the_same_place(engine, settings):
    between(places(2), settings)
    asked = len(engine.asked)

    between([Place(place.lon + 0.000003, place.lat) for place in places(2)], settings)

    assert len(engine.asked) == asked


@pytest.mark.parametrize("other", [{"profile": "truck"}, {"vehicle": (("height", 3.2),)}, {"source": "valhalla"}])
def test_another_profile_or_engine_knows_nothing_of_it(engine, settings, other):
    between(places(), settings)
    asked = len(engine.asked)

    between(places(), replace(settings, **other))

    assert len(engine.asked) > asked


def test_another_factor_uses_the_same_answers(engine, settings):
    between(places(), settings)
    asked = len(engine.asked)

    slow = between(places(), replace(settings, factor=2.0))

    assert len(engine.asked) == asked
    assert slow.seconds[0, 1] == pytest.approx(2 * between(places(), settings).seconds[0, 1], abs=1)


def test_answers_are_asked_for_anew_when_they_are_old(engine, settings):
    between(places(), settings, watch=on_day(1000))
    asked = len(engine.asked)

    between(places(), settings, watch=on_day(1090))
    assert len(engine.asked) == asked

    between(places(), settings, watch=on_day(1091))
    assert len(engine.asked) == 2 * asked


def test_old_answers_stand_in_for_an_engine_that_is_down(engine, settings):
    first = between(places(), settings, watch=on_day(1000))
    engine.after = len(engine.asked)

    travel = between(places(), settings, watch=on_day(1200))

    assert not travel.estimated
    assert (travel.seconds == first.seconds).all()
    assert [note.code for note in travel.notes] == ["no_answer", "old"]
    assert between(places(), settings, watch=on_day(1400)).estimated


def test_what_an_engine_said_before_it_died_is_not_asked_again(engine, settings):
    engine.after = 4
    assert between(places(), replace(settings, limit=2), watch=on_day(1)).estimated
    engine.after, known = None, len(engine.pairs)

    travel = between(places(), replace(settings, limit=2), watch=on_day(1))

    assert not travel.estimated
    assert known > 0
    assert len(engine.pairs) <= 36


@pytest.mark.parametrize("source", ["osrm", "valhalla"])
def test_no_way_and_no_road_are_known_too(engine, settings, source):
    a, b, c = ((place.lon, place.lat) for place in places(3))
    engine.closed, engine.far = {(a, b)}, {c: float("inf") if source == "valhalla" else 900.0}
    settings = replace(settings, source=source)
    first = between(places(3), settings)
    asked = len(engine.asked)

    again = between(places(3), settings)

    assert len(engine.asked) == asked
    assert again.seconds[0, 1] == first.seconds[0, 1] == LONGEST
    assert again.doubtful == first.doubtful == (2,)
    assert again.notes == first.notes


def test_a_file_that_is_no_database_costs_a_note_and_no_plan(engine, settings):
    settings.cache.mkdir()
    (settings.cache / "ways.sqlite").write_bytes(b"not a database, and long enough to be told from an empty one" * 20)

    travel = between(places(), settings)

    assert not travel.estimated
    assert travel.seconds[0, 1] > 0
    assert [note.code for note in travel.notes] == ["cache"]
    assert "every way is asked for anew" in travel.notes[0].says


def test_a_folder_that_cannot_be_made_costs_a_note_and_no_plan(engine, settings, tmp_path):
    (tmp_path / "file").write_text("")

    travel = between(places(), replace(settings, cache=tmp_path / "file" / "cache"))

    assert [note.code for note in travel.notes] == ["cache"]


def test_very_old_answers_are_deleted(engine, settings):
    between(places(), settings, watch=on_day(1000))
    between(places(2), settings, watch=on_day(1000 + 4 * 90 + 1))

    with sqlite3.connect(settings.cache / "ways.sqlite") as base:
        days = {day for (day,) in base.execute("SELECT day FROM way UNION SELECT day FROM road")}
    base.close()

    assert days == {1361}


def _write(folder: Path, number: int) -> None:
    cache = Cache(folder, "osrm", 1000, 90)
    for step in range(20):
        keys = [key(Place(number + 1, step / 10)), key(Place(number + 1, step / 10 + 0.05))]
        cache.keep_ways(keys, keys, np.full((2, 2), float(number)), np.ones((2, 2)))
    assert cache.trouble is None


@pytest.mark.slow
def test_several_processes_write_at_once_and_nothing_is_lost(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path, number)) for number in range(3)]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    with sqlite3.connect(tmp_path / "ways.sqlite") as base:
        assert base.execute("SELECT count(*) FROM way").fetchone() == (3 * 20 * 4,)
    base.close()


def covered(missing: np.ndarray, pairs: int, places: int) -> np.ndarray:
    seen = np.zeros_like(missing, dtype=int)
    for sources, targets in cut(missing, pairs, places):
        assert len(sources) * len(targets) <= pairs
        assert len(sources) + len(targets) <= places
        seen[np.ix_(sources, targets)] += 1
    return seen


@pytest.mark.parametrize("seed", range(20))
def test_blocks_cover_what_is_missing_within_the_limits(seed):
    dice = np.random.default_rng(seed)
    size = int(dice.integers(2, 30))
    missing = dice.random((size, size)) < dice.choice([0.02, 0.3, 1.0])
    np.fill_diagonal(missing, False)

    seen = covered(missing, int(dice.integers(1, 200)), int(dice.integers(2, 40)))

    assert (seen[missing] == 1).all(), f"seed {seed}"


def test_nothing_missing_asks_nothing():
    assert cut(np.zeros((4, 4), dtype=bool), 100, 100) == []


def test_every_place_on_earth_has_a_number_of_its_own():
    corners = [Place(lon, lat) for lon in (-180, -0.00001, 0, 180) for lat in (-90, 0, 0.00001, 90)]

    assert len({key(place) for place in corners}) == len(corners)
    assert max(map(key, corners)) < 2**53
