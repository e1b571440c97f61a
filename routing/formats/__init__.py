"""What a problem is read from and written to: VRPLIB, Solomon's text, VROOM's JSON, and our own.

`routing.instances.read` recognises which; each module here knows one form. What cannot be read is refused with a sentence
that names the line or field and what was expected there.
"""

import json
from typing import Any

MOST_PLACES = 5_000
"""Places of a file at most: the two matrices of 5,000 places hold 400 MB, and each process of a search has its own."""


def demand(holds: bool, sentence: str) -> None:
    """Refuse with the sentence when what it denies is so."""
    if not holds:
        raise ValueError(sentence)


def demand_few(count: int, what: str = "places") -> None:
    """Refuse more places or calls than matrices are made for."""
    demand(
        count <= MOST_PLACES, f"{count:,} {what}: at most {MOST_PLACES:,} are planned at once; split them by day or by region"
    )


def shown(value: Any) -> str:
    """Write a value as its file has it, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:37]}..."
