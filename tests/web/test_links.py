"""What a phone shows when it scans a label: a crate, a lot, a batch, a pallet, a point; nothing private on any of them."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import batches, codes, crates, links, pallets
from bottles.batches import Batch, Lot, LotStatus
from bottles.crates import Crate, CrateState
from bottles.db import find, transaction
from bottles.links import KeyKind
from bottles.people import Role
from bottles.points import Point
from web.links import CRATES, LOTS

from . import build_day as build
from .centre_day import received, sort, text, van_back
from .conftest import TUESDAY
from .sheets import ASSET, PREFIX

SCRIPT = "<script>alert(1)</script>"


def read(client, path):
    return client.get(path, headers={"Accept-Language": "en"})


@pytest.fixture
def crate(territory_engine) -> str:
    with transaction(territory_engine) as session:
        build.places(session)
        return crates.register(session, build.CRATE, 1)[0].code


def link(code: str) -> str:
    return f"/8003/{codes.grai(ASSET, code)}"


# -- crates


@pytest.mark.parametrize("write", [str.upper, str.lower])
def test_a_crates_page_says_whose_it_is_in_either_case(client, crate, write):
    page = read(client, write(link(crate)))

    assert page.status_code == 200
    assert "This crate belongs to J'aime mes bouteilles." in text(page)
    assert "Casier de 12" in text(page)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "LocalHost:80"])
def test_the_host_of_a_link_may_be_in_capitals(client, crate, host):
    assert client.get(link(crate), headers={"Host": host}).status_code == 200


def test_a_crates_page_never_says_where_it_is(client, territory_engine):
    with transaction(territory_engine) as session:
        made = build.labelled(session, 1)[0].code

    page = read(client, link(made)).text

    assert "It stands at one of our points" in page
    assert "Chêne" not in page
    assert "Arbois" not in page


def test_every_state_has_its_sentence():
    assert set(CRATES) == set(CrateState)
    assert {*LotStatus, "batch", "late", "rewashed"} == set(LOTS)


def test_a_bare_serial_in_the_link_is_understood(client, crate):
    assert text(read(client, f"/8003/{crate}")) == text(read(client, link(crate)))


@pytest.mark.parametrize("bare", [True, False])
def test_a_slip_in_the_code_is_noticed(client, crate, bare):
    path = f"/8003/{crate}" if bare else link(crate)
    slip = path[:-2] + ("0" if path[-2] != "0" else "1") + path[-1]

    page = read(client, slip)

    assert page.status_code == 422
    assert "was misread or mistyped: read it again." in page.text


@pytest.mark.parametrize("code", ["J000042/R", "J000042%2FR", "nothing/at/all"])
def test_a_slash_in_the_code_is_a_misread_code_like_any_other(client, code):
    slashed, other = client.get(f"/8003/{code}"), client.get("/8003/no%20code%21")

    assert (slashed.status_code, other.status_code) == (422, 422)
    assert "is not the code of a crate: scan the QR" in text(slashed)
    assert "is not the code of a crate: scan the QR" in text(other)


def test_a_crate_of_another_network_may_bear_a_slash(client):
    assert "This crate is not one of ours" in text(client.get(f"/8003/{codes.grai('376000000001', 'A%2F17')}"))


def test_a_slip_in_the_asset_type_is_noticed(client, crate):
    page = read(client, link(crate).replace("/80030999", "/80030998").replace("/8003/0999", "/8003/0998"))

    assert page.status_code == 422
    assert "read it again" in page.text


def test_an_older_label_says_that_it_was_replaced_and_still_names_the_crate(client, crate, territory_engine):
    with transaction(territory_engine) as session:
        crates.reprint(session, [crate], at=TUESDAY)

    old, newer = read(client, link(crate)), read(client, link(codes.label(crate, 2)))

    assert "This label was replaced by a newer one." in text(old)
    assert "was replaced" not in text(newer)
    assert codes.by_eye(codes.label(crate, 2)) in text(newer)


def test_a_crate_nobody_knows_gets_a_kind_page(client, territory_engine):
    page = read(client, link(codes.serial(4242)))

    assert page.status_code == 404
    assert "We do not know this crate" in text(page)
    assert "Find a point" in text(page)


def test_a_crate_of_another_network_can_be_handed_in(client, territory_engine):
    page = read(client, f"/8003/{codes.grai('376000000001', 'A17')}")

    assert page.status_code == 404
    assert "This crate is not one of ours" in text(page)
    assert "Hand it in at one of our points" in text(page)


def test_a_crate_of_another_network_that_travels_with_us_says_whose_it_is(client, territory_engine):
    code = codes.grai("376000000001", "A17")
    with transaction(territory_engine) as session:
        session.add(Crate(code=code, type=build.CRATE, number=None, owner="Rebooteille"))

    page = read(client, f"/8003/{code}")

    assert page.status_code == 200
    assert "belongs to another network: Rebooteille" in text(page)


def test_what_is_no_code_at_all_is_said_without_harm(client, territory_engine):
    page = read(client, f"/8003/{SCRIPT.replace('/', '')}")

    assert page.status_code == 422
    assert "<script>alert" not in page.text


def test_the_office_is_led_to_its_own_page_of_a_crate(sign_in, crate):
    assert sign_in(Role.COORDINATOR).get(link(crate)).location == f"/office/crates/{crate}"
    assert sign_in(Role.COORDINATOR).get(f"{link(crate)}?public").status_code == 200


def test_the_hall_finds_the_way_to_a_new_label(sign_in, client, crate):
    way = f'href="/centre/labels/replace?code={crate}"'

    assert way in sign_in(Role.WASHER).get(link(crate)).text
    assert way not in read(client, link(crate)).text


# -- lots and batches


@pytest.fixture
def lot(territory_engine) -> Lot:
    with transaction(territory_engine) as session:
        build.places(session)
        made = build.lot(session, "jura-75", 1500)
        links.number(session, KeyKind.BOTTLE, "jura-75")
        return made


def lot_path(code: str = "L00001", number: int = 1) -> str:
    return f"/01/{links.gtin(PREFIX, number)}/10/{code}"


@pytest.mark.parametrize("code", ["L00001", "l00001"])
def test_a_lots_page_says_what_it_is_and_until_when_it_is_good(client, lot, code):
    page = read(client, lot_path(code))

    assert page.status_code == 200
    for fact in ("L00001", "Jura tradition", "washed, inspected and released", "Tuesday 6 October", "Monday 26 October"):
        assert fact in text(page)


def _late(lot: Lot) -> None:
    lot.use_by = TUESDAY.date() - timedelta(days=1)


def _held(lot: Lot) -> None:
    lot.status, lot.why_held = LotStatus.HELD, "Camille found glass"


def _rewashed(lot: Lot) -> None:
    lot.status, lot.quantity = LotStatus.HELD, 0


@pytest.mark.parametrize(
    ("change", "said"),
    [(_late, "use-by day of these bottles has passed"), (_held, "are held: do not fill"), (_rewashed, "put back")],
)
def test_a_lot_that_must_not_be_filled_says_so(client, lot, territory_engine, change, said):
    with transaction(territory_engine) as session:
        change(find(session, Lot, lot.id))

    page = text(read(client, lot_path()))

    assert said in page
    assert "Camille" not in page
    assert "inspected and released" not in page


def test_a_lots_page_names_no_partner(client, territory_engine):
    with transaction(territory_engine) as session:
        build.order(session, {"jura-75": 60})
        links.number(session, KeyKind.BOTTLE, "jura-75")

    page = text(read(client, lot_path()))

    assert "Jura tradition" in page
    assert "Exemple" not in page


@pytest.mark.parametrize(
    "path", [lot_path("L00002"), lot_path("B00001"), lot_path("L1"), lot_path("x"), lot_path(number=2), lot_path("L999999999")]
)
def test_a_lot_nobody_knows_says_what_to_do(client, lot, path):
    page = read(client, path)

    assert page.status_code == 404
    assert "We do not know this lot" in text(page)
    assert "Do not fill bottles that you know nothing of" in text(page)


def test_a_lot_whose_label_was_never_printed_has_no_page(client, territory_engine):
    with transaction(territory_engine) as session:
        build.lot(session, "jura-75", 100)

    assert read(client, lot_path()).status_code == 404


def test_a_batch_has_a_page_too(client, sign_in, territory_engine):
    washer, van = sign_in(Role.WASHER), van_back(territory_engine)
    received(washer, van)
    sort(washer, van, type_jura_75=90)
    with transaction(territory_engine) as session:
        (batch,) = session.exec(select(Batch)).all()
        links.number(session, KeyKind.BOTTLE, "jura-75")
    path = lot_path(links.batch_code(batch.id))

    page = text(read(client, path))

    assert "B00001" in page
    assert "wait to be washed: do not fill them" in page
    assert washer.get(path).location == f"/centre/sorting/{van}"


@pytest.mark.parametrize("role", [Role.WASHER, Role.COORDINATOR])
def test_who_works_at_the_centre_is_led_to_the_lot(sign_in, lot, role):
    assert sign_in(role).get(lot_path()).location == "/centre/lots/1"
    assert sign_in(role).get(f"{lot_path()}?public").status_code == 200


@pytest.mark.parametrize("role", [Role.WINEMAKER, Role.SHOP, Role.DRIVER])
def test_who_works_elsewhere_reads_the_public_page(sign_in, lot, role):
    assert sign_in(role).get(lot_path()).status_code == 200


# -- pallets


@pytest.fixture
def pallet(territory_engine, lot):
    with transaction(territory_engine) as session:
        person = build.author(session, Role.WASHER).person
        return pallets.build(session, lot.id, 600, person, prefix=PREFIX, at=TUESDAY)


def test_a_pallets_page_says_what_stands_on_it(client, pallet):
    page = read(client, f"/00/{pallet.sscc}")

    assert page.status_code == 200
    for fact in ("Jura tradition", "600 bottles", "L00001", "Monday 26 October"):
        assert fact in text(page)


def test_a_pallet_taken_apart_says_so(client, pallet, territory_engine):
    with transaction(territory_engine) as session:
        pallets.take_apart(session, pallet.id, pallet.made_by, at=TUESDAY)

    assert "This pallet was taken apart" in text(read(client, f"/00/{pallet.sscc}"))


def test_a_pallet_of_a_held_lot_is_held(client, pallet, territory_engine):
    with transaction(territory_engine) as session:
        batches.hold(session, pallet.lot, "a doubt", at=TUESDAY)

    assert "are held: do not fill" in text(read(client, f"/00/{pallet.sscc}"))


def test_a_pallet_nobody_knows_says_what_to_do(client, pallet):
    page = read(client, f"/00/{links.sscc(PREFIX, 4711)}")

    assert page.status_code == 404
    assert "We do not know this pallet" in text(page)


def test_who_works_at_the_centre_is_led_to_the_pallet(sign_in, pallet):
    assert sign_in(Role.WASHER).get(f"/00/{pallet.sscc}").location == f"/centre/pallets/{pallet.id}"


# -- points


@pytest.fixture
def points(territory_engine) -> dict[str, str]:
    with transaction(territory_engine) as session:
        build.places(session)
        numbers = {key: links.number(session, KeyKind.POINT, key) for key in (build.SHOP, build.CELLAR)}
    return {key: f"/414/{links.gln(PREFIX, number)}" for key, number in numbers.items()}


def test_a_public_points_label_leads_to_its_page(client, points):
    answer = client.get(points[build.SHOP])

    assert answer.status_code == 303
    assert answer.location == f"/points/{build.SHOP}"


@pytest.mark.parametrize(("role", "key"), [(Role.SHOP, build.SHOP), (Role.WINEMAKER, build.CELLAR)])
def test_a_points_own_people_are_led_to_ask_for_a_pickup_there(sign_in, points, role, key):
    client = sign_in(role)

    answer = client.get(points[key])

    assert answer.location == f"/partner/pickups/new?point={key}"
    assert client.get(answer.location).status_code == 200


def test_a_private_points_label_reads_as_that_of_no_point_but_for_the_way_to_sign_in(client, sign_in, points):
    unknown = f"/414/{links.gln(PREFIX, 4711)}"

    private, nothing = read(client, points[build.CELLAR]), read(client, unknown)

    assert (private.status_code, nothing.status_code) == (404, 404)
    assert "Chêne" not in private.text
    assert f'href="/sign-in?next={points[build.CELLAR]}"' in private.text
    assert sign_in(Role.SHOP).get(points[build.CELLAR]).status_code == 404


def test_a_point_that_is_gone_from_the_list_is_no_point(client, points, territory_engine):
    with transaction(territory_engine) as session:
        find(session, Point, build.SHOP).public = False

    assert read(client, points[build.SHOP]).status_code == 404


# -- numbers that were misread


@pytest.mark.parametrize(
    "path",
    [
        f"/01/{links.gtin(PREFIX, 2)[:-1]}0/10/L00001",
        f"/01/{links.gtin(PREFIX, 2)[1:]}/10/L00001",
        f"/00/{links.sscc(PREFIX, 2)[:-1]}0",
        "/00/pallet",
        f"/414/{links.gln(PREFIX, 2)[:-1]}0",
        f"/414/{SCRIPT.replace('/', '')}",
    ],
)
def test_a_number_that_does_not_add_up_is_to_be_read_again(client, lot, path):
    page = read(client, path)

    assert page.status_code == 422
    assert "read it again" in page.text
    assert "<script>alert" not in page.text
