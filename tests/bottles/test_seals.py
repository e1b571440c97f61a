"""What is sealed cannot be changed unseen: every row that was touched is named."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from bottles import intake, ledger, people, seals
from bottles.aside import SetAside
from bottles.crates import Move
from bottles.db import reading, transaction
from bottles.events import Event, EventKind, Receipt
from bottles.ledger import AccountKind, Key, Posting
from bottles.people import Person
from bottles.seals import Seal
from tests import build
from tests.build import NOON, Cast

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def kept(session: Session, cast: Cast) -> list[str]:
    """Five events, a transfer and something set aside, sealed in blocks of two; the ids of the events."""
    news = [cast.count(Move.COLLECT, "crate12", n, point="cellar", holder="van-1", note=f"note {n}") for n in range(1, 6)]
    for event in news:
        intake.record(session, event, cast.driver, at=NOON)
    clash = news[0].model_copy(update={"quantity": 99})
    assert intake.record(session, clash, cast.driver, at=NOON) is Receipt.CONFLICT
    source, target = Key(AccountKind.POINT, "cellar", "crate12"), Key(AccountKind.VAN, "van-1", "crate12")
    ledger.post(session, [Posting(source, target, n, "test", NOON) for n in (1, 2, 3)], known_at=NOON)
    seals.seal(session, at=LATER, rows=2)
    session.flush()
    return [event.id for event in news]


def faults(session: Session) -> list[str]:
    return [found for found in seals.verify(session) if isinstance(found, str)]


def same(session: Session) -> int:
    return sum(found for found in seals.verify(session) if isinstance(found, int))


def sql(session: Session, text: str, **values: object) -> None:
    session.flush()
    session.connection().execute(sa.text(text), values)


# -- sealing


def test_every_old_row_is_sealed_once_in_blocks(session: Session, kept: list[str]):
    blocks = session.exec(select(Seal).where(Seal.table == "event").order_by(Seal.last)).all()

    e = rows(session)["e"]
    assert [(block.first, block.last, block.count) for block in blocks] == [(e[0], e[1], 2), (e[2], e[3], 2), (e[4], e[4], 1)]
    assert {block.table for block in session.exec(select(Seal))} == {"event", "transfer", "set_aside"}
    assert faults(session) == []
    assert same(session) == 5 + 3 + 1


def test_sealing_again_changes_nothing(session: Session, kept: list[str]):
    assert seals.seal(session, at=LATER + timedelta(hours=1)) == 0


def test_a_block_names_the_root_of_the_one_before(session: Session, kept: list[str]):
    blocks = session.exec(select(Seal).where(Seal.table == "event").order_by(Seal.last)).all()

    assert [block.previous for block in blocks] == ["", blocks[0].root, blocks[1].root]
    assert {head.root for head in seals.heads(session)} >= {blocks[-1].root}
    assert seals.is_ours(session, f" {blocks[0].root.upper()}\n")
    assert not seals.is_ours(session, "0" * 64)


def test_what_reached_us_a_moment_ago_waits_for_slow_writers(session: Session, cast: Cast):
    for minutes in (0, 5, 1):
        event = cast.count(Move.COLLECT, "crate12", 1, point="cellar", holder="van-1")
        intake.record(session, event, cast.driver, at=NOON + timedelta(minutes=minutes))

    # the third is old enough; the second, before it, is not
    sealed = seals.seal(session, at=NOON + timedelta(minutes=12))

    assert sealed == 1
    assert seals.head(session, "event").last == rows(session)["e"][0]
    assert seals.seal(session, at=NOON + timedelta(minutes=15)) == 2


def test_a_root_is_made_as_the_page_says(session: Session, kept: list[str]):
    """Worked out here by hand, so that somebody else's program can."""
    block = session.exec(select(Seal).where(Seal.table == "event").order_by(Seal.last)).first()

    one, two = rows(session)["e"][:2]
    heading = f"event {one} {two} 2 {LATER.isoformat(timespec='microseconds')} "
    leaf, pair = (lambda part: hashlib.sha256(b"\0" + part).digest()), (lambda a, b: hashlib.sha256(b"\1" + a + b).digest())
    first, second = block.leaves[:24], block.leaves[24:]

    assert block.root == pair(pair(leaf(heading.encode()), leaf(first)), leaf(second)).hex()
    assert (first[:8], second[:8]) == (one.to_bytes(8, "big"), two.to_bytes(8, "big"))


@pytest.mark.slow
def test_both_databases_give_the_same_leaves(sqlite_engine: Engine, postgresql_engine: Engine):
    """A territory that moves to the other database keeps its seals."""
    leaves = []
    for engine in (sqlite_engine, postgresql_engine):
        with transaction(engine) as session:
            cast = build.cast(session)
            event = cast.event(EventKind.STOP_MISSED, task=build.pickup(session, cast).id, reason="closed")
            intake.record(session, event, cast.driver, at=NOON)
            build.lot(session, cast, bottles=24)
            seals.seal(session, at=LATER)
            leaves.append([(block.table, block.leaves) for block in session.exec(select(Seal).order_by(Seal.id))])

    assert leaves[0] == leaves[1]
    assert [table for table, _ in leaves[0]] == ["event", "transfer"]


def test_of_two_that_seal_at_once_one_is_kept_and_the_chain_holds(shared_engine: Engine):
    with transaction(shared_engine) as session:
        cast = build.cast(session)
        for minutes in (0, 0, 0, 55):
            event = cast.count(Move.COLLECT, "crate12", 1, point="cellar", holder="van-1")
            intake.record(session, event, cast.driver, at=NOON + timedelta(minutes=minutes))
    drafts = []
    for minutes in (0, 10):  # the second finds one row more that is old enough
        with reading(shared_engine) as session:
            drafts.append(seals.draft(session, at=LATER + timedelta(minutes=minutes), rows=1))

    for drafted, sealed in zip(drafts, (3, 0), strict=True):
        with transaction(shared_engine) as session:
            assert seals.keep(session, drafted) == sealed

    with reading(shared_engine) as session:
        assert faults(session) == []
        assert same(session) == 3


def test_a_draft_is_bounded_and_goes_on_where_the_last_ended(session: Session, kept: list[str]):
    sql(session, "DELETE FROM seal")

    counts = []
    while drafted := seals.draft(session, at=LATER, rows=1, most=2):
        counts.append(len(drafted))
        seals.keep(session, drafted)

    assert counts == [2, 2, 2, 2, 1]
    assert faults(session) == []


# -- what an edit behind our back looks like


PLANTED: dict[str, tuple[str, str]] = {
    "an event's quantity": (
        "UPDATE event SET quantity = 40 WHERE row = {e[3]}",
        "event {e[3]} was changed after it was sealed on",
    ),
    "whose an event is": ("UPDATE event SET role = 'coordinator' WHERE row = {e[0]}", "event {e[0]} was changed"),
    "what its body was": ("UPDATE event SET digest = 'f' WHERE row = {e[1]}", "event {e[1]} was changed"),
    "an event that is gone": ("DELETE FROM event WHERE row = {e[2]}", "event {e[2]} was removed after it was sealed"),
    "the last event": ("DELETE FROM event WHERE row = {e[4]}", "event {e[4]} was removed"),
    "a transfer's quantity": ("UPDATE transfer SET quantity = 90 WHERE row = {t[1]}", "transfer {t[1]} was changed"),
    "its direction": ("UPDATE transfer SET source = target, target = source WHERE row = {t[2]}", "transfer {t[2]} was changed"),
    "the name of an account": ("UPDATE account SET holder = 'van-9' WHERE kind = 'van'", "transfer {t[0]} was changed"),
    "what was set aside": ("UPDATE set_aside SET digest = 'f'", "set_aside {s[0]} was changed"),
    "a block's leaves": ("UPDATE seal SET leaves = substr(leaves, 1, 24) WHERE id = {b[0]}", "event {e[1]} was put in"),
    "a block's root": ("UPDATE seal SET root = 'f' WHERE id = {b[1]}", "does not give its root any more"),
    "a block that is gone": ("DELETE FROM seal WHERE id = {b[1]}", "does not follow the block before it"),
    "the first block": ("DELETE FROM seal WHERE id = {b[0]}", "does not follow the block before it"),
    "when it was sealed": ("UPDATE seal SET sealed_at = '2020-01-01 00:00:00+00:00' WHERE id = {b[1]}", "itself was changed"),
}


def rows(session: Session) -> dict[str, list[int]]:
    """Return the numbers that this database gave: of events, transfers, what was set aside, and blocks of events."""
    read = {
        "e": "row FROM event",
        "t": "row FROM transfer",
        "s": "row FROM set_aside",
        "b": "id FROM seal WHERE \"table\" = 'event'",
    }
    session.flush()
    return {key: list(session.connection().scalars(sa.text(f"SELECT {what} ORDER BY 1"))) for key, what in read.items()}


def test_each_edit_is_named_by_its_row(session: Session, kept: list[str]):
    missed = {}
    for what, texts in PLANTED.items():
        edit, named = (text.format(**rows(session)) for text in texts)
        with session.begin_nested() as planting:
            sql(session, edit)

            found = faults(session)
            planting.rollback()

        if not any(named in fault for fault in found):
            missed[what] = found

    assert missed == {}
    assert faults(session) == []


def test_a_row_that_is_slipped_in_is_named(session: Session, kept: list[str]):
    gone = rows(session)["e"][2]
    sql(session, "DELETE FROM seal WHERE \"table\" = 'event'")
    sql(session, "UPDATE event SET row = :later WHERE row = :gone", later=gone + 100, gone=gone)
    seals.seal(session, at=LATER, rows=2)
    assert faults(session) == []

    sql(session, "UPDATE event SET row = :gone WHERE row = :later", later=gone + 100, gone=gone)

    assert faults(session) == [
        f"event {gone} was put in after its neighbours were sealed",
        f"event {gone + 100} was removed after it was sealed",
    ]


def test_only_what_was_changed_is_named(session: Session, kept: list[str]):
    sql(session, "UPDATE event SET quantity = 40 WHERE row = :row", row=rows(session)["e"][3])

    assert len(faults(session)) == 1
    assert same(session) == 4 + 3 + 1


def test_whoever_makes_all_blocks_anew_cannot_make_the_root_that_was_written_down(session: Session, kept: list[str]):
    written_down = seals.head(session, "event").root
    sql(session, "UPDATE event SET quantity = 40 WHERE row = :row", row=rows(session)["e"][0])
    sql(session, "DELETE FROM seal")

    seals.seal(session, at=LATER, rows=2)

    assert faults(session) == []
    assert not seals.is_ours(session, written_down)


# -- what may be erased


@pytest.mark.parametrize(
    "erase",
    [
        "UPDATE event SET note = NULL, body = ''",
        "UPDATE event SET reason = NULL, photo = NULL",
        "UPDATE set_aside SET body = '', message = ''",
    ],
)
def test_a_note_can_be_erased_on_request_and_every_seal_holds(session: Session, kept: list[str], erase: str):
    sql(session, erase)

    assert faults(session) == []


def test_a_person_can_be_erased_and_every_seal_holds(session: Session, cast: Cast, kept: list[str]):
    person = session.get(Person, cast.driver.person)
    person.name, person.email = "", "erased-1@invalid"
    session.flush()

    assert faults(session) == []
    assert people.by_email(session, "driver@example.org") is None


def test_deciding_about_what_was_set_aside_breaks_no_seal(session: Session, cast: Cast, kept: list[str]):
    aside = session.exec(select(SetAside)).one()

    aside.decided_at, aside.decided_by = LATER, cast.coordinator.person
    session.flush()

    assert faults(session) == []


def test_a_column_that_is_added_later_breaks_no_seal(session: Session, kept: list[str], monkeypatch: pytest.MonkeyPatch):
    source: Callable[..., object] = seals.SEALED["event"]
    more = {**source.sealed, "photo_digest": Event.__table__.c.photo}

    monkeypatch.setitem(seals.SEALED, "event", seals.Source(source.row, source.known_at, more, source.rows))

    assert faults(session) == []
