"""A stage for the scan page of the driver's app: a day of one stop, the page alone, and pictures of labels for its camera."""

import io
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image, ImageEnhance, ImageFilter

from bottles import codes
from web import labels, security
from web.app_words.scan import WORDS
from web.config import Config

from .conftest import ROOT
from .sheets import ASSET, HOST

DATA = Path(__file__).parent / "data"
PAGE = """<!doctype html>
<html lang="en" data-theme="light">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Scan</title>
    <link rel="stylesheet" href="/static/css/tokens.css" />
    <link rel="stylesheet" href="/static/css/base.css" />
    <link rel="stylesheet" href="/static/css/components.css" />
    <link rel="stylesheet" href="/static/css/field.css" />
    <link rel="stylesheet" href="/static/css/driver.css" />
    <link rel="stylesheet" href="/static/css/driver_scan.css" />
  </head>
  <body class="field">
    <main id="app"></main>
    <script type="module" src="/harness/scan.js"></script>
  </body>
</html>"""
SIZE = (480, 360)
"""Of the camera's pictures, in pixels."""

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


def serials(count: int) -> list[str]:
    return [codes.serial(number) for number in range(1, count + 1)]


def link(serial: str) -> str:
    return codes.digital_link(HOST, ASSET, serial)


def day(crates: dict[str, tuple[Any, ...]], asked: int = 40, move: str = "collect") -> dict[str, Any]:
    """Return a day of one stop that asks for one move of crates of 12."""
    point = {"id": "cave", "name": "Cave Exemple", "street": "", "postcode": "", "town": "Arbois", "lat": 46.9, "lon": 5.77,
             "access_note": "", "contact": "", "phone": "", "windows": [], "photo": None, "seconds": 600,
             "notes": ""}  # fmt: skip
    task = {"id": 7, "kind": "collect", "partner": "Cave Exemple", "order": None, "withdrawn": False, "notes": [],
            "asks": [{"move": "drop" if move == "load" else move, "item": "casier-12", "quantity": asked}]}  # fmt: skip
    stop = {"id": 3, "position": 1, "arrives": "2026-10-06T08:00:00Z", "starts": "2026-10-06T08:00:00Z",
            "leaves": "2026-10-06T08:10:00Z", "route": 5, "plan": 2, "point": point, "tasks": [task]}  # fmt: skip
    trip = {"route": 5, "plan": 2, "version": 1, "stands": True, "day": "2026-10-06", "departs": "2026-10-06T07:00:00Z",
            "returns": "2026-10-06T12:00:00Z", "vehicle": {"id": "van", "name": "Le fourgon", "mixed": False}, "metres": 1,
            "breaks": [], "estimated": True, "mixes": False, "line": [], "unloads": [], "loading": [],
            "stops": [stop]}  # fmt: skip
    return {
        "version": 1, "made_at": "2026-10-06T07:00:00.000Z", "csrf": "", "person": {"id": 1, "name": "Lou", "language": "en"},
        "centre": {"id": "centre", "name": "Centre", "town": "Poligny", "lat": 46.8, "lon": 5.7, "phone": ""},
        "config": {"asset_type": ASSET, "label_host": HOST, "tiles": "", "time_zone": "Europe/Paris", "languages": ["fr"]},
        "items": [{"id": "casier-12", "name": "Casier de 12", "kind": "crate", "bottles": 12}],
        "crates": crates, "guide": [], "communes": [], "points": [], "trips": [trip], "later": None, "events": [],
    }  # fmt: skip


def _plain(said: object) -> object:
    return {form: str(text) for form, text in said.items()} if isinstance(said, dict) else str(said)


def stage(config: Config, bundle: dict[str, Any], move: str = "collect", **settings: str) -> Flask:
    """Return an app that serves the page alone, with the headers of every page."""
    app = Flask("stage", static_folder=ROOT / "web/static")
    security.init(app, config)
    words = {key: _plain(said) for key, said in WORDS.items()}
    told = {"bundle": bundle, "words": words, "move": move, "settings": settings}
    script = (DATA / "scan_harness.js").read_text()
    app.add_url_rule("/harness/", "harness", lambda: PAGE)
    app.add_url_rule("/harness/day.json", "harness_day", lambda: told)
    app.add_url_rule("/harness/scan.js", "harness_script", lambda: (script, {"Content-Type": "text/javascript"}))
    return app


def label(text: str, side: int = 200) -> Image.Image:
    """Draw a label as the printer does, with its quiet zone."""
    modules = labels.matrix(text)
    whole = len(modules) + 2 * labels.QUIET
    image = Image.new("L", (whole, whole), 255)
    for y, row in enumerate(modules):
        for x, is_dark in enumerate(row):
            if is_dark:
                image.putpixel((x + labels.QUIET, y + labels.QUIET), 0)
    return image.resize((side, side), Image.Resampling.NEAREST)


def _sharp(image: Image.Image, dice: random.Random) -> Image.Image:
    return image.rotate(dice.uniform(-4, 4), fillcolor=90)


def _blurred(image: Image.Image, dice: random.Random) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(dice.uniform(1.2, 1.6)))


def _tilted(image: Image.Image, dice: random.Random) -> Image.Image:
    # turned, and leaning away: the far edge is shorter, in true perspective
    width, height = image.size
    lean = dice.uniform(0.04, 0.08)
    seen = (1, -lean * width / 2 / height, 0, 0, 1 - lean, 0, 0, -lean / height)
    aside = image.transform(image.size, Image.Transform.PERSPECTIVE, seen, Image.Resampling.BICUBIC, fillcolor=90)
    return aside.rotate(dice.uniform(10, 40), Image.Resampling.BICUBIC, expand=True, fillcolor=90)


def _dark(image: Image.Image, dice: random.Random) -> Image.Image:
    return ImageEnhance.Brightness(ImageEnhance.Contrast(image).enhance(0.5)).enhance(dice.uniform(0.3, 0.45))


LOOKS = (_sharp, _blurred, _tilted, _dark)


def picture(text: str, look: int, dice: random.Random) -> bytes:
    """Return a label as the camera sees it: held not quite still, some blurred, tilted or in the dark."""
    seen = LOOKS[look % len(LOOKS)](label(text), dice)
    wall = Image.new("L", SIZE, 40 if LOOKS[look % len(LOOKS)] is _dark else 90)
    left, top = (wall.width - seen.width) // 2, (wall.height - seen.height) // 2
    wall.paste(seen, (left + dice.randint(-30, 30), top + dice.randint(-15, 15)))
    return _jpeg(wall)


def _jpeg(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    # a camera's pictures are in colour: Chromium's stand-in takes no others
    image.convert("RGB").save(kept, "JPEG", quality=85)
    return kept.getvalue()


def film(texts: Sequence[str], path: Path, dice: random.Random, *, frames: int = 12, between: int = 2) -> Path:
    """Write a film that shows one label after another, each in three pictures, then the wall; 30 frames a second."""
    wall = _jpeg(Image.new("L", SIZE, 90))
    with path.open("wb") as kept:
        for look, text in enumerate(texts):
            for shown in [picture(text, look, dice) for _ in range(3)]:
                kept.write(shown * (frames // 3))
            kept.write(wall * between)
    return path
