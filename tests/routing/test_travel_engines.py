"""An engine is asked for what is missing and for no more than it takes; when it fails, there is still an answer."""

import random
import threading

import numpy as np
import pytest

from routing.problem import LONGEST, Place
from routing.travel import Patience, Travel, TravelSettings, Watch, between, by_profile, estimate

from .road_engine import RoadEngine, metres, said, seconds, serving

ENGINES = ("osrm", "valhalla")


@pytest.fixture
def engine():
    with serving(RoadEngine()) as running:
        yield running


def places(count: int = 6) -> list[Place]:
    return [Place(round(5.7 + 0.007 * number, 6), round(46.9 - 0.003 * number**2 % 0.05, 6)) for number in range(count)]


def point(place: Place) -> tuple[float, float]:
    return place.lon, place.lat


def road(source: str, engine: RoadEngine, **more) -> TravelSettings:
    return TravelSettings(source=source, url=engine.url, **more)


def hurried(waits: list[float] | None = None, **more) -> Watch:
    """Watch without waiting, and write down how long it would have been."""
    return Watch(wait=(waits if waits is not None else []).append, **more)


def codes(travel: Travel) -> list[str]:
    return [note.code for note in travel.notes]


@pytest.mark.parametrize("source", ENGINES)
def test_ways_come_from_the_engine_row_to_column_without_a_margin(engine, source):
    some = places()

    travel = between(some, road(source, engine))

    assert not travel.estimated
    assert travel.notes == ()
    for i, a in enumerate(some):
        for j, b in enumerate(some):
            assert travel.seconds[i, j] == np.ceil(seconds(point(a), point(b)))
            assert travel.metres[i, j] == metres(point(a), point(b))


@pytest.mark.parametrize("source", ENGINES)
@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_tiny_limits_give_the_same_as_one_call(engine, source, limit):
    some = places()
    whole = between(some, road(source, engine))
    before = len(engine.asked)

    engine.limit = limit * limit if source == "osrm" else limit
    cut = between(some, road(source, engine, limit=limit))

    assert (cut.seconds == whole.seconds).all()
    assert (cut.metres == whole.metres).all()
    assert cut.notes == ()
    assert len(engine.asked) - before > 2


@pytest.mark.parametrize("source", ENGINES)
def test_an_engine_that_takes_less_than_the_settings_say_is_asked_by_halves(engine, source):
    whole = between(places(), road(source, engine))

    engine.limit = 4
    halved = between(places(), road(source, engine))

    assert (halved.seconds == whole.seconds).all()
    assert not halved.estimated


@pytest.mark.parametrize("source", ENGINES)
def test_a_place_that_is_there_twice_is_asked_once(engine, source):
    a, b, c = places(3)

    travel = between([a, b, a, c], road(source, engine))

    assert travel.seconds[0, 2] == travel.seconds[2, 0] == 0
    assert travel.seconds[1, 0] == travel.seconds[1, 2] > 0
    assert len(engine.pairs) == 9


def test_a_single_place_asks_nothing_of_anybody(engine):
    travel = between(places(1), road("osrm", engine))

    assert travel.seconds.tolist() == [[0]]
    assert between([], road("osrm", engine)).seconds.shape == (0, 0)


@pytest.mark.parametrize("source", ENGINES)
def test_what_cannot_be_driven_is_longest_counted_and_named(engine, source):
    some = places()
    engine.closed = {(point(a), point(some[2])) for a in some if a != some[2]}

    travel = between(some, road(source, engine))

    assert (travel.seconds[:, 2] == [LONGEST, LONGEST, 0, LONGEST, LONGEST, LONGEST]).all()
    assert (travel.metres == LONGEST).sum() == 5
    assert travel.seconds[2, 0] < LONGEST
    assert codes(travel) == ["unreachable"]
    assert travel.notes[0].values["ways"] == 5
    assert "[5.71400, 46.88800]" in travel.notes[0].says


def test_a_place_on_an_island_spoils_no_others(engine):
    some = places(12)
    engine.islands = {point(some[3]), point(some[8])}

    travel = between(some, road("valhalla", engine))

    cut_off = travel.seconds == LONGEST
    assert cut_off[3, 0]
    assert cut_off[0, 8]
    assert not cut_off[0, 1]
    assert cut_off.sum() == 2 * 2 * 10 + 2
    assert len(engine.asked) < 60


@pytest.mark.parametrize("source", ENGINES)
def test_a_place_far_from_any_road_is_estimated_and_named(engine, source):
    some = places()
    engine.far = {point(some[1]): 1240.0}

    travel = between(some, road(source, engine))

    guess = estimate(some)
    assert not travel.estimated
    assert travel.doubtful == (1,)
    assert (travel.seconds[1] == guess.seconds[1]).all()
    assert (travel.metres[:, 1] == guess.metres[:, 1]).all()
    assert travel.seconds[0, 2] == np.ceil(seconds(point(some[0]), point(some[2])))
    assert travel.notes[0].says == (
        "The place at [5.70700, 46.89700] lies 1240 m from the nearest road the engine knows: its ways are estimated."
    )
    assert not any(point(some[1]) in pair for pair in engine.pairs)


def test_a_place_without_any_road_is_estimated(engine):
    some = places()
    engine.far = {point(some[1]): float("inf")}

    travel = between(some, road("valhalla", engine))

    assert codes(travel) == ["no_road"]
    assert travel.seconds.max() < LONGEST


@pytest.mark.parametrize(
    ("trouble", "pause"),
    [
        (said({}, 429, Retry_After="3"), 3.0),
        (said({}, 429, Retry_After="3000"), 10.0),
        (said({}, 503), 0.5),
        (said({}, 500), 0.5),
        (None, 0.5),
        ((200, {}, b"<html>Welcome</html>"), 0.5),
        ((200, {"Content-Length": "4000"}, b'{"code": "Ok", "durat'), 0.5),
    ],
)
@pytest.mark.parametrize("source", ENGINES)
def test_a_passing_trouble_is_tried_again_after_a_pause(engine, source, trouble, pause):
    waits: list[float] = []
    engine.first = [trouble]

    travel = between(places(), road(source, engine, patience=Patience(request=1)), watch=hurried(waits))

    assert not travel.estimated
    assert waits == [pause]


def test_pauses_grow_and_end_with_the_tries(engine):
    waits: list[float] = []
    engine.first = [said({}, 503)] * 9

    travel = between(places(), road("osrm", engine, patience=Patience(tries=4)), watch=hurried(waits))

    assert waits == [0.5, 1.0, 2.0]
    assert len(engine.asked) == 4
    assert travel.notes[0].says == f"The road engine at {engine.url} answers with status 503."


GARBAGE = {
    "no JSON": (200, {}, b"\xff\xfe"),
    "no object": said([1]),
    "nothing": said({}),
    "a text": said({"durations": "x", "distances": "x", "destinations": "x", "sources_to_targets": "x"}),
    "wrong numbers": said({"destinations": [{"distance": -4}] * 6}),
    "NaN": (200, {}, b'{"destinations": [' + b", ".join([b'{"distance": NaN}'] * 6) + b"]}"),
    "too few": said({"destinations": [{"distance": 4}]}),
}


@pytest.mark.parametrize("source", ENGINES)
@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_becomes_an_estimate_with_a_sentence(engine, source, garbage):
    engine.first = [GARBAGE[garbage]] * 3

    travel = between(places(), road(source, engine), watch=hurried())

    assert travel.estimated
    assert (travel.seconds == estimate(places()).seconds).all()
    assert codes(travel) == ["garbage", "estimated"]
    assert "answers with something that is no table" in travel.notes[0].says


@pytest.mark.parametrize(
    "table",
    [
        {"durations": [[0, 1], [1, 0]], "distances": [[0, 1], [1, 0]]},
        {"durations": [[0, "x", 1]] * 3, "distances": [[0, 1, 1]] * 3},
        {"durations": [[0, -1, 1]] * 3, "distances": [[0, 1, 1]] * 3},
        {"durations": [[0, 1, 1]] * 3, "distances": [[0, float("nan"), 1]] * 3},
        {"durations": [[0, 1, 1]] * 3},
    ],
)
@pytest.mark.parametrize("source", ENGINES)
def test_a_table_of_the_wrong_shape_or_numbers_is_not_believed(engine, source, table):
    near = said({"destinations": [{"distance": 1}] * 3})
    here = said([{"edges": [{"correlated_lon": place.lon, "correlated_lat": place.lat}]} for place in places(3)])
    engine.first = [near if source == "osrm" else here, said({**table, "sources_to_targets": table})]

    travel = between(places(3), road(source, engine), watch=hurried())

    assert codes(travel) == ["garbage", "estimated"]


@pytest.mark.parametrize("source", ENGINES)
def test_a_question_the_engine_refuses_is_not_asked_again(engine, source):
    engine.first = [said({"code": "InvalidQuery", "message": "No such profile", "error": "No such profile"}, 400)]

    travel = between(places(), road(source, engine), watch=hurried())

    assert travel.estimated
    assert travel.notes[0].says == f"The road engine at {engine.url} refuses the question: No such profile"
    assert len(engine.asked) == 1


@pytest.mark.parametrize("source", ENGINES)
def test_an_engine_that_is_not_there_gives_an_estimate_with_the_reason(source):
    travel = between(places(), TravelSettings(source=source, url="http://127.0.0.1:9"), watch=hurried())

    assert travel.estimated
    assert travel.notes[0].says == "The road engine at http://127.0.0.1:9 does not answer (Connection refused)."
    assert travel.notes[1].says == "All ways are estimated from the great circle."


@pytest.mark.parametrize("source", ENGINES)
def test_an_engine_that_dies_in_the_middle_gives_an_estimate_of_all_ways(engine, source):
    engine.after = 4

    travel = between(places(), road(source, engine, limit=2), watch=hurried())

    assert travel.estimated
    assert (travel.seconds == estimate(places()).seconds).all()


def test_a_slow_engine_is_given_up_in_time(engine):
    over = threading.Event()

    def slow():
        over.wait(2)
        return said({})

    engine.first = [slow] * 2
    travel = between(places(), road("osrm", engine, patience=Patience(request=0.05, tries=2)), watch=hurried())
    over.set()

    assert travel.notes[0].says == f"The road engine at {engine.url} does not answer (timed out)."


def test_an_answer_that_drips_in_is_given_up_in_time(engine):
    ticks = iter(range(10_000))
    watch = hurried(clock=lambda: next(ticks))

    travel = between(places(), road("osrm", engine, patience=Patience(request=0.9, tries=1)), watch=watch)

    assert codes(travel) == ["no_answer", "estimated"]


def test_all_requests_together_have_one_time_limit(engine):
    ticks = iter(range(10_000))
    watch = hurried(clock=lambda: next(ticks))

    travel = between(places(), road("osrm", engine, limit=1, patience=Patience(request=1e6, total=50)), watch=watch)

    assert travel.notes[0].says == f"The road engine at {engine.url} was given 50 s for all ways and needs more."
    assert 3 < len(engine.asked) < 36


def test_progress_counts_pairs_and_somebody_may_stop(engine):
    told: list[tuple[int, int]] = []
    watch = hurried(progress=lambda done, total: told.append((done, total)), stop=lambda: len(told) == 2)

    travel = between(places(), road("valhalla", engine, limit=9), watch=watch)

    assert told == [(9, 36), (18, 36)]
    assert codes(travel) == ["stopped", "estimated"]


def test_a_factor_lengthens_an_engines_seconds_and_not_its_metres(engine):
    plain = between(places(), road("osrm", engine))
    slow = between(places(), road("osrm", engine, factor=1.5))

    assert (slow.seconds >= 1.5 * (plain.seconds - 1)).all()
    assert (slow.seconds <= np.ceil(1.5 * plain.seconds)).all()
    assert (slow.metres == plain.metres).all()


def test_a_truck_tells_valhalla_its_height(engine):
    bodies: list[dict] = []
    answer = engine._valhalla
    engine._valhalla = lambda path, body: bodies.append(body) or answer(path, body)

    between(places(), road("valhalla", engine, profile="truck", vehicle=(("height", 3.2),)))

    assert {body["costing"] for body in bodies} == {"truck"}
    assert bodies[0]["costing_options"] == {"truck": {"height": 3.2}}


def test_profiles_with_the_same_settings_are_asked_once(engine):
    car = road("osrm", engine)
    ways = by_profile(places(), {"van": car, "tricycle": TravelSettings(), "car": car})

    assert ways["van"] is ways["car"]
    assert ways["tricycle"].estimated
    assert len(engine.asked) == 2


def test_a_distance_below_nought_is_guessed_and_its_seconds_are_kept(engine):
    a, b = places(2)
    near = said({"destinations": [{"distance": 1}] * 2})
    engine.first = [near, said({"durations": [[0, 12.4], [13, 0]], "distances": [[0, -86.8], [52, 0]]})]

    travel = between([a, b], road("osrm", engine))

    assert travel.seconds.tolist() == [[0, 13], [13, 0]]
    assert travel.metres[0, 1] == estimate([a, b]).metres[0, 1]
    assert travel.metres[1, 0] == 52


def test_servers_that_know_no_short_form_are_understood(engine):
    a, b = places(2)
    here = said([{"edges": [{"correlated_lon": p.lon, "correlated_lat": p.lat}]} for p in (a, b)])
    cells = [
        [{"time": 0, "distance": 0}, {"time": 60, "distance": 1.5}],
        [{"time": None, "distance": None}, {"time": 0, "distance": 0}],
    ]
    engine.first = [here, said({"sources_to_targets": cells})]

    travel = between([a, b], road("valhalla", engine))

    assert travel.seconds.tolist() == [[0, 60], [LONGEST, 0]]
    assert travel.metres.tolist() == [[0, 1500], [LONGEST, 0]]


def test_a_long_day_fits_the_addresses_servers_take(engine):
    dice = random.Random(3)
    many = [Place(round(dice.uniform(5, 6), 6), round(dice.uniform(46, 47), 6)) for _ in range(301)]

    travel = between(many, road("osrm", engine, limit=400))

    assert not travel.estimated, "seed 3"
    assert max(len(path) for path in engine.asked) < 8_000
