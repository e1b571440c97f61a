"""Finds the best plan of a tiny problem by trying all: shares, orders, unloadings, windows, pauses, departures.

Exact when every time in the problem
is a multiple of two ticks, because then some best plan lies on the ticks:

- Once order, windows, and which pause lies in which standing are chosen, every rule but two bounds one difference of
  two times by a multiple of two ticks. Such systems are totally unimodular: their corners are multiples of two ticks.
- "So much pause in all" and "so much work in all" sum several differences. As no problem asks for more than twice the
  shortest pause in all, two pauses always do, and with one pause the only such sum is that of the two stretches of
  work beside it: one row of two intervals more doubles a determinant at most, so corners are multiples of one tick.
- A day is priced by its length and its end alone and never gains by dawdling (`balance_per_hour` is at most
  `cost_per_hour`), so for a departure the earliest finish is best; and the price is linear between corners.
- For an earliest finish a pause begins when the standing does (or touches a pause before it): what would be waiting
  before it can be pause as well. Parts of a driving pause are the shortest pause and its double, so a pause that must
  not complete one can be cut into touching ones that do not.
"""

from itertools import permutations, product
from math import inf

from routing.problem import Call, Solution, Unload, Visit
from tests.routing.ticks import NOTHING, PARTS, TICK, Way, after_pause, cents, hours, measured, uneven


def best(problem):
    """The best plan there is: fewest calls without a prize left out, then cost; None if one under way cannot get home."""
    search = Search(problem)
    found = None
    for must, bound, sets in search.shares():
        if found is not None and (must, bound) >= found[:2]:
            break
        for timed in product(*(search.routes(van, share) for van, share in sets)):
            routes = [route for route in timed if route is not None]
            spans = [route.finish - route.departure for _, route in routes]
            parts = sum(parts for parts, _ in routes) + search.lost(sets) + uneven(problem, spans)
            if found is None or (must, parts) < found[:2]:
                found = must, parts, tuple(route for _, route in routes)
    if found is None:
        return None
    _, parts, routes = found
    answered = {call for route in routes for call in route.calls}
    left_out = tuple(call for call in problem.call if call not in answered)
    return Solution(routes, left_out, cents(parts))


class Search:
    """Every way of every vehicle through every set of calls, timed only when a share-out needs it."""

    def __init__(self, problem):
        self.problem = problem
        self.ways = {van.id: self._all_ways(van) for van in problem.vehicles}
        self.timed = {}

    def _all_ways(self, van):
        """Each van's possible ways by the set of calls, the cheapest by its bound first."""
        found = {}
        for size in range(len(self.problem.calls) + 1):
            for order in permutations(self.problem.calls, size):
                for halts in self._unloading(van, order):
                    way = Way(self.problem, van, halts)
                    if way.suits and way.cargo is not None:
                        found.setdefault(frozenset(call.id for call in order), []).append((_bound(way), len(found), way))
        return {share: sorted(ways, key=lambda item: item[0]) for share, ways in found.items()}

    def _unloading(self, van, order):
        yield order
        if van.unloads:
            for after, centre in product(range(len(order) + 1), van.centres):
                yield (*order[:after], centre, *order[after:])

    def shares(self):
        """Ways to share out the calls, the fewest without a prize left out and the lowest bound first."""
        choices = []
        for van in self.problem.vehicles:
            bounds = {share: ways[0][0] for share, ways in self.ways[van.id].items()}
            if van.under_way is None:
                bounds[frozenset()] = 0
            choices.append([(van.id, share, bound) for share, bound in bounds.items()])
        found = []
        for chosen in product(*choices):
            answered = [call for _, share, _ in chosen for call in share]
            if len(answered) == len(set(answered)):
                sets = [(van, share) for van, share, _ in chosen]
                must = sum(call.prize is None and call.id not in answered for call in self.problem.calls)
                found.append((must, sum(bound for *_, bound in chosen) + self.lost(sets), sets))
        return sorted(found, key=lambda item: item[:2])

    def lost(self, sets):
        answered = {call for _, share in sets for call in share}
        return sum((call.prize or 0) * PARTS for call in self.problem.calls if call.id not in answered)

    def routes(self, van, share):
        """Best routes (with their parts of a cent) of a van through a set: the best, or the best of each length."""
        if not share and self.problem.vehicle[van].under_way is None:
            return [None]
        if (van, share) not in self.timed:
            self.timed[van, share] = self._best_routes(self.ways[van].get(share, []))
        return self.timed[van, share]

    def _best_routes(self, ways):
        found = {}
        for bound, _, way in ways:
            if not self.problem.balance_per_hour and found and bound >= found[0][0]:
                break
            for parts, route in days(way, all_lengths=bool(self.problem.balance_per_hour)):
                key = route.finish - route.departure if self.problem.balance_per_hour else 0
                if key not in found or parts < found[key][0]:
                    found[key] = parts, route
        return list(found.values())


def _bound(way):
    return way.parts + hours(way.vehicle, sum(way.drives) + sum(way.needs), 0)


def days(way, all_lengths):
    """The best day of a way, or each departure's best day."""
    van = way.vehicle
    unrested = [
        (hours(van, finish - departure, finish), departure)
        for departure in range(van.shift[0], van.latest + 1, TICK)
        if (finish := earliest(way, departure)) is not None
    ]
    if van.rests.driving_day is not None and sum(way.drives) + (van.under_way or NOTHING).driven_today > van.rests.driving_day:
        return
    found = inf
    for bound, departure in sorted(unrested):
        if bound >= found and not all_lengths:
            break
        route = Resting(way, departure).route()
        if route is not None:
            parts = hours(van, route.finish - departure, route.finish)
            found = min(found, parts)
            yield way.parts + parts, route


def earliest(way, clock):
    """When a way is done at the earliest that leaves then and knows no pauses; None if it cannot be."""
    for halt, drive, need, ready in zip(way.halts, way.drives, way.needs, way.ready, strict=False):
        clock = max(clock, ready) + drive
        opens = [max(o, clock) for o, c in halt.windows if clock <= c]
        if not opens:
            return None
        clock = opens[0] + need
    clock = max(clock, way.ready[-1]) + way.drives[-1]
    return clock if clock <= way.vehicle.latest else None


class Resting:
    """The earliest finish from one departure, pauses tried at every halt and in every length.

    A state is the clock, the end of the last pause (or the beginning of work), the driving since the last driving
    pause, whether its first part is had, and the pauses of the day as far as they matter.
    """

    def __init__(self, way, departure):
        self.way, self.departure = way, departure
        self.van, self.rests = way.vehicle, way.vehicle.rests
        self.had = way.vehicle.under_way or NOTHING
        self.most = max((owed for _, owed in self.rests.due), default=0)

    def route(self):
        start = (
            self.departure,
            self.departure - self.had.worked,
            self.had.driven,
            False,
            min(self.most, self.had.paused_today),
        )
        states = {start: ()}
        for index, drive in enumerate(self.way.drives):
            states = self._stand(states)
            states = self._drive(states, drive, self.way.ready[index])
            if index < len(self.way.halts):
                states = self._stand(states)
                states = self._serve(states, self.way.halts[index], self.way.needs[index])
        done = sorted((state, trace) for state, trace in states.items() if self._due_kept(state))
        return self._written(*done[0]) if done else None

    def _stand(self, states):
        """Pause or not, several times in touch."""
        found, fresh, latest = dict(states), dict(states), self.van.latest
        while fresh and self._matters():
            longer = {}
            for (clock, _, driven, part, paused), trace in fresh.items():
                for ends in range(clock + self.rests.shortest, latest + 1, TICK):
                    after = after_pause(self.rests, ends - clock, driven, part) if self.rests.driving else (0, False)
                    key = (ends, ends, *after, min(self.most, paused + ends - clock))
                    if key not in found:
                        found[key] = longer[key] = (*trace, ("pause", clock, ends))
            fresh = longer
        return self._front(found)

    def _matters(self):
        return self.rests.work is not None or self.rests.due or self.rests.driving is not None

    def _drive(self, states, drive, ready):
        found = {}
        for (clock, last, driven, part, paused), trace in states.items():
            arrival = max(clock, ready) + drive
            far = self.rests.driving is not None and driven + drive > self.rests.driving
            if not far and self._rested(arrival, last):
                counted = driven + drive if self.rests.driving else 0
                found.setdefault((arrival, last, counted, part, paused), (*trace, ("arrive", arrival, 0)))
        return self._front(found)

    def _serve(self, states, halt, need):
        found = {}
        for (clock, last, *rest), trace in states.items():
            opens = [max(o, clock) for o, c in halt.windows if clock <= c]
            if opens and self._rested(opens[0] + need, last):
                found.setdefault((opens[0] + need, last, *rest), (*trace, ("serve", opens[0], opens[0] + need)))
        return self._front(found)

    def _rested(self, clock, last):
        return clock <= self.van.latest and (self.rests.work is None or clock - last <= self.rests.work)

    def _due_kept(self, state):
        clock, _, _, _, paused = state
        if paused >= self.most:
            return True
        worked = clock - self.departure - (paused - self.had.paused_today) + self.had.worked_today
        return all(worked <= most or paused >= owed for most, owed in self.rests.due)

    def _front(self, states):
        """Drop what another state with the same driving and pauses beats: no later, and no longer at work."""
        kept, latest = {}, {}
        for state in sorted(states, key=lambda state: (state[0], -state[1])):
            if state[1] > latest.get(state[2:], -inf):
                latest[state[2:]] = state[1]
                kept[state] = states[state]
        return kept

    def _written(self, state, trace):
        visits, unloads, arrivals, spans = [], [], [], []
        for what, begins, ends in trace:
            if what == "arrive":
                arrivals.append(begins)
            elif what == "serve":
                spans.append((begins, ends))
        for halt, arrival, (start, end) in zip(self.way.halts, arrivals, spans, strict=False):
            if isinstance(halt, Call):
                visits.append(Visit(halt.id, arrival, start, end))
            else:
                unloads.append(Unload(len(visits), halt.place, arrival, start, end))
        pauses = tuple((begins, ends) for what, begins, ends in trace if what == "pause")
        return measured(self.way, tuple(visits), tuple(unloads), self.departure, state[0], pauses)
