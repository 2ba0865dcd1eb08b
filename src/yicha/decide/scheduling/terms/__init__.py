"""Words of scheduling: slots, what a visit needs, what there is of it, and what comes out."""

from yicha.decide.scheduling.terms.facts import (
    CalendarFacts,
    CalendarNumbers,
    ContactFacts,
    LostDay,
    PartFacts,
    PersonFacts,
)
from yicha.decide.scheduling.terms.life import (
    AnswerState,
    RequestOutcome,
    ScheduleCause,
    ScheduleState,
    SlotRequest,
)
from yicha.decide.scheduling.terms.problems import (
    PARTS,
    Limit,
    Measure,
    Missing,
    Objective,
    Problem,
    Resource,
    ResourceKind,
    Slot,
    Solution,
    VisitFacts,
)
from yicha.decide.scheduling.terms.shown import Board, Broken, CalendarRow, Change, ExportRow, Kept, Saving

__all__ = [
    "PARTS",
    "AnswerState",
    "Board",
    "Broken",
    "CalendarFacts",
    "CalendarNumbers",
    "CalendarRow",
    "Change",
    "ContactFacts",
    "ExportRow",
    "Kept",
    "Limit",
    "LostDay",
    "Measure",
    "Missing",
    "Objective",
    "PartFacts",
    "PersonFacts",
    "Problem",
    "RequestOutcome",
    "Resource",
    "ResourceKind",
    "Saving",
    "ScheduleCause",
    "ScheduleState",
    "Slot",
    "SlotRequest",
    "Solution",
    "VisitFacts",
]
