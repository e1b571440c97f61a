"""One bottle all the way round: asked for in Arbois, collected, washed, delivered in Poligny."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bottles import audit, batches, crates, events, intake, ledger, orders, people, pickups, routes
from bottles.crates import CrateState, Move
from bottles.db import reading, transaction
from bottles.disputes import open_ones
from bottles.events import EventKind
from bottles.ledger import AccountKind, Key
from bottles.orders import OrderStatus
from bottles.people import Role
from bottles.pickups import PickupStatus
from routing.search import first
from web import jobs, planning
from web.imports import import_points

from . import build
from .build import CENTRE, GOOD_READINGS, NOON, TUESDAY, Cast
from .hands import fill
from .web.handset import Handset


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
    visit = {"task": task.id, "plan_version": monday.id, "point": "cellar", "holder": "van-1"}

    # the driver scans three, counts eight in all, leaves four empties
    news = [cast.scan(crate, Move.COLLECT, **visit) for crate in labelled]
    news += [cast.count(Move.COLLECT, "crate12", 8, **visit), cast.count(Move.DROP, "crate12", 4, **visit)]
    news += [cast.event(EventKind.STOP_DONE, task=task.id, plan_version=monday.id)]
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
    out = {"task": delivery.id, "plan_version": later.id, "point": "shop", "holder": "van-1", "at": NOON + timedelta(hours=4)}
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


POINTS = """nom;type;partenaire;commune;code postal;latitude;longitude;horaires
Cave des Trois Puits;cave;Chêne;Arbois;39600;46,903;5,775;Lu-Sa 8h-18h
Épicerie du Champ de Foire;magasin;Exemple;Poligny;39800;46,836;5,705;Lu-Sa 8h-18h
"""
GOOD = {"bath_celsius": "75,5", "naoh_percent": "1,7", "contact_minutes": "15", "rinse_ph": "7", "residue_ppm": "0"}


@pytest.fixture
def planned_at_once(territory_engine, config, clock, monkeypatch):
    """Search in this process with the fast first search, as soon as the worker would be woken."""

    def solver(problem, *_):
        return first(problem)

    monkeypatch.setattr(
        jobs, "wake", lambda search: planning.run_search(territory_engine, config, search, clock, solver=solver)
    )


def planned(coordinator, engine, day) -> int:
    """Plan a day, give its route to the driver, publish it; return its route."""
    fill(coordinator, f"/office/plan/{day}")
    with reading(engine) as session:
        plan = routes.versions(session, day)[0]
        (route,) = routes.of_plan(session, plan.id)
        driver = people.by_email(session, "driver@example.org").id
    fill(coordinator, f"/office/plan/{day}", f"/office/plan/routes/{route.id}/driver", driver=driver)
    fill(coordinator, f"/office/plan/{day}", f"/office/plan/{plan.id}/publish")
    return route.id


def phone_of(driver, engine) -> Handset:
    """Take a phone into the driver's hands; here everybody shares one device, so its numbers go on from theirs."""
    with reading(engine) as session:
        number = events.next_sequence(session, "device-1")
    return Handset(driver, number)


def test_a_bottle_goes_all_the_way_round_through_the_pages(territory_engine, config, clock, sign_in, planned_at_once):
    engine = territory_engine
    with transaction(engine) as session:
        assert import_points(session, POINTS.encode(), config).faults == []
        (crate,) = crates.register(session, "casier-12", 1)
    winemaker, shop, driver, washer, coordinator = (sign_in(role) for role in Role)

    # a labelled crate goes into service, and more without a label
    fill(washer, "/centre/crates/commission", "/centre/crates/commission/scan", code=crate.code)
    fill(washer, "/centre/crates/commission", crates_casier_12=40)

    # the winemaker asks, the coordinator plans and publishes
    fill(winemaker, "/partner/pickups/new", take=8, leave=4)
    route = planned(coordinator, engine, TUESDAY)

    # the driver leaves the labelled crate and three more, takes eight full ones
    phone = phone_of(driver, engine)
    (stop,) = phone.stops
    phone.scan(stop, "drop", crate.code)
    phone.end(stop, {("collect", "casier-12"): 8, ("drop", "casier-12"): 4})

    # the centre receives, sorts, washes, inspects
    fill(washer, f"/centre/reception/{route}", crates_casier_12=8)
    fill(washer, f"/centre/sorting/{route}", type_jura_75=90, reason_colle_permanente=4, action="finish")
    fill(washer, "/centre/washing", take_jura_75=90)
    with reading(engine) as session:
        (lot,) = session.exec(select(batches.Lot)).all()
    fill(washer, f"/centre/washing/{lot.run}", **GOOD)
    fill(washer, f"/centre/inspection/{lot.id}", reason_eclat=5)

    # the shop orders for Thursday; the delivery rides that day's route
    thursday = TUESDAY + timedelta(days=2)
    fill(shop, "/partner/orders/new", quantity_jura_75=60, due=thursday)
    clock.at += timedelta(days=2)
    coordinator, driver = sign_in(Role.COORDINATOR), sign_in(Role.DRIVER)
    planned(coordinator, engine, thursday)
    phone = phone_of(driver, engine)
    (stop,) = phone.stops
    phone.end(stop, {("deliver", "jura-75"): 60})

    with reading(engine) as session:
        (order,) = session.exec(select(orders.Order)).all()
        assert order.status is OrderStatus.DELIVERED
        assert [(lot.id, n) for lot, n in orders.lots_sent(session, order.id)] == [(lot.id, 60)]
        assert session.get(crates.Crate, crate.code).state is CrateState.OUT
        assert {check.name: check.faults for check in audit.audit(session) if check.faults} == {}
