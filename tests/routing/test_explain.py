"""Each cause of leaving a call out has its own reason, and a sentence."""

import pytest

from routing.explain import SENTENCES, Reason, reasons, sentence, shortage
from routing.problem import Rests, Route, Shipment
from routing.schedule import assemble, schedule
from routing.search import first
from tests.routing.build import HOUR, call, day, line, vehicle

MORNING = ((0, 6 * HOUR),)
AT_NINE = ((9 * HOUR, 9 * HOUR),)
LOCKED = frozenset({"other"})


def case(code, calls, vehicles, routes=(), values=None, **more):
    """A reason, the day that has it, the routes that go out, and the values that are told."""
    return pytest.param(code, line(calls, vehicles, **more), dict(routes), values, id=code)


CASES = [
    case("no_vehicle", [call()], []),
    case("closed_all_day", [call(windows=())], [vehicle()]),
    case("locked_away", [call(vehicles=LOCKED)], [vehicle()], values={"locked": "other"}),
    case(
        "too_heavy_for_any_vehicle",
        [call(kg=90)],
        [vehicle(kg=50), vehicle("other", kg=80)],
        values={"dimension": "kg", "needed": 90, "most": 80},
    ),
    case(
        "too_heavy_for_any_vehicle",
        [call(collect=90, kg=90)],
        [vehicle(kg=50), vehicle("other", crates=50)],
        values={"dimension": "kg", "needed": 90, "most": 50},
    ),
    case(
        "access", [call(tags={"lane"}, collect=1)], [vehicle(), vehicle("o", crates=0, tags={"lane"})], values={"tag": "lane"}
    ),
    case("too_far", [call(place=5, service=9 * HOUR)], [vehicle()], values={"minutes": 9 * HOUR + 6000, "longest": 10 * HOUR}),
    case(
        "too_far",
        [call(place=5, service=4 * HOUR)],
        [vehicle(rests=Rests.once(5 * HOUR, 5 * HOUR))],
        values={"minutes": 9 * HOUR + 6000, "longest": 10 * HOUR},
    ),
    case(
        "too_far",
        [call(place=5, service=4 * HOUR)],
        [vehicle(rests=Rests(work=5 * HOUR, shortest=100 * HOUR))],
        values={"minutes": 4 * HOUR + 6000, "longest": 5 * HOUR},
    ),
    case(
        "rest",
        [call(place=5, service=8 * HOUR)],
        [vehicle(rests=Rests.once(6 * HOUR, HOUR))],
        values={"vehicle": "van", "minutes": 8 * HOUR + 6000},
    ),
    case(
        "too_long_a_drive",
        [call(place=5)],
        [vehicle(rests=Rests(driving_day=5000)), vehicle("other", rests=Rests(driving_day=5500))],
        values={"minutes": 6000, "longest": 5500},
    ),
    case(
        "too_far",
        [call(place=5, service=4 * HOUR)],
        [vehicle(rests=Rests.once(5 * HOUR, 6 * HOUR)), vehicle("other", shift=(6 * HOUR, 11 * HOUR))],
        values={"minutes": 4 * HOUR + 6000, "longest": 5 * HOUR},
    ),
    case(
        "closed_before",
        [call(place=2, windows=MORNING)],
        [vehicle()],
        values={"hours": "00:00–06:00", "until": 6 * HOUR + 1200, "minutes": 2400, "vehicle": "van"},
    ),
    case(
        "window_missed",
        [call("a", place=2, windows=MORNING), call("b", place=2, windows=MORNING)],
        [vehicle()],
        values={"hours": "00:00–06:00", "earliest": 6 * HOUR + 1200, "latest": 16 * HOUR - 1200},
        shipments=(Shipment("a", "b", (1, 0)),),
    ),
    case(
        "open_longer",
        [
            call("a", 5, windows=((7 * HOUR, 7 * HOUR),), service=HOUR),
            call("b", 1, windows=((7 * HOUR, 8 * HOUR),), service=HOUR),
        ],
        [vehicle()],
        {"van": ["a"]},
        {"hours": "07:00–08:00", "until": 8 * HOUR + 2400, "minutes": HOUR, "vehicle": "van"},
    ),
    case(
        "open_sooner",
        [call("a", 1, windows=AT_NINE, service=6 * HOUR), call("b", 1, windows=((10 * HOUR, 14 * HOUR),), service=HOUR)],
        [vehicle()],
        {"van": ["a"]},
        {"hours": "10:00–14:00", "since": 8 * HOUR, "minutes": HOUR, "vehicle": "van"},
    ),
    case(
        "lock",
        [call("a", service=9 * HOUR), call("b", service=HOUR, vehicles=frozenset({"van"}))],
        [vehicle(), vehicle("other")],
        {"van": ["a"]},
        {"locked": "van", "vehicle": "other", "minutes": HOUR + 1200},
    ),
    case(
        "lock",
        [call("a", kg=30, vehicles=frozenset({"van"}))],
        [vehicle(kg=20), vehicle("other", kg=50)],
        values={"locked": "van", "vehicle": "other", "minutes": 1200},
    ),
    case(
        "lock_unable",
        [call("a", kg=30, service=9 * HOUR), call("b", kg=30, service=HOUR, vehicles=frozenset({"van"}))],
        [vehicle(kg=20), vehicle("other", kg=50)],
        {"other": ["a"]},
        {"locked": "van"},
    ),
    case(
        "too_heavy_for_any_vehicle",
        [call("a", kg=60, vehicles=frozenset({"van"}))],
        [vehicle(kg=20), vehicle("other", kg=50)],
        values={"dimension": "kg", "needed": 60, "most": 50},
    ),
    case("apart", [call("a"), call("b", 2)], [vehicle()], {"van": ["a"]}, None, apart=(frozenset("ab"),)),
    case("position", [call("a", position=0), call("b", 2, position=0)], [vehicle()], {"van": ["a"]}),
    case(
        "release",
        [call("a", 1, windows=AT_NINE), call("b", 2, windows=((8 * HOUR, 15 * HOUR),), release=15 * HOUR, deliver=1)],
        [vehicle()],
        {"van": ["a"]},
        {"ready": 15 * HOUR, "by": 8 * HOUR + 1800, "minutes": 1200, "vehicle": "van"},
    ),
    case(
        "clean_and_dirty",
        [call("a", 1, deliver=1, windows=AT_NINE), call("b", 1, collect=1, windows=((8 * HOUR, 8 * HOUR),), service=60)],
        [vehicle(mixed=False)],
        {"van": ["a"]},
    ),
    case(
        "fewer",
        [call("a", collect=8), call("b", collect=8)],
        [vehicle(crates=10)],
        {"van": ["a"]},
        {"dimension": "crates", "missing": 6, "minutes": 0, "vehicle": "van"},
    ),
    case(
        "fewer",
        [call("a", kg=8), call("b", kg=8)],
        [vehicle(kg=10)],
        {"van": ["a"]},
        {"dimension": "kg", "missing": 6, "minutes": 0, "vehicle": "van"},
    ),
    case(
        "full",
        [call("a", collect=8, kg=8), call("b", collect=8, kg=9)],
        [vehicle(crates=10, kg=10)],
        {"van": ["a"]},
        {"dimension": "kg", "missing": 7},
    ),
    case(
        "access_busy",
        [call("a", service=9 * HOUR), call("b", service=HOUR, tags={"lane"})],
        [vehicle(tags={"lane"}), vehicle("other")],
        {"van": ["a"]},
        {"tag": "lane", "vehicle": "other", "minutes": HOUR + 1200},
    ),
    case(
        "overtime",
        [call("a", service=9 * HOUR), call("b", service=HOUR)],
        [vehicle()],
        {"van": ["a"]},
        {"minutes": 1200, "vehicle": "van"},
    ),
    case(
        "rest",
        [call("a", service=4 * HOUR), call("b", service=4 * HOUR)],
        [vehicle(rests=Rests.once(5 * HOUR, 6 * HOUR))],
        {"van": ["a"]},
    ),
    case("no_time", [call("a", service=9 * HOUR), call("b", service=9 * HOUR)], [vehicle()], {"van": ["a"]}),
    case(
        "not_worth",
        [call("a", 1), call("b", 3, service=600, prize=100)],
        [vehicle(cost_per_hour=600)],
        {"van": ["a"]},
        {"km": 4000, "minutes": 3000, "cost": 4500, "prize": 100, "vehicle": "van"},
    ),
    case("search_longer", [call("a", 1), call("b", 1, prize=None)], [vehicle()], {"van": ["a"]}),
]


@pytest.mark.parametrize(("code", "problem", "routes", "values"), CASES)
def test_a_call_left_out_has_its_reason(code, problem, routes, values):
    timed = [schedule(problem, problem.vehicle[van], stops) for van, stops in routes.items()]
    assert all(isinstance(route, Route) for route in timed)
    solution = assemble(problem, timed)

    reason = list(reasons(problem, solution).values())[-1]

    assert reason.code == code, sentence(reason)
    assert values is None or reason.values == values


def test_every_cause_has_a_case_here():
    # a moment is a span that is one minute wide
    assert {case.values[0] for case in CASES} == set(SENTENCES) - {"window_moment"}


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
    costs = sentence(Reason("not_worth", {"km": 4_200, "minutes": 61, "cost": 4_505, "prize": 100, "vehicle": "v"}))[1]
    assert costs == {"km": "5", "minutes": "2 min", "cost": "45.05", "prize": "1.00", "vehicle": "v"}


def test_a_span_of_a_minute_is_said_as_a_moment():
    message, values = sentence(Reason("window_missed", {"hours": "08:00–09:00", "earliest": 28_140, "latest": 28_199}))

    assert message % values == "Open 08:00–09:00; a vehicle could only be there at 07:49."


@pytest.mark.parametrize(("seconds", "says"), [(60, "1 min"), (3_540, "59 min"), (3_541, "1 h 00"), (6_600, "1 h 50")])
def test_more_than_an_hour_is_said_in_hours(seconds, says):
    assert sentence(Reason("too_far", {"minutes": seconds, "longest": 36_000}))[1] == {"minutes": says, "longest": "10 h 00"}


def test_goods_are_asked_for_as_late_as_they_would_still_do():
    def asked(release):
        return [call("a", 1, service=4 * HOUR), call("b", 2, service=HOUR, release=release, deliver=1)]

    problem = line(asked(16 * HOUR), [vehicle()])
    found = reasons(problem, assemble(problem, [schedule(problem, vehicle(), ["a"])]))["b"]

    def fits(release):
        return isinstance(schedule(line(asked(release), [vehicle()]), vehicle(), ["a", "b"]), Route)

    assert found.code == "release"
    assert fits(found.values["by"])
    assert not fits(found.values["by"] + 60)


def test_the_window_that_is_asked_for_is_enough_and_five_minutes_less_are_not():
    problem = line([call("a", 3, windows=((0, 6 * HOUR),))], [vehicle()])
    until = reasons(problem, assemble(problem, ()))["a"].values["until"]

    def fits(closes):
        return isinstance(schedule(line([call("a", 3, windows=((0, closes),))], [vehicle()]), vehicle(), ["a"]), Route)

    assert fits(until)
    assert not fits(until - 300)


def test_two_calls_of_a_shipment_have_one_reason():
    calls = [call("a", 1), call("b", 2, windows=((0, HOUR),))]
    problem = line(calls, [vehicle()], shipments=(Shipment("a", "b", (1, 0)),))

    found = reasons(problem, assemble(problem, ()))

    assert found["a"] == found["b"]


def test_a_day_that_lacks_a_van_says_how_much_of_one():
    calls = [call(name, 1, service=3 * HOUR) for name in "abcd"]
    problem = line(calls, [vehicle()])
    solution = assemble(problem, [schedule(problem, vehicle(), ["a", "b", "c"])])

    lack = shortage(problem, solution)

    message, values = lack.sentence
    assert lack.calls == ("d",)
    assert message % values == "3 h 20 of work are missing for 1 calls: one more half-day of van."


def test_a_day_that_lacks_much_says_how_many_half_days():
    calls = [call(name, 1, service=3 * HOUR) for name in "abcdefgh"]
    problem = line(calls, [vehicle()])

    message, values = shortage(problem, assemble(problem, ())).sentence

    assert message % values == "25 h 00 of work are missing for 8 calls: 6 more half-days of van."


def test_nothing_is_short_when_nothing_is_left_out_or_nothing_would_help():
    closed = line([call(windows=())], [vehicle()])
    done = line([], [vehicle()])

    assert shortage(closed, assemble(closed, ())) is None
    assert shortage(done, assemble(done, ())) is None
