"""Pictures and positions on both databases: kept once, expected by their events, gone when they are due."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from bottles import intake, photos, positions
from bottles.codes import uuid7
from bottles.errors import Conflict, NotFound
from bottles.events import EventKind, Receipt
from bottles.people import Role
from bottles.photos import Picture, Reader
from bottles.positions import Position, Spot
from tests import build
from tests.build import NOON, Cast

DIGEST = "0123456789abcdef" * 4
PICTURE = Picture("image/jpeg", 4, 3, b"\xff\xd8\x00large", b"\xff\xd8\x00small")
PARIS = ZoneInfo("Europe/Paris")


def photo(session: Session, cast: Cast, **facts: object) -> str:
    told = cast.event(EventKind.PHOTO, photo=DIGEST, **facts)
    assert intake.record(session, told, cast.driver, at=NOON) is Receipt.KEPT
    return told.id


def test_a_picture_is_kept_once_with_all_its_bytes(session: Session, cast: Cast):
    event, me = photo(session, cast, point="cellar"), cast.driver.person

    before = photos.expect(session, event, DIGEST, me)
    receipts = [photos.keep(session, event, DIGEST, PICTURE, me, at=NOON) for _ in range(2)]

    assert (before, receipts) == (Receipt.KEPT, [Receipt.KEPT, Receipt.ALREADY_KNOWN])
    assert photos.expect(session, event, DIGEST, me, "phone-1") is Receipt.ALREADY_KNOWN
    office = Reader(cast.coordinator.person, "cooperative", Role.COORDINATOR)
    assert photos.shown(session, event, office, small=False) == ("image/jpeg", DIGEST, PICTURE.body)
    assert photos.shown(session, event, office, small=True)[2] == PICTURE.small


def test_a_picture_is_expected_only_by_its_event_its_author_and_its_device(session: Session, cast: Cast):
    event, me = photo(session, cast), cast.driver.person

    with pytest.raises(Conflict):
        photos.expect(session, event, "f" * 64, me)
    for person, device in ((cast.washer.person, ""), (me, "phone-2")):
        with pytest.raises(NotFound):
            photos.expect(session, event, DIGEST, person, device)


def test_the_place_is_that_of_the_newest_photo_that_stands(session: Session, cast: Cast):
    me = cast.driver.person
    first = photo(session, cast, point="cellar", reason=photos.PLACE)
    second = photo(session, cast, point="cellar", reason=photos.PLACE, at=NOON + timedelta(minutes=1))
    for event in (first, second):
        photos.keep(session, event, DIGEST, PICTURE, me, at=NOON)

    assert photos.of_place(session, ["cellar", "shop"]) == {"cellar": second}
    assert photos.of_place(session, []) == {}


def test_the_photo_of_a_place_is_found_without_looking_at_every_event(session: Session):
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        pytest.skip("with so few rows PostgreSQL looks at all of them")
    asked: list[tuple[str, tuple[object, ...]]] = []
    sa.event.listen(connection, "before_cursor_execute", lambda _c, _cursor, said, values, *_: asked.append((said, values)))

    photos.of_place(session, ["cellar", "shop"])

    said, values = asked[0]
    plan = [step[3] for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)]
    assert plan == ["SEARCH event USING INDEX ix_event_photo (point=?)"]


def test_a_position_is_kept_once_and_forgotten_when_it_is_due(session: Session, cast: Cast):
    build.plan(session, cast, [build.pickup(session, cast)])
    spots = [Spot(uuid7(NOON, n), NOON + timedelta(minutes=n), 46.9, 5.8, 9.5) for n in (1, 2)]
    at, me = NOON + timedelta(minutes=5), cast.driver.person

    kept = [positions.keep(session, spots, me, since=NOON, zone=PARIS, at=at) for _ in range(2)]

    assert kept == [2, 2]
    assert len(session.exec(select(Position)).all()) == 2
    assert positions.last(session, NOON)["van-1"].id == spots[1].id
    assert [one.id for one in positions.of_person(session, me, NOON)] == [spots[1].id, spots[0].id]
    positions.forget(session, before=spots[1].at)
    assert [one.id for one in positions.of_person(session, me, NOON)] == [spots[1].id]


def test_days_that_no_position_is_kept_of_are_not_even_looked_up(session: Session, cast: Cast):
    spots = [Spot(uuid7(NOON, n), NOON + timedelta(days=n), 46.9, 5.8, 9.5) for n in (-400, -61, 1, 400)]
    asked: list[str] = []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda _c, _cursor, said, *_: asked.append(said))

    since, at = NOON - timedelta(days=60), NOON
    assert positions.keep(session, spots, cast.driver.person, since=since, zone=PARIS, at=at) == 0

    assert [said for said in asked if "FROM route" in said] == []
