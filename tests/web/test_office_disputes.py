"""What does not add up, on its pages: told with names, explained by its story, settled once by a person."""

from datetime import timedelta

import pytest
from flask import g
from sqlmodel import select

from bottles import crates, disputes, intake
from bottles.codes import by_eye, uuid7
from bottles.crates import Crate, CrateState, Move
from bottles.db import reading, transaction
from bottles.disputes import Dispute, DisputeKind, DisputeStatus
from bottles.events import Event, EventKind
from bottles.people import Person, Role
from bottles.wire import NewEvent
from web import story

from . import build_day
from .build_day import CRATE, SHOP
from .conftest import TUESDAY
from .office_pages import office

__all__ = ["office"]


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


@pytest.fixture
def washed(territory_engine):
    """A crate that was out at the cellar and then scanned as washed, which surprised everybody."""
    with transaction(territory_engine) as session:
        (crate,) = build_day.labelled(session, 1)
        at = build_day.DAWN
        scan = NewEvent(
            id=uuid7(at, 900), kind=EventKind.SCAN, at=at, device="tablet", sequence=900, crate=crate.code, move=Move.WASH
        )
        intake.record(session, scan, build_day.author(session, Role.WASHER), at=at)
        dispute = session.exec(select(Dispute).where(Dispute.kind == DisputeKind.UNEXPECTED_MOVE)).one()
        return crate.code, dispute.id


def test_a_difference_is_told_with_names(office, washed):
    code, _dispute = washed

    page = text(office.get("/office/disputes"))

    assert f"Crate {by_eye(code)} was “washed” while we believed it “out at a point”." in page


def test_a_difference_opens_its_story(office, washed):
    code, dispute = washed

    page = text(office.get(f"/office/disputes/{dispute}"))

    assert "Washed" in page
    assert "Domaine Chêne, Arbois" in page
    assert f"/office/crates/{code}" in page


def test_settling_pins_the_crates_state_and_closes_the_dispute_as_settled(office, territory_engine, washed):
    code, dispute = washed
    form = {"state": "out", "place": f"point:{SHOP}", "note": "Seen at the shop", "event_id": uuid7(TUESDAY, 5)}

    answer = office.post(f"/office/disputes/{dispute}", data=form)

    assert answer.status_code == 303
    with reading(territory_engine) as session:
        crate, closed = session.get(Crate, code), session.get(Dispute, dispute)
        event = session.exec(select(Event).where(Event.kind == EventKind.SETTLE)).one()
        coordinator = session.exec(select(Person.id).where(Person.role == Role.COORDINATOR)).one()
    assert (crate.state, crate.holder) == (CrateState.OUT, SHOP)
    assert (closed.status, closed.note, closed.closed_by) == (DisputeStatus.SETTLED, "Seen at the shop", coordinator)
    assert (event.id, event.person) == (form["event_id"], coordinator)


def test_settling_twice_changes_nothing_and_says_so(office, territory_engine, washed):
    _code, dispute = washed
    form = {"state": "lost", "place": "", "note": "Broken"}

    office.post(f"/office/disputes/{dispute}", data=form)
    again = office.post(f"/office/disputes/{dispute}", data=form | {"note": "Found"})

    assert again.status_code == 409
    assert "This was closed meanwhile; nothing was changed." in text(again)
    with reading(territory_engine) as session:
        assert session.get(Dispute, dispute).note == "Broken"
        assert len(session.exec(select(Event).where(Event.kind == EventKind.SETTLE)).all()) == 1


def test_a_state_that_is_somewhere_needs_to_say_where(office, territory_engine, washed):
    code, dispute = washed

    missing = office.post(f"/office/disputes/{dispute}", data={"state": "out", "place": "", "note": "Seen"})
    wrong = office.post(f"/office/disputes/{dispute}", data={"state": "aboard", "place": f"point:{SHOP}", "note": "Seen"})

    assert "Say at which point it is." in text(missing)
    assert "Say in which vehicle it is." in text(wrong)
    with reading(territory_engine) as session:
        assert session.get(Dispute, dispute).status is DisputeStatus.OPEN
        assert session.get(Crate, code).state is CrateState.CLEAN


def test_settling_needs_a_word_for_the_next_person(office, washed):
    answer = office.post(f"/office/disputes/{washed[1]}", data={"state": "", "note": "  "})

    assert answer.status_code == 422
    assert "Fill this in." in text(answer)


def test_a_word_alone_settles_without_moving_the_crate(office, territory_engine, washed):
    code, dispute = washed

    office.post(f"/office/disputes/{dispute}", data={"state": "", "note": "It came back with the shop's car"})

    with reading(territory_engine) as session:
        assert session.get(Dispute, dispute).status is DisputeStatus.SETTLED
        assert session.get(Crate, code).state is CrateState.CLEAN
        assert session.exec(select(Event).where(Event.kind == EventKind.SETTLE)).all() == []


def test_a_difference_at_reception_names_the_route_and_what_the_driver_counted(office, territory_engine):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)]])
        build_day.brought(session, day, {CRATE: 8})
        count = NewEvent(
            id=uuid7(TUESDAY, 7), kind=EventKind.COUNT, at=TUESDAY, device="tablet", sequence=1, move=Move.RECEIVE, item=CRATE,
            quantity=7, route=day.route,
        )  # fmt: skip
        intake.record(session, count, build_day.author(session, Role.WASHER), at=TUESDAY)
        dispute = session.exec(select(Dispute).where(Dispute.kind == DisputeKind.RECEPTION_DIFFERENCE)).one()

    page = text(office.get(f"/office/disputes/{dispute.id}"))

    assert "7 × Casier de 12 received, but the driver brought 8." in page
    assert "Fourgon 1, Tuesday 6 October" in page
    assert "8 × Casier de 12 collected" in page


def test_scans_of_one_act_are_told_together_with_the_codes_of_their_crates(office, territory_engine):
    with transaction(territory_engine) as session:
        made = build_day.labelled(session, 3)
        day = build_day.plan(session, [[build_day.pickup(session)]])
        visit = {"task": day.tasks[0], "plan_version": day.plan, "point": build_day.CELLAR, "holder": build_day.VAN}
        for number, crate in enumerate(made, start=1):
            scan = NewEvent(
                id=uuid7(TUESDAY, number), kind=EventKind.SCAN, at=TUESDAY, device="phone", sequence=number, crate=crate.code,
                move=Move.COLLECT, **visit,
            )  # fmt: skip
            intake.record(session, scan, build_day.author(session, Role.DRIVER), at=TUESDAY)
        with office.application.test_request_context():
            g.now = TUESDAY
            (told,) = story.of_route(session, day.route)

    assert told["note"] == ", ".join(by_eye(crate.code) for crate in made)
    assert (told["origin"], told["destination"]) == ("Domaine Chêne, Arbois", "Fourgon 1")


def test_a_negative_balance_shows_the_movements_of_its_account(office, territory_engine):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)]])
        build_day.brought(session, day, {CRATE: 8})
        dispute = session.exec(select(Dispute).where(Dispute.kind == DisputeKind.NEGATIVE_BALANCE)).one()

    page = text(office.get(f"/office/disputes/{dispute.id}"))

    assert "Domaine Chêne, Arbois would hold -8 × Casier de 12" in page
    assert "Domaine Chêne, Arbois, at the point" in page
    assert "Fourgon 1, aboard" in page


def test_every_kind_of_difference_has_a_page(office, territory_engine, washed):
    code, _dispute = washed
    values = {
        "crate": code, "move": "wash", "state": "out", "holder": "cellar", "quantity": -3, "item": CRATE, "counted": 1,
        "scanned": 2, "received": 3, "expected": 4, "delivered": 5, "reserved": 4, "label": code,
    }  # fmt: skip
    with transaction(territory_engine) as session:
        task = build_day.pickup(session).id
        for kind in DisputeKind:
            odd = disputes.Oddity(kind, "again", values)
            disputes.keep(session, {f"visit:{task}/1": [odd]}, at=TUESDAY + timedelta(minutes=1))
        session.flush()
        ids = session.exec(select(Dispute.id)).all()

    assert {office.get(f"/office/disputes/{each}").status_code for each in ids} == {200}


def test_the_list_keeps_what_was_settled(office, washed):
    office.post(f"/office/disputes/{washed[1]}", data={"state": "", "note": "Explained"})

    assert "was “washed”" in text(office.get("/office/disputes?state=settled"))
    assert "was “washed”" not in text(office.get("/office/disputes"))


def test_a_difference_that_does_not_exist_is_not_found(office):
    assert office.get("/office/disputes/999").status_code == 404
    assert office.post("/office/disputes/999", data={"note": "x"}).status_code == 404


def test_a_settled_crate_can_be_scanned_on(office, territory_engine, washed):
    code, dispute = washed
    office.post(f"/office/disputes/{dispute}", data={"state": "received", "place": "", "note": "Here"})

    with reading(territory_engine) as session:
        crate = session.get(Crate, code)

    assert (crate.state, crate.holder) == (CrateState.RECEIVED, build_day.CENTRE)
    assert crates.Move.WASH in crates.EXPECTED[crate.state]
