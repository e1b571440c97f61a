"""The bench asks all planners alike, judges them by the checker, and makes a line of whatever a peer does."""

import subprocess
import sys
from dataclasses import replace
from queue import Empty

import numpy as np
import pytest

from routing.bench import asking
from routing.bench.drawn import capacitated, windowed
from routing.bench.entries import entry
from routing.bench.judging import Verdict, judge, judge_sequences
from routing.bench.measuring import Plan
from routing.bench.peer import pyvrp_alone, shrunk
from routing.bench.public import files, known
from routing.bench.questions import Question, Trouble
from routing.bench.vroom_words import unknown, vroom
from routing.days import generate
from routing.instances import written
from routing.search import first
from routing.search.process import ENDED
from routing.search.words import Translation
from tests.routing import build
from tests.routing.files import SOLOMON


def two_calls(**changes):
    return build.line([build.call("a", 1, deliver=3, prize=None), build.call("b", 2, deliver=3, prize=None)], [build.vehicle()])


# --- what is measured


def test_importing_the_bench_loads_no_engine_and_needs_no_peer():
    blocked = "import sys; sys.modules['vroom'] = None; import routing.bench"
    code = f"{blocked}; print([name for name in ('ortools', 'pyvrp', 'vroom') if sys.modules.get(name)])"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_a_day_is_drawn_anew_for_each_seed_unless_its_dice_are_named():
    anew, fixed = entry("day:20x2"), entry("day:20x2:11")

    assert (anew.anew, fixed.anew) == (True, False)
    assert written(anew.draw(1).problem) == written(generate(20, 2, 1_001))
    assert written(anew.draw(2).problem) != written(anew.draw(1).problem)
    assert written(fixed.draw(1).problem) == written(fixed.draw(2).problem) == written(generate(20, 2, 11))


@pytest.mark.parametrize("name", ["day:20", "cvrp:20x3", "not-there.vrp", "day:0x2", "cvrp:3"])
def test_a_name_that_is_neither_file_nor_rule_is_refused_in_a_sentence(name):
    with pytest.raises(ValueError, match=r"expected|cannot be read"):
        entry(name).draw(1)


@pytest.mark.parametrize("rule", [capacitated, windowed])
@pytest.mark.parametrize("seed", range(1, 9))
def test_drawn_instances_can_be_planned_whole_and_are_the_same_for_a_seed(rule, seed):
    problem = rule(40, seed)

    plan = first(problem)

    assert plan.left_out == (), f"seed {seed}"
    assert written(problem) == written(rule(40, seed))
    assert written(problem) != written(rule(40, seed + 1))


def test_a_public_name_has_its_best_cost_in_units_of_the_problem(tmp_path):
    (tmp_path / "RC208.txt").write_text(SOLOMON)

    assert entry(str(tmp_path / "RC208.txt")).draw(1).known == known("RC208", 10) == 7761
    assert known("CMT5X", 1) is None
    assert known("mine", 1) is None
    assert dict(files(tmp_path, ("RC208", "PR05"))) == {"RC208": tmp_path / "RC208.txt", "PR05": None}


def test_planners_take_turns_and_who_takes_no_seed_is_asked_once():
    fixed, anew = entry("cvrp:10:1"), entry("cvrp:10")

    turns = [(name.name, seed, who) for name, _, seed, who in Plan([fixed, anew], (5.0,), (1, 2), ("pyvrp", "ortools")).turns()]

    assert turns[:5] == [
        (fixed.name, 1, "ours"), (fixed.name, 1, "pyvrp"), (fixed.name, 1, "ortools"), (fixed.name, 2, "ours"),
        (fixed.name, 2, "pyvrp"),
    ]  # fmt: skip
    assert turns[5:] == [(anew.name, seed, who) for seed in (1, 2) for who in ("ours", "pyvrp", "ortools")]


# --- judging


def test_a_plan_of_a_peer_is_timed_judged_and_priced_by_the_checker():
    verdict = judge_sequences(two_calls(), {"van": ["a", "b"]})

    assert (verdict.cost, verdict.must, verdict.routes, verdict.note) == (4_000, 0, 1, "")


def test_a_peers_illegal_plan_is_a_line_and_not_mended_where_it_knows_all_rules():
    problem = build.line([build.call("a", 1, deliver=80), build.call("b", 2, deliver=80)], [build.vehicle()])

    verdict = judge_sequences(problem, {"van": ["a", "b"]})

    assert verdict.cost is None
    assert verdict.note.startswith("illegal: vehicle van: ")


def test_where_drivers_must_rest_a_peers_plan_is_mended():
    van = build.vehicle(rests=build.Rests.once(build.HOUR, build.HOUR))
    problem = build.line([build.call("a", 1, deliver=80), build.call("b", 2, deliver=80)], [van])

    verdict = judge_sequences(problem, {"van": ["a", "b"]})

    assert verdict.cost is not None
    assert verdict.left_out == 1


def test_a_plan_that_says_another_cost_than_the_checker_is_illegal():
    problem = two_calls()
    plan = first(problem)

    assert judge(problem, plan).cost == plan.cost
    assert judge(problem, replace(plan, cost=plan.cost - 1)).note.startswith("illegal: ")


def test_only_a_plan_that_is_to_be_refilled_gets_what_it_left_out():
    van = build.vehicle(rests=build.Rests.once(8 * build.HOUR, build.HOUR))
    problem = replace(two_calls(), vehicles=(van,))

    left = [judge_sequences(problem, {"van": ["a"]}, refill).left_out for refill in (False, True)]

    assert left == [1, 0]
    assert judge_sequences(two_calls(), {"van": ["a"]}, refill=True).left_out == 1


@pytest.mark.parametrize("nothing", [None, {}, {"van": []}, {"van": [build.Centre(0)]}])
def test_no_plan_at_all_is_a_line_and_nothing_is_put_into_it(nothing):
    assert judge_sequences(two_calls(), nothing, refill=True) == Verdict(None, note="no plan")


# --- asking


class Told:
    """A peer's process that says these things and then nothing."""

    def __init__(self, *messages):
        self.messages = [*messages]

    def hear(self, timeout):
        if not self.messages:
            raise Empty
        return self.messages.pop(0)


@pytest.mark.parametrize(
    ("messages", "plan", "trouble"),
    [
        (({"van": ["a"]}, {"van": ["b"]}), {"van": ["b"]}, ""),
        ((), None, "killed 2 s over its time, without a plan"),
        ((ENDED,), None, "ended without a plan"),
        ((Trouble("ValueError: no"),), None, "ValueError: no"),
        (({"van": ["a"]}, ENDED), {"van": ["a"]}, ""),
    ],
)
def test_of_a_peer_that_fails_or_overruns_the_last_plan_counts(messages, plan, trouble):
    assert asking._hear(Told(*messages), until=0.0) == (plan, trouble)


def test_vroom_is_not_asked_what_it_does_not_know_nor_where_it_is_not_installed(monkeypatch):
    day = entry("day:20x2")

    assert unknown(day.draw(1).problem) == ["unloading on the way", "rests or longest days of ours"]
    monkeypatch.setattr(asking, "find_spec", lambda _: None)
    assert "pyvroom is not installed" in asking.ask("vroom", day.draw(1), 1.0, 1).verdict.note
    monkeypatch.setattr(asking, "find_spec", lambda _: object())
    assert "no unloading on the way" in asking.ask("vroom", day.draw(1), 1.0, 1).verdict.note


def test_the_better_of_a_peers_two_runs_is_taken(monkeypatch):
    plans = [{"van": ["b"]}, {"van": ["a", "b"]}]
    asked = []

    class Child:
        def __init__(self, *_, **__):
            self.process, self.messages = type("Started", (), {"pid": 0}), [asking.READY, plans[len(asked) % 2], ENDED]
            asked.append(self)
            self.told = []

        def say(self, message):
            self.told.append(message)

        def hear(self, _):
            return self.messages.pop(0)

        def close(self):
            self.closed = True

    monkeypatch.setattr(asking, "Process", Child)
    instance = replace(entry("cvrp:10").draw(1), problem=two_calls())

    answer = asking.ask("pyvrp", instance, 1.0, 3)

    assert (answer.verdict.must, answer.verdict.cost) == (0, 4_000)
    assert [child.told[0] for child in asked] == ["pyvrp", "pyvrp"]
    assert [child.told[1].seed for child in asked] == [5, 6]
    assert all(child.closed for child in asked)


def test_pyvrp_gets_costs_of_a_files_own_size():
    words = Translation(replace(two_calls(), metres=two_calls().metres // 1000 * 7), True).data

    data = shrunk(words)

    assert data.distance_matrix(0).tolist() == [[0, 7, 14], [7, 0, 7], [14, 7, 0]]
    assert {words.client(0).prize // data.client(0).prize} == {words.distance_matrix(0).max() // 14}
    assert np.array_equal(data.duration_matrix(0), words.duration_matrix(0))


@pytest.mark.slow
@pytest.mark.parametrize("planner", ["ours", "pyvrp", "ortools"])
@pytest.mark.parametrize("name", ["vrptw:10", "day:12x2"])
def test_every_planner_answers_a_small_problem_legally(planner, name):
    answer = asking.ask(planner, entry(name).draw(1), 1.0, 1)

    assert answer.verdict.note == ""
    assert answer.verdict.must == 0
    assert answer.seconds < 8


@pytest.mark.slow
@pytest.mark.parametrize("rule", [capacitated, windowed])
def test_vroom_is_read_back_in_our_words(rule):
    pytest.importorskip("vroom", reason="pyvroom is in the extra bench")
    problem, told = rule(12, 2), []

    vroom(Question(problem, 1.0, 1, must=True), told.append)

    assert judge_sequences(problem, told[-1]).left_out == 0


def test_pyvrp_that_has_nothing_to_plan_says_so():
    told = []

    pyvrp_alone(Question(build.line([], [build.vehicle()]), 0.05, 1, must=True), told.append)

    assert told == [{}]
