"""The scan loop of the driver's app, in a real browser: before a camera, and with a keyboard scanner."""

import json
import random
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from bottles import codes
from tests.browsers import FLAGS
from tools.browser import chromium

from .conftest import ROOT
from .scan_stage import day, film, link, picture, serials, stage

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CASES = json.loads((Path(__file__).parents[1] / "data" / "codes.json").read_text())
TONES = "export const sing = (kind) => (window.sung ??= []).push(kind);\nexport const wake = () => {};"
KNOWN = serials(40)

Opened = Callable[..., Page]


@contextmanager
def served(app) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}/harness/"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture
def scan_page(page, config, request) -> Opened:
    """Open the scan page of a stop that asks for 40 crates; its tones are written down, not sung."""

    def open_page(crates=None, *, move="collect", script="", screen=None, **settings) -> Page:
        crates = dict.fromkeys(KNOWN, ("casier-12", "out")) if crates is None else crates
        app = stage(config, day(crates, move=move), move, **settings)
        opened = screen or page(language="en")
        opened.route("**/js/tones.js*", lambda route: route.fulfill(body=TONES, content_type="text/javascript"))
        opened.add_init_script(script)
        server = served(app)
        address = server.__enter__()
        request.addfinalizer(lambda: server.__exit__(None, None, None))
        opened.goto(address)
        expect(opened.locator("driver-scan .scan-count b")).to_be_visible()
        return opened

    return open_page


def shoot(page: Page, text: str) -> None:
    """Type as a keyboard scanner does: all at once, then Enter."""
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def told(page: Page, kind: str) -> list[dict]:
    return [event for event in page.evaluate("acts.events") if event["kind"] == kind]


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


# -- before a camera


CANVAS_CAMERA = """
const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 360 });
const context = canvas.getContext("2d");
window.camera = { opened: 0, lit: [], show: (colour) => { context.fillStyle = colour; context.fillRect(0, 0, 480, 360); } };
setInterval(() => camera.show("#777"), 40);
navigator.mediaDevices.getUserMedia = async () => {
  camera.opened += 1;
  const stream = canvas.captureStream(25);
  const [track] = stream.getVideoTracks();
  track.getCapabilities = () => ({ torch: true });
  track.applyConstraints = async ({ advanced: [{ torch }] }) => camera.lit.push(torch);
  camera.track = track;
  return stream;
};
"""
"""A camera that shows what a script draws, and has a torch."""

NATIVE = """
window.BarcodeDetector = class {
  static getSupportedFormats = async () => ["qr_code"];
  detect = async () => (window.inView ?? []).map((rawValue) => ({ rawValue }));
};
"""

HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_the_phones_own_detector_reads_all_labels_in_view_and_each_counts_once(scan_page):
    page = scan_page(script=CANVAS_CAMERA + NATIVE)

    page.evaluate("(links) => { window.inView = links; }", [link(code) for code in KNOWN[:2]])

    expect(page.locator(".scan-count b")).to_have_text("2")
    assert page.evaluate("document.querySelector('driver-scan').camera.reader.by") == "native"
    assert page.evaluate("sung") == ["known", "known"]


def test_where_the_phones_own_detector_fails_the_worker_takes_over(scan_page):
    broken = NATIVE.replace("(window.inView ?? []).map((rawValue) => ({ rawValue }))", "{ throw new Error('no service'); }")
    page = scan_page(script=CANVAS_CAMERA + broken.replace("async () => {", "async () => {"))

    page.wait_for_function("document.querySelector('driver-scan').camera.reader.by === 'worker'")


def test_the_torch_is_switched_and_a_hidden_page_lets_go_of_the_camera(scan_page):
    page = scan_page(script=CANVAS_CAMERA + NATIVE)
    page.get_by_role("button", name="Light").tap()
    expect(page.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("camera.lit") == [True]

    page.evaluate(HIDE, True)
    expect(page.locator("[data-camera=off]")).to_be_attached()
    assert page.evaluate("camera.track.readyState") == "ended"
    page.evaluate(HIDE, False)

    expect(page.locator("[data-camera=on]")).to_be_attached()
    assert page.evaluate("camera.opened") == 2
    page.evaluate("leave()")
    assert page.evaluate("camera.track.readyState") == "ended"


LOOKS_AT = """async (looks) => {
  const { Sight } = await import("/static/js/driver/sight.js");
  const sight = new Sight();
  return looks.map(([text, at]) => sight.isNew(text, at));
}"""


def test_a_label_held_before_the_camera_is_new_only_after_it_was_away(scan_page):
    looks = [("A", 0), ("A", 900), ("A", 1800), ("A", 2800), ("B", 2900), ("A", 3000), ("B", 3100), ("C", 3700), ("A", 3800)]

    said = scan_page().evaluate(LOOKS_AT, looks)

    assert said == [True, False, False, True, True, False, False, True, True]


@pytest.fixture
def film_page(browser, scan_page, tmp_path):
    """Open the scan page in a browser whose camera shows a film of labels."""
    opened = []

    def open_page(texts, dice) -> Page:
        path = film(texts, tmp_path / "labels.mjpeg", dice)
        fake = ("device-for-media-stream", "ui-for-media-stream")
        flags = [*FLAGS, *(f"--use-fake-{each}" for each in fake), f"--use-file-for-fake-video-capture={path}"]
        opened.append(browser.browser_type.launch(executable_path=chromium(), args=flags))
        screen = opened[0].new_page(viewport={"width": 390, "height": 844}, permissions=["camera"])
        return scan_page(screen=screen)

    yield open_page
    for each in opened:
        each.close()


@pytest.mark.slow
def test_forty_labels_before_the_camera_are_counted_once_each_blurred_tilted_or_dark(film_page):
    seed = random.randrange(10_000)
    print(f"seed {seed}")  # noqa: T201 - for whoever sees it fail

    page = film_page([link(code) for code in KNOWN], random.Random(seed))
    expect(page.locator(".scan-count b")).to_have_text("40", timeout=60_000)
    # the film begins again: what was counted is said to be repeated
    expect(page.locator(".scan-last.repeated")).to_be_visible()

    expect(page.locator(".scan-count b")).to_have_text("40")
    assert sorted(event["crate"] for event in told(page, "scan")) == KNOWN
    assert page.evaluate("sung").count("known") == 40
    at = page.evaluate("acts.at.filter((_, n) => acts.events[n].kind === 'scan')")
    took = sorted(round(later - earlier) for earlier, later in pairwise(at))
    by, each = page.evaluate("(({ by, took }) => [by, took])(document.querySelector('driver-scan').camera.reader)")
    print(  # noqa: T201 - figures are for whoever runs the test
        f"40 labels in {(at[-1] - at[0]) / 1000:.1f} s, shown for 467 ms each; from one to the next"
        f" {took[0]} to {took[-1]} ms, half within {took[19]}; {by}, {each:.1f} ms a picture"
    )


DECODE = """async ([source, side, times]) => {
  const { decodeQR } = await import("/static/vendor/qr/decode.js");
  const jpeg = new Blob([Uint8Array.from(atob(source), (byte) => byte.charCodeAt(0))]);
  const image = await createImageBitmap(jpeg, { resizeWidth: side, resizeHeight: (side * 3) / 4 });
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height);
  const took = [];
  let text = null;
  for (let n = 0; n < times; n += 1) {
    const began = performance.now();
    text = decodeQR(pixels);
    took.push(performance.now() - began);
  }
  return [text, took.sort((a, b) => a - b)[times >> 1]];
}"""


@pytest.mark.slow
def test_a_phone_four_times_slower_reads_pictures_of_the_size_that_its_worker_gets(scan_page):
    page = scan_page()
    dice, text = random.Random(4), link(KNOWN[0])
    shown = {name: picture(text, look, dice) for look, name in enumerate(("straight", "blurred", "tilted", "dark"))}
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})

    for side in (640, 480):
        for name, jpeg in shown.items():
            said, took = page.evaluate(DECODE, [b64encode(jpeg).decode(), side, 15])
            print(f"{side} px, {name}: {took:.0f} ms a picture")  # noqa: T201 - figures are for whoever runs the test
            assert said == text
