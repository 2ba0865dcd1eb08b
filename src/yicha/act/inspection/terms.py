"""Words of a visit that is carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from yicha.know.visits.terms import ResultCode

OFFICERS_PER_AGENCY = "officers-per-agency"
"""The number of the law that says how many officers each agency must send (行政处罚法 第四十二条)."""
SECOND_VISIT_DAYS = "second-visit-days"
"""The number (ours) that says how close two visits must be to be warned of."""


class VisitState(StrEnum):
    """How far a visit is. Called off: it never took place."""

    OPENED = "opened"
    STARTED = "started"
    CLOSED = "closed"
    CALLED_OFF = "called-off"


class PartState(StrEnum):
    """How far one agency is with its part."""

    OPEN = "open"
    CLOSED = "closed"


class Severity(StrEnum):
    """How grave a problem is; the three degrees of 信用修复管理办法."""

    MINOR = "minor"
    GENERAL = "general"
    SERIOUS = "serious"


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """A problem found. `correct_by` is the last day to correct it; None: nothing to correct or already corrected."""

    words: str
    severity: Severity
    correct_by: date | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What an officer records of one item."""

    code: ResultCode
    findings: Sequence[FindingFacts] = ()


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """One item as the closing of a part sees it: `code` None while nothing is recorded."""

    item: str
    code: ResultCode | None


class CheckRow(NamedTuple):
    """One item of one agency in a visit, for whoever reads thousands of them: codes and names, no models."""

    pk: int
    visit_id: int
    agency: str
    agency_name: str
    item: str
    item_name: str
    contact_item_id: int
    result_code: str


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """A problem as it was written down."""

    words: str
    severity: str
    correct_by: date | None


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """Everything that was recorded of one check: what the evidence hash of a result is taken from.

    `officers` are the certificates of who went for the agency. `visit` is the visit's uuid.
    """

    contact_item_id: int
    visit: str
    uscc: str
    premises_id: int | None
    agency: str
    item: str
    item_version: int
    item_version_id: int
    result_code: ResultCode
    found_on: date
    recorded_at: datetime
    recorded_by: str
    officers: tuple[str, ...]
    findings: tuple[FindingRecord, ...]


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One agency's part as the closing of the whole sees it."""

    agency: str
    state: PartState


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """An officer as the opening of a visit sees him."""

    certificate: str
    agency: str
    valid_from: date
    valid_until: date
    active: bool


@dataclass(frozen=True, slots=True)
class Crew:
    """Who goes for one agency."""

    agency: str
    officers: Sequence[OfficerFacts]
