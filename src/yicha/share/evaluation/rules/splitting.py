"""Before and after: what a model may learn from, and what it is measured on. By time only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from yicha.kernel.refusal import Reason, refuse_if
from yicha.share.evaluation.rules.measure import Flags, Whole
from yicha.share.evaluation.terms.ordering import Question, Role

LAST_SHARE = 0.25
"""Without other word, the part after is the last quarter of the time that the table spans."""
LEAST_ROWS = 20
"""Fewer inspections say nothing about an order (ours)."""
LEAST_TO_LEARN = 100
"""Fewer inspections before teach nothing (ours)."""
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Split:
    """The rows of the two parts; rows of neither lie between or after them."""

    train: Flags
    test: Flags


def split_by_days(days: Whole, question: Question) -> Split:
    """By the days that were named, else the last quarter of the span. Refuses parts that overlap."""
    span = int(days.max() - days.min())
    test_from = question.test_from.toordinal() if question.test_from else None
    if test_from is None and question.train_until:
        test_from = question.train_until.toordinal() + 1
    if test_from is None:
        test_from = int(days.min() + np.ceil(span * (1 - LAST_SHARE)))
    train_until = question.train_until.toordinal() if question.train_until else test_from - 1
    test_until = question.test_until.toordinal() if question.test_until else int(days.max())
    if train_until >= test_from:
        refuse_if([_overlap(train_until, test_from)])
    return Split(days <= train_until, (days >= test_from) & (days <= test_until))


def split_by_column(days: Whole, is_test: Flags) -> Split:
    """As a column says, if it is ordered in time: everything before lies before everything after."""
    split = Split(~is_test, is_test)
    if split.train.any() and split.test.any():
        train_until, test_from = int(days[split.train].max()), int(days[split.test].min())
        if train_until >= test_from:
            refuse_if([_overlap(train_until, test_from)])
    return split


def _overlap(train_until: int, test_from: int) -> Reason:
    return Reason(
        "evaluation.not-in-time-order",
        "The part to learn from ends on %(until)s, the part to measure begins on %(start)s: what is measured must lie "
        "after what was learnt, or the past would be told from the future.",
        facts={"until": _iso(train_until), "start": _iso(test_from)},
        at_field="split",
    )


def measure_reasons(found: Flags) -> list[Reason]:
    """Why a set of inspections cannot be measured."""
    if len(found) < LEAST_ROWS:
        return [
            Reason(
                "evaluation.too-few",
                "The part to measure has %(rows)s inspections; at least %(least)s are needed.",
                facts={"rows": len(found), "least": LEAST_ROWS},
            )
        ]
    if not found.any():
        return [
            Reason(
                "evaluation.no-findings",
                "Nothing was found in the part to measure: no order finds it earlier.",
            )
        ]
    if found.all():
        return [
            Reason(
                "evaluation.all-findings",
                "Something was found at every inspection of the part to measure: every order is as good.",
            )
        ]
    return []


def learning_reasons(found: Flags) -> list[Reason]:
    """Why nothing can be learnt from the part before."""
    if len(found) < LEAST_TO_LEARN:
        return [
            Reason(
                "evaluation.too-few-to-learn",
                "The part to learn from has %(rows)s inspections; at least %(least)s are needed.",
                facts={"rows": len(found), "least": LEAST_TO_LEARN},
            )
        ]
    if found.all() or not found.any():
        return [
            Reason(
                "evaluation.one-class",
                "In the part to learn from, every inspection ended the same way: nothing can be learnt.",
            )
        ]
    return []


_UNREADABLE = {
    Role.DATE: Reason(
        "evaluation.unreadable",
        "%(count)s cells of “%(column)s” are no day such as 2026-07-01. The first, with their rows: %(rows)s.",
        at_field="file",
    ),
    Role.FOUND: Reason(
        "evaluation.unreadable",
        "%(count)s cells of “%(column)s” do not say whether something was found (是/否, yes/no, 1/0, a count). "
        "The first, with their rows: %(rows)s.",
        at_field="file",
    ),
    Role.SCORE: Reason(
        "evaluation.unreadable",
        "%(count)s cells of “%(column)s” are no number. The first, with their rows: %(rows)s.",
        at_field="file",
    ),
    Role.SPLIT: Reason(
        "evaluation.unreadable",
        "%(count)s cells of “%(column)s” say neither test nor train. The first, with their rows: %(rows)s.",
        at_field="file",
    ),
}


def unreadable(role: Role, column: str, bad: Sequence[tuple[int, str]], count: int) -> Reason:
    """Cells that could not be read: how many, and the first of them with their rows."""
    rows = "、".join(f"{row} “{text[:40]}”" for row, text in bad[:SHOWN])
    return replace(_UNREADABLE[role], facts={"count": count, "column": column, "rows": rows})


def _iso(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()
