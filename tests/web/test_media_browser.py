"""The phone's own hands on pictures and positions, in a real browser: what leaves the phone, and what never does."""

import base64
import hashlib
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from tests.served import serving

from .photos_sent import LEFT, drawn, located

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(make_app, page) -> Iterator[object]:
    """Open a page that loads the app's modules."""
    with serving(make_app(), threaded=False) as address:
        opened = page(language="en")
        opened.goto(f"{address}/sign-in")
        yield opened
        opened.close()


TAKE = """async (sent) => {
  const { take } = await import("/static/js/driver/photo.js");
  const text = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
  const bytes = Uint8Array.from(atob(sent), (letter) => letter.charCodeAt(0));
  const taken = await take(new Blob([bytes]));
  return { ...taken, bytes: text(taken.bytes) };
}"""


def take(phone, body: bytes) -> tuple[dict[str, str], bytes]:
    told = phone.evaluate(TAKE, base64.b64encode(body).decode())
    return told, base64.b64decode(told["bytes"])


def test_a_photo_leaves_the_phone_small_upright_named_and_without_its_place(phone):
    told, body = take(phone, located(6, width=3200, height=1600))

    image = Image.open(BytesIO(body))
    assert (told["type"], image.format, image.size) == ("image/jpeg", "JPEG", (800, 1600))
    assert all(abs(seen - meant) < 20 for seen, meant in zip(image.getpixel((5, 5)), LEFT, strict=True))
    assert told["sha256"] == hashlib.sha256(body).hexdigest()
    assert b"Secret" not in body
    assert dict(image.getexif()) == {}


def test_a_small_photo_is_not_made_larger_and_what_is_none_is_refused(phone):
    assert Image.open(BytesIO(take(phone, drawn(40, 30))[1])).size == (40, 30)
    assert phone.evaluate(f'async () => ({TAKE})(btoa("hello")).then(() => "taken", () => "refused")') == "refused"


SIGN = """async () => {
  const { hand, paint, picture, WIDTH, HEIGHT } = await import("/static/js/driver/signature.js");
  document.body.innerHTML = '<canvas class="signature-pad"></canvas>';
  const canvas = document.querySelector("canvas");
  Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  window.strokes = [];
  const pad = hand(() => window.strokes, (drawn) => { window.strokes = drawn; });
  canvas.addEventListener("pointerdown", pad.begin);
  canvas.addEventListener("pointermove", pad.go);
  canvas.addEventListener("pointerup", pad.end);
  window.written = async () => {
    const made = await picture(window.strokes);
    const letters = made && Array.from(new Uint8Array(made.bytes), (byte) => String.fromCharCode(byte));
    return made && { ...made, bytes: btoa(letters.join("")) };
  };
  paint(canvas, window.strokes);
}"""


def test_what_a_finger_draws_is_kept_stroke_by_stroke_and_becomes_a_picture(phone):
    phone.evaluate(SIGN)
    assert phone.evaluate("written()") is None
    box = phone.locator("canvas").bounding_box()

    phone.mouse.move(box["x"] + 20, box["y"] + 20)
    phone.mouse.down()
    phone.mouse.move(box["x"] + 120, box["y"] + 60, steps=4)
    phone.mouse.up()
    phone.mouse.click(box["x"] + 200, box["y"] + 30)

    first, dot = phone.evaluate("strokes")
    assert (len(first), len(dot)) == (5, 1)
    told = phone.evaluate("written()")
    body = base64.b64decode(told["bytes"])
    image = Image.open(BytesIO(body)).convert("L")
    assert (told["type"], image.size, told["sha256"]) == ("image/png", (600, 240), hashlib.sha256(body).hexdigest())
    for x, y in (first[0], first[-1], dot[0]):
        assert image.getpixel((x, y)) < 100
    assert image.getpixel((590, 230)) == 255


SHARE = """async (steps) => {
  const { sharing } = await import("/static/js/driver/position.js");
  const told = { list: [], sent: [], watched: 0, cleared: 0, clock: 0, network: true, fix: null, fail: null };
  const locator = {
    watchPosition: (fix, fail) => { told.watched += 1; Object.assign(told, { fix, fail }); return 7; },
    clearWatch: (watch) => { told.cleared += watch === 7; },
  };
  const one = sharing({
    locator,
    now: () => new Date(Date.UTC(2026, 9, 6, 7) + told.clock).toISOString(),
    change: async (make) => (told.list = make(told.list)),
    send: async (list) => { if (told.network) told.sent.push(...list); return told.network; },
  });
  for (const [name, value] of steps) {
    if (name === "follow") await one.follow(value);
    if (name === "network") told.network = value;
    if (name === "refuse") told.fail({ code: 1, PERMISSION_DENIED: 1 });
    if (name === "at") {
      told.clock = value * 1000;
      told.fix({ coords: { latitude: 46.9, longitude: 5.78, accuracy: value } });
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
  const marks = (list) => list.map((spot) => spot.accuracy);
  return { ...told, sent: marks(told.sent), list: marks(told.list), status: one.status() };
}"""


def test_nothing_is_watched_until_it_is_switched_on_and_nothing_after_the_route(phone):
    steps = [["follow", False], ["follow", True], ["follow", True], ["at", 100], ["follow", False], ["at", 200]]

    told = phone.evaluate(SHARE, steps)

    assert (told["watched"], told["cleared"], told["sent"], told["list"]) == (1, 1, [100], [])
    assert told["status"]["isOn"] is False


def test_without_network_positions_wait_and_go_out_once_in_their_order(phone):
    steps = [["follow", True], ["network", False], ["at", 100], ["at", 110], ["at", 140], ["network", True], ["at", 180]]

    told = phone.evaluate(SHARE, steps)

    assert (told["sent"], told["list"]) == ([100, 140, 180], [])


def test_a_refusal_of_the_phone_is_said(phone):
    assert phone.evaluate(SHARE, [["follow", True], ["refuse", 0]])["status"]["isRefused"] is True
