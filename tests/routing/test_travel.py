"""Estimated travel is honest: marked, never short of the great circle, and no detour pays."""

import numpy as np
import pytest

from routing.problem import Place
from routing.travel import Fit, Patience, TravelSettings, estimate, great_circle

ARBOIS, POLIGNY, SALINS = Place(5.7746, 46.9036), Place(5.7078, 46.8373), Place(5.8790, 46.9410)


def test_arbois_to_poligny_is_nine_kilometres_as_the_crow_flies():
    metres = great_circle([ARBOIS, POLIGNY])

    assert metres[0, 1] == pytest.approx(8_970, rel=0.01)
    assert metres[0, 1] == metres[1, 0]


def test_an_estimate_is_marked_and_no_shorter_than_the_great_circle():
    travel = estimate([ARBOIS, POLIGNY, SALINS])

    assert travel.estimated
    assert (travel.metres >= great_circle([ARBOIS, POLIGNY, SALINS])).all()
    assert (np.diag(travel.seconds) == 0).all()


def test_no_place_is_reached_sooner_over_another():
    travel = estimate([ARBOIS, POLIGNY, SALINS])

    for via in range(3):
        assert (travel.seconds <= travel.seconds[:, [via]] + travel.seconds[[via], :]).all()


def test_the_margin_lengthens_the_time_only():
    plain = estimate([ARBOIS, POLIGNY], TravelSettings(margin=0))
    slack = estimate([ARBOIS, POLIGNY], TravelSettings(margin=0.5))

    assert slack.seconds[0, 1] == pytest.approx(1.5 * plain.seconds[0, 1], abs=1)
    assert slack.metres[0, 1] == plain.metres[0, 1]


def test_no_places_need_no_travel():
    assert estimate([]).seconds.shape == (0, 0)


def test_wrong_settings_are_refused():
    with pytest.raises(ValueError, match="expected none below 0"):
        Fit(0, -1, 0)
    with pytest.raises(ValueError, match="margin is -1"):
        TravelSettings(margin=-1)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"source": "moon"}, "source is 'moon', expected one of circle, table, osrm, valhalla"),
        ({"source": "osrm", "url": "ftp://roads"}, "url is 'ftp://roads', expected http"),
        ({"source": "table"}, "source is 'table', and no file is named"),
        ({"factor": 0}, "factor is 0, expected more than 0"),
        ({"limit": 0}, "limit is 0, expected 1 or more"),
        ({"snap": -1}, "cache_days or snap is below 0"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(wrong, sentence):
    with pytest.raises(ValueError, match=f"travel: {sentence}"):
        TravelSettings(**wrong)


def test_patience_must_allow_for_one_try():
    with pytest.raises(ValueError, match="patience is"):
        Patience(tries=0)
