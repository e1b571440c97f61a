"""What every test may ask for: databases, browsers, apps, and the fixed cast."""

import pytest
from sqlmodel import Session

from . import build

pytest_plugins = ["tests.databases", "tests.browsers", "tests.apps", "tests.phone"]


@pytest.fixture
def cast(session: Session) -> build.Cast:
    """Put the fixed cast into the test's session."""
    return build.cast(session)
