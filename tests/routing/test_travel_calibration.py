"""Legs that were driven correct what is expected of the next, as far as they can bear it."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from routing.problem import Place
from routing.travel import Fit, Leg, TooFewLegs, TravelSettings, calibrate, estimate, expected, great_circle
from routing.travel.fitting import fit_curve

PLAIN = TravelSettings(margin=0)


def legs(count, factor=1.3, *, seed=1, scatter=0.25, profile="", hours=lambda dice: dice.randint(8, 16)):
    """Make legs that take `factor` times the estimate, give or take."""
    dice = random.Random(seed)
    points = [Place(round(dice.uniform(5.5, 6.0), 5), round(dice.uniform(46.7, 47.0), 5)) for _ in range(30)]
    made = []
    for _ in range(count):
        ends = dice.sample(points, 2)
        hour = hours(dice)
        slower = factor(hour) if callable(factor) else factor
        took = estimate(ends, PLAIN).seconds[0, 1] * slower * dice.lognormvariate(0, scatter)
        made.append(Leg(ends[0], ends[1], round(took), hour, profile))
    return made


def learn(driven, **more):
    return calibrate(driven, expected(driven, TravelSettings()), **more)


@pytest.mark.parametrize("seed", range(5))
def test_many_legs_give_the_factor_they_were_driven_with(seed):
    learnt = learn(legs(600, 1.3, seed=seed))

    assert learnt.factors[""] == pytest.approx(1.3, rel=0.04), f"seed {seed}"
    assert learnt.used == learnt.legs == 600
    assert learnt.after < learnt.before


def test_too_few_legs_are_refused_with_a_sentence():
    with pytest.raises(TooFewLegs, match=r"calibration: 29 of 29 legs can be used, expected 30 or more"):
        learn(legs(29))
    with pytest.raises(TooFewLegs, match="0 of 0 legs"):
        calibrate([], [])


def test_few_legs_move_the_factor_part_of_the_way():
    few, many = learn(legs(30, 2.0, scatter=0.01)), learn(legs(300, 2.0, scatter=0.01))

    assert 1.5 < few.factors[""] < 1.85 < many.factors[""] < 2.0


def test_lunch_and_wrong_scans_do_not_count():
    driven = legs(200, 1.2, scatter=0.1)
    wild = [replace(leg, seconds=leg.seconds * 30) for leg in driven[:30]]
    short = [replace(leg, seconds=3) for leg in driven[30:50]]

    learnt = learn([*wild, *short, *driven[50:]])

    assert learnt.used == 150
    assert learnt.factors[""] == pytest.approx(1.2, rel=0.05)


def test_a_profile_with_few_legs_leans_on_the_others():
    learnt = learn([*legs(300, 1.2, profile="van", scatter=0.1), *legs(8, 1.8, profile="truck", scatter=0.1, seed=2)])

    assert learnt.factors["van"] == pytest.approx(1.2, rel=0.03)
    assert 1.25 < learnt.factors["truck"] < 1.6
    assert learnt.counts == {"van": 300, "truck": 8}


def test_hours_that_differ_get_their_own_factor():
    learnt = learn(legs(600, lambda hour: 1.6 if hour in (8, 9) else 1.1, scatter=0.2))

    assert learnt.hours[""][8] == pytest.approx(1.6, rel=0.12)
    assert learnt.hours[""][14] == pytest.approx(1.1, rel=0.12)
    assert learnt.factor("", (8, 10)) > learnt.factor("", (10, 16))


def test_hours_that_differ_by_chance_do_not():
    """One in a hundred would, by the rule; the seeds are fixed."""
    assert [seed for seed in range(20) if learn(legs(200, seed=seed)).hours] == []


def test_an_hour_with_few_legs_is_not_looked_at():
    def hours(dice):
        return dice.choices([8, 12, 15], [1, 20, 20])[0]

    learnt = learn(legs(300, lambda hour: 2.0 if hour != 12 else 1.1, hours=hours, scatter=0.1))

    assert set(learnt.hours[""]) == {12, 15}
    assert learnt.factor("", (8, 9)) == learnt.factors[""]


def test_the_margin_covers_what_jams_add_to_all_ways_together():
    driven = [
        replace(leg, seconds=leg.seconds * (3 if number % 10 == 0 else 1))
        for number, leg in enumerate(legs(500, 1.2, scatter=0.1))
    ]

    learnt = learn(driven)
    slow = learnt.settings(TravelSettings())

    assert learnt.margin > 0.1
    total = expected(driven, replace(slow, margin=0)).sum() * (1 + slow.margin)
    assert total == pytest.approx(sum(leg.seconds for leg in driven), rel=0.01)


def test_a_curve_is_given_when_it_foresees_unseen_legs_better():
    bent = Fit(200, 0.02, 6)
    driven = [
        replace(leg, seconds=round(float(bent.over(great_circle([leg.source, leg.target]))[0, 1]) * (1 + number % 7 / 50)))
        for number, leg in enumerate(legs(200))
    ]

    assert learn(driven, curve=True).fit is not None
    assert learn(driven).fit is None
    assert learn(legs(200, scatter=0.3), curve=True).fit is None


def test_settings_for_roads_take_the_factor_and_for_estimates_the_coefficients():
    learnt = learn(legs(400, 1.5, scatter=0.1))

    road = learnt.settings(TravelSettings(source="osrm", url="http://127.0.0.1:5000"))
    guess = learnt.settings(TravelSettings())

    assert road.factor == pytest.approx(1.5, rel=0.03)
    assert guess.seconds.b == pytest.approx(0.055 * 1.5, rel=0.03)
    assert guess.margin < 0.05


def test_legs_are_not_compared_with_a_stopgap():
    with pytest.raises(ValueError, match=r"calibration: The table gone.csv cannot be read"):
        expected(legs(3), TravelSettings(source="table", file=Path("gone.csv")))


def test_the_same_legs_say_the_same():
    driven = legs(300, lambda hour: 1.6 if hour == 8 else 1.1)

    assert learn(driven) == learn(driven)
    assert learn(driven).says.startswith("From 300 of 300 legs: a way was off by ")


@pytest.mark.parametrize("wrong", [{"seconds": -1}, {"hour": 24}])
def test_a_leg_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="leg: "):
        replace(legs(1)[0], **wrong)


@pytest.mark.parametrize("truth", [Fit(60, 0.05, 3), Fit(0, 0.06, 0), Fit(100, 0, 5), Fit(300, 0, 0)])
def test_a_fit_finds_the_curve_in_spite_of_one_wild_way_in_five(truth):
    distances = np.linspace(300, 40_000, 200)
    took = truth.over(distances)
    took[::5] *= 4

    found = fit_curve(distances, took)

    assert found.over(distances) == pytest.approx(truth.over(distances), rel=0.02)


def test_a_fit_needs_three_ways_with_a_length():
    with pytest.raises(ValueError, match="2 ways, expected 3 or more, all above 0"):
        fit_curve(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="all above 0"):
        fit_curve(np.array([0.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]))
