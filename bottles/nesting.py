"""How a JSON text nests, told from its brackets alone: nothing is built, so that none is too deep to be looked at."""

import re
from collections.abc import Iterator

# a text without an end is one to the end: each character is looked at once, whatever somebody sends
TOKENS = re.compile(r'"(?:[^"\\]|\\.?)*+"?|[\[\]{}]', re.DOTALL)
STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


def steps(text: str, begin: int = 0) -> Iterator[tuple[int, int]]:
    """Yield, for each bracket that stands in no text, where it ends and how deep it is behind it."""
    deep = 0
    for token in TOKENS.finditer(text, begin):
        if step := STEPS.get(token[0]):
            deep += step
            yield token.end(), deep


def depth(text: str) -> int:
    """Return how deep a text nests."""
    return max((deep for _end, deep in steps(text)), default=0)


def end(text: str, begin: int) -> int:
    """Return where the object or list ends that begins here.

    Raises
    ------
    ValueError
        It has no end, or none begins here.
    """
    found = next((end for end, deep in steps(text, begin) if deep <= 0), None)
    if found is None or text[begin] not in "[{":
        raise ValueError(f"no object or list at {begin}")
    return found


def outermost(text: str) -> str:
    """Return an object with null in the place of all that nests in it."""
    kept, begin, before = "", 0, 0
    for end, deep in steps(text):
        if (before, deep) == (1, 2):
            kept += f"{text[begin : end - 1]}null"
        elif (before, deep) == (2, 1):
            begin = end
        before = deep
    return kept + text[begin:]
