"""Who holds bottles of a lot: on a page, as a file for a spreadsheet, and on the command line; and the seals behind it all."""

import csv
import io
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlmodel import select

from bottles import audit, migrations, orders, seals
from bottles.batches import Lot, LotStatus
from bottles.db import reading, transaction
from bottles.partners import Partner
from bottles.people import Role
from bottles.points import Point
from bottles.seals import Seal
from web import jobs, sealing
from web.commands import main
from web.surroundings import Surroundings

from . import build_day
from .build_day import CRATE, DAWN, DAY, SHOP
from .centre_day import JURA, made_lot, text, van_back
from .office_pages import washer

__all__ = ["washer"]


@pytest.fixture
def sold(territory_engine) -> int:
    """A lot of sixty: 24 delivered to a shop, 12 reserved for it, 24 free."""
    with transaction(territory_engine) as session:
        build_day.places(session)
        lot = build_day.lot(session, JURA, 60)
        shop = build_day.author(session, Role.SHOP)
        placed = orders.place(session, shop.partner, SHOP, {JURA: 36}, shop.person, due=DAY, crate_type=CRATE, at=DAWN)
        orders.deliver(session, placed, JURA, 24, f"visit:1/1:{JURA}", None, at=DAWN, known_at=DAWN)
        orders.settle_lines(session, placed, {JURA: 24}, at=DAWN)
        partner, point = session.get(Partner, shop.partner), session.get(Point, SHOP)
        partner.email, point.phone, point.contact = "cave@example.org", "+33 3 84 00 00 02", "=1+1"
        return lot.id


@pytest.fixture
def here(territory_engine, config, clock, tmp_path) -> Surroundings:
    """A machine on the test's database and clock, whose migrations are done."""
    here = Surroundings(instance=tmp_path)
    here.__dict__.update(config=config, engine=territory_engine, now=clock)
    with territory_engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": migrations.newest()})
    return here


@pytest.fixture
def say(here) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words], obj=here)


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


# -- the page


def test_the_page_of_a_lot_tells_its_points_with_their_shares(washer, territory_engine):
    made_lot(washer, van_back(territory_engine), territory_engine)

    page = text(washer.get("/centre/lots/1"))

    assert "Domaine Chêne, Arbois 100%" in page
    assert "By these vans Fourgon 1" in page


def test_the_page_says_when_no_point_is_known(washer, territory_engine):
    lot = made_lot(washer, van_back(territory_engine), territory_engine)
    with territory_engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO lot_edge (parent, child, quantity) VALUES ('batch:99', 'lot:1', 30)"))

    page = text(washer.get(f"/centre/lots/{lot.id}"))

    assert "Domaine Chêne, Arbois 75%" in page
    assert "No point is known 25%" in page


def test_the_recall_list_says_who_holds_what_and_how_to_reach_them(washer, sold):
    assert "Recall list" in text(washer.get(f"/centre/lots/{sold}"))

    page = washer.get(f"/centre/lots/{sold}/recall")

    assert "Delivered 24 bottles" in text(page)
    assert "Still at the centre 36 bottles" in text(page)
    assert 'href="tel:+33384000002"' in page.text
    assert 'href="mailto:cave@example.org"' in page.text
    assert "Hold L00001?" in text(page)


def test_a_held_lot_says_so_on_its_recall_list(washer, sold):
    washer.post(f"/centre/lots/{sold}/hold", data={"why": "An odd smell"})

    page = text(washer.get(f"/centre/lots/{sold}/recall"))

    assert "L00001 is held: nobody can order from it. An odd smell" in page
    assert "Hold L00001?" not in page


def test_a_lot_that_was_merged_says_which_lots_are_touched(washer, sold, territory_engine):
    with territory_engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO lot_edge (parent, child, quantity) VALUES ('lot:1', 'lot:2', 12)"))
    with transaction(territory_engine) as session:
        build_day.lot(session, JURA, 12)

    page = text(washer.get(f"/centre/lots/{sold}/recall"))

    assert "Other lots took bottles of this one in" in page
    assert "L00002" in page


def test_the_file_opens_in_a_french_spreadsheet_and_holds_no_formula(washer, sold):
    answer = washer.get(f"/centre/lots/{sold}/recall.csv")

    first, *found = rows(answer.data)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert 'filename="recall-L00001.csv"' in answer.headers["Content-Disposition"]
    assert first == [
        "Lot",
        "State",
        "Partner",
        "Point",
        "Town",
        "Contact",
        "E-mail",
        "Phone",
        "Order",
        "Bottles",
        "Delivered on",
    ]
    assert [(row[1], row[9]) for row in found] == [("delivered", "24"), ("ready to be ordered", "24"), ("reserved", "12")]
    assert found[0][5:8] == ["'=1+1", "cave@example.org", "'+33 3 84 00 00 02"]
    assert found[0][10] == "2026-10-06 07:30"
    assert found[2][2] == "Exemple"


# -- the command line


@pytest.mark.parametrize("named", ["L00001", "l1", "1"])
def test_a_recall_is_written_to_the_standard_output(say, sold, named):
    answer = say("recall", named)

    assert answer.exit_code == 0
    assert len(rows(answer.stdout_bytes)) == 1 + 3
    assert "24\u00a0bouteilles" in answer.stderr


def test_a_recall_is_written_to_a_file(say, sold, tmp_path):
    answer = say("recall", "1", "--out", tmp_path / "recall.csv")

    assert answer.exit_code == 0
    assert len(rows((tmp_path / "recall.csv").read_bytes())) == 1 + 3


def test_a_lot_that_does_not_exist_is_a_sentence(say, sold):
    answer = say("recall", "L77777")

    assert answer.exit_code == 1
    assert "L77777" in answer.output
    assert "Traceback" not in answer.output


def test_a_recall_can_hold_the_lot_at_once(say, sold, territory_engine):
    answer = say("recall", "1", "--hold", "Odeur")

    assert answer.exit_code == 0
    with reading(territory_engine) as session:
        lot = session.get(Lot, sold)
        assert (lot.status, lot.why_held) == (LotStatus.HELD, "Odeur")


# -- seals


def test_sealing_says_how_many_rows_and_prints_the_roots(say, sold, clock, territory_engine):
    first, again = say("seal"), say("seal")

    with reading(territory_engine) as session:
        (head,) = seals.heads(session)
    assert first.exit_code == again.exit_code == 0
    assert head.root in first.output
    assert head.root in again.output
    assert head.table == "transfer"


def test_the_audit_shows_the_last_root_and_knows_one_that_was_written_down(say, sold, territory_engine):
    say("seal")
    with reading(territory_engine) as session:
        (head,) = seals.heads(session)

    assert head.root in say("audit", "--root", head.root).output
    lost = say("audit", "--root", "f" * 64)

    assert lost.exit_code == 1
    assert "f" * 64 in lost.output


def test_the_audit_names_a_row_that_was_changed_after_it_was_sealed(say, sold, territory_engine):
    say("seal")
    with territory_engine.begin() as connection:
        connection.execute(sa.text("UPDATE transfer SET known_at = at, quantity = 61 WHERE row = 1"))

    answer = say("audit", "--json")

    assert answer.exit_code == 1
    assert "transfer 1 was changed after it was sealed" in answer.output


def test_an_audit_that_is_stopped_shows_what_it_has_answered(say, sold, monkeypatch):
    def stopped(session):
        yield 1
        raise KeyboardInterrupt

    monkeypatch.setitem(audit.QUESTIONS, "No stock is below zero", stopped)

    answer = say("audit")

    assert answer.exit_code == 1
    assert answer.stdout.count("✓") == 2
    assert answer.stdout.count("…") == 1


def test_the_page_of_the_audit_shows_the_last_roots(sign_in, sold, territory_engine, clock):
    sealing.seal(territory_engine, rows=2, at=clock())
    client = sign_in(Role.COORDINATOR)

    page = client.get("/office/audit")

    with reading(territory_engine) as session:
        (head,) = seals.heads(session)
    assert head.root in page.text


def test_a_worker_that_is_asked_to_seal_seals(territory_engine, config, clock, tmp_path, sold):
    storage = jobs.open_storage(config, tmp_path)
    queue = jobs.Queue(storage, seal=lambda: sealing.seal(territory_engine, rows=1, at=clock()))

    queue.seal()
    assert queue.unheard() == set()
    storage.execute(storage.dequeue())

    with reading(territory_engine) as session:
        blocks = session.exec(select(Seal)).all()
        assert [block.count for block in blocks] == [1] * len(blocks)
        assert [found for found in seals.verify(session) if isinstance(found, str)] == []
    assert len(blocks) == 3
