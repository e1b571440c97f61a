"""Where crates and bottles are, where they came from and who has them: what bearers of a token may read."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import g
from sqlmodel import Session

from bottles import codes, events, holdings, points, trace
from bottles.crates import Crate
from bottles.db import find, reading
from bottles.errors import NotFound, say
from bottles.holdings import When
from bottles.people import Role
from web.auth import View, allowed
from web.current import engine, territory

from .document import TOKEN, about, bp, refusals
from .shapes import Act, Balance, Balances, Coded, CrateAnswer, Delivery, Held, LotAnswer, Page, Recall, Shape, Share, Standing

T = TypeVar("T")

NOT_YOURS = say("There is no such thing here: it may have been removed, or the link is incomplete.")
OWN = (Role.WINEMAKER, Role.SHOP)
"""Who reads of their own places alone."""

COMMON = (400, 401, 403, 404, 422, 503)


def _told(path: str, shape: type[Shape], summary: str, description: str | None = None) -> Callable[[View], View]:
    """Open an address that a bearer of a token reads, and show in the document what it answers."""
    answers = {200: shape, **refusals(*COMMON)}
    opened: Callable[[View], View] = bp.get(path, summary=summary, description=description, security=TOKEN, responses=answers)
    return opened


def _answer(shape: Shape) -> dict[str, Any]:
    return shape.model_dump(mode="json")


def _page(found: Sequence[T], page: Page) -> tuple[Sequence[T], int | None]:
    """Return the part of a list that is asked for, and where the next one begins."""
    end = page.after + page.limit
    return found[page.after : end], end if end < len(found) else None


@_told("/crates/<path:code>", CrateAnswer, "Where a crate is, and its history")
@allowed(Role.DRIVER, Role.WASHER, Role.COORDINATOR)
def crate(path: Coded, query: Page) -> dict[str, Any]:
    """Tell where a crate stands, and everything that was done to it."""
    with about("code"):
        code = codes.read(path.code, ours=territory().labels.asset_type)
    with reading(engine()) as session:
        found = find(session, Crate, code)
        entries, following = _page(trace.of_crate(session, code), query)
    told: dict[str, Any] = {
        name: getattr(found, name) for name in ("code", "type", "state", "clean", "where", "holder", "since")
    }
    return _answer(CrateAnswer(**told, timeline=[_act(entry) for entry in entries], next=following))


TOLD = (
    "id", "kind", "at", "received_at", "device", "sequence", "role", "partner", "centre", "move", "state", "point", "task",
    "route", "reason", "note",
)  # fmt: skip


def _act(entry: trace.Entry) -> Act:
    act = entry.act
    told: dict[str, Any] = {name: getattr(act, name) for name in TOLD}
    undone, settled = (other.id if other else None for other in (entry.undone_by, entry.settled_by))
    future = act.at - act.received_at > events.FUTURE
    return Act(**told, where=entry.where, holder=entry.holder, undone_by=undone, settled_by=settled, future=future)


@_told(
    "/balances",
    Balances,
    "Who holds how many, now or at any past time",
    "`as_of` leaves out what was done later, `known_at` what reached us later. A winery or a shop reads of its own "
    "places alone.",
)
@allowed(Role.WINEMAKER, Role.SHOP, Role.WASHER, Role.COORDINATOR)
def balances(query: Held) -> dict[str, Any]:
    """Tell who holds how many of what."""
    when = When(query.as_of, query.known_at)
    kinds = None if query.kind is None else [query.kind]
    with reading(engine()) as session:
        holders = _holders(session, query)
        held = holdings.balances(session, kinds=kinds, holders=holders, item=query.item, when=when, is_deep=False, at=g.now)
    part, following = _page(held, query)
    told = [Balance(kind=h.kind, holder=h.holder, item=h.item, quantity=h.quantity, ages=list(h.ages)) for h in part]
    return _answer(Balances(as_of=query.as_of or g.now, known_at=query.known_at or g.now, balances=told, next=following))


def _holders(session: Session, query: Held) -> list[str] | None:
    """Return whose balances are told: everybody's, one's, or those of a partner's own places.

    Raises
    ------
    NotFound
        It is not theirs.
    """
    if g.person.role not in OWN:
        return None if query.holder is None else [query.holder]
    mine = [g.partner, *(point.id for point in points.of_partner(session, g.partner))]
    if query.holder is None:
        return mine
    if query.holder not in mine:
        raise NotFound(NOT_YOURS)
    return [query.holder]


@_told("/lots/<code>", LotAnswer, "A lot, and where its bottles came from")
@allowed(Role.WASHER, Role.COORDINATOR)
def lot(path: Coded, query: Page) -> dict[str, Any]:
    """Tell what a lot is, and the share of each point in it."""
    with reading(engine()) as session:
        found = trace.lot(session, path.code)
        origins = trace.sources(session, found.id or 0)
    part, following = _page([Share(point=point, share=share) for point, share in origins.points.items()], query)
    names = ("code", "type", "centre", "status", "quantity", "accepted", "use_by", "why_held")
    told: dict[str, Any] = {name: getattr(found, name) for name in names}
    return _answer(LotAnswer(**told, sources=list(part), unknown=origins.unknown, next=following))


@_told("/lots/<code>/recall", Recall, "Who holds bottles of a lot")
@allowed(Role.WASHER, Role.COORDINATOR)
def recall(path: Coded, query: Page) -> dict[str, Any]:
    """Tell who was given bottles of a lot, and what of it is still here."""
    with reading(engine()) as session:
        found = trace.lot(session, path.code)
        buyers, here = trace.buyers(session, found.id or 0), trace.here(session, found.id or 0)
    part, following = _page(buyers, query)
    return _answer(
        Recall(code=found.code, here=[_standing(h) for h in here], delivered=[_delivery(b) for b in part], next=following)
    )


def _standing(here: trace.Holding) -> Standing:
    order, partner = here.order and here.order.id, here.partner and here.partner.id
    return Standing(
        lot=_called(here.lot), kind=here.kind, centre=here.centre, quantity=here.quantity, order=order, partner=partner
    )


def _delivery(buyer: trace.Buyer) -> Delivery:
    partner, point = buyer.partner, buyer.point
    return Delivery(
        lot=_called(buyer.lot),
        order=buyer.order.id or 0,
        partner=partner.id,
        partner_name=partner.name,
        email=partner.email,
        phone=partner.phone or point.phone,
        point=point.id,
        point_name=point.name,
        town=point.town,
        quantity=buyer.quantity,
        delivered_at=buyer.delivered_at,
    )


def _called(lot: int) -> str:
    return f"L{lot:05d}"
