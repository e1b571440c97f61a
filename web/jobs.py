"""Work that takes seconds: the queue that wakes a worker, the worker, and the sweep that finds what was lost.

The row of an errand, a search or an audit, is the truth; the queue only says that there is one. Waking twice is harmless,
because `errands.take` gives it to one worker, and a wake-up that was lost is made up for by the sweep.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TypeVar

from flask import current_app
from huey import Huey, PostgresHuey, SqliteHuey  # type: ignore[import-untyped]  # it ships no types
from huey.consumer import Consumer  # type: ignore[import-untyped]  # the same
from sqlalchemy.engine import Engine

from bottles import errands
from bottles.audits import Audit
from bottles.db import transaction
from bottles.errands import Errand
from bottles.searches import Search
from routing.child import Pool

from . import auditing, mail, near, planning, sealing
from .config import Config
from .current import territory
from .planning import Clock
from .surroundings import Surroundings

NAME = "bouteilles"

LONGEST = timedelta(hours=1)
"""What was asked for longer ago is not begun again: it may be what kills the worker."""

BROKEN: Mapping[type[Errand], str] = {Search: planning.BROKEN, Audit: auditing.BROKEN}
"""What each kind of errand says of itself when it failed."""

A = TypeVar("A")

Work = Mapping[type[Errand], Callable[[int], object]]
"""What a worker does with an errand's id."""

_log = logging.getLogger(__name__)

_posting = Lock()


class Queue:
    """What wakes workers. Only a worker's own knows how to do the work.

    Parameters
    ----------
    storage
        Where the wake-ups wait.
    work
        What a worker does with each kind of errand.
    seal
        What a worker does when it is time to seal what was recorded.
    post
        What a worker does when mails may have to be sent.
    """

    def __init__(
        self,
        storage: Huey,
        work: Work | None = None,
        seal: Callable[[], object] | None = None,
        post: Callable[[], object] | None = None,
    ) -> None:
        known = {kind.__name__: do for kind, do in (work or {}).items()}

        def errand(kind: str, errand_id: int) -> None:
            if kind in known:
                known[kind](errand_id)

        def sealing() -> None:
            if seal is not None:
                seal()

        def posting() -> None:
            if post is not None:
                post()

        self.storage = storage
        self._errand = storage.task()(errand)
        self.seal = storage.task()(sealing)
        self.post = storage.task()(posting)

    def wake(self, errand_id: int, kind: type[Errand] = Search) -> None:
        """Wake a worker for an errand."""
        self._errand(kind.__name__, errand_id)

    def unheard(self, kind: type[Errand] = Search) -> set[int]:
        """Return the errands of a kind whose wake-up no worker has taken yet."""
        return {task.args[1] for task in self.storage.pending() if task.args[:1] == (kind.__name__,)}


def open_storage(config: Config, instance: Path, *, demo: bool = False) -> Huey:
    """Open where wake-ups wait: the config's PostgreSQL, else a file of this machine; the demo has one of its own."""
    if config.jobs.queue and not demo:
        return PostgresHuey(NAME, dsn=config.jobs.queue, results=False)
    instance.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(NAME, filename=str(instance / ("demo-queue.sqlite" if demo else "queue.sqlite")), results=False)


def wake(errand_id: int, kind: type[Errand] = Search) -> None:
    """Tell the workers that an errand waits; a page calls this after its commit.

    A queue that cannot be written to stops nobody: the errand waits for the sweep then.
    """
    app = current_app
    try:
        if "queue" not in app.extensions:
            app.extensions["queue"] = Queue(open_storage(territory(), Path(app.instance_path), demo=app.extensions["demo"]))
        app.extensions["queue"].wake(errand_id, kind)
    except Exception:
        _log.exception("%s %s waits for the sweep: the queue cannot be written to", kind.__name__.lower(), errand_id)


def sweep(engine: Engine, queue: Queue, config: Config, now: Clock) -> list[Errand]:
    """Put lost errands back to wait, wake a worker for each that waits unheard, and return those."""
    return [errand for kind in BROKEN for errand in _sweep(engine, queue, config, kind, now())]


def _sweep(engine: Engine, queue: Queue, config: Config, kind: type[Errand], at: datetime) -> list[Errand]:
    with transaction(engine) as session:
        for lost in errands.revive(session, kind, silent_since=at - timedelta(seconds=config.jobs.lost_seconds)):
            _log.warning("%s %s gave no sign of life: it is begun again", kind.__name__.lower(), lost.id)
            if lost.asked_at < at - LONGEST:
                errands.fail(session, kind, lost.id or 0, BROKEN[kind], at=at)
        session.flush()
        waiting = errands.waiting(session, kind)
    told = queue.unheard(kind)
    lost_wakes = [errand for errand in waiting if errand.id not in told]
    for errand in lost_wakes:
        queue.wake(errand.id or 0, kind)
    return lost_wakes


def work_off(here: Surroundings) -> None:
    """Be a worker until this process is told to end; every search then saves the best plan it has."""
    storage = open_storage(here.config, here.instance, demo=here.demo)
    consumer = Consumer(storage, workers=here.config.jobs.workers, periodic=False, max_delay=0.5, graceful_signal="TERM")
    ending = consumer.stop_flag.is_set
    # an audit of years takes minutes, mostly of the database's, and a mail server may be slow: no plan waits for them
    with closing(Pool()) as pool, ThreadPoolExecutor(2) as beside:
        search = partial(
            planning.run_search, here.engine, here.config, now=here.now, stopping=ending, ways=here.ways, solver=pool.run
        )
        audit = partial(auditing.run_audit, here.engine, now=here.now, stopping=ending)
        work: Work = {Search: search, Audit: partial(put_beside, beside, audit)}
        seal = partial(_seal, here)
        Queue(storage, work, seal, partial(put_beside, beside, post, here))
        consumer.run()


def _seal(here: Surroundings) -> None:
    sealing.seal(here.engine, rows=here.config.audit.seal_rows, at=here.now())


def post(here: Surroundings) -> None:
    """Write the mails that are due now, and send what waits; what fails is tried again in a minute."""
    # a mail server that hangs holds one thread, not each minute's: they are the audits' as well
    if not _posting.acquire(blocking=False):
        return
    try:
        _post(here)
    finally:
        _posting.release()


def _post(here: Surroundings) -> None:
    try:
        with here.speaking(), transaction(here.engine) as session:
            near.write(session, here.now(), here.today())
    finally:
        # what cannot be written keeps nothing back that waits
        mail.post(here.engine, here.config.mail, here.mail_password, here.now)


def put_beside(beside: Executor, work: Callable[[A], object], about: A) -> Future[object]:
    """Let a thread do some work that nobody waits for; what breaks it is told to the log."""
    done = beside.submit(work, about)
    done.add_done_callback(_complain)
    return done


def _complain(done: Future[object]) -> None:
    if error := done.exception():
        _log.error("work beside the queue broke off, and is tried again later", exc_info=error)
