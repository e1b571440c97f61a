"""Measure what tests must not: speed, as a ratio to something that everybody can run beside it."""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

RUNS = 7


def start(_: Sequence[str]) -> None:
    """Measure how long the application takes to load, beside Flask alone."""
    compare("import web", [sys.executable, "-c", "import web"], "import flask", [sys.executable, "-c", "import flask"])


def events(_: Sequence[str]) -> None:
    """Measure how many events a second are kept through HTTP, beside a bare Flask view."""
    from tools.events import bench

    bench.main()


def faults(_: Sequence[str]) -> None:
    """Kill the server 250 times on each database while devices hand in, and count what is lost or there twice."""
    from tools.faults import bench

    bench.main()


def routes(arguments: Sequence[str]) -> None:
    """Measure the routes beside those of PyVRP, OR-Tools and VROOM; up to an hour, or 90 s with --quick."""
    from tools.routes import bench

    bench.main(arguments)


def plan(_: Sequence[str]) -> None:
    """Measure what planning the demo's day takes besides searching."""
    from tools import planning

    planning.main()


def phone(_: Sequence[str]) -> None:
    """Measure how long the driver's app takes to answer on a slow phone, beside a page of one button."""
    from tools.phone import bench

    bench.main()


BENCHES: dict[str, Callable[[Sequence[str]], None]] = {
    "start": start,
    "events": events,
    "faults": faults,
    "phone": phone,
    "plan": plan,
    "routes": routes,
}
"""What `make bench` measures; each prints its lines itself."""

TOLD = ("routes",)
"""Those that take arguments."""

SHORT = {"routes": ["--quick"]}
"""What those that take long are told when all are run."""


def compare(ours: str, command: Sequence[str], theirs: str, other: Sequence[str]) -> None:
    """Run two commands in turn, so that a busy machine slows both, and print the ratio of their times."""
    for warm_up in (command, other):
        subprocess.run(warm_up, check=True)
    pairs = [(_seconds(command), _seconds(other)) for _ in range(RUNS)]
    mine, others = zip(*pairs, strict=True)
    best, median = min(mine) / min(others), statistics.median(mine) / statistics.median(others)
    print(f"{ours} / {theirs}: {best:.2f} at best, {median:.2f} median")
    for name, times in ((ours, mine), (theirs, others)):
        print(f"  {name}: {min(times):.3f} s at best, {statistics.median(times):.3f} s median of {RUNS} runs")


def _seconds(command: Sequence[str]) -> float:
    before = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - before


def main() -> None:
    """Run the bench that is named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", metavar="name", help=f"{', '.join(BENCHES)} (default: all)")
    options, arguments = parser.parse_known_args()
    names = options.name or list(BENCHES)
    if unknown := set(names) - BENCHES.keys():
        parser.error(f"there is no bench {', '.join(sorted(unknown))}: choose of {', '.join(BENCHES)}")
    if arguments and not (len(names) == 1 and names[0] in TOLD):
        parser.error(f"{' '.join(arguments)}: only the bench {', '.join(TOLD)} is told more than its name")
    for name in names:
        BENCHES[name](arguments or ([] if options.name else SHORT.get(name, [])))


if __name__ == "__main__":
    main()
