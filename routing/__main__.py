"""The command line: `python -m routing solve | day | week | vroom | bench`.

Exit codes: 0 a legal plan, 1 an illegal one or none, 2 what cannot be read or written, with one sentence on standard error,
130 a second ^C, or one where there is no plan to keep. SIGTERM is heard as ^C is.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from errno import ENOSPC
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TextIO

from routing import weeks
from routing.instances import document_of, read, written
from routing.problem import Problem, Solution
from routing.report import Trace, found, lines, reasons, traced
from routing.settings import HIGHEST_SEED, Progress, Settings, Stopper

LEGAL, ILLEGAL, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

MOST_SEARCHES = 64

PEERS = ("pyvrp", "vroom", "ortools")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
        sys.stdout.flush()
    except Refused as refused:
        _say(str(refused))
        return BAD_INPUT
    except BrokenPipeError:  # whoever reads has seen enough, as `head` has
        _drop()
        return ILLEGAL
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        _drop()
        _say(f"the answer cannot be written: {error.strerror}")
        return BAD_INPUT
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    return code


class Refused(Exception):
    """Bad input; the sentence says what was expected."""


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what reading and writing cannot do into a refusal; an error of the search is none, and keeps its traceback."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Refused(str(error)) from error


def solve(options: argparse.Namespace) -> int:
    """Plan the routes of a file."""
    began = monotonic()
    with _refusing():
        instance = read(options.file, options.rounding)
        if options.plot:  # what cannot be drawn in the end costs no search
            Path(options.plot).open("a", encoding="utf-8").close()
    for warning in instance.warnings:
        _say(warning)
    trace: Trace = []
    settings = Settings(seconds=options.seconds, seed=options.seed, iterations=options.iterations, processes=options.processes)
    with _interrupted() as stop:
        solution = _searched(instance.problem, settings, trace, stop)
    answer = found(instance.problem, solution, monotonic() - began, trace)
    if options.plot:
        from routing.plot import drawn

        title = f"{instance.name}: cost {solution.cost:,}, routes: {len(solution.routes)}"
        with _refusing():
            Path(options.plot).write_text(drawn(instance.problem, solution, title), encoding="utf-8")
    if options.json:
        _print(json.dumps(answer))
    else:
        why = reasons(instance.problem, solution)
        for line in lines(instance, solution, why):
            _print(line)
    return LEGAL if answer["legal"] and solution.routes else ILLEGAL


def day(options: argparse.Namespace) -> int:
    """Write an invented day."""
    from routing.days import generate

    with _refusing():
        text = written(generate(options.calls, options.vehicles, options.seed))
    if options.json is None:
        _print(text.rstrip())
        return LEGAL
    with _refusing():
        Path(options.json).write_text(text, encoding="utf-8")
    _say(f"{options.json}: {options.calls} calls, {options.vehicles} vehicles, seed {options.seed}")
    return LEGAL


def vroom(options: argparse.Namespace) -> int:
    """Answer a request as VROOM does; a refusal is an answer too, with a code that is not 0."""
    from routing.formats.vroom import request_of
    from routing.formats.vroom_answer import answer, refusal

    began = monotonic()
    try:
        with _refusing():
            request = request_of(document_of(_input(sys.stdin)))
    except Refused as refused:
        _print(json.dumps(refusal(str(refused))))
        raise
    loaded = monotonic()
    for warning in request.warnings:
        _say(warning)
    with _interrupted() as stop:
        solution = _searched(request.problem, Settings(seconds=options.seconds, seed=options.seed), [], stop)
    why = reasons(request.problem, solution)
    _print(json.dumps(answer(request, solution, why, loaded - began, monotonic() - loaded)))
    return LEGAL


def bench(options: argparse.Namespace) -> int:
    """Measure the planner beside its peers."""
    try:
        measure = import_module("routing.bench").run
    except ImportError as error:
        raise Refused(f"bench: {error}; its peers are an extra: pip install 'jaime-mes-bouteilles[bench]'") from error
    with _refusing():
        code: int = measure(options.files, options.seconds, options.seeds, options.against, options.json)
    return code


def _searched(problem: Problem, settings: Settings, trace: Trace, stop: Stopper) -> Solution:
    """Search in a process of its own, and say how it goes."""
    from routing.child import run

    def listen(progress: Progress) -> None:
        trace.append(traced(progress))
        _say(f"{progress.seconds:7.2f} s  {progress.cost:>14,}  routes: {progress.routes}, left out: {progress.left_out}")

    return run(problem, settings, listen, stop)


@contextmanager
def _interrupted() -> Iterator[Stopper]:
    """Turn ^C, and what services are ended by, into a stop, so that the best plan so far is kept; a second ends all at once."""
    asked: list[int] = []

    def ask(number: int, _: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _input(stream: TextIO | None) -> str:
    """Read all of standard input; there is no stream where it is closed."""
    try:
        text = stream.read() if stream is not None else ""
        text.encode()  # where the stream lets bytes through that are no text
        return text.removeprefix("\ufeff")
    except UnicodeError as error:
        raise ValueError("standard input: expected text, and it is none") from error


def _parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    parser = argparse.ArgumentParser(prog="python -m routing", description="Plan routes nobody plans better.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    solving = commands.add_parser("solve", help="plan the routes of a VRPLIB, Solomon, VROOM or own JSON file")
    solving.add_argument("file", metavar="FILE")
    _add_search(solving, seconds=15)
    solving.add_argument("--json", action="store_true", help="print JSON")
    solving.add_argument("--plot", metavar="SVG", help="draw the routes into this file")
    solving.add_argument("--rounding", choices=("round", "trunc", "dimacs", "exact"), help="of a public instance; by its type")
    repeatable = "the same plan every time for a seed, iterations and processes"
    solving.add_argument("--iterations", type=_count, help=f"of each process, and no clock: {repeatable}")
    solving.add_argument("--processes", type=_searches, help="searches at once; one for each core")
    solving.set_defaults(command=solve)
    inventing = commands.add_parser("day", help="write an invented day")
    for name, default in (("calls", 120), ("vehicles", 7)):
        inventing.add_argument(f"--{name}", type=int, default=default, help=f"{default}")
    inventing.add_argument("--seed", type=_seed, default=11, help="11")
    inventing.add_argument("--json", metavar="FILE", help="write it there and not to standard output")
    inventing.set_defaults(command=day)
    swapping = commands.add_parser("vroom", help="answer a VROOM request from standard input")
    _add_search(swapping, seconds=5)
    swapping.set_defaults(command=vroom)
    simulating = commands.add_parser("week", help="print what choosing the day of calls wins on invented weeks")
    for name, default in (("weeks", 5), ("calls", 12), ("vehicles", 3)):
        simulating.add_argument(f"--{name}", type=_count, default=default, help=f"{default}")
    simulating.add_argument("--seed", type=_seed, default=1, help="1")
    simulating.add_argument("--seconds", type=_seconds, default=0.0, help="search of each day; 0 takes the first plan (0)")
    simulating.set_defaults(command=weeks.compare)
    _add_bench(commands.add_parser("bench", help="measure the planner beside its peers"))
    return parser


def _add_search(parser: argparse.ArgumentParser, seconds: float) -> None:
    """Add the options of a search."""
    parser.add_argument("--seconds", type=_seconds, default=seconds, help=f"wall clock of the search ({seconds:g})")
    parser.add_argument("--seed", type=_seed, default=1, help="start of its dice (1)")


def _add_bench(parser: argparse.ArgumentParser) -> None:
    """Add the options of a bench."""
    parser.add_argument("files", metavar="FILE", nargs="+")
    parser.add_argument("--seconds", type=_budgets, default=(5.0, 15.0, 60.0), help="wall clocks (5,15,60)")
    parser.add_argument("--seeds", type=_seeds, default=(1, 2, 3, 4, 5), help="as 1-5 or 1,4,9 (1-5)")
    parser.add_argument("--against", type=_peers, default=PEERS, help="peers (pyvrp,vroom,ortools)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=bench)


def _seconds(text: str) -> float:
    """Read seconds of 0 or more."""
    value = float(text) if text.replace(".", "", 1).isdecimal() else -1.0
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"expected seconds from 0 to 86,400, got {text}")
    return value


def _count(text: str) -> int:
    """Read a whole number of 1 or more."""
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 to 999,999,999, got {text}")
    return int(text)


def _searches(text: str) -> int:
    """Read how many searches run at once."""
    if _count(text) > MOST_SEARCHES:
        raise argparse.ArgumentTypeError(f"expected at most {MOST_SEARCHES}, got {text}")
    return int(text)


def _seed(text: str) -> int:
    """Read the start of the dice."""
    if not text.isdecimal() or len(text) > 7 or int(text) > HIGHEST_SEED:
        raise argparse.ArgumentTypeError(f"expected a seed from 0 to {HIGHEST_SEED:,}, got {text}")
    return int(text)


def _budgets(text: str) -> tuple[float, ...]:
    """Read seconds with commas between them."""
    return tuple(_seconds(part) for part in text.split(","))


def _seeds(text: str) -> tuple[int, ...]:
    """Read seeds as 1-5, or with commas between them."""
    seeds: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise argparse.ArgumentTypeError(f"expected seeds as 1-5 or 1,4,9, got {text}")
        seeds.extend(range(_seed(first), _seed(last or first) + 1))
    if not seeds:
        raise argparse.ArgumentTypeError(f"expected seeds as 1-5 or 1,4,9, got {text}: its last is before its first")
    if 0 in seeds:  # a peer's engines side by side count theirs from it on, and would begin below 0
        raise argparse.ArgumentTypeError(f"expected seeds of 1 or more, got {text}")
    return tuple(seeds)


def _peers(text: str) -> tuple[str, ...]:
    """Read the names of peers."""
    names = tuple(part for part in text.split(",") if part)
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"expected some of {', '.join(PEERS)}, got {name}")
    return names


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _drop() -> None:
    """Let what is still to be written go nowhere, or the interpreter would fail of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text: str) -> None:
    """Say something beside the answer, where anyone listens."""
    if sys.stderr is not None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
