"""Our own form holds every field of a problem, and whatever stands in one is read or refused."""

import json

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from routing.formats.own import document_of
from routing.instances import parse, written
from routing.problem import LONGEST, Call, Centre, Place, Problem, Rests, Shipment, UnderWay, Vehicle, Ways


def same(ours, theirs):
    """Whether two problems are equal in every field."""
    if (ours.seconds.tolist(), ours.metres.tolist()) != (theirs.seconds.tolist(), theirs.metres.tolist()):
        return False
    ways = [[(way.seconds.tolist(), way.metres.tolist()) for way in problem.others] for problem in (ours, theirs)]
    names = ("places", "calls", "vehicles", "dimensions", "shipments", "apart", "balance_per_hour")
    return ways[0] == ways[1] and all(getattr(ours, name) == getattr(theirs, name) for name in names)


amounts = some.tuples(some.integers(0, 50), some.integers(0, 900))
seconds = some.integers(0, 5_000)
word = some.sampled_from(["", "a", "é", 'x "y"', "\n", "7"])
words = some.frozensets(word, max_size=3)


@some.composite
def a_window(draw):
    opens = draw(some.integers(0, 80_000))
    return opens, opens + draw(seconds)


@some.composite
def a_call(draw, number):
    return Call(
        id=f"{draw(word)}{number}",
        place=draw(some.integers(0, 2)),
        deliver=draw(amounts),
        collect=draw(amounts),
        windows=draw(some.sampled_from([(), ((0, 5), (9, 12))])) or (draw(a_window()),),
        service=draw(seconds),
        prize=draw(some.none() | seconds),
        tags=draw(words),
        setup=draw(seconds),
        release=draw(seconds),
        vehicles=draw(some.none() | words),
        position=draw(some.none() | some.integers(-1, 5)),
        usual=draw(some.none() | word),
        moving_cost=draw(seconds),
    )


RESTS = [
    Rests(),
    Rests.once(3600, 900),
    Rests(work=5, due=((1, 2), (3, 4)), driving=6, driving_pause=7, parts=(8, 9), driving_day=10, shortest=11),
]


@some.composite
def a_vehicle(draw, number, calls):
    carries = frozenset(call for call in calls if draw(some.booleans()))
    capacity = draw(amounts)
    aboard = tuple(draw(some.integers(0, most)) for most in capacity)
    under_way = UnderWay(aboard, carries, *(draw(seconds) for _ in range(5)))
    return Vehicle(
        id=f"v{number}",
        capacity=capacity,
        start=draw(some.integers(0, 2)),
        end=draw(some.integers(0, 2)),
        shift=draw(a_window()),
        fixed_cost=draw(seconds),
        cost_per_km=draw(seconds),
        cost_per_hour=draw(seconds),
        tags=draw(words),
        mixed=draw(some.booleans()),
        rests=draw(some.sampled_from(RESTS)),
        overtime=draw(seconds),
        cost_per_overtime_hour=draw(seconds),
        back_by=draw(some.none() | seconds),
        centres=draw(some.sampled_from([(), (Centre(1, 60, ((5, 9),)), Centre(2))])),
        unloads=draw(some.integers(0, 3)),
        profile=draw(some.integers(0, 1)),
        under_way=draw(some.none() | some.just(under_way)),
    )


@some.composite
def a_problem(draw):
    calls = tuple(draw(a_call(number)) for number in range(draw(some.integers(0, 4))))
    names = [call.id for call in calls]
    square = some.lists(some.integers(0, LONGEST), min_size=9, max_size=9).map(lambda cells: np.array(cells).reshape(3, 3))
    return Problem(
        places=tuple(Place(draw(some.floats(-180, 180)), draw(some.floats(-90, 90))) for _ in range(3)),
        calls=calls,
        vehicles=tuple(draw(a_vehicle(number, names)) for number in range(draw(some.integers(0, 3)))),
        seconds=draw(square),
        metres=draw(square),
        dimensions=("crates", "kg"),
        shipments=(Shipment(names[0], names[1], draw(amounts)),) if len(names) > 1 else (),
        apart=(frozenset(names),) if names else (),
        balance_per_hour=draw(seconds),
        others=(Ways(draw(square), draw(square)),),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(a_problem())
def test_our_own_form_gives_back_every_field(problem):
    text = written(problem)

    assert same(parse(text).problem, problem)
    assert json.loads(text) == document_of(problem)
