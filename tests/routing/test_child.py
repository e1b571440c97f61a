"""A search in its own process ends in time, whatever happens to it, and leaves a legal plan."""

import pickle
import signal
import subprocess
import sys
from contextlib import closing
from time import monotonic

import pytest

import routing
from routing import Settings
from routing.checker import violations
from routing.child import MODULE, Pool
from routing.search import first
from routing.search.process import ENDED, Process
from tests.routing.build import day


def test_importing_the_way_in_loads_no_engine():
    code = "import sys, routing, routing.search, routing.child, routing.explain\nprint({'ortools', 'pyvrp'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_the_child_streams_its_plans_and_gives_the_last():
    told = []

    plan = routing.run(day(8, 2), Settings(seconds=0.5), told.append)

    assert told[0].phase == "first"
    assert told[-1].solution == plan


def test_killed_at_once_it_still_gives_the_first_plan():
    problem, told = day(15, 3), []

    plan = routing.run(problem, Settings(seconds=60), told.append, hard_limit=0)

    assert plan == first(problem)
    assert [(each.phase, each.solution) for each in told] == [("first", plan)]


def test_told_to_stop_it_gives_the_last_plan_it_was_told():
    problem, told = day(15, 3), []

    plan = routing.run(problem, Settings(seconds=60), told.append, stop=lambda: bool(told))

    assert plan == told[-1].solution


def test_what_the_listener_raises_passes_on():
    def listen(step):
        raise KeyError(step.phase)

    with pytest.raises(KeyError, match="first"):
        routing.run(day(5, 1), Settings(seconds=60), listen)


def test_a_child_that_dies_costs_the_search_not_the_plan(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    problem = day(15, 3)

    assert routing.run(problem, Settings(seconds=60)) == first(problem)


def running(group):
    """Give the processes of a group that live; who was killed may have yet to die, and who is dead to be taken note of."""
    columns = "pgid=,pending=,stat=,args="
    lines = subprocess.run(["ps", "-A", "-o", columns], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in lines if line.split()[0] == str(group) and not dying(*line.split(maxsplit=3)[1:])]


def dying(pending, state, args):
    """Say whether a process is dead, has been killed, or has given its memory back already, with the words it was called by."""
    return state.startswith("Z") or bool(int(pending, 16) & 1 << signal.SIGKILL - 1) or args.startswith("[")


def test_killed_it_leaves_no_search_process_behind():
    problem, told = day(40, 3), []
    child = Process(MODULE, leads=True)

    routing.run(problem, Settings(seconds=60, processes=2), told.append, stop=lambda: len(told) > 1, child=child)

    assert running(child.process.pid) == []


def test_it_ends_with_whoever_asked_and_its_search_processes_with_it():
    child, began = Process(MODULE, leads=True), monotonic()
    try:
        child.say((day(40, 3), Settings(seconds=600, processes=2)))
        child.hear(30)
        assert running(child.process.pid)

        child.process.stdin.close()

        while running(child.process.pid):
            assert monotonic() - began < 60  # long before its search is over
    finally:
        child.close()


def test_what_it_cannot_read_ends_it_instead_of_keeping_whoever_asked_waiting():
    with closing(Process(MODULE, leads=True)) as child:
        child.process.stdin.write(b"cno_module_of_this_name\nanything\n.")
        child.process.stdin.flush()

        assert child.hear(30) is ENDED


def test_a_child_that_waits_has_its_search_processes_beside_it():
    child, began = Process(MODULE, leads=True), monotonic()
    try:
        while len(running(child.process.pid)) < 1 + Settings().cores:
            assert monotonic() - began < 30  # and not for ever, however busy the machine
    finally:
        child.close()

    assert running(child.process.pid) == []


def test_a_search_by_iterations_ends_when_told_to():
    problem, told = day(30, 3), []
    began = monotonic()

    plan = routing.run(problem, Settings(iterations=10**9, processes=2), told.append, stop=lambda: bool(told))

    assert plan == told[-1].solution
    assert monotonic() - began < 30  # and not for ever, however busy the machine


def test_a_problem_is_told_without_what_was_looked_up_in_it():
    problem = day(40, 3)
    small = len(pickle.dumps(problem))

    first(problem)

    assert len(pickle.dumps(problem)) < 1.05 * small


def test_a_pool_gives_children_that_wait_and_replaces_those_that_died():
    pool = Pool()
    try:
        dead = pool._waiting[0]
        dead.process.kill()
        dead.process.wait()

        plan = pool.run(day(8, 2), Settings(seconds=0.5))

        assert violations(day(8, 2), plan) == []
        assert pool._waiting[0] is not dead
    finally:
        pool.close()

    assert pool._waiting == []


@pytest.mark.slow
def test_a_large_day_is_answered_within_its_limit():
    problem = day(600, 20)
    began = monotonic()

    plan = routing.run(problem, Settings(seconds=3))

    assert monotonic() - began < 45  # 5 s and what a busy machine adds
    assert violations(problem, plan) == []


def test_a_plan_is_kept_when_no_other_child_can_be_started(monkeypatch, caplog):
    pool = Pool()

    def refuse(*_arguments: object, **_named: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with closing(pool):
        monkeypatch.setattr("routing.child.Process", refuse)

        plan = pool.run(day(8, 2), Settings(seconds=0.5))

    assert violations(day(8, 2), plan) == []
    assert "no search process could be started to wait" in caplog.text
