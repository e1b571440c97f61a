"""A tiny day for tests of planning: two cellars, a crate of twelve each way."""

from datetime import UTC, date, datetime

from sqlmodel import Session

from bottles import people, pickups
from bottles.partners import Partner, PartnerKind
from bottles.people import Role
from bottles.pickups import Pickup
from bottles.points import Point, PointKind

TUESDAY = date(2026, 10, 6)
DAWN = datetime(2026, 10, 6, 4, 0, tzinfo=UTC)
OPEN = {str(day): [[480, 1080]] for day in range(6)}
PLACES = {"arbois": (46.9035, 5.7751), "poligny": (46.8365, 5.7058)}


def ask(
    session: Session, at: datetime, *, take: int = 10, leave: int = 5, day: date = TUESDAY, **changed: object
) -> list[Pickup]:
    """Ask for a pickup in Arbois and one in Poligny; `changed` is what their points have that others have not."""
    session.add(Partner(id="cave", name="Cave des Trois Puits", kind=PartnerKind.WINERY))
    session.flush()
    person = people.by_email(session, f"{Role.COORDINATOR}@example.org")
    asked = []
    for town, (lat, lon) in PLACES.items():
        facts = {"hours": OPEN, "lat": lat, "lon": lon, **changed}
        point = Point(
            id=town, partner="cave", kind=PointKind.WINERY, name=f"Cave, {town}", town=town, postcode="39600", **facts
        )
        session.add(point)
        session.flush()
        crates = [pickups.Crates("casier-12", take, leave)]
        asked.append(pickups.request(session, "cave", town, crates, person.id, ready_from=day, at=at))
    return asked
