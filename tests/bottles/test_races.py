"""Two people tell of it in the same moment, fifty times, on SQLite and on PostgreSQL: it adds up every time."""

from functools import partial

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from bottles import crates, intake, ledger
from bottles.aside import SetAside
from bottles.crates import Crate, CrateState, Move
from bottles.db import transaction
from bottles.disputes import DisputeKind, open_ones
from bottles.errors import Conflict, NotAllowed, say
from bottles.events import Event, EventKind, Receipt
from bottles.intake import Answer
from bottles.ledger import AccountKind
from tests import build
from tests.bottles.histories import FOREIGN
from tests.bottles.races import *  # noqa: F403  # fixtures are found by their names
from tests.bottles.races import LATER, RUNS, faults, labelled, receipts, telling
from tests.build import NOON, Cast

pytestmark = pytest.mark.slow


# -- one event, several times


def test_one_event_sent_ten_times_at_once_is_one_row(engine: Engine, cast: Cast, race):
    scans = [cast.scan(crate, Move.DROP) for crate in labelled(engine)]

    told = [race(*[telling(cast.driver, scan)] * 10) for scan in scans]

    assert [receipts(answers) for answers in told] == [[Receipt.ALREADY_KNOWN] * 9 + [Receipt.KEPT]] * RUNS
    assert [{a.id for (a,) in answers} for answers in told] == [{scan.id} for scan in scans]
    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == RUNS
        assert ledger.on_hand(session, AccountKind.POINT, "cellar", "crate12") == RUNS
    assert faults(engine) == []


def test_of_two_bodies_with_one_id_one_is_kept_and_one_set_aside(engine: Engine, cast: Cast, race):
    pairs = [[cast.scan(crate, Move.DROP), cast.scan(crate, Move.LOSE)] for crate in labelled(engine)]
    pairs = [[one, other.model_copy(update={"id": one.id, "sequence": one.sequence})] for one, other in pairs]

    told = [race(*[telling(cast.driver, new) for new in pair]) for pair in pairs]

    assert [receipts(answers) for answers in told] == [[Receipt.CONFLICT, Receipt.KEPT]] * RUNS
    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == RUNS
        assert sorted(session.exec(select(SetAside.event_id)).all()) == sorted(one.id for one, _ in pairs)


def test_one_bad_body_sent_five_times_at_once_lies_there_once(engine: Engine, cast: Cast, race):
    bad = [cast.scan("J", Move.COLLECT, holder=None) for _ in range(RUNS)]

    told = [race(*[telling(cast.driver, new)] * 5) for new in bad]

    assert [receipts(answers) for answers in told] == [[Receipt.INVALID] * 5] * RUNS
    with transaction(engine) as session:
        assert len(session.exec(select(SetAside)).all()) == RUNS


def test_a_quarantined_event_that_two_people_let_in_is_let_in_once(engine: Engine, cast: Cast, race):
    scans = [cast.scan(crate, Move.DROP) for crate in labelled(engine)]
    with transaction(engine) as session:
        intake.quarantine(session, [intake.made(scan) for scan in scans], cast.driver, NotAllowed(say("Gone.")), at=NOON)
        rows = list(session.exec(select(SetAside.row).order_by(SetAside.row)))

    def let_in(row: int, session: Session) -> Answer:
        return intake.let_in(session, [row], cast.coordinator.person, at=LATER)[0]

    told = [race(*[partial(let_in, row)] * 2) for row in rows]

    assert [sorted(type(one).__name__ for one in pair) for pair in told] == [["Answer", "Conflict"]] * RUNS
    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == RUNS
    assert faults(engine) == []


# -- crates


def test_two_people_who_scan_one_crate_into_two_places_are_both_believed(engine: Engine, cast: Cast, race):
    places = [[cast.scan(crate, Move.DROP, point=p, device=p) for p in ("cellar", "shop")] for crate in labelled(engine)]

    for scans in places:
        race(*[telling(cast.driver, scan) for scan in scans])

    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == 2 * RUNS
        assert [dispute.kind for dispute in open_ones(session)] == [DisputeKind.UNEXPECTED_MOVE] * RUNS
    assert faults(engine) == []


def test_two_people_who_scan_an_unknown_crate_at_once_open_one_dispute(engine: Engine, cast: Cast, race):
    strange = [f"{FOREIGN}{n}" for n in range(RUNS)]

    for code in strange:
        race(*[telling(cast.driver, cast.scan(code, Move.DROP, device=device)) for device in ("phone-1", "phone-2")])

    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == 2 * RUNS
        assert [dispute.kind for dispute in open_ones(session)] == [DisputeKind.UNKNOWN_CRATE] * RUNS


def test_an_undo_that_arrives_with_what_it_undoes_counts(engine: Engine, cast: Cast, race):
    scans = [cast.scan(crate, Move.DROP) for crate in labelled(engine)]

    for scan in scans:
        race(telling(cast.driver, scan), telling(cast.driver, cast.undo(scan)))

    with transaction(engine) as session:
        assert set(session.exec(select(Crate.state))) == {CrateState.NEW}
        assert ledger.on_hand(session, AccountKind.POINT, "cellar", "crate12") == 0
    assert faults(engine) == []


def test_a_count_that_two_people_undo_at_once_is_undone_once(engine: Engine, cast: Cast, race):
    washed = [cast.count(Move.WASH, "crate12", 5, device="tablet") for _ in range(RUNS)]
    with transaction(engine) as session:
        intake.record_all(session, washed, cast.washer, at=NOON)

    for count in washed:
        undos = [cast.undo(count, device=device) for device in ("tablet", "tablet-2")]
        race(*[telling(cast.washer, undo) for undo in undos])

    with transaction(engine) as session:
        assert ledger.on_hand(session, AccountKind.CLEAN, build.CENTRE, "crate12") == 0
    assert faults(engine) == []


def test_a_late_scan_that_arrives_with_a_settlement_changes_nothing_after_it(engine: Engine, cast: Cast, race):
    for crate in labelled(engine):
        late = cast.scan(crate, Move.DROP, at=NOON)
        settled = cast.event(
            EventKind.SETTLE, at=LATER, device="office", crate=crate.code, state=CrateState.LENT, holder="epicerie"
        )
        race(telling(cast.driver, late), telling(cast.coordinator, settled))

    with transaction(engine) as session:
        assert set(session.exec(select(Crate.state))) == {CrateState.LENT}
        assert ledger.on_hand(session, AccountKind.CUSTOMER, "epicerie", "crate12") == RUNS
    assert faults(engine) == []


def test_a_crate_adopted_while_somebody_scans_it_is_where_it_was_seen(engine: Engine, cast: Cast, race):
    strange = [f"{FOREIGN}{n}" for n in range(RUNS)]

    def adopt(code: str, session: Session) -> Crate:
        return intake.adopt(session, code, "crate12", "Another network", at=LATER)

    for code in strange:
        race(telling(cast.driver, cast.scan(code, Move.DROP)), partial(adopt, code))

    with transaction(engine) as session:
        assert set(session.exec(select(Crate.state))) == {CrateState.OUT}
        assert open_ones(session) == []
    assert faults(engine) == []


def test_a_crate_that_two_people_adopt_is_adopted_once(engine: Engine, cast: Cast, race):
    def adopt(code: str, owner: str, session: Session) -> str:
        return intake.adopt(session, code, "crate12", owner, at=LATER).owner

    told = [race(*[partial(adopt, f"{FOREIGN}{n}", owner) for owner in ("one", "two")]) for n in range(RUNS)]

    assert [sum(isinstance(answer, Conflict) for answer in pair) for pair in told] == [1] * RUNS


def test_of_two_reprints_at_once_the_second_voids_the_first(engine: Engine, cast: Cast, race):
    def reprint(code: str, session: Session) -> int:
        return crates.reprint(session, [code], at=LATER)[0].edition

    told = [race(*[partial(reprint, crate.code)] * 2) for crate in labelled(engine)]

    assert [sorted(pair) for pair in told] == [[2, 3]] * RUNS


def test_crates_registered_at_once_get_each_its_own_serial(engine: Engine, cast: Cast, race):
    def register(session: Session) -> list[str]:
        return [crate.code for crate in crates.register(session, "crate12", 3)]

    told = [code for _ in range(RUNS) for made in race(register, register) for code in made]

    assert len(set(told)) == len(told) == 6 * RUNS
