"""`make bench routes`: the tables of the README section "How good are the routes?".

Public instances are looked for in the folder BOUTEILLES_INSTANCES. ARGS='--quick' takes 90 s and writes nothing down;
ARGS='--only days' makes one part's table anew; ARGS='--seeds 5' asks for more of each; ARGS='--json FILE' keeps every run.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from routing.__main__ import PEERS
from routing.bench.entries import Entry, entry
from routing.bench.measuring import Plan, code, document, measure, say
from routing.bench.public import LARGE, SMALL, files
from routing.bench.rows import Row
from routing.bench.table import markdown

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- made by make bench routes: begin -->", "<!-- end -->"

FOLDER = "BOUTEILLES_INSTANCES"

QUICK = "quick"


@dataclass(frozen=True, slots=True)
class Part:
    """Some of what is measured.

    Parameters
    ----------
    names
        Rules to draw by, beside the public instances `public`.
    seeds
        How many, where not told otherwise: the whole takes an hour.
    """

    title: str
    public: tuple[str, ...]
    names: tuple[str, ...]
    seconds: tuple[float, ...]
    seeds: int
    against: tuple[str, ...]


DAYS = ("pyvrp", "ortools")

DRAWN = ("cvrp:120", "vrptw:120", "cvrp:200", "vrptw:200")

PARTS = {
    QUICK: Part("At a glance", ("X-n101-k25",), ("day:60x5",), (5,), 1, PEERS),
    "small": Part("Public instances of up to 200 customers, 15 s", SMALL, (), (15,), 3, PEERS),
    "large": Part("Public instances of up to 501 customers, 60 s", LARGE, (), (60,), 1, PEERS),
    "drawn": Part("Drawn instances that nobody tuned on, 15 s", (), DRAWN, (15,), 2, PEERS),
    "days": Part("Invented days, 20 s", (), ("day:60x5", "day:120x7", "day:200x9"), (20,), 3, DAYS),
    "many": Part("Invented days of 500 calls, 30 s", (), ("day:500x24",), (30,), 3, DAYS),
    "huge": Part("An invented day of 2,000 calls", (), ("day:2000x90",), (60, 600), 1, ()),
}
"""What is measured, by the word that asks for it alone."""


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, print the tables, and write them into the README; end with 1 where our own planner had no legal plan."""
    options = _parser().parse_args(arguments)
    chosen = [QUICK] if options.quick else options.only or [name for name in PARTS if name != QUICK]
    plans = [(PARTS[name], _plan(PARTS[name], options.seeds)) for name in chosen]
    say(f"{sum(plan.duration for _, plan in plans) / 60:.0f} min at most")
    rows: list[Row] = []
    for part, plan in plans:
        measured = list(measure(plan))
        rows += measured
        table = "\n".join(markdown(measured) if measured else ["nothing to measure"])
        print(f"### {part.title}\n\n{table}\n", flush=True)
        if measured and not options.quick:
            # at once: what was measured so far stays when the rest is broken off
            write(README, part.title, table)
    if options.json:
        Path(options.json).write_text(json.dumps(document(rows)), encoding="utf-8")
    if trouble := code(rows):
        sys.exit(trouble)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench routes", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one public instance and one day, 90 s in all")
    parser.add_argument("--seeds", type=int, metavar="N", help="seeds 1 to N wherever there are peers")
    parser.add_argument("--only", type=_parts, metavar="PARTS", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--json", metavar="FILE", help="keep every run there")
    return parser


def _parts(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"expected some of {', '.join(PARTS)}, got {name}")
    return names


def _plan(part: Part, told: int | None) -> Plan:
    """Find the part's instances."""
    entries = [*_public(part.public), *(entry(name) for name in part.names)]
    return Plan(entries, part.seconds, range(1, (told if told and part.against else part.seeds) + 1), part.against)


def _public(names: tuple[str, ...]) -> Iterator[Entry]:
    """Read those instances that are there; say which are not, and why."""
    folder = os.environ.get(FOLDER)
    if names and not folder:
        say(f"public instances are left away: {FOLDER} names no folder")
        return
    for name, path in files(Path(folder or "."), names):
        if path is None:
            say(f"{name} is left away: not in {FOLDER}")
        else:
            yield entry(str(path))


def write(readme: Path, title: str, table: str) -> None:
    """Put a part's table between the marks in the README, in its place among those of the other parts."""
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    inner, end, after = rest.partition(END)
    if not begin or not end:
        say(f"{readme.name} has no lines {BEGIN} and {END}: nothing written")
        return
    intro, *parts = inner.split("\n### ")
    tables = {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in parts} | {title: table}
    order = [part.title for part in PARTS.values() if part.title in tables]
    inside = "".join(f"\n### {name}\n\n{tables[name]}\n" for name in order)
    readme.write_text(f"{before}{begin}{intro.rstrip()}\n{inside}{end}{after}", encoding="utf-8")
