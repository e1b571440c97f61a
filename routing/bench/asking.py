"""Asks one planner, ours or a peer, in processes of its own on two cores, under a hard wall clock."""

from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib.util import find_spec
from queue import Empty
from time import monotonic

from routing.bench.judging import Verdict, judge, judge_sequences
from routing.bench.memory import Watch
from routing.bench.questions import READY, Question, Trouble
from routing.bench.rows import OURS
from routing.bench.vroom_words import unknown
from routing.child import GRACE
from routing.child import run as solve
from routing.insertion import Sequences
from routing.instances import Instance
from routing.search import first
from routing.search.process import ENDED, Process
from routing.settings import Progress, Settings

CORES = 2

LOADING = 30.0
"""Seconds in which a process must have loaded its engine; the clock begins after it."""

SLOW = 2.0
"""Seconds our own child may take to load, added to the kill of its search at T + 2 s."""

PEERS: dict[str, tuple[str, ...]] = {"pyvrp": ("pyvrp", "pyvrp"), "ortools": ("gls", "ils"), "vroom": ("vroom",)}
"""The engines that each peer runs side by side; the better plan is taken. VROOM has two threads."""

REFILLED = frozenset({"pyvrp"})
"""Peers that know no pauses: on a day with pauses their plans are repaired by our insertion, legal or not."""

ONCE = frozenset({"ortools", "vroom"})
"""Peers that take no seed: another run of the same problem says nothing new."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking one planner.

    Parameters
    ----------
    first
        Seconds until its first plan that was told of; None where it tells of the last only.
    seconds
        Wall clock from question to answer.
    memory
        Mebibytes taken at most, of all its processes; None where the system does not tell.
    """

    verdict: Verdict
    first: float | None
    seconds: float
    memory: int | None


def ask(planner: str, instance: Instance, seconds: float, seed: int) -> Answer:
    """Ask one planner for a plan in so many seconds."""
    if planner == OURS:
        return _ask_ours(instance, seconds, seed)
    refusal = _refusal(planner, instance)
    return Answer(Verdict(None, note=refusal), None, 0.0, None) if refusal else _ask_peer(planner, instance, seconds, seed)


def _refusal(planner: str, instance: Instance) -> str:
    """Say why a peer cannot be asked, if it cannot."""
    if planner != "vroom":
        return ""
    if find_spec("vroom") is None:
        return "not asked: pyvroom is not installed (pip install 'jaime-mes-bouteilles[bench]')"
    rules = unknown(instance.problem)
    return f"not asked: it knows no {', no '.join(rules)}" if rules else ""


def _ask_ours(instance: Instance, seconds: float, seed: int) -> Answer:
    """Ask our own engine."""
    times: list[float] = []

    def listen(progress: Progress) -> None:
        times.append(progress.seconds)

    settings = Settings(seconds=seconds, seed=seed, processes=CORES)
    child = Process("routing.child", leads=True)
    began = monotonic()
    with Watch([child.process.pid]).watching() as watch:
        # its clock begins when its engines are loaded, as the peers' does
        plan = solve(instance.problem, settings, listen, None, seconds + GRACE + SLOW, child)
    return Answer(judge(instance.problem, plan), times[0] if times else None, monotonic() - began, watch.mebibytes)


def _ask_peer(planner: str, instance: Instance, seconds: float, seed: int) -> Answer:
    """Ask a peer's engines side by side, each with a seed of its own, and take the better plan."""
    engines = PEERS[planner]
    seeds = [len(engines) * (seed - 1) + number + 1 for number in range(len(engines))]
    must = _must(instance)
    with ExitStack() as stack:
        children = [stack.enter_context(closing(Process("routing.bench.peer", leads=True))) for _ in engines]
        for child, engine in zip(children, engines, strict=True):
            child.say(engine)
        troubles = [trouble for child in children if (trouble := _load(child))]
        if troubles:
            return Answer(Verdict(None, note=troubles[0]), None, 0.0, None)
        began = monotonic()
        with Watch([child.process.pid for child in children]).watching() as watch:
            for child, own in zip(children, seeds, strict=True):
                child.say(Question(instance.problem, seconds, own, must))
            heard = [_hear(child, began + seconds + GRACE) for child in children]
        took = monotonic() - began
    verdicts = [_verdict(instance, plan, trouble, planner in REFILLED) for plan, trouble in heard]
    return Answer(min(verdicts, key=lambda verdict: verdict.rank), None, took, watch.mebibytes)


def _must(instance: Instance) -> bool:
    """Say whether calls without a prize can all be answered, as far as is known."""
    if instance.known is not None:
        return True
    left_out = first(instance.problem, monotonic() + 5).left_out
    return not any(instance.problem.call[call].prize is None for call in left_out)


def _load(child: Process) -> str:
    """Wait until a peer's process has loaded its engine; say what is wrong, if something is."""
    try:
        heard = child.hear(LOADING)
    except Empty:
        return f"did not load within {LOADING:g} s"
    if isinstance(heard, Trouble):
        return heard.says
    return "" if heard == READY else "ended while loading"


def _hear(child: Process, until: float) -> tuple[Sequences | None, str]:
    """Listen until the peer has answered or its time is up; give its last plan, or what went wrong."""
    plan: Sequences | None = None
    while True:
        try:
            heard = child.hear(until - monotonic())
        except Empty:
            return plan, "" if plan is not None else "killed 2 s over its time, without a plan"
        if heard is ENDED:
            return plan, "" if plan is not None else "ended without a plan"
        if isinstance(heard, Trouble):
            return plan, heard.says
        plan = heard


def _verdict(instance: Instance, plan: Sequences | None, trouble: str, refill: bool) -> Verdict:
    """Judge a peer's plan; trouble without a plan is a verdict too."""
    return Verdict(None, note=trouble) if plan is None and trouble else judge_sequences(instance.problem, plan, refill)
