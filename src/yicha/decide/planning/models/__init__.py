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
from yicha.decide.planning.models.statutory import StatutoryCheck
from yicha.decide.planning.models.together import OverlapRuling, PlanAcknowledgement, PlanAct, PlanComment

__all__ = [
    "AnnualPlan",
    "Demand",
    "EntryDraw",
    "EntryStratum",
    "MatchRun",
    "OverlapRuling",
    "PlanAcknowledgement",
    "PlanAct",
    "PlanComment",
    "PlanEntry",
    "Round",
    "RoundDraw",
    "Screening",
    "StatutoryCheck",
    "VisitOfficer",
]
