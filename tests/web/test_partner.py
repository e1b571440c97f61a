"""What winemakers and shops may do: ask with one tap or a form, take it back, see how far it is, and nothing of others."""

from datetime import date, timedelta

import pytest

from bottles import events, intake, ledger, people, pickups
from bottles.codes import uuid7
from bottles.crates import Move
from bottles.db import find, reading
from bottles.events import EventKind
from bottles.ledger import AccountKind, Key, Posting
from bottles.orders import Order
from bottles.partners import Partner, PartnerKind
from bottles.people import Role
from bottles.pickups import Crates, Pickup, PickupStatus
from bottles.points import Point, PointKind
from bottles.wire import NewEvent
from tests.web import build_day as build
from tests.web.build_day import CELLAR, CRATE, DAWN, DAY, SHOP
from tests.web.partner_pages import *  # noqa: F403  # fixtures are found by their names
from tests.web.partner_pages import english

FRIDAY_EVENING = DAWN + timedelta(days=3, hours=13)
JURA, PALOX = "jura-75", "palox"
SCRIPT = "<script>alert(1)</script>"
PAGES = ("/partner", "/partner/crates", *(f"/partner/{noun}{tail}" for noun in ("pickups", "orders") for tail in ("", "/new")))


def tap(client, last, point=CELLAR):
    return client.post("/partner/pickups/again", data={"point": point, "last": last})


def end(session, task, plan, kind, *, collected=0, reason=None, note=None, at=DAWN + timedelta(hours=1)):
    """Let the driver count what was collected, and end the stop."""
    driver, told = build.author(session, Role.DRIVER), []
    if collected:
        told.append({"kind": EventKind.COUNT, "move": Move.COLLECT, "item": CRATE, "quantity": collected, "point": CELLAR})
    told.append({"kind": kind, "reason": reason, "note": note})
    for facts in told:
        number = events.next_sequence(session, "phone")
        facts |= {"id": uuid7(at, number + 1), "at": at, "device": "phone", "sequence": number}
        facts |= {"task": task, "plan_version": plan}
        intake.record(session, NewEvent(**facts, holder=build.VAN), driver, at=at)


# -- asking with one tap


def test_one_tap_repeats_the_last_pickup_with_its_crates_and_empties(winemaker, put, look, territory_engine):
    put(build.pickup, take=8, leave=4)

    answer = tap(winemaker, last=1)

    assert answer.status_code == 303
    assert [row.point for row in look(Pickup)] == [CELLAR, CELLAR]
    with reading(territory_engine) as session:
        assert [(line.crate_type, line.take, line.leave) for line in pickups.lines(session, 2)] == [(CRATE, 8, 4)]


def test_the_button_says_what_it_asks_for(winemaker, put):
    put(build.pickup, take=8, leave=4)

    page = english(winemaker, "/partner").text

    assert "Same as last time" in page
    assert "We take 8\u00a0crates, and leave 4\u00a0empty crates. Ready from today." in page


def test_after_the_last_hour_of_the_week_it_is_ready_from_monday(sign_in, put, look, clock):
    put(build.pickup)
    clock.at = FRIDAY_EVENING

    tap(sign_in(Role.WINEMAKER), last=1)

    assert look(Pickup)[-1].ready_from == date(2026, 10, 12)


def test_a_second_tap_on_the_same_page_asks_for_nothing_more(winemaker, put, look):
    put(build.pickup)

    tap(winemaker, last=1)
    again = tap(winemaker, last=1)

    assert again.status_code == 303
    assert len(look(Pickup)) == 2
    assert "nothing was asked for twice" in english(winemaker, "/partner").text


def test_undo_cancels_what_the_tap_asked_for(winemaker, put, look):
    put(build.pickup)
    tap(winemaker, last=1)
    page = english(winemaker, "/partner").text
    assert 'action="/partner/pickups/2/cancel"' in page

    answer = winemaker.post("/partner/pickups/2/cancel", data={"next": "/partner"})

    assert answer.location == "/partner"
    assert [row.status for row in look(Pickup)] == [PickupStatus.OPEN, PickupStatus.CANCELLED]


def test_a_shop_that_never_asked_is_full_with_the_crates_that_stand_there(shop, put, look, territory_engine):
    put(build.labelled, 3, at=SHOP)
    assert "We are full" in english(shop, "/partner").text

    tap(shop, last=0, point=SHOP)

    assert look(Pickup)[0].partner == "cave-exemple"
    with reading(territory_engine) as session:
        assert [(line.take, line.leave) for line in pickups.lines(session, 1)] == [(3, 3)]


def test_a_tap_for_anothers_point_reads_as_if_it_did_not_exist(winemaker, put, look):
    put(build.labelled, 3, at=SHOP)

    assert tap(winemaker, last=0, point=SHOP).status_code == 404
    assert look(Pickup) == []


def test_a_redirect_after_cancelling_never_leads_elsewhere(winemaker, put):
    put(build.pickup)

    answer = winemaker.post("/partner/pickups/1/cancel", data={"next": "https://elsewhere.example/"})

    assert answer.location == "/partner/pickups/1"


# -- asking with the form


def test_the_form_asks_for_several_types_of_crate(winemaker, look, territory_engine):
    sent = {
        "take": "6",
        "leave": "2",
        f"take-{PALOX}": "1",
        "ready_from": "2026-10-07",
        "wanted_by": "2026-10-09",
        "note": " Quai ",
    }

    answer = winemaker.post("/partner/pickups/new", data=sent)

    assert answer.status_code == 303
    asked = look(Pickup)[0]
    assert (asked.ready_from, asked.wanted_by, asked.note) == (date(2026, 10, 7), date(2026, 10, 9), "Quai")
    with reading(territory_engine) as session:
        lines = {line.crate_type: (line.take, line.leave) for line in pickups.lines(session, asked.id)}
    assert lines == {CRATE: (6, 2), PALOX: (1, 0)}


def test_the_form_begins_with_what_was_asked_for_last(winemaker, put):
    put(build.pickup, take=17, leave=5)

    page = winemaker.get("/partner/pickups/new").text

    assert 'value="17"' in page
    assert 'value="5"' in page


def test_what_was_typed_is_kept_when_something_is_wrong(winemaker, look):
    sent = {"take": "many", "leave": "7", "ready_from": "2026-10-07", "note": SCRIPT}

    answer = winemaker.post("/partner/pickups/new", data=sent)

    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert 'value="7"' in answer.text
    assert 'id="take-error"' in answer.text
    assert SCRIPT not in answer.text
    assert look(Pickup) == []


def test_asking_for_nothing_is_said_beside_the_crates(winemaker):
    answer = winemaker.post("/partner/pickups/new", data={"take": "0", "leave": "0", "ready_from": "2026-10-07"})

    assert answer.status_code == 422
    assert 'id="take-error"' in answer.text


@pytest.mark.parametrize("path", ["/partner/pickups/new", "/partner/orders/new"])
def test_asking_at_anothers_point_reads_as_if_it_did_not_exist(winemaker, put, look, path):
    put(build.lot, JURA, 120)
    sent = {"point": SHOP, "take": "6", "ready_from": "2026-10-07", "due": "2026-10-08", f"quantity-{JURA}": "24"}

    assert winemaker.post(path, data=sent).status_code == 404
    assert look(Pickup) == look(Order) == []


# -- how far a request is


def test_a_published_plan_shows_day_hour_and_load_of_the_next_van(winemaker, put):
    task = put(build.pickup, take=8, leave=4)
    put(build.plan, [[task]])

    page = english(winemaker, "/partner").text

    assert "today, around 8:10" in page
    assert "It takes" in page
    assert "Casier de 12" in page


def test_the_van_is_on_the_road_once_a_stop_before_was_reached(winemaker, put):
    mine, before = put(build.pickup), put(build.pickup, point=SHOP)
    day = put(build.plan, [[before], [mine]])
    assert "on the road" not in english(winemaker, "/partner/pickups").text

    put(end, before.id, day.plan, EventKind.STOP_REACHED)

    assert "on the road" in english(winemaker, "/partner/pickups").text


def on_the_way(session, day, kind, at, **facts):
    """Let the driver tell something of the route that belongs to no planned stop."""
    place = {"route": day.route, "plan_version": day.plan, "holder": "fourgon-1"}
    new = NewEvent(id=uuid7(at, 1), kind=kind, at=at, device="phone", sequence=1, **place, **facts)
    intake.record(session, new, build.author(session, Role.DRIVER), at=at)


@pytest.mark.parametrize(("when", "is_told"), [(timedelta(hours=1), True), (timedelta(days=-1), False)])
def test_a_van_that_called_without_a_plan_since_the_request_is_told_with_it(winemaker, put, when, is_told):
    put(build.pickup)
    day = put(build.plan, [[put(build.pickup, point=SHOP)]])

    put(on_the_way, day, EventKind.COUNT, DAWN + when, point=CELLAR, move="collect", item=CRATE, quantity=3)

    page = english(winemaker, "/partner/pickups/1").text
    assert ("A van called at your point:" in page) is is_told
    assert ("It took" in page) is is_told


def test_a_van_whose_route_is_closed_is_expected_no_more(winemaker, put):
    day = put(build.plan, [[put(build.pickup)]])
    assert "planned" in english(winemaker, "/partner/pickups").text

    put(on_the_way, day, EventKind.ROUTE_CLOSED, DAWN + timedelta(hours=1))

    assert "No van is planned yet" in english(winemaker, "/partner").text
    assert "asked for" in english(winemaker, "/partner/pickups").text


def test_a_missed_stop_says_why_and_stays_asked_for(winemaker, put, look):
    task = put(build.pickup)
    day = put(build.plan, [[task]])

    put(end, task.id, day.plan, EventKind.STOP_MISSED, reason="closed")

    page = english(winemaker, "/partner/pickups/1").text
    assert "Closed, nobody there" in page
    assert "Your request stays open" in page
    assert look(Pickup)[0].status is PickupStatus.OPEN


def test_a_missed_stop_is_the_first_thing_on_the_first_page_with_the_drivers_words(winemaker, put):
    task = put(build.pickup)
    day = put(build.plan, [[task]])

    put(end, task.id, day.plan, EventKind.STOP_MISSED, reason="closed", note="rang twice")

    for page in (english(winemaker, "/partner").text, english(winemaker, "/partner/pickups/1").text):
        assert "Closed, nobody there" in page
        assert "“rang twice”" in page
    home = english(winemaker, "/partner").text
    assert "The driver was there today at 8:30 and could not do it" in home
    assert "what is left is planned again" in home


def test_a_missed_stop_says_when_it_is_planned_again(winemaker, put):
    task = put(build.pickup)
    put(end, task.id, put(build.plan, [[task]]).plan, EventKind.STOP_MISSED, reason="closed")
    put(build.plan, [[task]], day=build.DAY + timedelta(days=1))

    page = " ".join(english(winemaker, "/partner").text.split())
    assert "It is planned again: tomorrow, around 8:10." in page


def test_what_was_missed_and_done_later_is_no_trouble_any_more(winemaker, put):
    task = put(build.pickup, take=8)
    put(end, task.id, put(build.plan, [[task]]).plan, EventKind.STOP_MISSED, reason="closed")
    later = put(build.plan, [[task]], day=build.DAY + timedelta(days=1))

    put(end, task.id, later.plan, EventKind.STOP_DONE, collected=8, at=DAWN + timedelta(hours=25))

    assert "could not do it" not in english(winemaker, "/partner").text


def test_a_late_van_is_expected_later_on_the_first_page(winemaker, put, clock):
    first, second = put(build.order, {JURA: 24}), put(build.pickup)
    day = put(build.plan, [[first], [second]])
    clock.at = DAWN + timedelta(minutes=95)

    put(end, first.id, day.plan, EventKind.STOP_DONE, at=clock.at)

    assert "Expected around 9:30: 40 min late so far" in english(winemaker, "/partner").text.replace("\xa0", " ")


def test_what_was_collected_is_shown_as_it_was_counted(winemaker, put):
    task = put(build.pickup, take=8)
    day = put(build.plan, [[task]])

    put(end, task.id, day.plan, EventKind.STOP_DONE, collected=7)

    page = english(winemaker, "/partner/pickups/1").text
    assert "<b>7</b>" in page
    assert "counted by the driver" in page
    home = english(winemaker, "/partner").text
    assert ">84 <" in home  # seven full crates of twelve


# -- my crates


def test_crates_at_my_point_are_listed_with_since_when(winemaker, put):
    crates = put(build.labelled, 2)

    page = english(winemaker, "/partner/crates").text

    assert all(f"{crate.code[:4]} {crate.code[4:]}" in page for crate in crates)
    assert "since Saturday 3 October" in page


def test_more_gone_than_came_is_said_in_words(winemaker, put):
    gone = Posting(Key(AccountKind.POINT, CELLAR, CRATE), Key(AccountKind.VAN, build.VAN, CRATE), 3, "visit:9/9", DAWN)
    put(ledger.post, [gone], known_at=DAWN)

    assert "The coordinator looks into it" in english(winemaker, "/partner/crates").text


# -- nobody where they do not belong


@pytest.mark.parametrize("verb", ["get", "post"])
@pytest.mark.parametrize("noun", ["pickups", "orders"])
@pytest.mark.parametrize("key", ["1", "999"])
def test_anothers_and_what_does_not_exist_read_alike(winemaker, shop, put, verb, noun, key):
    owner, other = (winemaker, shop) if noun == "pickups" else (shop, winemaker)
    put(build.pickup)
    put(build.order, {JURA: 24})
    tail = "/cancel" if verb == "post" else ""

    answer = getattr(other, verb)(f"/partner/{noun}/{key}{tail}")

    assert answer.status_code == 404
    assert english(owner, f"/partner/{noun}/1").status_code == 200


def test_the_form_never_begins_with_anothers_request(shop, put):
    put(build.pickup)

    assert shop.get("/partner/pickups/new?like=1").status_code == 404


def test_lists_hold_only_what_is_mine(winemaker, shop, put):
    put(build.pickup)
    put(build.order, {JURA: 24})

    assert "/partner/pickups/1" not in shop.get("/partner/pickups").text
    assert "/partner/orders/1" not in winemaker.get("/partner/orders").text
    assert "/partner/orders/1" not in winemaker.get("/partner").text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", [Role.WINEMAKER, Role.SHOP])
def test_every_page_stands_with_nothing_in_it(sign_in, role, path):
    assert english(sign_in(role), path).status_code == 200


def test_script_text_in_names_and_notes_is_shown_as_text(winemaker, put):
    def poison(session):
        find(session, Point, CELLAR).name = SCRIPT
        find(session, Partner, "domaine-chene").name = SCRIPT
        person = people.by_email(session, f"{Role.WINEMAKER}@example.org")
        session.add(
            Point(
                id="annex",
                partner="domaine-chene",
                kind=PointKind.WINERY,
                name=SCRIPT,
                town=SCRIPT,
                postcode="39600",
                lat=46.9,
                lon=5.8,
            )
        )
        session.add(Partner(id="else", name=SCRIPT, kind=PartnerKind.WINERY))
        wish = [Crates(CRATE, 3, 2)]
        pickups.request(session, "domaine-chene", CELLAR, wish, person.id, ready_from=DAY, note=SCRIPT, at=DAWN)

    put(poison)
    put(build.labelled, 1)

    for path in (*PAGES, "/partner/pickups/1"):
        page = winemaker.get(path)
        assert page.status_code == 200
        assert SCRIPT not in page.text, path
