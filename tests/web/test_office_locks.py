"""The page on which a coordinator fixes a stop, and what the plan's page says of it."""

from datetime import timedelta

import pytest

from bottles import locks
from bottles.db import find, reading, transaction
from bottles.locks import LAST
from bottles.routes import Plan
from bottles.vehicles import Vehicle

from . import build_day
from .build_day import CELLAR, DAY, VAN
from .office_pages import driver, office, said
from .partner_pages import winemaker

__all__ = ["driver", "office", "winemaker"]
PAGE = f"/office/plan/{DAY}/fix/{CELLAR}"
ALL = {"vehicle": VAN, "position": "last", "opens": "12:30", "closes": "13:00"}


@pytest.fixture
def drafted(territory_engine):
    """A draft with one stop."""
    with transaction(territory_engine) as session:
        return build_day.plan(session, [[build_day.pickup(session)]], publish=False)


def fixed(engine):
    with reading(engine) as session:
        return {point: (lock.vehicle, lock.position, lock.hours) for point, lock in locks.on(session, DAY).items()}


def test_a_stop_is_fixed_by_its_link_on_the_plan_and_the_plan_says_so(office, territory_engine, drafted):
    assert f'href="{PAGE}"' in said(office.get(f"/office/plan/{DAY}"))

    answer = office.post(PAGE, data=ALL)

    assert answer.headers["Location"] == f"/office/plan/{DAY}"
    assert fixed(territory_engine) == {CELLAR: (VAN, LAST, (750, 780))}
    page = said(office.get(f"/office/plan/{DAY}"))
    assert "Fixed: with Fourgon 1, the last stop, between 12:30 and 13:00" in page
    assert "1 change since this plan was made" in page
    assert "fixed otherwise since" in page


def test_a_stop_can_be_fixed_before_there_is_a_plan(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.pickup(session)
    assert f'href="{PAGE}"' in said(office.get(f"/office/plan/{DAY}"))

    office.post(PAGE, data=ALL)

    assert "Fixed: with Fourgon 1, the last stop" in said(office.get(f"/office/plan/{DAY}"))


def test_a_plan_made_since_has_no_change(office, territory_engine, drafted):
    office.post(PAGE, data=ALL)
    with transaction(territory_engine) as session:
        [lock] = locks.on(session, DAY).values()
        session.get(Plan, drafted.plan).made_at = lock.made_at + timedelta(minutes=1)

    assert "since this plan was made" not in said(office.get(f"/office/plan/{DAY}"))


def test_what_is_fixed_stands_in_the_form_and_can_be_let_go(office, territory_engine, drafted):
    office.post(PAGE, data=ALL)
    page = said(office.get(PAGE))
    assert 'value="12:30"' in page
    assert '<option value="last" selected>' in page
    assert "Let it go" in page

    office.post(PAGE, data=dict.fromkeys(ALL, ""))

    assert fixed(territory_engine) == {}
    assert "Let it go" not in said(office.get(PAGE))


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ({"vehicle": ""}, 422, "Choose the vehicle whose first or last stop it is."),
        ({"opens": "13:00", "closes": "12:30"}, 422, "These hours end before they begin."),
        ({"opens": "noon", "closes": "13:00"}, 422, "Give an hour such as 08:30."),
        ({"opens": "12:00", "closes": ""}, 422, "Give an hour such as 08:30."),
        ({"position": "middle"}, 422, "Choose one of the list."),
    ],
)
def test_a_bad_form_says_what_is_wrong_and_keeps_what_was_typed(office, territory_engine, drafted, typed, status, says):
    answer = office.post(PAGE, data=ALL | typed)

    assert answer.status_code == status
    page = said(answer)
    assert says in page
    kept = f'<option value="{VAN}" selected>' if typed.get("vehicle", VAN) else '<option value="last" selected>'
    assert kept in page
    assert fixed(territory_engine) == {}


def test_a_vehicle_or_point_that_does_not_exist_is_not_found(office, drafted):
    assert office.post(PAGE, data=ALL | {"vehicle": "no-van"}).status_code == 404
    assert office.get(f"/office/plan/{DAY}/fix/nowhere").status_code == 404


def test_nothing_is_fixed_for_a_day_that_has_passed(office, territory_engine, drafted):
    before = PAGE.replace(str(DAY), str(DAY - timedelta(days=400)))

    assert "This day has passed" in said(office.get(before))
    assert office.post(before, data=ALL).status_code == 409


def test_a_vehicle_that_went_out_when_the_stop_was_fixed_stays_in_the_form_until_another_is_chosen(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.pickup(session)
    office.post(PAGE, data=ALL)
    with transaction(territory_engine) as session:
        find(session, Vehicle, VAN).active = False

    assert f'<option value="{VAN}" selected>Fourgon 1 (does not go out any more)' in said(office.get(PAGE))
    assert "choose another" in said(office.post(PAGE, data=ALL | {"opens": "12:00"}))


def test_a_point_where_nothing_is_due_is_no_change_of_a_plan(office, drafted):
    office.post(PAGE.replace(CELLAR, build_day.SHOP), data=ALL)

    assert "since this plan was made" not in said(office.get(f"/office/plan/{DAY}"))


def test_who_comes_and_who_waits_reads_the_hours_agreed(office, winemaker, driver, territory_engine):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)]])

    office.post(PAGE, data={"vehicle": "", "position": "", "opens": "08:05", "closes": "08:35"})

    [stop] = driver.get("/driver/day.json").json["trips"][0]["stops"]
    assert stop["point"]["windows"] == [["2026-10-06T06:05:00.000Z", "2026-10-06T06:35:00.000Z"]]
    assert "8:35" in said(winemaker.get("/partner"))
    assert '<rect class="window" x="15.476%" width="7.143%"' in said(office.get(f"/office/plan/{DAY}"))  # from seven to two
