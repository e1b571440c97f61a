"""A problem says in a sentence what is wrong with it."""

import numpy as np
import pytest

from routing.problem import Centre, Place, Problem, Rests, Shipment, Ways
from tests.routing import build


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: build.call(deliver=-1), "call a: a load is negative"),
        (lambda: build.call(service=-1), "call a: service is -1, expected 0 to 1,000,000,000,000,000"),
        (lambda: build.call(prize=-1), "call a: prize is -1"),
        (lambda: build.call(windows=((9, 8),)), "call a: windows overlap, run backwards"),
        (lambda: build.call(windows=((5, 9), (8, 12))), "call a: windows overlap"),
        (lambda: build.vehicle(crates=-1), "vehicle van: a capacity is negative"),
        (lambda: build.vehicle(shift=(9, 8)), "vehicle van: its shift runs backwards"),
        (lambda: build.vehicle(cost_per_km=-1), "vehicle van: cost_per_km is -1"),
        (lambda: build.vehicle(rests=Rests(work=0)), "rests: a limit is not within 1 to 1,000,000,000,000,000 s"),
        (lambda: Place(lon=200, lat=0), "not a position on Earth"),
        (lambda: build.line([build.call(place=9)], []), "call a: place 9 is unknown, there are 6"),
        (lambda: build.line([], [build.vehicle(end=9)]), "vehicle van: place 9 is unknown"),
        (lambda: build.line([build.call(), build.call()], []), "call a is there twice"),
        (lambda: build.line([], [build.vehicle(), build.vehicle()]), "vehicle van is there twice"),
        (lambda: build.line([build.call(setup=-1)], []), "call a: setup is -1"),
        (lambda: build.call(position=-2), "call a: position is -2, expected 0 for the first"),
        (lambda: Rests(parts=(-1, 1)), "rests: a pause is below 0 s"),
        (
            lambda: build.line([], [build.vehicle(crates=6, under_way=build.under_way(aboard=7))]),
            "vehicle van: 7 crates are aboard, more than its capacity of 6",
        ),
        (lambda: Centre(0, -1), "centre at place 0: seconds is -1"),
        (lambda: Rests(due=((9, 1), (3, 1))), "the pauses due are out of order"),
        (lambda: build.under_way(worked=-1), "a vehicle under way: a figure is negative"),
        (lambda: build.line([], [build.vehicle(profile=1)]), "vehicle van: profile 1 is unknown, the last is 0"),
        (
            lambda: build.line([], [build.vehicle(under_way=build.under_way(carries={"x"}))]),
            "call x is named, and there is none",
        ),
        (lambda: build.line([build.call()], [], apart=(frozenset({"b"}),)), "call b is named, and there is none"),
        (lambda: Shipment("a", "a", (1,)), "shipment from call a: it is left where it is taken"),
        (lambda: build.line([], [], balance_per_hour=-1), "balance_per_hour is -1"),
        (
            lambda: build.line([], [], others=(Ways(np.zeros((1, 1), int), np.zeros((1, 1), int)),)),
            "seconds of profile 1: shape is (1, 1)",
        ),
        *(
            (make, sentence)
            for huge in (10**15 + 1, 10**30)
            for make, sentence in (
                (lambda huge=huge: build.call(deliver=huge), "a load is negative, or above 1,000,000,000,000,000"),
                (lambda huge=huge: build.call(service=huge), f"call a: service is {huge}, expected 0 to 1,000,000,000,000,000"),
                (lambda huge=huge: build.call(prize=huge), f"call a: prize is {huge}, expected 0 to 1,000,000,000,000"),
                (lambda huge=huge: build.call(windows=((0, huge),)), "call a: a window closes after second"),
                (lambda huge=huge: build.vehicle(crates=huge), "vehicle van: a capacity is negative, or above"),
                (lambda huge=huge: build.vehicle(shift=(0, huge)), "vehicle van: its shift ends after second"),
                (lambda huge=huge: build.vehicle(cost_per_km=huge), f"cost_per_km is {huge}, expected 0 to 10,000,000"),
                (lambda huge=huge: build.vehicle(back_by=huge), f"vehicle van: back_by is {huge}, expected"),
                (lambda huge=huge: build.vehicle(rests=Rests(work=huge)), "rests: a limit is not within 1 to"),
                (lambda huge=huge: Rests.once(9, huge), "rests: a pause is above"),
                (lambda huge=huge: Centre(0, huge), f"centre at place 0: seconds is {huge}"),
                (lambda huge=huge: Shipment("a", "b", (huge,)), "shipment from call a: a load is negative, or above"),
                (lambda huge=huge: build.under_way(worked=huge), "a vehicle under way: a figure is negative, or above"),
                (lambda huge=huge: build.line([], [], balance_per_hour=huge), "balance_per_hour is"),
            )
        ),
        (lambda: build.line([], [build.vehicle(capacity=(1,))]), "capacity has 1 numbers, expected 2 (crates, kg)"),
    ],
)
def test_a_wrong_problem_is_refused_with_a_sentence(make, sentence):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the sentence is compared below, without its brackets escaped
        make()

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("matrix", "sentence"),
    [
        (np.zeros((2, 3), dtype=int), "seconds: shape is (2, 3), expected (2, 2)"),
        (np.array([[0, -1], [1, 0]]), "seconds: holds a negative number"),
        (np.zeros((2, 2)), "seconds: holds float64, expected whole numbers"),
    ],
)
def test_a_wrong_matrix_is_refused_with_a_sentence(matrix, sentence):
    places = (Place(5.6, 46.7), Place(5.7, 46.8))

    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the sentence is compared below, without its brackets escaped
        Problem(places, (), (), matrix, np.zeros((2, 2), dtype=int), ("crates",))

    assert sentence in str(refused.value)
