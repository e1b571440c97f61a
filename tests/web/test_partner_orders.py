"""What partners may order: reserved at once, refused with words, looked at before, taken back, followed to its lots."""

import pytest

from bottles import batches, orders
from bottles.db import find, reading, transaction
from bottles.orders import Order, OrderStatus
from tests.web import build_day as build
from tests.web.build_day import DAWN, DAY
from tests.web.partner_pages import *  # noqa: F403  # fixtures are found by their names
from tests.web.partner_pages import english

JURA = "jura-75"


def test_an_order_reserves_its_bottles(winemaker, put, look, territory_engine):
    put(build.lot, JURA, 120)

    answer = winemaker.post("/partner/orders/new", data={"due": "2026-10-08", f"quantity-{JURA}": "48"})

    assert answer.location == "/partner/orders/1"
    assert "48" in english(winemaker, "/partner/orders/1").text
    with reading(territory_engine) as session:
        assert batches.released(session, DAY)[JURA] == 72


def test_too_few_bottles_is_said_at_the_field_and_the_rest_is_kept(winemaker, put, look):
    put(build.lot, JURA, 120)
    sent = {"due": "2026-10-08", f"quantity-{JURA}": "240", "quantity-clavelin-62": "0", "note": "Par la cour"}

    answer = winemaker.post("/partner/orders/new", data=sent, headers={"Accept-Language": "en"})

    assert answer.status_code == 409
    assert f'id="quantity-{JURA}-error"' in answer.text
    assert "Only 120 Jura tradition 75 cl are ready for that day, and 240 were asked for" in answer.text
    assert 'value="240"' in answer.text
    assert "Par la cour" in answer.text
    assert look(Order) == []


def test_none_left_is_said_in_words_of_its_own(winemaker, put, look):
    sent = {"due": "2026-10-08", f"quantity-{JURA}": "24"}

    answer = winemaker.post("/partner/orders/new", data=sent, headers={"Accept-Language": "en"})

    assert answer.status_code == 409
    assert "Jura tradition 75 cl: none is ready for that day." in answer.text
    assert look(Order) == []


@pytest.mark.parametrize(
    ("day", "quantity", "field"),
    [("2026-10-07", "24", "due"), ("2027-06-01", "24", "due"), ("2026-10-08", "5", f"quantity-{JURA}")],
)
def test_a_day_out_of_reach_or_a_handful_is_refused_beside_its_field(winemaker, put, look, day, quantity, field):
    put(build.lot, JURA, 120)

    answer = winemaker.post("/partner/orders/new", data={"due": day, f"quantity-{JURA}": quantity})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert look(Order) == []


def test_looking_tells_what_is_ready_that_day_and_what_it_comes_to_and_orders_nothing(winemaker, put, look):
    put(build.lot, JURA, 120)
    sent = {"due": "2026-11-20", f"quantity-{JURA}": "24", "look": "yes"}

    page = winemaker.post("/partner/orders/new", data=sent, headers={"Accept-Language": "en"})

    assert page.status_code == 200
    assert "none ready" in page.text
    assert "€5.52" in page.text
    assert "24 too many" in page.text
    assert look(Order) == []


def test_a_cancelled_order_frees_its_bottles(winemaker, put, look, territory_engine):
    put(build.lot, JURA, 120)
    winemaker.post("/partner/orders/new", data={"due": "2026-10-08", f"quantity-{JURA}": "48"})

    answer = winemaker.post("/partner/orders/1/cancel")

    assert answer.status_code == 303
    assert look(Order)[0].status is OrderStatus.CANCELLED
    with reading(territory_engine) as session:
        assert batches.released(session, DAY)[JURA] == 120


def test_a_delivered_order_names_its_lots_and_use_by(shop, put, territory_engine):
    put(build.order, {JURA: 24})
    with transaction(territory_engine) as session:
        order = find(session, Order, 1)
        orders.deliver(session, order, JURA, 24, "visit:1/1", None, at=DAWN, known_at=DAWN)
        orders.settle_lines(session, order, {JURA: 24}, at=DAWN)

    page = english(shop, "/partner/orders/1").text

    assert "L00001" in page
    assert "Monday 26 October" in page
