"""Eases a day in one respect after the other, and asks where a call that is left out would go then."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import itemgetter

from routing.explain.eased import LATER, endless, longest_day, tireless, without
from routing.explain.spots import Spot, Spots
from routing.explain.wishes import widened, wishes
from routing.problem import ALWAYS, HOUR, MINUTE, NO_RESTS, Call, Problem, Route, Solution, Vehicle, Window
from routing.schedule import along, drive
from routing.schedule.goods import loads as loads_of
from routing.search import sequences_of

CANDIDATES = 16
"""Spots in which a longer opening is tried."""

SOME = 3
"""Vehicles that are compared for who lacks least."""

Values = dict[str, int | str]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a call is left out; values are in seconds, metres, cents and load units."""

    code: str
    values: Values = field(default_factory=dict)


class Worlds:
    """The day as it is, and eased in one respect for all calls left out; each is made when it is first asked for."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.routes = sequences_of(problem, solution)
        self.left = frozenset(solution.left_out)
        self.free = replace(problem, shipments=()) if problem.shipments else problem
        self.alone: dict[tuple[Vehicle, Call], bool] = {}
        self.made: dict[object, Spots] = {}

    def together(self, call: str) -> tuple[Call, ...]:
        """Give a call with the other end of its shipment."""
        shipment = self.problem.shipment.get(call)
        names = (call,) if shipment is None else (shipment.taken, shipment.left)
        return tuple(self.problem.call[name] for name in names)

    def as_it_is(self) -> Spots:
        """Give the day as it is."""
        return self._made("as it is", lambda: self.problem)

    def calls(self, name: object, ease: Callable[[Call], Call]) -> Spots:
        """Give the day with the calls left out eased."""
        return self._made(
            name,
            lambda: replace(
                self.problem, calls=tuple(ease(call) if call.id in self.left else call for call in self.problem.calls)
            ),
        )

    def vehicles(self, name: object, ease: Callable[[Vehicle], Vehicle]) -> Spots:
        """Give the day with all vehicles eased."""
        return self._made(name, lambda: replace(self.problem, vehicles=tuple(ease(van) for van in self.problem.vehicles)))

    def together_at_last(self) -> Spots:
        """Give the day on which anything may ride with anything."""
        return self._made("apart", lambda: replace(self.problem, apart=()))

    def could(self, vehicle: Vehicle, call: Call) -> bool:
        """Say whether a vehicle could drive to a call and back, and do nothing else; asked once for vehicles alike."""
        key = replace(vehicle, id=""), call
        if key not in self.alone:
            self.alone[key] = isinstance(drive(self.free, vehicle, [call]), Route)
        return self.alone[key]

    def _made(self, name: object, make: Callable[[], Problem]) -> Spots:
        if name not in self.made:
            eased = make()
            # the roads are the same: turned into lists once, and not for each world
            eased.__dict__["profiles"] = self.problem.profiles
            self.made[name] = Spots(eased, self.routes)
        return self.made[name]


class Question:
    """One call, or the two of a shipment: first alone in an empty fleet, then among the routes as they are."""

    def __init__(self, worlds: Worlds, item: tuple[Call, ...]) -> None:
        self.worlds, self.problem, self.item = worlds, worlds.problem, item
        self.call = item[0]
        # what a vehicle has done so far is no reason that nobody could ever come
        self.fleet: Sequence[Vehicle] = [replace(vehicle, under_way=None) for vehicle in self.problem.vehicles]

    def reason(self) -> Reason:
        """Ask one rule after the other; the first that forbids it is the reason."""
        for rule in (self._vehicle, self._closed, self._locked_away):
            found = rule()
            if found:
                return found
        return self._unable() or self._among()

    def _unable(self) -> Reason | None:
        """Ask what keeps every vehicle that may answer it away, the lock where others could."""
        found = self._alone_by_any()
        if found is None or all(call.vehicles is None for call in self.item):
            return found
        anybody = Question(self.worlds, tuple(replace(call, vehicles=None) for call in self.item))
        return anybody._alone_by_any() or self._lock() or Reason("lock_unable", {"locked": _locked(self.item)})

    def _alone_by_any(self) -> Reason | None:
        """Narrow the fleet down to the vehicles that could come, had they nothing else to do."""
        for call in self.item:
            self.call = call
            for rule in (self._heavy, self._access, self._far, self._missed):
                found = rule()
                if found:
                    return found
        return None

    def _among(self) -> Reason:
        """Ask what would let it into the routes as they are."""
        rules = (self._fits, self._lock, self._apart, self._position, self._release, self._clean_and_dirty)
        for rule in (*rules, self._fewer, self._wider, self._full, self._access_busy, self._overtime, self._rest):
            found = rule()
            if found:
                return found
        return Reason("no_time", {"hours": LATER})

    # alone, narrowing the vehicles down to those that could come

    def _vehicle(self) -> Reason | None:
        return None if self.fleet else Reason("no_vehicle")

    def _closed(self) -> Reason | None:
        return None if all(call.windows for call in self.item) else Reason("closed_all_day")

    def _locked_away(self) -> Reason | None:
        allowed = [van for van in self.fleet if all(call.vehicles is None or van.id in call.vehicles for call in self.item)]
        if allowed:
            self.fleet = allowed
            return None
        return Reason("locked_away", {"locked": _locked(self.item)})

    def _heavy(self) -> Reason | None:
        needs = [max(pair) for pair in zip(self.call.deliver, self.call.collect, strict=True)]
        fitting = [v for v in self.fleet if all(need <= room for need, room in zip(needs, v.capacity, strict=True))]
        if fitting:
            self.fleet = fitting
            return None
        most = [max(v.capacity[dimension] for v in self.fleet) for dimension in range(len(needs))]
        over = [dimension for dimension, need in enumerate(needs) if need > most[dimension]]
        if not over:  # each load alone has a vehicle, all together none: name the one the first vehicle lacks
            most = list(self.fleet[0].capacity)
            over = [dimension for dimension, need in enumerate(needs) if need > most[dimension]]
        at = over[0]
        return Reason(
            "too_heavy_for_any_vehicle", {"dimension": self.problem.dimensions[at], "needed": needs[at], "most": most[at]}
        )

    def _access(self) -> Reason | None:
        allowed = [vehicle for vehicle in self.fleet if self.call.tags <= vehicle.tags]
        if not allowed:
            lacking = min((sorted(self.call.tags - vehicle.tags) for vehicle in self.fleet), key=len)
            return Reason("access", {"tag": ", ".join(lacking)})
        self.fleet = allowed
        return None

    def _alone(self, call: Call) -> list[Vehicle]:
        """List the vehicles that could drive there and back."""
        call = replace(call, position=None)
        return [vehicle for vehicle in self.fleet if self.worlds.could(vehicle, call)]

    def _far(self) -> Reason | None:
        opened = replace(self.call, windows=ALWAYS, release=0)
        reaching = self._alone(opened)
        if reaching:
            self.fleet = reaching
            return None
        return min((self._far_for(van, opened) for van in self.fleet), key=itemgetter(0))[1]

    def _far_for(self, van: Vehicle, opened: Call) -> tuple[int, Reason]:
        """Say why it is too far for one vehicle, and by how many seconds."""
        way = sum(along(van, [opened], self.problem.ways(van).seconds_rows))
        longest, limit = longest_day(van), van.rests.driving_day
        alone = way + opened.service + opened.setup
        if alone <= longest and limit is not None and way > limit:
            return way - limit, Reason("too_long_a_drive", {"minutes": way, "longest": limit})
        route = drive(self.worlds.free, endless(van), [opened])
        if not isinstance(route, Route) and alone <= longest:  # a service, or a way, that no pause may cut
            return 0, Reason("rest", {"vehicle": van.id, "minutes": alone})
        span = route.finish - route.departure if isinstance(route, Route) else alone
        return span - longest, Reason("too_far", {"minutes": span, "longest": longest})

    def _missed(self) -> Reason | None:
        timely = self._alone(replace(self.call, release=0))
        if timely:
            self.fleet = timely
            return None
        if len(self.item) == 1:
            wider = self._wider()
            if wider is not None:
                return Reason("closed_before", wider.values) if wider.code == "open_longer" else wider
        ways = [along(van, [self.call], self.problem.ways(van).seconds_rows) for van in self.fleet]
        earliest = min(van.shift[0] + way[0] for van, way in zip(self.fleet, ways, strict=True))
        latest = max(
            van.latest - way[1] - self.call.service - self.call.setup for van, way in zip(self.fleet, ways, strict=True)
        )
        return self._window(earliest, latest)

    # among the routes as they are

    def _fits(self) -> Reason | None:
        spot = self.worlds.as_it_is().cheapest(self.item)
        if spot is None:
            return None
        prize = sum(call.prize or 0 for call in self.item)
        if any(call.prize is None for call in self.item) or spot.cents < prize:
            return _reason("search_longer", spot)
        return _reason("not_worth", spot, km=spot.metres, cost=spot.cents, prize=prize)

    def _lock(self) -> Reason | None:
        if all(call.vehicles is None for call in self.item):
            return None
        spot = self._eased("lock", lambda call: replace(call, vehicles=None))
        return _reason("lock", spot, locked=_locked(self.item)) if spot else None

    def _apart(self) -> Reason | None:
        if not any(call.id in group for call in self.item for group in self.problem.apart):
            return None
        spot = self.worlds.together_at_last().cheapest(self.item)
        return _reason("apart", spot) if spot else None

    def _position(self) -> Reason | None:
        if all(call.position is None for call in self.item):
            return None
        spot = self._eased("position", lambda call: replace(call, position=None))
        return _reason("position", spot) if spot else None

    def _release(self) -> Reason | None:
        last = max(call.release for call in self.item)
        spot = self._eased("release", lambda call: replace(call, release=0)) if last else None
        if spot is None:
            return None
        return _reason("release", spot, ready=last, by=self._latest_release(spot, last))

    def _latest_release(self, spot: Spot, last: int) -> int:
        """Find by halves, to the minute, the latest hour at which its goods could be ready and it still went there."""
        world = self.worlds.calls("release", lambda call: replace(call, release=0))
        names = {call.id for call in self.item}
        # as planned the trip leaves when it does; it may be able to wait
        fits, late = min(last, _leaves(self.problem, spot, self.call.id)) // MINUTE, last // MINUTE
        while late - fits > 1:
            middle = (fits + late) // 2
            stops = [
                replace(stop, release=middle * MINUTE) if isinstance(stop, Call) and stop.id in names else stop
                for stop in spot.stops
            ]
            item = [replace(call, release=middle * MINUTE) for call in self.item]
            fits, late = (middle, late) if world.timed(spot.vehicle, item, stops) else (fits, middle)
        return fits * MINUTE

    def _clean_and_dirty(self) -> Reason | None:
        if all(vehicle.mixed for vehicle in self.fleet):
            return None
        spot = self.worlds.vehicles("mixed", lambda vehicle: replace(vehicle, mixed=True)).cheapest(self.item)
        return Reason("clean_and_dirty") if spot else None

    def _fewer(self) -> Reason | None:
        """Find the dimension in which it alone is too much, and by how much at least."""
        for dimension, name in enumerate(self.problem.dimensions):
            world = self._lighter(dimension)
            spots = islice(world.all(self._item(world)), SOME)
            over = [(excess, spot) for spot in spots if (excess := self._excess(spot, dimension))]
            if over:
                missing, spot = min(over, key=lambda entry: (entry[0], entry[1].parts))
                return _reason("fewer", spot, dimension=name, missing=missing)
        return None

    def _excess(self, spot: Spot, dimension: int) -> int:
        """Give how much there is too much in this dimension where it would go."""
        stops = [self.problem.call[stop.id] if isinstance(stop, Call) else stop for stop in spot.stops]
        loads = loads_of(self.problem, self.problem.vehicle[spot.vehicle.id], stops, dimension)
        return max(0, max(load for _, load in loads) - spot.vehicle.capacity[dimension])

    def _full(self) -> Reason | None:
        """Say what is missing where more than one dimension is too full."""
        world = self._lighter(None)
        spot = world.cheapest(self._item(world)) if len(self.problem.dimensions) > 1 else None
        if spot is None:
            return None
        missing, dimension = max(
            (self._excess(spot, dimension), dimension) for dimension in range(len(self.problem.dimensions))
        )
        return Reason("full", {"dimension": self.problem.dimensions[dimension], "missing": max(1, missing)})

    def _lighter(self, dimension: int | None) -> Spots:
        """Give the day on which what is left out takes no room in a dimension, or in none."""
        return self.worlds.calls(("lighter", dimension), lambda call: without(call, dimension))

    def _wider(self) -> Reason | None:
        """Find the smallest extension of its opening hours that lets it in."""
        if len(self.item) > 1:
            return None
        world = self.worlds.calls("always open", lambda call: replace(call, windows=ALWAYS))
        asked = sorted(
            (wish for vehicle in world.problem.vehicles for wish in wishes(world, vehicle, self.call)),
            key=lambda wish: wish[:2],
        )
        for _, _, window, vehicle, column in asked[:CANDIDATES]:
            wider = replace(self.call, windows=widened(self.call.windows, window))
            spot = world.timed(vehicle, [wider], world.at(vehicle, [wider], column, 0))
            if spot is not None:
                return self._opened(spot, window)
        starts = [spot.start(self.call.id) for spot in world.all(self._item(world))]
        return self._window(min(starts), max(starts)) if starts else None

    def _opened(self, spot: Spot, window: Window) -> Reason:
        hours = _hours(self.call.windows)
        if any(closes < window[1] and opens >= window[0] for opens, closes in self.call.windows):
            return _reason("open_longer", spot, hours=hours, until=window[1])
        return _reason("open_sooner", spot, hours=hours, since=window[0])

    def _access_busy(self) -> Reason | None:
        tags = frozenset(tag for call in self.item for tag in call.tags)
        spot = self._eased("tags", lambda call: replace(call, tags=frozenset())) if tags else None
        if spot is None:
            return None
        return _reason("access_busy", spot, tag=", ".join(sorted(tags - spot.vehicle.tags)) or ", ".join(sorted(tags)))

    def _overtime(self) -> Reason | None:
        world = self.worlds.vehicles("overtime", tireless)
        least = min(islice(world.all(self._item(world)), SOME), key=self._late, default=None)
        if least is None:
            return None
        return Reason("overtime", {"vehicle": least.vehicle.id, "minutes": max(MINUTE, self._late(least))})

    def _late(self, spot: Spot) -> int:
        return spot.route.finish - self.problem.vehicle[spot.vehicle.id].latest

    def _rest(self) -> Reason | None:
        spot = self.worlds.vehicles("rest", lambda vehicle: replace(vehicle, rests=NO_RESTS)).cheapest(self.item)
        return _reason("rest", spot) if spot else None

    def _eased(self, name: str, ease: Callable[[Call], Call]) -> Spot | None:
        world = self.worlds.calls(name, ease)
        return world.cheapest(self._item(world))

    def _item(self, world: Spots) -> tuple[Call, ...]:
        """Give the calls as they are in another world."""
        return tuple(world.problem.call[call.id] for call in self.item)

    def _window(self, earliest: int, latest: int) -> Reason:
        return Reason(
            "window_missed", {"hours": _hours(self.call.windows), "earliest": earliest, "latest": max(earliest, latest)}
        )


def _reason(code: str, spot: Spot, **values: int | str) -> Reason:
    """Write a reason down with the vehicle that could come, and how much longer its route would be."""
    return Reason(code, {"vehicle": spot.vehicle.id, "minutes": spot.seconds, **values})


def _locked(item: Iterable[Call]) -> str:
    return ", ".join(sorted({name for call in item for name in call.vehicles or ()}))


def _hours(windows: Sequence[Window]) -> str:
    return ", ".join("–".join(f"{at // HOUR:02}:{at % HOUR // MINUTE:02}" for at in window) for window in windows)


def _leaves(problem: Problem, spot: Spot, call: str) -> int:
    """Give when the trip that answers a call leaves its centre."""
    route = spot.route
    index = route.calls.index(call)
    before = [unload for unload in route.unloads if unload.after <= index]
    if not before:
        return route.departure
    after = route.visits[before[-1].after]
    way = problem.ways(spot.vehicle).seconds_rows[before[-1].place][problem.call[after.call].place]
    return after.arrival - way
