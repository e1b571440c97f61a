"""An audit as a job: it reads one moment of the database, and tells beside it how far it is.

The signs of life come from a thread of their own: one statement over years of movements may take longer than a silent job may
be silent. Asked to stop, that thread breaks the statement off.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from bottles import audit, audits, errands
from bottles.audit import Check
from bottles.audits import Audit
from bottles.db import find, interrupt, reading, transaction
from bottles.errors import say

from .planning import Clock

BROKEN = say("The audit broke off on our side. Ask for it again; if it breaks off again, call us.")
"""What an audit that failed says of itself; the log has the cause."""

TELL_SECONDS = 1.0
"""Between two signs of life."""

_log = logging.getLogger(__name__)


class _Enough(Exception):
    """Somebody asked the audit to stop, or this process has to end."""


def run_audit(engine: Engine, audit_id: int, now: Clock, *, stopping: Callable[[], bool] = lambda: False) -> None:
    """Work on an audit that waits, unless somebody else does.

    `stopping` says that this process has to end: the audit then waits for the next one.
    """
    with transaction(engine) as session:
        if not errands.take(session, Audit, audit_id, at=now()):
            return
        if find(session, Audit, audit_id).stop_asked:
            # its worker was lost after that: what it had found stays
            errands.finish(session, Audit, audit_id, at=now())
            return
    signs = _Signs(engine, audit_id, now, stopping)
    broken = False
    try:
        with reading(engine) as session, signs.told(session.connection()):
            audit.audit(session, signs.hear)
    except Exception:
        # a statement that was broken off says so each in its database's way
        if broken := not signs.enough.is_set():
            _log.exception("audit %s broke off", audit_id)
    with transaction(engine) as session:
        stop_asked = errands.tell(session, Audit, audit_id, at=now(), checks=audits.told(signs.checks))
        if broken:
            errands.fail(session, Audit, audit_id, BROKEN, at=now())
        elif stop_asked or not signs.enough.is_set():
            errands.finish(session, Audit, audit_id, at=now())
        else:
            errands.put_back(session, Audit, audit_id)


@dataclass
class _Signs:
    """What an audit says of itself while it runs, and what it is told."""

    engine: Engine
    audit: int
    now: Clock
    stopping: Callable[[], bool]
    checks: list[Check] = field(default_factory=list)
    enough: Event = field(default_factory=Event)

    def hear(self, check: Check) -> None:
        """Keep each question as it begins; go no further once it is enough."""
        if not self.checks or self.checks[-1] is not check:
            self.checks.append(check)
        if self.enough.is_set():
            raise _Enough

    @contextmanager
    def told(self, reader: Connection) -> Iterator[None]:
        """Tell how far it is as long as a connection reads."""
        over = Event()
        teller = Thread(target=self._tell, args=(reader, over), name=f"audit-{self.audit}", daemon=True)
        teller.start()
        try:
            yield
        finally:
            over.set()
            # only then may the connection go to somebody whom nothing should break off
            teller.join()

    def _tell(self, reader: Connection, over: Event) -> None:
        while not over.wait(TELL_SECONDS):
            if self._should_end():
                self.enough.set()
                interrupt(reader)

    def _should_end(self) -> bool:
        try:
            with transaction(self.engine) as session:
                found = audits.told(list(self.checks))
                return errands.tell(session, Audit, self.audit, at=self.now(), checks=found) or self.stopping()
        except SQLAlchemyError as error:
            _log.warning("audit %s cannot tell how far it is: %s", self.audit, error)
            return self.stopping()
