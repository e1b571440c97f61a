"""Does it all add up? Every cached figure is worked out again from what cannot change, and compared.

Each question says how many things it compared and names every one that differs; an audit that finds nothing has looked at
all. Tables are read in runs of rows, so a season and a century need the same memory.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlmodel import Session

from .. import seals
from ..errors import say
from . import accounts, acts, crates, lots
from .rows import Look, Read

NAMED = 1000
"""Faults a question names at most; it counts them all."""
STEP = 1000
"""How many rows lie between two signs of life."""


@dataclass
class Check:
    """One question of the audit: how many things were compared, how many differ, and the first of those by name.

    `read` counts rows that were read for comparisons to come.
    """

    name: str
    compared: int = 0
    faults: list[str] = field(default_factory=list)
    differing: int = 0
    is_done: bool = False
    read: int = 0

    @property
    def looked(self) -> int:
        """Count what was looked at."""
        return self.compared + self.read

    def hear(self, found: str | int) -> None:
        """Count what a question found."""
        if isinstance(found, Read):
            self.read += found
        elif isinstance(found, int):
            self.compared += found
        else:
            self.compared += 1
            self.differing += 1
            if len(self.faults) < NAMED:
                self.faults.append(found)


Watch = Callable[[Check], object]
"""What is told how far a question has come: when it begins, after every `STEP` rows, and when it is done."""


def audit(session: Session, watch: Watch | None = None) -> list[Check]:
    """Ask every question of the audit; nothing is changed."""
    return [_ask(name, look, session, watch or (lambda check: None)) for name, look in QUESTIONS.items()]


def _ask(name: str, look: Look, session: Session, watch: Watch) -> Check:
    check, told = Check(name), 0
    watch(check)
    for found in look(session):
        check.hear(found)
        if check.looked >= told + STEP:
            told = check.looked
            watch(check)
    check.is_done = True
    watch(check)
    return check


QUESTIONS: dict[str, Look] = {
    say("Balances equal the transfers"): accounts.balances,
    say("Nothing appears or vanishes"): accounts.totals,
    say("No stock is below zero"): accounts.guarded,
    say("Every negative balance has its dispute"): accounts.debts,
    say("Crate states equal their events replayed"): crates.states,
    say("Labelled crates are where their movements put them"): crates.labels,
    say("Visits equal their counts and scans"): crates.visits,
    say("Reservations equal what is still to deliver"): lots.reservations,
    say("Batches and lots are accounted for"): lots.lots,
    say("Every delivered bottle has a lot"): lots.delivered,
    say("No event of a device is missing"): acts.gaps,
    say("No event was changed"): acts.bodies,
    say("Every seal holds"): seals.verify,
}
