"""The file of a phone that reaches us no more, made and taken in by real browsers."""

import json

import pytest

from web import handed

from .queue_phone import held, offline, phone, road, territory_engine

__all__ = ["offline", "phone", "road", "territory_engine"]

pytestmark = pytest.mark.browser


def test_what_was_not_sent_goes_by_file_and_counts_once_when_the_network_is_back(offline, road, territory_engine, sign_in):
    ids = offline.note("one", "two")
    made = offline.run("() => app.handover.files().then(files => files[0].text())")
    told = json.loads(made)
    assert [each["name"] for each in told["events"]] == ["Lou Volant"] * 2

    road.faults.clear()
    another = offline.run("text => app.handover.take(new File([text], 'f.json'), 'none')", made)
    status = offline.send()

    assert [one["receipt"] for one in another["receipts"]] == ["kept", "kept"]
    assert (held(territory_engine), status["waiting"]) == (ids, 0)
    assert [row["receipt"] for row in offline.rows()] == ["already_known"] * 2
    assert offline.run("() => app.handover.files()") == []


def test_a_file_that_is_none_is_answered_with_a_sentence(phone):
    told = phone.run("() => app.handover.take(new File(['hello'], 'f.json'), 'none')")

    assert "not the file of a phone" in told["sentence"]


def test_photos_ride_in_as_many_files_as_they_need(offline):
    photo = "{bytes: new Uint8Array(6_000_000).buffer, type: 'image/jpeg', sha256: 'x'}"
    offline.run(
        f"() => app.acts.record([{{kind: 'note', note: 'a'}}, {{kind: 'note', note: 'b'}}], {{photos: [{photo}, {photo}]}})"
    )

    sizes = offline.run("() => app.handover.files().then(files => files.map(file => file.size))")

    assert [8_000_000 < size < 16 * 1024 * 1024 for size in sizes] == [True, True]


def test_no_file_holds_more_photos_than_the_office_takes(offline):
    offline.run(
        "() => app.acts.record(Array(101).fill({kind: 'note', note: 'a'}),"
        " {photos: Array(101).fill({bytes: new Uint8Array(1).buffer, type: 'image/jpeg', sha256: 'x'})})"
    )

    made = offline.run("() => app.handover.files().then(files => Promise.all(files.map(file => file.text())))")

    assert [len(json.loads(text)["photos"]) for text in made] == [handed.MOST_PHOTOS, 1]


def test_a_phone_that_cannot_share_saves_the_file(offline):
    offline.note("one")
    offline.run("() => { navigator.canShare = undefined; }")

    with offline.page.expect_download() as saved:
        how = offline.run("() => app.handover.files().then(files => app.handover.share(files, 'title'))")

    assert how == "saved"
    assert saved.value.suggested_filename.startswith("bouteilles-2026-")
