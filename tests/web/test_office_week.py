"""The coming days through their page: proposing, accepting, and what the plans of the days make of it."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from bottles import due, errands, pickups, routes, searches
from bottles.db import find, reading, transaction
from bottles.errands import ErrandStatus
from bottles.pickups import Pickup
from bottles.points import Point
from bottles.routes import Task
from bottles.searches import Search
from bottles.vehicles import Vehicle
from routing import planner
from routing.search import first
from web import jobs, office_week, planning

from .conftest import TUESDAY
from .days import ask
from .office_pages import counted, office, said

__all__ = ["office"]
TODAY = date(2026, 10, 6)
WEDNESDAY, MONDAY = TODAY + timedelta(days=1), TODAY + timedelta(days=6)


@pytest.fixture
def woken(monkeypatch):
    """The searches the worker was woken for; no worker is."""
    ids = []
    monkeypatch.setattr(jobs, "wake", ids.append)
    return ids


@pytest.fixture
def two(territory_engine):
    """Two pickups asked for, one in Arbois and one in Poligny."""
    with transaction(territory_engine) as session:
        return [asked.id for asked in ask(session, TUESDAY)]


def hasty(problem, *_rest):
    """Take the first plan."""
    return first(problem)


def proposed(office, engine, config, clock, woken, solver=hasty):
    """Ask for a week through the page and let the worker propose it at once."""
    office.post("/office/week")
    planning.run_search(engine, config, woken[-1], clock, solver=solver)
    return woken[-1]


def week_of(engine, search):
    with reading(engine) as session:
        return office_week.days_of(find(session, Search, search).proposal)


def due_on(engine, day):
    with reading(engine) as session:
        return {task.pickup for task in due.on(session, day, today=TODAY)}


def test_asking_for_a_week_wakes_the_worker_once_for_the_next_open_days(office, territory_engine, woken):
    first_time, again = office.post("/office/week"), office.post("/office/week")

    assert (first_time.status_code, again.status_code, len(woken)) == (303, 303, 1)
    with reading(territory_engine) as session:
        search = find(session, Search, woken[0])
    # the weekend is closed
    assert search.days == [(TODAY + timedelta(days=n)).isoformat() for n in (1, 2, 3, 6, 7)]
    assert "Choosing a day for each call" in said(office.get("/office/week")) or "begins in a moment" in said(
        office.get("/office/week")
    )


def test_a_week_under_way_is_no_search_of_its_first_day(office, territory_engine, woken):
    office.post("/office/week")

    with reading(territory_engine) as session:
        assert searches.latest(session, WEDNESDAY) is None
        assert searches.latest_week(session).id == woken[0]


def test_calls_that_pass_by_each_other_are_proposed_for_one_day_and_one_van(
    office, territory_engine, config, clock, woken, two
):
    search = proposed(office, territory_engine, config, clock, woken)

    days = week_of(territory_engine, search)
    page = said(office.get("/office/week"))

    assert len(days) == 2
    assert len(set(days.values())) == 1
    assert "Nothing is decided yet." in page
    assert page.count("Cave des Trois Puits") == 2


def test_a_pickup_is_proposed_no_later_than_wanted_and_not_when_its_point_is_closed(
    territory_engine, config, clock, office, woken, two
):
    with transaction(territory_engine) as session:
        find(session, Pickup, two[0]).wanted_by = WEDNESDAY
        # open on Mondays alone
        find(session, Point, "poligny").hours = {"0": [[480, 1080]]}

    search = proposed(office, territory_engine, config, clock, woken)

    with reading(territory_engine) as session:
        task = {task.pickup: task.id for task in session.exec(select(Task))}
    days = week_of(territory_engine, search)
    assert (days[task[two[0]]], days[task[two[1]]]) == (WEDNESDAY, MONDAY)


def test_an_accepted_call_is_due_on_its_day_and_on_no_other(office, territory_engine, config, clock, woken, two):
    search = proposed(office, territory_engine, config, clock, woken)
    (chosen,) = set(week_of(territory_engine, search).values())
    others = [TODAY + timedelta(days=n) for n in (1, 2, 3, 6, 7) if TODAY + timedelta(days=n) != chosen]

    before = due_on(territory_engine, others[0])
    office.post(f"/office/week/{search}/accept")

    assert before == set(two)
    assert due_on(territory_engine, chosen) == set(two)
    assert [due_on(territory_engine, day) for day in others] == [set()] * 4
    assert "Accepted" in said(office.get("/office/week"))


def test_days_can_be_taken_back(office, territory_engine, config, clock, woken, two):
    search = proposed(office, territory_engine, config, clock, woken)
    office.post(f"/office/week/{search}/accept")

    office.post(f"/office/week/{search}/release")

    assert due_on(territory_engine, WEDNESDAY) == set(two)
    assert "Accept these days" in said(office.get("/office/week"))


def test_a_call_whose_day_has_come_and_gone_is_due_again(territory_engine, two):
    with transaction(territory_engine) as session:
        tasks = routes.gather(session, at=TUESDAY)
        due.choose_days(session, {task.id: WEDNESDAY for task in tasks})

    with reading(territory_engine) as session:
        friday = TODAY + timedelta(days=3)
        assert due.on(session, friday, today=TODAY) == []
        assert len(due.on(session, friday, today=WEDNESDAY)) == 2


def test_what_its_own_day_has_left_out_is_offered_to_the_next(territory_engine, config, two):
    settings = planning.planner_settings(config)
    with transaction(territory_engine) as session:
        tasks = routes.gather(session, at=TUESDAY)
        due.choose_days(session, {task.id: WEDNESDAY for task in tasks})
        find(session, Point, "arbois").tags = ["by-boat"]
    plan = planner.plan_day(territory_engine, WEDNESDAY, settings, first, at=TUESDAY)
    with transaction(territory_engine) as session:
        coordinator = session.exec(select(Pickup.person)).first()
        routes.publish(session, plan, coordinator, at=TUESDAY, today=TODAY)

    assert due_on(territory_engine, TODAY + timedelta(days=2)) == {two[0]}


def test_a_draft_says_that_a_call_is_for_another_day_now(office, territory_engine, config, two):
    settings = planning.planner_settings(config)
    planner.plan_day(territory_engine, WEDNESDAY, settings, first, at=TUESDAY)

    with transaction(territory_engine) as session:
        due.choose_days(session, {task.id: MONDAY for task in routes.open_tasks(session)})

    assert said(office.get(f"/office/plan/{WEDNESDAY}")).count("is for another day now") == 2


def test_a_week_is_accepted_once_and_only_the_newest(office, territory_engine, config, clock, woken, two):
    old = proposed(office, territory_engine, config, clock, woken)
    new = proposed(office, territory_engine, config, clock, woken)

    stale = office.post(f"/office/week/{old}/accept")
    office.post(f"/office/week/{new}/accept")
    twice = office.post(f"/office/week/{new}/accept")

    assert (stale.status_code, twice.status_code) == (409, 409)
    assert "Another week was proposed meanwhile" in said(stale)
    assert "accepted already" in said(twice)


def test_the_days_of_an_older_week_are_not_taken_back_from_the_one_accepted_since(
    office, territory_engine, config, clock, woken, two
):
    old = proposed(office, territory_engine, config, clock, woken)
    office.post(f"/office/week/{old}/accept")
    new = proposed(office, territory_engine, config, clock, woken)
    office.post(f"/office/week/{new}/accept")
    (chosen,) = set(week_of(territory_engine, new).values())

    answer = office.post(f"/office/week/{old}/release")

    assert answer.status_code == 409
    assert "Another week was proposed meanwhile" in said(answer)
    assert due_on(territory_engine, chosen) == set(two)
    assert due_on(territory_engine, chosen + timedelta(days=1)) == set()


def test_what_the_accepted_week_leaves_out_waits_for_no_day_of_an_older_one(
    office, territory_engine, config, clock, woken, two
):
    old = proposed(office, territory_engine, config, clock, woken)
    office.post(f"/office/week/{old}/accept")
    with transaction(territory_engine) as session:
        find(session, Point, "arbois").tags = ["by-boat"]
    new = proposed(office, territory_engine, config, clock, woken)

    office.post(f"/office/week/{new}/accept")

    with reading(territory_engine) as session:
        assert {task.pickup: task.day is None for task in session.exec(select(Task))} == {two[0]: True, two[1]: False}


def test_an_accepted_week_stays_in_sight_while_another_is_searched_and_when_that_breaks_off(
    office, territory_engine, config, clock, woken, two
):
    week = proposed(office, territory_engine, config, clock, woken)
    office.post(f"/office/week/{week}/accept")

    office.post("/office/week")
    meanwhile = said(office.get("/office/week"))
    with transaction(territory_engine) as session:
        errands.fail(session, Search, woken[-1], planning.BROKEN, at=clock())
    after = said(office.get("/office/week"))

    assert "Accepted" in meanwhile
    assert "Take the accepted days back" in meanwhile or "Take the days back" in meanwhile
    assert "Accept these days" not in meanwhile
    assert "The search broke off on our side" in after
    assert "Take the days back" in after
    assert "Propose again" not in after
    assert office.post(f"/office/week/{week}/release").status_code == 303
    assert office.post(f"/office/week/{week}/accept").status_code == 303


def test_a_worker_that_was_given_up_does_not_write_over_a_week_that_was_accepted(
    office, territory_engine, config, clock, woken, two
):
    week = proposed(office, territory_engine, config, clock, woken)
    office.post(f"/office/week/{week}/accept")
    days = week_of(territory_engine, week)

    with transaction(territory_engine) as session:
        errands.finish(session, Search, week, at=clock(), proposal={"days": [], "left": [], "saw": {}, "estimated": True})
        errands.fail(session, Search, week, planning.BROKEN, at=clock())

    assert week_of(territory_engine, week) == days
    assert "Take the days back" in said(office.get("/office/week"))


def test_calls_that_came_or_went_since_are_told(office, territory_engine, config, clock, woken, two):
    proposed(office, territory_engine, config, clock, woken)
    with transaction(territory_engine) as session:
        gone = find(session, Pickup, two[0])
        pickups.cancel(session, gone.id, gone.partner, at=TUESDAY)
        crates = [pickups.Crates("casier-12", 3, 0)]
        pickups.request(session, "cave", "poligny", crates, gone.person, ready_from=WEDNESDAY, at=TUESDAY)

    page = said(office.get("/office/week"))

    assert "1 call came since and has no day." in page
    assert "1 call of these days was cancelled or planned since." in page


def test_a_week_can_be_stopped_and_its_page_waits_for_it(office, territory_engine, woken, clock):
    office.post("/office/week")
    with transaction(territory_engine) as session:
        errands.take(session, Search, woken[0], at=clock())

    answer = office.post(f"/office/plan/searches/{woken[0]}/stop")

    assert answer.headers["Location"] == "/office/week"
    with transaction(territory_engine) as session:
        assert find(session, Search, woken[0]).stop_asked
        errands.finish(session, Search, woken[0], proposal={"days": [], "left": [], "saw": {}, "estimated": True}, at=clock())
    done = office.get(f"/office/plan/searches/{woken[0]}", headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == "/office/week"


def test_a_week_that_broke_off_says_so(office, territory_engine, config, clock, woken, two):
    def break_off(*_arguments: object) -> None:
        raise MemoryError

    search = proposed(office, territory_engine, config, clock, woken, solver=break_off)

    with reading(territory_engine) as session:
        assert find(session, Search, search).status is ErrandStatus.FAILED
    assert "The search broke off on our side" in said(office.get("/office/week"))


def test_the_page_asks_the_database_as_often_for_many_calls_as_for_few(office, territory_engine, config, clock, woken, two):
    proposed(office, territory_engine, config, clock, woken)
    office.get("/office/week")
    with counted(territory_engine) as few:
        office.get("/office/week")
    with transaction(territory_engine) as session:
        person = find(session, Pickup, two[0]).person
        for number in range(6):
            crates = [pickups.Crates("casier-12", 3 + number, 0)]
            pickups.request(session, "cave", "poligny", crates, person, ready_from=TODAY, at=TUESDAY)
    proposed(office, territory_engine, config, clock, woken)
    with counted(territory_engine) as many:
        office.get("/office/week")

    assert len(many) == len(few)


def test_what_was_accepted_is_in_force_and_can_be_taken_back_while_another_week_is_proposed(
    office, territory_engine, config, clock, woken, two
):
    old = proposed(office, territory_engine, config, clock, woken)
    office.post(f"/office/week/{old}/accept")
    proposed(office, territory_engine, config, clock, woken)

    page = said(office.get("/office/week"))
    office.post(f"/office/week/{old}/release")
    after = said(office.get("/office/week"))

    assert "stand until others are accepted" in page
    assert "Accept these days" in page
    assert f"/office/week/{old}/release" in page
    assert "Take the accepted days back" in page
    assert "Nothing is decided yet." in after
    assert "Take the days back" not in after


def test_without_a_vehicle_the_week_says_so_and_has_nothing_to_accept(office, territory_engine, config, clock, woken, two):
    with transaction(territory_engine) as session:
        for vehicle in session.exec(select(Vehicle)):
            vehicle.active = False

    before = said(office.get("/office/week"))
    proposed(office, territory_engine, config, clock, woken)
    after = said(office.get("/office/week"))

    for page in (before, after):
        assert "No vehicle is available." in page
        assert "Propose the days<" not in page
        assert "Accept these days" not in page
    assert "no van needs to go out" not in after
    assert after.count("Cave des Trois Puits") == 2


def test_a_week_in_which_nothing_is_due_is_empty_and_has_nothing_to_accept(office, territory_engine, config, clock, woken):
    before = said(office.get("/office/week"))
    proposed(office, territory_engine, config, clock, woken)
    after = said(office.get("/office/week"))

    for page in (before, after):
        assert "Nothing is due on these days." in page
        assert "Ask for a pickup for a partner" in page
        assert "Accept these days" not in page


def test_a_week_that_found_nothing_hides_neither_what_was_accepted_nor_what_came_since(
    office, territory_engine, config, clock, woken, two
):
    week = proposed(office, territory_engine, config, clock, woken)
    office.post(f"/office/week/{week}/accept")
    with transaction(territory_engine) as session:
        search = searches.ask_week(session, [WEDNESDAY, MONDAY], seconds=1, at=TUESDAY)
        errands.take(session, Search, search.id, at=clock())
        errands.finish(session, Search, search.id, proposal={"days": [], "left": [], "saw": {}, "estimated": True}, at=clock())

    page = said(office.get("/office/week"))
    office.post(f"/office/week/{week}/release")

    assert "Accepted" in page
    assert "Take the days back" in page
    assert "Which day for which call?" in said(office.get("/office/week"))
