"""Each cause of leaving a call out has its own reason, and a sentence."""

import pytest

from routing.explain import SENTENCES, Reason, reasons, sentence
from routing.problem import Route
from routing.schedule import assemble, schedule
from routing.search import first
from tests.routing.build import HOUR, call, day, line, vehicle

CASES = [
    ("no_vehicle", [call()], [], {}, {}),
    ("closed_all_day", [call(windows=())], [vehicle()], {}, {}),
    (
        "too_heavy_for_any_vehicle",
        [call(kg=90)],
        [vehicle(kg=50), vehicle("other", kg=80)],
        {},
        {"dimension": "kg", "needed": 90, "most": 80},
    ),
    (
        "too_heavy_for_any_vehicle",
        [call(collect=90, kg=90)],
        [vehicle(kg=50), vehicle("other", crates=50)],
        {},
        {"dimension": "kg", "needed": 90, "most": 50},
    ),
    ("access", [call(tags={"lane"}, collect=1)], [vehicle(), vehicle("o", crates=0, tags={"lane"})], {}, {"tag": "lane"}),
    ("too_far", [call(place=5, service=9 * HOUR)], [vehicle()], {}, {"minutes": 9 * HOUR + 6000, "longest": 10 * HOUR}),
    (
        "window_missed",
        [call(place=2, windows=((0, 6 * HOUR),))],
        [vehicle()],
        {},
        {"hours": "00:00–06:00", "earliest": 6 * HOUR + 1200, "latest": 16 * HOUR - 1200},
    ),
    (
        "full",
        [call("a", collect=8), call("b", collect=8)],
        [vehicle(crates=10)],
        {"van": ["a"]},
        {"dimension": "crates", "missing": 6},
    ),
    ("full", [call("a", kg=8), call("b", kg=8)], [vehicle(kg=10)], {"van": ["a"]}, {"dimension": "kg", "missing": 6}),
    (
        "full",
        [call("a", collect=8, kg=8), call("b", collect=8, kg=9)],
        [vehicle(crates=10, kg=10)],
        {"van": ["a"]},
        {"dimension": "crates", "missing": 6},
    ),
    (
        "window_missed",
        [call("a", 5, windows=((7 * HOUR, 7 * HOUR),), service=HOUR), call("b", 1, windows=((7 * HOUR, 8 * HOUR),))],
        [vehicle()],
        {"van": ["a"]},
        None,
    ),
    (
        "clean_and_dirty",
        [
            call("a", 1, deliver=1, windows=((9 * HOUR, 9 * HOUR),)),
            call("b", 1, collect=1, windows=((8 * HOUR, 8 * HOUR),), service=60),
        ],
        [vehicle(mixed=False)],
        {"van": ["a"]},
        None,
    ),
    ("no_time", [call("a", service=9 * HOUR), call("b", service=HOUR)], [vehicle()], {"van": ["a"]}, {"minutes": 1200}),
    (
        "not_worth",
        [call("a", 1), call("b", 3, service=600, prize=100)],
        [vehicle(cost_per_hour=600)],
        {"van": ["a"]},
        {"km": 4000, "minutes": 3000, "cents": 4500},
    ),
]


@pytest.mark.parametrize(("code", "calls", "vehicles", "routes", "values"), CASES)
def test_a_call_left_out_has_its_reason(code, calls, vehicles, routes, values):
    problem = line(calls, vehicles)
    timed = [schedule(problem, problem.vehicle[van], stops) for van, stops in routes.items()]
    assert all(isinstance(route, Route) for route in timed)
    solution = assemble(problem, timed)

    ((_, reason),) = reasons(problem, solution).items()

    assert reason.code == code
    assert values is None or reason.values == values


def test_every_cause_has_a_case_here():
    assert {case[0] for case in CASES} == set(SENTENCES)


def test_every_call_left_out_has_a_reason_that_reads_as_a_sentence():
    problem = day(30, 2)
    solution = first(problem)

    found = reasons(problem, solution)

    assert tuple(found) == solution.left_out
    for reason in found.values():
        message, values = sentence(reason)
        assert message % values


def test_a_reason_reads_in_clock_times_minutes_and_kilometres():
    message, values = sentence(Reason("window_missed", {"hours": "08:00–09:00", "earliest": 36_000, "latest": 57_540}))

    assert message % values == "Open 08:00–09:00; a vehicle could only be there between 10:00 and 15:59."
    assert sentence(Reason("not_worth", {"km": 4_200, "minutes": 61, "cents": 1}))[1] == {
        "km": "5",
        "minutes": "2",
        "cents": "1",
    }
