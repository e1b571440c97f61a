"""Planning a day through its pages: asking, watching, stopping, choosing, publishing."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import errands, pickups, searches
from bottles.db import reading, transaction
from bottles.errands import ErrandStatus
from bottles.people import Person, Role
from bottles.routes import Outcome, Plan, Route, Visit
from bottles.searches import Search
from routing import planner
from web import jobs

from . import build_day
from .build_day import DAY
from .conftest import TUESDAY
from .office_pages import counted, office

__all__ = ["office"]
HX = {"HX-Request": "true"}


@pytest.fixture
def woken(monkeypatch):
    """The searches the worker was woken for; no worker is."""
    ids = []
    monkeypatch.setattr(jobs, "wake", ids.append)
    return ids


@pytest.fixture
def drafted(territory_engine):
    """A draft for today with one pickup in it."""
    with transaction(territory_engine) as session:
        return build_day.plan(session, [[build_day.pickup(session)]], publish=False)


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def test_a_route_never_looks_lighter_than_it_is(office, drafted):
    assert "<b>151</b> / 1,150 kg" in text(office.get(f"/office/plan/{DAY}")).replace("\u00a0", " ")


def test_asking_for_a_plan_wakes_the_worker_once_after_the_commit(office, territory_engine, woken):
    first = office.post(f"/office/plan/{DAY}")
    again = office.post(f"/office/plan/{DAY}")

    assert (first.status_code, again.status_code) == (303, 303)
    with reading(territory_engine) as session:
        (search,) = session.exec(select(Search)).all()
    assert woken == [search.id]
    assert search.day == DAY
    assert search.asked_by is not None


def test_a_second_visitor_watches_the_search_that_is_under_way(office, territory_engine):
    with transaction(territory_engine) as session:
        search = searches.ask(session, DAY, seconds=15, at=TUESDAY)
        errands.take(session, Search, search.id, at=TUESDAY)
        errands.tell(session, Search, search.id, curve=[[0.1, 50_000], [2.0, 40_000]], at=TUESDAY)

    page = text(office.get(f"/office/plan/{DAY}"))

    assert f'data-hx-get="/office/plan/searches/{search.id}"' in page
    assert "15 s left" in page.replace("\u00a0", " ")
    assert "Best so far: €400.00" in page
    assert "20% less than the first plan" in page
    assert "Plan this day" not in page


def test_a_search_can_be_stopped_with_its_best_plan(office, territory_engine):
    with transaction(territory_engine) as session:
        search = searches.ask(session, DAY, seconds=15, at=TUESDAY)
        errands.take(session, Search, search.id, at=TUESDAY)

    office.post(f"/office/plan/searches/{search.id}/stop")

    with reading(territory_engine) as session:
        assert session.get(Search, search.id).stop_asked
    assert "Stopping" in text(office.get(f"/office/plan/searches/{search.id}"))


def test_a_search_that_ended_sends_the_page_to_its_plan(office, territory_engine, drafted):
    with transaction(territory_engine) as session:
        search = searches.ask(session, DAY, seconds=15, at=TUESDAY)
        errands.finish(session, Search, search.id, plan=drafted.plan, at=TUESDAY)

    by_htmx = office.get(f"/office/plan/searches/{search.id}", headers=HX)
    by_hand = office.get(f"/office/plan/searches/{search.id}")

    assert by_htmx.status_code == 204
    assert by_htmx.headers["HX-Redirect"] == by_hand.headers["Location"] == f"/office/plan/{DAY}?version=1"


def test_a_search_that_failed_says_why_and_offers_another_try(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.pickup(session)
        search = searches.ask(session, DAY, seconds=15, at=TUESDAY)
        errands.fail(session, Search, search.id, "The search broke off on our side.", at=TUESDAY)

    page = text(office.get(f"/office/plan/{DAY}"))

    assert "The search broke off on our side." in page
    assert "Try again" in page


def test_a_failure_is_forgotten_once_a_newer_plan_exists(office, territory_engine):
    with transaction(territory_engine) as session:
        search = searches.ask(session, DAY, seconds=15, at=build_day.DAWN - timedelta(hours=1))
        errands.fail(session, Search, search.id, "It broke.", at=build_day.DAWN)
        build_day.plan(session, [[build_day.pickup(session)]], publish=False)

    assert "It broke." not in text(office.get(f"/office/plan/{DAY}"))


def test_a_day_without_a_plan_shows_what_is_due(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.pickup(session, take=17)
        build_day.order(session, {"jura-75": 60})

    page = text(office.get(f"/office/plan/{DAY}"))

    assert "2 calls" in page
    assert "<b>17</b>" in page
    assert "Plan this day" in page


def test_who_plans_again_says_what_a_moved_call_costs(office, territory_engine, woken):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)]])
    assert 'name="moving"' in text(office.get(f"/office/plan/{DAY}"))

    answer = office.post(f"/office/plan/{DAY}", data={"moving": "12,50"})

    with reading(territory_engine) as session:
        (search,) = session.exec(select(Search)).all()
    assert (answer.status_code, search.moving, woken) == (303, 1_250, [search.id])


def test_a_price_that_is_none_comes_back_with_its_sentence(office, territory_engine, woken):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)]])

    answer = office.post(f"/office/plan/{DAY}", data={"moving": "dear"})

    assert (answer.status_code, woken) == (422, [])
    assert 'value="dear"' in text(answer)
    assert "Give a number from 0 to 10000." in text(answer)


def test_a_day_that_has_passed_is_neither_planned_nor_published(office, sign_in, clock, drafted, woken):
    clock.at = TUESDAY + timedelta(hours=24)
    sign_in(Role.COORDINATOR, office)

    asked, published = office.post(f"/office/plan/{DAY}"), office.post(f"/office/plan/{drafted.plan}/publish")

    assert (asked.status_code, published.status_code) == (409, 409)
    assert woken == []
    assert "Publish" not in text(office.get(f"/office/plan/{DAY}"))


def test_a_call_asked_for_after_the_plan_is_told_as_a_change(office, territory_engine, drafted):
    with transaction(territory_engine) as session:
        shop = build_day.author(session, Role.SHOP)
        crates = [pickups.Crates(build_day.CRATE, 5, 0)]
        pickups.request(session, shop.partner, build_day.SHOP, crates, shop.person, ready_from=DAY, at=TUESDAY)

    page = text(office.get(f"/office/plan/{DAY}"))

    assert "1 change since this plan was made" in page
    assert "<b>Exemple</b>, Cave Exemple, Poligny – asked for since" in page


def test_what_was_done_under_a_published_plan_is_no_change(office, territory_engine):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)]])
        build_day.brought(session, day, {build_day.CRATE: 8})

    assert "since this plan was made" not in text(office.get(f"/office/plan/{DAY}"))


def test_a_route_is_given_to_a_driver(office, territory_engine, drafted):
    with transaction(territory_engine) as session:
        session.get(Route, drafted.route).driver = None
        driver = session.exec(select(Person.id).where(Person.role == Role.DRIVER)).one()

    answer = office.post(f"/office/plan/routes/{drafted.route}/driver", data={"driver": driver})

    assert answer.headers["Location"].endswith(f"#route-{drafted.route}")
    with reading(territory_engine) as session:
        assert session.get(Route, drafted.route).driver == driver


def test_only_a_driver_drives(office, territory_engine, drafted):
    with reading(territory_engine) as session:
        before = session.get(Route, drafted.route).driver
        washer = session.exec(select(Person.id).where(Person.role == Role.WASHER)).one()

    answer = office.post(f"/office/plan/routes/{drafted.route}/driver", data={"driver": washer})

    assert answer.status_code == 422
    with reading(territory_engine) as session:
        assert session.get(Route, drafted.route).driver == before


def test_a_driver_is_on_one_route_at_a_time(office, territory_engine, drafted):
    with transaction(territory_engine) as session:
        known = session.get(Route, drafted.route)
        facts = known.model_dump(exclude={"id", "driver"}) | {"vehicle": "fourgon-hayon"}
        other = Route(**facts)
        session.add(other)
        session.flush()

    answer = office.post(f"/office/plan/routes/{other.id}/driver", data={"driver": known.driver})

    assert answer.status_code == 409
    assert "on another route at that time" in text(answer)


def test_a_left_out_call_is_told_with_its_reason_in_units_people_know(office, territory_engine, drafted):
    with transaction(territory_engine) as session:
        plan = session.get(Plan, drafted.plan)
        message = "Needs room for %(needed)s %(dimension)s; the largest vehicle takes %(most)s."
        values = {"needed": "2100000", "dimension": "grams", "most": "1150000"}
        plan.left_out = [{"task": drafted.tasks[0], "message": message, "values": values}]

    page = text(office.get(f"/office/plan/{DAY}"))

    assert "1 call left out" in page
    assert "Needs room for 2,100 kg; the largest vehicle takes 1,150." in page


def test_what_the_day_lacks_stands_above_what_is_left_out(office, territory_engine, drafted):
    with transaction(territory_engine) as session:
        plan = session.get(Plan, drafted.plan)
        plan.left_out = [{"task": drafted.tasks[0], "message": "Closed all day.", "values": {}}]
        plan.shortage = {"seconds": 9600, "half_days": 1, "vehicle": "Van 2", "calls": 3}

    page = text(office.get(f"/office/plan/{DAY}"))

    lacks = "of work is missing for 3 calls: 1 half-day more of Van 2."
    assert page.index(lacks) < page.index("Closed all day.")


def test_every_version_has_its_own_address(office, territory_engine):
    with transaction(territory_engine) as session:
        task = build_day.pickup(session)
        build_day.plan(session, [[task]])
        build_day.plan(session, [], publish=False)

    assert "No route" not in text(office.get(f"/office/plan/{DAY}?version=1"))
    assert office.get(f"/office/plan/{DAY}?version=7").status_code == 404


def test_the_map_gets_the_plan_as_geojson(office, drafted):
    answer = office.get(f"/office/plan/{drafted.plan}.geojson")

    assert answer.mimetype == "application/geo+json"
    assert answer.get_json()["type"] == "FeatureCollection"


def test_the_plan_entry_leads_to_the_next_working_day(office, sign_in, clock):
    clock.at = TUESDAY + timedelta(days=3)  # Friday
    sign_in(Role.COORDINATOR, office)

    assert office.get("/office/plan").headers["Location"] == "/office/plan/2026-10-12"
    assert office.get("/office/plan?day=2026-11-03").headers["Location"] == "/office/plan/2026-11-03"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/office/plan/tomorrow"),
        ("get", "/office/plan/999.geojson"),
        ("get", "/office/plan/searches/999"),
        ("post", "/office/plan/999/publish"),
        ("post", "/office/plan/searches/999/stop"),
        ("post", "/office/plan/routes/999/driver"),
    ],
)
def test_what_does_not_exist_is_not_found(office, method, path):
    assert getattr(office, method)(path).status_code == 404


def test_a_larger_day_takes_no_more_queries(office, territory_engine):
    with transaction(territory_engine) as session:
        task = build_day.pickup(session)
        build_day.plan(session, [[task]])
    with counted(territory_engine) as small:
        office.get(f"/office/plan/{DAY}")
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)] for _ in range(12)])
    with counted(territory_engine) as large:
        office.get(f"/office/plan/{DAY}")

    assert len(large) <= len(small) + 2


def test_the_search_status_waiting_says_that_it_begins(office, territory_engine):
    with transaction(territory_engine) as session:
        search = searches.ask(session, DAY, seconds=15, at=TUESDAY)

    assert search.status is ErrandStatus.WAITING
    assert "begins in a moment" in text(office.get(f"/office/plan/searches/{search.id}"))


def test_a_call_that_an_earlier_published_plan_takes_is_not_due_again_the_next_day(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)]])

    assert "Nothing is due on this day." in text(office.get(f"/office/plan/{DAY + timedelta(days=1)}"))


def test_calls_at_one_stop_are_added_up(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session, take=8), build_day.pickup(session, take=9)]])

    assert 'take <span class="quantity"><b>17</b>' in text(office.get(f"/office/plan/{DAY}"))


def test_a_version_that_goes_on_from_another_shows_what_was_done_before_it(office, territory_engine):
    with transaction(territory_engine) as session:
        first, second = build_day.pickup(session), build_day.pickup(session, point=build_day.SHOP)
        before = build_day.plan(session, [[first], [second]])
        session.add(Visit(task=first.id, plan=before.plan, outcome=Outcome.DONE, at=TUESDAY))
        again = build_day.plan(session, [[second]], publish=False)
        session.get(Plan, again.plan).follows = 1

    page = text(office.get(f"/office/plan/{DAY}"))

    assert page.count('class="tour-stop"') == 3
    assert "Domaine Chêne" in page


def test_a_reason_says_hours_whenever_its_plan_was_made(office, territory_engine):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)]], publish=False)
        left = build_day.pickup(session, point=build_day.SHOP)
        values = {"vehicle": "Fourgon 1", "km": "9", "cost": "44.00", "prize": "10.00"}
        old = "It would fit on %(vehicle)s, but +%(km)s km and +%(minutes)s min cost %(cost)s, leaving it out %(prize)s."
        new = old.replace("%(minutes)s min", "%(minutes)s")
        session.get(Plan, day.plan).left_out = [
            {"task": left.id, "message": old, "values": {**values, "minutes": "110"}},
            {"task": left.id, "message": new, "values": {**values, "minutes": "1 h 50"}},
        ]

    assert text(office.get(f"/office/plan/{DAY}")).count("+9 km and +1 h 50 cost €44.00") == 2


def test_what_a_plan_notes_of_itself_stands_on_its_page(office, territory_engine, drafted):
    values = {"vehicle": "Fourgon 1", "load": "1600", "most": "1150", "dimension": "kg"}
    with transaction(territory_engine) as session:
        session.get(Plan, drafted.plan).notes = [{"message": planner.OVERLOADED, "values": values}]

    page = text(office.get(f"/office/plan/{DAY}"))

    assert "Fourgon 1 carries 1,600 kg, more than the 1,150 it may: it goes on with what it carries." in page
