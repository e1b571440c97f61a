"""What a version changes of another, as its page lists it, and what the page of one route shows."""

from datetime import timedelta

from bottles.db import find, transaction
from bottles.points import Point
from bottles.routes import Stop

from . import build_day
from .build_day import DAY
from .office_pages import office, said

__all__ = ["office"]
PAGE = f"/office/plan/{DAY}"


def later(session, day, **away):
    """Let every stop of a plan begin later."""
    for stop in day.stops:
        find(session, Stop, stop).starts += timedelta(**away)


def test_a_draft_lists_what_it_changes_of_the_plan_that_stands(office, territory_engine):
    with transaction(territory_engine) as session:
        first, second = build_day.pickup(session), build_day.pickup(session, point=build_day.SHOP)
        build_day.plan(session, [[first]])
        build_day.plan(session, [[second]], publish=False)

    page = said(office.get(PAGE))

    assert "2 stops change against version 1" in page
    assert "is on no route any more" in page
    assert "is new, on Fourgon 1" in page


def test_a_point_with_a_name_of_its_own_is_named_beside_its_partner(office, territory_engine):
    with transaction(territory_engine) as session:
        call = build_day.pickup(session)
        point = find(session, Point, build_day.CELLAR)
        point.name, point.town = "Lower cellar", "Arlay"
        build_day.plan(session, [[call]])
        build_day.plan(session, [], publish=False)

    page = said(office.get(PAGE))

    assert "Lower cellar, Arlay – is on no route any more" in page.replace("</b>", "")


def test_a_stop_that_collects_and_delivers_is_one_change_in_hours_and_minutes(office, territory_engine):
    with transaction(territory_engine) as session:
        both = [build_day.pickup(session, point=build_day.SHOP), build_day.order(session, {"jura-75": 60})]
        build_day.plan(session, [both])
        later(session, build_day.plan(session, [both], publish=False), hours=4, minutes=27)

    page = said(office.get(PAGE)).replace("\u00a0", " ")

    assert "1 stop changes against version 1" in page
    assert page.count("comes 4 h 27 later") == 1


def test_the_axis_of_a_single_route_has_its_key(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)]])

    assert said(office.get(PAGE)).count('class="axis-key"') == 1


def test_paper_names_the_driver_instead_of_a_choice(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)]])

    page = said(office.get(PAGE))

    assert '<p class="print-only">' in page
    assert '<div class="tour-hands no-print">' in page
