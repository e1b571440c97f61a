"""Somebody counted what really stands there: the difference to the books is posted, and stays right when late acts come in.

A stocktake pins a balance at its own act time, as a settlement pins a crate's state: whatever older act reaches us later,
what was counted stays counted, and the difference is worked out again.
"""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from . import ledger
from .catalogue import UNSORTED, BottleType, CrateType
from .db import Utc, among, choice
from .errors import Invalid, say
from .events import Basis
from .holdings import When
from .ledger import ACCOUNT, NAME, TRANSFER, AccountKind, Key, Posting

COUNTABLE = (AccountKind.POINT, AccountKind.CUSTOMER, AccountKind.VAN, AccountKind.RECEIVED, AccountKind.CLEAN)
"""What can be counted on the spot. Sorted and washed bottles have their own lots, inspections and refusals."""


class Stocktake(SQLModel, table=True):
    """A count of everything of one type that somebody holds. `opening` says the difference was there before we kept books."""

    id: int | None = Field(default=None, primary_key=True)
    kind: AccountKind = Field(sa_type=choice(AccountKind))
    holder: str = Field(index=True, max_length=60)
    item: str = Field(max_length=40)
    counted: int
    opening: bool = False
    person: int = Field(foreign_key="person.id")
    note: str = ""
    at: datetime = Field(sa_type=Utc)
    made_at: datetime = Field(sa_type=Utc)

    @property
    def key(self) -> Key:
        """Return the account that was counted."""
        return Key(self.kind, self.holder, self.item)

    @property
    def cause(self) -> str:
        """Return the cause its transfers bear."""
        return f"stock:{self.id}"


def take_stock(
    session: Session,
    key: Key,
    counted: int,
    person: int,
    *,
    opening: bool = False,
    note: str = "",
    counted_at: datetime | None = None,
    at: datetime,
) -> Stocktake:
    """Keep a count, and post what differs from the books at the time it was made.

    What differs goes to or comes from `unexplained`; with `opening`, from outside the loop, since it was there before.

    Raises
    ------
    Invalid
        The account cannot be counted, the type is unknown, or the count was made in the future.
    """
    when = counted_at or at
    if key.kind not in COUNTABLE or key.lot or key.order:
        raise Invalid(say("These are counted by their lots: correct them where they are sorted, washed or ordered."))
    if key.item != UNSORTED and not (session.get(CrateType, key.item) or session.get(BottleType, key.item)):
        raise Invalid(say("Choose one of the list."), field="item")
    if when > at:
        raise Invalid(say("A count is made before it is written down: choose an earlier time."), field="counted_at")
    if counted < 0:
        raise Invalid(say("A count is never below nought."), field="counted")
    taken = Stocktake(
        kind=key.kind, holder=key.holder, item=key.item, counted=counted, opening=opening, person=person, note=note, at=when,
        made_at=at,
    )  # fmt: skip
    session.add(taken)
    session.flush()
    _bring(session, taken, known_at=at)
    # a count made later than this one stays what it was
    retake(session, [key.holder], since=when, known_at=at)
    return taken


LATER = (
    sa.select(col(Stocktake.id))
    .where(among(col(Stocktake.holder), "holders"), col(Stocktake.at) >= sa.bindparam("since"))
    .order_by(col(Stocktake.at), col(Stocktake.id))
)


def retake(session: Session, holders: Collection[str], *, since: datetime, known_at: datetime) -> None:
    """Work out again the differences of counts made at some holders' at or after a time, because an older act came in."""
    asked = {"holders": sorted(holders), "since": since}
    for taken in session.connection().execute(LATER, asked).scalars().all() if holders else ():
        _bring(session, session.get_one(Stocktake, taken), known_at=known_at)


def _bring(session: Session, taken: Stocktake, *, known_at: datetime) -> None:
    difference = taken.counted - believed(session, taken)
    other = (
        Key(AccountKind.OUTSIDE, "", taken.item) if taken.opening else Key(AccountKind.UNEXPLAINED, taken.holder, taken.item)
    )
    wanted = [Posting(other, taken.key, difference, taken.cause, taken.at, Basis.COUNTED)]
    ledger.bring(session, wanted, taken.cause, known_at=known_at)


def believed(session: Session, taken: Stocktake) -> int:
    """Return what the books said when a count was made, without what the count itself changed."""
    account = sa.select(ACCOUNT.c.id).where(sa.tuple_(*NAME) == sa.tuple_(*taken.key))
    # locked before it is added up, so that nothing is posted between the sum and the difference
    mine = session.connection().execute(account.with_for_update()).scalar()
    if mine is None:
        return 0
    sides = []
    for side, sign in ((TRANSFER.c.target, 1), (TRANSFER.c.source, -1)):
        total = sa.select(sa.func.coalesce(sa.func.sum(TRANSFER.c.quantity), 0) * sign)
        where = (side == mine, *When(as_of=taken.at).admits(), TRANSFER.c.cause != taken.cause, *_earlier(taken))
        sides.append(total.where(*where).scalar_subquery())
    return int(session.connection().execute(sa.select(sides[0] + sides[1])).scalar_one())


def _earlier(taken: Stocktake) -> list[sa.ColumnElement[bool]]:
    """Leave out the counts made at the very same time and written down later, so that none of two waits for the other."""
    later = sa.select(sa.literal("stock:") + sa.cast(col(Stocktake.id), sa.String)).where(
        sa.tuple_(col(Stocktake.kind), col(Stocktake.holder), col(Stocktake.item)) == sa.tuple_(*taken.key[:3]),
        col(Stocktake.at) == taken.at,
        col(Stocktake.id) > taken.id,
    )
    return [TRANSFER.c.cause.not_in(later)]


def of_holder(session: Session, kind: AccountKind, holder: str) -> list[Stocktake]:
    """List the counts made of what a holder has, the newest first."""
    query = select(Stocktake).where(Stocktake.kind == kind, Stocktake.holder == holder)
    return list(session.exec(query.order_by(col(Stocktake.at).desc(), col(Stocktake.id).desc())))
