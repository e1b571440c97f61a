"""Random problems small enough to try every plan, with any mix of rules, and random plans for them, good and bad."""

from dataclasses import replace

import numpy as np

from routing.problem import NO_RESTS, Call, Centre, Place, Problem, Rests, Shipment, Solution, UnderWay, Unload, Vehicle, Visit
from tests.routing import ticks
from tests.routing.ticks import TICK

STEP = 2 * TICK
DAY = 16
"""Steps of half an hour in the day."""


def problem(dice, calls=None):
    """A random problem of at most five calls and two vehicles; every time in it is a whole number of steps."""
    calls = calls or dice.choice([1, 2, 2, 3, 3, 3, 3, 4, 4, 5])
    vehicles = dice.choice([1, 1, 2])
    places = calls + 1
    rich = dice.random() < 0.7
    names = [f"c{number}" for number in range(calls)]
    vans = tuple(_vehicle(dice, f"v{number}", places, names, rich) for number in range(vehicles))
    shipments = ()
    if calls > 1 and dice.random() < 0.25:
        shipments = (Shipment(*dice.sample(names, 2), (dice.randint(0, 3),)),)
    return Problem(
        tuple(Place(5 + number / 100, 46) for number in range(places)),
        tuple(_call(dice, name, places, vans, rich) for name in names),
        vans,
        _matrix(dice, places, [0, STEP, STEP, 2 * STEP]),
        _matrix(dice, places, range(0, 20_000, 37)),
        ("crates",),
        shipments=shipments,
        apart=(frozenset(dice.sample(names, 2)),) if calls > 1 and dice.random() < 0.1 else (),
        # not above any cost_per_hour, so that nobody gains by dawdling
        balance_per_hour=dice.choice([0, 500]) if vehicles > 1 and all(van.cost_per_hour >= 500 for van in vans) else 0,
    )


def _matrix(dice, places, choices):
    matrix = np.array([[dice.choice(choices) for _ in range(places)] for _ in range(places)], dtype=np.int64)
    np.fill_diagonal(matrix, 0)
    return matrix


def _windows(dice):
    edges = sorted(dice.sample(range(DAY + 1), dice.choice([2, 2, 4])))
    return dice.choice([((0, DAY * STEP),), tuple((a * STEP, b * STEP) for a, b in zip(edges[::2], edges[1::2], strict=True))])


def _call(dice, name, places, vans, rich):
    deliver, collect = dice.choice([(0, 2), (2, 0), (1, 1), (3, 0), (0, 4), (2, 2), (0, 0)])
    plain = Call(
        name,
        dice.randrange(places),
        (deliver,),
        (collect,),
        _windows(dice),
        service=dice.choice([0, STEP]),
        prize=dice.choice([None, 300, 2_000, 20_000]),
    )
    if not rich:
        return plain
    return replace(
        plain,
        tags=frozenset({"lane"} if dice.random() < 0.15 else ()),
        setup=dice.choice([0, 0, STEP]),
        release=dice.choice([0, 0, 0, 3 * STEP]),
        vehicles=frozenset({vans[0].id}) if dice.random() < 0.1 else None,
        position=dice.choice([None] * 12 + [0, 1, -1]),
        usual=dice.choice([None, None, vans[0].id]),
        moving_cost=dice.choice([0, 700]),
    )


def _vehicle(dice, name, places, calls, rich):
    begins = dice.choice([0, 2])
    ends = dice.choice([8, 12, DAY])
    plain = Vehicle(
        name,
        (dice.choice([3, 5, 9]),),
        0,
        dice.choice([0, 0, 0, places - 1]),
        (begins * STEP, ends * STEP),
        fixed_cost=dice.choice([0, 500]),
        cost_per_km=dice.choice([0, 45, 100]),
        cost_per_hour=dice.choice([0, 500, 2_500]),
        rests=_rests(dice),
    )
    if not rich:
        return plain
    return replace(
        plain,
        tags=frozenset({"lane"} if dice.random() < 0.7 else ()),
        mixed=dice.random() < 0.7,
        overtime=dice.choice([0, 0, 4 * STEP]),
        cost_per_overtime_hour=dice.choice([0, 1_000]),
        back_by=dice.choice([None, None, ends * STEP + STEP]),
        centres=_centres(dice, places),
        unloads=dice.choice([0, 1, 1]),
        start=dice.randrange(places) if dice.random() < 0.2 else 0,
        under_way=_under_way(dice, calls) if dice.random() < 0.15 else None,
    )


def _centres(dice, places):
    return tuple(
        Centre(dice.choice([0, 0, places - 1]), dice.choice([0, STEP]), _windows(dice)) for _ in range(dice.choice([1, 1, 2]))
    )


def _under_way(dice, calls):
    driven = dice.choice([0, STEP])
    return UnderWay(
        (dice.choice([0, 0, 2]),),
        frozenset(dice.sample(calls, dice.randint(0, len(calls)))),
        worked=driven,
        driven=driven,
        worked_today=dice.choice([driven, 4 * STEP]),
        driven_today=dice.choice([driven, 2 * STEP]),
        paused_today=dice.choice([0, STEP]),
    )


def _rests(dice):
    """Rules of every shape; the pauses asked in all are never more than twice the shortest."""
    kind = dice.choice(["none", "none", "once", "light", "heavy", "day"])
    if kind == "once":
        return Rests.once(dice.choice([4, 6]) * STEP, dice.choice([1, 2]) * STEP)
    if kind == "none":
        return NO_RESTS
    light = {"work": 5 * STEP, "due": ((5 * STEP, STEP), (8 * STEP, 2 * STEP)), "shortest": STEP}
    if kind == "light":
        return Rests(**light)
    if kind == "day":
        return Rests(driving_day=5 * STEP, due=((4 * STEP, 2 * STEP),), shortest=STEP)
    parts = dice.choice([None, (STEP, 2 * STEP)])
    return Rests(**light, driving=3 * STEP, driving_pause=3 * STEP if parts else 2 * STEP, parts=parts, driving_day=9 * STEP)


# --- plans, good and bad ------------------------------------------------------------------------------------------


def plan(dice, asked):
    """Any plan: calls in any order, times driven forward with waits and pauses anywhere, rules not looked at."""
    calls = list(asked.calls)
    dice.shuffle(calls)
    left_out = [calls.pop() for _ in range(dice.choice([0, 0, 1])) if calls]
    cut = dice.randint(0, len(calls))
    shares = [calls[:cut], calls[cut:]] if len(asked.vehicles) > 1 else [calls]
    routes = tuple(
        route(dice, asked, van, share)
        for van, share in zip(asked.vehicles, shares, strict=True)
        if share or van.under_way is not None
    )
    return priced(asked, Solution(routes, tuple(call.id for call in left_out), 0))


def route(dice, asked, van, calls):
    """Drive halts forward from some departure."""
    halts = list(calls)
    if van.unloads and van.centres and dice.random() < 0.4:
        halts.insert(dice.randint(0, len(halts)), dice.choice(van.centres))
    way = ticks.Way(asked, van, tuple(halts))
    departure = clock = van.shift[0] + dice.choice([0, 0, 1, 2, 5]) * TICK
    visits, unloads, pauses = [], [], []
    for halt, drive, need, ready in zip(halts, way.drives, way.needs, way.ready, strict=False):
        arrival = max(stand(dice, pauses, clock), ready) + drive
        clock = stand(dice, pauses, arrival)
        start = min((max(o, clock) for o, c in halt.windows if c >= clock), default=clock)
        end = start + need
        if isinstance(halt, Centre):
            unloads.append(Unload(len(visits), halt.place, arrival, start, end))
        else:
            visits.append(Visit(halt.id, arrival, start, end))
        clock = end
    finish = max(stand(dice, pauses, clock), way.ready[-1]) + way.drives[-1]
    return ticks.measured(way, tuple(visits), tuple(unloads), departure, finish, tuple(pauses))


def stand(dice, pauses, clock):
    """Stand for a while, with a pause or none; give when that is over."""
    if dice.random() < 0.75:
        return clock
    begins = clock + dice.choice([0, 0, 1]) * TICK
    ends = begins + dice.choice([1, 2, 2, 3, 4, 6]) * TICK
    if dice.random() < 0.9:
        pauses.append((begins, ends))
    return ends


def bent(dice, asked, solution):
    """The same plan with one thing changed."""
    if not solution.routes:
        return solution
    number = dice.randrange(len(solution.routes))
    routes = list(solution.routes)
    routes[number] = _bent_route(dice, asked, routes[number])
    return priced(asked, replace(solution, routes=tuple(routes)))


def _bent_route(dice, asked, old):
    shift = dice.choice([-2, -1, 1, 2]) * TICK
    ways = {
        "departure": lambda: replace(old, departure=old.departure + shift),
        "finish": lambda: replace(old, finish=old.finish + shift),
        "vehicle": lambda: measured(asked, replace(old, vehicle=dice.choice(asked.vehicles).id)),
        "all": lambda: later(old, shift),
    }
    if old.visits:
        ways["visit"] = lambda: replace(old, visits=_bent_halt(dice, old.visits, shift))
    if len(old.visits) > 1:
        ways["swap"] = lambda: measured(asked, replace(old, visits=(*old.visits[:-2], *reversed(old.visits[-2:]))))
    if old.unloads:
        moved = replace(old.unloads[0], after=old.unloads[0].after + shift // TICK)
        ways["unload"] = lambda: replace(old, unloads=_bent_halt(dice, old.unloads, shift))
        ways["after"] = lambda: measured(asked, replace(old, unloads=(moved,)))
    if old.pauses:
        ways["pause"] = lambda: replace(old, pauses=_bent_pause(dice, old.pauses, shift))
        ways["fewer"] = lambda: replace(old, pauses=old.pauses[1:])
    return ways[dice.choice(list(ways))]()


def _bent_halt(dice, halts, shift):
    at = dice.randrange(len(halts))
    name = dice.choice(["arrival", "start", "end"])
    return (*halts[:at], replace(halts[at], **{name: getattr(halts[at], name) + shift}), *halts[at + 1 :])


def _bent_pause(dice, pauses, shift):
    at = dice.randrange(len(pauses))
    begins, ends = pauses[at]
    changed = dice.choice([(begins + shift, ends + shift), (begins + shift, ends), (begins, ends + shift)])
    return (*pauses[:at], changed, *pauses[at + 1 :])


def later(old, shift):
    """The same route, all of it later."""
    return replace(
        old,
        departure=old.departure + shift,
        finish=old.finish + shift,
        visits=tuple(_moved(halt, shift) for halt in old.visits),
        unloads=tuple(_moved(halt, shift) for halt in old.unloads),
        pauses=tuple((begins + shift, ends + shift) for begins, ends in old.pauses),
    )


def _moved(halt, shift):
    return replace(halt, arrival=halt.arrival + shift, start=halt.start + shift, end=halt.end + shift)


def measured(asked, route):
    """The route with its figures said anew; as it is where they cannot be."""
    way = ticks.way_of(asked, route)
    if way is None:
        return route
    return ticks.measured(way, route.visits, route.unloads, route.departure, route.finish, route.pauses)


def priced(asked, solution):
    """The plan with its cost said anew."""
    return replace(solution, cost=ticks.cost(asked, solution))


def tell(sentence):
    """Print what pytest shows when a test fails, or with -s."""
    print(sentence)  # noqa: T201 - seeds and figures are for whoever runs the test
