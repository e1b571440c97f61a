"""The washing centre: vans are counted in blind, their bottles sorted, their crates washed; nothing happens twice."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import audit, codes, crates, ledger
from bottles.batches import Reception, Sorting
from bottles.crates import CrateState
from bottles.db import reading, transaction
from bottles.disputes import DisputeKind, open_ones
from bottles.events import Event
from bottles.ledger import AccountKind
from bottles.people import Role
from web.auth import access

from . import build_day
from .build_day import CELLAR, CENTRE, CRATE
from .centre_day import GOOD, HX, JURA, an_id, received, seen, sort, start, text, van
from .office_pages import washer

__all__ = ["van", "washer"]


@pytest.mark.usefixtures("van")
def test_the_home_page_leads_to_the_van_and_does_not_tell_the_exact_count(washer):
    page = text(washer.get("/centre/"))

    assert "Fourgon 1" in page
    assert "a few crates aboard" in page
    assert "8 crates" not in page


def test_the_drivers_count_is_shown_only_after_ours(washer, van):
    before = washer.get(f"/centre/reception/{van}")
    received(washer, van, 7)
    after = text(washer.get(f"/centre/reception/{van}"))

    assert "the driver counted" not in text(before).replace("What the driver counted is shown afterwards", "")
    assert 'value="8"' not in before.get_data(as_text=True)
    assert "1 fewer than the driver counted" in after


def test_a_count_that_differs_says_so_in_words_and_is_a_dispute(washer, van, territory_engine):
    assert received(washer, van, 9).status_code == 303

    assert "1 more than the driver counted" in text(washer.get(f"/centre/reception/{van}"))
    with reading(territory_engine) as session:
        assert DisputeKind.RECEPTION_DIFFERENCE in {dispute.kind for dispute in open_ones(session)}


def test_a_correction_takes_the_place_of_the_first_count(washer, van, territory_engine, clock):
    received(washer, van, 7)
    clock.at += timedelta(minutes=5)
    assert 'value="7"' in washer.get(f"/centre/reception/{van}?correct=1").get_data(as_text=True)
    received(washer, van, 8, number=2)

    assert "as the driver counted" in text(washer.get(f"/centre/reception/{van}"))
    assert seen(territory_engine, select(Reception.bottles)) == [96]
    with reading(territory_engine) as session:
        assert DisputeKind.RECEPTION_DIFFERENCE not in {dispute.kind for dispute in open_ones(session)}


def test_a_count_sent_twice_is_one_count(washer, van, territory_engine, clock):
    received(washer, van)
    clock.at += timedelta(minutes=1)
    answer = received(washer, van)

    assert answer.status_code == 303
    assert len(seen(territory_engine, select(Event.id).where(Event.move == "receive"))) == 1


def test_an_empty_van_must_be_confirmed(washer, van, territory_engine):
    refused = received(washer, van, 0)
    form = {f"crates-{CRATE}": "0", "empty": "yes", "event_id": an_id(2)}
    confirmed = washer.post(f"/centre/reception/{van}", data=form)

    assert (refused.status_code, confirmed.status_code) == (422, 303)
    assert "came back without any" in text(refused)
    assert seen(territory_engine, select(Reception.bottles)) == [0]


@pytest.mark.parametrize("typed", ["-1", "douze", "401", "1,5"])
def test_a_bad_count_comes_back_with_a_sentence_and_what_was_typed(washer, van, typed):
    answer = received(washer, van, typed)

    assert answer.status_code == 422
    assert "Give a whole number from 0 to 400" in text(answer)
    assert f'value="{typed}"' in answer.get_data(as_text=True)


def test_fewer_than_were_scanned_must_be_confirmed(washer, van, territory_engine):
    with transaction(territory_engine) as session:
        labels = [crate.code for crate in build_day.labelled(session, 2)]
    for number, code in enumerate(labels, start=10):
        washer.post(f"/centre/reception/{van}/scan", data={"code": code, "event_id": an_id(number)}, headers=HX)

    refused = received(washer, van, 1)
    form = {f"crates-{CRATE}": "1", "sure": "yes", "event_id": an_id(2)}

    assert "2 were scanned and you count 1" in text(refused)
    assert washer.post(f"/centre/reception/{van}", data=form).status_code == 303


def test_a_crate_scanned_at_reception_counts_once_and_can_be_taken_back(washer, van, territory_engine):
    with transaction(territory_engine) as session:
        code = build_day.labelled(session, 1)[0].code
    url = f"/centre/reception/{van}/scan"

    first = washer.post(url, data={"code": code.lower(), "event_id": an_id(10)}, headers=HX)
    again = washer.post(url, data={"code": code, "event_id": an_id(11)}, headers=HX)
    undone = washer.post(f"/centre/scans/{an_id(10)}/undo", headers=HX)

    assert 'data-scan-result="unexpected"' in first.get_data(as_text=True)
    assert 'data-scan-result="repeated"' in again.get_data(as_text=True)
    assert "Taken back" in text(undone)
    assert "0 crates" in text(undone)
    assert seen(territory_engine, select(crates.Crate.state)) == [CrateState.OUT]


def test_sorting_more_than_came_is_refused_and_keeps_what_was_typed(washer, van, territory_engine):
    received(washer, van)

    answer = sort(washer, van, type_jura_75=97)

    assert answer.status_code == 422
    assert "Only 96 bottles are left to sort, not 97" in text(answer)
    assert 'value="97"' in answer.get_data(as_text=True)
    assert seen(territory_engine, select(Sorting.id)) == []


def test_nothing_sorted_is_refused(washer, van):
    received(washer, van)

    assert "Nothing was sorted" in text(sort(washer, van))


def test_sorting_counts_down_what_is_left(washer, van):
    received(washer, van)
    sort(washer, van, type_jura_75=40, reason_colle_permanente=6)

    assert "50 bottles left to sort" in text(washer.get(f"/centre/sorting/{van}"))


def test_finishing_says_first_what_is_written_off(washer, van, territory_engine):
    received(washer, van)

    asked = sort(washer, van, "review", type_jura_75=90)
    before = seen(territory_engine, select(Sorting.id))
    done = sort(washer, van, "finish", type_jura_75=90)

    assert "6 bottles were expected and not sorted" in text(asked)
    assert before == []
    assert done.status_code == 303
    with reading(territory_engine) as session:
        assert ledger.on_hand(session, AccountKind.UNEXPLAINED, CENTRE, "unsorted") == 6
        assert session.exec(select(Reception)).one().finished_at is not None


def test_going_on_sorting_after_the_question_keeps_what_was_typed(washer, van):
    received(washer, van)

    answer = sort(washer, van, "edit", type_jura_75=90)

    assert answer.status_code == 200
    assert 'value="90"' in answer.get_data(as_text=True)


def test_a_sorting_form_sent_twice_counts_once(washer, van, territory_engine):
    received(washer, van)

    answers = [sort(washer, van, type_jura_75=40) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert seen(territory_engine, select(Sorting.quantity)) == [40]
    assert "nothing was done twice" in text(washer.get(f"/centre/sorting/{van}"))


def test_a_finish_sent_twice_finishes_once(washer, van, territory_engine):
    received(washer, van)

    answers = [sort(washer, van, "finish", type_jura_75=90) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert seen(territory_engine, select(Sorting.quantity)) == [90]


def test_another_entry_from_an_old_page_asks_to_look_again(washer, van, territory_engine):
    received(washer, van)
    sort(washer, van, type_jura_75=40)

    answer = sort(washer, van, type_jura_75=41)

    assert answer.status_code == 409
    assert "40 bottles were entered under your name since this page was opened" in text(answer)
    assert 'value="41"' in answer.get_data(as_text=True)
    assert seen(territory_engine, select(Sorting.quantity)) == [40]


@pytest.mark.parametrize("last", ["", "x", "-1", "9" * 30])
def test_a_form_that_forgot_what_it_saw_still_counts_once(washer, van, territory_engine, last):
    received(washer, van)

    answers = [sort(washer, van, last=last, type_jura_75=40) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert seen(territory_engine, select(Sorting.quantity)) == [40]


def test_two_people_sort_one_reception_without_hindering_each_other(washer, sign_in, van, territory_engine):
    received(washer, van)

    answers = [sort(washer, van, type_jura_75=40), sort(sign_in(Role.COORDINATOR), van, type_jura_75=20)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert sorted(seen(territory_engine, select(Sorting.quantity))) == [20, 40]


def test_a_finished_reception_is_neither_sorted_nor_counted_again(washer, van, clock):
    received(washer, van)
    sort(washer, van, "finish", type_jura_75=90)
    clock.at += timedelta(minutes=5)

    answers = [sort(washer, van, type_jura_75=1), received(washer, van, 9, number=2)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("ask the coordinator" in text(answer) for answer in answers)


def test_a_count_below_what_was_sorted_is_refused(washer, van, clock):
    received(washer, van)
    sort(washer, van, type_jura_75=90)
    clock.at += timedelta(minutes=5)

    answer = received(washer, van, 7, number=2)

    assert answer.status_code == 422
    assert "90 bottles of this van are sorted already, and these crates hold only 84" in text(answer)


def test_sorting_what_was_not_counted_leads_to_the_count(washer, van):
    assert washer.get(f"/centre/sorting/{van}").headers["Location"].endswith(f"/centre/reception/{van}")


def test_a_label_is_washed_by_its_scan_until_it_is_taken_back(washer, territory_engine):
    with transaction(territory_engine) as session:
        code = build_day.labelled(session, 1)[0].code

    answer = washer.post("/centre/crates/wash/scan", data={"code": code, "event_id": an_id(5)}, headers=HX)
    with reading(territory_engine) as session:
        assert ledger.on_hand(session, AccountKind.CLEAN, CENTRE, CRATE) == 1
    washer.post(f"/centre/scans/{an_id(5)}/undo", headers=HX)

    assert "1 crate" in text(answer)
    with reading(territory_engine) as session:
        assert ledger.on_hand(session, AccountKind.POINT, CELLAR, CRATE) == 1


def test_the_panel_tells_the_scan_just_made_though_another_clock_is_ahead(washer, sign_in, territory_engine, clock):
    with transaction(territory_engine) as session:
        early, late = (crate.code for crate in build_day.labelled(session, 2))
    clock.at += timedelta(hours=1)
    coordinator = sign_in(Role.COORDINATOR)
    coordinator.post("/centre/crates/wash/scan", data={"code": early, "event_id": an_id(5)}, headers=HX)
    clock.at -= timedelta(hours=1)

    answer = washer.post("/centre/crates/wash/scan", data={"code": late, "event_id": an_id(6)}, headers=HX)

    last = answer.get_data(as_text=True).split('class="scan-last', 1)[1].split("</div>", 1)[0]
    assert codes.by_eye(late) in last


@pytest.mark.parametrize("path", ["sorting/{van}", "crates", "washing"])
def test_the_back_button_does_not_fill_in_again_what_was_counted(washer, van, path):
    received(washer, van)
    sort(washer, van, type_jura_75=40)

    page = washer.get(f"/centre/{path.format(van=van)}").get_data(as_text=True)
    assert re.search(r'<form [^>]*class="stack"[^>]*autocomplete="off"', page)


def test_a_new_label_is_put_into_service_by_its_first_scan(washer, territory_engine):
    with transaction(territory_engine) as session:
        (crate,) = crates.register(session, CRATE, 1)

    answer = washer.post("/centre/crates/commission/scan", data={"code": crate.code}, headers=HX)
    stray = washer.post("/centre/crates/commission/scan", data={"code": "J0001"}, headers=HX)

    assert 'data-scan-result="known"' in answer.get_data(as_text=True)
    assert 'data-scan-result="unknown"' in stray.get_data(as_text=True)
    assert seen(territory_engine, select(crates.Crate.state)) == [CrateState.CLEAN]


def test_a_scan_without_scripts_comes_back_to_the_page(washer):
    answer = washer.post("/centre/crates/wash/scan", data={"code": "?"})

    assert answer.status_code == 303
    assert "is not the code of a crate" in text(washer.get("/centre/crates"))


def test_nobody_takes_back_what_somebody_else_scanned_but_the_coordinator(washer, sign_in, territory_engine):
    with transaction(territory_engine) as session:
        crate = build_day.labelled(session, 1)[0]
    with transaction(territory_engine) as session:
        own = session.exec(select(Event.id).where(Event.crate == crate.code, Event.move == "commission")).one()
        drop = session.exec(select(Event.id).where(Event.crate == crate.code, Event.move == "drop")).one()
    coordinator = sign_in(Role.COORDINATOR)
    coordinator.post("/centre/crates/wash/scan", data={"code": crate.code, "event_id": an_id(7)}, headers=HX)

    assert washer.post(f"/centre/scans/{an_id(7)}/undo").status_code == 409
    assert washer.post(f"/centre/scans/{drop}/undo").status_code == 404
    assert coordinator.post(f"/centre/scans/{own}/undo").status_code == 303


def test_unlabelled_crates_are_put_into_service_by_count_once_until_taken_back(washer, territory_engine):
    form = {f"crates-{CRATE}": "40", "event_id": an_id(3)}

    answers = [washer.post("/centre/crates/commission", data=form) for _ in range(2)]
    with reading(territory_engine) as session:
        assert ledger.on_hand(session, AccountKind.CLEAN, CENTRE, CRATE) == 40
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "40" in text(washer.get("/centre/crates/commission"))
    washer.post(f"/centre/scans/{an_id(3)}/undo")

    with reading(territory_engine) as session:
        assert ledger.on_hand(session, AccountKind.CLEAN, CENTRE, CRATE) == 0


def test_washing_more_crates_than_came_in_must_be_confirmed(washer, van, territory_engine):
    received(washer, van)

    refused = washer.post("/centre/crates", data={f"crates-{CRATE}": "9", "event_id": an_id(3)})
    form = {f"crates-{CRATE}": "9", "sure": "yes", "event_id": an_id(4)}

    assert refused.status_code == 422
    assert "Only 8 came in unwashed and you count 9" in text(refused)
    assert washer.post("/centre/crates", data=form).status_code == 303


def test_a_count_of_nothing_is_refused(washer):
    assert washer.post("/centre/crates", data={}).status_code == 422


def test_only_washer_and_coordinator_come_in(app, sign_in):
    ours = {name: who for name, who in access(app).items() if name.startswith("centre")}

    assert len(ours) >= 14
    assert set(ours.values()) == {frozenset({Role.WASHER, Role.COORDINATOR})}
    for role in (Role.WINEMAKER, Role.SHOP, Role.DRIVER):
        assert sign_in(role).get("/centre/").status_code == 403
    assert sign_in(Role.COORDINATOR).get("/centre/").status_code == 200


@pytest.mark.parametrize("address", ["reception/9", "sorting/9", "reception/9/scan", "washing/9", "inspection/9", "lots/9"])
def test_what_does_not_exist_is_not_found(washer, address):
    assert washer.get(f"/centre/{address}").status_code == 404
    assert washer.post(f"/centre/{address}", data={"action": "record"}).status_code in (404, 405)


def test_a_draft_is_not_received(washer, van, territory_engine):
    with transaction(territory_engine) as session:
        for plan in session.exec(select(build_day.Plan)):
            plan.status = "draft"

    assert washer.get(f"/centre/reception/{van}").status_code == 404
    assert "No van is on its way" in text(washer.get("/centre/"))


def test_the_whole_centre_by_its_pages_from_the_vans_return_to_a_released_lot(washer, van, territory_engine):
    assert received(washer, van).status_code == 303
    assert "96 bottles" in text(washer.get("/centre/"))
    sort(washer, van, "finish", type_jura_75=90, reason_colle_permanente=4)
    assert "90" in text(washer.get("/centre/washing"))
    start(washer, 90)
    assert "Running" in text(washer.get("/centre/"))
    ended = washer.post("/centre/washing/1", data=GOOD)
    released = washer.post(ended.headers["Location"], data={"reason-eclat": "5"})
    page = text(washer.get(released.headers["Location"]))
    home = text(washer.get("/centre/"))

    assert "Released" in page
    assert "Free to order 85 bottles" in page
    assert "Domaine Chêne, Arbois 100%" in page
    assert "85" in home
    with reading(territory_engine) as session:
        assert ledger.on_hand(session, AccountKind.AVAILABLE, CENTRE, JURA, 1) == 85
        assert {check.name: check.faults for check in audit.audit(session) if check.faults} == {}
