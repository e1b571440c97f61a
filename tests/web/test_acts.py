"""The ids of one act that a page tells as several events."""

import re

from bottles.codes import uuid7
from web.acts import follow

from .conftest import TUESDAY


def test_ids_that_follow_from_one_act_are_its_own_and_the_same_each_time():
    root = uuid7(TUESDAY, 1)
    ids = [follow(root, number) for number in range(40)]

    assert ids[0] == root
    assert len(set(ids)) == 40
    assert ids == [follow(root, number) for number in range(40)]
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", each) for each in ids)
