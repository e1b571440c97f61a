"""Plans and routes: what may be published, and who may be given a route."""

from datetime import timedelta

import pytest

from bottles import routes
from bottles.errors import Conflict, Invalid
from bottles.routes import PlanStatus, Route
from tests import build
from tests.build import NOON, TUESDAY


def test_a_plan_of_a_day_that_has_passed_is_not_published(session, cast):
    plan = build.plan(session, cast, [build.pickup(session, cast)], publish=False)

    with pytest.raises(Conflict, match="day has passed"):
        routes.publish(session, plan.id, cast.coordinator.person, at=NOON, today=TUESDAY + timedelta(days=1))

    assert plan.status is PlanStatus.DRAFT


def test_a_route_is_given_to_a_driver_and_taken_back(session, cast):
    route = build.route_of(session, build.plan(session, cast, [build.pickup(session, cast)]))

    assert routes.assign(session, route.id, None).driver is None
    assert routes.assign(session, route.id, cast.driver.person).driver == cast.driver.person


@pytest.mark.parametrize("who", ["washer", "nobody"])
def test_only_a_driver_is_given_a_route(session, cast, who):
    route = build.route_of(session, build.plan(session, cast, [build.pickup(session, cast)]))

    with pytest.raises(Invalid):
        routes.assign(session, route.id, cast.washer.person if who == "washer" else 0)

    assert route.driver == cast.driver.person


def test_a_driver_is_given_one_route_at_a_time(session, cast):
    route = build.route_of(session, build.plan(session, cast, [build.pickup(session, cast)]))
    facts = route.model_dump(exclude={"id", "driver"})
    at_the_same_time = Route(**facts)
    session.add(at_the_same_time)
    after = Route(**facts | {"departs": route.returns, "returns": route.returns + timedelta(hours=1)})
    session.add(after)
    session.flush()

    with pytest.raises(Conflict, match="another route at that time"):
        routes.assign(session, at_the_same_time.id, cast.driver.person)
    assert routes.assign(session, after.id, cast.driver.person).driver == cast.driver.person


def test_a_version_that_was_replaced_keeps_its_drivers(session, cast):
    task = build.pickup(session, cast)
    route = build.route_of(session, build.plan(session, cast, [task]))
    build.plan(session, cast, [task])

    with pytest.raises(Conflict, match="Another version stands"):
        routes.assign(session, route.id, None)
