"""A peer's engine in a process of its own: `python -m routing.bench.peer`, told which one, then one question.

Its clock begins when the engine is loaded and the question is there; what it takes to write the problem down counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from math import gcd
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from routing.bench.questions import READY, Question, Trouble
from routing.bench.vroom_words import vroom
from routing.search.process import talk
from routing.search.words import Path, Translation

if TYPE_CHECKING:
    import pyvrp

Say = Callable[[object], None]


def pyvrp_alone(question: Question, say: Say) -> None:
    """Let PyVRP search as it comes, with its own parameters."""
    import pyvrp
    import pyvrp.stop

    until = monotonic() + question.seconds
    words = Translation(question.problem, question.must)
    data = shrunk(words.data)
    stop = pyvrp.stop.MaxRuntime(max(0.0, until - monotonic()))
    best = pyvrp.solve(data, stop, question.seed, collect_stats=False, display=False).best
    say(words.sequences([_path(route) for route in best.routes()]))


def _path(route: "pyvrp.Route") -> Path:
    return route.vehicle_type(), tuple((step.type.name, step.idx) for step in list(route)[1:-1])


_PRICES = ("fixed_cost", "unit_duration_cost", "unit_overtime_cost")


def shrunk(data: "pyvrp.ProblemData") -> "pyvrp.ProblemData":
    """Divide all costs by what they have in common: PyVRP's penalties are made for costs of a file's own size."""
    matrices: list[Any] = data.distance_matrices()
    prices = [getattr(kind, name) for kind in data.vehicle_types() for name in _PRICES]
    prices += [client.prize for client in data.clients()] + [shipment.prize for shipment in data.shipments()]
    common = gcd(*(int(np.gcd.reduce(matrix, axis=None)) for matrix in matrices), *prices)
    if common <= 1 or data.shipments():
        return data
    return data.replace(
        clients=[_cheaper(client, common) for client in data.clients()],
        vehicle_types=[_cheaper_kind(kind, common) for kind in data.vehicle_types()],
        distance_matrices=[matrix // common for matrix in matrices],
    )


def _cheaper_kind(kind: "pyvrp.VehicleType", common: int) -> "pyvrp.VehicleType":
    return kind.replace(**{name: getattr(kind, name) // common for name in _PRICES})


def _cheaper(client: "pyvrp.Client", common: int) -> "pyvrp.Client":
    import pyvrp

    return pyvrp.Client(
        location=client.location,
        delivery=client.delivery,
        pickup=client.pickup,
        service_duration=client.service_duration,
        tw_early=client.tw_early,
        tw_late=client.tw_late,
        release_time=client.release_time,
        prize=client.prize // common,
        required=client.required,
        group=client.group,
    )


def guided(question: Question, say: Say) -> None:
    """Let OR-Tools search by guided local search, without a plan to start from."""
    from routing.bench.cold import cold

    cold(question, say, iterated=False)


def iterated(question: Question, say: Say) -> None:
    """Let OR-Tools search by iterated local search, without a plan to start from."""
    from routing.bench.cold import cold

    cold(question, say, iterated=True)


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine, and the module that is loaded before its clock begins."""

    module: str
    search: Callable[[Question, Say], None]


ENGINES = {
    "pyvrp": Engine("pyvrp.search", pyvrp_alone),
    "gls": Engine("routing.bench.cold", guided),
    "ils": Engine("routing.bench.cold", iterated),
    "vroom": Engine("vroom", vroom),
}


def main() -> None:
    """Load an engine, answer one question."""
    messages, say = talk()
    engine = ENGINES[next(messages)]
    try:
        import_module(engine.module)
        say(READY)
        engine.search(next(messages), say)
    except Exception as error:
        # whatever a peer does is a line of the table, not our end
        say(Trouble(f"{type(error).__name__}: {error}"))


if __name__ == "__main__":
    main()
