"""One bottle all the way round: asked for in Arbois, collected, washed, delivered in Poligny."""

from datetime import timedelta

from sqlmodel import Session

from bottles import audit, batches, crates, intake, ledger, orders, pickups, routes
from bottles.crates import CrateState, Move
from bottles.disputes import open_ones
from bottles.events import EventKind
from bottles.ledger import AccountKind, Key
from bottles.orders import OrderStatus
from bottles.pickups import PickupStatus

from . import build
from .build import CENTRE, GOOD_READINGS, NOON, TUESDAY, Cast


def test_a_bottle_goes_all_the_way_round_in_the_domain(session: Session, cast: Cast):
    labelled = crates.register(session, "crate12", 3)
    for crate in labelled:
        intake.record(session, cast.scan(crate, Move.COMMISSION), cast.washer, at=NOON)
        intake.record(session, cast.scan(crate, Move.DROP), cast.driver, at=NOON)
    intake.record(session, cast.count(Move.COMMISSION, "crate12", 40), cast.washer, at=NOON)
    session.flush()

    # the winemaker asks; the coordinator plans and publishes
    task = build.pickup(session, cast, take=8, leave=4)
    monday = build.plan(session, cast, [task])
    route = build.route_of(session, monday)
    visit = {"task": task.id, "plan": monday.id, "point": "cellar", "holder": "van-1"}

    # the driver scans three, counts eight in all, leaves four empties
    news = [cast.scan(crate, Move.COLLECT, **visit) for crate in labelled]
    news += [cast.count(Move.COLLECT, "crate12", 8, **visit), cast.count(Move.DROP, "crate12", 4, **visit)]
    news += [cast.event(EventKind.STOP_DONE, task=task.id, plan=monday.id)]
    intake.record_all(session, news, cast.driver, at=NOON)

    assert session.get(pickups.Pickup, task.pickup).status is PickupStatus.DONE
    assert ledger.on_hand(session, AccountKind.VAN, "van-1", "unsorted") == 96
    assert labelled[0].state is CrateState.ABOARD

    # the centre receives, sorts, washes, inspects
    intake.record(session, cast.count(Move.RECEIVE, "crate12", 8, route=route.id, device="tablet"), cast.washer, at=NOON)
    batches.sort(session, route.id, {"jura75": 90}, {"glue": 4}, cast.washer.person, finished=True, at=NOON)
    run = batches.start_wash(session, CENTRE, "standard", "line-1", {"jura75": 90}, cast.washer.person, at=NOON)
    batches.finish_wash(session, run.id, GOOD_READINGS, at=NOON)
    (lot,) = batches.lots_of(session, run.id)
    batches.inspect(
        session, lot.id, {"chip": 5}, cast.washer.person, use_within=timedelta(days=30), zone="Europe/Paris", at=NOON
    )

    assert ledger.on_hand(session, AccountKind.AVAILABLE, CENTRE, "jura75", lot.id) == 85
    assert ledger.on_hand(session, AccountKind.UNEXPLAINED, CENTRE, "unsorted") == 2

    # the shop orders, the delivery rides the next route, the order is delivered
    order = orders.place(
        session, "epicerie", "shop", {"jura75": 60}, cast.shop.person, due=TUESDAY, crate_type="crate12", at=NOON
    )
    delivery = next(task for task in routes.gather(session, at=NOON) if task.order == order.id)
    later = build.plan(session, cast, [delivery])
    out = {"task": delivery.id, "plan": later.id, "point": "shop", "holder": "van-1", "at": NOON + timedelta(hours=4)}
    news = [cast.count(Move.DELIVER, "jura75", 60, **out), cast.event(EventKind.STOP_DONE, **out)]
    intake.record_all(session, news, cast.driver, at=NOON + timedelta(hours=4))

    assert order.status is OrderStatus.DELIVERED
    assert ledger.balances(session, AccountKind.CUSTOMER) == {Key(AccountKind.CUSTOMER, "epicerie", "jura75", lot.id): 60}
    assert orders.lots_sent(session, order.id) == [(lot, 60)]
    session.flush()
    faults = {check.name: check.faults for check in audit.audit(session) if check.faults}
    assert faults == {}
    # the eight crates came from a point where only three were known to be, plus four left there
    assert [dispute.values["quantity"] for dispute in open_ones(session)] == [-1]
