"""Measures what planning takes besides searching: from the open tasks of the demo's day to a plan version."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, sleep
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlmodel import func, select

from bottles import due
from bottles.db import open_engine, reading
from bottles.routes import Plan
from routing import planner
from routing.child import Pool
from routing.problem import Problem, Solution
from routing.settings import Settings as SearchSettings
from web.config import Config, load
from web.planning import calibrated
from web.surroundings import CONFIG

SECONDS = 2.0
RUNS = 5
LOADING = 4.0
"""Seconds in which a waiting child has loaded its engines; a coordinator does not ask sooner after the plan before."""
MOST = 1.0
"""Seconds that planning may take besides searching."""


def main(_: Sequence[str] = ()) -> None:
    """Build the demo's season, plan its day anew several times, and print what each took beside its search."""
    config = load(CONFIG)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "web.commands", "demo", "--build-only"]
        subprocess.run(command, check=True, env={**os.environ, "BOUTEILLES_INSTANCE": folder})
        engine = open_engine(f"sqlite:///{Path(folder) / 'demo.sqlite'}")
        with reading(engine) as session:
            day = session.exec(select(func.max(Plan.day))).one()
            at = datetime.combine(day, time(4), ZoneInfo(config.territory.time_zone))
            tasks = len(due.on(session, day, today=day))
        print(f"{tasks} open tasks for {day}, {SECONDS:g} s of search, {RUNS} plans")
        with closing(Pool()) as pool:
            overheads = [measure(engine, config, day, at + timedelta(seconds=seed), seed, pool) for seed in range(1, RUNS + 1)]
        engine.dispose()
    for what, seconds in zip(
        ("besides the search", "of it around the searching process"), zip(*overheads, strict=True), strict=True
    ):
        print(f"{what}: {statistics.median(seconds):.2f} s median, {max(seconds):.2f} s at worst")
    print(f"expected under {MOST:g} s, with a process that waits as the worker's does")


def measure(engine: Engine, config: Config, day: date, at: datetime, seed: int, pool: Pool) -> tuple[float, float]:
    """Plan once, and give the seconds beyond those that the search was given: in all, and around the searching process."""
    sleep(LOADING)
    searched: list[float] = []
    solve = partial(_timed, seed=seed, searched=searched, pool=pool)
    begun = perf_counter()
    with reading(engine) as session:
        settings = calibrated(session, config)
    planner.plan_day(engine, day, settings, solve, at=at)
    whole = perf_counter() - begun
    over = sum(searched) - SECONDS
    print(f"  {whole:.2f} s in all: {sum(searched):.2f} s in the search ({over:+.2f}), {whole - sum(searched):.2f} s around it")
    return whole - SECONDS, whole - sum(searched)


def _timed(problem: Problem, *, seed: int, searched: list[float], pool: Pool) -> Solution:
    begun = perf_counter()
    solution = pool.run(problem, SearchSettings(seconds=SECONDS, seed=seed))
    searched.append(perf_counter() - begun)
    return solution
