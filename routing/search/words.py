"""A problem in PyVRP's words, and its routes in ours.

Told exactly: loads, windows (a call is one client per window, at most one of them visited), prizes, access and locks to
vehicles, set-up, release, unloading trips with their own seconds and hours, profiles, moving costs, first and last places,
clean and dirty goods, shipments between calls without goods of their own. Told roughly: pauses (as a shorter day, or as
longer calls) and overtime (by length of day instead of hour). Not told: apart, places in the middle, balance. Repair sees
to those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from routing.insertion import Sequences
from routing.problem import Call, Centre, Problem, Route, Solution, Vehicle, Window
from routing.schedule import dearest_day, longest_unbroken
from routing.search.able import answerable
from routing.search.arcs import PER_CENT, Matrix, Nodes, costs, durations

if TYPE_CHECKING:
    import pyvrp

Step = tuple[str, int]
"""What a route does next, as PyVRP names it without its prefix: ("CLIENT" | "DEPOT" | "PICKUP" | "DELIVERY", index)."""

Path = tuple[int, tuple[Step, ...]]
"""One route in PyVRP's words, small and hashable: index of the vehicle type, then its steps."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Vehicles the search cannot tell apart."""

    vehicle: Vehicle
    banned: frozenset[str]
    moved: tuple[int, ...]


class Translation:
    """One problem in PyVRP's words.

    Parameters
    ----------
    must
        Whether calls without a prize have to be answered; otherwise they get one that outweighs any day.
    able
        The vehicles that can answer each call (`answerable`), where they are known.
    sharing
        Calls that share a pause, each lasting longer for it: about as many as a route has. 0 for a day shorter by its pauses.
    """

    def __init__(
        self, problem: Problem, must: bool = False, able: Mapping[str, Sequence[int]] | None = None, sharing: float = 0
    ) -> None:
        self.problem, self.must, self.sharing = problem, must, sharing
        self.able = answerable(problem) if able is None else able
        self.shipments = [shipment for shipment in problem.shipments if shipment.taken in self.able]
        shipped = {end for shipment in self.shipments for end in (shipment.taken, shipment.left)}
        self.clients = [
            (call, window)
            for call in problem.calls
            if call.id in self.able and call.id not in shipped
            for window in self._open(call)
        ]
        self.centres = sorted(
            {
                (centre, window)
                for vehicle in problem.vehicles
                if vehicle.unloads
                for centre in vehicle.centres
                for window in centre.windows
            },
            key=lambda pair: (pair[0].place, pair[0].seconds, pair[1]),
        )
        self.doors = sorted({place for vehicle in problem.vehicles for place in (vehicle.start, vehicle.end)})
        self.kinds = self._kinds()

    def __len__(self) -> int:
        """Give the number of stops to plan."""
        return len(self.clients) + 2 * len(self.shipments)

    @cached_property
    def data(self) -> "pyvrp.ProblemData":
        """The problem, written down for PyVRP."""
        import pyvrp

        nodes = self._nodes
        matrices, profiles = self._profiles(nodes)
        return pyvrp.ProblemData(
            locations=[pyvrp.Location(0, 0) for _ in nodes.places],
            clients=self._clients(),
            depots=self._depots(),
            vehicle_types=[self._type(kind, profile) for kind, profile in zip(self.kinds, profiles, strict=True)],
            distance_matrices=[distances for distances, _ in matrices],
            duration_matrices=[seconds for _, seconds in matrices],
            groups=[pyvrp.ClientGroup(members, required=self._required(call)) for call, members in self._groups.items()],
            shipments=self._shipments(),
        )

    def sequences(self, paths: Sequence[Path]) -> Sequences:
        """Read routes as call ids by vehicle, unloadings in between."""
        free = [list(ids) for ids in self.kinds.values()]
        found: dict[str, list[str | Centre]] = {}
        for number, steps in paths:
            if free[number]:
                found[free[number].pop(0)] = self.stops(steps)
        return found

    def stops(self, steps: Sequence[Step]) -> list[str | Centre]:
        """Read the steps of one route, without unloading where it ends anyway."""
        stops = [self._stop(step) for step in steps]
        while stops and isinstance(stops[-1], Centre):
            stops.pop()
        return stops

    def paths(self, solution: Solution) -> list[Path]:
        """Write a plan as routes, without what the search cannot know."""
        number = {vehicle: index for index, ids in enumerate(self.kinds.values()) for vehicle in ids}
        return [(number[route.vehicle], steps) for route in solution.routes if (steps := self._steps(route))]

    def _open(self, call: Call) -> list[Window]:
        """Give the windows in which a vehicle is out and the goods are there."""
        begins = min((vehicle.shift[0] for vehicle in self.problem.vehicles), default=0)
        ends = max((vehicle.latest for vehicle in self.problem.vehicles), default=0)
        return [window for window in call.windows if window[1] >= max(begins, call.release) and window[0] <= ends]

    def _kinds(self) -> dict[Kind, list[str]]:
        """Give the vehicles of each kind by id, those of one kind in the problem's order."""
        found: dict[Kind, list[str]] = {}
        able = {call: frozenset(vehicles) for call, vehicles in self.able.items()}
        for index, vehicle in enumerate(self.problem.vehicles):
            banned = frozenset(call for call, vehicles in able.items() if index not in vehicles) | self._foreign(vehicle)
            moved = tuple(call.moving_cost if call.usual not in (None, vehicle.id) else 0 for call, _ in self.clients)
            found.setdefault(Kind(replace(vehicle, id=""), banned, moved), []).append(vehicle.id)
        return found

    def _foreign(self, vehicle: Vehicle) -> frozenset[str]:
        """Give the calls whose goods are not aboard of a vehicle under way that cannot load anew."""
        if vehicle.under_way is None or vehicle.unloads:
            return frozenset()
        return frozenset(call.id for call in self.problem.calls if call.delivers and call.id not in vehicle.under_way.carries)

    @cached_property
    def _nodes(self) -> Nodes:
        ends = [self.problem.call[end] for shipment in self.shipments for end in (shipment.taken, shipment.left)]
        depots = [*self.doors, *(centre.place for centre, _ in self.centres)]
        return Nodes(depots, [*(call for call, _ in self.clients), *ends])

    @cached_property
    def _groups(self) -> dict[str, list[int]]:
        """The clients of each call that has several windows."""
        members: dict[str, list[int]] = {}
        for client, (call, _) in enumerate(self.clients):
            members.setdefault(call.id, []).append(client)
        return {call: clients for call, clients in members.items() if len(clients) > 1}

    def _share(self, vehicle: Vehicle) -> int:
        """Give the seconds that a call lasts longer by its share of a vehicle's pauses."""
        return round(_pause(vehicle) / self.sharing) if self.sharing else 0

    def _longest(self, vehicle: Vehicle) -> int:
        return longest_unbroken(vehicle) + (_pause(vehicle) if self.sharing else 0)

    def rest(self, path: Path) -> int:
        """Give what the shares of the pauses add to the cost of a route."""
        number, steps = path
        seconds = self._share(self.kind(number).vehicle) * sum(kind != "DEPOT" for kind, _ in steps)
        return seconds * self.data.vehicle_type(number).unit_duration_cost

    def _required(self, call: str) -> bool:
        return self.must and self.problem.call[call].prize is None

    @cached_property
    def _top(self) -> int:
        return dearest_day(self.problem)

    def _prize(self, call: Call) -> int:
        return (self._top if call.prize is None else call.prize) * PER_CENT

    def _clients(self) -> "list[pyvrp.Client]":
        import pyvrp

        group = {client: number for number, members in enumerate(self._groups.values()) for client in members}
        return [
            pyvrp.Client(
                location=len(self._nodes.depots) + client,
                delivery=list(call.deliver),
                pickup=list(call.collect),
                service_duration=call.service,
                # set-up is driven (`arcs.durations`), so the window is that of the service after it
                tw_early=opens + call.setup,
                tw_late=closes + call.setup,
                release_time=call.release,
                prize=self._prize(call),
                required=self._required(call.id) and client not in group,
                group=group.get(client),
            )
            for client, (call, (opens, closes)) in enumerate(self.clients)
        ]

    def _depots(self) -> "list[pyvrp.Depot]":
        import pyvrp

        doors = [pyvrp.Depot(row) for row in range(len(self.doors))]
        centres = [
            pyvrp.Depot(row, opens, closes, centre.seconds)
            for row, (centre, (opens, closes)) in enumerate(self.centres, len(self.doors))
        ]
        return [*doors, *centres]

    def _shipments(self) -> "list[pyvrp.Shipment]":
        import pyvrp

        first = len(self._nodes.depots) + len(self.clients)
        found = []
        for number, shipment in enumerate(self.shipments):
            taken, left = self.problem.call[shipment.taken], self.problem.call[shipment.left]
            pickup, delivery = (first + 2 * number + end for end in (0, 1))
            found.append(
                pyvrp.Shipment(
                    pickup,
                    delivery,
                    *_hull(taken),
                    *_hull(left),
                    amount=list(shipment.load),
                    prize=self._prize(taken) + self._prize(left),
                    required=self._required(taken.id) or self._required(left.id),
                )
            )
        return found

    def _profiles(self, nodes: Nodes) -> tuple[list[tuple[Matrix, Matrix]], list[int]]:
        """Give pairs of distances and durations, each once, and which one each kind drives by."""
        seconds: dict[tuple[int, int], Matrix] = {}
        known: dict[tuple[int, int, bytes], int] = {}
        matrices: list[tuple[Matrix, Matrix]] = []
        numbers = []
        for kind in self.kinds:
            pace = (kind.vehicle.profile, self._share(kind.vehicle))
            ends = [0] * (2 * len(self.shipments))
            priced = costs(self.problem, nodes, kind.vehicle, kind.banned, [*kind.moved, *ends])
            key = (*pace, priced.tobytes())
            if key not in known:
                known[key] = len(matrices)
                seconds.setdefault(pace, durations(self.problem, nodes, *pace))
                matrices.append((priced, seconds[pace]))
            numbers.append(known[key])
        return matrices, numbers

    def _type(self, kind: Kind, profile: int) -> "pyvrp.VehicleType":
        import pyvrp

        vehicle, reloads = kind.vehicle, self.reloads(kind.vehicle)
        usual = self._longest(replace(vehicle, overtime=0))
        return pyvrp.VehicleType(
            num_available=len(self.kinds[kind]),
            capacity=list(vehicle.capacity),
            start_depot=self.doors.index(vehicle.start),
            end_depot=self.doors.index(vehicle.end),
            # who is under way has gone out already
            fixed_cost=0 if vehicle.under_way else vehicle.fixed_cost * PER_CENT,
            tw_early=vehicle.shift[0],
            tw_late=max(vehicle.shift[0], vehicle.latest),
            shift_duration=usual,
            max_overtime=max(0, self._longest(vehicle) - usual),
            unit_overtime_cost=round(vehicle.cost_per_overtime_hour * PER_CENT / 3600),
            unit_distance_cost=1,
            unit_duration_cost=round(vehicle.cost_per_hour * PER_CENT / 3600),
            profile=profile,
            initial_load=list(vehicle.under_way.aboard) if vehicle.under_way else [],
            reload_depots=reloads,
            max_reloads=vehicle.unloads if reloads else 0,
        )

    def reloads(self, vehicle: Vehicle) -> list[int]:
        """Give the depots at which it may unload on its way."""
        return [
            depot
            for depot, (centre, _) in enumerate(self.centres, len(self.doors))
            if vehicle.unloads and centre in vehicle.centres
        ]

    def centre(self, depot: int) -> Centre:
        """Give what a depot is that is no door."""
        return self.centres[depot - len(self.doors)][0]

    def kind(self, number: int) -> Kind:
        """Give a kind of vehicles by its number."""
        return list(self.kinds)[number]

    def _stop(self, step: Step) -> str | Centre:
        kind, index = step
        if kind == "CLIENT":
            return self.clients[index][0].id
        if kind == "DEPOT":
            return self.centre(index)
        return self.shipments[index].taken if kind == "PICKUP" else self.shipments[index].left

    def _steps(self, route: Route) -> tuple[Step, ...]:
        """Write one timed route: each call in the window it is answered in."""
        halts: list[tuple[int, int, Step | None]] = [
            (number, 1, self._visit(visit.call, visit.start)) for number, visit in enumerate(route.visits)
        ]
        halts += [(unload.after, 0, self._unload(unload.place, unload.start)) for unload in route.unloads]
        return tuple(step for _, _, step in sorted(halts, key=lambda halt: halt[:2]) if step is not None)

    def _visit(self, call: str, start: int) -> Step | None:
        return self._ends.get(call) or next(
            (("CLIENT", client) for client, (opens, closes) in self._rows.get(call, ()) if opens <= start <= closes), None
        )

    def _unload(self, place: int, start: int) -> Step | None:
        fitting = (
            ("DEPOT", depot)
            for depot, (centre, (opens, closes)) in enumerate(self.centres, len(self.doors))
            if centre.place == place and opens <= start <= closes
        )
        return next(fitting, None)

    @cached_property
    def _rows(self) -> dict[str, list[tuple[int, Window]]]:
        """The clients of each call with their windows."""
        found: dict[str, list[tuple[int, Window]]] = {}
        for client, (call, window) in enumerate(self.clients):
            found.setdefault(call.id, []).append((client, window))
        return found

    @cached_property
    def _ends(self) -> dict[str, Step]:
        """The steps of the calls that shipments join."""
        found: dict[str, Step] = {}
        for number, shipment in enumerate(self.shipments):
            found[shipment.taken], found[shipment.left] = ("PICKUP", number), ("DELIVERY", number)
        return found


def _pause(vehicle: Vehicle) -> int:
    """Give the pauses of a vehicle's longest day in seconds."""
    span = max(0, vehicle.latest - vehicle.shift[0])
    return 0 if vehicle.rests.without_pauses(span) else span - longest_unbroken(vehicle)


def _hull(call: Call) -> tuple[int, int, int]:
    """Give a call's first opening, last closing and service, set-up driven already."""
    opens, closes = (call.windows[0][0], call.windows[-1][1]) if call.windows else (0, 0)
    return opens + call.setup, closes + call.setup, call.service
