"""A population lives as its breed says."""

from dataclasses import dataclass, replace

import pytest

from routing.search.able import answerable
from routing.search.climb import Climb
from routing.search.population import WALK, Breed, Population
from routing.search.words import Translation
from tests.routing.build import day


@dataclass(frozen=True)
class Price:
    """Plans are their own prices, but for those it names."""

    dearer: dict[int, int]

    def penalised_cost(self, plan):
        return self.dearer.get(plan, plan)


def climbed(plans, memory, evaluators=None):
    climb = Climb(100, memory)
    for plan, evaluator in zip(plans, evaluators or [Price({})] * len(plans), strict=True):
        climb.offer(plan, evaluator)
    return climb.current


@pytest.mark.parametrize(
    ("plans", "memory", "ends"),
    [
        ([90], 3, 90),
        ([110], 3, 100),
        ([80, 90], 3, 90),
        ([80, 90], 1, 80),
        ([80, 79, 78, 85], 3, 78),
        ([80, 79, 78, 79], 3, 79),
        ([80, 90, 95, 70, 85], 2, 70),
    ],
    ids=[
        "cheaper",
        "dearer",
        "cheaper than long ago",
        "not than just now",
        "dearer than three ago",
        "cheaper than three ago",
        "what is remembered never gets dearer",
    ],
)
def test_a_climb_goes_on_with_what_is_cheaper_than_some_steps_ago(plans, memory, ends):
    assert climbed(plans, memory) == ends


def test_a_climb_goes_sideways():
    assert climbed([100.0], 1) == 100.0
    assert isinstance(climbed([100.0], 1), float)


def test_what_a_climb_remembers_is_compared_at_todays_prices():
    assert climbed([80, 90], 1, [Price({}), Price({80: 95})]) == 90


def population(walks, monkeypatch):
    monkeypatch.setattr("routing.search.population.WALK", replace(WALK, patience=30))
    problem = day(20, 3)
    return Population(Translation(problem, True, answerable(problem)).data, 1, Breed(patience=5, walks=walks))


def test_walks_find_plans_before_there_are_children(monkeypatch):
    walking = population(2, monkeypatch)

    walking.run(lambda: walking.born > 0)

    assert len(walking.tribe.members) == 2
    assert all(member.feasible for member in walking.tribe.members)
    assert walking.best.is_feasible()
    assert walking.least == min(member.cost for member in walking.tribe.members)


def test_what_children_may_break_costs_the_same_after_a_walk(monkeypatch):
    walking, other = population(1, monkeypatch), population(0, monkeypatch)

    walking.run(lambda: walking.born > 0)

    assert walking.penalties.penalties() == other.penalties.penalties()


def test_a_walk_may_be_left_after_any_step(monkeypatch):
    walking = population(1, monkeypatch)

    for iterations in (5, 6, 7):
        walking.run(lambda iterations=iterations: walking.iterations >= iterations)

        assert walking.iterations - iterations in (0, 1)
