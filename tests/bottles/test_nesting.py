"""How a JSON text nests, told from its brackets alone."""

import json
import random
import time

import pytest

from bottles import nesting

DEEP = "[" * 5_000 + "]" * 5_000


@pytest.mark.parametrize(
    ("text", "depth"), [("", 0), ("1", 0), ("{}", 1), ('{"a": [{}], "b": []}', 3), ('{"]": "[[\\"[{"}', 1), (DEEP, 5_000)]
)
def test_depth_counts_the_brackets_that_stand_in_no_text(text, depth):
    assert nesting.depth(text) == depth


@pytest.mark.parametrize("text", ['{"a": "}"}', "[1, [2]]", DEEP])
def test_an_end_is_where_what_was_begun_is_closed(text):
    assert nesting.end(f"  {text}, {{}}", 2) == len(text) + 2


@pytest.mark.parametrize("text", ["", "1", '"a"', "{", '{"a', "[[]", "1[]", "]"])
def test_what_does_not_begin_or_does_not_end_has_no_end(text):
    with pytest.raises(ValueError, match="no object or list"):
        nesting.end(text, 0)


def test_the_outermost_object_keeps_what_does_not_nest():
    told = json.loads(nesting.outermost(f'{{"id": "[{{", "deep": {DEEP}, "more": {{"id": 1}}, "sequence": 7}}'))

    assert told == {"id": "[{", "deep": None, "more": None, "sequence": 7}


@pytest.mark.slow
def test_any_text_is_looked_at_in_a_time_that_grows_with_its_length():
    for text in ('"\\' * 1_000_000, '"' + '\\"' * 1_000_000, "{" * 2_000_000):
        began = time.process_time()

        nesting.depth(text)

        assert time.process_time() - began < 5


def test_the_outermost_of_what_is_no_json_is_a_text_all_the_same():
    seed = random.randrange(2**32)
    draw = random.Random(seed)
    for _ in range(500):
        text = "".join(draw.choices('{}[]"\\a,:1 ', k=draw.randrange(30)))

        assert len(nesting.outermost(text)) <= 4 * len(text), f"seed {seed}: {text}"
