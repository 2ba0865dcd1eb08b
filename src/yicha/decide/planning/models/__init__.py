"""Tables of planning."""

from yicha.decide.planning.models.plans import AnnualPlan, EntryStratum, OverlapRuling, PlanComment, PlanEntry
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
    "OverlapRuling",
    "PlanComment",
    "PlanEntry",
    "Round",
    "RoundDraw",
    "Screening",
    "VisitOfficer",
]
