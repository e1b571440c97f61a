"""What the driver's app is made of: every file that the phone keeps, with a mark of what is in it.

The phone keeps all of one version or nothing of it. Each file's mark lets it see that it got what the list means, and not
half of a newer version, nor what a hotel's network answers in its place.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from flask import current_app, render_template, url_for
from flask_babel import force_locale  # type: ignore[import-untyped]  # it ships no types

from . import app_words
from .current import territory

STATIC = Path(__file__).parent / "static"
APP, WORKER = STATIC / "js" / "driver", STATIC / "js" / "driver" / "sw.js"
ICONS = ("icons/app.svg", "icons/app-180.png", "icons/app-192.png", "icons/app-512.png", "icons/favicon.svg")
SHEETS = ("css/tokens.css", "css/base.css", "css/components.css", "css/field.css")
"""Those that the app shares with the pages; its own are the css/driver*.css beside them."""

NAMED = re.compile(r"""["'](\.{1,2}/[^"'\s]+\.(?:js|css|wasm))["']""")
"""How one script names another: an import, at once or later, a worker, a sheet it loads."""

IMPORTED = re.compile(r"""^(?:import|export)\b[^"';(]*["'](\.{1,2}/[^"'\s]+\.js)["']""", re.MULTILINE)
"""How one names another that it cannot begin without."""


def sheets() -> list[str]:
    """List the style sheets of the app."""
    return [*SHEETS, *sorted(f"css/{path.name}" for path in (STATIC / "css").glob("driver*.css"))]


def scripts() -> list[str]:
    """List the app's scripts, and whatever they name outside of their folder."""
    return _reached([path for path in APP.rglob("*.js") if path != WORKER], NAMED)


def first() -> list[str]:
    """List the scripts that the app cannot begin without: told to the browser at once, it need not find them one by one."""
    return _reached([APP / "app.js"], IMPORTED)


def _reached(waiting: list[Path], naming: re.Pattern[str]) -> list[str]:
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += named_in(path, naming)
    return sorted(str(path.relative_to(STATIC)) for path in found)


def named_in(path: Path, naming: re.Pattern[str] = NAMED) -> Iterator[Path]:
    """Give the files that a script names by their address beside its own."""
    if path.suffix == ".js":
        for name in naming.findall(path.read_text(encoding="utf-8")):
            yield (path.parent / name).resolve()


def shell() -> str:
    """Return the page that the app lives in: the same for everybody, so that it can be kept."""
    return render_template("driver/app.html", sheets=sheets(), scripts=first(), language=territory().territory.language)


def manifest() -> str:
    """Return what a phone shows of the app on its home screen."""
    name = territory().territory.name
    icons = [
        {"src": url_for("static", filename=f"icons/app-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]  # fmt: skip
    drawn = {"src": url_for("static", filename="icons/app.svg"), "sizes": "any", "type": "image/svg+xml"}
    told = {
        "id": "/driver/",
        "name": name,
        "short_name": name if len(name) <= 12 else name.split()[-1].capitalize(),
        "lang": territory().territory.language,
        "start_url": "/driver/",
        "scope": "/driver/",
        "display": "standalone",
        "orientation": "any",
        "theme_color": "#1f5a43",
        "background_color": "#fbf7ec",
        "icons": [*icons, drawn],
    }
    return json.dumps(told, ensure_ascii=False)


def words(language: str) -> str:
    """Return all the app says in a language."""
    with force_locale(language):
        return json.dumps(app_words.told(), ensure_ascii=False, sort_keys=True)


def worker() -> str:
    """Return the service worker: which version it keeps, of what it consists, and then what it does."""
    known = current_app.extensions.get("driver_worker")
    if known is None:
        known = current_app.extensions["driver_worker"] = _worker()
    return str(known)


def _worker() -> str:
    body = WORKER.read_text(encoding="utf-8")
    listed = json.dumps(_parts(), indent=1)
    version = hashlib.sha256(f"{listed}{body}".encode()).hexdigest()[:16]
    return f'const VERSION = "{version}";\nconst ASSETS = {listed};\n\n{body}'


def _parts() -> dict[str, str]:
    """Return the mark of each part by its address."""
    files = {url_for("static", filename=name): (STATIC / name).read_bytes() for name in (*scripts(), *sheets(), *ICONS)}
    made = {url_for("driver_app.shell"): shell(), url_for("driver_app.manifest"): manifest()}
    made |= {url_for("driver_app.words", language=language): words(language) for language in territory().territory.languages}
    return {address: _mark(body) for address, body in files.items()} | {
        address: _mark(text.encode()) for address, text in made.items()
    }


def _mark(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
