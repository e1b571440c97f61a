"""Labels on pages that do not print them: which edition was scanned, and what is wrong with a form for them."""

from datetime import timedelta

from bottles import codes, crates
from bottles.db import reading, transaction
from bottles.disputes import DisputeKind, open_ones

from . import build_day
from .centre_day import HX, an_id, text
from .conftest import TUESDAY
from .office_pages import washer

__all__ = ["washer"]


def test_the_centre_says_that_a_label_was_replaced_and_takes_the_new_one_as_right(washer, territory_engine):
    with transaction(territory_engine) as session:
        build_day.places(session)
        old, other = (crate.code for crate in build_day.labelled(session, 2))
        crates.reprint(session, [old, other], at=TUESDAY - timedelta(minutes=5))

    scans = [
        washer.post("/centre/crates/wash/scan", data={"code": code, "event_id": an_id(number)}, headers=HX)
        for number, code in enumerate((codes.label(other, 2), old))
    ]

    assert ["this label was replaced: take it off." in text(answer) for answer in scans] == [False, True]
    with reading(territory_engine) as session:
        void = [dispute.subject for dispute in open_ones(session) if dispute.kind is DisputeKind.VOID_LABEL]
    assert void == [f"crate:{old}"]


def test_what_is_wrong_is_listed_with_its_field_in_the_order_of_the_form(washer):
    answer = washer.post("/centre/labels", data={"type": "tub", "count": "0", "preset": "24", "start": "99"})

    said = ["Choose one of the list.", "Give a whole number from 1 to 480.", "Give a whole number from 1 to 24."]
    named = zip(["Crate", "How many labels", "First label at place"], said, strict=True)
    assert "3 things to put right " + " ".join(f"{label} {sentence}" for label, sentence in named) in text(answer)
