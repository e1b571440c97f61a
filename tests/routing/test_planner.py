"""From open tasks to a plan version and, minutes later, to the next: what the database says reaches the problem."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from bottles import codes, intake, routes
from bottles.crates import Move
from bottles.db import find, reading, transaction
from bottles.errors import Conflict
from bottles.events import EventKind
from bottles.people import Role
from bottles.points import Point
from bottles.routes import Outcome, Plan, Stop, StopTask, Visit
from bottles.vehicles import Vehicle
from bottles.wire import NewEvent
from routing import planner
from routing.planner.asking import read
from routing.problem import HEAVY, LIGHT, MINUTE, NO_RESTS, Rests
from routing.search import first
from tests.web.build_day import author
from tests.web.days import DAWN, TUESDAY

PARIS = ZoneInfo("Europe/Paris")


def change(engine, **facts):
    with transaction(engine) as session:
        for vehicle in session.exec(select(Vehicle)):
            vehicle.sqlmodel_update(facts)
            session.add(vehicle)


def problem_of(engine, settings):
    with transaction(engine) as session:
        return planner.planning.with_ways(read(session, TUESDAY, settings, at=DAWN), settings).problem


def published(engine, settings):
    """Plan the day with one van only, and let that plan stand."""
    with transaction(engine) as session:
        for vehicle in session.exec(select(Vehicle).where(Vehicle.id != "fourgon-1")):
            vehicle.active = False
    plan = planner.plan_day(engine, TUESDAY, settings, first, at=DAWN)
    with transaction(engine) as session:
        routes.publish(session, plan, author(session, Role.COORDINATOR).person, at=DAWN, today=TUESDAY)
    return plan


def stops_of(session, plan):
    query = select(Stop, StopTask.task).join(StopTask).join(routes.Route).where(routes.Route.plan == plan)
    return list(session.exec(query.order_by(col(Stop.position))))


def end_first(engine, plan, kind=EventKind.STOP_DONE, take=10, leave=5, **facts):
    """Let the driver end the first stop as planned; return its task and when."""
    with transaction(engine) as session:
        stop, task = stops_of(session, plan)[0]
        driver, at = author(session, Role.DRIVER), stop.leaves
        visit = {"task": task, "plan_version": plan, "device": "phone", "at": at}
        counts = [(Move.COLLECT, take), (Move.DROP, leave)]
        told = [
            {"kind": EventKind.COUNT, "move": move, "item": "casier-12", "quantity": n, "point": stop.point}
            for move, n in counts
        ]
        for number, fact in enumerate([*told, {"kind": kind, **facts}], 1):
            event = NewEvent.model_validate({"id": codes.uuid7(at, number), "sequence": number, **visit, **fact})
            intake.record(session, event, driver, at=at)
        assert session.get(Visit, (task, plan)).outcome is not None
        return task, at


@pytest.mark.parametrize(
    ("word", "rests"),
    [("light", LIGHT), ("heavy", HEAVY), ("none", NO_RESTS), ("once", Rests.once(6 * 3600, 30 * MINUTE))],
)
def test_a_vehicle_pauses_by_the_rules_it_names(asked, settings, word, rests):
    change(asked, rests=word, break_after_minutes=360, break_minutes=30)

    assert {van.rests for van in problem_of(asked, settings).vehicles} == {rests}


def test_overtime_and_unloading_reach_the_problem(asked, settings):
    change(asked, unloads=2, unload_minutes=20, overtime_minutes=30, overtime_cents_per_hour=3600)

    van = problem_of(asked, settings).vehicles[0]

    assert (van.unloads, van.centres[0].seconds, van.overtime, van.cost_per_overtime_hour) == (2, 1200, 1800, 3600)


def test_vehicles_are_back_before_their_centre_closes_unless_it_names_no_hours(asked, settings):
    assert {van.back_by for van in problem_of(asked, settings).vehicles} == {18 * 3600}

    with transaction(asked) as session:
        find(session, Point, "pont-du-navoy").hours = {}

    assert {van.back_by for van in problem_of(asked, settings).vehicles} == {None}


def test_a_halt_is_paid_once_and_each_crate_by_itself(asked, settings):
    calls = problem_of(asked, settings).calls

    assert {(call.setup, call.service) for call in calls} == {(300, 20 * 15)}


def test_an_unloading_on_the_way_is_kept_with_its_hours(asked, settings):
    with transaction(asked) as session:
        for vehicle in session.exec(select(Vehicle)):
            vehicle.active = vehicle.id == "fourgon-1"
    change(asked, crates=12, unloads=1, unload_minutes=20)

    plan = planner.plan_day(asked, TUESDAY, settings, first, at=DAWN)

    with reading(asked) as session:
        (route,) = routes.of_plan(session, plan)
        (unload,) = route.unloads
        assert unload["after"] == 1
        gone = datetime.fromisoformat(unload["leaves"]) - datetime.fromisoformat(unload["starts"])
        assert gone >= timedelta(minutes=20)
        assert [stop.position for stop in routes.stops(session, route.id)] == [1, 2]


def test_a_plan_that_cannot_be_driven_is_refused(asked, settings):
    def cheat(problem):
        return replace(first(problem), cost=1)

    with pytest.raises(Conflict, match="cannot be driven"):
        planner.plan_day(asked, TUESDAY, settings, cheat, at=DAWN)

    with reading(asked) as session:
        assert routes.versions(session, TUESDAY) == []


@pytest.mark.parametrize(("moving", "drives"), [(None, "fourgon-hayon"), (0, "fourgon-hayon"), (1_000_000, "fourgon-1")])
def test_a_day_planned_again_moves_what_is_worth_its_price(asked, settings, moving, drives):
    published(asked, settings)
    with transaction(asked) as session:
        find(session, Vehicle, "fourgon-1").fixed_cents = 9_000
        find(session, Vehicle, "fourgon-hayon").active = True

    again = planner.plan_day(asked, TUESDAY, settings, first, moving=moving, at=DAWN)

    with reading(asked) as session:
        assert {route.vehicle for route in routes.of_plan(session, again)} == {drives}
        assert (find(session, Plan, again).follows, find(session, Plan, again).left_out) == (None, [])


def test_a_day_is_under_way_once_somebody_left_or_told_of_a_stop(asked, settings):
    plan = published(asked, settings)

    with reading(asked) as session:
        leaves = routes.of_plan(session, plan)[0].departs
        assert not planner.is_under_way(session, TUESDAY, at=leaves - timedelta(minutes=1), zone=PARIS)
        assert planner.is_under_way(session, TUESDAY, at=leaves, zone=PARIS)
        assert not planner.is_under_way(session, TUESDAY + timedelta(days=1), at=leaves, zone=PARIS)


def test_what_is_done_stays_with_its_version_and_the_rest_goes_on_from_there(asked, settings):
    plan = published(asked, settings)
    task, at = end_first(asked, plan)

    again = planner.replan_day(asked, TUESDAY, settings, first, at=at + timedelta(minutes=5))

    with reading(asked) as session:
        made, before = find(session, Plan, again), find(session, Plan, plan)
        assert (made.version, made.follows) == (2, before.version)
        ((stop, left),) = stops_of(session, again)
        old, planned = stops_of(session, plan)[1]
        assert left == planned != task
        assert stop.position == 2
        assert abs(stop.starts - old.starts) < timedelta(minutes=2)
        (route,) = routes.of_plan(session, again)
        assert route.departs >= at
        assert route.peak_crates >= 20
        assert made.left_out == []


def test_a_version_that_goes_on_from_another_can_stand(asked, settings):
    plan = published(asked, settings)
    _, at = end_first(asked, plan)
    again = planner.replan_day(asked, TUESDAY, settings, first, at=at)

    with transaction(asked) as session:
        routes.publish(session, again, author(session, Role.COORDINATOR).person, at=at, today=TUESDAY)
        third_at = at + timedelta(minutes=1)

    third = planner.replan_day(asked, TUESDAY, settings, first, at=third_at)

    with reading(asked) as session:
        assert find(session, Plan, third).follows == 2
        assert [stop.position for stop, _ in stops_of(session, third)] == [2]


def test_a_call_missed_today_waits_for_another_day_and_says_so(asked, settings):
    plan = published(asked, settings)
    task, at = end_first(asked, plan, EventKind.STOP_MISSED, take=0, leave=0, reason="closed")

    again = planner.replan_day(asked, TUESDAY, settings, first, at=at)

    with reading(asked) as session:
        assert session.get(Visit, (task, plan)).outcome is Outcome.MISSED
        (left,) = find(session, Plan, again).left_out
        assert (left["task"], left["message"]) == (task, "A vehicle was there today already.")


def test_a_day_without_a_plan_that_stands_is_not_planned_on(asked, settings):
    with pytest.raises(Conflict, match="No plan stands"):
        planner.replan_day(asked, TUESDAY, settings, first, at=DAWN)


def test_a_vehicle_made_smaller_under_way_goes_on_with_what_it_carries_and_the_plan_says_so(asked, settings):
    plan = published(asked, settings)
    _, at = end_first(asked, plan)
    change(asked, crates=9)

    later = planner.replan_day(asked, TUESDAY, settings, first, at=at + timedelta(minutes=5))

    with reading(asked) as session:
        (note,) = find(session, Plan, later).notes
        assert note["message"] == planner.OVERLOADED
        # ten crates taken, five empties for the next stop
        assert note["values"] == {"vehicle": "Fourgon 1", "load": "15", "most": "9", "dimension": "crates"}
        assert find(session, Plan, plan).notes == []
