"""What our acts and readings are called in GS1's vocabulary."""

from typing import NamedTuple

from ..batches import Measure
from ..crates import CrateState, Move


class Step(NamedTuple):
    """What a move is called: whether it adds, observes or ends the thing; the step; how the thing stands after it."""

    action: str
    step: str
    disposition: str


OBSERVED, ADDED, DELETED = "OBSERVE", "ADD", "DELETE"
WASHING = "jmb:washing"
"""A step that the vocabulary lacks; `Territory.word` makes an address of it."""

STEPS = {
    Move.COMMISSION: Step(ADDED, "commissioning", "active"),
    Move.FILL: Step(OBSERVED, "packing", "container_closed"),
    Move.LOAD: Step(OBSERVED, "loading", "in_transit"),
    Move.DROP: Step(OBSERVED, "unloading", "available"),
    Move.DELIVER: Step(OBSERVED, "unloading", "in_progress"),
    Move.COLLECT: Step(OBSERVED, "collecting", "in_transit"),
    Move.RECEIVE: Step(OBSERVED, "receiving", "in_progress"),
    Move.RETURN: Step(OBSERVED, "receiving", "returned"),
    Move.EMPTY: Step(OBSERVED, "unpacking", "container_open"),
    Move.WASH: Step(OBSERVED, WASHING, "available"),
    Move.LEND: Step(OBSERVED, "shipping", "unavailable"),
    Move.LOSE: Step(OBSERVED, "other", "unknown"),
    Move.FIND: Step(OBSERVED, "other", "active"),
    Move.RETIRE: Step(DELETED, "destroying", "destroyed"),
    Move.PARK: Step(OBSERVED, "storing", "unavailable"),
}
"""What each move is called in the core business vocabulary."""

DISPOSITIONS = {
    CrateState.NEW: "encoded",
    CrateState.CLEAN: "available",
    CrateState.FILLED: "container_closed",
    CrateState.ABOARD: "in_transit",
    CrateState.OUT: "active",
    CrateState.RECEIVED: "in_progress",
    CrateState.EMPTIED: "container_open",
    CrateState.LENT: "unavailable",
    CrateState.LOST: "unknown",
    CrateState.RETIRED: "destroyed",
    CrateState.PARKED: "unavailable",
}
"""How a crate stands whose state a person settled."""

FROM_POINT = frozenset({Move.COLLECT})
TO_POINT = frozenset({Move.DROP, Move.DELIVER})
AT_CENTRE = frozenset(Move) - FROM_POINT - TO_POINT - {Move.LOSE, Move.FIND}
GONE = frozenset({Move.LOAD, Move.COLLECT, Move.LEND, Move.LOSE, Move.RETIRE})
"""Moves after which the thing is at no place of ours: it rides, is with somebody, or is no more."""


class Unit(NamedTuple):
    """How a reading is told: GS1's type or a word of ours, the unit's code in Recommendation 20, the substance if any."""

    type: str
    code: str
    substance: str = ""


CAUSTIC_SODA = "https://identifiers.org/inchikey:HEMHJVSKTPXQMS-UHFFFAOYSA-M"
UNITS = {
    Measure.BATH: Unit("Temperature", "CEL"),
    Measure.CAUSTIC: Unit("Dimensionless", "P1", CAUSTIC_SODA),
    Measure.CONTACT: Unit("Time", "MIN"),
    Measure.RINSE: Unit("jmb:pH", "Q30"),
    Measure.RESIDUE: Unit("jmb:residue", "59"),
    Measure.WATER: Unit("Volume", "LTR"),
    Measure.ENERGY: Unit("Energy", "KWH"),
}
"""How the readings of a wash run are told."""
