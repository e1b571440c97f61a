"""A cooperative at work, made up step by step: after every step nothing is lost, doubled, or without its explanation.

Hypothesis chooses the steps. A refusal with words is a good answer to any of them; nothing else may come out.
BOUTEILLES_EXAMPLES=20 makes up twenty times as many lives.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from bottles import batches, codes, crates, disputes, intake, ledger, orders, pallets, pickups, routes, stocktakes
from bottles.aside import SetAside
from bottles.batches import Lot, LotStatus, Reception, WashRun
from bottles.crates import Crate, CrateState, Move
from bottles.disputes import Dispute, DisputeKind, DisputeStatus
from bottles.errors import Invalid, Refusal, say
from bottles.events import EventKind
from bottles.intake import MAY, Author
from bottles.ledger import BOUNDARY, GUARDED, Account, AccountKind, Key
from bottles.orders import Order
from bottles.people import Role
from bottles.pickups import Pickup
from bottles.routes import Plan, PlanStatus, Route, Task
from bottles.stocktakes import Stocktake
from bottles.wire import NewEvent
from tests import build
from tests.bottles import histories
from tests.build import NOON, TUESDAY

pytestmark = pytest.mark.slow

ROLES = {"phone-1": Role.DRIVER, "tablet": Role.WASHER, "office": Role.COORDINATOR}
PREFIX = "3700000"
PLACES = st.sampled_from(["cellar", "shop"])
QUANTITY = st.integers(0, 30)
ANY = st.integers(0, 10_000)
"""Which of those that there are, counted round and round."""


class Cooperative(RuleBasedStateMachine):
    """One database, the people at work on it, and a clock that goes on."""

    engine: Engine
    """Set by each test; every life ends in a rollback."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(self.engine)
        self.now = NOON
        self.told: list[NewEvent] = []
        self.steps = 0

    @initialize()
    def begin(self) -> None:
        self.cast = build.cast(self.session)
        self.foreign = [f"{histories.FOREIGN}{n}" for n in range(2)]
        crates.register(self.session, "crate12", 3)
        # something is in the house from the first step, so that short lives reach the shop too
        build.lot(self.session, self.cast, bottles=36)
        build.reception(self.session, self.cast, crates=3)
        self.now += timedelta(hours=1)
        self.look()

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    # -- help

    @contextmanager
    def try_to(self) -> Iterator[None]:
        """Do something that may be refused; what is refused leaves nothing behind."""
        self.now += timedelta(minutes=1)
        self.steps += 1
        with suppress(Refusal), self.session.begin_nested():
            yield
            self.session.flush()

    def some(self, kind: Any, which: int, *where: Any) -> Any:
        """Return one of the rows there are; a refusal where there is none."""
        found = self.session.exec(select(kind).where(*where).order_by(*sa.inspect(kind).primary_key)).all()
        if not found:
            raise Invalid(say("Nothing is there."))
        return found[which % len(found)]

    def author(self, device: str) -> Author:
        return {"phone-1": self.cast.driver, "tablet": self.cast.washer}.get(device, self.cast.coordinator)

    def tell(self, device: str, news: list[NewEvent]) -> None:
        intake.record_all(self.session, news, self.author(device), at=self.now)
        self.told += news

    def codes(self) -> list[str]:
        return [*self.session.exec(select(Crate.code).order_by(Crate.code)), *self.foreign]

    def visit(self, which: int) -> dict[str, Any]:
        """Name a task under a plan version that there is, most often the one that stands."""
        task = self.some(Task, which)
        plans = list(self.session.exec(select(Plan.id).order_by(col(Plan.id).desc())))
        return {"task": task.id, "plan_version": plans[which % 3 % len(plans)] if plans else None}

    # -- out on the road

    @rule(count=st.integers(1, 3))
    def register(self, count: int) -> None:
        with self.try_to():
            crates.register(self.session, "crate12", count)

    @rule(take=st.integers(0, 6), leave=st.integers(0, 3))
    def ask(self, take: int, leave: int) -> None:
        with self.try_to():
            wanted = [pickups.Crates("crate12", take, leave)]
            pickups.request(self.session, "cave", "cellar", wanted, self.cast.winemaker.person, ready_from=TUESDAY, at=self.now)

    @rule(which=ANY)
    def call_off(self, which: int) -> None:
        with self.try_to():
            pickups.cancel(self.session, self.some(Pickup, which).id, "cave", at=self.now)

    @rule(publish=st.booleans())
    def plan(self, publish: bool) -> None:
        with self.try_to():
            routes.gather(self.session, at=self.now)
            tasks = routes.open_tasks(self.session)
            build.plan(self.session, self.cast, tasks[:3], publish=publish)

    @rule(which=ANY)
    def publish(self, which: int) -> None:
        with self.try_to():
            draft = self.some(Plan, which, Plan.status == PlanStatus.DRAFT)
            routes.publish(self.session, draft.id, self.cast.coordinator.person, at=self.now, today=TUESDAY)

    @rule(
        which=ANY,
        move=st.sampled_from([Move.COLLECT, Move.COLLECT, Move.DROP]),
        item=st.sampled_from(["crate12", "crate12", "crate20", "unsorted"]),
        quantity=QUANTITY,
        ago=st.integers(0, 120),
    )
    def count_at_a_stop(self, which: int, move: Move, item: str, quantity: int, ago: int) -> None:
        with self.try_to():
            at = self.now - timedelta(minutes=ago)
            self.tell("phone-1", [self.cast.count(move, item, quantity, at=at, holder="van-1", **self.visit(which))])

    @rule(which=ANY, quantity=QUANTITY, ago=st.integers(0, 120))
    def deliver(self, which: int, quantity: int, ago: int) -> None:
        with self.try_to():
            task = self.some(Task, which, col(Task.order).is_not(None))
            facts = {**self.visit(which), "task": task.id, "at": self.now - timedelta(minutes=ago)}
            self.tell("phone-1", [self.cast.count(Move.DELIVER, "jura75", quantity, **facts)])

    @rule(
        which=ANY,
        kind=st.sampled_from([EventKind.STOP_REACHED, EventKind.STOP_DONE, EventKind.STOP_PARTLY, EventKind.STOP_MISSED]),
    )
    def end_a_stop(self, which: int, kind: EventKind) -> None:
        with self.try_to():
            self.tell("phone-1", [self.cast.event(kind, at=self.now, reason="full", **self.visit(which))])

    @rule(
        device=st.sampled_from(sorted(ROLES)),
        which=ANY,
        turn=ANY,
        point=PLACES,
        holder=st.sampled_from(["van-1", "epicerie"]),
        ago=st.integers(0, 300),
        at_a_stop=st.booleans(),
        edition=st.integers(1, 2),
    )
    def scan(
        self, device: str, which: int, turn: int, point: str, holder: str, ago: int, at_a_stop: bool, edition: int
    ) -> None:
        with self.try_to():
            codes_, moves = self.codes(), sorted(MAY[ROLES[device]])
            code, move = codes_[which % len(codes_)], moves[turn % len(moves)]
            label = code if codes.is_foreign(code) else codes.label(code, edition)
            facts: dict[str, Any] = {
                "point": point,
                "holder": holder,
                "at": self.now - timedelta(minutes=ago),
                "device": device,
            }
            if at_a_stop and move in (Move.COLLECT, Move.DROP, Move.DELIVER):
                facts |= self.visit(which)
            if at_a_stop and move is Move.RECEIVE:
                facts["route"] = self.some(Route, which).id
            self.tell(device, [self.cast.scan(label, move, **facts)])

    @rule(which=ANY, device=st.sampled_from(sorted(ROLES)), ago=st.integers(-10, 120))
    def undo(self, which: int, device: str, ago: int) -> None:
        with self.try_to():
            if not self.told:
                raise Invalid(say("Nothing is there."))
            target = self.told[-1 - which % len(self.told)]
            self.tell(device, [self.cast.undo(target, at=self.now - timedelta(minutes=ago), device=device)])

    @rule(which=ANY, length=st.integers(1, 4))
    def send_again(self, which: int, length: int) -> None:
        with self.try_to():
            if self.told:
                first = which % len(self.told)
                # whoever sends it again, it is the same event
                intake.record_all(self.session, self.told[first : first + length], self.cast.coordinator, at=self.now)

    @rule(which=ANY)
    def forge(self, which: int) -> None:
        with self.try_to():
            if self.told:
                forged = self.told[which % len(self.told)].model_copy(update={"note": "forged"})
                intake.record_all(self.session, [forged], self.cast.coordinator, at=self.now)

    # -- in the office

    @rule(which=ANY, state=st.sampled_from(CrateState), point=PLACES, ago=st.integers(0, 60))
    def settle_a_crate(self, which: int, state: CrateState, point: str, ago: int) -> None:
        with self.try_to():
            code = self.codes()[which % len(self.codes())]
            facts = {"at": self.now - timedelta(minutes=ago), "point": point, "holder": "epicerie", "device": "office"}
            self.tell("office", [self.cast.event(EventKind.SETTLE, crate=code, state=state, **facts)])

    @rule(which=ANY)
    def settle_a_dispute(self, which: int) -> None:
        with self.try_to():
            open_ = self.some(Dispute, which, Dispute.status == DisputeStatus.OPEN)
            disputes.settle(self.session, open_.id, "seen to", self.cast.coordinator.person, at=self.now)

    @rule(which=st.integers(0, 1))
    def adopt(self, which: int) -> None:
        with self.try_to():
            intake.adopt(self.session, self.foreign[which], "crate12", "Another network", at=self.now)

    @rule(which=ANY)
    def reprint(self, which: int) -> None:
        with self.try_to():
            crates.reprint(self.session, [self.some(Crate, which).code], at=self.now)

    @rule(which=ANY)
    def bar_and_let_in(self, which: int) -> None:
        with self.try_to():
            scan = self.cast.scan(self.codes()[which % len(self.codes())], Move.DROP, at=self.now, device="lost phone")
            intake.quarantine(self.session, [intake.made(scan)], self.cast.driver, Invalid(say("Gone.")), at=self.now)
            self.session.flush()
            kept = self.some(SetAside, which, col(SetAside.is_barred), col(SetAside.decided_at).is_(None))
            intake.let_in(self.session, [kept.row], self.cast.coordinator.person, at=self.now)
            self.told.append(scan)

    @rule(
        kind=st.sampled_from(stocktakes.COUNTABLE), which=ANY, counted=QUANTITY, opening=st.booleans(), ago=st.integers(0, 200)
    )
    def take_stock(self, kind: AccountKind, which: int, counted: int, opening: bool, ago: int) -> None:
        with self.try_to():
            account = self.some(Account, which, Account.kind == kind, Account.lot == 0, Account.order == 0)
            key, when = Key(account.kind, account.holder, account.item), self.now - timedelta(minutes=ago)
            who = self.cast.coordinator.person
            stocktakes.take_stock(self.session, key, counted, who, opening=opening, counted_at=when, at=self.now)

    # -- in the hall

    @rule(which=ANY, item=st.sampled_from(["crate12", "crate12", "unsorted"]), quantity=QUANTITY)
    def receive(self, which: int, item: str, quantity: int) -> None:
        with self.try_to():
            route = self.some(Route, which)
            self.tell("tablet", [self.cast.count(Move.RECEIVE, item, quantity, route=route.id, at=self.now, device="tablet")])

    @rule(move=st.sampled_from([Move.COMMISSION, Move.WASH, Move.RETIRE]), quantity=QUANTITY)
    def count_at_the_centre(self, move: Move, quantity: int) -> None:
        with self.try_to():
            self.tell("tablet", [self.cast.count(move, "crate12", quantity, at=self.now, device="tablet")])

    @rule(which=ANY, good=QUANTITY, refused=st.integers(0, 3), finished=st.booleans())
    def sort(self, which: int, good: int, refused: int, finished: bool) -> None:
        with self.try_to():
            reception = self.some(Reception, which)
            took = {"jura75": good, "clavelin": good // 3}
            who = self.cast.washer.person
            batches.sort(self.session, reception.route, took, {"glue": refused}, who, finished=finished, at=self.now)

    @rule(jura=QUANTITY, clavelin=st.integers(0, 4), line=st.sampled_from(["line-1", "line-2"]))
    def wash(self, jura: int, clavelin: int, line: str) -> None:
        with self.try_to():
            takes, who = {"jura75": jura, "clavelin": clavelin}, self.cast.washer.person
            batches.start_wash(self.session, build.CENTRE, "standard", line, takes, who, at=self.now)

    @rule(which=ANY, bath=st.sampled_from([75.0, 75.0, 50.0]))
    def end_the_wash(self, which: int, bath: float) -> None:
        with self.try_to():
            run = self.some(WashRun, which, col(WashRun.ended_at).is_(None))
            batches.finish_wash(self.session, run.id, {**build.GOOD_READINGS, "bath_celsius": bath}, at=self.now)

    @rule(which=ANY, chipped=st.integers(0, 3))
    def inspect(self, which: int, chipped: int) -> None:
        with self.try_to():
            lot, who, within = self.some(Lot, which), self.cast.washer.person, timedelta(days=30)
            batches.inspect(self.session, lot.id, {"chip": chipped}, who, use_within=within, zone="Europe/Paris", at=self.now)

    @rule(which=ANY)
    def hold(self, which: int) -> None:
        with self.try_to():
            batches.hold(self.session, self.some(Lot, which).id, "a smell", at=self.now)

    @rule(which=ANY, again=st.booleans())
    def free(self, which: int, again: bool) -> None:
        with self.try_to():
            lot = self.some(Lot, which, Lot.status == LotStatus.HELD)
            if again:
                batches.rewash(self.session, lot.id, at=self.now)
            else:
                batches.let_go(self.session, lot.id)

    @rule(which=ANY, quantity=QUANTITY)
    def palletise(self, which: int, quantity: int) -> None:
        with self.try_to():
            lot = self.some(Lot, which)
            pallets.build(self.session, lot.id, quantity, self.cast.washer.person, prefix=PREFIX, at=self.now)

    @rule(which=ANY)
    def unpalletise(self, which: int) -> None:
        with self.try_to():
            pallet = self.some(pallets.Pallet, which)
            pallets.take_apart(self.session, pallet.id, self.cast.washer.person, at=self.now)

    # -- at the shop

    @rule(jura=QUANTITY, clavelin=st.integers(0, 3))
    def order(self, jura: int, clavelin: int) -> None:
        with self.try_to():
            wanted, who = {"jura75": jura, "clavelin": clavelin}, self.cast.winemaker.person
            orders.place(self.session, "cave", "cellar", wanted, who, due=TUESDAY, crate_type="crate12", at=self.now)
            routes.gather(self.session, at=self.now)

    @rule(which=ANY)
    def cancel(self, which: int) -> None:
        with self.try_to():
            orders.cancel(self.session, self.some(Order, which).id, "cave", at=self.now)

    # -- what must be true whatever was done

    @invariant()
    def look(self) -> None:
        if self.steps == 0 and not hasattr(self, "cast"):
            return
        self.session.flush()
        self.session.expire_all()
        accounts = list(self.session.exec(select(Account)))
        assert sum(account.quantity for account in accounts) == 0
        assert [a for a in accounts if a.kind in GUARDED and (a.quantity < 0 or not a.guarded)] == []
        told = select(Dispute.subject).where(Dispute.kind == DisputeKind.NEGATIVE_BALANCE)
        said = set(self.session.exec(told.where(Dispute.status != DisputeStatus.EXPLAINED)))
        below = {f"account:{a.id}" for a in accounts if a.kind not in GUARDED | BOUNDARY and a.quantity < 0}
        assert below <= said
        # each crate has one holder, and what the ledger did with labelled crates says the same
        assert histories.travelled(self.session) == histories.places(histories.standings(self.session))

    @precondition(lambda self: self.steps % 4 == 0)
    @invariant()
    def audit(self) -> None:
        if hasattr(self, "cast"):
            assert histories.faults(self.session) == []

    @precondition(lambda self: self.steps % 4 == 0)
    @invariant()
    def counted(self) -> None:
        """What somebody counted on the spot stays counted, whatever older act comes in later."""
        if not hasattr(self, "cast"):
            return
        last = {(taken.key, taken.at): taken for taken in self.session.exec(select(Stocktake).order_by(col(Stocktake.id)))}
        ids = {Key(a.kind, a.holder, a.item, a.lot, a.order): a.id for a in self.session.exec(select(Account))}
        for (key, at), taken in last.items():
            assert ledger.folded(self.session, as_of=at).get(ids[key], 0) == taken.counted, taken

    @precondition(lambda self: self.steps % 8 == 0)
    @invariant()
    def replayed(self) -> None:
        if hasattr(self, "cast"):
            assert histories.standings(self.session) == histories.replayed(self.session)


LIVES = {"sqlite": (8, 40), "postgresql": (1, 40)}
"""How many lives, and of how many steps."""


def test_it_adds_up_whatever_is_done(engine: Engine):
    lives, steps = LIVES[engine.dialect.name]

    class Here(Cooperative):
        pass

    Here.engine = engine
    run_state_machine_as_test(Here, settings=settings(histories.tried(lives), stateful_step_count=steps))
