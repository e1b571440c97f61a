"""Pages about labels and pallets: what is printed is kept, once, and a replaced label is void."""

import pytest
from sqlmodel import select

from bottles import codes, crates
from bottles.batches import Batch
from bottles.crates import Crate
from bottles.db import transaction
from bottles.links import LabelSheet
from bottles.points import Point, PointKind

from . import build_day as build
from .centre_day import received, seen, sort, text, van_back
from .office_pages import office, washer
from .sheets import ASSET, an_id, one, printed, words

__all__ = ["office", "washer"]

FORM = {"type": build.CRATE, "count": "3", "preset": "24", "start": "1"}


@pytest.fixture
def lot(territory_engine) -> int:
    with transaction(territory_engine) as session:
        build.places(session)
        return build.lot(session, "jura-75", 1500).id


def new(client, **typed):
    return client.post("/centre/labels", data={**FORM, "event_id": an_id(1), **typed})


def everyone(engine):
    return seen(engine, select(Crate).order_by(Crate.number))


# -- new crates


def test_labels_for_new_crates_name_exactly_those_registered(washer, territory_engine):
    answer = new(washer)

    made = everyone(territory_engine)
    assert len(made) == 3
    assert [codes.read(one, ASSET) for one in printed(washer, answer)] == [crate.code for crate in made]


def test_the_same_form_sent_twice_makes_one_sheet(washer, territory_engine):
    first, second = new(washer), new(washer)

    assert first.location == second.location
    assert len(everyone(territory_engine)) == 3
    assert "nothing was done twice" in text(washer.get(second.location))


@pytest.mark.parametrize("other", [{"count": "4"}, {"type": "palox"}, {"preset": "40"}, {"start": "2"}])
def test_a_form_sent_again_with_other_wishes_says_so_and_makes_nothing(washer, territory_engine, other):
    new(washer)

    answer = new(washer, **other)

    assert answer.status_code == 409
    assert "This form was sent before, for other labels" in text(answer)
    assert f'value="{an_id(1)}"' not in answer.text
    assert len(everyone(territory_engine)) == 3


def test_the_form_of_new_crates_is_not_that_of_a_lots_labels(washer, lot):
    new(washer)

    answer = washer.post(f"/centre/labels/lot/{lot}", data=FORM | {"copies": "3", "event_id": an_id(1)})

    assert answer.status_code == 409


def test_a_label_printed_anew_twice_by_one_form_is_the_label_of_one_crate(washer, territory_engine):
    new(washer)
    one, other, _ = [crate.code for crate in everyone(territory_engine)]
    form = FORM | {"event_id": an_id(2)}

    answers = [washer.post("/centre/labels/replace", data=form | {"code": code}) for code in (one, one, other)]

    assert [answer.status_code for answer in answers] == [303, 303, 409]
    assert [crate.edition for crate in everyone(territory_engine)] == [2, 1, 1]


def test_another_form_makes_other_crates(washer, territory_engine):
    first, second = printed(washer, new(washer)), printed(washer, new(washer, event_id=an_id(2)))

    assert not set(first) & set(second)


def test_a_pdf_opened_again_names_the_same_crates_and_opens_in_the_browser(washer):
    page = new(washer).location

    first, again = washer.get(f"{page}.pdf"), washer.get(f"{page}.pdf")

    assert first.data == again.data
    assert first.headers["Content-Disposition"].startswith("inline")
    assert f'href="{page}.pdf"' in washer.get(page).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"count": "0"}, "from 1 to 480"),
        ({"count": "481"}, "from 1 to 480"),
        ({"count": "many"}, "from 1 to 480"),
        ({"preset": "tag", "count": "161"}, "from 1 to 160"),
        ({"start": "25"}, "from 1 to 24"),
        ({"preset": "12"}, "Choose one of the list"),
        ({"type": "nothing"}, "Choose one of the list"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_registers_nothing(washer, territory_engine, wrong, said):
    answer = new(washer, **wrong)

    assert answer.status_code == 422
    assert said in text(answer)
    assert everyone(territory_engine) == []
    assert seen(territory_engine, select(LabelSheet)) == []


def test_the_last_sheets_are_listed(washer):
    new(washer)

    page = text(washer.get("/centre/labels"))

    assert "J000 0018 to J000 0034" in page


# -- a label that is worn


def replace(client, code, **typed):
    data = {"code": code, "preset": "24", "start": "1", "event_id": an_id(9), **typed}
    return client.post("/centre/labels/replace", data=data)


def test_before_a_label_is_replaced_the_page_says_that_the_old_one_becomes_void(washer, territory_engine):
    new(washer)
    code = everyone(territory_engine)[1].code

    page = washer.get(f"/centre/labels/replace?code={codes.by_eye(code).lower()}")

    assert f"The label {codes.by_eye(code)} becomes void." in text(page)
    assert {crate.edition for crate in everyone(territory_engine)} == {1}


def test_a_replaced_label_says_another_serial_of_the_same_crate(washer, territory_engine):
    new(washer)
    code = everyone(territory_engine)[1].code

    (link,) = printed(washer, replace(washer, code))

    assert codes.read_label(link, ASSET) == (code, 2)
    assert [crate.edition for crate in everyone(territory_engine)] == [1, 2, 1]


def test_the_page_of_a_replaced_label_says_the_serial_that_counts_now(washer, territory_engine):
    new(washer, count="1")
    code = everyone(territory_engine)[0].code

    page = washer.get(replace(washer, code).location)

    assert codes.by_eye(codes.label(code, 2)) in text(page)
    assert codes.by_eye(code) not in text(page)


def test_replacing_sent_twice_voids_one_label(washer, territory_engine):
    new(washer)
    code = everyone(territory_engine)[0].code

    first, second = replace(washer, code), replace(washer, code)

    assert first.location == second.location
    assert everyone(territory_engine)[0].edition == 2


def test_the_new_label_can_be_scanned_to_replace_it_once_more(washer, territory_engine):
    new(washer)
    (link,) = printed(washer, replace(washer, everyone(territory_engine)[0].code))

    (again,) = printed(washer, replace(washer, link.lower(), event_id=an_id(10)))

    assert codes.read_label(again, ASSET)[1] == 3


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (codes.serial(4711), "We have no crate"),
        ("J000001X", "read it again"),
        ("hi", "is not the code of a crate"),
        ("03760000000017A17", "the label of another network"),
        ("", "Fill this in"),
    ],
)
def test_only_a_crate_of_ours_gets_a_new_label(washer, territory_engine, code, said):
    shown, answer = washer.get("/centre/labels/replace", query_string={"code": code}), replace(washer, code)

    assert (shown.status_code, answer.status_code) == (422, 422)
    assert said in text(shown)
    assert said in text(answer)
    assert seen(territory_engine, select(LabelSheet)) == []


# -- lots, batches, points


def test_labels_of_a_lot_are_printed_from_its_page(washer, lot):
    assert f'href="/centre/labels/lot/{lot}"' in washer.get(f"/centre/lots/{lot}").text

    first, second = printed(washer, one(washer, "lot", lot))

    assert first == second
    assert first.endswith("/10/L00001")


def test_labels_of_a_batch_are_printed_from_the_sorting_page(washer, territory_engine):
    van = van_back(territory_engine)
    received(washer, van)
    sort(washer, van, type_jura_75=90)
    (batch,) = seen(territory_engine, select(Batch))

    assert f'href="/centre/labels/batch/{batch.id}"' in washer.get(f"/centre/sorting/{van}").text
    assert printed(washer, one(washer, "batch", batch.id))[0].endswith("/10/B00001")


@pytest.mark.parametrize("kind", ["lot", "batch", "pallet"])
def test_what_is_not_there_has_no_labels(washer, territory_engine, kind):
    assert washer.get(f"/centre/labels/{kind}/99").status_code == 404
    assert one(washer, kind, 99).status_code == 404


def test_labels_are_in_the_territorys_language_whoever_prints_them(washer, lot):
    answer = one(washer, "lot", lot)

    pdf = washer.get(f"{answer.location}.pdf").data

    assert "26/10/2026" in words(pdf)


def test_labels_of_points_lead_to_them(office, territory_engine):
    with transaction(territory_engine) as session:
        build.places(session)
    data = {"point": [build.SHOP, build.CELLAR], "copies": "1", "preset": "24", "start": "1", "event_id": an_id(30)}

    found = printed(office, office.post("/office/labels", data=data))

    assert [office.get(link[link.index("/414") :]).status_code for link in found] == [303, 404]


def test_all_points_get_a_label_without_ticking_any(office, territory_engine):
    with transaction(territory_engine) as session:
        build.places(session)
    data = {"which": "all", "copies": "1", "preset": "24", "start": "1", "event_id": an_id(30)}

    found = printed(office, office.post("/office/labels", data=data))

    points = seen(territory_engine, select(Point).where(Point.kind != PointKind.CENTRE))
    assert len(found) == len(points)


@pytest.mark.parametrize("wrong", [{"point": []}, {"point": ["nowhere"]}, {"point": [build.SHOP], "copies": "25"}])
def test_no_point_no_label(office, territory_engine, wrong):
    with transaction(territory_engine) as session:
        build.places(session)
    data = {"copies": "1", "preset": "24", "start": "1", "event_id": an_id(30), **wrong}

    assert office.post("/office/labels", data=data).status_code == 422
    assert seen(territory_engine, select(LabelSheet)) == []


def test_points_beyond_the_most_sheets_are_refused_in_words(office, territory_engine):
    with transaction(territory_engine) as session:
        build.places(session)
        for n in range(7):
            place = {"id": f"p{n}", "partner": "cave-exemple", "kind": PointKind.SHOP, "name": f"Point {n}"}
            session.add(Point(**place, town="Arbois", postcode="39600", lat=46.9, lon=5.7))
    data = {"point": [f"p{n}" for n in range(7)], "copies": "24", "preset": "tag", "start": "1"}

    answer = office.post("/office/labels", data=data)

    assert answer.status_code == 422
    assert "more than 160 labels" in text(answer)


def test_pages_of_the_hall_and_the_office_show_the_way_to_labels(washer, office):
    assert 'href="/centre/labels"' in washer.get("/centre/crates").text
    assert 'href="/office/labels"' in office.get("/centre/labels").text
    assert 'href="/office/labels"' not in washer.get("/centre/labels").text


def test_a_crate_type_of_each_crate_stands_on_its_label(washer, territory_engine):
    answer = new(washer, type="palox", count="1")

    (crate,) = everyone(territory_engine)
    assert crate.type == "palox"
    assert "alox" in words(washer.get(f"{answer.location}.pdf").data)
    with transaction(territory_engine) as session:
        assert [again.code for again in crates.register(session, "palox", 1)] == [codes.serial(2)]
