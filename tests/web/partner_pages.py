"""What tests of a partner's pages ask for: both roles signed in, acts done behind their back, and a look at the tables."""

import pytest
from sqlmodel import select

from bottles.db import reading, transaction
from bottles.people import Role
from tests.web import build_day as build

__all__ = ["english", "look", "put", "shop", "winemaker"]


@pytest.fixture
def winemaker(sign_in, territory_engine):
    with transaction(territory_engine) as session:
        build.places(session)
    return sign_in(Role.WINEMAKER)


@pytest.fixture
def shop(winemaker, sign_in):
    return sign_in(Role.SHOP)


@pytest.fixture
def put(territory_engine):
    """Do something in one transaction of its own: `put(build.lot, JURA, 120)`."""

    def do(act, *arguments, **more):
        with transaction(territory_engine) as session:
            return act(session, *arguments, **more)

    return do


@pytest.fixture
def look(territory_engine):
    """List the rows of a table: `look(Pickup)`."""

    def rows(kind):
        with reading(territory_engine) as session:
            return list(session.exec(select(kind).order_by(kind.id)))

    return rows


def english(client, path, **more):
    return client.get(path, headers={"Accept-Language": "en"}, **more)
