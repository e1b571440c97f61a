"""Crates nobody knows: put aside at the centre, listed with their network, made known or settled with a word."""

import pytest
from sqlmodel import select

from bottles import codes, intake, ledger
from bottles.codes import uuid7
from bottles.crates import Crate, CrateState, Move
from bottles.db import reading, transaction
from bottles.disputes import Dispute, DisputeKind, DisputeStatus
from bottles.events import EventKind
from bottles.ledger import AccountKind
from bottles.people import Role
from bottles.wire import NewEvent

from . import build_day
from .build_day import CELLAR, CENTRE, CRATE, DAWN, VAN
from .office_pages import office, washer
from .office_pages import said as text

__all__ = ["office", "washer"]

FOREIGN = "04006381333931A17"
"""A GRAI whose prefix GS1 Germany gave to somebody: the check digit is that of the first twelve digits."""


@pytest.fixture
def stranger(territory_engine):
    """A crate of another network that the driver collected at the cellar: `stranger()`, or under another code."""

    def scan(code=FOREIGN, move=Move.COLLECT):
        with transaction(territory_engine) as session:
            build_day.places(session)
            new = NewEvent(
                id=uuid7(DAWN, 7), kind=EventKind.SCAN, at=DAWN, device="phone", sequence=1,
                crate=code, move=move, point=CELLAR, holder=VAN,
            )  # fmt: skip
            intake.record(session, new, build_day.author(session, Role.DRIVER), at=DAWN)
            return session.exec(select(Dispute.id).where(Dispute.subject == f"crate:{code}")).one()

    return scan


def crate(engine, code=FOREIGN):
    with reading(engine) as session:
        return session.get(Crate, code)


def test_a_crate_nobody_knows_is_listed_with_its_network_and_where_it_was_seen(office, stranger):
    dispute = stranger()

    page = text(office.get("/office/parked"))

    assert "04006381333931 A17" in page
    assert "GS1 Germany" in page
    assert "aboard a vehicle, Fourgon 1" in page
    assert f"/office/parked/{dispute}" in page


def test_a_list_without_strangers_says_what_appears_here(office):
    assert "Every crate that was scanned is known." in text(office.get("/office/parked"))


def test_a_crate_of_another_network_is_made_known_with_its_whole_history(office, stranger, territory_engine):
    dispute = stranger()

    data = {"crate_type": CRATE, "owner": "Bout' à Bout"}
    answer = office.post(f"/office/parked/{dispute}", data=data, follow_redirects=True)

    made = crate(territory_engine)
    assert (made.owner, made.type, made.state, made.holder) == ("Bout' à Bout", CRATE, CrateState.ABOARD, VAN)
    assert "Bout&#39; à Bout" in text(answer)
    with reading(territory_engine) as session:
        assert ledger.on_hand(session, AccountKind.VAN, VAN, CRATE) == 1
        open_ones = select(Dispute).where(Dispute.kind == DisputeKind.UNKNOWN_CRATE, Dispute.status == DisputeStatus.OPEN)
        assert session.exec(open_ones).all() == []


def test_a_label_like_ours_may_be_ours(office, stranger, territory_engine):
    code = codes.serial(900_000)
    dispute = stranger(code)
    assert "printed like our own" in text(office.get(f"/office/parked/{dispute}"))

    office.post(f"/office/parked/{dispute}", data={"crate_type": CRATE, "owner": ""})

    assert crate(territory_engine, code).owner == ""


@pytest.mark.parametrize(
    ("field", "typed"), [("owner", ""), ("crate_type", ""), ("crate_type", "nothing"), ("owner", "x" * 61), ("owner", "a\x01")]
)
def test_what_is_missing_is_asked_for_again(office, stranger, territory_engine, field, typed):
    dispute = stranger()

    answer = office.post(f"/office/parked/{dispute}", data={"crate_type": CRATE, "owner": "Somebody"} | {field: typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert crate(territory_engine) is None


def test_what_is_known_by_now_is_not_made_known_twice(office, stranger):
    dispute = stranger()
    data = {"crate_type": CRATE, "owner": "Somebody"}
    office.post(f"/office/parked/{dispute}", data=data)

    assert office.post(f"/office/parked/{dispute}", data=data).status_code == 404
    assert office.get(f"/office/parked/{dispute}").status_code == 404


def test_a_difference_of_another_kind_is_no_stranger(office, territory_engine):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)]])
        build_day.brought(session, day, {CRATE: 8})
        other = session.exec(select(Dispute.id)).one()

    assert office.get(f"/office/parked/{other}").status_code == 404
    assert f"/office/balances/points/{CELLAR}" in office.get(f"/office/disputes/{other}").text


def test_a_difference_about_a_stranger_leads_to_where_it_is_made_known(office, stranger):
    dispute = stranger()

    assert f"/office/parked/{dispute}" in office.get(f"/office/disputes/{dispute}").text


# -- at the centre


def test_a_foreign_crate_is_put_aside_at_the_centre(washer, office, territory_engine):
    answer = washer.post("/centre/crates/park/scan", data={"code": FOREIGN}, follow_redirects=True)

    assert "04006381333931 A17" in text(answer)
    assert "GS1 Germany" in text(answer)
    assert "put aside at the centre" in text(office.get("/office/parked"))


def test_what_was_put_aside_by_mistake_is_taken_back(washer, office, territory_engine):
    event = uuid7(DAWN, 5)
    washer.post("/centre/crates/park/scan", data={"code": FOREIGN, "event_id": event})

    washer.post(f"/centre/scans/{event}/undo")

    assert "put aside at the centre" not in text(office.get("/office/parked"))


def test_a_known_crate_of_another_network_waits_on_the_list_of_the_centre(washer, office, territory_engine):
    washer.post("/centre/crates/park/scan", data={"code": FOREIGN})
    with reading(territory_engine) as session:
        dispute = session.exec(select(Dispute.id).where(Dispute.kind == DisputeKind.UNKNOWN_CRATE)).one()
    office.post(f"/office/parked/{dispute}", data={"crate_type": CRATE, "owner": "Alsace Consigne"})

    assert "Alsace Consigne" in text(washer.get("/centre/crates/park"))
    made = crate(territory_engine)
    assert (made.state, made.holder) == (CrateState.PARKED, CENTRE)


def test_nothing_is_counted_among_what_is_put_aside(washer):
    page = washer.get("/centre/crates/park").text

    assert 'name="crates-' not in page
    assert washer.post("/centre/crates/park", data={f"crates-{CRATE}": "3"}).status_code == 200
