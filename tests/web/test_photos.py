"""Pictures of events: handed in after the facts, drawn anew, shown to whom they concern, told in the stories."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlmodel import select

from bottles import photos, tokens
from bottles.aside import SetAside
from bottles.codes import uuid7
from bottles.db import reading, transaction
from bottles.people import Role
from bottles.photos import Photo

from . import build_day
from .access_pages import ALIKE
from .access_pages import told as alike
from .api_clients import DEVICE, Program, program, receipts
from .build_day import CELLAR, SHOP
from .conftest import TUESDAY
from .photos_sent import LEFT, RIGHT, drawn, located, name_of, phone, put, sent, told

__all__ = ["phone", "program"]


def kept(engine) -> list[Photo]:
    with reading(engine) as session:
        return list(session.exec(select(Photo).order_by(Photo.row)))


# -- in


def test_a_picture_is_kept_once_however_often_it_is_sent(phone, territory_engine):
    body = drawn()
    event = told(phone, body)

    answers = [put(phone, event, body).json["receipt"] for _ in range(3)]

    assert answers == ["kept", "already_known", "already_known"]
    assert [(one.event, one.digest, one.mime) for one in kept(territory_engine)] == [(event, name_of(body), "image/jpeg")]


def test_a_picture_before_its_event_is_for_the_phone_to_keep(phone, territory_engine):
    body = drawn()
    answer = put(phone, uuid7(TUESDAY, 77), body)

    assert (answer.status_code, kept(territory_engine)) == (404, [])
    assert "send the event first" in answer.json["sentence"]


def test_an_event_takes_no_other_picture_than_the_one_it_names(phone, territory_engine):
    event, silent = told(phone, drawn()), phone.note()
    phone.send(silent)

    other, none = put(phone, event, drawn(401)), put(phone, silent["id"], drawn())

    assert (other.status_code, none.status_code, kept(territory_engine)) == (409, 409, [])
    assert "names another picture" in other.json["sentence"]


def test_nobody_else_and_no_other_device_hands_in_my_picture(program, phone, client, territory_engine):
    body = drawn()
    event = told(phone, body)
    others = [program(Role.DRIVER, "phone-2"), program(Role.WASHER, DEVICE), program(Role.COORDINATOR), Program(client)]

    assert [put(other, event, body).status_code for other in others] == [404, 404, 404, 401]
    assert kept(territory_engine) == []


def test_a_session_of_the_site_hands_in_no_picture(sign_in, phone):
    body = drawn()
    driver = sign_in(Role.DRIVER)

    assert driver.put(f"/api/v1/events/{told(phone, body)}/photo", data=body).status_code == 401


def test_the_picture_of_what_lies_in_quarantine_is_kept_and_is_there_when_it_is_let_in(
    phone, territory_engine, sign_in, client
):
    body = drawn()
    with transaction(territory_engine) as session:
        tokens.revoke(session, phone.token, None, at=TUESDAY)
    event = phone.note(kind="photo", photo=name_of(body))
    assert receipts(phone.send(event)) == ["invalid"]

    assert put(phone, event["id"], body).json["receipt"] == "kept"

    with reading(territory_engine) as session:
        row = session.exec(select(SetAside.row)).one()
    office = sign_in(Role.COORDINATOR)
    assert office.get(f"/photos/{event['id']}").status_code == 404
    office.post(f"/office/quarantine/{row}/let-in")
    assert office.get(f"/photos/{event['id']}").status_code == 200


def test_the_office_sees_the_picture_of_what_lies_in_quarantine_and_nobody_else_does(phone, territory_engine, sign_in):
    first, second = drawn(400), drawn(600)
    event = phone.note(kind="photo", photo=name_of(first))
    phone.send(event)
    phone.send(event | {"photo": name_of(second)})
    phone.send(phone.note(kind="dance"))
    for body in (first, second):
        put(phone, event["id"], body)
    with reading(territory_engine) as session:
        apart, silent = session.exec(select(SetAside.row).order_by(SetAside.row)).all()
    office = sign_in(Role.COORDINATOR)

    page = office.get("/office/quarantine").text

    assert page.count("<img") == 1
    assert f'src="/photos/set-aside/{apart}"' in page
    answer = office.get(f"/photos/set-aside/{apart}")
    assert Image.open(BytesIO(answer.data)).width == 600
    assert answer.cache_control.private
    assert [office.get(f"/photos/set-aside/{row}").status_code for row in (silent, 99)] == [404, 404]
    for role in set(Role) - {Role.COORDINATOR}:
        # alike, whether something lies there or not
        assert [sign_in(role).get(f"/photos/set-aside/{row}").status_code for row in (apart, 99)] == [403, 403]


def test_the_picture_of_what_could_not_be_read_is_kept_too(phone, territory_engine):
    body = drawn()
    event = phone.note(kind="photo", photo=name_of(body))
    raw = json.dumps(event).replace('"hello"', '"a\\u0000b"').encode()
    assert receipts(phone.raw(b'{"events": [' + raw + b"]}")) == ["invalid"]

    assert put(phone, event["id"], body).json["receipt"] == "kept"


def test_of_two_bodies_with_one_id_each_keeps_its_picture_and_the_first_is_shown(phone, territory_engine, sign_in):
    first, second = drawn(400), drawn(600)
    event = phone.note(kind="photo", photo=name_of(first))
    assert receipts(phone.send(event)) == ["kept"]
    assert receipts(phone.send(event | {"photo": name_of(second)})) == ["conflict"]

    assert [put(phone, event["id"], body).json["receipt"] for body in (second, first)] == ["kept", "kept"]

    assert len(kept(territory_engine)) == 2
    seen = Image.open(BytesIO(sign_in(Role.COORDINATOR).get(f"/photos/{event['id']}").data))
    assert seen.width == 400


# -- out


@pytest.mark.parametrize(("large", "small"), [(True, 1600), (False, 640)])
def test_a_picture_is_shown_at_most_so_large(phone, sign_in, large, small):
    event = sent(phone, drawn(3000, 1500))

    answer = sign_in(Role.COORDINATOR).get(f"/photos/{event}{'' if large else '/small'}")

    image = Image.open(BytesIO(answer.data))
    assert (answer.mimetype, image.format, image.size) == ("image/jpeg", "JPEG", (small, small // 2))


def test_the_browser_keeps_a_picture_and_asks_each_time_whether_it_may_show_it(phone, sign_in):
    event, office = sent(phone, drawn()), sign_in(Role.COORDINATOR)

    first = office.get(f"/photos/{event}")
    again = office.get(f"/photos/{event}", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in first.headers["Vary"]
    assert (again.status_code, again.data) == (304, b"")
    stranger = office.application.test_client().get(f"/photos/{event}", headers={"If-None-Match": first.headers["ETag"]})
    assert stranger.status_code == 303


SEEN = {
    "at the cellar, planned": {Role.WINEMAKER, Role.DRIVER, Role.COORDINATOR},
    "at the shop, planned": {Role.SHOP, Role.DRIVER, Role.COORDINATOR},
    "at the shop's point, for the cellar's task": {Role.WINEMAKER, Role.DRIVER, Role.COORDINATOR},
    "at the cellar, unplanned": {Role.WINEMAKER, Role.DRIVER, Role.COORDINATOR},
    "of a crate": {Role.WASHER, Role.DRIVER, Role.COORDINATOR},
    "of nothing": {Role.DRIVER, Role.COORDINATOR},
}


@pytest.mark.parametrize("what", SEEN)
def test_a_picture_is_for_whom_it_concerns_and_for_others_reads_as_if_it_did_not_exist(
    what, phone, sign_in, client, territory_engine
):
    with transaction(territory_engine) as session:
        tasks = [[build_day.pickup(session)], [build_day.order(session, {"jura-75": 60})]]
        cellar, shop = build_day.plan(session, tasks).tasks
        crate = build_day.labelled(session, 1)[0].code
    facts = {
        "at the cellar, planned": {"task": cellar, "point": CELLAR},
        "at the shop, planned": {"task": shop},
        "at the shop's point, for the cellar's task": {"task": cellar, "point": SHOP},
        "at the cellar, unplanned": {"point": CELLAR},
        "of a crate": {"kind": "scan", "crate": crate, "move": "lose"},
        "of nothing": {},
    }[what]
    event = sent(phone, drawn(), **facts)

    for role in Role:
        reader = sign_in(role, client.application.test_client())
        for address in (f"/photos/{event}", f"/photos/{event}/small"):
            answer = reader.get(address)
            assert answer.status_code == (200 if role in SEEN[what] else 404), (role, address)
            if role not in SEEN[what]:
                assert alike(answer) == alike(reader.get("/photos/none")) == ALIKE


# -- the loading place


def test_the_newest_photo_of_a_place_that_stands_is_the_points(phone, territory_engine, sign_in):
    with transaction(territory_engine) as session:
        build_day.places(session)
    place = {"point": CELLAR, "reason": photos.PLACE}
    first = sent(phone, drawn(400), at=TUESDAY.isoformat(), **place)
    second = sent(phone, drawn(500), at=(TUESDAY + timedelta(minutes=1)).isoformat(), **place)
    told(phone, drawn(600), at=(TUESDAY + timedelta(minutes=2)).isoformat(), **place)  # its picture never came
    sent(phone, drawn(700), point=CELLAR, at=(TUESDAY + timedelta(minutes=3)).isoformat())

    def of_place() -> dict[str, str]:
        with reading(territory_engine) as session:
            return photos.of_place(session, [CELLAR, SHOP])

    assert of_place() == {CELLAR: second}
    phone.send(phone.note(kind="undo", undoes=second, at=(TUESDAY + timedelta(minutes=4)).isoformat()))
    assert of_place() == {CELLAR: first}
    assert sign_in(Role.DRIVER).get(f"/photos/{first}/small").status_code == 200


# -- drawn anew


def shown(client, event) -> bytes:
    return client.get(f"/photos/{event}").data


def test_nothing_of_where_and_with_what_it_was_taken_is_left(phone, sign_in):
    body = located()
    assert b"Secret phone" in body
    assert b"Secret comment" in body
    assert b"Secret xmp" in body
    event, office = sent(phone, body), sign_in(Role.COORDINATOR)

    for address in (f"/photos/{event}", f"/photos/{event}/small"):
        data = office.get(address).data
        assert b"Secret" not in data
        assert b"Exif" not in data
        assert dict(Image.open(BytesIO(data)).getexif()) == {}


UPRIGHT = [(1, (400, 200), LEFT), (3, (400, 200), RIGHT), (6, (200, 400), LEFT), (8, (200, 400), RIGHT)]


@pytest.mark.parametrize(("orientation", "size", "top_left"), UPRIGHT)
def test_a_picture_stands_upright(phone, sign_in, orientation, size, top_left):
    event = sent(phone, located(orientation))

    image = Image.open(BytesIO(shown(sign_in(Role.COORDINATOR), event)))

    assert image.size == size
    assert all(abs(seen - meant) < 20 for seen, meant in zip(image.getpixel((5, 5)), top_left, strict=True))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_png_and_webp_are_taken_and_become_jpeg(phone, sign_in, kind):
    event = sent(phone, drawn(kind=kind))

    assert shown(sign_in(Role.COORDINATOR), event).startswith(b"\xff\xd8")


def test_a_signature_drawn_on_nothing_is_shown_on_white(phone, sign_in):
    out = BytesIO()
    Image.new("RGBA", (300, 100), (0, 0, 0, 0)).save(out, "PNG")
    event = sent(phone, out.getvalue(), kind="signature", note="Camille Chêne")

    assert Image.open(BytesIO(shown(sign_in(Role.COORDINATOR), event))).getpixel((10, 10)) == (255, 255, 255)


# -- told


def test_the_coordinator_sees_photo_note_and_reason_of_a_missed_stop(phone, sign_in, territory_engine, client):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)]])
    missed = {"kind": "stop_missed", "reason": "closed", "note": "The gate is locked.", "task": day.tasks[0]}
    event = sent(phone, drawn(), plan_version=day.plan, **missed)
    signed = told(phone, drawn(500), kind="signature", note="Camille Chêne", task=day.tasks[0], plan_version=day.plan)

    page = sign_in(Role.COORDINATOR).get("/office/pickups/1").text

    assert f'href="/photos/{event}"' in page
    assert f'src="/photos/{event}/small"' in page
    assert "The gate is locked." in page
    assert f"/photos/{signed}" not in page
    assert "Its photo has not reached us yet." in page
    assert "Signed" in page


def test_the_partner_sees_at_once_why_a_stop_was_missed_with_note_and_photo(phone, sign_in, territory_engine, client):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)]])
    missed = {"kind": "stop_missed", "reason": "closed", "note": "The gate is locked.", "task": day.tasks[0]}
    event = sent(phone, drawn(), plan_version=day.plan, **missed)

    page = sign_in(Role.WINEMAKER).get("/partner/pickups/1").text

    assert f'src="/photos/{event}/small"' in page
    assert "The gate is locked." in page
    assert f"/photos/{event}" not in sign_in(Role.SHOP).get("/partner").text


def test_a_signature_for_an_order_is_seen_by_the_shop_and_a_photo_alone_breaks_no_page(phone, sign_in, territory_engine):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.order(session, {"jura-75": 60})]])
    visit = {"task": day.tasks[0], "plan_version": day.plan}
    sent(phone, drawn(), **visit)
    assert sign_in(Role.SHOP).get("/partner/orders/1").status_code == 200
    phone.send(phone.note(kind="stop_done", **visit))
    told(phone, drawn(500), kind="signature", note="Noé Exemple", **visit)

    page = sign_in(Role.SHOP).get("/partner/orders/1").text

    assert "Signed by Noé Exemple" in page
    assert "Its photo has not reached us yet." in page
