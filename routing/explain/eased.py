"""Calls and vehicles that are let off a rule, so as to see what it forbids."""

from dataclasses import replace

from routing.problem import HOUR, Call, Vehicle

LATER = 4 * HOUR
"""Overtime that is tried."""

DAYS = 48 * HOUR
"""A shift that no drive there and back fills."""

OVERTIME = 1_000_000
"""Cents an hour of overtime costs in the day with overtime, so that the least is found first."""


def without(call: Call, dimension: int | None) -> Call:
    """Empty a call in one dimension, or in all."""
    deliver, collect = (
        tuple(0 if dimension in (None, number) else amount for number, amount in enumerate(loads))
        for loads in (call.deliver, call.collect)
    )
    return replace(call, deliver=deliver, collect=collect)


def longest_day(vehicle: Vehicle) -> int:
    """Give how long a vehicle may be out, pauses with it."""
    shift = max(0, vehicle.latest - vehicle.shift[0])
    limit = vehicle.rests.work if vehicle.rests.without_pauses(shift) else None
    return shift if limit is None else min(shift, limit)


def endless(vehicle: Vehicle) -> Vehicle:
    """Let a vehicle be out and drive for as long as it takes, with its pauses."""
    shift = (vehicle.shift[0], vehicle.shift[0] + DAYS)
    return replace(vehicle, shift=shift, overtime=0, back_by=None, rests=replace(vehicle.rests, driving_day=None))


def tireless(vehicle: Vehicle) -> Vehicle:
    """Let a vehicle come back later, at a price that makes every second count."""
    end = vehicle.latest
    shift = (vehicle.shift[0], max(vehicle.shift[0], min(vehicle.shift[1], end)))
    late = end - shift[1] + LATER
    return replace(vehicle, shift=shift, overtime=max(0, late), cost_per_overtime_hour=OVERTIME, back_by=None)
