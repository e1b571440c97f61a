"""What every statement leans on: moments, lists bound as one value, and many rows handed over at once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, StatementError
from sqlmodel import select

from bottles.db import Many, among, open_engine, over, reading, renew, transaction
from bottles.disputes import Dispute, DisputeKind, DisputeStatus
from bottles.errors import Invalid
from tests.build import NOON

DISPUTES = Dispute.__table__
# not in the order of the table
NAMES = ("opened_at", "key", "subject", "kind", "values", "status", "note")
ODD = ["crate:J1", "l'été “7”", 'with "both\\ends"', "", "雪", "NULL", "{a,b}", "two\nlines"]


def row(key, **changes):
    told = {"opened_at": NOON, "key": key, "subject": f"about {key}", "kind": DisputeKind.VOID_LABEL, "values": {"crate": key},
            "status": DisputeStatus.OPEN, "note": "", **changes}  # fmt: skip
    return tuple(told[name] for name in NAMES)


def put(session, *rows):
    Many(sa.insert(DISPUTES), NAMES).execute(session, rows)


def test_many_rows_are_kept_as_objects_would_be(session):
    rows = [row(key, opened_at=NOON + timedelta(microseconds=n)) for n, key in enumerate(ODD)]

    put(session, *rows)

    kept = session.exec(select(Dispute).order_by(Dispute.opened_at)).all()
    assert [tuple(getattr(dispute, name) for name in NAMES) for dispute in kept] == rows


def test_of_no_rows_nothing_is_made(session):
    put(session)

    assert not session.exec(select(Dispute)).all()


def test_a_row_of_a_known_key_is_written_over_the_one_there(session):
    write = Many(over(DISPUTES), ("id", *NAMES))
    write.execute(session, [(1, *row("a")), (2, *row("b"))])

    write.execute(session, [(2, *row("b", note="seen")), (3, *row("c"))])

    notes = session.exec(select(Dispute.id, Dispute.note).order_by(Dispute.id)).all()
    assert notes == [(1, ""), (2, "seen"), (3, "")]


@pytest.mark.parametrize("wanted", [ODD, ODD[:1], ODD[1:3], [], ["none of them"]])
def test_rows_are_found_by_a_list_of_any_length(session, wanted):
    put(session, *(row(key) for key in ODD))

    found = session.connection().execute(sa.select(DISPUTES.c.key).where(among(DISPUTES.c.key, "keys")), {"keys": wanted})

    assert set(found.scalars()) == set(wanted) & set(ODD)


def test_an_object_is_read_again_after_its_row_was_written_past_it(session):
    put(session, row("a"))
    dispute = session.exec(select(Dispute)).one()
    session.connection().execute(sa.update(DISPUTES).values(note="written past it"))
    assert dispute.note == ""

    renew(session, Dispute)

    assert dispute.note == "written past it"


def test_what_was_read_again_and_again_stays_prepared_when_others_look(postgresql_engine):
    # with connections of its own, of which it needs one
    engine = open_engine(postgresql_engine.url.render_as_string(hide_password=False))
    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE strpos(statement, 'asked_often') > 0"

    for _ in range(10):
        with transaction(engine) as session:
            session.connection().exec_driver_sql("SELECT 1 AS asked_often")
        with reading(engine) as session:
            session.exec(select(Dispute)).all()

    with reading(engine) as session:
        assert session.connection().exec_driver_sql(prepared).scalar() == 1
    engine.dispose()


def test_who_only_looks_keeps_nothing(engine):
    with reading(engine) as session:
        session.add(Dispute(**dict(zip(NAMES, row("a"), strict=True))))

    with reading(engine) as session:
        assert not session.exec(select(Dispute)).all()


def test_who_only_looks_may_not_write_on_postgresql(postgresql_engine):
    with pytest.raises(DBAPIError, match="read-only"), reading(postgresql_engine) as session:
        put(session, row("a"))


def test_the_two_hours_that_one_clock_shows_when_summer_ends_stay_two(session):
    clock = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"))
    moments = [clock.replace(fold=fold) for fold in (0, 1)]

    put(session, *(row(str(n), opened_at=moment) for n, moment in enumerate(moments)))

    kept = session.exec(select(Dispute.opened_at).order_by(Dispute.key)).all()
    assert kept[1] - kept[0] == timedelta(hours=1)


def test_a_moment_without_a_zone_is_refused_in_a_row_too(session):
    # as it is, or as the cause that a database's driver names
    with pytest.raises((Invalid, StatementError), match="needs its time zone"):
        put(session, row("a", opened_at=NOON.replace(tzinfo=None)))
