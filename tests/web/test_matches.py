"""Scanned and counted crates put together at each stop, beside what we believed to stand there."""

from datetime import timedelta

import pytest

from bottles import intake, ledger
from bottles.codes import uuid7
from bottles.crates import Move
from bottles.db import transaction
from bottles.events import EventKind
from bottles.ledger import AccountKind, Key, Posting
from bottles.people import Role
from bottles.wire import NewEvent

from . import build_day
from .build_day import CELLAR, CENTRE, CRATE, DAWN, VAN
from .office_pages import office
from .office_pages import said as text

__all__ = ["office"]


@pytest.fixture
def visit(territory_engine):
    """Do something at the cellar, where 6 crates stand by our books and 8 are asked for."""

    def do(*counts, scans=0, believed=6, ends=EventKind.STOP_DONE):
        with transaction(territory_engine) as session:
            made = build_day.labelled(session, scans) if scans else []
            day = build_day.plan(session, [[build_day.pickup(session, take=8, leave=0)]])
            source, point = Key(AccountKind.CLEAN, CENTRE, CRATE), Key(AccountKind.POINT, CELLAR, CRATE)
            flow = Posting(source, point, believed - scans, "earlier", DAWN - timedelta(days=9))
            ledger.post(session, [flow], known_at=DAWN)
            told = [(EventKind.SCAN, {"crate": crate.code, "move": Move.COLLECT}) for crate in made]
            told += [(EventKind.COUNT, {"move": move, "item": CRATE, "quantity": n}) for move, n in counts]
            told += [(ends, {"reason": "other"})] if ends else []
            facts = {"task": day.tasks[0], "plan_version": day.plan, "point": CELLAR, "holder": VAN}
            for number, (kind, more) in enumerate(told):
                at = DAWN + timedelta(minutes=number)
                new = NewEvent(id=uuid7(at, number), kind=kind, at=at, device="phone", sequence=number, **facts, **more)
                intake.record(session, new, build_day.author(session, Role.DRIVER), at=at)
        return day

    return do


@pytest.mark.parametrize(
    ("taken", "says"),
    [
        (8, "2 more than we believed there"),
        (6, "as many as we believed there"),
        (5, "1 fewer than we believed there: it may still stand there"),
        (3, "3 fewer than we believed there: they may still stand there"),
    ],
)
def test_the_difference_is_told_in_words(office, visit, taken, says):
    visit((Move.COLLECT, taken))

    page = text(office.get("/office/pickups/1"))

    assert "We believed 6 there." in page
    assert "Asked to be taken: 8." in page
    assert says in page


def test_scans_and_counts_are_put_together(office, visit):
    visit((Move.COLLECT, 7), (Move.DROP, 4), scans=3)

    page = text(office.get("/office/pickups/1"))

    assert "Taken: 7, 3 by their label and 4 without" in page
    assert "Left, empty: 4, all without a label" in page
    assert "1 more than we believed there" in page


def test_a_count_below_the_scans_says_how_many_labels_there_were(office, visit):
    visit((Move.COLLECT, 2), scans=3)

    assert "Taken: 2, but 3 labels were scanned" in text(office.get("/office/pickups/1"))


def test_before_anything_is_taken_nothing_is_missing(office, visit):
    visit(ends=EventKind.STOP_REACHED)

    page = text(office.get("/office/pickups/1"))

    assert "We believe 6 there." in page
    assert "than we believed" not in page


def test_a_stop_that_nobody_reached_found_nothing(office, visit):
    visit(ends=None)

    assert "What the stop found" not in text(office.get("/office/pickups/1"))


def test_a_missed_stop_found_nothing(office, visit):
    visit(ends=EventKind.STOP_MISSED)

    assert "What the stop found" not in text(office.get("/office/pickups/1"))


def test_the_list_of_differences_names_the_stop(office, visit):
    visit((Move.COLLECT, 2), scans=3)

    page = text(office.get("/office/disputes"))
    assert "2 × Casier de 12 counted, but 3 scanned at the same stop." in page
    assert "Domaine Chêne, Arbois" in page
