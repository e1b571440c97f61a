"""A VROOM request that cannot be meant so is refused, and the sentence names its field."""

import pytest

from routing.formats.vroom import request_of
from tests.routing.test_vroom import DISTANCES, DURATIONS, JOB, VAN, request

REFUSED = [
    (request(vehicles=()), "vehicles: expected at least one"),
    (request([JOB, JOB]), "jobs[1].id: job 1 is there twice"),
    (request(vehicles=[VAN, VAN]), "vehicles: an id is there twice"),
    (request([{"id": 1}]), "jobs[0].location_index: is missing, and there are matrices"),
    (request([JOB | {"location_index": 4}]), "jobs[0].location_index: expected 0 to 3, got 4"),
    (request([JOB | {"id": "one"}]), 'jobs[0].id: expected a whole number, got "one"'),
    (request([{"location_index": 1}]), "jobs[0].id: is missing"),
    (request([JOB | {"delivery": [-1]}]), "jobs[0].delivery: expected 0 or more, got [-1]"),
    (request([JOB | {"service": -1}]), "jobs[0].service: expected 0 or more, got -1"),
    (request([JOB | {"priority": 101}]), "jobs[0].priority: expected 0 to 100, got 101"),
    (request([JOB | {"time_windows": []}]), "jobs[0].time_windows: expected at least one"),
    (request([JOB | {"time_windows": [[5, 3]]}]), "call job:1: windows overlap, run backwards"),
    (request([JOB | {"time_windows": 5}]), "jobs[0].time_windows: expected a list, got 5"),
    (request([JOB | {"skills": "x"}]), 'jobs[0].skills: expected a list, got "x"'),
    (request([7]), "jobs[0]: expected an object, got 7"),
    (request(shipments=[{"pickup": JOB}]), "shipments[0].delivery: expected an object, got null"),
    (request(vehicles=[{"id": 7}]), "vehicles[0]: expected a start or an end"),
    (request(vehicles=[VAN | {"time_window": [9, 3]}]), "vehicles[0].time_window: expected an opening before the closing"),
    (request(vehicles=[VAN | {"speed_factor": 0}]), "vehicles[0].speed_factor: expected more than 0"),
    (request(vehicles=[VAN | {"profile": "bike"}]), "vehicles[0].profile: there are no matrices of bike"),
    (request(vehicles=[VAN | {"max_distance": 9}]), "vehicles[0]: max_distance cannot be had"),
    (request(vehicles=[VAN | {"max_distance": 0}]), "vehicles[0]: max_distance cannot be had, leave it out"),
    (request([JOB | {"setup_per_type": {"van": 5}}]), "jobs[0]: setup_per_type cannot be had, leave it out"),
    (
        request(shipments=[{"pickup": JOB, "delivery": JOB | {"service_per_type": {"van": 5}}}]),
        "shipments[0].delivery: service_per_type cannot be had, leave it out",
    ),
    (
        request(vehicles=[VAN | {"costs": {"per_hour": 9}}], matrices={"car": {"durations": DURATIONS, "costs": DURATIONS}}),
        "vehicles[0].costs: per_hour and per_km count for nothing beside matrices.car.costs; leave out one of them",
    ),
    (request([JOB | {"delivery": [1], "amount": [9]}]), "jobs[0].amount: expected none beside delivery or pickup"),
    (request([JOB | {"pickup": [1], "amount": [9]}]), "jobs[0].amount: expected none beside delivery or pickup"),
    (
        request([JOB | {"delivery": [1, 1]}], [VAN | {"capacity": [3]}]),
        "jobs[0].delivery: expected as many numbers as vehicles[0].capacity has, 1, got 2",
    ),
    (
        request(vehicles=[VAN | {"capacity": [3]}, VAN | {"id": 8, "capacity": [3, 4]}]),
        "vehicles[1].capacity: expected as many numbers as vehicles[0].capacity has, 1, got 2",
    ),
    (request() | {"jobs": ""}, 'jobs: expected a list, got ""'),
    (request() | {"jobs": 0}, "jobs: expected a list, got 0"),
    (request() | {"shipments": {}}, "shipments: expected a list, got {}"),
    (request(vehicles=[VAN | {"breaks": 0}]), "vehicles[0].breaks: expected a list, got 0"),
    (request(vehicles=[VAN | {"steps": 0}]), "vehicles[0].steps: expected a list, got 0"),
    (
        request(vehicles=[VAN | {"time_window": [0, 9000], "breaks": [{"id": 1, "service": 9001}]}]),
        "vehicles[0].breaks[0].service: expected at most 9,000, as long as the vehicle's day, got 9,001",
    ),
    (
        request(vehicles=[VAN | {"breaks": [{"id": 1, "service": 10**15}]}]),
        "vehicles[0].breaks[0].service: expected at most 86,400, as long as the vehicle's day",
    ),
    (request([JOB | {"time_windows": [[1, 2], [3]]}]), "jobs[0].time_windows[1]: expected 2 values, got 1"),
    (request(vehicles=[VAN | {"time_window": [3]}]), "vehicles[0].time_window: expected 2 values, got 1"),
    ({"jobs": [{"id": 1, "location": 0}], "vehicles": [VAN]}, "jobs[0].location: expected a list, got 0"),
    ({"jobs": [], "vehicles": [{"id": 1, "end": 0}]}, "vehicles[0].end: expected a list, got 0"),
    (request([JOB, JOB | {"location": 0}]), "jobs[1].location: expected a list, got 0"),
    (request(vehicles=[VAN | {"costs": {"per_km": 9}}]), "vehicles[0].costs.per_km: there are no distances of car"),
    (request(vehicles=[VAN | {"costs": {"per_hour": 10**25}}]), "vehicles[0].costs.per_hour: expected at most 10,000,000"),
    (
        request(vehicles=[VAN | {"costs": {"per_hour": 9}}], matrices={"car": {"durations": [[9 * 10**8] * 4] * 4}}),
        "vehicles[0].costs: a way costs 1,000,000 or more",
    ),
    (request(vehicles=[VAN | {"breaks": [{"id": 1, "time_windows": [[9, 3]]}]}]), "breaks[0].time_windows: expected openings"),
    (request([JOB | {"id": number} for number in range(5001)]), "5,001 tasks: at most 5,000 are planned at once"),
    (request([JOB | {"service": 10**25}]), "jobs[0].service: expected at most 1,000,000,000,000,000"),
    (request(vehicles=[VAN | {"costs": {"per_task_hour": 9}}]), "vehicles[0].costs.per_task_hour: cannot be had"),
    (request(matrices={"car": {"durations": [[0, float("nan")], [1, 0]]}}), "car.durations[0]: expected whole numbers"),
    (request(matrices={"car": {"durations": [[0, 1], [1]]}}), "matrices.car.durations[1]: expected 2 numbers, one per row"),
    (request(matrices={"car": {"distances": DISTANCES}}), "matrices.car.durations: is missing"),
    ({"jobs": [{"id": 1}], "vehicles": [{"id": 1, "start": [0, 0]}]}, "jobs[0].location: is missing, and there are no"),
    ({"jobs": [{"id": 1, "location": [200, 0]}], "vehicles": [VAN]}, "jobs[0].location: place [200.0, 0.0]: not a position on"),
    ({"jobs": [{"id": 1}], "vehicles": [{"id": 1}]}, "expected matrices, or a location for each job and vehicle"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_a_bad_request_is_refused_with_its_field(document, sentence):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the sentence is compared below, without its brackets escaped
        request_of(document)

    assert sentence in str(refused.value)
