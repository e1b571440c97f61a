"""A plan keeps to what a coordinator has fixed for a stop, and is not published when it does not."""

import pytest

from bottles import locks, pickups, routes
from bottles.db import find, reading, transaction
from bottles.errors import Conflict
from bottles.locks import FIRST, LAST
from bottles.people import Role
from bottles.routes import Plan, StopTask
from routing import planner
from routing.planner import demand_holds
from routing.search import first
from tests.web.build_day import author
from tests.web.days import TUESDAY, ask
from web import planning

from .test_planner import DAWN, stops_of


@pytest.fixture
def settings(config):
    return planning.planner_settings(config)


@pytest.fixture
def asked(territory_engine):
    """Two pickups, one in Arbois and one in Poligny."""
    with transaction(territory_engine) as session:
        ask(session, DAWN)
    return territory_engine


def fix(engine, point, **what):
    with transaction(engine) as session:
        locks.fix(session, point, TUESDAY, person=author(session, Role.COORDINATOR).person, at=DAWN, **what)


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


def test_what_cannot_be_kept_to_is_left_out_with_its_reason(asked, settings):
    for town in ("arbois", "poligny"):
        fix(asked, town, vehicle="fourgon-1", position=FIRST)

    plan = planner.plan_day(asked, TUESDAY, settings, first, at=DAWN)

    with reading(asked) as session:
        [left] = find(session, Plan, plan).left_out
        assert left["message"].startswith(("It waits for", "It does not fit in its place"))
        assert len(list(session.exec(StopTask.__table__.select()))) == 1


@pytest.mark.parametrize("what", [{"vehicle": "porteur-12t"}, {"position": LAST}, {"hours": (7 * 60, 7 * 60 + 1)}])
def test_a_plan_made_before_a_stop_was_fixed_otherwise_is_not_published(asked, settings, what):
    fix(asked, "arbois", vehicle="fourgon-1", position=FIRST)
    fix(asked, "poligny", vehicle="fourgon-1")
    plan = planner.plan_day(asked, TUESDAY, settings, first, at=DAWN)
    demand_holds(asked, plan, settings)
    fix(asked, "arbois", **what)

    with pytest.raises(Conflict, match="plan again"):
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
