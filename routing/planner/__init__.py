"""The one bridge to bottles: a day's open tasks become a problem, its solution becomes a plan version.

Planning never holds a transaction: read, ask for the ways, search, save. What moved meanwhile is told by
`due.changes_since`.

    plan_day    asking.read ──> Asked.day(ways) ──> solve ──> checker ──> saving.save
    replan_day  today.read ──> replan.underway ──> solve ──> checker ──> saving.save (a version that follows another)
    propose_week  read_week ──> week.plan (CP-SAT over days, routes per day) ──> a proposal, for somebody to accept
    demand_holds  what the database says now ──> checker, before a plan is published
"""

from .holding import demand_holds
from .planning import plan_day, replan_day
from .settings import DIMENSIONS, Settings, Solver
from .today import OVERLOADED, is_under_way
from .weekly import propose_week

__all__ = [
    "DIMENSIONS",
    "OVERLOADED",
    "Settings",
    "Solver",
    "demand_holds",
    "is_under_way",
    "plan_day",
    "propose_week",
    "replan_day",
]
