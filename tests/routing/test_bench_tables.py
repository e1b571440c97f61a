"""The tables of the bench: gaps, wins, what went wrong, and where they go."""

import json
import sys

import pytest

import tools.bench
from routing.bench import run
from routing.bench.asking import Answer
from routing.bench.judging import Verdict
from routing.bench.rows import Row, gap_of, overall, pairs, summary
from routing.bench.table import lines, markdown
from tests.routing.files import SOLOMON
from tools.routes import bench as tables


def row(planner, cost, seed=1, instance="x", **more):
    return Row(instance, instance, 100, 15.0, seed, planner, cost, **more)


def test_gaps_are_to_the_best_known_or_to_the_best_seen_of_the_same_problem():
    rows = [row("ours", 110), row("pyvrp", 120), row("ours", 105, seed=2), row("ours", 50, instance="y")]

    assert gap_of(rows, rows[0]) == pytest.approx(100 * 5 / 105)
    assert gap_of(rows, row("ours", 110, known=100)) == pytest.approx(10)
    assert gap_of(rows, row("ours", None, known=100)) is None


def test_a_line_has_mean_spread_and_worst_gap():
    rows = [row("ours", 102, known=100), row("ours", 106, seed=2, known=100), row("pyvrp", None, note="no plan", known=100)]

    ours, pyvrp = summary(rows)

    assert (ours.mean, ours.spread, ours.worst) == (pytest.approx(4), pytest.approx(4), pytest.approx(6))
    assert (ours.runs, ours.legal, pyvrp.runs, pyvrp.legal, pyvrp.mean) == (2, 2, 1, 0, None)


def test_wins_ties_and_losses_are_by_calls_that_must_be_answered_then_cost():
    rows = [
        row("ours", 100), row("pyvrp", 100),
        row("ours", 101, seed=2), row("pyvrp", 100, seed=2),
        row("ours", 200, seed=3), row("pyvrp", 100, seed=3, must=1),
        row("ours", 200, seed=4), row("pyvrp", None, seed=4),
    ]  # fmt: skip

    pyvrp = overall(rows)[1]

    assert (pyvrp.wins, pyvrp.ties, pyvrp.losses) == (2, 1, 1)


def test_a_peer_without_seeds_is_paired_with_each_of_ours_and_one_not_asked_with_none():
    rows = [
        row("ours", 90),
        row("ours", 95, seed=2),
        row("ortools", 100),
        row("vroom", None, note="not asked: it knows no set-up"),
    ]

    assert [(mine.seed, other.cost) for mine, other in pairs(rows, "ortools", 15.0)] == [(1, 100), (2, 100)]
    assert pairs(rows, "vroom", 15.0) == []
    assert "vroom" not in {line.planner for line in summary(rows)}
    assert next(line.lower for line in summary(rows) if line.planner == "ortools") == pytest.approx(7.5)


def test_a_call_left_out_without_a_prize_is_priced_as_the_dearest_in_the_tables():
    assert row("ours", 100, must=2, dearest=40).price == 180
    assert row("ours", 100, must=2).price is None


def test_both_tables_name_planners_gaps_and_what_went_wrong():
    rows = [row("ours", 102, known=100), row("pyvrp", None, note="no plan", known=100), row("ours", 7, instance="y")]

    plain, marked = list(lines(rows)), list(markdown(rows))

    assert plain[0].split()[:3] == ["instance", "s", "planner"]
    assert any(line.startswith("x ") and "2.00" in line and "ours" in line for line in plain)
    assert any(line.startswith("y ") and "0.00*" in line for line in plain)
    assert "pyvrp: no plan (x)" in plain
    assert "- pyvrp: no plan (x)" in marked
    assert {line.count("|") for line in marked if line.startswith(("| x", "| y"))} == {14}


# --- the commands


@pytest.fixture
def answered(monkeypatch):
    """Planners that answer at once."""
    costs = {"ours": 100, "pyvrp": 110, "ortools": None, "vroom": 100}
    monkeypatch.setattr(
        "routing.bench.measuring.ask",
        lambda planner, *_: Answer(Verdict(costs[planner], note="" if costs[planner] else "no plan"), 0.1, 1.0, 64),
    )
    return costs


def test_run_prints_json_with_each_run_and_the_machine(answered, capsys):
    code = run(["cvrp:10"], (5.0, 15.0), (1, 2), ("pyvrp", "ortools"), True)

    told = capsys.readouterr()
    document = json.loads(told.out)
    assert code == 0
    assert len(document["runs"]) == 12
    assert {line["planner"] for line in document["overall"]} == {"ours", "pyvrp", "ortools"}
    assert document["machine"]["cores"]
    assert told.err.startswith("2 min at most")


def test_run_ends_with_1_where_we_had_no_plan_ourselves(answered, capsys):
    answered["ours"] = None

    assert run(["cvrp:10"], (5.0,), (1,), (), False) == 1
    assert "ours: no plan (cvrp:10 #1)" in capsys.readouterr().out


def test_make_bench_routes_says_which_instances_are_left_away(answered, monkeypatch, capsys):
    monkeypatch.delenv("BOUTEILLES_INSTANCES", raising=False)

    tables.main(["--quick"])

    told = capsys.readouterr()
    assert "BOUTEILLES_INSTANCES names no folder" in told.err
    assert "### At a glance" in told.out
    assert "| day:60x5 | 5 | ours |" in told.out


def test_make_bench_routes_ends_with_1_where_we_had_no_plan_ourselves(answered, monkeypatch, capsys):
    monkeypatch.delenv("BOUTEILLES_INSTANCES", raising=False)
    answered["ours"] = None

    with pytest.raises(SystemExit, match="1"):
        tables.main(["--quick"])

    assert "ours: no plan (day:60x5 #1)" in capsys.readouterr().out


def test_make_bench_routes_finds_public_instances_in_the_folder(answered, monkeypatch, capsys, tmp_path):
    (tmp_path / "RC208.txt").write_text(SOLOMON)
    monkeypatch.setenv("BOUTEILLES_INSTANCES", str(tmp_path))
    readme, kept = tmp_path / "README.md", tmp_path / "runs.json"
    readme.write_text(f"{tables.BEGIN}\n{tables.END}\n")
    monkeypatch.setattr(tables, "README", readme)

    tables.main(["--only", "small", "--seeds", "2", "--json", str(kept)])

    told = capsys.readouterr()
    assert "PR01 is left away: not in BOUTEILLES_INSTANCES" in told.err
    assert "| RC208 | 15 | ours | 2 | 2 |" in told.out
    assert "| RC208 | 15 | ours | 2 | 2 |" in readme.read_text()
    assert len(json.loads(kept.read_text())["runs"]) == 6


def test_other_benches_are_told_nothing_more_and_routes_is_told_all(monkeypatch, capsys):
    told = []
    monkeypatch.setattr(tables, "main", told.append)

    monkeypatch.setattr(sys, "argv", ["bench", "routes", "--quick"])
    tools.bench.main()
    monkeypatch.setattr(sys, "argv", ["bench", "events", "--quick"])
    with pytest.raises(SystemExit):
        tools.bench.main()

    assert told == [["--quick"]]
    assert "only the bench routes is told more" in capsys.readouterr().err


def test_the_quick_bench_asks_for_no_more_than_half_of_its_90_s():
    quick = tables.PARTS["quick"]

    assert len(quick.public + quick.names) * (1 + len(quick.against)) * sum(quick.seconds) * quick.seeds <= 45


def test_a_table_replaces_its_own_between_the_marks_of_the_readme_and_leaves_the_others(tmp_path, capsys):
    small, days = tables.PARTS["small"].title, tables.PARTS["days"].title
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{tables.BEGIN}\nHow it was measured.\n{tables.END}\nafter\n")

    for title, table in ((days, "old"), (small, "| a |"), (days, "| b |\n| c |")):
        tables.write(readme, title, table)

    inside = f"How it was measured.\n\n### {small}\n\n| a |\n\n### {days}\n\n| b |\n| c |\n"
    assert readme.read_text() == f"before\n{tables.BEGIN}\n{inside}{tables.END}\nafter\n"
    readme.write_text("nothing\n")
    tables.write(readme, small, "| a |")
    assert readme.read_text() == "nothing\n"
    assert "nothing written" in capsys.readouterr().err
