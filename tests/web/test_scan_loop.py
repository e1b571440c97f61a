"""The scan loop of the driver's app, in a real browser, with a keyboard scanner and by hand."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bottles import codes

from .conftest import ROOT
from .scan_page import KNOWN, scan_page, shoot, told
from .scan_stage import CANVAS_CAMERA, link

__all__ = ["scan_page"]
pytestmark = pytest.mark.browser

CASES = json.loads((Path(__file__).parents[1] / "data" / "codes.json").read_text())


# -- one reading in two languages


READ = """async ([cases, ours]) => {
  const { read } = await import("/static/js/driver/codes.js");
  return cases.map((text) => read(text, ours));
}"""


def test_the_phone_reads_every_code_as_the_table_says(scan_page):
    said = scan_page().evaluate(READ, [[case["typed"] for case in CASES], "999999900001"])

    for case, answer in zip(CASES, said, strict=True):
        wanted = {"code": None, "edition": None, "refusal": None} | case
        assert {"typed": case["typed"], **{key: answer.get(key) for key in ("code", "edition", "refusal")}} == wanted


# -- a keyboard scanner, and a hand


def test_forty_labels_from_a_keyboard_scanner_are_forty_crates_and_no_keyboard_comes_up(scan_page):
    page = scan_page()

    for serial in KNOWN:
        shoot(page, link(serial))

    expect(page.locator(".scan-count b")).to_have_text("40")
    assert [event["crate"] for event in told(page, "scan")] == KNOWN
    assert page.evaluate("sung") == ["known"] * 40
    expect(page.locator("#code")).to_be_focused()
    expect(page.locator("#code")).to_have_attribute("inputmode", "none")
    assert page.locator(".scan-count b").evaluate("(b) => parseFloat(getComputedStyle(b).fontSize)") >= 72


def test_a_crate_scanned_twice_is_said_so_and_counted_once(scan_page):
    page = scan_page()

    shoot(page, KNOWN[0])
    shoot(page, link(KNOWN[0]))

    expect(page.get_by_role("status")).to_contain_text("Scanned already at")
    expect(page.locator(".scan-count b")).to_have_text("1")
    assert len(told(page, "scan")) == 1
    assert page.evaluate("sung") == ["known", "repeated"]


def test_a_code_typed_wrong_is_refused_with_a_sentence_and_nothing_is_recorded(scan_page):
    page = scan_page()
    page.locator("#code").tap()
    expect(page.locator("#code")).to_have_attribute("inputmode", "text")

    page.keyboard.type("J000043R")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("misread or mistyped")
    expect(page.locator(".scan-count b")).to_have_text("0")
    assert page.evaluate("acts.events") == []
    assert page.evaluate("sung") == ["unknown"]


def test_a_code_nobody_knows_waits_for_a_hand_to_say_so_and_a_scanner_does_not(scan_page):
    page = scan_page()
    page.locator("#code").tap()
    shoot(page, "BRASSERIE/77")
    expect(page.get_by_role("status")).to_contain_text("not the code of a crate")
    assert page.evaluate("acts.events") == []

    page.get_by_role("button", name="Count it all the same").tap()
    expect(page.locator(".scan-count b")).to_have_text("1")
    page.locator("#code").evaluate("(field) => { field.blur(); field.focus(); }")
    shoot(page, "BRASSERIE/78")

    expect(page.locator(".scan-count b")).to_have_text("2")
    assert [event["crate"] for event in told(page, "scan")] == ["BRASSERIE/77", "BRASSERIE/78"]
    assert page.evaluate("sung") == ["unknown"] * 3


TAKE = """async (texts) => {
  const { bench } = document.querySelector("driver-scan");
  for (const text of texts) await bench.take(text, "camera");
}"""


def test_the_address_on_a_bottle_and_a_label_with_a_wrong_check_are_notes_once_and_never_counted(scan_page):
    page = scan_page()

    page.evaluate(TAKE, [*["https://wine.example/label/2024"] * 2, "J000043R"])

    expect(page.locator(".scan-count b")).to_have_text("0")
    assert [event["note"] for event in told(page, "note")] == ["https://wine.example/label/2024", "J000043R"]
    assert page.evaluate("sung") == ["unknown", "repeated", "unknown"]


def test_each_kind_of_scan_has_its_tone_and_its_words(scan_page):
    first, second, third, fourth = KNOWN[:4]
    crates = {first: ("casier-12", "out"), second: ("casier-12", "lost"), third: ("casier-12", "out", 2)}
    page = scan_page(crates)

    said = [(first, "counted"), (second, "thought lost"), (third, "label was replaced"), (fourth, "Not in our list")]
    for code, words in said:
        shoot(page, code)
        expect(page.get_by_role("status")).to_contain_text(words)

    expect(page.locator(".scan-count b")).to_have_text("4")
    assert page.evaluate("sung") == ["known", "unexpected", "unexpected", "unknown"]


def test_a_scan_is_taken_back_from_the_last_ten_and_the_field_keeps_its_focus(scan_page):
    page = scan_page()
    for serial in KNOWN[:12]:
        shoot(page, serial)
    page.get_by_text("Last scans").tap()
    expect(page.locator(".scan-list li")).to_have_count(10)

    page.get_by_role("button", name=f"Undo {codes.by_eye(KNOWN[5])}").tap()

    expect(page.locator(".scan-count b")).to_have_text("11")
    expect(page.get_by_role("status")).to_contain_text("Taken back")
    expect(page.locator("#code")).to_be_focused()
    [undo] = told(page, "undo")
    assert undo["undoes"] == told(page, "scan")[5]["id"]
    # what was taken back can be scanned anew
    shoot(page, KNOWN[5])
    expect(page.locator(".scan-count b")).to_have_text("12")


def test_a_scan_that_the_phone_could_not_keep_is_not_counted_and_can_be_scanned_again(scan_page):
    page = scan_page()
    page.evaluate("acts.isFull = true")
    shoot(page, KNOWN[0])
    expect(page.get_by_role("status")).to_contain_text("could not keep")
    expect(page.locator(".scan-count b")).to_have_text("0")

    page.evaluate("acts.isFull = false")
    shoot(page, KNOWN[0])

    expect(page.locator(".scan-count b")).to_have_text("1")


def test_a_driver_may_scan_without_a_camera_and_with_the_left_hand(scan_page):
    script = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }"
    page = scan_page(script=script, hand="left")
    expect(page.get_by_text("The camera is not allowed")).to_be_visible()
    expect(page.locator("#code")).to_be_focused()

    shoot(page, KNOWN[0])

    expect(page.locator(".scan-count b")).to_have_text("1")
    targets = page.locator("#app :is(button, summary, input, .thumb a):visible")
    assert all(targets.nth(n).bounding_box()["height"] >= 64 for n in range(targets.count()))
    finish, problem = (page.get_by_role("link", name=name).bounding_box() for name in ("Finish scanning", "Problem"))
    assert finish["x"] < problem["x"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_screen_reader_is_told_what_everything_is(scan_page):
    page = scan_page({KNOWN[0]: ("casier-12", "out"), KNOWN[1]: ("casier-12", "lost")}, script=CANVAS_CAMERA)
    shoot(page, KNOWN[0])
    shoot(page, KNOWN[1])
    page.get_by_text("Last scans").tap()

    page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text())

    assert page.evaluate("axe.run().then(({ violations }) => violations.map((each) => each.id))") == []


def test_the_loading_of_a_route_is_scanned_in_the_same_way_and_no_problem_is_asked_for(scan_page):
    page = scan_page(dict.fromkeys(KNOWN, ("casier-12", "clean")), move="load")

    shoot(page, KNOWN[0])

    expect(page.locator(".scan-count b")).to_have_text("1")
    [scan] = told(page, "scan")
    assert scan == scan | {"crate": KNOWN[0], "move": "load", "route": 5, "plan_version": 2, "holder": "van"}
    expect(page.get_by_role("link", name="Problem")).to_have_count(0)
