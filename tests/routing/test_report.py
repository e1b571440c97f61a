"""A plan for a reader says what the file it comes from says."""

import json

import pytest

from routing.instances import parse, written
from routing.report import lines
from routing.schedule import assemble, schedule
from tests.routing.build import call, line, vehicle
from tests.routing.files import SOLOMON

REQUEST = {
    "vehicles": [{"id": 7, "start_index": 0, "end_index": 0}],
    "jobs": [{"id": 1, "location_index": 1}],
    "matrices": {"car": {"durations": [[0, 60], [60, 0]], "distances": [[0, 900], [900, 0]]}},
}


@pytest.mark.parametrize(
    ("text", "way"),
    [(written(line([call("a", 2)], [vehicle()])), "4,000 m"), (json.dumps(REQUEST), "ways 120"), (SOLOMON, "ways 738")],
    ids=["own", "VROOM", "Solomon"],
)
def test_ways_are_told_in_metres_only_where_the_file_has_metres(text, way):
    instance = parse(text)
    problem = instance.problem
    plan = assemble(problem, [schedule(problem, problem.vehicles[0], [call.id for call in problem.calls])])

    told = list(lines(instance, plan, {}))

    assert f", {way}, " in told[1]
