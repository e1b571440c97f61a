"""A route is closed when what was loaded was handed over, or the driver says why it was not; late acts change the balance."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from bottles import closing, crates, events, intake, routes
from bottles.closing import Closing, Ended, Moved
from bottles.crates import Move
from bottles.events import EventKind, Receipt
from bottles.intake import Author
from bottles.people import Person, Role
from bottles.routes import Route
from bottles.wire import NewEvent
from tests import build
from tests.build import NOON, Cast

EVENING = NOON + timedelta(hours=6)


@pytest.fixture
def route(session: Session, cast: Cast) -> Route:
    return build.route_of(session, build.plan(session, cast, [build.pickup(session, cast, take=8, leave=6)]))


@pytest.fixture
def visit(session: Session, route: Route) -> dict[str, object]:
    task = routes.tasks_at(session, routes.stops(session, route.id or 0)[0].id or 0)[0]
    return {"task": task.id, "plan_version": route.plan, "route": route.id, "point": "cellar", "holder": "van-1"}


def tell(session: Session, cast: Cast, route: Route, *news: NewEvent) -> Ended:
    for new in news:
        assert intake.record(session, new, cast.driver, at=EVENING) is Receipt.KEPT
    session.flush()
    return closing.ended(session, route.id or 0)[route.id or 0]


def load(cast: Cast, route: Route, quantity: int, item: str = "crate12") -> NewEvent:
    return cast.count(Move.LOAD, item, quantity, route=route.id, plan_version=route.plan, holder="van-1")


def close(cast: Cast, route: Route, **facts: object) -> NewEvent:
    return cast.event(EventKind.ROUTE_CLOSED, at=EVENING, route=route.id, plan_version=route.plan, **facts)


def test_a_route_is_open_until_its_driver_closes_it(session, cast, route):
    assert tell(session, cast, route, load(cast, route, 6)).state is Closing.OPEN


def test_what_was_taken_goes_home_and_needs_no_explanation(session, cast, route, visit):
    drop, take = cast.count(Move.DROP, "crate12", 6, **visit), cast.count(Move.COLLECT, "crate12", 8, **visit)

    found = tell(session, cast, route, load(cast, route, 6), drop, take, close(cast, route))

    assert (found.state, found.at) == (Closing.CLOSED, EVENING)
    assert [row.aboard for row in found.balance] == [Moved(8)]


def test_a_balance_without_a_word_needs_a_look(session, cast, route, visit):
    drop = cast.count(Move.DROP, "crate12", 4, **visit)

    found = tell(session, cast, route, load(cast, route, 6), drop, close(cast, route))

    assert (found.state, [row.over for row in found.over]) == (Closing.UNCLEAR, [Moved(2)])


def test_a_balance_may_be_explained(session, cast, route):
    found = tell(session, cast, route, load(cast, route, 6), close(cast, route, note="six came home again"))

    assert (found.state, found.note) == (Closing.EXPLAINED, "six came home again")


def test_more_left_than_loaded_needs_a_look_too(session, cast, route, visit):
    found = tell(session, cast, route, load(cast, route, 6), cast.count(Move.DROP, "crate12", 7, **visit), close(cast, route))

    assert (found.state, [row.over for row in found.over]) == (Closing.UNCLEAR, [Moved(-1)])


def test_where_nobody_told_what_was_loaded_it_is_what_was_handed_over(session, cast, route, visit):
    found = tell(session, cast, route, cast.count(Move.DROP, "crate12", 7, **visit), close(cast, route))

    assert found.state is Closing.CLOSED


def test_labels_are_counted_apart_and_added_stops_too(session, cast, route):
    crate = crates.register(session, "crate12", 1)[0]
    here = {"route": route.id, "plan_version": route.plan, "point": "shop", "holder": "van-1"}
    loaded = cast.scan(crate, Move.LOAD, route=route.id, point=None)

    found = tell(session, cast, route, loaded, load(cast, route, 3), cast.count(Move.DROP, "crate12", 2, **here))

    assert [(row.loaded, row.left, row.over) for row in found.balance] == [(Moved(3, 1), Moved(2), Moved(1, 1))]


def test_an_act_that_comes_after_closing_changes_the_balance(session, cast, route, visit):
    tell(session, cast, route, load(cast, route, 6), close(cast, route))

    found = tell(session, cast, route, cast.count(Move.DROP, "crate12", 6, **visit))

    assert found.state is Closing.CLOSED


def test_closing_can_be_taken_back(session, cast, route):
    closed = close(cast, route)
    tell(session, cast, route, closed)

    assert tell(session, cast, route, cast.undo(closed)).state is Closing.OPEN


@pytest.fixture
def stranger(session: Session, cast: Cast) -> Author:
    other = Person(email="x@example.org", name="X", role=Role.DRIVER, partner=cast.driver.partner)
    session.add(other)
    session.flush()
    return replace(cast.driver, person=other.id)


@pytest.fixture
def driven(session: Session, cast: Cast, route: Route) -> Route:
    route.driver = cast.driver.person
    return route


def closed_by(session: Session, author: Author, route: Route, *news: NewEvent) -> Closing:
    assert {intake.record(session, new, author, at=EVENING) for new in news} == {Receipt.KEPT}
    return closing.ended(session, route.id or 0)[route.id or 0].state


def test_a_driver_of_another_route_closes_none_that_is_not_theirs(session, cast, driven, stranger):
    added = cast.event(EventKind.STOP_ADDED, route=driven.id, point="shop")

    assert closed_by(session, stranger, driven, added, close(cast, driven)) is Closing.OPEN
    assert closing.heeded(session, events.acts(session)) == []
    assert closed_by(session, cast.driver, driven, close(cast, driven)) is Closing.CLOSED


def test_who_took_a_route_over_closes_it(session, cast, driven, stranger):
    assert closed_by(session, stranger, driven, close(cast, driven), load(cast, driven, 0)) is Closing.CLOSED


def test_a_coordinator_closes_any_route(session, cast, driven):
    assert closed_by(session, cast.coordinator, driven, close(cast, driven)) is Closing.CLOSED
