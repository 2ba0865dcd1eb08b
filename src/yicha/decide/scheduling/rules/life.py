"""The steps of a calendar that is made as a job and kept by a person."""

from __future__ import annotations

from yicha.decide.scheduling.terms import ScheduleState
from yicha.kernel.transitions import Transitions

UNFINISHED = frozenset({ScheduleState.QUEUED, ScheduleState.RUNNING, ScheduleState.STOPPING})

OVERTAKEN = "overtaken"
"""The phase of a proposal that another calendar, which was kept, has put aside; nobody said no to it."""
DIED = "schedule.died"
"""The code of the reason that a calendar has whose maker died."""

SCHEDULE_LIFE: Transitions[ScheduleState] = Transitions(
    "schedule",
    {
        "run": (frozenset({ScheduleState.QUEUED}), ScheduleState.RUNNING),
        "stop": (frozenset({ScheduleState.QUEUED, ScheduleState.RUNNING}), ScheduleState.STOPPING),
        "propose": (frozenset({ScheduleState.RUNNING, ScheduleState.STOPPING}), ScheduleState.PROPOSED),
        "keep": (frozenset({ScheduleState.PROPOSED}), ScheduleState.KEPT),
        "supersede": (frozenset({ScheduleState.KEPT}), ScheduleState.SUPERSEDED),
        "overtake": (frozenset({ScheduleState.PROPOSED}), ScheduleState.DISCARDED),
        "discard": (UNFINISHED | {ScheduleState.PROPOSED}, ScheduleState.DISCARDED),
        "refuse": (UNFINISHED, ScheduleState.REFUSED),
    },
)
"""A calendar whose worker died is refused (`services.bury`), and another one can be asked for."""
