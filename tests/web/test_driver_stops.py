"""The rules behind the driver's pages: sharing a count, a stop's state, the ids of one act."""

import re

import pytest

from bottles.routes import Outcome, Task
from web.acts import follow
from web.driver_stops import Part, StopState, share, state_of

from .driver_pages import an_id


@pytest.mark.parametrize(
    ("total", "shares"),
    [(0, [0, 0]), (3, [3, 0]), (5, [5, 0]), (9, [6, 3]), (10, [6, 4]), (12, [8, 4])],
)
def test_a_count_goes_to_what_was_scanned_then_to_what_is_asked_then_to_the_first(total, shares):
    parts = [Part(Task(), asked=6, scanned=5), Part(Task(), asked=4, scanned=0)]

    assert share(total, parts) == shares


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ([None, None], StopState.TO_COME),
        ([Outcome.REACHED], StopState.REACHED),
        ([Outcome.DONE, None], StopState.REACHED),
        ([Outcome.DONE, Outcome.DONE], StopState.DONE),
        ([Outcome.DONE, Outcome.MISSED], StopState.PARTLY),
        ([Outcome.MISSED], StopState.MISSED),
    ],
)
def test_a_stop_stands_where_its_tasks_stand(outcomes, state):
    assert state_of(outcomes) is state


def test_ids_that_follow_from_one_act_are_its_own_and_the_same_each_time():
    ids = [follow(an_id(), number) for number in range(40)]

    assert ids[0] == an_id()
    assert len(set(ids)) == 40
    assert ids == [follow(an_id(), number) for number in range(40)]
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", each) for each in ids)
