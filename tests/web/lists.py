"""Lists that tests of imports share."""

from datetime import UTC, datetime
from pathlib import Path

LISTS = Path(__file__).parent / "data"
POINTS = (LISTS / "points.csv").read_bytes()
PICKUPS = (LISTS / "pickups.csv").read_bytes()
NOON = datetime(2026, 10, 6, 10, 0, tzinfo=UTC)
MORNINGS = [[480, 720], [840, 1080]]

HEAD = "nom;type;commune;code postal;latitude;longitude"
GOOD = "Cave du Tilleul;cave;Arbois;39600;46,903;5,775"


def listed(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows, ""]).encode()


def sentences(faults) -> list[tuple[int, str]]:
    return [(fault.line, str(fault.refusal)) for fault in faults]
