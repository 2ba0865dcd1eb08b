"""What the shipped model makes of typical enterprises: the table of docs/guide/classes.md."""

from __future__ import annotations

from datetime import date
from importlib import resources

import pytest

from yicha.know.credit.rules import scoring
from yicha.know.credit.rules.models import parse
from yicha.know.credit.terms.classes import Fact, Subject
from yicha.know.credit.terms.model import FactKind
from yicha.know.credit.terms.records import Severity

MODEL = parse(resources.files("yicha.know.credit.rules").joinpath("default_model.yaml").read_text("utf-8"))
ON = date(2026, 7, 1)
LAST_MONTH = date(2026, 6, 1)
TRADES = ("I6510", "H6210", "C2641")


def fact(
    kind: FactKind, day: date, severity: Severity = Severity.NONE, amount: int = 0, year: int | None = None
) -> Fact:
    return Fact(kind, severity, day, "market", "credit:x", amount=amount, year=year)


FILED = [fact(FactKind.ANNUAL_REPORT, date(year + 1, 3, 1), year=year) for year in (2024, 2025)]
PENALTY = fact(FactKind.PENALTY, LAST_MONTH, Severity.GENERAL)
PROBLEM = fact(FactKind.INSPECTION_PROBLEM, LAST_MONTH, Severity.MINOR)
CASES = [
    ("nothing else", FILED, "AAB"),
    ("no annual report", [], "BBB"),
    ("one annual report missing", FILED[:1], "BBB"),
    ("a minor penalty", [*FILED, fact(FactKind.PENALTY, LAST_MONTH, Severity.MINOR)], "BBB"),
    ("a general penalty", [*FILED, PENALTY], "BBB"),
    ("a heavy fine", [*FILED, fact(FactKind.PENALTY, LAST_MONTH, Severity.GENERAL, amount=200_000)], "CCC"),
    ("two penalties", [*FILED, PENALTY, PENALTY], "CCC"),
    ("three penalties", [*FILED, PENALTY, PENALTY, PENALTY], "CDD"),
    ("a serious penalty", [*FILED, fact(FactKind.PENALTY, LAST_MONTH, Severity.SERIOUS)], "DDD"),
    ("an old serious penalty", [*FILED, fact(FactKind.PENALTY, date(2025, 1, 1), Severity.SERIOUS)], "CCC"),
    ("a problem corrected in time", [*FILED, PROBLEM, fact(FactKind.RECTIFIED, date(2026, 6, 20))], "AAB"),
    (
        "a problem not corrected",
        [*FILED, PROBLEM, fact(FactKind.RECTIFICATION_OVERDUE, date(2026, 6, 20))],
        "BBB",
    ),
    (
        "a verified complaint",
        [*FILED, fact(FactKind.VERIFIED_COMPLAINT, LAST_MONTH, Severity.GENERAL)],
        "BBB",
    ),
    ("a general accident", [*FILED, fact(FactKind.ACCIDENT, LAST_MONTH, Severity.GENERAL)], "BBB"),
    (
        "listed for serious violations",
        [*FILED, fact(FactKind.SERIOUS_VIOLATION, date(2024, 1, 1), Severity.SERIOUS)],
        "DDD",
    ),
]


@pytest.mark.parametrize(("facts", "letters"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_typical_enterprises_get_the_class_that_the_guide_says(facts: list[Fact], letters: str) -> None:
    cuts = scoring.find_cuts(MODEL)
    found = [
        scoring.assess(MODEL, Subject("x", trade, "company", date(2015, 1, 1)), facts, ON, cuts).letter
        for trade in TRADES
    ]
    assert "".join(found) == letters
