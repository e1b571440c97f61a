"""What every test may ask for: databases, browsers, apps, and the fixed cast."""

import pytest
from hypothesis import settings
from sqlmodel import Session

from . import build

pytest_plugins = ["tests.databases", "tests.browsers", "tests.apps", "tests.served", "tests.phone"]

# no test looks at the clock: how long an example takes says how busy the machine is
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def cast(session: Session) -> build.Cast:
    """Put the fixed cast into the test's session."""
    return build.cast(session)
