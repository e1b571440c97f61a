"""Nothing is published that the checker rejects, by what the database says when it is published."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import pickups, routes
from bottles.db import find, transaction
from bottles.errors import Conflict
from bottles.pickups import Pickup, PickupLine
from bottles.points import Point
from bottles.routes import PlanStatus
from bottles.vehicles import Vehicle
from routing import planner
from routing.planner import demand_holds
from routing.search import first
from tests.web.days import DAWN, OPEN, TUESDAY, ask
from web import planning

from .test_planner import end_first, published

MORNINGS = {day: [[480, 485]] for day in OPEN}


@pytest.fixture
def drafted(territory_engine, settings):
    """A draft for two pickups."""
    with transaction(territory_engine) as session:
        ask(session, DAWN)
    return planner.plan_day(territory_engine, TUESDAY, settings, first, at=DAWN)


def close_early(session):
    find(session, Point, "arbois").hours = MORNINGS
    find(session, Point, "poligny").hours = MORNINGS


def shrink(session):
    for vehicle in session.exec(select(Vehicle)):
        vehicle.crates = 12


def retire(session):
    for vehicle in session.exec(select(Vehicle)):
        vehicle.active = False


def lanes(session):
    find(session, Point, "poligny").tags = ["by-boat"]


def sleep_in(session):
    for vehicle in session.exec(select(Vehicle)):
        vehicle.starts = 840


def go_home(session):
    for vehicle in session.exec(select(Vehicle)):
        vehicle.ends = 500


def ask_for_more(session):
    for line in session.exec(select(PickupLine)):
        line.take = 90


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (close_early, "is not open any more at"),
        (shrink, "would carry more than it may now"),
        (ask_for_more, "would carry more than it may now"),
        (retire, "does not go out any more"),
        (lanes, "cannot come to Cave, poligny any more"),
        (sleep_in, "begins later than this plan has it"),
        (go_home, "ends sooner than this plan has it"),
    ],
)
def test_a_plan_that_the_world_has_left_behind_is_refused_in_a_sentence(territory_engine, settings, drafted, change, says):
    demand_holds(territory_engine, drafted, settings)
    with transaction(territory_engine) as session:
        change(session)

    with pytest.raises(Conflict) as refused:
        demand_holds(territory_engine, drafted, settings)

    assert says in str(refused.value)


def test_ways_that_take_longer_by_now_are_refused(territory_engine, config, settings, drafted):
    with transaction(territory_engine) as session:
        session.add(learnt(factor=3.0))
    with transaction(territory_engine) as session:
        slower = planning.calibrated(session, config)

    with pytest.raises(Conflict, match="take longer than this plan has it"):
        demand_holds(territory_engine, drafted, slower)


def test_one_crate_more_where_there_is_room_is_no_reason_to_refuse(territory_engine, settings, drafted):
    with transaction(territory_engine) as session:
        session.exec(select(PickupLine)).first().take += 1

    demand_holds(territory_engine, drafted, settings)


def test_a_call_that_was_cancelled_is_left_to_publishing_to_tell(territory_engine, settings, config, drafted):
    with transaction(territory_engine) as session:
        gone = session.exec(select(Pickup)).first()
        pickups.cancel(session, gone.id, gone.partner, at=DAWN)
        person = gone.person

    demand_holds(territory_engine, drafted, settings)
    with pytest.raises(Conflict, match="closed or cancelled meanwhile"):
        planning.publish(territory_engine, config, drafted, person, at=DAWN)


def test_a_plan_that_does_not_hold_stays_a_draft(territory_engine, config, drafted):
    with transaction(territory_engine) as session:
        shrink(session)
        person = session.exec(select(Pickup.person)).first()

    with pytest.raises(Conflict):
        planning.publish(territory_engine, config, drafted, person, at=DAWN)

    with transaction(territory_engine) as session:
        assert find(session, routes.Plan, drafted).status is PlanStatus.DRAFT


def test_a_version_that_goes_on_from_another_is_judged_where_no_position_is_needed(territory_engine, settings):
    with transaction(territory_engine) as session:
        ask(session, DAWN)
    plan = published(territory_engine, settings)
    _, at = end_first(territory_engine, plan)
    later = planner.replan_day(territory_engine, TUESDAY, settings, first, at=at + timedelta(minutes=5))
    demand_holds(territory_engine, later, settings)

    with transaction(territory_engine) as session:
        close_early(session)

    with pytest.raises(Conflict, match="is not open any more"):
        demand_holds(territory_engine, later, settings)


def learnt(**facts):
    from bottles.calibrations import Calibration

    factor = facts.pop("factor")
    return Calibration(source="circle", factors={"car": factor, "truck": factor}, legs=40, used=40, before=0.5, after=0.1,
                       made_at=DAWN)  # fmt: skip
