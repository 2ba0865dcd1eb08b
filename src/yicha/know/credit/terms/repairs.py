"""Words of credit repair (信用修复管理办法, in force 2026-04-01; 国办发〔2025〕22号)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yicha.know.credit.terms.records import GRADED_KINDS, RecordKind


class Stage(StrEnum):
    """How far a record is on its way, on a day: computed from the record and the clocks, kept nowhere."""

    RECORDED = "recorded"
    PUBLISHED = "published"
    ELIGIBLE = "eligible"
    ENDED = "ended"


class RepairState(StrEnum):
    """An application to end a record's effect.

    applied → accepted or returned (something is missing; apply again) → granted or refused, in 3 working days →
    answered, within 10 → propagated: every use of the record has ended, with a receipt from each. A refused one ends
    with the answer. Withdrawn by who applied.
    """

    APPLIED = "applied"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    REFUSED = "refused"
    ANSWERED = "answered"
    PROPAGATED = "propagated"
    WITHDRAWN = "withdrawn"


class EndingCause(StrEnum):
    """Why a record's effect ended: repaired, at its maximum, by its agency (a decision was lifted), corrected."""

    REPAIR = "repair"
    MAXIMUM = "maximum"
    AGENCY = "agency"
    CORRECTION = "correction"


class Use(StrEnum):
    """Everything in the product that may lean on a record. Each gives a receipt when it has let go."""

    CLASS = "class"
    GATE = "gate"
    LISTING = "listing"
    VISITS = "visits"
    PUBLIC = "public"
    PARTNERS = "partners"


REPAIRABLE_KINDS = frozenset(
    {
        RecordKind.PENALTY,
        RecordKind.ABNORMAL_LISTING,
        RecordKind.SERIOUS_VIOLATION,
        RecordKind.COURT_ORDER,
        RecordKind.TAX_NOTICE,
        RecordKind.SOCIAL_INSURANCE_NOTICE,
    }
)
"""失信信息: what an authority holds against an enterprise and may take back. Complaints and accidents happened."""
MAXIMUM_KINDS = GRADED_KINDS - {RecordKind.ABNORMAL_LISTING}
"""What ends by itself when it was published for as long as its severity says at most."""
OPEN_STATES = (RepairState.APPLIED, RepairState.RETURNED, RepairState.ACCEPTED, RepairState.GRANTED)
"""A record has one application at most in these."""


@dataclass(frozen=True, slots=True)
class Months:
    """The clock of a severity: from when on a record may be repaired, and when it ends by itself."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class RecordClock:
    """A record's days. `eligible_on` None: its kind has no repair. `ends_on`: its last day; None: until it is ended."""

    published_on: date | None
    eligible_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class RepairRequest:
    """What an application brings. `has_pledged`: the text of the pledge (信用承诺) was read and agreed to."""

    grounds: str
    evidence: str
    evidence_hash: str
    has_pledged: bool
