"""Words of credit records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class RecordKind(StrEnum):
    """What a source agency says. Some speak against the enterprise, some for it, some merely inform."""

    LICENCE = "licence"
    PENALTY = "penalty"
    ABNORMAL_LISTING = "abnormal-listing"
    SERIOUS_VIOLATION = "serious-violation"
    ANNUAL_REPORT = "annual-report"
    VERIFIED_COMPLAINT = "verified-complaint"
    ACCIDENT = "accident"
    COURT_ORDER = "court-order"
    TAX_NOTICE = "tax-notice"
    SOCIAL_INSURANCE_NOTICE = "social-insurance-notice"
    HONOUR = "honour"
    PLEDGE = "pledge"


class Severity(StrEnum):
    """How grave it is; the clocks of repair and the points of a model depend on it (信用修复管理办法).

    NONE: the kind has no severity (an honour, an annual report).
    """

    NONE = "none"
    MINOR = "minor"
    GENERAL = "general"
    SERIOUS = "serious"


GRADED_KINDS = frozenset(
    {
        RecordKind.PENALTY,
        RecordKind.ABNORMAL_LISTING,
        RecordKind.SERIOUS_VIOLATION,
        RecordKind.VERIFIED_COMPLAINT,
        RecordKind.ACCIDENT,
        RecordKind.COURT_ORDER,
        RecordKind.TAX_NOTICE,
        RecordKind.SOCIAL_INSURANCE_NOTICE,
    }
)
"""Kinds that speak against the enterprise. Each such record has a severity; where the source gives none, general."""
LISTING_KINDS = frozenset({RecordKind.ABNORMAL_LISTING, RecordKind.SERIOUS_VIOLATION})
"""Who is listed is so until removed, unless the source says until when."""
UNPUBLISHED_KINDS = frozenset(
    {RecordKind.VERIFIED_COMPLAINT, RecordKind.TAX_NOTICE, RecordKind.SOCIAL_INSURANCE_NOTICE}
)
"""What agencies tell each other and the public is not told here."""


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
    `evidence` says where it is kept; both may be empty. `year` is of annual reports, and only of these. `amount` is
    in yuan; None: no money is in it. `is_published`: the public may see it from `published_on` (None: from
    `effective_from`) until `publish_until` (None: as long as it has effect).
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
    severity: Severity = Severity.NONE
    amount: Decimal | None = None
    is_published: bool = False
    published_on: date | None = None
    publish_until: date | None = None


class Told(StrEnum):
    """What partners' systems are told of a record (types of CloudEvents)."""

    PUBLISHED = "cn.yicha.credit-record.published"
    CORRECTED = "cn.yicha.credit-record.corrected"
    ENDED = "cn.yicha.credit-record.ended"
