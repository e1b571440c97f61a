"""What a route brought besides its plan: the stops that its driver added on the way, and what came aboard at all of them."""

from collections import defaultdict
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from .crates import Move
from .db import Utc, choice
from .routes import Outcome, Route, Stop, StopTask, VisitLine


class AddedStop(SQLModel, table=True):
    """A call at a point that no plan sent the route to, folded from its events. `began` is its first act, `at` its last.

    Whatever is asked for at that point stays open: nobody compared what was asked with what stood there.
    """

    __tablename__ = "added_stop"

    route: int = Field(foreign_key="route.id", primary_key=True)
    point: str = Field(foreign_key="point.id", primary_key=True)
    outcome: Outcome | None = Field(default=None, sa_type=choice(Outcome))
    reason: str = ""
    began: datetime = Field(sa_type=Utc)
    at: datetime = Field(sa_type=Utc)


class AddedLine(SQLModel, table=True):
    """How many of an item an added stop moved: the count is the total, `scanned` of them had a label."""

    __tablename__ = "added_line"

    route: int = Field(foreign_key="route.id", primary_key=True)
    point: str = Field(foreign_key="point.id", primary_key=True)
    move: Move = Field(sa_type=choice(Move), primary_key=True)
    item: str = Field(primary_key=True, max_length=40)
    quantity: int
    scanned: int = 0


Line = VisitLine | AddedLine


def moved(session: Session, *routes: int) -> dict[int, list[tuple[str, list[Line]]]]:
    """List what was moved at each visit and each added stop of some routes, with the point it was at."""
    found: dict[tuple[int, str, int], list[Line]] = defaultdict(list)
    planned = (
        select(Stop.route, Stop.point, VisitLine)
        .join(StopTask, col(StopTask.stop) == col(Stop.id))
        .join(Route, col(Route.id) == col(Stop.route))
        .join(VisitLine, (col(VisitLine.task) == col(StopTask.task)) & (col(VisitLine.plan) == col(Route.plan)))
        .where(col(Stop.route).in_(routes))
    )
    for route, point, line in session.exec(planned):
        found[route, point, line.task].append(line)
    for added in session.exec(select(AddedLine).where(col(AddedLine.route).in_(routes))):
        found[added.route, added.point, 0].append(added)
    by_route: dict[int, list[tuple[str, list[Line]]]] = defaultdict(list)
    for (route, point, _task), lines in found.items():
        by_route[route].append((point, lines))
    return by_route


def lines(session: Session, route: Route) -> list[tuple[str, list[Line]]]:
    """List what was moved at each visit and each added stop of a route, with the point it was at."""
    return moved(session, route.id or 0)[route.id or 0]


def collected(session: Session, route: Route) -> dict[str, dict[str, int]]:
    """Return what a route took aboard: crates by type, for each point."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for point, here in lines(session, route):
        for line in here:
            if line.move is Move.COLLECT:
                found[point][line.item] += line.quantity
    return found


def called_at(session: Session, point: str, since: datetime, until: datetime) -> set[int]:
    """Return the routes that called at a point without a plan in some time."""
    within = col(AddedStop.began).between(since, until)
    return set(session.exec(select(AddedStop.route).where(AddedStop.point == point, within)))


def added(session: Session, *routes: int) -> list[AddedStop]:
    """List the stops that were added to some routes, in the order in which they happened."""
    query = select(AddedStop).where(col(AddedStop.route).in_(routes))
    return list(session.exec(query.order_by(col(AddedStop.began), AddedStop.point)))
