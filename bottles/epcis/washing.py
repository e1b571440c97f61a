"""Events out of what was sorted and washed: batches out of receptions, lots out of batches, with the readings of each run.

These facts bear no id of their own; one that follows from what they are is made for each, the same in every document.
"""

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col, select

from ..batches import Batch, Lot, LotEdge, Reception, Sorting, WashRun
from ..ledger import ACCOUNT, TRANSFER
from .naming import Asked, Json, Made, Territory, instant, refused, some
from .words import UNITS, WASHING, Unit


def sortings(session: Session, asked: Asked, first: int, limit: int) -> Made:
    """Return entries at the sorting table from an id on."""
    query = select(Sorting, Reception, Batch).join(Reception, col(Reception.route) == col(Sorting.reception))
    batch_of = (col(Batch.reception) == col(Sorting.reception)) & (col(Batch.type) == col(Sorting.type))
    query = query.join(Batch, batch_of, isouter=True).where(col(Sorting.id) >= first)
    if asked.since is not None:
        query = query.where(col(Sorting.at) >= asked.since)
    if asked.lot is not None:
        query = query.where(col(Batch.id).in_(_batches_of(session, asked.lot)))
    rows = session.exec(query.order_by(col(Sorting.id)).limit(limit))
    return [(line.id or 0, _sorted(asked.territory, line, reception, batch)) for line, reception, batch in rows]


def _batches_of(session: Session, lot: int) -> list[int]:
    query = select(LotEdge.parent).where(LotEdge.child == f"lot:{lot}", col(LotEdge.parent).like("batch:%"))
    return [int(parent.removeprefix("batch:")) for parent in session.exec(query)]


def _sorted(territory: Territory, line: Sorting, reception: Reception, batch: Batch | None) -> list[Json]:
    source = some(territory.named("reception", reception.route), line.quantity)
    if batch is None:
        why = {"jmb:reason": line.reason}
        return refused(territory, f"refused:{line.id}", source, line.at, line.at, reception.centre, **why)
    made = {
        "type": "TransformationEvent",
        "eventID": territory.id_of(f"sorting:{line.id}"),
        **territory.when(line.at, line.at),
        "inputQuantityList": [source],
        "outputQuantityList": [some(territory.named("batch", batch.id), line.quantity)],
        "bizStep": "creating_class_instance",
        "disposition": "in_progress",
        **territory.at(reception.centre),
        "jmb:item": territory.named("type", line.type),
    }
    return [made]


def washes(session: Session, asked: Asked, first: int, limit: int) -> Made:
    """Return ended wash runs from an id on."""
    query = select(WashRun).where(col(WashRun.id) >= first, col(WashRun.ended_at).is_not(None))
    if asked.since is not None:
        query = query.where(col(WashRun.ended_at) >= asked.since)
    if asked.lot is not None:
        query = query.where(col(WashRun.id).in_(select(Lot.run).where(Lot.id == asked.lot)))
    runs = session.exec(query.order_by(col(WashRun.id)).limit(limit)).all()
    made, used = _made(session, runs), _used(session, runs)
    return [(run.id or 0, [_washed(asked.territory, run, made[run.id or 0], used)]) for run in runs]


def _made(session: Session, runs: Iterable[WashRun]) -> dict[int, list[tuple[int, str, int]]]:
    """Return lot, type and quantity of what each run made, as the ledger keeps them whatever became of the lots."""
    causes = {f"wash:{run.id}": run.id or 0 for run in runs}
    query = (
        sa.select(TRANSFER.c.cause, ACCOUNT.c.lot, ACCOUNT.c.item, TRANSFER.c.quantity)
        .join(ACCOUNT, ACCOUNT.c.id == TRANSFER.c.target)
        .where(TRANSFER.c.cause.in_(list(causes)))
        .order_by(TRANSFER.c.row)
    )
    made: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    for cause, lot, item, quantity in session.connection().execute(query):
        made[causes[cause]].append((lot, item, quantity))
    return made


def _used(session: Session, runs: Iterable[WashRun]) -> dict[str, list[LotEdge]]:
    """Return the batches each lot was drawn from; a lot that was put back into its batches has none."""
    lots = session.exec(select(Lot.id).where(col(Lot.run).in_([run.id for run in runs]))).all()
    edges: dict[str, list[LotEdge]] = defaultdict(list)
    query = select(LotEdge).where(col(LotEdge.child).in_([f"lot:{lot}" for lot in lots])).order_by(col(LotEdge.id))
    for edge in session.exec(query):
        edges[edge.child].append(edge)
    return edges


def _washed(territory: Territory, run: WashRun, made: list[tuple[int, str, int]], used: dict[str, list[LotEdge]]) -> Json:
    taken, ended = [], run.ended_at or run.started_at
    for lot, item, quantity in made:
        edges = used.get(f"lot:{lot}", [])
        taken += [some(territory.named("batch", edge.parent.removeprefix("batch:")), edge.quantity) for edge in edges]
        taken += [] if edges else [some(territory.named("type", item), quantity)]
    event = {
        "type": "TransformationEvent",
        "eventID": territory.id_of(f"wash:{run.id}"),
        **territory.when(ended, ended),
        "inputQuantityList": taken,
        "outputQuantityList": [some(territory.lot(lot, item), quantity) for lot, item, quantity in made],
        "bizStep": territory.word(WASHING),
        "disposition": "in_progress",
        **territory.at(run.centre),
        "jmb:line": run.line,
    }
    reports = [_report(territory, run, measure, value) for measure, value in run.readings.items()]
    if not reports:
        return event
    about = {"startTime": instant(run.started_at), "endTime": instant(ended), "bizRules": territory.named("recipe", run.recipe)}
    return event | {"sensorElementList": [{"sensorMetadata": about, "sensorReport": reports}]}


def _report(territory: Territory, run: WashRun, measure: str, value: float) -> Json:
    """Tell one reading, the limits it was judged by, and whether it lies outside them."""
    known: dict[str, Unit] = {str(name): unit for name, unit in UNITS.items()}
    unit = known.get(measure, Unit(f"jmb:{measure}", ""))
    low, high = run.limits.get(measure, (None, None))
    told: Json = {"type": territory.word(unit.type), "value": value}
    told |= {"uom": unit.code} if unit.code else {}
    told |= {"chemicalSubstance": unit.substance} if unit.substance else {}
    told |= {name: bound for name, bound in (("jmb:lowest", low), ("jmb:highest", high)) if bound is not None}
    is_out = (low is not None and value < low) or (high is not None and value > high)
    return told | ({"exception": "ALARM_CONDITION"} if is_out else {})
