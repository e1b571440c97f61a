"""Which vehicles could answer a call at all, and which vehicles are alike.

Vehicles that differ by name only are one kind, asked once: 90 vans of four kinds cost 4 questions a call.
"""

from collections.abc import Sequence
from dataclasses import replace

from routing.problem import Call, Centre, Problem, Vehicle
from routing.schedule import fits


def kinds(problem: Problem) -> dict[Vehicle, list[int]]:
    """Give the indices of the vehicles of each kind, the vehicle without its name."""
    found: dict[Vehicle, list[int]] = {}
    for index, vehicle in enumerate(problem.vehicles):
        found.setdefault(replace(vehicle, id=""), []).append(index)
    return found


def answerable(problem: Problem) -> dict[str, list[int]]:
    """Give for each call that some vehicle could answer alone, or with its shipment's other end, the indices of those vehicles.

    A call missing here fits no route at all, as far as a detour over another call is never quicker.
    """
    alike = kinds(problem)
    able: dict[str, list[int]] = {}
    for call in problem.calls:
        if call.id in able:
            continue
        together = _together(problem, call)
        fitting = [index for indices in alike.values() for index in _fitting(problem, indices, together)]
        if fitting:
            able.update({each.id: sorted(fitting) for each in together})
    return {call.id: able[call.id] for call in problem.calls if call.id in able}


def _together(problem: Problem, call: Call) -> tuple[Call, ...]:
    """Give a call with the other end of its shipment."""
    shipment = problem.shipment.get(call.id)
    return (call,) if shipment is None else (problem.call[shipment.taken], problem.call[shipment.left])


def _fitting(problem: Problem, indices: Sequence[int], calls: Sequence[Call]) -> list[int]:
    """Give those of some vehicles alike that may and can drive to these calls and nowhere else."""
    allowed = [
        index
        for index in indices
        if all(call.vehicles is None or problem.vehicles[index].id in call.vehicles for call in calls)
    ]
    if not allowed:
        return []
    vehicle = problem.vehicles[allowed[0]]
    return allowed if any(fits(problem, vehicle, stops, growing=True) for stops in _ways_to(vehicle, calls)) else []


def _ways_to(vehicle: Vehicle, calls: Sequence[Call]) -> list[list[Call | Centre]]:
    """Give the shortest routes to these calls: straight, or for a vehicle under way after loading anew."""
    straight: list[Call | Centre] = [*calls]
    if vehicle.under_way is None or not vehicle.unloads:
        return [straight]
    anew: list[list[Call | Centre]] = [[centre, *calls] for centre in vehicle.centres]
    return [straight, *anew]
