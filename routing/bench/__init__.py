"""Measures the planner beside its peers: the same problems, wall clock and two cores, in turn, judged by the checker.

    files and names ──> entries ──> measuring ──> asking ──> child (ours) and peer (theirs), each in its own processes
                                        └──> judging (checker) ──> table

The peers are an extra, and loaded only by the process that asks them.
"""

from routing.bench.measuring import run

__all__ = ["run"]
