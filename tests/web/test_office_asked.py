"""The coordinator's pickups and orders: filters in the address, acting for a partner on the phone, taking back."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import orders, pickups
from bottles.db import reading, transaction
from bottles.orders import Order, OrderStatus
from bottles.people import Person, Role
from bottles.pickups import Pickup, PickupLine, PickupStatus

from . import build_day
from .build_day import CELLAR, CRATE, DAY, SHOP
from .conftest import TUESDAY
from .office_pages import counted, office

__all__ = ["office"]
LATER = DAY + timedelta(days=3)


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def coordinator(session):
    return session.exec(select(Person).where(Person.role == Role.COORDINATOR)).one()


def a_pickup(**changed):
    return {
        "point": CELLAR, "crate_type": CRATE, "take": "24", "leave": "6", "ready_from": str(LATER), "wanted_by": "",
        "note": "Sonner deux fois",
    } | changed  # fmt: skip


def test_the_filter_of_pickups_is_the_pages_address(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.pickup(session)
        other = build_day.pickup(session, point=SHOP)
        pickups.cancel(session, other.pickup, other.partner, at=TUESDAY)

    by_default, cancelled = text(office.get("/office/pickups")), text(office.get("/office/pickups?state=cancelled"))
    by_town, by_name = text(office.get("/office/pickups?state=all&q=polig")), text(office.get("/office/pickups?q=chene"))

    assert "1 request" in by_default
    assert "Arbois" in by_default
    assert "Poligny" not in by_default
    assert "Poligny" in cancelled
    assert "1 request" in by_town
    assert 'value="polig"' in by_town
    assert "Arbois" in by_name


def test_a_filter_that_nothing_answers_says_so(office, territory_engine):
    assert "No request answers this filter." in text(office.get("/office/pickups?q=nowhere"))
    assert "No order answers this filter." in text(office.get("/office/orders?q=nowhere"))


def test_a_pickup_asked_for_on_the_phone_keeps_both_names(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.places(session)

    answer = office.post("/office/pickups/new", data=a_pickup())

    with reading(territory_engine) as session:
        pickup, line = session.exec(select(Pickup)).one(), session.exec(select(PickupLine)).one()
        assert pickup.person == coordinator(session).id
    assert pickup.partner == "domaine-chene"
    assert (line.take, line.leave, pickup.ready_from, pickup.note) == (24, 6, LATER, "Sonner deux fois")
    page = text(office.get(answer.headers["Location"]))
    assert "Alix Agenda" in page
    assert "for Chêne" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"point": "nowhere"}, "Choose one of the list."),
        ({"take": "0", "leave": "0"}, "Say how many crates to take"),
        ({"take": "many"}, "Give a whole number"),
        ({"ready_from": str(DAY - timedelta(days=1))}, "Choose a later day"),
        ({"wanted_by": str(DAY)}, "The last day lies before the first one"),
    ],
)
def test_a_pickup_that_cannot_be_comes_back_filled_in(office, territory_engine, wrong, sentence):
    with transaction(territory_engine) as session:
        build_day.places(session)

    answer = office.post("/office/pickups/new", data=a_pickup(**wrong))

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "Sonner deux fois" in text(answer)
    with reading(territory_engine) as session:
        assert session.exec(select(Pickup)).all() == []


def test_a_pickup_shows_where_it_is_planned_and_what_was_done(office, territory_engine):
    with transaction(territory_engine) as session:
        task = build_day.pickup(session)
        day = build_day.plan(session, [[task]])
        build_day.brought(session, day, {CRATE: 8})

    page = text(office.get(f"/office/pickups/{task.pickup}"))

    assert "Tuesday 6 October, 8:10, Fourgon 1" in page
    assert "8 × Casier de 12 collected" in page
    assert "Stop done" in page


def test_an_open_pickup_says_which_published_plan_takes_it(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)]])

    assert "today at 8:10" in text(office.get("/office/pickups"))


def test_a_request_is_cancelled_for_its_partner_once(office, territory_engine):
    with transaction(territory_engine) as session:
        task = build_day.pickup(session)

    first, again = (office.post(f"/office/pickups/{task.pickup}/cancel") for _ in range(2))

    assert (first.status_code, again.status_code) == (303, 409)
    with reading(territory_engine) as session:
        assert session.get(Pickup, task.pickup).status is PickupStatus.CANCELLED
    assert "Cancel…" not in text(office.get(f"/office/pickups/{task.pickup}"))


def test_an_order_placed_on_the_phone_keeps_both_names_and_reserves(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.places(session)
        lot = build_day.lot(session, "jura-75", 120)

    answer = office.post("/office/orders/new", data={"point": SHOP, "due": str(LATER), "quantity-jura-75": "60", "note": ""})

    with reading(territory_engine) as session:
        order = session.exec(select(Order)).one()
        assert order.person == coordinator(session).id
        assert sum(orders.reserved(session, order.id).values()) == 60
    assert order.partner == "cave-exemple"
    page = text(office.get(answer.headers["Location"]))
    assert lot.code in page
    assert "for Exemple" in page
    assert "€13.80" in page


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("600", "Only 120 Jura tradition 75 cl are ready for that day"),
        ("5", "Order at least 12 bottles of a type."),
        ("", "Say how many bottles you need"),
    ],
)
def test_an_order_that_cannot_be_reserves_nothing(office, territory_engine, wanted, sentence):
    with transaction(territory_engine) as session:
        build_day.places(session)
        build_day.lot(session, "jura-75", 120)

    answer = office.post("/office/orders/new", data={"point": SHOP, "due": str(LATER), "quantity-jura-75": wanted})

    assert answer.status_code in (409, 422)
    assert sentence in text(answer)
    with reading(territory_engine) as session:
        assert session.exec(select(Order)).all() == []


def test_an_order_is_cancelled_once_and_its_bottles_are_free(office, territory_engine):
    with transaction(territory_engine) as session:
        task = build_day.order(session, {"jura-75": 60})

    first, again = (office.post(f"/office/orders/{task.order}/cancel") for _ in range(2))

    assert (first.status_code, again.status_code) == (303, 409)
    with reading(territory_engine) as session:
        assert session.get(Order, task.order).status is OrderStatus.CANCELLED
        assert orders.reserved(session, task.order) == {}


def test_a_longer_list_takes_no_more_queries(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.pickup(session)
    with counted(territory_engine) as small:
        office.get("/office/pickups")
    with transaction(territory_engine) as session:
        for _ in range(10):
            build_day.pickup(session)
    with counted(territory_engine) as large:
        office.get("/office/pickups")

    assert len(large) == len(small)


@pytest.mark.parametrize("path", ["/office/pickups/999", "/office/orders/999"])
def test_what_was_never_asked_for_is_not_found(office, path):
    assert office.get(path).status_code == 404
    assert office.post(f"{path}/cancel").status_code == 404
