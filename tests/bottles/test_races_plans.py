"""Two coordinators, or two workers, at the same moment: one plan stands, one week is accepted, no search breaks off."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest

from bottles import errands, pickups, routes, searches
from bottles.db import transaction
from bottles.errors import Conflict
from bottles.routes import PlanStatus
from bottles.searches import Search
from routing.planner.asking import asked
from routing.planner.planning import with_ways
from routing.planner.saving import LeftOut, save
from routing.problem import Solution
from tests import build
from tests.bottles.races import *  # noqa: F403  # fixtures are found by their names
from tests.build import NOON, TUESDAY
from web import planning

pytestmark = pytest.mark.slow
TIMES = 10
DAYS = [TUESDAY, TUESDAY + timedelta(days=1)]


def test_of_two_versions_published_at_once_one_stands(engine, cast, race):
    for number in range(TIMES):
        day = TUESDAY + timedelta(days=number)
        with transaction(engine) as session:
            drafts = [build.plan(session, cast, [], day=day, publish=False).id for _ in range(2)]

        race(*[publishing(draft, cast) for draft in drafts])

        with transaction(engine) as session:
            assert sorted(plan.status for plan in routes.versions(session, day)) == [
                PlanStatus.PUBLISHED,
                PlanStatus.SUPERSEDED,
            ]


def publishing(plan, cast):
    return lambda session: routes.publish(session, plan, cast.coordinator.person, at=NOON, today=TUESDAY).id


def test_a_week_is_accepted_by_one_of_two(engine, cast, race):
    for _ in range(TIMES):
        with transaction(engine) as session:
            week = searches.ask_week(session, DAYS, seconds=1, at=NOON).id
            errands.take(session, Search, week, at=NOON)
            errands.finish(session, Search, week, at=NOON, proposal={"days": [], "left": []})

        told = race(*[accepting(week, cast)] * 2)

        assert [isinstance(answer, Conflict) for answer in told].count(True) == 1


def accepting(week, cast):
    return lambda session: searches.accept(session, week, cast.coordinator.person, at=NOON)


@pytest.mark.parametrize("day", [TUESDAY, None])
def test_of_two_who_ask_at_once_one_begins_a_search(engine, cast, race, day):
    def ask(session):
        if searches.is_under_way(session, day):
            return None
        return searches.ask(session, day, seconds=1, at=NOON) if day else searches.ask_week(session, DAYS, seconds=1, at=NOON)

    for _ in range(TIMES):
        began = [search.id for search in race(ask, ask) if search]

        assert len(began) == 1
        with transaction(engine) as session:
            errands.fail(session, Search, began[0], "over", at=NOON)


def test_two_who_gather_at_once_make_one_task_of_a_call(engine, cast):
    for _ in range(TIMES):
        with transaction(engine) as session:
            wanted = [pickups.Crates("crate12", 8)]
            pickups.request(session, "cave", "cellar", wanted, cast.winemaker.person, ready_from=TUESDAY, at=NOON)

        one, other = at_once(lambda: gathered(engine))

        assert one == other


def gathered(engine):
    with transaction(engine) as session:
        return {task.id for task in routes.gather(session, at=NOON)}


def test_two_plans_of_a_day_saved_at_once_are_two_versions(engine, cast, config):
    settings = planning.planner_settings(config)
    with transaction(engine) as session:
        day = with_ways(asked(session, TUESDAY, [], settings), settings)

    for _ in range(TIMES):
        at_once(lambda: saved(engine, day))

    with transaction(engine) as session:
        assert [plan.version for plan in routes.versions(session, TUESDAY)] == list(range(2 * TIMES, 0, -1))


def saved(engine, day):
    with transaction(engine) as session:
        return save(session, day, Solution((), (), 0), LeftOut({}, {}), ZoneInfo("Europe/Paris"), made_by=None, at=NOON)


def at_once(act):
    """Do it twice in the same moment; unlike a page, the worker begins nothing again."""
    barrier = Barrier(2)

    def do(_number):
        barrier.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(do, range(2)))
