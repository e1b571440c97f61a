"""Publishing a plan through its page: what it replaces, to whom it happens, and what it refuses."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import pickups, routes
from bottles.db import reading, transaction
from bottles.people import Person, Role
from bottles.pickups import Pickup
from bottles.routes import Plan, PlanStatus

from . import build_day
from .build_day import DAY
from .conftest import TUESDAY
from .office_pages import office
from .test_office_plan import drafted, text

__all__ = ["drafted", "office"]


def test_publishing_supersedes_the_plan_that_stood(office, territory_engine):
    with transaction(territory_engine) as session:
        task = build_day.pickup(session)
        build_day.plan(session, [[task]])
        draft = build_day.plan(session, [[task]], publish=False)

    answer = office.post(f"/office/plan/{draft.plan}/publish")

    assert answer.headers["Location"] == f"/office/plan/{DAY}?version=2"
    with reading(territory_engine) as session:
        newest, older = routes.versions(session, DAY)
        coordinator = session.exec(select(Person.id).where(Person.role == Role.COORDINATOR)).one()
    assert (newest.status, older.status) == (PlanStatus.PUBLISHED, PlanStatus.SUPERSEDED)
    assert newest.published_by == coordinator


def test_the_page_says_to_whom_publishing_happens(office, drafted):
    page = text(office.get(f"/office/plan/{DAY}"))

    assert "Version 1 becomes the plan of Tuesday 6 October: 1 route and 1" in page
    assert "Lou Volant will see their route on their phone." in page


def test_a_plan_is_not_published_when_a_call_in_it_was_cancelled_meanwhile(office, territory_engine, drafted):
    with transaction(territory_engine) as session:
        asked = session.exec(select(Pickup)).one()
        pickups.cancel(session, asked.id, asked.partner, at=TUESDAY)

    answer = office.post(f"/office/plan/{drafted.plan}/publish")

    assert answer.status_code == 409
    assert "Calls in this plan were closed or cancelled meanwhile (1): plan again." in text(answer)
    with reading(territory_engine) as session:
        assert session.get(Plan, drafted.plan).status is PlanStatus.DRAFT


def test_the_second_coordinator_who_publishes_gets_a_sentence(office, drafted):
    office.post(f"/office/plan/{drafted.plan}/publish")

    answer = office.post(f"/office/plan/{drafted.plan}/publish")

    assert answer.status_code == 409
    assert "This version is published already" in text(answer)


def test_a_version_published_meanwhile_is_not_replaced_unseen(office, territory_engine):
    with transaction(territory_engine) as session:
        task = build_day.pickup(session)
        older = build_day.plan(session, [[task]], publish=False)
        newer = build_day.plan(session, [[task]], publish=False)
    assert 'name="instead_of" value="0"' in text(office.get(f"/office/plan/{DAY}?version=1"))
    office.post(f"/office/plan/{newer.plan}/publish", data={"instead_of": "0"})

    answer = office.post(f"/office/plan/{older.plan}/publish", data={"instead_of": "0"})

    assert answer.status_code == 409
    assert "Version 2 was published meanwhile: look at it before you replace it." in text(answer)
    with reading(territory_engine) as session:
        assert routes.published(session, DAY).version == 2


def test_the_day_opens_on_the_plan_that_stands_and_not_on_one_it_replaced(office, territory_engine):
    with transaction(territory_engine) as session:
        task = build_day.pickup(session)
        older = build_day.plan(session, [[task]], publish=False)
        build_day.plan(session, [[task]])
    office.post(f"/office/plan/{older.plan}/publish", data={"instead_of": "2"})

    assert f"/office/plan/{older.plan}.geojson" in text(office.get(f"/office/plan/{DAY}"))


@pytest.mark.parametrize(
    ("draft", "standing", "says"),
    [
        (DAY, DAY + timedelta(days=1), "Wednesday 7 October, too: plan that day again afterwards."),
        (DAY + timedelta(days=1), DAY, "Tuesday 6 October, too: plan this day again first."),
    ],
)
def test_publishing_says_which_calls_another_days_plan_has_too(office, territory_engine, draft, standing, says):
    with transaction(territory_engine) as session:
        there, both, here = (build_day.pickup(session) for _ in range(3))
        build_day.plan(session, [[there, both]], day=standing)
        build_day.plan(session, [[both, here]], day=draft, publish=False)

    page = text(office.get(f"/office/plan/{draft}"))

    assert f"1 call of it is on the published plan of {says}" in page
    assert "too: plan" not in text(office.get(f"/office/plan/{standing}"))
