"""Tables of planning."""

from yicha.decide.planning.models.plans import AnnualPlan, EntryStratum, PlanEntry
from yicha.decide.planning.models.rounds import (
    Demand,
    EntryDraw,
    MatchRun,
    Round,
    RoundDraw,
    Screening,
    VisitOfficer,
)

__all__ = [
    "AnnualPlan",
    "Demand",
    "EntryDraw",
    "EntryStratum",
    "MatchRun",
    "PlanEntry",
    "Round",
    "RoundDraw",
    "Screening",
    "VisitOfficer",
]
