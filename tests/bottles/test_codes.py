import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bottles import codes
from bottles.errors import Invalid

ASSET = "999999900001"


def test_a_serial_says_when_one_character_was_misread():
    good = codes.serial(4217)

    for place, right in enumerate(good):
        for wrong in set(codes.ALPHABET) - {right}:
            assert not codes.is_ours(good[:place] + wrong + good[place + 1 :])


def test_nearly_every_swap_of_neighbours_is_noticed():
    swaps = noticed = 0
    for number in random.Random(7).sample(range(1, 999_999), 500):
        good = codes.serial(number)
        for place in range(len(good) - 1):
            swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
            swaps += swapped != good
            noticed += swapped != good and not codes.is_ours(swapped)

    assert noticed / swaps > 0.97


@pytest.mark.parametrize(
    "typed",
    ["J000042R", "j000042r", " J000 042R ", "J000-042R", "HTTPS://LOOP.EXAMPLE/8003/09999999000010J000042R",
     "https://loop.example/8003/09999999000010J000042R", "https://loop.example/8003/09999999000010j000042r?s=1"],
)  # fmt: skip
def test_a_crate_is_known_however_its_code_was_typed_or_scanned(typed: str):
    assert codes.read(typed, ASSET) == "J000042R"


def test_a_french_keyboard_that_types_symbols_for_digits_is_understood():
    assert codes.read("Jàààà'éR", ASSET) == "J000042R"


@pytest.mark.parametrize(
    "typed", ["", "hello world!", "J000043R", "https://loop.example/8003/09999999000017J000042R", "🍾" * 40]
)
def test_what_is_no_code_or_was_misread_is_refused_with_a_sentence(typed: str):
    with pytest.raises(Invalid) as refusal:
        codes.read(typed, ASSET)

    assert "read it again" in str(refusal.value) or "scan the QR" in str(refusal.value)


def test_the_check_digit_is_gs1s():
    # 614141 00734 and its check digit 9 are the example of the GS1 General Specifications
    assert codes.check_digit("061414112345") == "2"
    assert codes.check_digit("629104150021") == "3"


def test_the_link_in_the_qr_is_in_capitals_and_reads_back():
    code = codes.serial(7)
    link = codes.digital_link("loop.example", ASSET, code)

    assert link == link.upper()
    assert codes.read(link, ASSET) == code


def test_ids_made_later_sort_later_and_keep_their_version_and_variant():
    dice = random.Random(1)
    early = codes.uuid7(datetime(2026, 10, 6, 8, tzinfo=UTC), dice.getrandbits(80))
    late = codes.uuid7(datetime(2026, 10, 6, 9, tzinfo=UTC), dice.getrandbits(80))

    assert early < late
    assert early[14] == "7"
    assert early[19] in "89ab"


@pytest.mark.parametrize("case", json.loads((Path(__file__).parents[1] / "data" / "codes.json").read_text()), ids=repr)
def test_the_table_that_phones_are_tested_with_says_what_we_read(case: dict[str, Any]):
    try:
        code, edition = codes.read_label(case["typed"], ASSET)
        said: dict[str, Any] = {"code": code, "edition": edition}
    except Invalid as refusal:
        said = {"refusal": {codes.MISREAD: "misread", codes.NO_CODE: "no_code"}[refusal.message]}

    assert {"typed": case["typed"], **said} == case
