"""What a view finds around it: the engine, the territory, and links that nobody's Host header can bend."""

from typing import cast
from urllib.parse import urlsplit

from flask import current_app, url_for
from sqlalchemy.engine import Engine

from .config import Config


def engine() -> Engine:
    """Return the database of this app."""
    return cast(Engine, current_app.extensions["engine"])


def territory() -> Config:
    """Return the settings of this app."""
    return cast(Config, current_app.extensions["territory"])


def link(endpoint: str, **values: object) -> str:
    """Return an absolute address for mails and papers; it begins with the config's, whatever Host a browser claims."""
    path = url_for(endpoint, _external=False, **values)  # type: ignore[arg-type]  # Flask types its keywords, not the rest
    return territory().server.public_url.rstrip("/") + path


def is_for_a_program(path: str) -> bool:
    """Say whether an address answers programs, the driver's app among them: they are told no, not led to a page."""
    return path.startswith("/api/") or path.endswith(".json")


def local_path(target: str | None, default: str) -> str:
    """Return where to go next: a path of ours, or the default when the target could lead anywhere else."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return default
    # browsers drop tabs and line ends, then read //elsewhere
    if any(ord(character) < 32 for character in target):
        return default
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else default
