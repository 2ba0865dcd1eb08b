"""What an agency may say to its part of a planned visit, and when its silence says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from yicha.decide.scheduling.terms import AnswerState
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions

_OPEN = frozenset({AnswerState.ASKED})

ANSWER_LIFE: Transitions[AnswerState] = Transitions(
    "answer",
    {
        "accept": (_OPEN, AnswerState.ACCEPTED),
        "stay-silent": (_OPEN, AnswerState.ACCEPTED),
        "remind": (_OPEN, AnswerState.ASKED),
        "decline": (_OPEN, AnswerState.DECLINED),
        "move-off-site": (_OPEN, AnswerState.OFFSITE),
        "ask-again": (frozenset({AnswerState.DECLINED, AnswerState.OFFSITE}), AnswerState.ASKED),
        "ask-anew": (_OPEN | {AnswerState.ACCEPTED}, AnswerState.ASKED),
        "move-along": (_OPEN | {AnswerState.ACCEPTED}, AnswerState.ACCEPTED),
    },
)
"""An accepted part is dispatched: what was said is not taken back, but it was said of a half day. With another one the

agency is asked anew, unless it asked for the move itself (`move-along`). A part that left the visit is asked about
again when matching brings it back into it.
"""


def check_because(because: str) -> list[Reason]:
    """Who declines or moves off site says why: the coordination office reads it."""
    if because.strip():
        return []
    return [Reason("answer.because", "Say why: the coordination office decides on it.", at_field="because")]


def check_planned(is_planned: bool) -> list[Reason]:
    """There is nothing to answer any more when the visit was made, spared or cancelled."""
    if is_planned:
        return []
    return [Reason("answer.visit-gone", "This visit is not planned any more; nothing is left to answer.")]


def check_not_begun(has_begun: bool) -> list[Reason]:
    """Who stands at the door cannot stay away any more."""
    if not has_begun:
        return []
    return [Reason("answer.begun", "The officers are there already; no part leaves the visit now.")]


def answer_by(deadline: date, day: date, today: date) -> date:
    """The last day of a clock that begins today: its own, or the day before the visit; never before today."""
    return max(today, min(deadline, day - timedelta(days=1)))


def check_expected(expected: int, found: int) -> list[Reason]:
    """Who answers for many was shown how many."""
    if expected == found:
        return []
    return [
        Reason(
            "answer.others-by-now",
            "Meanwhile it is %(found)s parts instead of %(expected)s; look at them again.",
            facts={"found": found, "expected": expected},
        )
    ]


def is_late(due_on: date, today: date) -> bool:
    """Whether the clock has run out: the last day still belongs to it."""
    return due_on < today


def parts_to_ask(
    parts: Iterable[tuple[int, int]], known: Collection[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The (visit, agency) that nobody was asked about yet, in order."""
    return sorted(set(parts) - set(known))
