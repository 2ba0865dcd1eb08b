"""A model of classes as a document: what counts, how much, for how long, and where the classes begin.

All numbers are whole: points, and parts of a thousand where something is multiplied. So every engine gives the same
bytes, and a class can be recomputed by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from yicha.know.credit.terms.records import RecordKind, Severity


class FactKind(StrEnum):
    """What an indicator can look at: every kind of record, and what inspections found (from `know/visits`)."""

    LICENCE = RecordKind.LICENCE.value
    PENALTY = RecordKind.PENALTY.value
    ABNORMAL_LISTING = RecordKind.ABNORMAL_LISTING.value
    SERIOUS_VIOLATION = RecordKind.SERIOUS_VIOLATION.value
    ANNUAL_REPORT = RecordKind.ANNUAL_REPORT.value
    VERIFIED_COMPLAINT = RecordKind.VERIFIED_COMPLAINT.value
    ACCIDENT = RecordKind.ACCIDENT.value
    COURT_ORDER = RecordKind.COURT_ORDER.value
    TAX_NOTICE = RecordKind.TAX_NOTICE.value
    SOCIAL_INSURANCE_NOTICE = RecordKind.SOCIAL_INSURANCE_NOTICE.value
    HONOUR = RecordKind.HONOUR.value
    PLEDGE = RecordKind.PLEDGE.value
    INSPECTION_CLEAN = "inspection-clean"
    INSPECTION_PROBLEM = "inspection-problem"
    RECTIFIED = "rectified"
    RECTIFICATION_OVERDUE = "rectification-overdue"


KIND_NUMBERS: Mapping[FactKind, int] = {kind: number for number, kind in enumerate(FactKind)}
"""The number of a kind in the lake; a new kind is added at the end, so that old snapshots stay readable."""
SEVERITY_NUMBERS: Mapping[Severity, int] = {severity: number for number, severity in enumerate(Severity)}
"""The number of a severity in the lake."""
STEP_DAYS = 30
"""A step of age. Windows and tables of decay count in steps of thirty days; step 0 is the first thirty days."""


class Part(StrEnum):
    """通用 indicators make the credit level, 专业 ones the risk level; the matrix joins the two."""

    GENERAL = "general"
    SPECIFIC = "specific"


class Measure(StrEnum):
    """How an indicator looks at an enterprise.

    RECORDS: points for every fact of its kinds, by severity, amount and age, summed.
    ABSENCE: points if there is no fact of its kinds within the window.
    MISSING_YEARS: points for each of the last `years` calendar years, begun after registration, without an annual
    report. The report of a year is due by 30 June of the next (企业信息公示暂行条例), so the last year counts from
    1 July on.
    ATTRIBUTE: points if an attribute of the enterprise has one of the values.
    """

    RECORDS = "records"
    ABSENCE = "absence"
    MISSING_YEARS = "missing-years"
    ATTRIBUTE = "attribute"


class Attribute(StrEnum):
    """What of an enterprise an ATTRIBUTE indicator reads; the values that fit.

    INDUSTRY: prefixes of GB/T 4754 codes (`C26`). ENTERPRISE_KIND: `company`, … YOUNGER_THAN_STEPS: one number of
    steps since registration; who says no date is not young.
    """

    INDUSTRY = "industry"
    ENTERPRISE_KIND = "kind"
    YOUNGER_THAN_STEPS = "younger-than-steps"


@dataclass(frozen=True, slots=True)
class AmountBand:
    """From this amount in yuan on, points are multiplied by so many parts of a thousand."""

    at_least: int
    permille: int


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line of a model. What does not belong to its measure is empty.

    `points` by severity for RECORDS (a severity that is not named gives none), under NONE for the other measures.
    `domains` are kinds of agency whose facts count; empty: all. `window` in steps: older facts do not count.
    `decay` names a table of the model; empty: no decay. `cap`: most points it can give. `lowers`: points are taken
    off the sum of its part instead (an honour, a clean inspection).
    """

    code: str
    words: str
    part: Part
    measure: Measure
    points: Mapping[Severity, int]
    kinds: tuple[FactKind, ...] = ()
    domains: tuple[str, ...] = ()
    amounts: tuple[AmountBand, ...] = ()
    window: int = 0
    decay: str = ""
    cap: int = 0
    lowers: bool = False
    years: int = 0
    attribute: Attribute | None = None
    values: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class RedLine:
    """A fact of one of these kinds and severities within the window leads straight to class D."""

    code: str
    words: str
    kinds: tuple[FactKind, ...]
    severities: tuple[Severity, ...]
    window: int
    domains: tuple[str, ...] = ()
    source: str = ""


class CutBy(StrEnum):
    """Levels begin at scores, or at shares of the population (in parts of a thousand, counted from the lowest)."""

    SCORE = "score"
    QUANTILE = "quantile"


@dataclass(frozen=True, slots=True)
class Levels:
    """Where levels 2, 3 and 4 begin, ascending. Level 1 is the best; who has a cut's score is in the higher level."""

    by: CutBy
    cuts: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Model:
    """A whole model. `matrix[credit level - 1][risk level - 1]` is the class, a letter A to D.

    `decays`: by name, parts of a thousand by step of age; beyond the table's end nothing is left.
    """

    code: str
    version: int
    title: str
    source: str
    indicators: tuple[Indicator, ...]
    red_lines: tuple[RedLine, ...]
    credit_levels: Levels
    risk_levels: Levels
    matrix: tuple[str, str, str, str]
    decays: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
