"""Routes on the road, as the office and the partner see them: when the van comes, what was added, how the route ended."""

from datetime import timedelta

import pytest

from bottles import intake
from bottles.codes import uuid7
from bottles.db import transaction
from bottles.events import EventKind
from bottles.people import Role
from bottles.wire import NewEvent

from . import build_day
from .build_day import CELLAR, CRATE, DAWN, SHOP, VAN
from .office_pages import office, said

__all__ = ["office"]

LATE = DAWN + timedelta(minutes=95)
"""Forty minutes after the first stop of the built route should have been left."""


@pytest.fixture
def day(territory_engine):
    """A published route: the cellar's pickup, then the shop's delivery."""
    with transaction(territory_engine) as session:
        return build_day.plan(session, [[build_day.pickup(session)], [build_day.order(session, {"jura-75": 60})]])


@pytest.fixture
def tell(territory_engine, day):
    """Record what the driver tells, in one batch."""

    def record(*told):
        with transaction(territory_engine) as session:
            for number, (kind, at, facts) in enumerate(told, start=1):
                here = {"route": day.route, "plan_version": day.plan, "holder": VAN, **facts}
                new = NewEvent(id=uuid7(at, number), kind=kind, at=at, device="phone", sequence=number, **here)
                intake.record(session, new, build_day.author(session, Role.DRIVER), at=at)

    return record


def at_cellar(day, **facts):
    return {"task": day.tasks[0], "point": CELLAR, **facts}


def test_a_late_van_is_expected_later_on_both_pages_of_the_office(office, day, tell, clock):
    tell((EventKind.STOP_DONE, LATE, at_cellar(day)))
    clock.at = LATE

    today, plan = said(office.get("/office")), said(office.get(f"/office/plan/{build_day.DAY}"))

    # the shop was planned for 8:50, twenty-five minutes' drive from a cellar left at 9:05
    assert "expected around 9:30: 40 min late so far" in today.replace("\xa0", " ")
    assert "expected around 9:30" in plan.replace("\xa0", " ")


def test_stops_added_on_the_way_are_shown_in_the_order_in_which_they_happened(office, day, tell):
    tell(
        (EventKind.COUNT, DAWN + timedelta(minutes=9), {"point": SHOP, "move": "collect", "item": CRATE, "quantity": 3}),
        (EventKind.STOP_MISSED, DAWN + timedelta(minutes=5), {"point": CELLAR, "reason": "closed"}),
        (EventKind.STOP_DONE, DAWN + timedelta(minutes=10), {"point": SHOP}),
    )

    page = said(office.get(f"/office/plan/{build_day.DAY}"))

    page = page[page.index("Added on the way") :]
    assert page.index("Domaine Chêne") < page.index("Cave Exemple") < page.index("take <span")
    assert page.count("A pickup is still asked for here") == 1
    assert "Closed, nobody there" in page


def test_a_route_closed_with_a_balance_and_no_word_is_to_be_looked_at(office, day, tell):
    tell(
        (EventKind.COUNT, DAWN, {"move": "load", "item": CRATE, "quantity": 6}),
        (EventKind.ROUTE_CLOSED, DAWN + timedelta(hours=1), {}),
    )

    page = said(office.get("/office"))

    assert "closed, to be looked at" in page
    assert "6 loaded, 0 handed over" in page
    assert "The driver gave no reason." in page
    assert "Next:" not in page


def test_an_explained_balance_shows_the_drivers_words(office, day, tell):
    tell(
        (EventKind.COUNT, DAWN, {"move": "load", "item": CRATE, "quantity": 6}),
        (EventKind.ROUTE_CLOSED, DAWN + timedelta(hours=1), {"note": "nobody wanted empties"}),
    )

    page = said(office.get("/office"))

    assert "closed, explained" in page
    assert "nobody wanted empties" in page


def test_a_route_on_which_all_goes_well_says_nothing_of_it(office, day, clock):
    clock.at = DAWN

    assert "expected around" not in said(office.get("/office"))
