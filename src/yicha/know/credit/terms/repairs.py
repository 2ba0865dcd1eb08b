"""Words of credit repair (信用修复管理办法, in force 2026-04-01; 国办发〔2025〕22号)."""

from __future__ import annotations

from enum import StrEnum


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
    PUBLIC = "public"
    PARTNERS = "partners"
