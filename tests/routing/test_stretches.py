"""What is said fast of a day's pauses is what the thorough timing says."""

import random

import pytest

from routing.problem import Rests
from routing.schedule.labels import rested
from routing.schedule.stretches import can_be_rested
from routing.schedule.timing import Line, Run
from tests.routing.build import HOUR, MINUTE, vehicle
from tests.routing.test_pauses import RULES, random_line


@pytest.mark.parametrize("rule", RULES)
def test_a_day_can_be_rested_where_the_timing_finds_one(rule):
    dice = random.Random(f"stretches {rule}")
    for number in range(300):
        line = random_line(dice, RULES[rule], windows=1 + number % 2, halts=6)
        if number % 3 == 0:
            line = Line(line.vehicle, line.ways, line.spans, line.windows, [0] * len(line.ready))

        assert can_be_rested(line) == isinstance(rested(line, hurry=True), Run), (number, line)


def test_in_brief_a_day_that_only_two_pauses_save_is_refused():
    van = vehicle(shift=(6 * HOUR, 10 * HOUR + 30 * MINUTE), rests=Rests.once(2 * HOUR, 30 * MINUTE))
    exactly = [(6 * HOUR + minutes * MINUTE,) * 2 for minutes in (30, 100, 170, 240)]
    line = Line(van, [30 * MINUTE] * 5, [0] * 4, [(window,) for window in exactly], [0] * 5)

    assert can_be_rested(line)
    assert not can_be_rested(line, brief=True)
