"""Files of every form are read as the problem they mean, and refused with a sentence where they cannot be."""

import json
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from routing.checker import cost, violations
from routing.formats.own import problem_of
from routing.formats.sol import known_of, solution_of
from routing.instances import parse, read
from routing.problem import LONGEST, Call, Shipment
from tests.routing.files import COLLECTIONS, DEMAND, SOLOMON, change, vrplib

PUBLIC = os.environ.get("BOUTEILLES_INSTANCES", "")

NO_LIMIT = 10**15
"""PyVRP writes no limit as the largest number there is."""


def public(form):
    """The files of the folder; without one a name to skip by, so that the reason is told."""
    return sorted(Path(PUBLIC).glob(f"*.{form}")) if PUBLIC else [Path("none")]


@pytest.fixture(params=COLLECTIONS)
def collection(request, tmp_path):
    """A file of each collection with PyVRP's own reading of it."""
    pyvrp = pytest.importorskip("pyvrp")
    text, rounding, plan = COLLECTIONS[request.param]
    path = tmp_path / "small.vrp"
    path.write_text(text)
    (tmp_path / "small.sol").write_text(plan)
    return path, pyvrp.read(path, rounding)


def test_ways_are_those_of_pyvrp(collection):
    path, theirs = collection

    ours = read(path).problem

    their_ways = np.minimum.reduce(theirs.distance_matrices())  # one matrix for each set of calls that a vehicle may visit
    reachable = (ours.metres < LONGEST) & (their_ways < 2**40)
    assert (ours.metres[reachable] == their_ways[reachable]).all()
    assert reachable[:, 0].all()


def test_calls_are_those_of_pyvrp(collection):
    path, theirs = collection

    ours = read(path).problem.calls

    read_by_us = [(c.service, c.release, c.prize or 0, c.prize is None, ratio(c.deliver), ratio(c.collect)) for c in ours]
    factor = theirs.clients()[0].delivery[0] // ours[0].deliver[0]
    assert read_by_us == [
        (c.service_duration, c.release_time, c.prize, c.required, c.delivery[0] // factor, c.pickup[0] // factor)
        for c in theirs.clients()
    ]
    windows = [c.windows[0] for c in ours if c.windows[0][1] < LONGEST - 1]
    assert windows == [(c.tw_early, c.tw_late) for c in theirs.clients() if c.tw_late < NO_LIMIT]


def ratio(loads):
    return loads[0]


def test_vehicles_are_those_of_pyvrp(collection):
    path, theirs = collection
    types = {number: kind for kind in theirs.vehicle_types() for number in map(int, kind.name.split(","))}

    ours = read(path).problem.vehicles

    for number, vehicle in enumerate(ours):
        kind = types[number]
        assert (vehicle.start, vehicle.end) == (kind.start_depot, kind.end_depot)
        assert (vehicle.fixed_cost, vehicle.cost_per_km) == (kind.fixed_cost, 1000 * kind.unit_distance_cost)
        assert (vehicle.rests.work or NO_LIMIT) == min(kind.shift_duration, NO_LIMIT)
        assert [centre.place for centre in vehicle.centres] == list(kind.reload_depots)


def test_a_plan_costs_what_pyvrp_says(collection):
    import pyvrp

    path, theirs = collection
    plan = path.with_suffix(".sol")
    instance = read(path)

    solution = solution_of(instance.problem, known_of(plan.read_text(), instance.problem, instance.scale))

    read_by_them = pyvrp.read_solution(plan, theirs)
    costs = read_by_them.distance_cost() + read_by_them.fixed_vehicle_cost() + read_by_them.uncollected_prizes()
    assert violations(instance.problem, solution) == []
    assert solution.cost == cost(instance.problem, solution) == costs


def test_a_site_that_not_all_may_visit_names_its_vehicles():
    calls = parse(COLLECTIONS["SDVRPTW"][0]).problem.call

    assert calls["1"].vehicles is None
    assert calls["3"].vehicles == {"1"}
    assert calls["5"].vehicles == {"2"}


def test_no_route_of_a_backhaul_problem_begins_with_a_backhaul():
    problem = parse(COLLECTIONS["VRPB"][0]).problem

    alone = known_of("Route #1: 4\nRoute #2: 1 2 3 5", problem, 1)

    assert not any(vehicle.mixed for vehicle in problem.vehicles)
    with pytest.raises(ValueError, match="not legal"):
        solution_of(problem, alone)


def test_a_route_longer_than_the_file_allows_is_not_legal():
    problem = parse(vrplib(heads={"CAPACITY": 90, "DISTANCE": 100}, demand=DEMAND)).problem

    with pytest.raises(ValueError, match="not legal"):
        solution_of(problem, known_of("Route #1: 1 2 3 4 5", problem, 1))


def test_a_file_that_names_no_fleet_has_vehicles_enough():
    problem = parse(vrplib(heads={"CAPACITY": 20}, demand=DEMAND)).problem

    assert len(problem.vehicles) == 5


def test_lkh_files_have_both_loads_in_one_section():
    rows = [
        "0 0 400 0 0 0",
        *(f"0 0 400 5 {collect} {deliver}" for collect, deliver in ((3, 9), (4, 8), (5, 7), (6, 6), (7, 5))),
    ]

    calls = parse(vrplib("VRPSPDTW", heads={"CAPACITY": 40}, pickup_and_delivery=rows)).problem.calls

    assert [(call.collect, call.deliver) for call in calls[:2]] == [((3,), (9,)), ((4,), (8,))]
    assert calls[0].service == 5000


def test_paired_places_are_shipments():
    rows = ["0 0 400 0 0 0", "10 0 400 5 0 2", "-10 0 400 5 1 0", "7 0 400 5 0 4", "-7 0 400 5 3 0", "2 0 400 5 0 0"]

    problem = parse(vrplib("PDPTW", heads={"CAPACITY": 40}, pickup_and_delivery=rows)).problem

    assert problem.shipments == (Shipment("1", "2", (10,)), Shipment("3", "4", (7,)))


def test_two_places_at_one_position_are_no_way_apart():
    spots = ((0.1, 0.7), (-38.933, 17.341), (-38.933, 17.341))  # where the rounding error is below 0

    metres = parse(vrplib(heads={"CAPACITY": 9}, spots=spots, demand=[0, 1, 1])).problem.metres

    assert metres[1, 2] == 0


def test_solomon_counts_in_tenths():
    instance = parse(SOLOMON)

    assert (instance.kind, instance.scale, len(instance.problem.vehicles)) == ("Solomon", 10, 3)
    assert instance.problem.call["2"] == Call("2", 2, (20,), (0,), ((100, 2500),), 100)
    assert instance.problem.metres[0, 1] == 138  # 13.89, truncated to one decimal


@pytest.mark.parametrize("text", [SOLOMON, COLLECTIONS["CVRP"][0], "\n\n" + SOLOMON.replace("\n", "\r\n")])
def test_a_form_is_told_by_what_is_in_it(text, tmp_path):
    path = tmp_path / "whatever.json"
    path.write_text(text)

    assert read(path).kind == parse(text).kind


def test_a_solution_file_beside_it_tells_the_best_cost_known(tmp_path):
    (tmp_path / "a.vrp").write_text(COLLECTIONS["VRPTW"][0])
    (tmp_path / "a.sol").write_text("Route #1: 1 2 3\nRoute #2: 4 5\nCost 123.4\n")

    assert read(tmp_path / "a.vrp").known == 1234


CVRP, VRPTW = COLLECTIONS["CVRP"][0], COLLECTIONS["VRPTW"][0]

REFUSED = [
    ("", "expected VRPLIB, Solomon's text or JSON"),
    ("hello", "expected VRPLIB, Solomon's text or JSON"),
    ("[1, 2]", "expected a JSON object, got ["),
    ('{"calls": [}', "line 1, column 12: no JSON"),
    ("{}", "expected a JSON object with calls and vehicles"),
    (change(CVRP, "2 10", "2 -10"), "DEMAND_SECTION, line 15: expected 0 or more"),
    (change(CVRP, "2 10", "2 ten"), 'DEMAND_SECTION, line 15: expected 1 numbers after the index, got "ten"'),
    (change(CVRP, "2 10", "2 nan"), "DEMAND_SECTION, line 15: expected 1 numbers"),
    (change(CVRP, "6 10\n", ""), "DEMAND_SECTION: has 5 lines, expected 6"),
    (change(CVRP, "2 37 52", "2 37"), "NODE_COORD_SECTION, line 8: expected 2 numbers"),
    (change(CVRP, "DIMENSION : 6", "DIMENSION : six"), "DIMENSION: expected a whole number of 1 or more"),
    (change(CVRP, "DIMENSION : 6\n", ""), "DIMENSION: expected a whole number"),
    (change(CVRP, "DIMENSION : 6", "DIMENSION : 10000"), "10,000 places: at most 5,000"),
    (change(CVRP, "EUC_2D", "GEO"), "EDGE_WEIGHT_TYPE: GEO is not understood"),
    (change(CVRP, "EDGE_WEIGHT_TYPE : EUC_2D\n", ""), "EDGE_WEIGHT_TYPE: is missing"),
    (change(CVRP, "TYPE : CVRP", "TYPE CVRP"), "line 2: expected KEY : VALUE"),
    (change(CVRP, "CAPACITY : 40", "CAPACITY : -1"), "CAPACITY: expected"),
    (change(CVRP, "DEPOT_SECTION\n1", "DEPOT_SECTION\n2"), "DEPOT_SECTION: expected the first places"),
    (change(CVRP, "DEPOT_SECTION\n1\n", "DEPOT_SECTION\n"), "DEPOT_SECTION: expected at least one depot"),
    (change(VRPTW, "2 0 200", "2 200 0"), "TIME_WINDOW_SECTION, line 24: expected an opening before the closing, got 200 to 0"),
    (change(VRPTW, "VEHICLES : 3", "VEHICLES : 0"), "VEHICLES: expected a whole number of 1 or more, got 0"),
    (change(VRPTW, "TIME_WINDOW_SECTION", "MUTUALLY_EXCLUSIVE_GROUP_SECTION"), "GROUP_SECTION: is not understood"),
    (change(COLLECTIONS["SDVRPTW"][0], "2 2 5 6", "2 2 5 66"), "CLIENTS_SECTION, line 40: expected indices from 1 to 6"),
    (change(COLLECTIONS["MDVRPTW"][0], "2 2\nDEPOT", "2 3\nDEPOT"), "VEHICLES_DEPOT_SECTION: expected depots from 1 to 2"),
    (change(SOLOMON, "37   52", "37.5   52"), "line 11: expected 7 whole numbers of a customer"),
    (change(SOLOMON, "   3         50", "   0         50"), "VEHICLES: expected a whole number of 1 or more, got 0"),
    (change(SOLOMON, "0   200", "201   200"), "TIME_WINDOW_SECTION, line 11: expected an opening before the closing"),
    (change(SOLOMON, "   10     0", "  -10     0"), "DEMAND_SECTION, line 11: expected 0 or more"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_a_bad_file_is_refused_with_its_line(text, sentence):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the sentence is compared below, without its brackets escaped
        parse(text)

    assert sentence in str(refused.value)


def test_a_file_that_is_no_text_or_not_there_is_refused_by_its_name(tmp_path):
    (tmp_path / "picture.vrp").write_bytes(b"\xff\xfe\x00\x80")

    for name, sentence in (("picture.vrp", "expected text"), ("absent.vrp", "cannot be read"), (".", "cannot be read")):
        with pytest.raises(ValueError, match=sentence):
            read(tmp_path / name)


@pytest.mark.slow
def test_a_long_file_is_read():
    size = 2_500
    spots = tuple((number % 50, number // 50) for number in range(size))
    text = vrplib(
        "VRPTW",
        heads={"CAPACITY": 200, "VEHICLES": 200},
        spots=spots,
        demand=[0] + [7] * (size - 1),
        service_time=[0] + [5] * (size - 1),
        time_window=["0 1000"] * size,
    )

    problem = parse(text).problem

    assert text.count("\n") > 10_000
    assert len(problem.calls) == size - 1


OWN = {
    "places": [[5.5, 46.7], [5.6, 46.8], [5.7, 46.9]],
    "dimensions": ["crates"],
    "calls": [
        {"id": "a", "place": 1, "deliver": [4], "collect": [2], "windows": [[0, 100]]},
        {"id": "b", "place": 2, "deliver": [0], "collect": [3], "windows": [[0, 100]], "prize": 900},
    ],
    "vehicles": [{"id": "van", "capacity": [80], "start": 0, "end": 0, "shift": [0, 500]}],
    "seconds": [[0, 5, 6], [5, 0, 7], [6, 7, 0]],
    "metres": [[0, 50, 60], [50, 0, 70], [60, 70, 0]],
}


def with_own(path, value):
    """Change one field of our own form, or take it away with None."""
    document = json.loads(json.dumps(OWN))
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    if value is None and isinstance(holder, dict):
        holder.pop(path[-1], None)
    else:
        holder[path[-1]] = value
    return json.dumps(document)


REFUSED_OWN = [
    (("calls", 0, "deliver"), [-4], "call a: a load is negative"),
    (("calls", 0, "deliver"), [4.5], "calls[0].deliver[0]: expected a whole number, got 4.5"),
    (("calls", 0, "deliver"), [True], "calls[0].deliver[0]: expected a whole number, got true"),
    (("calls", 0, "deliver"), [4, 4], "call a: deliver has 2 numbers, expected 1 (crates)"),
    (("calls", 0, "windows"), [[100, 0]], "call a: windows overlap, run backwards"),
    (("calls", 0, "windows"), [[100]], "calls[0].windows[0]: expected 2 values, got 1"),
    (("calls", 0, "id"), 7, "calls[0].id: expected text, got 7"),
    (("calls", 0, "id"), None, "calls[0].id: is missing"),
    (("calls", 0, "place"), 9, "call a: place 9 is unknown"),
    (("calls", 0, "windwos"), [], "calls[0].windwos: unknown; expected one of id, place"),
    (("calls", 1, "id"), "a", "call a is there twice"),
    (("vehicles", 0, "shift"), [500, 0], "vehicle van: its shift runs backwards"),
    (("vehicles",), "van", 'vehicles: expected a list, got "van"'),
    (("vehicles",), [3], "vehicles[0]: expected an object, got 3"),
    (("places", 0), [500, 46.7], "place [500.0, 46.7]: not a position on Earth"),
    (("places", 0), [float("nan"), 46.7], "places[0][0]: expected a number, got NaN"),
    (("seconds", 1, 2), float("nan"), "seconds[1][2]: expected a whole number or null, got NaN"),
    (("seconds", 1, 2), -1, "seconds: holds a negative number"),
    (("seconds", 1, 2), "x", 'seconds[1][2]: expected a whole number or null, got "x"'),
    (("seconds", 1), [1, 2], "seconds[1]: expected 3 numbers, one per row"),
    (("seconds",), None, "seconds and metres: expected both or none"),
    (("metres", 1, 2), 10**12, "metres: holds a number above"),
    (("metres", 1, 2), 10**30, "metres[1][2]: expected a number from 0"),
    (("calls", 0, "service"), 10**25, "calls[0].service: expected at most 1,000,000,000,000,000"),
    (("calls", 0, "prize"), 10**18, "calls[0].prize: expected at most 1,000,000,000,000"),
    (("vehicles", 0, "fixed_cost"), 10**18, "vehicles[0].fixed_cost: expected at most 1,000,000,000,000"),
    (("vehicles", 0, "cost_per_km"), 10**15, "vehicles[0].cost_per_km: expected at most 10,000,000"),
    (("others",), [{"seconds": []}], "others[0]: expected seconds and metres"),
]


def test_more_calls_than_are_planned_at_once_are_refused_though_at_few_places():
    calls = [{"id": str(number), "place": 0, "deliver": [], "collect": [], "windows": []} for number in range(5001)]

    with pytest.raises(ValueError, match="5,001 calls: at most 5,000 are planned at once"):
        parse(json.dumps({"places": [[5, 46]], "dimensions": [], "calls": calls, "vehicles": []}))


@pytest.mark.parametrize(("path", "value", "sentence"), REFUSED_OWN, ids=[row[2] for row in REFUSED_OWN])
def test_our_own_form_is_refused_with_its_field(path, value, sentence):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the sentence is compared below, without its brackets escaped
        parse(with_own(path, value))

    assert sentence in str(refused.value)


def test_a_null_in_a_matrix_is_a_way_that_does_not_exist():
    text = with_own(("seconds", 1), [None, 0, 7])

    assert parse(text).problem.seconds[1].tolist() == [LONGEST, 0, 7]


def test_ways_that_are_not_given_are_estimated():
    document = {name: value for name, value in OWN.items() if name not in ("seconds", "metres")}

    problem = problem_of(document)

    assert problem.metres[0, 1] > 13_000


scalars = some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=3)
anything = some.recursive(scalars, some.lists, max_leaves=4)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(anything)
def test_whatever_stands_in_a_field_is_read_or_refused(value):
    for path in (("calls", 0), ("calls", 0, "windows"), ("vehicles", 0, "shift"), ("places",), ("seconds",), ("others",)):
        with suppress(ValueError):  # whatever else it raises fails the test
            assert parse(with_own(path, value)).kind == "own"


@pytest.mark.skipif(not PUBLIC, reason="BOUTEILLES_INSTANCES names no folder of public instances")
@pytest.mark.parametrize("path", public("sol"), ids=lambda path: path.stem)
def test_a_published_plan_is_legal_and_costs_what_it_says(path):
    instance = read(path.with_suffix(".vrp"))

    solution = solution_of(instance.problem, known_of(path.read_text(), instance.problem, instance.scale))

    assert violations(instance.problem, solution) == []
    assert solution.cost == instance.known
    assert solution.left_out == ()


@pytest.mark.skipif(not PUBLIC, reason="BOUTEILLES_INSTANCES names no folder of public instances")
@pytest.mark.parametrize("path", public("txt"), ids=lambda path: path.stem)
def test_a_public_solomon_file_is_read(path):
    instance = read(path)

    assert instance.kind == "Solomon"
    assert len(instance.problem.calls) == len(instance.problem.places) - 1
