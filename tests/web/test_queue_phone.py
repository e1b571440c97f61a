"""What the driver's phone keeps, in a real browser: over kills, changes of driver, set clocks and full disks."""

import hashlib
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from bottles import tokens
from bottles.db import reading, transaction
from bottles.events import Event
from bottles.people import Role
from bottles.photos import Photo
from bottles.tokens import Token

from .conftest import TUESDAY
from .photos_sent import drawn
from .queue_phone import NO_NETWORK, Phone, admit, held, lying, offline, phone, road, territory_engine

__all__ = ["offline", "phone", "road", "territory_engine"]

pytestmark = pytest.mark.browser

HOUR = 3_600_000
SKEW = "ms => { const real = Date.now.bind(Date); Date.now = () => real() + ms; }"


def times(phone: Phone) -> list[datetime]:
    return [datetime.fromisoformat(row["event"]["at"]) for row in phone.rows()]


def sequences(phone: Phone) -> list[int]:
    return [row["sequence"] for row in phone.rows()]


# -- what was recorded is there


def test_a_killed_page_loses_nothing_and_its_numbers_go_on(offline, road, territory_engine):
    ids = offline.note("one", "two")

    offline.open()
    ids += offline.note("three")

    assert [row["id"] for row in offline.rows()] == ids
    assert sequences(offline) == [0, 1, 2]
    road.faults.clear()
    offline.send()
    assert held(territory_engine) == ids


def test_a_record_that_cannot_be_kept_whole_is_not_kept_at_all(offline):
    offline.note("one")

    said = offline.run(
        "() => app.acts.record([{kind: 'note', note: 'good'}, {kind: 'note', note: () => 1}]).catch((error) => error.name)"
    )

    assert said == "DataCloneError"
    offline.note("two")
    assert [row["event"]["note"] for row in offline.rows()] == ["one", "two"]
    assert sequences(offline) == [0, 1]


def test_what_is_recorded_waits_in_the_status_from_the_same_turn_on(offline):
    facts = [{"kind": "photo", "photo": "0" * 64}, {"kind": "note", "note": "one"}]
    photos = "{ 0: { bytes: new ArrayBuffer(1), type: 'image/jpeg', sha256: '0'.repeat(64) } }"
    status = f"facts => app.acts.record(facts, {{ photos: {photos} }}).then(() => app.queue.status())"

    said = offline.run(status, facts)

    assert (said["waiting"], said["photos"]) == (2, 1)


def test_a_look_that_began_before_an_act_hides_it_at_no_moment(offline):
    hidden = """async () => {
        const wrong = [];
        let made = 0;
        app.queue.addEventListener("change", () => app.queue.status().waiting < made && wrong.push(made));
        for (const note of ["one", "two", "three", "four"]) {
            app.queue.look();
            await app.acts.record([{ kind: "note", note }]);
            made += 1;
        }
        await app.queue.sendNow();
        return wrong;
    }"""

    assert offline.run(hidden) == []


def test_a_day_lets_go_of_the_events_it_tells_and_of_no_other(phone, road):
    first, second = phone.note("one", "two")
    phone.send()
    road.faults.extend(NO_NETWORK)
    third = phone.note("three")[0]

    phone.run("id => app.store.day().then(day => app.store.keepDay({...day, events: [{id}]}))", first)
    phone.run("id => app.store.day().then(day => app.store.keepDay({...day, events: [{id}]}))", third)

    assert [(row["id"], row["state"]) for row in phone.rows()] == [(second, "sent"), (third, "waiting")]


def test_of_what_changed_only_what_was_seen_goes_and_it_does_not_come_back(phone):
    keep = """([day, name, seen]) => app.store.day().then(kept => {
        const gone = app.store.letGo(seen.map((name) => ({ day, name })));
        return Promise.all([gone, app.store.keepDay({...kept, trips: [{ day }]}, [{ day, name }])]);
    }).then(() => app.store.meta("changes")).then(changes => changes.map(change => change.name))"""

    assert phone.run(keep, ["2026-10-06", "first", []]) == ["first"]
    assert phone.run(keep, ["2026-10-06", "second", ["first"]]) == ["second"]
    assert phone.run(keep, ["2026-10-06", "third", []]) == ["second", "third"]
    left = phone.run("name => app.store.letGo([{ day: '2026-10-06', name }])", "second")
    assert [change["name"] for change in left] == ["third"]
    assert phone.run(keep, ["2026-10-07", "fourth", []]) == ["fourth"]


def test_two_tabs_number_their_events_together_and_send_them_once(phone, road, territory_engine):
    other = Phone(phone.page.context.new_page(), road, territory_engine).open()
    road.faults.extend(NO_NETWORK[:3])

    for text in "abc":
        phone.note(text)
        other.note(text)
    road.faults.clear()
    phone.send()
    other.send()

    ids = [row["id"] for row in phone.rows()]
    assert held(territory_engine) == ids
    assert sequences(phone) == list(range(6))
    other.until("status.waiting === 0 && status.lastSent")
    assert [row["receipt"] for row in phone.rows()] == ["kept"] * 6


# -- whose it is


def test_another_driver_on_a_phone_with_a_full_queue_sends_each_event_under_its_own_author(
    offline, road, territory_engine, sign_in
):
    lous = offline.note("Lou's")
    admit(offline.page.context, road, sign_in(Role.COORDINATOR))
    offline.sign_in(Role.COORDINATOR)
    alixs = offline.note("Alix's")

    road.faults.clear()
    offline.send()

    with reading(territory_engine) as session:
        kept = {event.id: event.role for event in session.exec(select(Event))}
    assert kept == {lous[0]: Role.DRIVER, alixs[0]: Role.COORDINATOR}
    assert sequences(offline) == [0, 1]


def test_a_token_that_is_over_still_hands_in_and_its_sentence_is_shown(phone, territory_engine):
    with transaction(territory_engine) as session:
        tokens.revoke(session, session.exec(select(Token)).one().id, None, at=TUESDAY)

    ids = phone.note("late")
    status = phone.send()

    assert (held(territory_engine), [row.event_id for row in lying(territory_engine)]) == ([], ids)
    (row,) = phone.rows()
    assert (row["state"], row["receipt"], status["waiting"]) == ("sent", "invalid", 0)
    assert "may no longer send" in row["sentence"]


def test_without_a_token_all_is_kept_until_who_recorded_it_signs_in_again(page, road, territory_engine, sign_in):
    made = Phone(page(language="en"), road, territory_engine).open()
    made.sign_in()
    ids = made.note("before any token")
    assert made.send()["trouble"] == "queue.trouble.sign_in"

    admit(made.page.context, road, sign_in(Role.DRIVER))
    made.sign_in()
    made.send()

    assert held(territory_engine) == ids
    assert made.rows()[0]["event"]["device"] == "device-1"


def test_a_token_is_asked_for_only_when_there_is_none_or_it_is_near_its_end(phone, territory_engine):
    day = "app.store.day()"
    phone.run(f"() => {day}.then(day => app.authors.signIn(day))")
    before = phone.meta("authors")

    phone.run(f"() => {day}.then(day => app.authors.signIn({{...day, made_at: '2026-11-01T00:00:00.000Z'}}))")

    assert phone.meta("authors") != before
    with reading(territory_engine) as session:
        assert len(session.exec(select(Token)).all()) == 2


# -- photos


def photograph(phone: Phone) -> str:
    photo = "{photos: {0: {bytes: new Uint8Array([1, 2, 3]).buffer, type: 'image/jpeg', sha256: 'x'}}}"
    return phone.run(f"() => app.acts.record([{{kind: 'note', note: 'photo'}}], {photo}).then(made => made[0].id)")


def test_a_photo_goes_after_its_event_and_leaves_only_on_a_receipt_that_names_it(offline, road):
    asked, answers = [], [(200, {}), (404, {"sentence": "no such event"}), (200, {"id": "another", "receipt": "kept"})]

    def fake(route):
        asked.append((route.request.url, route.request.post_data_buffer, route.request.headers["authorization"][:11]))
        status, told = answers.pop(0)
        route.fulfill(status=status, json=told)

    offline.page.route("**/api/v1/events/*/photo", fake)
    offline.page.route("**/api/v1/events", lambda route: route.fulfill(status=400, json={"sentence": "not taken"}))
    id_ = photograph(offline)
    offline.send()
    assert asked == []

    offline.page.unroute("**/api/v1/events")
    road.faults.clear()
    kept = [offline.send()["photos"] for _ in range(3)]
    answers.append((200, {"id": id_, "receipt": "kept"}))
    status = offline.send()

    assert kept == [1, 1, 1]
    assert (status["photos"], status["trouble"]) == (0, None)
    assert asked[-1] == (f"{road.address}/api/v1/events/{id_}/photo", b"\x01\x02\x03", "Bearer jmb_")


def test_a_picture_taken_offline_is_held_with_its_event(offline, road, territory_engine):
    picture = drawn(40, 20)
    fact = {"kind": "note", "note": "gate", "photo": hashlib.sha256(picture).hexdigest()}
    offline.run(
        """([fact, bytes]) => app.acts.record([fact],
            {photos: {0: {bytes: new Uint8Array(bytes).buffer, type: "image/jpeg", sha256: fact.photo}}})""",
        [fact, list(picture)],
    )

    road.faults.clear()
    status = offline.send()

    assert (status["waiting"], status["photos"], status["trouble"]) == (0, 0, None)
    with reading(territory_engine) as session:
        assert [photo.event for photo in session.exec(select(Photo))] == held(territory_engine)


# -- what time it is


@pytest.mark.parametrize("jump", [-2 * HOUR, 2 * HOUR, 365 * 24 * HOUR])
def test_a_clock_that_is_set_on_the_way_changes_no_time_of_an_act(offline, road, jump):
    offline.run("() => app.clock.set('2026-10-06T07:00:00.000Z', performance.now(), performance.now())")
    offline.note("before")

    offline.run(SKEW, jump)
    offline.note("after")

    before, after = times(offline)
    assert timedelta() <= before - TUESDAY < timedelta(minutes=2)
    assert timedelta() <= after - before < timedelta(minutes=2)


@pytest.mark.parametrize(("jump", "hours"), [(-2 * HOUR, 0), (2 * HOUR, 2), (365 * 24 * HOUR, 0)])
def test_over_a_kill_the_phones_clock_is_believed_only_where_that_is_possible(offline, jump, hours):
    offline.run("() => app.clock.set('2026-10-06T07:00:00.000Z', performance.now(), performance.now())")
    offline.note("before")

    offline.page.add_init_script(f"({SKEW})({jump})")
    offline.open()
    offline.note("after")

    before, after = times(offline)
    assert timedelta() <= after - before - timedelta(hours=hours) < timedelta(minutes=2)


def test_a_phone_that_slept_in_a_pocket_knows_how_long(offline):
    offline.run("() => app.clock.set('2026-10-06T07:00:00.000Z', performance.now(), performance.now())")
    offline.note("before")

    offline.run(f"""() => {{
        let state = "hidden";
        Object.defineProperty(document, "visibilityState", {{ get: () => state }});
        document.dispatchEvent(new Event("visibilitychange"));
        ({SKEW})({2 * HOUR});
        state = "visible";
        document.dispatchEvent(new Event("visibilitychange"));
    }}""")
    offline.note("after")

    before, after = times(offline)
    assert timedelta() <= after - before - timedelta(hours=2) < timedelta(minutes=2)


@pytest.mark.parametrize("night", ["2026-10-25T00:59:59.900Z", "2027-03-28T00:59:59.900Z"])
def test_in_the_nights_when_clocks_change_time_goes_on_as_ever(offline, night):
    offline.run("night => app.clock.set(night, performance.now(), performance.now())", night)
    start = datetime.fromisoformat(night)

    offline.note("before the hour")
    offline.run("() => new Promise(done => setTimeout(done, 150))")
    offline.note("after it")

    before, after = times(offline)
    assert start <= before < after < start + timedelta(minutes=2)
    assert all(row["event"]["at"].endswith("Z") for row in offline.rows())


def test_no_act_is_earlier_than_the_one_before_it_whatever_the_server_says(offline):
    offline.run("() => app.clock.set('2026-10-06T09:00:00.000Z', performance.now(), performance.now())")
    offline.note("before")
    offline.run("() => app.clock.set('2026-10-06T08:00:00.000Z', performance.now(), performance.now())")
    offline.note("after")

    before, after = times(offline)
    assert before == after


# -- where it is kept


def test_storage_that_may_be_cleared_is_full_or_is_none_is_said_before_the_route(page, road, territory_engine):
    def warned(script: str) -> str:
        opened = page(language="en")
        opened.add_init_script(script)
        made = Phone(opened, road, territory_engine).open()
        return made.run("() => app.queue.status().storageWarning")

    assert warned("navigator.storage.persist = async () => false") == "queue.storage.unsure"
    assert warned("navigator.storage.persist = async () => true") is None
    assert warned("navigator.storage.estimate = async () => ({usage: 99e6, quota: 100e6})") == "queue.storage.full"
    assert warned("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError') }") == "queue.storage.none"


def test_a_full_disk_is_said_and_nothing_is_half_kept(offline):
    offline.note("one")
    offline.run("""() => {
        window.real = IDBObjectStore.prototype.add;
        IDBObjectStore.prototype.add = function () { throw new DOMException("full", "QuotaExceededError"); };
    }""")

    said = offline.run("() => app.acts.record([{kind: 'note', note: 'two'}]).catch((error) => error.name)")
    warning = offline.run("() => app.queue.sendNow().then(() => app.queue.status().storageWarning)")
    offline.run("() => { IDBObjectStore.prototype.add = window.real; }")
    offline.note("three")

    assert (said, warning) == ("QuotaExceededError", "queue.storage.full")
    assert [row["event"]["note"] for row in offline.rows()] == ["one", "three"]
    assert sequences(offline) == [0, 1]
