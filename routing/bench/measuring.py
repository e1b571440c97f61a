"""Runs planners in turn on the same problems, with the same wall clock and cores."""

import json as js
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from routing.bench.asking import ONCE, Answer, ask
from routing.bench.entries import Entry, entry
from routing.bench.rows import OURS, Row, overall, summary
from routing.bench.table import lines, machine
from routing.instances import Instance

FINE, TROUBLE = 0, 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured."""

    entries: Sequence[Entry]
    seconds: Sequence[float]
    seeds: Sequence[int]
    against: Sequence[str]

    def turns(self) -> Iterator[tuple[Entry, float, int, str]]:
        """Give who is asked what, in turn: all planners one problem, then the next; who takes no seed is asked once."""
        for each in self.entries:
            for seconds in self.seconds:
                for seed in self.seeds:
                    again = seed != self.seeds[0] and not each.anew
                    for planner in (OURS, *self.against):
                        if not (again and planner in ONCE):
                            yield each, seconds, seed, planner

    @property
    def duration(self) -> float:
        """Seconds it takes at most, but for what the engines overrun."""
        return sum(seconds for _, seconds, _, _ in self.turns())


def run(
    files: Sequence[str], seconds: Sequence[float], seeds: Sequence[int], against: Sequence[str], json: bool = False
) -> int:
    """Measure, and print a table or JSON; 1 where our own planner had no legal plan.

    Raises
    ------
    ValueError
        With a sentence, where a file cannot be read or a name is unknown.
    """
    plan = Plan([entry(name) for name in files], seconds, seeds, against)
    say(f"{plan.duration / 60:.0f} min at most")
    rows = list(measure(plan))
    told = js.dumps(document(rows)) if json else "\n".join(lines(rows))
    sys.stdout.write(f"{told}\n")
    return code(rows)


def measure(plan: Plan) -> Iterator[Row]:
    """Ask all in turn, say how it goes on standard error, and give a row for each answer."""
    for each, seconds, seed, planner in plan.turns():
        instance = each.draw(seed)
        row = _row(each, instance, seconds, seed, planner, ask(planner, instance, seconds, seed))
        say(f"{row.instance}  {seconds:g} s  seed {seed}  {planner}: {row.note or f'{row.cost:,}'}")
        yield row


def document(rows: Sequence[Row]) -> dict[str, object]:
    """Write all that was measured as what JSON can hold."""
    return {
        "machine": machine(),
        "instances": [asdict(line) for line in summary(rows)],
        "overall": [asdict(line) for line in overall(rows)],
        "runs": [asdict(row) for row in rows],
    }


def code(rows: Sequence[Row]) -> int:
    """Give the exit code."""
    return TROUBLE if any(row.planner == OURS and row.cost is None for row in rows) else FINE


def say(text: str) -> None:
    """Say something beside the table."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _row(each: Entry, instance: Instance, seconds: float, seed: int, planner: str, answer: Answer) -> Row:
    verdict = answer.verdict
    return Row(
        instance=each.name,
        problem=f"{each.name} #{seed}" if each.anew else each.name,
        calls=len(instance.problem.calls),
        seconds=seconds,
        seed=seed,
        planner=planner,
        cost=verdict.cost,
        must=verdict.must,
        left_out=verdict.left_out,
        routes=verdict.routes,
        note=verdict.note,
        first=answer.first,
        took=round(answer.seconds, 2),
        memory=answer.memory,
        known=instance.known,
        dearest=max((call.prize or 0 for call in instance.problem.calls), default=0),
    )
