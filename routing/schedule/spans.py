"""Stretches of a day as three numbers each, and how one follows another.

A span (duration, earliest, latest) says: begun at b <= latest, it ends at max(b, earliest) + duration, no waiting but
what no departure avoids. With several windows there is a front: a list of spans of which none is always the best.

References
----------
Vidal, T. et al. (2013), A hybrid genetic algorithm with adaptive diversity management for a large class of vehicle
routing problems with time-windows. Computers & Operations Research 40(1), 475-489; section 4.4 (time-window segments).
"""

from collections.abc import Iterable

from routing.problem import Window

Span = tuple[int, int, int]
Front = list[Span]

NEVER = 10**12
"""A second no day reaches, nor any sum of ways."""


def join(first: Span, gap: int, second: Span) -> Span | None:
    """Let one span follow another after so many seconds; None if the second would begin too late."""
    duration, earliest, latest = first
    offset = duration + gap
    reach = second[2] - offset
    if earliest > reach:
        return None
    wanted = second[1] - offset
    if wanted <= earliest:
        return offset + second[0], earliest, min(latest, reach)
    if wanted <= latest:
        return offset + second[0], wanted, min(latest, reach)
    return offset + second[0] + wanted - latest, latest, latest


def best(spans: Iterable[Span]) -> Front:
    """Drop the spans that another one beats whenever it begins."""
    kept: Front = []
    for span in sorted(set(spans), key=lambda span: (span[0] + span[1], span[0], -span[2])):
        if not any(other[0] <= span[0] and other[2] >= span[2] for other in kept):
            kept.append(span)
    return kept


def visit(front: Front, gap: int, windows: tuple[Window, ...], duration: int) -> Front:
    """Let each span be followed by a service that starts in one of the windows."""
    if len(front) == 1 and len(windows) == 1:
        joined = join(front[0], gap, (duration, *windows[0]))
        return [] if joined is None else [joined]
    return best(
        joined
        for span in front
        for opens, closes in windows
        if (joined := join(span, gap, (duration, opens, closes))) is not None
    )


def before(windows: tuple[Window, ...], duration: int, gap: int, front: Front) -> Front:
    """Let a service that starts in one of the windows come before each span."""
    found = [join((duration, opens, closes), gap, span) for opens, closes in windows for span in front]
    return best(span for span in found if span is not None) if len(found) != 1 else [span for span in found if span]


def cross(firsts: Front, gap: int, seconds: Front) -> Front:
    """Let each of some spans be followed by each of others."""
    found = [join(first, gap, second) for first in firsts for second in seconds]
    return best(span for span in found if span is not None) if len(found) != 1 else [span for span in found if span]
