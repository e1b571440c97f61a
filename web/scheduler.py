"""What happens by the clock: tomorrow's plan draft at its hour, the sweep of lost jobs, mails, and sealing.

Of several schedulers one leads, under a lease in the database that it renews; only the leader has jobs. One that can no
longer renew stops, and another takes over when the lease has run out. A scheduler only asks for work and never does it.
"""

import logging
import os
import signal
import socket
import sys
from datetime import date, datetime, timedelta
from functools import cached_property

from apscheduler.schedulers.base import BaseScheduler  # type: ignore[import-untyped]  # it ships no types
from apscheduler.schedulers.blocking import BlockingScheduler  # type: ignore[import-untyped]  # the same
from sqlalchemy.exc import SQLAlchemyError

from bottles import leases, outbox, people, points, positions, routes, searches
from bottles.db import reading, transaction
from bottles.errands import ErrandStatus

from . import jobs
from .surroundings import Surroundings

LEASE = "scheduler"

_log = logging.getLogger(__name__)


class Scheduler:
    """One process's share in the scheduling.

    Parameters
    ----------
    here
        Where this process is.
    timer
        What calls a function at its time; its own jobs live in memory.
    holder
        The name under which this process holds the lease.
    """

    def __init__(self, here: Surroundings, timer: BaseScheduler, holder: str = "") -> None:
        self.here = here
        self.timer = timer
        self.holder = holder or f"{socket.gethostname()}:{os.getpid()}"
        self.leads = False

    @property
    def lasting(self) -> timedelta:
        """How long the lease lasts without being renewed."""
        return timedelta(seconds=self.here.config.jobs.lease_seconds)

    @cached_property
    def queue(self) -> jobs.Queue:
        """The queue that wakes the workers."""
        return jobs.Queue(jobs.open_storage(self.here.config, self.here.instance, demo=self.here.demo))

    def start(self) -> None:
        """Renew the lease three times in its life, from now on."""
        every = max(1, self.here.config.jobs.lease_seconds // 3)
        self.timer.add_job(self.beat, "interval", seconds=every, next_run_time=self._soon(), id="beat", coalesce=True)

    def beat(self) -> None:
        """Take or renew the lease; begin or stop leading as it comes and goes."""
        try:
            with transaction(self.here.engine) as session:
                mine = leases.hold(session, LEASE, self.holder, self.lasting, at=self.here.now())
        except SQLAlchemyError as error:
            _log.warning("the scheduler cannot reach the database and pauses: %s", error)
            mine = False
        if mine and not self.leads:
            self._lead()
        elif self.leads and not mine:
            self._follow()

    def _lead(self) -> None:
        config = self.here.config
        hour = config.planning.draft_hour
        rest = {"coalesce": True, "misfire_grace_time": None, "replace_existing": True}
        self.timer.add_job(self.draft, "cron", hour=hour, timezone=self.here.zone, id="draft", **rest)
        self.timer.add_job(
            self.sweep, "interval", minutes=config.jobs.sweep_minutes, next_run_time=self._soon(), id="sweep", **rest
        )
        self.timer.add_job(
            self.queue.seal, "interval", minutes=config.audit.seal_minutes, next_run_time=self._soon(), id="seal", **rest
        )
        if config.mail.host:
            self.timer.add_job(self.queue.post, "interval", minutes=1, next_run_time=self._soon(), id="post", **rest)
        # what was due while nobody led; should it fail, the next beat tries again
        self.draft()
        self.leads = True

    def _follow(self) -> None:
        self.leads = False
        for job in ("draft", "sweep", "seal", *(["post"] if self.here.config.mail.host else [])):
            self.timer.remove_job(job)

    def draft(self) -> int | None:
        """Ask for the draft that is due and return its search; a day asked for before, or planned by hand, is left alone."""
        day = self.due(self.here.now())
        if day is None:
            return None
        seconds = self.here.config.planning.search_seconds
        with transaction(self.here.engine) as session:
            if routes.versions(session, day):
                # the coordinator was faster
                return None
            at = self.here.now()
            search = searches.ask(session, day, seconds=seconds, key=f"draft:{day}", at=at)
            is_new = search.asked_at == at and search.status is ErrandStatus.WAITING
        if is_new:
            self.queue.wake(search.id or 0)
        return search.id

    def due(self, at: datetime) -> date | None:
        """Return the day whose draft should be there by now.

        From the draft's hour on that is tomorrow; a draft that was missed is still due until the first shift of its day. No
        draft is made for a day on which every centre is closed.
        """
        local = at.astimezone(self.here.zone)
        day = None
        if local.hour >= self.here.config.planning.draft_hour:
            day = local.date() + timedelta(days=1)
        elif local.time() < min(vehicle.shift_starts for vehicle in self.here.config.vehicles):
            day = local.date()
        return day if day and self._opens(day) else None

    def _opens(self, day: date) -> bool:
        with reading(self.here.engine) as session:
            return any(points.windows(centre, day) for centre in points.centres(session))

    def sweep(self) -> None:
        """Find lost jobs and wake a worker for them; forget failed sign-ins, positions and letters that are kept no longer."""
        window = timedelta(minutes=self.here.config.sign_in.window_minutes)
        with transaction(self.here.engine) as session:
            people.forget_misses(session, before=self.here.now() - window)
            positions.forget(session, before=self.here.now() - timedelta(days=self.here.config.positions.keep_days))
            outbox.forget(session, before=self.here.now() - outbox.KEPT)
        jobs.sweep(self.here.engine, self.queue, self.here.config, self.here.now)

    def resign(self) -> None:
        """Give the lease back, so that another leads at once."""
        if self.leads:
            with transaction(self.here.engine) as session:
                leases.release(session, LEASE, self.holder)

    def _soon(self) -> datetime:
        # the timer runs by the real clock, whatever day a demo believes in
        return datetime.now(self.here.zone)


def run(here: Surroundings) -> None:
    """Be a scheduler until this process is told to end."""
    timer = BlockingScheduler(timezone=here.zone)
    scheduler = Scheduler(here, timer)
    scheduler.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        timer.start()
    except (KeyboardInterrupt, SystemExit):
        timer.shutdown()
        scheduler.resign()
