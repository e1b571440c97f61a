"""The command line plans, invents, swaps for VROOM, and refuses in one sentence."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace
from xml.etree import ElementTree as Xml

import pytest

import routing
from routing.__main__ import main
from routing.days import generate
from routing.instances import written
from routing.problem import Solution
from routing.schedule import assemble, schedule
from routing.settings import Progress, Settings
from tests.routing.files import COLLECTIONS, SOLOMON
from tests.routing.test_vroom import JOB, VAN, request

ANSWER = {"cost", "legal", "violations", "routes", "left_out", "seconds", "trace"}

SVG = "{http://www.w3.org/2000/svg}"


def in_order(problem, settings, progress=None, stop=None):
    """Plan without a search: the first vehicle answers the calls in order, as many as it can."""
    van, calls = problem.vehicles[0], [call.id for call in problem.calls]
    plans = [schedule(problem, van, calls[:most]) for most in range(len(calls), 0, -1)]
    routes = [plan for plan in plans if isinstance(plan, routing.Route)][:1]
    plan = assemble(problem, routes)
    if progress is not None:
        progress(Progress(0.25, plan.cost, len(plan.routes), len(plan.left_out), "first", plan))
    return plan


@pytest.fixture
def planned(monkeypatch):
    """Plans without a search."""
    monkeypatch.setattr("routing.child.run", in_order)


@pytest.fixture
def solomon(tmp_path):
    path = tmp_path / "c9.txt"
    path.write_text(SOLOMON)
    return path


def test_solve_prints_routes_cost_and_legality(planned, solomon, capsys):
    code = main(["solve", str(solomon)])

    told = capsys.readouterr()
    assert code == 0
    assert told.out.splitlines()[0] == "1: 1 2 3"
    assert "cost 738 (73.800 in the file's units)" in told.out
    assert told.out.endswith("legal\n")
    assert "0.25 s" in told.err


def test_solve_in_json_has_these_keys_and_no_others(planned, solomon, capsys):
    main(["solve", str(solomon), "--json", "--seconds", "1", "--seed", "3"])

    answer = json.loads(capsys.readouterr().out)
    assert answer.keys() == ANSWER
    assert (answer["cost"], answer["legal"], answer["violations"], answer["left_out"]) == (738, True, [], [])
    assert answer["routes"][0]["calls"] == ["1", "2", "3"]
    assert answer["trace"] == [{"seconds": 0.25, "cost": 738, "routes": 1, "left_out": 0, "phase": "first"}]


def test_solve_hands_its_options_to_the_search(monkeypatch, solomon):
    told = []
    monkeypatch.setattr("routing.child.run", lambda problem, settings, *_: told.append(settings) or in_order(problem, settings))

    main(["solve", str(solomon), "--seconds", "2.5", "--seed", "4", "--iterations", "7", "--processes", "1"])

    assert told == [Settings(seconds=2.5, seed=4, iterations=7, processes=1)]


def test_solve_tells_the_gap_to_the_best_cost_known(planned, solomon, capsys):
    solomon.with_suffix(".sol").write_text("Route #1: 1 2 3\nCost 72.1\n")

    main(["solve", str(solomon)])

    assert "best known 721, gap 2.36 %" in capsys.readouterr().out


def test_a_call_left_out_is_named_with_its_reason(planned, tmp_path, capsys):
    path = tmp_path / "small.vrp"
    path.write_text(COLLECTIONS["CVRP"][0])

    main(["solve", str(path)])

    told = capsys.readouterr().out
    assert "left out 4: " in told
    assert "left out 4: \n" not in told


def test_no_plan_and_an_illegal_one_have_their_exit_code(monkeypatch, solomon, capsys):
    monkeypatch.setattr("routing.child.run", lambda problem, *_: assemble(problem, ()))
    assert main(["solve", str(solomon)]) == 1

    monkeypatch.setattr("routing.child.run", lambda problem, *_: Solution((), (), 0))
    assert main(["solve", str(solomon), "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["legal"] is False


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nonsense", "bad.vrp: expected VRPLIB, Solomon's text or JSON"),
        (SOLOMON.replace("   10     0", "  -10     0"), "bad.vrp: DEMAND_SECTION, line 11: expected 0 or more"),
        ('{"calls": []}', "bad.vrp: places: is missing"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(tmp_path, capsys, text, sentence):
    path = tmp_path / "bad.vrp"
    path.write_text(text)

    assert main(["solve", str(path)]) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(sentence)
    assert told.err.count("\n") == 1


def test_an_error_of_the_search_is_no_bad_input(monkeypatch, solomon):
    def fail(*_):
        raise ValueError("a bug")

    monkeypatch.setattr("routing.child.run", fail)

    with pytest.raises(ValueError, match="a bug"):
        main(["solve", str(solomon)])


@pytest.mark.parametrize(
    "arguments",
    [
        "solve",
        "solve x --seconds -1",
        "solve x --seconds nan",
        "solve x --seconds ²",
        "solve x --processes 0",
        "solve x --processes 65",
        "solve x --seed -5",
        "solve x --seed 4000001",
        "day --calls many",
        "week --weeks 0",
        "week --seed -1",
        "week --seconds -1",
        "bench x --seeds 5-",
        "bench x --seeds ²",
        "bench x --seeds 0-3",
        "bench x --seeds 4000000-4000001",
        "bench x --against luck",
        "bench x --seconds 1,x",
        "fly",
    ],
)
def test_wrong_options_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as refused:
        main(arguments.split())

    assert refused.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_day_writes_a_day_that_solve_reads(planned, tmp_path, capsys):
    path = tmp_path / "day.json"

    assert main(["day", "--calls", "8", "--vehicles", "2", "--seed", "5", "--json", str(path)]) == 0
    assert main(["day", "--calls", "8", "--vehicles", "2", "--seed", "5"]) == 0

    assert capsys.readouterr().out == path.read_text() == written(generate(8, 2, 5))
    assert main(["solve", str(path)]) in (0, 1)


def test_a_day_that_cannot_be_written_is_refused_in_a_sentence(tmp_path, capsys):
    assert main(["day", "--calls", "8", "--json", str(tmp_path / "no" / "day.json")]) == 2

    assert "No such file" in capsys.readouterr().err


def test_a_day_of_too_many_vehicles_is_refused(capsys):
    assert main(["day", "--vehicles", "100000000000"]) == 2

    assert capsys.readouterr().err == "vehicles: expected at most 5,000, got 100,000,000,000\n"


def test_a_drawing_that_cannot_be_written_costs_no_search(monkeypatch, solomon, tmp_path, capsys):
    monkeypatch.setattr("routing.child.run", None)

    assert main(["solve", str(solomon), "--plot", str(tmp_path / "no" / "x.svg")]) == 2

    assert "No such file" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_ends_the_writing_without_a_word():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as out:
        ended = subprocess.run(DAY, stdout=out, stderr=subprocess.PIPE, cwd=ROOT, check=False)

    assert (ended.returncode, ended.stderr) == (1, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here to write to")
def test_an_answer_that_finds_no_room_is_told_in_a_sentence():
    with open("/dev/full", "wb") as out:
        ended = subprocess.run(DAY, stdout=out, stderr=subprocess.PIPE, cwd=ROOT, check=False)

    assert (ended.returncode, ended.stderr) == (2, b"the answer cannot be written: No space left on device\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("bench", "x", "--seeds", "5-1"), "expected seeds as 1-5 or 1,4,9, got 5-1: its last is before its first"),
        (("day", "--seed", "-1"), "expected a seed from 0 to"),
    ],
)
def test_seeds_that_are_none_are_refused(arguments, sentence, capsys):
    with pytest.raises(SystemExit):
        main(arguments)

    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (b'"x"', 'expected a JSON object, got "x"'),
        (b"null", "expected a JSON object, got null"),
        (b'{"jobs": "\xe9"}', "standard input: expected text, and it is none"),
        (b"\xef\xbb\xbf{}", "vehicles"),
    ],
)
def test_what_is_no_request_is_refused_with_what_it_is(sent, sentence):
    done = subprocess.run([*DAY[:-1], "vroom"], input=sent, capture_output=True, cwd=ROOT, check=False)

    assert (done.returncode, sentence in json.loads(done.stdout)["error"]) == (2, True)


def test_an_interrupt_before_the_search_ends_in_a_word(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("routing.__main__.read", interrupted)

    assert main(["solve", "x"]) == 130

    assert capsys.readouterr().err == "interrupted\n"


def test_solve_answers_with_standard_error_closed(planned, monkeypatch, solomon, capsys):
    monkeypatch.setattr("sys.stderr", None)

    main(["solve", str(solomon), "--json"])

    assert json.loads(capsys.readouterr().out).keys() == ANSWER


def test_vroom_refuses_a_closed_input(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", None)

    assert main(["vroom"]) == 2

    assert json.loads(capsys.readouterr().out)["code"] == 2


def test_vroom_answers_a_request(planned, monkeypatch, capsys):
    monkeypatch.setattr(
        "sys.stdin", io.StringIO(json.dumps(request([JOB, JOB | {"id": 2}], [VAN | {"steps": [{"type": "start"}]}])))
    )

    assert main(["vroom", "--seconds", "1"]) == 0

    told = capsys.readouterr()
    answer = json.loads(told.out)
    assert (answer["code"], answer["summary"]["routes"], answer["unassigned"]) == (0, 1, [])
    assert [step["type"] for step in answer["routes"][0]["steps"]] == ["start", "job", "job", "end"]
    assert "vehicles[0].steps" in told.err


@pytest.mark.parametrize("text", ["", "{", '{"vehicles": []}'])
def test_vroom_answers_a_bad_request_with_its_code(monkeypatch, capsys, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    assert main(["vroom"]) == 2

    told = capsys.readouterr()
    answer = json.loads(told.out)
    assert answer == {"code": 2, "error": told.err.strip()}


def test_bench_hands_its_options_on(monkeypatch):
    told = []
    bench = SimpleNamespace(run=lambda *options: told.append(options) or 0)
    monkeypatch.setattr("routing.__main__.import_module", lambda name: bench)

    code = main(["bench", "a.vrp", "b.txt", "--seconds", "5,15", "--seeds", "1-3,7", "--against", "pyvrp", "--json"])

    assert code == 0
    assert told == [(["a.vrp", "b.txt"], (5.0, 15.0), (1, 2, 3, 7), ("pyvrp",), True)]


def test_bench_without_its_extra_says_what_to_install(monkeypatch, capsys):
    def absent(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr("routing.__main__.import_module", absent)

    assert main(["bench", "a.vrp"]) == 2
    assert "pip install" in capsys.readouterr().err


def test_a_plot_shows_every_route_call_and_depot(planned, solomon, tmp_path):
    path = tmp_path / "plan.svg"

    main(["solve", str(solomon), "--plot", str(path)])

    drawing = Xml.fromstring(path.read_text())  # noqa: S314 - written by us
    assert len(drawing.findall(f".//{SVG}polyline")) == 1
    assert drawing.find(f".//{SVG}circle").findtext(f"{SVG}title").startswith("1, stop 1: 1, ")
    words = [text.text for text in drawing.iter(f"{SVG}text")]
    assert words == ["c9: cost 738, routes: 1", "1, calls: 3, 0.7 km", "depot"]


@pytest.mark.parametrize("form", ["solomon", *(pytest.param(form, marks=pytest.mark.slow) for form in ("day", "vroom"))])
def test_a_search_in_earnest_gives_a_legal_plan(form, tmp_path):
    texts = {"solomon": SOLOMON, "day": written(generate(6, 2, 1)), "vroom": json.dumps(request([JOB, JOB | {"id": 2}]))}
    path = tmp_path / "problem"
    path.write_text(texts[form])

    done = run("solve", str(path), "--seconds", "0.3", "--json")

    answer = json.loads(done.stdout)
    assert answer.keys() == ANSWER
    assert (answer["legal"], done.returncode, answer["violations"]) == (True, 0, [])


@pytest.mark.slow
@pytest.mark.parametrize(
    "end",
    [
        # as a terminal does: the search's own process hears it too
        pytest.param(lambda child: os.killpg(child.pid, signal.SIGINT), id="terminal"),
        pytest.param(lambda child: child.terminate(), id="service"),
    ],
)
def test_who_is_told_to_end_keeps_the_best_plan_so_far(tmp_path, end):
    path = tmp_path / "day.json"
    path.write_text(written(generate(60, 5, 1)))
    command = [sys.executable, "-m", "routing", "solve", str(path), "--seconds", "60", "--json"]
    began = time.monotonic()
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    )

    child.stderr.readline()
    end(child)
    out, err = child.communicate(timeout=50)

    assert json.loads(out)["legal"] is True
    assert "Traceback" not in err
    assert (child.returncode, time.monotonic() - began < 50) == (0, True)


ROOT = os.path.dirname(os.path.dirname(routing.__file__))

DAY = [sys.executable, "-m", "routing", "day"]


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "routing", *arguments], capture_output=True, text=True, cwd=ROOT, check=False)


def test_reading_a_problem_loads_no_engine(solomon):
    reading = f"import sys; from routing.instances import read; read({str(solomon)!r})"
    code = f"{reading}; print({{'ortools', 'pyvrp'}} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout == "set()\n"
