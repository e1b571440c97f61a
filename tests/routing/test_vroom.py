"""A VROOM request is read as the problem it means, and its answer is one that VROOM could give."""

import json
from itertools import pairwise

import pytest

from routing.checker import cost, violations
from routing.formats.vroom import request_of
from routing.formats.vroom_answer import answer
from routing.problem import ALWAYS, HOUR, LONGEST, Shipment
from routing.schedule import Misfit, assemble, schedule

DURATIONS = [[0, 600, 900, 1200], [600, 0, 300, 700], [900, 300, 0, 500], [1200, 700, 500, 0]]
DISTANCES = [[10 * cell for cell in row] for row in DURATIONS]

JOB = {"id": 1, "location_index": 1, "service": 60}
VAN = {"id": 7, "start_index": 0, "end_index": 0}


def request(jobs=(JOB,), vehicles=(VAN,), shipments=(), matrices=None, **others):
    """A request over four places with matrices of their own."""
    matrices = {"car": {"durations": DURATIONS}} if matrices is None else matrices
    return {"jobs": list(jobs), "vehicles": list(vehicles), "shipments": list(shipments), "matrices": matrices} | others


def planned(read, **sequences):
    """The plan with these calls by vehicle (v7="job:1"), checked."""
    routes = [schedule(read.problem, read.problem.vehicle[name[1:]], calls.split()) for name, calls in sequences.items()]
    assert not any(isinstance(route, Misfit) for route in routes), routes
    plan = assemble(read.problem, routes)
    assert violations(read.problem, plan) == []
    return plan


def answered(document, reasons=None, **sequences):
    read = request_of(document)
    said = answer(read, planned(read, **sequences), reasons or {}, loading=0.004, solving=1.2)
    return json.loads(json.dumps(said))


def test_a_job_becomes_a_call():
    job = JOB | {"setup": 30, "delivery": [3, 1], "pickup": [2, 0], "skills": [4, 9], "time_windows": [[0, 50], [90, 99]]}

    [call] = request_of(request([job], [VAN | {"capacity": [9, 9]}])).problem.calls

    assert (call.id, call.place, call.service, call.setup) == ("job:1", 1, 60, 30)
    assert (call.deliver, call.collect, call.tags) == ((3, 1), (2, 0), {"4", "9"})
    assert (call.windows, call.prize) == (((0, 50), (90, 99)), None)


def test_a_shipment_becomes_two_calls_linked():
    shipment = {
        "amount": [5],
        "skills": [2],
        "pickup": {"id": 1, "location_index": 1},
        "delivery": {"id": 1, "location_index": 2},
    }

    problem = request_of(request((), [VAN | {"capacity": [5]}], [shipment])).problem

    assert problem.shipments == (Shipment("pickup:1", "delivery:1", (5,)),)
    assert [call.tags for call in problem.calls] == [{"2"}, {"2"}]
    assert [call.deliver for call in problem.calls] == [(0,), (0,)]


def test_a_vehicle_becomes_a_vehicle():
    van = VAN | {"capacity": [4], "skills": [1], "time_window": [3600, 7200], "max_travel_time": 900, "costs": {"fixed": 70}}

    [vehicle] = request_of(request([JOB | {"delivery": [1]}], [van])).problem.vehicles

    assert (vehicle.id, vehicle.capacity, vehicle.tags, vehicle.shift) == ("7", (4,), {"1"}, (3600, 7200))
    assert (vehicle.rests.driving_day, vehicle.fixed_cost) == (900, 70)


def test_amounts_without_a_capacity_cannot_be_carried():
    read = request_of(request([JOB | {"delivery": [1]}]))

    assert read.problem.vehicles[0].capacity == (0,)


def test_tasks_are_counted_where_a_vehicle_has_a_greatest_number():
    jobs = [JOB | {"id": number} for number in (1, 2, 3)]

    problem = request_of(request(jobs, [VAN | {"max_tasks": 2}, VAN | {"id": 8}])).problem

    assert problem.dimensions == ("amount 1", "tasks")
    assert [vehicle.capacity for vehicle in problem.vehicles] == [(0, 2), (0, 3)]
    assert isinstance(schedule(problem, problem.vehicle["7"], ["job:1", "job:2", "job:3"]), Misfit)


@pytest.mark.parametrize(
    ("van", "matrices", "expected"),
    [
        ({}, {"durations": DURATIONS}, 1200),
        ({"speed_factor": 2.0}, {"durations": DURATIONS}, 600),
        ({"costs": {"fixed": 50}}, {"durations": DURATIONS}, 1250),
        ({"costs": {"per_hour": 1800, "per_km": 100}}, {"durations": DURATIONS, "distances": DISTANCES}, 600 + 1200),
        ({"costs": {"per_hour": 1000}}, {"durations": DURATIONS}, 333),
        ({}, {"durations": DURATIONS, "costs": [[7] * 4] * 4}, 14),
    ],
)
def test_a_plan_costs_what_vroom_says(van, matrices, expected):
    read = request_of(request([JOB], [VAN | van], matrices={"car": matrices}))
    plan = planned(read, v7="job:1")

    assert plan.cost == cost(read.problem, plan) == expected
    assert answer(read, plan, {}, 0, 0)["summary"]["cost"] == expected


def test_each_vehicle_drives_the_ways_of_its_profile():
    matrices = {"car": {"durations": DURATIONS}, "truck": {"durations": [[2 * cell for cell in row] for row in DURATIONS]}}

    problem = request_of(request([JOB], [VAN, VAN | {"id": 8, "profile": "truck"}], matrices=matrices)).problem

    assert [problem.ways(vehicle).seconds[0, 1] for vehicle in problem.vehicles] == [600, 1200]


def test_an_open_route_ends_at_its_last_task():
    van = {"id": 7, "start_index": 0}

    said = answered(request([JOB, JOB | {"id": 2, "location_index": 3}], [van]), v7="job:1 job:2")

    assert said["summary"]["duration"] == 1300
    assert said["routes"][0]["steps"][-1] | {"type": "end", "location_index": 3} == said["routes"][0]["steps"][-1]


def test_timestamps_are_answered_as_timestamps():
    monday = 1_790_000_000 // 86_400 * 86_400
    van = VAN | {"time_window": [monday + 8 * HOUR, monday + 18 * HOUR]}
    job = JOB | {"time_windows": [[monday + 9 * HOUR, monday + 10 * HOUR]]}

    said = answered(request([job], [van]), v7="job:1")

    assert request_of(request([job], [van])).problem.calls[0].windows == ((9 * HOUR, 10 * HOUR),)
    assert monday + 9 * HOUR <= said["routes"][0]["steps"][1]["arrival"] <= monday + 10 * HOUR


def prices(jobs, vehicles=(VAN,), matrices=None):
    return [call.prize for call in request_of(request(jobs, vehicles, matrices=matrices)).problem.calls]


def test_a_higher_priority_outweighs_all_other_tasks_together():
    jobs = [JOB | {"priority": 1}, *(JOB | {"id": number} for number in (2, 3, 4))]

    high, *low = prices(jobs)

    assert min(low) > 3 * 1200
    assert high > sum(low) + 3 * 1200


def test_of_equal_sums_of_priorities_more_tasks_are_worth_more():
    one, *two, none = prices([JOB | {"id": number, "priority": number} for number in (3, 2, 1, 0)])

    assert sum(two) - one == none > 3 * 1200


def test_priorities_count_by_what_they_differ():
    tens, ones = ([JOB | {"id": number, "priority": unit * number} for number in (0, 1, 2)] for unit in (10, 1))

    assert prices(tens) == prices(ones)


def test_a_priority_is_no_dearer_where_costs_are_told_in_thousandths():
    jobs = [JOB, JOB | {"id": 2, "priority": 1}]

    assert prices(jobs, [VAN | {"costs": {"per_hour": 3599}}]) == prices(jobs)


def test_priorities_that_cannot_outweigh_such_costs_are_refused():
    with pytest.raises(ValueError, match=r"^priorities: weighed above such costs, they pass 1,000,000,000,000; give"):
        prices([JOB, JOB | {"id": 2, "priority": 1}], [VAN | {"costs": {"fixed": 10**12}}])


def test_keys_that_nobody_knows_are_named_once():
    job = JOB | {"time_window": [0, 1]}
    van = VAN | {"breaks": [{"id": 1, "length": 9}], "costs": {"per_day": 9}, "steps": [{"type": "start", "at": 9}]}
    shipment = {
        "amount": [1],
        "pickup": {"id": 1, "location_index": 1, "skill": [9]},
        "delivery": {"id": 1, "location_index": 2},
    }
    tables = {"car": {"durations": DURATIONS, "duration": []}}

    said = request_of(request([job, job | {"id": 2}], [van], [shipment], tables, note="ours")).warnings

    assert [
        sentence.split(": unknown, and not looked at; expected one of ")[0] for sentence in said if "unknown" in sentence
    ] == [
        "note",
        "jobs[0].time_window and 1 more",
        "shipments[0].pickup.skill",
        "vehicles[0].costs.per_day",
        "vehicles[0].breaks[0].length",
        "vehicles[0].steps[0].at",
        "matrices.car.duration",
    ]


def test_what_vroom_documents_is_no_unknown_key():
    job = JOB | {"description": "a", "setup": 1, "setup_per_type": {}, "service_per_type": None, "skills": [], "priority": 0}
    van = VAN | {"description": "a", "profile": "car", "type": "van", "costs": {"fixed": 1, "per_hour": 3600, "per_km": 0}}
    tables = {"car": {"durations": DURATIONS, "distances": DISTANCES, "costs": DURATIONS}}

    assert request_of(request([job], [van | {"max_distance": None}], (), tables, options={"g": True})).warnings == ()


def test_the_load_during_a_break_is_said_to_be_free_even_when_none_is_asked_for():
    said = request_of(request(vehicles=[VAN | {"breaks": [{"id": 1, "max_load": 0}]}])).warnings

    assert said == ("vehicles[0].breaks[0].max_load: the load during a break cannot be limited.",)


def test_lists_may_be_null():
    document = request(vehicles=[VAN | {"breaks": None, "steps": None}]) | {"jobs": None, "shipments": None}

    assert request_of(document).problem.calls == ()


def test_a_way_that_is_too_long_for_any_day_does_not_exist():
    durations = [row[:] for row in DURATIONS]
    durations[0][1] = 4_294_967_295

    problem = request_of(request(matrices={"car": {"durations": durations}})).problem

    assert problem.seconds[0, 1] == LONGEST


def test_positions_without_matrices_are_estimated():
    van = {"id": 7, "start": [5.5, 46.7], "end": [5.5, 46.7]}
    job = {"id": 1, "location": [5.6, 46.8]}

    said = answered({"vehicles": [van], "jobs": [job]}, v7="job:1")

    assert said["summary"]["distance"] > 26_000
    assert [step["location"] for step in said["routes"][0]["steps"]] == [[5.5, 46.7], [5.6, 46.8], [5.5, 46.7]]


def test_the_old_single_matrix_is_read():
    document = request() | {"matrix": DURATIONS}
    del document["matrices"]

    assert request_of(document).problem.seconds.tolist() == DURATIONS


def test_steps_tell_load_travel_and_waiting():
    jobs = [
        JOB | {"delivery": [3], "description": "the cellar", "setup": 20, "time_windows": [[1000, 2000]]},
        {"id": 2, "location_index": 2, "pickup": [1]},
    ]
    shipment = {"amount": [2], "pickup": {"id": 5, "location_index": 2}, "delivery": {"id": 6, "location_index": 3}}
    van = VAN | {"capacity": [9], "time_window": [0, 9000], "description": "the van"}

    said = answered(request(jobs, [van], [shipment], {"car": {"durations": DURATIONS, "distances": DISTANCES}}),
                    v7="job:1 job:2 pickup:5 delivery:6")  # fmt: skip

    [route] = said["routes"]
    told = [(step["type"], step.get("id"), step["load"], step["duration"], step["distance"]) for step in route["steps"]]
    assert told == [
        ("start", None, [3], 0, 0),
        ("job", 1, [0], 600, 6000),
        ("job", 2, [1], 900, 9000),
        ("pickup", 5, [3], 900, 9000),
        ("delivery", 6, [1], 1400, 14000),
        ("end", None, [1], 2600, 26000),
    ]
    first = route["steps"][1]
    assert first | {"description": "the cellar", "setup": 20, "service": 60} == first
    assert first["arrival"] + first["waiting_time"] >= 1000
    assert (route["vehicle"], route["description"], route["delivery"], route["pickup"]) == (7, "the van", [5], [3])
    assert said["summary"] | {"routes": 1, "unassigned": 0, "duration": 2600, "distance": 26000} == said["summary"]
    assert said["summary"]["computing_times"] == {"loading": 4, "solving": 1200, "routing": 0}


def test_both_steps_of_a_shipment_have_its_priority():
    jobs = [JOB | {"priority": 3}]
    shipment = {"pickup": {"id": 5, "location_index": 2}, "delivery": {"id": 6, "location_index": 3}, "priority": 7}

    said = answered(request(jobs, [VAN], [shipment]), v7="job:1 pickup:5 delivery:6")

    assert said["routes"][0]["priority"] == said["summary"]["priority"] == 17


def test_the_times_of_the_steps_add_up():
    van = VAN | {"time_window": [0, 9000], "breaks": [{"id": 1, "service": 300, "time_windows": [[500, 3000]]}]}
    jobs = [JOB | {"time_windows": [[1000, 2000]]}, {"id": 2, "location_index": 3, "service": 10}]

    [route] = answered(request(jobs, [van]), v7="job:1 job:2")["routes"]

    steps = route["steps"]
    for before, step in pairwise(steps):
        left = before["arrival"] + before["waiting_time"] + before["setup"] + before["service"]
        assert step["arrival"] == left + step["duration"] - before["duration"]
    assert [step["type"] for step in steps].count("break") == 1


def test_a_break_outside_its_window_says_so():
    van = VAN | {"time_window": [0, 9000], "breaks": [{"id": 1, "service": 300, "time_windows": [[5000, 6000]]}]}
    job = JOB | {"time_windows": [[0, 2000]]}

    said = answered(request([job], [van]), v7="job:1")

    [rest] = [step for step in said["routes"][0]["steps"] if step["type"] == "break"]
    assert rest["id"] == 1
    assert rest["violations"] == [{"cause": "lead_time", "duration": 5000 - rest["arrival"] - rest["waiting_time"]}]
    assert said["summary"]["violations"] == rest["violations"]
    assert said["warnings"] == [
        "vehicles[0].breaks: a break may begin outside its time window; where it does, its step says so."
    ]


@pytest.mark.parametrize(
    ("rest", "windows", "begins"),
    [
        ([5000, 6000], [[0, 9000]], 5000),
        ([5000, 6000], [[0, 700], [4000, 9000]], 5000),
        ([86_400 + 5000, 86_400 + 6000], [[86_400, 86_400 + 9000]], 86_400 + 5000),
    ],
)
def test_a_route_is_moved_to_where_its_break_is_in_its_window(rest, windows, begins):
    opens = windows[0][0]
    van = VAN | {"time_window": [opens, opens + 9000], "breaks": [{"id": 1, "service": 300, "time_windows": [rest]}]}

    [route] = answered(request([JOB | {"time_windows": windows}], [van]), v7="job:1")["routes"]

    job, pause = (next(step for step in route["steps"] if step["type"] == kind) for kind in ("job", "break"))
    assert (pause["arrival"] + pause["waiting_time"], pause["violations"]) == (begins, [])
    assert any(opens <= job["arrival"] + job["waiting_time"] <= closes for opens, closes in windows)
    assert van["time_window"][0] <= route["steps"][0]["arrival"] <= route["steps"][-1]["arrival"] <= van["time_window"][1]


def test_a_route_is_moved_no_further_than_its_windows_and_its_shift_allow():
    van = VAN | {"time_window": [0, 5000], "breaks": [{"id": 1, "service": 300, "time_windows": [[4900, 6000]]}]}

    [route] = answered(request([JOB], [van]), v7="job:1")["routes"]

    assert route["steps"][-1]["arrival"] <= 5000
    assert route["violations"] != []


def test_a_task_left_out_says_why():
    said = answered(request([JOB, JOB | {"id": 2}]), {"job:2": "Closed all day."}, v7="job:1")

    assert said["unassigned"] == [{"id": 2, "type": "job", "location_index": 1, "description": "Closed all day."}]
    assert said["summary"]["unassigned"] == 1


def test_an_id_may_be_as_large_as_any():
    assert 2**64 - 1 in [task.entry["id"] for task in request_of(request([JOB | {"id": 2**64 - 1}])).tasks.values()]


def test_a_request_without_windows_is_open_without_end():
    problem = request_of(request()).problem

    assert problem.calls[0].windows == ALWAYS
    assert problem.vehicles[0].shift == ALWAYS[0]
