"""Events out of what stands there: lots that are held, pallets, and what somebody counted."""

from datetime import datetime

from sqlmodel import Session, col, select

from ..batches import Lot, LotStatus
from ..ledger import AccountKind
from ..pallets import Pallet
from ..stocktakes import Stocktake
from .naming import Asked, Json, Made, Territory, instant, observed, some
from .words import ADDED, DELETED, OBSERVED


def held(session: Session, asked: Asked, first: int, limit: int) -> Made:
    """Return the lots that nobody may use, with the time since when; a hold of before that was kept is seen at this moment."""
    query = select(Lot).where(Lot.status == LotStatus.HELD, Lot.quantity > 0, col(Lot.id) >= first)
    if asked.lot is not None:
        query = query.where(Lot.id == asked.lot)
    return [
        (each.id or 0, [_held(asked.territory, each, each.held_at or asked.at)])
        for each in session.exec(query.order_by(col(Lot.id)).limit(limit))
    ]


def _held(territory: Territory, lot: Lot, at: datetime) -> Json:
    told = {
        "action": OBSERVED,
        "quantityList": [some(territory.named("lot", lot.code), lot.accepted or lot.quantity)],
        "bizStep": "holding",
        "disposition": "recalled",
        **territory.at(lot.centre),
        "jmb:why": lot.why_held,
    }
    return observed(territory, f"held:{lot.id}:{instant(at)}", at, at, **told)


def pallets(session: Session, asked: Asked, first: int, limit: int) -> Made:
    """Return pallets from an id on: built, and taken apart."""
    query = select(Pallet, Lot).join(Lot, col(Lot.id) == col(Pallet.lot)).where(col(Pallet.id) >= first)
    if asked.since is not None:
        query = query.where((col(Pallet.made_at) >= asked.since) | (col(Pallet.broken_at) >= asked.since))
    if asked.lot is not None:
        query = query.where(Pallet.lot == asked.lot)
    rows = session.exec(query.order_by(col(Pallet.id)).limit(limit))
    return [(pallet.id or 0, _palletised(asked.territory, pallet, of, asked.since)) for pallet, of in rows]


def _palletised(territory: Territory, pallet: Pallet, lot: Lot, since: datetime | None) -> list[Json]:
    told = []
    acts = (
        (pallet.made_at, ADDED, "packing", "container_closed"),
        (pallet.broken_at, DELETED, "unpacking", "container_open"),
    )
    for at, action, step, disposition in acts:
        if at is None or (since is not None and at < since):
            continue
        told.append(
            {
                "type": "AggregationEvent",
                "eventID": territory.id_of(f"pallet:{pallet.id}:{step}"),
                **territory.when(at, at),
                "parentID": f"https://{territory.host.lower()}/00/{pallet.sscc}",
                "childQuantityList": [some(territory.lot(pallet.lot, lot.type), pallet.quantity)],
                "action": action,
                "bizStep": step,
                "disposition": disposition,
                **territory.at(lot.centre),
            }
        )
    return told


def stocktakes(session: Session, asked: Asked, first: int, limit: int) -> Made:
    """Return what somebody counted where it stands, from an id on; of lots nobody takes stock."""
    if asked.lot is not None:
        return []
    query = select(Stocktake).where(col(Stocktake.id) >= first)
    if asked.since is not None:
        query = query.where(col(Stocktake.made_at) >= asked.since)
    takes = session.exec(query.order_by(col(Stocktake.id)).limit(limit))
    return [(take.id or 0, [_counted(asked.territory, take)]) for take in takes]


def _counted(territory: Territory, take: Stocktake) -> Json:
    noun = HOLDERS.get(take.kind, "place")
    told = {
        "action": OBSERVED,
        "quantityList": [some(territory.named("type", take.item), take.counted)],
        "bizStep": "stock_taking",
        "bizLocation": {"id": territory.named(noun, take.holder)},
    }
    return observed(territory, f"stocktake:{take.id}", take.at, take.made_at, **told)


HOLDERS = {AccountKind.VAN: "vehicle", AccountKind.CUSTOMER: "partner"}
"""What holds a kind of account, where it is no place."""
