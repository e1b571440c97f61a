"""The API under /api/v1: events in, and where crates and bottles are. `document` writes what it answers to."""

from . import devices, epcis, events, kinds, photos, positions, reads
from .document import App, bp

__all__ = ["App", "add", "bp", "devices", "epcis", "events", "photos", "positions", "reads"]

bp.components_schemas.update(kinds.schemas())


def add(app: App) -> None:
    """Give an app the addresses of the API."""
    app.register_api(bp)
