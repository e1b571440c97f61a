"""The coordinator's first page, the crate page and the search box."""

from datetime import timedelta
from html import escape
from urllib.parse import quote

import pytest
from sqlmodel import select

from bottles import crates, intake, links, pallets
from bottles.codes import by_eye, digital_link, uuid7
from bottles.crates import Crate, Move
from bottles.db import reading, transaction
from bottles.events import EventKind
from bottles.links import KeyKind
from bottles.people import Role
from bottles.pickups import Pickup
from bottles.routes import Route
from bottles.wire import NewEvent
from web.label_kinds import grouped

from . import build_day
from .build_day import CELLAR, DAY, VAN
from .conftest import TUESDAY
from .office_pages import counted, office

__all__ = ["office"]


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def scan(session, crate, move, number, role=Role.DRIVER, **facts):
    new = NewEvent(
        id=uuid7(TUESDAY, number), kind=EventKind.SCAN, at=TUESDAY + timedelta(minutes=number), device="phone", sequence=number,
        crate=crate, move=move, **facts,
    )  # fmt: skip
    intake.record(session, new, build_day.author(session, role), at=TUESDAY + timedelta(hours=3))
    return new


def test_a_quiet_day_says_that_nothing_waits(office):
    page = text(office.get("/office"))

    assert "Nothing waits for you." in page
    assert "No route is on the road today." in page


def test_calls_due_today_without_a_published_plan_wait_for_a_decision(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.pickup(session)

    page = text(office.get("/office"))

    assert "Nothing is published for today, and 1 call is due" in page
    assert "Wednesday 7 October has no plan yet" in page


def test_a_draft_for_tomorrow_waits_to_be_published(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)]], day=DAY + timedelta(days=1), publish=False)

    assert "The plan of Wednesday 7 October is not published" in text(office.get("/office"))


def test_a_published_route_without_a_driver_waits_for_a_decision(office, territory_engine):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)]])
        session.get(Route, day.route).driver = None

    assert "A published route has no driver: Tuesday 6 October, 7:30" in text(office.get("/office"))


def test_a_promise_that_has_passed_waits_for_a_decision(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.pickup(session)
        session.exec(select(Pickup)).one().wanted_by = DAY - timedelta(days=1)

    assert "1 pickup is later than its partner wished" in text(office.get("/office"))


def test_a_promise_kept_late_by_todays_plan_waits_for_nobody(office, territory_engine):
    with transaction(territory_engine) as session:
        task = build_day.pickup(session)
        session.exec(select(Pickup)).one().wanted_by = DAY - timedelta(days=1)
        build_day.plan(session, [[task]])

    assert "later than its partner wished" not in text(office.get("/office"))


def test_the_first_page_leads_to_the_washing_centre(office):
    assert 'href="/centre/"' in text(office.get("/office"))
    assert office.get("/centre/").status_code == 200


def test_a_route_on_the_road_shows_how_far_it_is_and_what_is_next(office, territory_engine):
    with transaction(territory_engine) as session:
        first, second = build_day.pickup(session), build_day.order(session, {"jura-75": 60})
        day = build_day.plan(session, [[first], [second]])
        build_day.brought(session, day, {build_day.CRATE: 8})

    page = text(office.get("/office"))

    assert "Stops done: 1 of 2" in page
    assert "Next: Cave Exemple, planned at 8:50" in page
    assert "Last heard today at 7:30" in page


def test_a_stop_long_past_its_hour_is_told(office, territory_engine, clock):
    clock.at = TUESDAY + timedelta(hours=1)
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)]])

    assert "and nothing heard" in text(office.get("/office"))


def test_the_first_page_takes_few_queries(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)] for _ in range(15)])
        build_day.plan(session, [[build_day.pickup(session)] for _ in range(15)], day=DAY + timedelta(days=1), publish=False)

    with counted(territory_engine) as seen:
        office.get("/office")

    assert len(seen) < 90


def test_a_crate_shows_its_life_with_what_was_undone(office, territory_engine):
    with transaction(territory_engine) as session:
        (crate,) = build_day.labelled(session, 1)
        scanned = scan(session, crate.code, Move.COLLECT, 5, point=CELLAR, holder=VAN)
        undo = NewEvent(id=uuid7(TUESDAY, 6), kind=EventKind.UNDO, at=TUESDAY, device="phone", sequence=6, undoes=scanned.id)
        intake.record(session, undo, build_day.author(session, Role.DRIVER), at=TUESDAY)

    page = text(office.get(f"/office/crates/{crate.code.lower()}"))

    assert by_eye(crate.code) in page
    assert "out at a point" in page
    assert 'class="undone"' in page
    assert "corrected by Lou Volant" in page
    assert "reached us today at 12:00" in page


def test_a_crate_nobody_registered_is_shown_with_what_was_scanned(office, territory_engine):
    code = crates.codes.serial(77, "X")
    with transaction(territory_engine) as session:
        build_day.places(session)
        scan(session, code, Move.COLLECT, 5, point=CELLAR, holder=VAN)

    page = text(office.get(f"/office/crates/{code}"))

    assert "not one of ours" in page
    assert "Collected" in page


@pytest.mark.parametrize("typed", ["code", "by eye", "link"])
def test_the_search_box_opens_the_crate_that_was_scanned(office, territory_engine, typed):
    with transaction(territory_engine) as session:
        (crate,) = crates.register(session, build_day.CRATE, 1)
        code = crate.code
    forms = {"code": code.lower(), "by eye": by_eye(code), "link": digital_link("bouteilles.example", "999999900001", code)}

    answer = office.get("/office/search", query_string={"q": forms[typed]})

    assert answer.headers["Location"] == f"/office/crates/{code}"


def test_the_search_box_understands_every_label(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.places(session)
        lot = build_day.lot(session, "jura-75", 600)
        pallet = pallets.build(
            session, lot.id, 300, build_day.author(session, Role.WASHER).person, prefix="9999999", at=TUESDAY
        )
        point = links.gln("9999999", links.number(session, KeyKind.POINT, CELLAR))
        item = links.gtin("9999999", links.number(session, KeyKind.BOTTLE, "jura-75"))
        other = links.gtin("9999999", links.number(session, KeyKind.BOTTLE, "clavelin-62"))
        expected = {
            lot.code.lower(): f"/centre/lots/{lot.id}",
            links.lot_link("loop.example", item, lot.code): f"/centre/lots/{lot.id}",
            links.lot_link("loop.example", other, lot.code): None,
            "L09999": None,
            pallet.sscc: f"/centre/pallets/{pallet.id}",
            grouped(pallet.sscc): f"/centre/pallets/{pallet.id}",
            links.pallet_link("loop.example", pallet.sscc): f"/centre/pallets/{pallet.id}",
            point: f"/office/balances/points/{CELLAR}",
            links.point_link("loop.example", point): f"/office/balances/points/{CELLAR}",
        }

    found = {typed: office.get("/office/search", query_string={"q": typed}).location for typed in expected}

    assert found == expected


def test_a_lot_we_do_not_have_is_not_a_crate_misread(office):
    page = text(office.get("/office/search?q=L09999"))

    assert "Nothing bears this name or code." in page
    assert "misread" not in page


def test_a_crates_page_leads_to_a_new_label(office, territory_engine):
    with transaction(territory_engine) as session:
        (crate,) = build_day.labelled(session, 1)
        code = crate.code

    assert f'href="/centre/labels/replace?code={code}"' in office.get(f"/office/crates/{code}").text


def test_the_search_box_finds_partners_and_points_without_their_accents(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.places(session)

    by_partner, by_town = text(office.get("/office/search?q=chene")), text(office.get("/office/search?q=POLIGNY"))

    assert "Domaine Chêne" in by_partner
    assert "Cave Exemple" in by_town


def test_a_misread_code_is_told_as_such(office, territory_engine):
    with transaction(territory_engine) as session:
        code = crates.register(session, build_day.CRATE, 1)[0].code
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")

    page = text(office.get("/office/search", query_string={"q": wrong}))

    assert "was misread or mistyped" in page


def test_a_search_that_finds_nothing_says_so(office):
    page = text(office.get("/office/search?q=nowhere"))

    assert "Nothing bears this name or code." in page
    assert "is not the code of a crate" not in page


def test_only_the_coordinator_sees_the_office(app, sign_in):
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/office") and not rule.arguments]
    pages = [(rule.rule, "GET" if "GET" in rule.methods else "POST") for rule in rules]
    driver = sign_in(Role.DRIVER)

    assert pages
    assert {driver.open(page, method=method).status_code for page, method in pages} == {403}


def test_a_crate_that_nobody_knows_is_not_found(office, territory_engine):
    assert office.get("/office/crates/J999999X").status_code == 404
    with reading(territory_engine) as session:
        assert session.exec(select(Crate)).all() == []


@pytest.mark.parametrize("serial", ["a1", "=Cmd", "<b>x", "A/7", "50%25"])
def test_a_crate_of_another_network_is_shown_whatever_its_serial_is_written_with(office, territory_engine, serial):
    code = f"09501101530003{serial}"
    with transaction(territory_engine) as session:
        session.add(Crate(code=code, type="casier-12", number=None, owner="Rebooteille"))

    answer = office.get(f"/office/crates/{quote(code)}")

    assert answer.status_code == 200
    assert escape(serial) in answer.text
