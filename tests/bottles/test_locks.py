"""What is fixed for a stop on a day: the last word counts, and plans made before are told of it."""

from datetime import timedelta

import pytest

from bottles import locks
from bottles.db import find
from bottles.errors import Conflict, NotFound
from bottles.locks import FIRST, LAST
from bottles.vehicles import Vehicle
from tests import build
from tests.build import NOON, TUESDAY

CELLAR, VAN = "cellar", "van-1"
LATER = NOON + timedelta(minutes=5)


def fix(session, cast, *, at=NOON, **what):
    return locks.fix(session, CELLAR, TUESDAY, person=cast.coordinator.person, at=at, **what)


def test_the_last_word_on_a_stop_counts_on_its_day_alone(session, cast):
    fix(session, cast, vehicle=VAN, position=FIRST)
    fix(session, cast, position=LAST, hours=(480, 540), at=LATER)

    lock = locks.on(session, TUESDAY)[CELLAR]
    assert (lock.vehicle, lock.position, lock.hours, lock.made_at) == (None, LAST, (480, 540), LATER)
    assert locks.on(session, TUESDAY + timedelta(days=1)) == {}


def test_a_stop_that_is_let_go_is_fixed_no_more_and_plans_made_before_are_told(session, cast):
    fix(session, cast, vehicle=VAN)
    plan = build.plan(session, cast, [build.pickup(session, cast)], publish=False)
    plan.made_at = NOON
    assert locks.since(session, plan) == []

    fix(session, cast, at=LATER)

    assert locks.on(session, TUESDAY) == {}
    [(lock, point, _)] = locks.since(session, plan)
    assert (lock.point, point.id, lock.holds) == (CELLAR, CELLAR, False)


def test_a_stop_that_was_let_go_can_be_fixed_again(session, cast):
    for number, vehicle in enumerate([VAN, None, VAN]):
        fix(session, cast, vehicle=vehicle, at=NOON + timedelta(minutes=number))
        session.flush()

    assert locks.on(session, TUESDAY)[CELLAR].vehicle == VAN


def test_a_stop_is_not_fixed_to_a_vehicle_that_goes_out_no_more(session, cast):
    find(session, Vehicle, VAN).active = False

    with pytest.raises(Conflict, match="choose another"):
        fix(session, cast, vehicle=VAN)
    assert locks.on(session, TUESDAY) == {}


def test_hours_that_end_before_they_begin_are_refused(session, cast):
    with pytest.raises(Conflict, match="end before they begin"):
        fix(session, cast, hours=(600, 540))


@pytest.mark.parametrize(("point", "vehicle"), [(CELLAR, "no-van"), ("no-point", VAN)])
def test_what_does_not_exist_is_not_fixed(session, cast, point, vehicle):
    with pytest.raises(NotFound):
        locks.fix(session, point, TUESDAY, vehicle=vehicle, person=cast.coordinator.person, at=NOON)
