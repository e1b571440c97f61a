"""Work that takes seconds: the queue that wakes a worker, the worker, and the sweep that finds what was lost.

The row of a search is the truth; the queue only says that there is one. Waking twice is harmless, because `searches.take`
gives a search to one worker, and a wake-up that was lost is made up for by the sweep.
"""

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import current_app
from huey import Huey, PostgresHuey, SqliteHuey  # type: ignore[import-untyped]  # it ships no types
from huey.consumer import Consumer  # type: ignore[import-untyped]  # the same
from sqlalchemy.engine import Engine

from bottles import searches
from bottles.db import transaction
from routing.child import Pool

from . import planning, sealing
from .config import Config
from .current import territory
from .planning import Clock
from .surroundings import Surroundings

NAME = "bouteilles"

LONGEST = timedelta(hours=1)
"""A search asked for longer ago is not begun again: it may be what kills the worker."""

_log = logging.getLogger(__name__)


class Queue:
    """What wakes workers. Only a worker's own knows how to do the work.

    Parameters
    ----------
    storage
        Where the wake-ups wait.
    work
        What a worker does with a search's id.
    seal
        What a worker does when it is time to seal what was recorded.
    """

    def __init__(
        self, storage: Huey, work: Callable[[int], object] | None = None, seal: Callable[[], object] | None = None
    ) -> None:
        def search(search_id: int) -> None:
            if work is not None:
                work(search_id)

        def sealing() -> None:
            if seal is not None:
                seal()

        self.storage = storage
        self.wake = storage.task()(search)
        self.seal = storage.task()(sealing)

    def unheard(self) -> set[int]:
        """Return the searches whose wake-up no worker has taken yet."""
        return {int(task.args[0]) for task in self.storage.pending() if task.args}


def open_storage(config: Config, instance: Path, *, demo: bool = False) -> Huey:
    """Open where wake-ups wait: the config's PostgreSQL, else a file of this machine; the demo has one of its own."""
    if config.jobs.queue and not demo:
        return PostgresHuey(NAME, dsn=config.jobs.queue, results=False)
    instance.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(NAME, filename=str(instance / ("demo-queue.sqlite" if demo else "queue.sqlite")), results=False)


def wake(search_id: int) -> None:
    """Tell the workers that a search waits; a page calls this after its commit.

    A queue that cannot be written to stops nobody: the search waits for the sweep then.
    """
    app = current_app
    try:
        if "queue" not in app.extensions:
            app.extensions["queue"] = Queue(open_storage(territory(), Path(app.instance_path), demo=app.extensions["demo"]))
        app.extensions["queue"].wake(search_id)
    except Exception:
        _log.exception("search %s waits for the sweep: the queue cannot be written to", search_id)


def sweep(engine: Engine, queue: Queue, config: Config, now: Clock) -> list[int]:
    """Put lost searches back to wait, wake a worker for each that waits unheard, and return their ids."""
    at = now()
    with transaction(engine) as session:
        for lost in searches.revive(session, silent_since=at - timedelta(seconds=config.jobs.lost_seconds)):
            _log.warning("search %s gave no sign of life: it is begun again", lost.id)
            if lost.asked_at < at - LONGEST:
                searches.fail(session, lost.id or 0, planning.BROKEN, at=at)
        session.flush()
        waiting = [search.id or 0 for search in searches.waiting(session)]
    told = queue.unheard()
    lost_wakes = [search for search in waiting if search not in told]
    for search in lost_wakes:
        queue.wake(search)
    return lost_wakes


def work_off(here: Surroundings) -> None:
    """Be a worker until this process is told to end; every search then saves the best plan it has."""
    storage = open_storage(here.config, here.instance, demo=here.demo)
    consumer = Consumer(storage, workers=here.config.jobs.workers, periodic=False, max_delay=0.5, graceful_signal="TERM")
    with closing(Pool()) as pool:
        work = partial(
            planning.run_search,
            here.engine,
            here.config,
            now=here.now,
            stopping=consumer.stop_flag.is_set,
            ways=here.ways,
            solver=pool.run,
        )
        Queue(storage, work, lambda: sealing.seal(here.engine, rows=here.config.audit.seal_rows, at=here.now()))
        consumer.run()
