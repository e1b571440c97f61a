"""The names that tests of pages share."""

from tests.apps import CAST, ROOT, TUESDAY, Clock

__all__ = ["CAST", "ROOT", "TUESDAY", "Clock"]
