"""A public instance is read as what its file says, or refused: by its indices, its specifications and its largest numbers."""

import pytest

from routing.instances import parse
from tests.routing.files import COLLECTIONS, DEMAND, SOLOMON, change, vrplib

CVRP, VRPTW = COLLECTIONS["CVRP"][0], COLLECTIONS["VRPTW"][0]

MOST = "expected at most 1,000,000,000,000, got"

PAIRS = ["0 0 400 0 0 0", "10 0 400 5 0 2", "-10 0 400 5 1 0", "7 0 400 5 0 4", "-7 0 400 5 3 0", "2 0 400 5 0 0"]
"""Rows of PICKUP_AND_DELIVERY_SECTION: two shipments and a delivery."""


def explicit(form, rows, **heads):
    """Write a file of four places with its own distances."""
    head = {"DIMENSION": 4, "EDGE_WEIGHT_TYPE": "EXPLICIT", "EDGE_WEIGHT_FORMAT": form, "CAPACITY": 9} | heads
    text = vrplib(heads=head, spots=(), demand=[0, 1, 1, 1])
    return change(text, "NODE_COORD_SECTION\n", "\n".join(["EDGE_WEIGHT_SECTION", *rows, ""]))


LOWER, MATRIX = ["1", "2 3", "4 5 6"], ["0 1 2 4", "1 0 3 5", "2 3 0 6", "4 5 6 0"]

REFUSED = {
    "a capacity of thirty digits": (change(CVRP, "CAPACITY : 40", "CAPACITY : " + "9" * 30), f"CAPACITY: {MOST}"),
    "a demand of many digits": (change(CVRP, "2 10", "2 " + "9" * 25), f"DEMAND_SECTION, line 15: {MOST}"),
    "a demand beyond any float": (change(CVRP, "2 10", "2 " + "9" * 400), f"DEMAND_SECTION, line 15: {MOST}"),
    "a coordinate too far": (change(CVRP, "2 37 52", "2 1e300 52"), f"NODE_COORD_SECTION, line 8: {MOST}"),
    "a duration beyond any float": (
        change(COLLECTIONS["SDVRPTW"][0], "DURATION : 150", "DURATION : " + "9" * 400),
        f"VEHICLES_MAX_DURATION: {MOST}",
    ),
    "a Solomon demand of many digits": (
        change(SOLOMON, "52   10", "52   " + "9" * 25),
        "line 11: expected numbers of at most 1,000,000,000,000, got 1e+25",
    ),
    "a depot in words": (
        change(CVRP, "DEPOT_SECTION\n1", "DEPOT_SECTION\nhere"),
        'DEPOT_SECTION, line 21: expected the index of a place, or -1 at the end, got "here"',
    ),
    "a number of vehicles of twenty digits": (change(VRPTW, "VEHICLES : 3", "VEHICLES : " + "9" * 20), f"VEHICLES: {MOST}"),
    "too many vehicles": (change(VRPTW, "VEHICLES : 3", "VEHICLES : 5001"), "VEHICLES: expected at most 5,000, got 5,001"),
    "rows out of order": (change(CVRP, "2 10\n3 15", "3 15\n2 10"), 'DEMAND_SECTION, line 15: expected index 2, got "3 15"'),
    "places out of order": (
        change(CVRP, "2 37 52\n3 49 49", "3 49 49\n2 37 52"),
        'NODE_COORD_SECTION, line 8: expected index 2, got "3 49 49"; write each row once, counted from 1 in order',
    ),
    "a doubled index": (change(CVRP, "3 15", "2 15"), "DEMAND_SECTION, line 16: expected index 3"),
    "an index out of range": (change(CVRP, "3 15", "99 15"), "DEMAND_SECTION, line 16: expected index 3"),
    "an index that is none": (change(CVRP, "3 15", "c 15"), "DEMAND_SECTION, line 16: expected index 3"),
    "a missing row": (change(CVRP, "2 10\n", ""), "DEMAND_SECTION, line 15: expected index 2"),
    "a client counted as 0": (change(CVRP, "2 10", "0 10"), "DEMAND_SECTION, line 15: expected index 2"),
    "a vehicle out of order": (
        change(COLLECTIONS["SDVRPTW"][0], "2 2 5 6", "1 2 5 6"),
        "VEHICLES_ALLOWED_CLIENTS_SECTION, line 40: expected index 2",
    ),
    "Solomon vehicles in words": (
        change(SOLOMON, "   3         50", "   a few     50"),
        "line 5: expected how many vehicles and their capacity, 2 whole numbers, got 'a few     50'",
    ),
    "a Solomon fleet without a capacity": (
        change(SOLOMON, "   3         50", "   3"),
        "line 5: expected how many vehicles and their capacity, 2 whole numbers, got '3'",
    ),
    "a doubled customer": (change(SOLOMON, "    2     49", "    1     49"), "line 12: expected customer 2, got 1"),
    "customers out of order": (change(SOLOMON, "    1     37", "    3     37"), "line 11: expected customer 1, got 3"),
    "open routes": (change(CVRP, "TYPE : CVRP", "TYPE : OVRP"), "TYPE: OVRP is not understood; expected one of ACVRP, CVRP"),
    "a tour": (change(CVRP, "TYPE : CVRP", "TYPE : TSP"), "TYPE: TSP is not understood"),
    "two capacities": (change(CVRP, "CAPACITY : 40", "CAPACITY : 40\nCAPACITY : 20"), "line 6: CAPACITY is there twice"),
    "trucks": (
        change(CVRP, "CAPACITY", "NO_OF_TRUCKS : 2\nCAPACITY"),
        "line 5: NO_OF_TRUCKS is not understood; write VEHICLES",
    ),
    "salesmen": (change(CVRP, "CAPACITY", "SALESMEN : 2\nCAPACITY"), "line 5: SALESMEN is not understood"),
    "no demand": (vrplib(heads={"CAPACITY": 40}), "DEMAND_SECTION: is missing, and there is a CAPACITY"),
    "no capacity": (vrplib(demand=DEMAND), "CAPACITY: is missing"),
    "a depot's demand": (change(CVRP, "1 0\n2 10", "1 3\n2 10"), "DEMAND_SECTION, line 14: expected 0 at a depot, got 3"),
    "a second depot's demand": (
        change(COLLECTIONS["MDVRPTW"][0], "2 0\n3 15", "2 4\n3 15"),
        "DEMAND_SECTION, line 17: expected 0 at a depot, got 4",
    ),
    "a depot's backhaul": (
        vrplib("VRPB", heads={"CAPACITY": 40}, linehaul=DEMAND, backhaul=[5, 0, 0, 0, 0, 0]),
        "BACKHAUL_SECTION, line 21: expected 0 at a depot, got 5",
    ),
    "a depot's pickup": (
        vrplib("PDPTW", heads={"CAPACITY": 40}, pickup_and_delivery=["-6 0 400 0 0 0", *PAIRS[1:]]),
        "PICKUP_AND_DELIVERY_SECTION, line 14: expected 0 at a depot, got 6",
    ),
    "a Solomon depot's demand": (
        change(SOLOMON, "40    0     0", "40    7     0"),
        "DEMAND_SECTION, line 10: expected 0 at a depot, got 7",
    ),
    "a capacity in words": (change(CVRP, "CAPACITY : 40", "CAPACITY : ten"), 'CAPACITY: expected a number, got "ten"'),
    "a triangle one short": (
        explicit("LOWER_ROW", ["1", "2 3", "4 5"]),
        "EDGE_WEIGHT_SECTION: has 5 numbers, expected 6: LOWER_ROW of 4 places",
    ),
    "a triangle with a word": (
        explicit("LOWER_ROW", ["1", "2 x", "4 5 6"]),
        'EDGE_WEIGHT_SECTION, line 9: expected numbers of 0 or more, got "2 x"',
    ),
    "a matrix with a short row": (
        explicit("FULL_MATRIX", [*MATRIX[:2], "2 3 0", MATRIX[3]]),
        "EDGE_WEIGHT_SECTION, line 10: expected 4 numbers, one per place, got 3",
    ),
    "a matrix one row short": (explicit("FULL_MATRIX", MATRIX[:3]), "EDGE_WEIGHT_SECTION: has 3 lines, expected 4"),
    "a matrix with a number beyond any float": (
        explicit("FULL_MATRIX", [*MATRIX[:3], "4 5 " + "9" * 400 + " 0"]),
        "EDGE_WEIGHT_SECTION: expected 4 rows of 4 numbers",
    ),
    "another triangle": (
        explicit("UPPER_ROW", LOWER),
        'EDGE_WEIGHT_FORMAT: expected LOWER_ROW or FULL_MATRIX, got "UPPER_ROW"',
    ),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_means_something_else_is_refused_with_its_line(text, sentence):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the sentence is compared below, without its brackets escaped
        parse(text)

    assert sentence in str(refused.value)


@pytest.mark.parametrize(("form", "rows"), [("LOWER_ROW", LOWER), ("LOWER_ROW", ["1 2 3 4", "5 6"]), ("FULL_MATRIX", MATRIX)])
def test_distances_of_the_file_are_read(form, rows):
    metres = parse(explicit(form, rows)).problem.metres

    assert metres.tolist() == [[0, 1, 2, 4], [1, 0, 3, 5], [2, 3, 0, 6], [4, 5, 6, 0]]


def test_a_depot_may_be_counted_as_0_where_the_clients_begin_with_2():
    text = vrplib("PDPTW", heads={"CAPACITY": 40}, pickup_and_delivery=PAIRS)

    counted = parse(change(change(text, "1 30 40", "0 30 40"), "1 0 0 400", "0 0 0 400")).problem

    assert counted.shipments == parse(text).problem.shipments
    assert counted.calls == parse(text).problem.calls


def test_remarks_may_be_there_twice_and_change_nothing():
    remarks = {"COMMENT ": "second", "NODE_COORD_TYPE": "TWOD_COORDS", "DISPLAY_DATA_TYPE": "COORD_DISPLAY"}

    read = parse(vrplib(heads={"COMMENT": "first", **remarks, "CAPACITY": 40}, demand=DEMAND)).problem

    assert read.calls == parse(CVRP).problem.calls
    assert read.vehicles == parse(CVRP).problem.vehicles


def test_a_file_without_a_type_is_what_its_sections_say():
    calls = parse(change(CVRP, "TYPE : CVRP\n", "")).problem.calls

    assert calls == parse(CVRP).problem.calls


def test_a_vehicle_that_loads_nowhere_anew_has_an_empty_row():
    text = change(
        COLLECTIONS["MTVRPTWR"][0], "VEHICLES_RELOAD_DEPOT_SECTION\n1 1\n2 1", "VEHICLES_RELOAD_DEPOT_SECTION\n1 1\n2"
    )

    first, second = parse(text).problem.vehicles

    assert [centre.place for centre in first.centres] == [0]
    assert second.centres == ()
