"""What is fixed for a stop on a day: the last word counts, and plans made before are told of it."""

from datetime import timedelta

import pytest

from bottles import locks, points
from bottles.db import find
from bottles.errors import Conflict, Invalid, NotFound
from bottles.locks import FIRST, LAST
from bottles.points import Point
from bottles.vehicles import Vehicle
from tests import build
from tests.build import NOON, TUESDAY

CELLAR, VAN = "cellar", "van-1"
LATER = NOON + timedelta(minutes=5)


def fix(session, cast, *, at=NOON, **what):
    return locks.fix(session, CELLAR, TUESDAY, person=cast.coordinator.person, at=at, **what)


def test_the_last_word_on_a_stop_counts_on_its_day_alone(session, cast):
    fix(session, cast, vehicle=VAN, position=FIRST)
    fix(session, cast, vehicle=VAN, position=LAST, hours=(480, 540), at=LATER)

    lock = locks.on(session, TUESDAY)[CELLAR]
    assert (lock.vehicle, lock.position, lock.hours, lock.made_at) == (VAN, LAST, (480, 540), LATER)
    assert locks.on(session, TUESDAY + timedelta(days=1)) == {}


def test_a_stop_that_is_let_go_is_fixed_no_more_and_plans_made_before_are_told(session, cast):
    fix(session, cast, vehicle=VAN)
    plan = build.plan(session, cast, [build.pickup(session, cast)], publish=False)
    plan.made_at = NOON
    assert locks.since(session, plan) == []

    fix(session, cast, at=LATER)

    assert locks.on(session, TUESDAY) == {}
    assert [point.id for point, _ in locks.since(session, plan)] == [CELLAR]


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


@pytest.mark.parametrize(
    ("what", "says", "field"),
    [
        ({"hours": (600, 540)}, "end before they begin", "closes"),
        ({"position": LAST}, "Choose the vehicle", "vehicle"),
    ],
)
def test_hours_that_end_before_they_begin_and_a_place_in_no_vehicles_route_are_refused(session, cast, what, says, field):
    with pytest.raises(Invalid, match=says) as refused:
        fix(session, cast, **what)
    assert refused.value.field == field


@pytest.mark.parametrize("what", [{"vehicle": VAN, "hours": (480, 540)}, {}])
def test_saying_the_same_again_is_no_change(session, cast, what):
    fix(session, cast, **what)
    plan = build.plan(session, cast, [build.pickup(session, cast)], publish=False)
    plan.made_at = NOON

    fix(session, cast, **what, at=LATER)

    assert locks.since(session, plan) == []


def test_a_vehicle_may_begin_in_the_hours_agreed_for_the_day_instead_of_the_points_own(session, cast):
    fix(session, cast, hours=(750, 780))
    cellar, held = find(session, Point, CELLAR), locks.on(session, TUESDAY)

    assert locks.windows(cellar, TUESDAY, held) == [(750, 780)]
    fix(session, cast, vehicle=VAN)
    assert locks.windows(cellar, TUESDAY, locks.on(session, TUESDAY)) == points.windows(cellar, TUESDAY) != []


@pytest.mark.parametrize(("point", "vehicle"), [(CELLAR, "no-van"), ("no-point", VAN)])
def test_what_does_not_exist_is_not_fixed(session, cast, point, vehicle):
    with pytest.raises(NotFound):
        locks.fix(session, point, TUESDAY, vehicle=vehicle, person=cast.coordinator.person, at=NOON)
