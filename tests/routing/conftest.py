"""The tiny day that the tests of the planner plan."""

import pytest

from bottles.db import transaction
from tests.web.days import DAWN, ask
from web import planning


@pytest.fixture
def settings(config):
    return planning.planner_settings(config)


@pytest.fixture
def asked(territory_engine):
    """Two pickups, one in Arbois and one in Poligny."""
    with transaction(territory_engine) as session:
        ask(session, DAWN)
    return territory_engine
