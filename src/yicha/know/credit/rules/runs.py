"""How a classification goes."""

from __future__ import annotations

from datetime import date

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


def is_due(last_on: date | None, today: date) -> bool:
    """Whether this month's classification is still to come (国市监信发〔2022〕6号: monthly).

    `last_on`: the day of the last classification that was shown. One that somebody asked for in this month is one of
    everybody too.
    """
    return last_on is None or (last_on.year, last_on.month) < (today.year, today.month)
