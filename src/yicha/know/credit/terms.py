"""Words of credit records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class RecordKind(StrEnum):
    """What a record says. All but the annual report speak against the enterprise."""

    PENALTY = "penalty"
    ABNORMAL_LISTING = "abnormal-listing"
    SERIOUS_VIOLATION = "serious-violation"
    ANNUAL_REPORT = "annual-report"
    VERIFIED_COMPLAINT = "verified-complaint"
    ACCIDENT = "accident"


class RecordState(StrEnum):
    """Where a version of a record stands. A corrected one stays as it was; the version after it says what holds."""

    IN_EFFECT = "in-effect"
    ENDED = "ended"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What a source agency says about an enterprise.

    `reference` is the source's own number, unique within the agency. It has effect from `effective_from` until
    `effective_until`, both included; None: until it is ended. `evidence_hash` is a SHA-256 in hexadecimal,
    `evidence` says where it is kept; both may be empty. `year` is of annual reports, and only of these.
    """

    uscc: str
    kind: RecordKind
    agency: str
    reference: str
    happened_on: date
    effective_from: date
    effective_until: date | None = None
    words: str = ""
    evidence_hash: str = ""
    evidence: str = ""
    year: int | None = None
