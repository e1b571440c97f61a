"""EPCIS out of the centre: what was sorted, washed, inspected, shipped, held, stacked and counted."""

from bottles import batches, stocktakes
from bottles.ledger import AccountKind, Key
from tests import build, epcis
from tests.build import CENTRE, GOOD_READINGS, NOON
from tests.epcis import HERE, everything, one_of, quantity, some_of, told


def test_a_wash_turns_batches_into_lots_and_tells_its_readings(session, cast):
    lot = epcis.washed(session, cast, {**GOOD_READINGS, "bath_celsius": 61.5, "rinse_ph": 7.1})

    event = one_of(told(session, lot=lot.id), bizStep="https://bouteilles.example/epcis/washing")

    assert event["type"] == "TransformationEvent"
    assert quantity(event, "inputQuantityList") == {"batch/1": 48}
    assert quantity(event, "outputQuantityList") == {"lot/L00001": 48}
    element = one_of(event["sensorElementList"])
    assert element["sensorMetadata"]["startTime"] == "2026-10-06T10:00:00.000Z"
    assert element["sensorMetadata"]["endTime"] == event["eventTime"] == "2026-10-06T10:40:00.000Z"
    bath = one_of(element["sensorReport"], type="Temperature")
    assert (bath["value"], bath["uom"], bath["exception"]) == (61.5, "CEL", "ALARM_CONDITION")
    assert (bath["jmb:lowest"], bath["jmb:highest"]) == (70.0, 80.0)
    assert one_of(element["sensorReport"], uom="Q30")["type"] == "https://bouteilles.example/epcis/pH"
    assert [report["uom"] for report in element["sensorReport"] if "exception" in report] == ["CEL"]


def test_a_wash_that_still_runs_is_not_told(session, cast):
    route = build.reception(session, cast)
    batches.sort(session, route.id, {"jura75": 60}, {}, cast.washer.person, finished=True, at=NOON)
    batches.start_wash(session, CENTRE, "standard", "line-1", {"jura75": 60}, cast.washer.person, at=NOON)

    assert some_of(told(session), bizStep=HERE.own("washing")) == []


def test_a_lot_is_followed_from_its_receptions_to_its_buyers(session, cast):
    lot = build.lot(session, cast)
    order = epcis.delivered(session, cast, 60)

    sorting, washing, inspected, shipped = told(session, lot=lot.id)

    assert quantity(sorting, "inputQuantityList") == {"reception/1": 120}
    assert quantity(sorting, "outputQuantityList") == {"batch/1": 120}
    assert quantity(washing, "inputQuantityList") == quantity(sorting, "outputQuantityList")
    assert quantity(washing, "outputQuantityList") == quantity(inspected) == {"lot/L00001": 120}
    assert (inspected["disposition"], inspected["jmb:useBy"]) == ("conformant", "2026-11-05")
    assert (shipped["bizStep"], quantity(shipped)) == ("shipping", {"lot/L00001": 60})
    assert shipped["bizTransactionList"] == [{"type": "po", "bizTransaction": HERE.named("order", order)}]
    ends = [end["destination"] for end in shipped["destinationList"]]
    assert ends == [HERE.named("partner", "epicerie"), HERE.named("place", "shop")]


def test_a_delivery_counted_down_is_declared_void(session, cast):
    lot = build.lot(session, cast)
    epcis.delivered(session, cast, 60, taken_back=12)

    shipments = [event for event in told(session, lot=lot.id) if "shipping" in event["bizStep"]]

    left = {"shipping": 1, "void_shipping": -1}
    assert sum(left[event["bizStep"]] * quantity(event)["lot/L00001"] for event in shipments) == 48
    assert some_of(shipments, bizStep="void_shipping", disposition="reserved")


def test_what_inspection_rejects_becomes_cullet(session, cast):
    lot = epcis.washed(session, cast, GOOD_READINGS)
    epcis.inspect(session, cast, lot, {"chip": 6})

    events = told(session, lot=lot.id)

    assert quantity(one_of(events, disposition="conformant")) == {"lot/L00001": 42}
    rejected, destroyed = one_of(events, disposition="non_conformant"), one_of(events, bizStep="destroying")
    assert rejected["jmb:rejected"] == {"jmb:chip": 6}
    assert quantity(rejected) == quantity(destroyed) == {"lot/L00001": 6}
    assert (destroyed["action"], destroyed["disposition"]) == ("DELETE", "destroyed")


def test_what_sorting_refuses_becomes_cullet(session, cast):
    epcis.washed(session, cast, GOOD_READINGS)

    refused = [event for event in told(session) if event.get("jmb:reason") == "glue"]

    assert [event["bizStep"] for event in refused] == ["inspecting", "destroying"]
    assert [quantity(event) for event in refused] == [{"reception/1": 9}] * 2


def test_a_lot_that_is_held_says_since_when(session, cast):
    lot = epcis.washed(session, cast, {})
    batches.hold(session, lot.id, "étiquette perdue", at=NOON)

    held = one_of(told(session, lot=lot.id), bizStep="holding")

    assert (held["disposition"], held["jmb:why"]) == ("recalled", "étiquette perdue")
    assert held["eventTime"] == "2026-10-06T10:00:00.000Z"


def test_a_lot_that_is_washed_again_ends_and_its_wash_is_still_told(session, cast):
    lot = epcis.washed(session, cast, {"bath_celsius": 61.5})
    batches.hold(session, lot.id, "bain trop froid", at=NOON)
    batches.rewash(session, lot.id, at=NOON)

    events = told(session, lot=lot.id)

    assert quantity(one_of(events, type="TransformationEvent"), "outputQuantityList") == {"lot/L00001": 48}
    assert quantity(one_of(events, bizStep="decommissioning", action="DELETE")) == {"lot/L00001": 48}
    assert some_of(events, bizStep="holding") == []


def test_a_pallet_is_packed_and_taken_apart_under_its_number(session, cast):
    made = everything(session, cast)

    packed, apart = (event for event in told(session) if event["type"] == "AggregationEvent")

    assert packed["parentID"] == apart["parentID"] == f"https://bouteilles.example/00/{made['pallet'].sscc}"
    assert [(event["action"], event["bizStep"]) for event in (packed, apart)] == [("ADD", "packing"), ("DELETE", "unpacking")]
    assert quantity(packed, "childQuantityList") == {"lot/L00001": 100}


def test_what_was_counted_at_a_customers_is_told_as_a_count_and_not_as_a_delivery(session, cast):
    shelf = Key(AccountKind.CUSTOMER, "epicerie", "jura75")

    stocktakes.take_stock(session, shelf, 30, cast.coordinator.person, at=NOON)

    counted = one_of(told(session))
    assert (counted["bizStep"], quantity(counted)) == ("stock_taking", {"type/jura75": 30})
    assert counted["bizLocation"]["id"] == HERE.named("partner", "epicerie")
