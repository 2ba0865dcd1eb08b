"""How a classification goes."""

from __future__ import annotations

from yicha.kernel.transitions import Transitions
from yicha.know.credit.terms.classes import RunState

RUN_LIFE: Transitions[RunState] = Transitions(
    "class-run",
    {
        "start": (frozenset({RunState.QUEUED}), RunState.RUNNING),
        "finish": (frozenset({RunState.RUNNING}), RunState.DONE),
        "fail": (frozenset({RunState.QUEUED, RunState.RUNNING}), RunState.FAILED),
    },
)
