"""The washing centre of the simulated season: receive, sort, wash, inspect."""

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random

from sqlmodel import Session

from bottles import batches, catalogue, codes, crates, intake, ledger
from bottles.batches import LotStatus, Measure, Reception
from bottles.catalogue import UNSORTED
from bottles.crates import Move
from bottles.events import EventKind
from bottles.intake import Author
from bottles.ledger import AccountKind
from bottles.people import Person
from bottles.routes import Route
from bottles.wire import NewEvent
from web.config import Config

CRATE = "casier-12"
TYPES = {"jura-75": 62, "clavelin-62": 8, "macvin-75": 5, "jura-37": 4, "paille-37": 2}
"""Of a hundred bottles at the sorting table, how many are of each type; the rest are refused."""

FEWEST = 480
"""Bottles of a type it takes to start a wash run."""


class Hall:
    """The centre and the one who works there."""

    def __init__(self, dice: Random, config: Config, centre: str, washer: Person) -> None:
        self.dice, self.config, self.centre, self.washer = dice, config, centre, washer
        self.labels: list[str] = []
        self.dirty: list[str] = []
        self.loose_dirty = 0
        self.sequence = 0

    def _tell(self, kind: EventKind, at: datetime, **facts: object) -> NewEvent:
        self.sequence += 1
        made = codes.uuid7(at, self.dice.getrandbits(80))
        return NewEvent.model_validate(
            {"id": made, "kind": kind, "at": at, "device": "demo-tablet", "sequence": self.sequence, **facts}
        )

    def _record(self, session: Session, news: list[NewEvent], at: datetime) -> None:
        who = Author(self.washer.id or 0, self.washer.partner, self.washer.role, self.centre)
        intake.record_all(session, news, who, at=at)

    def commission(self, session: Session, *, labelled: int, loose: int, at: datetime) -> None:
        """Put the first crates into service: some with labels, most without."""
        made = crates.register(session, CRATE, labelled)
        news = [self._tell(EventKind.SCAN, at, crate=crate.code, move=Move.COMMISSION) for crate in made]
        news.append(self._tell(EventKind.COUNT, at, move=Move.COMMISSION, item=CRATE, quantity=loose))
        self._record(session, news, at)
        self.labels = [crate.code for crate in made]

    def take_labels(self, count: int) -> list[str]:
        """Give clean labelled crates to a driver, as many as there are."""
        taken, self.labels = self.labels[:count], self.labels[count:]
        return taken

    def receive(self, session: Session, route: Route, at: datetime) -> None:
        """Count what a route brought, and now and then miscount by one."""
        session.flush()
        aboard = crates.held(session, crates.Where.VAN, route.vehicle)
        loose = ledger.on_hand(session, AccountKind.VAN, route.vehicle, CRATE) - len(aboard)
        total = len(aboard) + loose
        if not total:
            return
        counted = total - 1 if self.dice.random() < 0.06 else total
        facts = {"move": Move.RECEIVE, "item": CRATE, "quantity": counted, "route": route.id}
        self._record(session, [self._tell(EventKind.COUNT, at, **facts)], at)
        self.dirty += [crate.code for crate in aboard]
        self.loose_dirty += max(0, counted - len(aboard))

    def work(self, session: Session, day: date, at: datetime) -> None:
        """Work a morning: wash crates, sort what came yesterday, wash and inspect what is enough for a run."""
        self._wash_crates(session, at)
        for reception in batches.receptions_open(session, self.centre):
            self._sort(session, reception, at + timedelta(hours=1))
        self._wash(session, at + timedelta(hours=2))

    def _wash_crates(self, session: Session, at: datetime) -> None:
        news = [self._tell(EventKind.SCAN, at, crate=code, move=Move.WASH) for code in self.dirty]
        if self.loose_dirty:
            news.append(self._tell(EventKind.COUNT, at, move=Move.WASH, item=CRATE, quantity=self.loose_dirty))
        if news:
            self._record(session, news, at)
        self.labels += self.dirty
        self.dirty, self.loose_dirty = [], 0

    def _sort(self, session: Session, reception: Reception, at: datetime) -> None:
        reasons = [reason.id for reason in catalogue.reasons(session, "sorting")]
        bottles = batches.left_to_sort(session, reception)
        missing = self.dice.randint(0, bottles // 60)
        kinds = [*TYPES, *reasons]
        refused = (100 - sum(TYPES.values())) / len(reasons)
        drawn = Counter(self.dice.choices(kinds, [*TYPES.values(), *[refused] * len(reasons)], k=bottles - missing))
        good = {kind: drawn[kind] for kind in TYPES}
        bad = {reason: drawn[reason] for reason in reasons}
        batches.sort(session, reception.route, good, bad, self.washer.id or 0, finished=True, at=at)

    def _wash(self, session: Session, at: datetime) -> None:
        session.flush()
        takes = {
            key.item: n
            for key, n in ledger.balances(session, AccountKind.SORTED, self.centre).items()
            if key.item != UNSORTED and n >= FEWEST
        }
        if not takes:
            return
        recipe, line = self.config.recipes[0].id, self.config.centres[0].lines[0]
        run = batches.start_wash(session, self.centre, recipe, line, takes, self.washer.id or 0, at=at)
        ended = at + timedelta(hours=1)
        batches.finish_wash(session, run.id or 0, self._readings(), at=ended)
        for lot in batches.lots_of(session, run.id or 0):
            if batches.out_of_limits(run):
                batches.hold(session, lot.id or 0, "Bain trop froid au relevé de 9 h", at=ended)
            elif lot.status is LotStatus.INSPECTION:
                self._inspect(session, lot, ended)

    def _inspect(self, session: Session, lot: batches.Lot, at: datetime) -> None:
        reasons = [reason.id for reason in catalogue.reasons(session, "inspection")]
        rejected = Counter(self.dice.choices(reasons, k=round(lot.quantity * self.dice.uniform(0.03, 0.08))))
        days = timedelta(days=self.config.washing.use_within_days)
        zone = self.config.territory.time_zone
        batches.inspect(session, lot.id or 0, rejected, self.washer.id or 0, use_within=days, zone=zone, at=at)

    def _readings(self) -> dict[str, float]:
        cold = self.dice.random() < 0.04
        return {
            Measure.BATH: round(self.dice.uniform(62, 66) if cold else self.dice.uniform(73, 78), 1),
            Measure.CAUSTIC: round(self.dice.uniform(1.6, 1.9), 2),
            Measure.CONTACT: round(self.dice.uniform(13, 17), 0),
            Measure.RINSE: round(self.dice.uniform(7.0, 7.5), 1),
            Measure.RESIDUE: 0.0,
            Measure.WATER: round(self.dice.uniform(350, 450), 0),
            Measure.ENERGY: round(self.dice.uniform(45, 60), 0),
        }
