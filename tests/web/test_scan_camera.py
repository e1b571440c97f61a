"""The scan loop of the driver's app before a camera: what its eye reads, and how often each label counts."""

import random
from base64 import b64encode
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import FLAGS
from tools.browser import chromium

from .scan_page import KNOWN, scan_page, told
from .scan_stage import CANVAS_CAMERA, NATIVE, film, link, picture

__all__ = ["scan_page"]
pytestmark = pytest.mark.browser

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


UNTIL_THE_WORKER = """() => new Promise((done) => {
  const { camera } = document.querySelector("driver-scan");
  const look = () => (camera.reader.by === "worker" ? done() : requestAnimationFrame(look));
  look();
})"""


def test_where_the_phones_own_detector_fails_the_worker_takes_over(scan_page):
    broken = NATIVE.replace("(window.inView ?? []).map((rawValue) => ({ rawValue }))", "{ throw new Error('no service'); }")
    page = scan_page(script=CANVAS_CAMERA + broken)

    page.evaluate(UNTIL_THE_WORKER)


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
