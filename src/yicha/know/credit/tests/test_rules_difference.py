"""What two versions of a model say differently."""

from __future__ import annotations

from yicha.know.credit.rules.model_difference import compare
from yicha.know.credit.rules.models import parse
from yicha.know.credit.terms.differences import Difference, Subject
from yicha.know.credit.tests.test_rules_models import SMALL


def between(*changes: tuple[str, str]) -> list[Difference]:
    """What a document says otherwise after these replacements."""
    text = SMALL
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return compare(parse(SMALL), parse(text))


def test_comments_and_spelling_are_no_difference() -> None:
    assert between(("code: small", "# a comment\ncode:   small"), ("[penalty]", "[ penalty ]")) == []


def test_points_that_changed_are_said_with_their_severity() -> None:
    assert between(("serious: 150", "serious: 180")) == [
        Difference(Subject.INDICATOR, "行政处罚", "points.serious", "150", "180")
    ]


def test_an_indicator_that_came_and_one_that_went_are_said() -> None:
    assert between(("code: honour", "code: award")) == [
        Difference(Subject.INDICATOR, "荣誉", "", "", "award"),
        Difference(Subject.INDICATOR, "荣誉", "", "honour", ""),
    ]


def test_levels_matrix_decay_red_lines_and_the_title_are_compared() -> None:
    found = between(
        ("title: 小模型", "title: 模型"),
        ("[1000, 500, 0]", "[1000, 400, 0]"),
        ("[10, 60, 200]", "[10, 60, 210]"),
        ("by: quantile, cuts: [700, 900, 1000]", "by: score, cuts: [7, 9, 10]"),
        ("AABB", "ABBB"),
        ("severities: [serious]", "severities: [general, serious]"),
    )
    assert [(one.subject, one.field, one.before, one.after) for one in found] == [
        (Subject.DOCUMENT, "title", "小模型", "模型"),
        (Subject.RED_LINE, "severities", "serious", "general, serious"),
        (Subject.DECAY, "", "1000 500 0", "1000 400 0"),
        (Subject.CREDIT_LEVELS, "cuts", "10 · 60 · 200", "10 · 60 · 210"),
        (Subject.RISK_LEVELS, "by", "quantile", "score"),
        (Subject.RISK_LEVELS, "cuts", "700 · 900 · 1000", "7 · 9 · 10"),
        (Subject.MATRIX, "", "AABB BBBC CCCD DDDD", "ABBB BBBC CCCD DDDD"),
    ]
