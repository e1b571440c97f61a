"""A plan keeps to what a coordinator has fixed for a stop, and is not published when it does not."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import locks, pickups, routes
from bottles.db import find, reading, transaction
from bottles.errors import Conflict
from bottles.locks import FIRST, LAST
from bottles.people import Role
from bottles.pickups import Pickup, PickupLine
from bottles.routes import Plan, Task
from bottles.vehicles import Vehicle
from routing import planner
from routing.planner import demand_holds
from routing.search import first
from tests.web.build_day import author
from tests.web.days import DAWN, TUESDAY

from .test_planner import stops_of


def fix(engine, point, day=TUESDAY, **what):
    with transaction(engine) as session:
        locks.fix(session, point, day, person=author(session, Role.COORDINATOR).person, at=DAWN, **what)


def change(engine, vehicle, **facts):
    with transaction(engine) as session:
        find(session, Vehicle, vehicle).sqlmodel_update(facts)


def planned(engine, settings):
    """Give the points in the order of the plan, each with its vehicle and the hour at which it starts."""
    plan = planner.plan_day(engine, TUESDAY, settings, first, at=DAWN)
    with reading(engine) as session:
        vehicle = {route.id: route.vehicle for route in routes.of_plan(session, plan)}
        return [(stop.point, vehicle[stop.route], stop.starts) for stop, _ in stops_of(session, plan)]


@pytest.mark.parametrize("vehicle", ["fourgon-1", "fourgon-hayon"])
def test_a_stop_rides_with_the_vehicle_it_is_fixed_to(asked, settings, vehicle):
    fix(asked, "poligny", vehicle=vehicle)

    assert ("poligny", vehicle) in [stop[:2] for stop in planned(asked, settings)]


@pytest.mark.parametrize("point", ["arbois", "poligny"])
@pytest.mark.parametrize(("position", "index"), [(FIRST, 0), (LAST, -1)])
def test_a_stop_has_the_place_in_its_route_that_it_is_fixed_to(asked, settings, point, position, index):
    for town in ("arbois", "poligny"):
        fix(asked, town, vehicle="fourgon-1", position=position if town == point else None)

    stops = planned(asked, settings)

    assert [stop[0] for stop in stops][index] == point
    assert len(stops) == 2


def test_hours_that_were_agreed_count_instead_of_the_points_own(asked, settings):
    fix(asked, "poligny", hours=(12 * 60 + 30, 12 * 60 + 45))

    [starts] = [starts for point, _, starts in planned(asked, settings) if point == "poligny"]

    assert "10:30" <= starts.strftime("%H:%M") <= "10:45"  # in UTC; its cellar is closed at noon


def test_two_calls_of_one_fixed_stop_are_answered_together_and_published(asked, settings):
    with transaction(asked) as session:
        person = author(session, Role.COORDINATOR).person
        pickups.request(session, "cave", "arbois", [pickups.Crates("casier-12", 3, 0)], person, ready_from=TUESDAY, at=DAWN)
    fix(asked, "arbois", vehicle="fourgon-1", position=LAST)

    plan = planner.plan_day(asked, TUESDAY, settings, first, at=DAWN)

    demand_holds(asked, plan, settings)
    with reading(asked) as session:
        last = stops_of(session, plan)[-1][0]
        assert (last.point, len(routes.tasks_at(session, last.id))) == ("arbois", 2)


def left_out(engine, settings):
    """Plan the day, and give what a coordinator reads of the one call that is left out."""
    plan = planner.plan_day(engine, TUESDAY, settings, first, at=DAWN)
    with reading(engine) as session:
        [left] = find(session, Plan, plan).left_out
        return left["message"] % left["values"]


def test_two_first_stops_of_one_vehicle_cannot_both_be_kept(asked, settings):
    for town in ("arbois", "poligny"):
        fix(asked, town, vehicle="fourgon-1", position=FIRST)

    assert left_out(asked, settings).startswith("It waits for Fourgon 1; ")


def test_what_its_vehicle_cannot_carry_is_the_locks_fault_and_not_the_fleets(asked, settings):
    change(asked, "fourgon-1", crates=1)
    fix(asked, "poligny", vehicle="fourgon-1")

    assert left_out(asked, settings).startswith("It waits for Fourgon 1; ")


def test_what_is_fixed_to_a_vehicle_that_goes_out_no_more_says_so_by_its_name(asked, settings):
    fix(asked, "poligny", vehicle="fourgon-1")
    change(asked, "fourgon-1", active=False)

    assert left_out(asked, settings) == "Only Fourgon 1 may answer it, and does not go out this day."


def test_agreed_hours_that_nobody_can_keep_are_not_called_opening_hours(asked, settings):
    fix(asked, "poligny", hours=(60, 65))

    assert left_out(asked, settings).startswith("Nobody can be there in the hours agreed; until ")


def test_a_stop_whose_first_call_is_left_out_is_published_with_the_other(asked, settings):
    with transaction(asked) as session:
        person = author(session, Role.COORDINATOR).person
        pickups.request(session, "cave", "poligny", [pickups.Crates("casier-12", 3, 0)], person, ready_from=TUESDAY, at=DAWN)
        [large] = session.exec(select(Pickup).where(Pickup.point == "poligny").order_by(Pickup.id).limit(1))
        session.get(PickupLine, (large.id, "casier-12")).take = 1000
    fix(asked, "arbois", vehicle="fourgon-1", hours=(480, 490))
    fix(asked, "poligny", vehicle="fourgon-1", position=FIRST)

    plan = planner.plan_day(asked, TUESDAY, settings, first, at=DAWN)

    with reading(asked) as session:
        assert len(find(session, Plan, plan).left_out) == 1
        assert [stop.point for stop, _ in stops_of(session, plan)] == ["arbois", "poligny"]
    demand_holds(asked, plan, settings)


@pytest.mark.parametrize(
    "what", [{"vehicle": "porteur-12t"}, {"vehicle": "fourgon-1", "position": LAST}, {"hours": (7 * 60, 7 * 60 + 1)}]
)
def test_a_plan_made_before_a_stop_was_fixed_otherwise_is_not_published(asked, settings, what):
    fix(asked, "arbois", vehicle="fourgon-1", position=FIRST)
    fix(asked, "poligny", vehicle="fourgon-1")
    plan = planner.plan_day(asked, TUESDAY, settings, first, at=DAWN)
    demand_holds(asked, plan, settings)
    fix(asked, "arbois", **what)

    with pytest.raises(Conflict, match="was fixed otherwise"):
        demand_holds(asked, plan, settings)


def test_a_stop_that_was_let_go_is_free(asked, settings):
    free = planned(asked, settings)
    fix(asked, "poligny", vehicle="porteur-12t")
    fix(asked, "poligny")

    assert planned(asked, settings) == free


def test_a_stop_fixed_to_another_vehicle_moves_there_whatever_moving_costs(asked, settings):
    fix(asked, "poligny", vehicle="fourgon-1")
    plan = planner.plan_day(asked, TUESDAY, settings, first, at=DAWN)
    with transaction(asked) as session:
        routes.publish(session, plan, author(session, Role.COORDINATOR).person, at=DAWN, today=TUESDAY)
    fix(asked, "poligny", vehicle="fourgon-hayon")

    again = planner.plan_day(asked, TUESDAY, settings, first, moving=1_000_000, at=DAWN)

    with reading(asked) as session:
        assert find(session, Plan, again).left_out == []
        assert "fourgon-hayon" in {route.vehicle for route in routes.of_plan(session, again)}


@pytest.mark.parametrize("day", [0, 1, 2])
def test_a_week_proposes_a_fixed_stop_for_its_day_as_it_is_fixed(asked, settings, day):
    days = [TUESDAY + timedelta(days=number) for number in range(3)]
    fix(asked, "poligny", days[day], vehicle="fourgon-hayon", hours=(12 * 60, 12 * 60 + 30))

    week = planner.propose_week(asked, days, settings, first, at=DAWN)

    with reading(asked) as session:
        points = {task.id: task.point for task in session.exec(select(Task))}
    there = [
        (told["day"], route["vehicle"])
        for told in week["days"]
        for route in told["routes"]
        if "poligny" in [points[task] for task in route["tasks"]]
    ]
    assert (there, week["left"]) == ([(days[day].isoformat(), "fourgon-hayon")], [])
