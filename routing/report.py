"""What a search found, as text for a reader and as JSON for a program."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from routing.checker import Violation, violations
from routing.instances import Instance
from routing.problem import Problem, Route, Solution
from routing.settings import Progress

Trace = list[dict[str, Any]]


def traced(progress: Progress) -> dict[str, Any]:
    """Note one step of a search, without its plan."""
    return {
        "seconds": round(progress.seconds, 3),
        "cost": progress.cost,
        "routes": progress.routes,
        "left_out": progress.left_out,
        "phase": progress.phase,
    }


def found(problem: Problem, solution: Solution, seconds: float, trace: Trace) -> dict[str, Any]:
    """Give the answer as JSON holds it; `violations` is empty for a legal plan."""
    broken = violations(problem, solution)
    return {
        "cost": solution.cost,
        "legal": not broken,
        "violations": [asdict(violation) for violation in broken],
        "routes": [_route(route) for route in solution.routes],
        "left_out": list(solution.left_out),
        "seconds": round(seconds, 3),
        "trace": trace,
    }


def _route(route: Route) -> dict[str, Any]:
    """Write a route, its calls in order first."""
    return {"vehicle": route.vehicle, "calls": list(route.calls)} | {
        name: value for name, value in asdict(route).items() if name != "vehicle"
    }


def reasons(problem: Problem, solution: Solution) -> dict[str, str]:
    """Say for each call left out why, in English."""
    if not solution.left_out:
        return {}
    from routing import explain

    told = {call: explain.sentence(reason) for call, reason in explain.reasons(problem, solution).items()}
    return {call: message % values for call, (message, values) in told.items()}


def lines(instance: Instance, solution: Solution, why: Mapping[str, str]) -> Iterator[str]:
    """Write the plan for a reader."""
    problem = instance.problem
    for route in solution.routes:
        yield f"{route.vehicle}: {_stops(route)}"
        away = f"{_clock(route.departure)}-{_clock(route.finish)}"
        load = ", ".join(f"{peak} {name}" for peak, name in zip(route.peak, problem.dimensions, strict=True))
        way = f"{route.metres:,} m" if instance.metric else f"ways {_price(problem, route):,}"
        yield f"    calls: {len(route.visits)}, {way}, {away}, at most {load}{_pauses(route)}"
    for call in solution.left_out:
        yield f"left out {call}: {why.get(call, '')}"
    yield from _sums(solution, instance.scale, instance.known)
    yield from _verdict(violations(problem, solution))


def _price(problem: Problem, route: Route) -> int:
    """Give what a route's ways cost."""
    return round(route.metres * problem.vehicle[route.vehicle].cost_per_km / 1000)


def _sums(solution: Solution, scale: int, known: int | None) -> Iterator[str]:
    """Write how many routes there are and what they cost."""
    in_file = f" ({solution.cost / scale:,.3f} in the file's units)" if scale != 1 else ""
    yield f"routes: {len(solution.routes)}, calls left out: {len(solution.left_out)}"
    yield f"cost {solution.cost:,}{in_file}"
    if known:
        yield f"best known {known:,}, gap {100 * (solution.cost / known - 1):.2f} %"


def _verdict(broken: Sequence[Violation]) -> Iterator[str]:
    """Write whether the plan is legal."""
    yield "illegal" if broken else "legal"
    for violation in broken:
        yield f"    {violation.code}, vehicle {violation.vehicle}, call {violation.call}: {violation.says}"


def _stops(route: Route) -> str:
    """List the calls in order, a bar where the vehicle unloads."""
    stops = list(route.calls)
    for unload in reversed(route.unloads):
        stops.insert(unload.after, "|")
    return " ".join(stops)


def _pauses(route: Route) -> str:
    """List the pauses."""
    return "".join(f", pause {_clock(begin)}-{_clock(end)}" for begin, end in route.pauses)


def _clock(second: int) -> str:
    """Write a time of day; one past 48 h is no time of day, and stays a number."""
    return f"{second // 3600:02}:{second % 3600 // 60:02}" if second < 48 * 3600 else f"{second:,}"
