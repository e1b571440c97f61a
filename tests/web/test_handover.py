"""The file of a phone that reaches us no more: whose its events are, what may come in at once, and what no phone wrote."""

import base64
import hashlib
import json
import re

import pytest
from sqlmodel import col, select

from bottles import people, tokens
from bottles.aside import SetAside
from bottles.db import reading, transaction
from bottles.events import Event
from bottles.people import Role
from bottles.photos import Photo

from .api_clients import DEVICE, program, receipts
from .office_pages import driver, in_english, office, said
from .photos_sent import drawn

__all__ = ["driver", "office", "program"]

DRIVERS, OFFICES = "/driver/handover", "/office/devices/handover"


def packed(told: list[tuple[int, object]], **facts: object) -> bytes:
    """Write a file as a phone does: each event as the text it would have sent, beside the number of its author."""
    events = [{"author": author, "name": "", "device": DEVICE, "body": json.dumps(event)} for author, event in told]
    return json.dumps(
        {"format": "bouteilles-handover", "version": 1, "made_at": "", "events": events, "photos": []} | facts
    ).encode()


def shot(author: int, event: dict, body: bytes, device: str = DEVICE) -> dict:
    return {"author": author, "event": event["id"], "device": device, "base64": base64.b64encode(body).decode()}


def hand_in(client, body: bytes):
    return client.post(DRIVERS, data=body, content_type="application/json")


def choose(client, body: bytes):
    # written by hand: the test client would leave a large one in a file it never closes
    head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="bouteilles.json"\r\n\r\n'
    return client.post(OFFICES, data=head + body + b"\r\n--cut--\r\n", content_type="multipart/form-data; boundary=cut")


def rows(engine, kind) -> list:
    with reading(engine) as session:
        return list(session.exec(select(kind).order_by(col(kind.row))))


@pytest.fixture
def phone(program, territory_engine):
    """A driver's phone, and the number of its driver."""
    made = program(Role.DRIVER, device=DEVICE)
    return made, person_of(territory_engine, Role.DRIVER)


def person_of(engine, role: Role) -> int:
    with reading(engine) as session:
        return people.by_email(session, f"{role}@example.org").id


def test_a_driver_hands_in_what_they_did_on_a_phone_that_died(phone, driver, territory_engine):
    made, lou = phone
    events = [made.note(), made.note()]

    answer = hand_in(driver, packed([(lou, event) for event in events]))

    assert receipts(answer) == ["kept", "kept"]
    kept = rows(territory_engine, Event)
    assert [(event.id, event.person, event.role) for event in kept] == [(event["id"], lou, Role.DRIVER) for event in events]
    assert json.loads(kept[0].body) == events[0]


@pytest.mark.parametrize("way", [hand_in, lambda office, body: choose(office, body)])
def test_what_a_file_claims_of_others_counts_for_nobody_before_somebody_looked(phone, office, territory_engine, way):
    made, lou = phone

    way(office, packed([(lou, made.note())]))

    assert rows(territory_engine, Event) == []
    assert [(lies.person, lies.is_barred) for lies in rows(territory_engine, SetAside)] == [(lou, True)]


def test_the_office_reads_whose_events_a_file_claims_and_lets_in_all_of_one_phone(phone, program, office, territory_engine):
    made, lou = phone
    sam = person_of(territory_engine, Role.WASHER)
    program(Role.WASHER, device="basin")
    events = [made.note(), made.note(at="2026-10-06T09:30:00+02:00"), made.note(kind="dance")]
    page = said(choose(office, packed([*((lou, event) for event in events), (sam, made.note(device="basin"))])))
    lying = [lies.row for lies in rows(territory_engine, SetAside) if lies.person == lou]

    named = re.findall(r'name="rows" value="([0-9,]+)"', page)
    answer = office.post("/office/quarantine/let-in", data={"rows": named[0]}, follow_redirects=True)

    assert "3 events of Lou Volant on phone phone-1" in page
    assert page.index("9:00") < page.index("9:30")
    assert sorted(map(int, named[0].split(","))) == lying
    assert [event.id for event in rows(territory_engine, Event)] == [event["id"] for event in events[:2]]
    assert "dance" in said(answer)
    assert [lies.decided_at is None for lies in rows(territory_engine, SetAside)] == [False, False, True, True]


def test_of_several_nothing_is_let_in_when_somebody_decided_about_one(phone, office, territory_engine):
    made, lou = phone
    body = packed([(lou, made.note()), (lou, made.note())])
    choose(office, body)
    first, second = (lies.row for lies in rows(territory_engine, SetAside))
    office.post(f"/office/quarantine/{second}/put-away")

    answer = office.post("/office/quarantine/let-in", data={"rows": f"{first},{second},x"})

    assert (answer.status_code, rows(territory_engine, Event)) == (409, [])
    assert f'name="rows" value="{first}"' in choose(office, body).text


def test_what_came_by_file_and_comes_by_network_as_well_counts_once(phone, driver, territory_engine):
    made, lou = phone
    event = made.note()
    hand_in(driver, packed([(lou, event)]))

    assert receipts(made.send(event)) == ["already_known"]
    assert receipts(hand_in(driver, packed([(lou, event)]))) == ["already_known"]
    assert len(rows(territory_engine, Event)) == 1


def test_a_driver_hands_in_their_own_and_anothers_waits_for_the_coordinator(phone, program, driver, territory_engine):
    made, lou = phone
    sam = person_of(territory_engine, Role.WASHER)
    program(Role.WASHER, device=DEVICE)
    own, others = made.note(), made.note()

    answer = hand_in(driver, packed([(sam, others), (lou, own)]))

    assert receipts(answer) == ["invalid", "kept"]
    assert [one["id"] for one in answer.json["receipts"]] == [others["id"], own["id"]]
    assert "Somebody else" in answer.json["receipts"][0]["sentence"]
    (lies,) = rows(territory_engine, SetAside)
    assert (lies.event_id, lies.person, lies.is_barred) == (others["id"], sam, True)


def test_what_waited_is_let_in_under_its_author(phone, program, driver, office, territory_engine):
    made, _lou = phone
    sam = person_of(territory_engine, Role.WASHER)
    program(Role.WASHER, device=DEVICE)
    hand_in(driver, packed([(sam, made.note())]))

    office.post(f"/office/quarantine/{rows(territory_engine, SetAside)[0].row}/let-in")

    assert [event.person for event in rows(territory_engine, Event)] == [sam]


@pytest.mark.parametrize("role", [Role.DRIVER, Role.COORDINATOR])
def test_a_phone_that_never_signed_in_is_set_aside_under_who_hands_it_in(sign_in, phone, territory_engine, role):
    made, lou = phone
    author = {Role.DRIVER: lou, Role.COORDINATOR: person_of(territory_engine, Role.WASHER)}[role]
    device = {Role.DRIVER: "elsewhere", Role.COORDINATOR: DEVICE}[role]

    answer = hand_in(in_english(sign_in(role)), packed([(author, made.note(device=device))]))

    assert receipts(answer) == ["invalid"]
    assert "never signed in" in answer.json["receipts"][0]["sentence"]
    assert [(lies.person, lies.is_barred) for lies in rows(territory_engine, SetAside)] == [
        (person_of(territory_engine, role), True)
    ]


def test_a_token_that_is_over_still_says_whose_phone_it_was(phone, driver, territory_engine, clock):
    made, lou = phone
    with transaction(territory_engine) as session:
        tokens.revoke(session, made.token, None, at=clock())

    assert receipts(hand_in(driver, packed([(lou, made.note())]))) == ["kept"]


def test_an_event_of_the_file_that_is_none_is_set_aside_with_its_sentence(phone, driver):
    made, lou = phone

    answer = hand_in(driver, packed([(lou, made.note(kind="dance")), (lou, made.note())]))

    assert receipts(answer) == ["invalid", "kept"]
    assert "dance" in answer.json["receipts"][0]["sentence"]


def test_photos_ride_along_and_one_that_is_none_keeps_no_other_out(phone, driver, territory_engine):
    made, lou = phone
    picture, others = drawn(), drawn(10, 10)
    event = made.note(photo=hashlib.sha256(picture).hexdigest())
    shots = [
        shot(lou, event, others),
        shot(lou, made.note(), picture),
        {"event": "x", "base64": "?"},
        shot(lou, event, picture),
    ]

    answer = hand_in(driver, packed([(lou, event)], photos=shots))
    again = hand_in(driver, packed([], photos=shots[3:]))

    assert [one.get("receipt") for one in answer.json["photos"]] == [None, None, None, "kept"]
    assert "names another picture" in answer.json["photos"][0]["sentence"]
    assert "cut short" in answer.json["photos"][2]["sentence"]
    assert again.json == {"receipts": [], "photos": [{"id": event["id"], "receipt": "already_known"}]}
    assert [(kept.event, kept.person) for kept in rows(territory_engine, Photo)] == [(event["id"], lou)]


def test_whose_the_photos_are_is_asked_once_for_a_whole_file(office, monkeypatch):
    asked = []
    monkeypatch.setattr(tokens, "of_devices", lambda session, devices: asked.append(devices) or {})

    hand_in(office, packed([], photos=[{"event": str(n), "base64": "", "device": f"phone-{n}"} for n in range(100)]))

    assert [len(devices) for devices in asked] == [0, 100]


def test_a_character_that_no_name_has_keeps_no_photo_from_its_answer(office):
    body = packed([], photos=[{"event": "no\0ne", "device": "\0", "base64": ""}])

    (photo,) = hand_in(office, body).json["photos"]

    # PostgreSQL would break off instead of finding nothing
    assert photo["id"] == "none"
    assert "do not hold the event" in photo["sentence"]


def test_a_photo_of_what_waits_for_the_coordinator_waits_with_it(phone, driver, territory_engine):
    made, _lou = phone
    picture = drawn()
    event = made.note(photo=hashlib.sha256(picture).hexdigest(), device="elsewhere")

    answer = hand_in(driver, packed([(0, event)], photos=[shot(0, event, picture, "elsewhere")]))

    assert receipts(answer) == ["invalid"]
    assert answer.json["photos"] == [{"id": event["id"], "receipt": "kept"}]


def test_the_office_reads_what_became_of_the_photos(phone, office):
    made, lou = phone
    picture = drawn()
    event = made.note(photo=hashlib.sha256(picture).hexdigest())

    page = said(choose(office, packed([(lou, event)], photos=[shot(lou, event, picture), shot(lou, event, b"none")])))

    assert "A photo: This event names another picture" in page
    # one event and one photo
    assert page.count("<dd>1</dd>") == 2


BAD = {
    "no JSON": (b"hello", 400, "not the file of a phone"),
    "cut short": (packed([(1, {})])[:-5], 400, "not the file of a phone"),
    "another file": (b'{"format": "else", "version": 1, "events": []}', 400, "not the file of a phone"),
    "no list": (b'{"format": "bouteilles-handover", "version": 1, "events": 3}', 400, "not the file of a phone"),
    "too deep": (b'{"format": "bouteilles-handover", "version": ' + b"[" * 100_000, 400, "not the file of a phone"),
    "newer": (packed([(1, {})], version=2), 400, "of the form “2”"),
    "nothing": (packed([]), 422, "Nothing is in this file"),
    "too many": (packed([(1, 0)] * 5_001), 413, "more than the 5000"),
    "too many photos": (packed([], photos=[{"event": "x", "base64": ""}] * 101), 413, "more than the 100"),
    "too large": (b" " * (16 * 1024 * 1024 + 1), 413, "larger than 16 MB"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_one_sentence(office, territory_engine, name):
    body, status, sentence = BAD[name]

    answer, page = hand_in(office, body), choose(office, body)

    assert (answer.status_code, sentence in answer.json["sentence"]) == (status, True)
    assert (page.status_code in (413, 422), sentence in said(page)) == (True, True)
    assert rows(territory_engine, Event) == rows(territory_engine, SetAside) == []


def test_the_office_chooses_a_file_and_reads_what_became_of_it(phone, office):
    made, lou = phone
    known = made.note()
    made.send(known)
    body = packed([(lou, known), (lou, made.note()), (lou, made.note(kind="dance")), (lou, made.note(device="elsewhere"))])

    page = said(choose(office, body))

    assert 'href="/office/devices/handover"' in office.get("/office/devices").text
    assert ["<dd>3</dd>" in page, "<dd>1</dd>" in page, "never signed in" in page] == [True] * 3


def test_without_a_file_the_office_is_asked_for_one(office):
    page = office.post(OFFICES, data={})

    assert (page.status_code, "Choose the file" in said(page)) == (422, True)
