"""What an agency may say to its part of a planned visit, and when its silence says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

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
    },
)
"""An accepted part is dispatched: from then on only the visit itself can be called off. A part that left the visit is

asked about again when matching brings it back into it.
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
