"""An invented day has the shape it says, and is the same wherever it is made."""

import hashlib

import pytest

from routing.days import HEIGHT, PAUSE, WIDTH, generate
from routing.instances import parse, written
from routing.problem import HOUR

MANY = generate(calls=1_000, vehicles=40, seed=3)


def share(holds):
    return sum(map(bool, holds)) / len(MANY.calls)


def test_the_same_numbers_give_the_same_day():
    told = written(generate(calls=30, vehicles=3, seed=11))

    assert told == written(generate(calls=30, vehicles=3, seed=11))
    assert told != written(generate(calls=30, vehicles=3, seed=12))


def test_the_day_is_the_same_on_every_machine():
    told = hashlib.sha256(written(generate(calls=30, vehicles=3, seed=11)).encode()).hexdigest()

    assert told.startswith("2e4820f00ca9285e")


def test_half_the_calls_are_open_for_four_hours():
    lengths = [closes - opens for call in MANY.calls for opens, closes in call.windows]

    assert set(lengths) == {4 * HOUR, 10 * HOUR}
    assert share(length == 4 * HOUR for length in lengths) == pytest.approx(0.5, abs=0.05)


def test_two_in_five_are_optional_and_one_in_seven_is_narrow():
    assert share(call.prize is not None for call in MANY.calls) == pytest.approx(0.4, abs=0.05)
    assert share(call.tags for call in MANY.calls) == pytest.approx(0.15, abs=0.04)


def test_crates_and_kilograms_go_both_ways():
    assert MANY.dimensions == ("crates", "kg")
    assert share(call.delivers for call in MANY.calls) == pytest.approx(0.6, abs=0.05)
    assert share(call.collects for call in MANY.calls) == pytest.approx(0.8, abs=0.05)
    assert share(call.delivers and call.collects for call in MANY.calls) == pytest.approx(0.4, abs=0.05)


def test_calls_lie_in_villages_on_the_map():
    near = [sorted(row)[5] < 2_000 for row in MANY.metres.tolist()]

    assert sum(near) > 0.6 * len(near)
    assert MANY.metres.max() < 1.2 * (WIDTH**2 + HEIGHT**2) ** 0.5 + 20 * (WIDTH + HEIGHT) ** 0.5


def test_a_driver_has_ten_hours_a_pause_and_one_unloading():
    van = MANY.vehicles[0]

    assert van.shift[1] - van.shift[0] == 10 * HOUR
    assert van.rests == PAUSE
    assert (van.unloads, len(van.centres)) == (1, 1)
    assert {vehicle.tags for vehicle in MANY.vehicles} == {frozenset(), frozenset({"narrow"})}


def test_every_call_fits_a_van_that_may_come():
    for call in MANY.calls:
        able = [vehicle for vehicle in MANY.vehicles if call.tags <= vehicle.tags]
        assert any(
            max(out, back) <= room
            for vehicle in able
            for out, back, room in zip(call.deliver, call.collect, vehicle.capacity, strict=True)
        )


def test_a_day_that_was_written_is_read_back():
    day = generate(calls=20, vehicles=2)

    assert parse(written(day)).problem.calls == day.calls


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"calls": 0}, "calls: expected 1 or more"),
        ({"vehicles": 0}, "vehicles: expected 1"),
        ({"calls": 10_000}, "10,001 places: at most 5,000"),
    ],
)
def test_a_day_without_calls_or_vans_or_with_too_many_is_refused(numbers, sentence):
    with pytest.raises(ValueError, match=sentence):
        generate(**numbers)
