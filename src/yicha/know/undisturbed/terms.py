"""Words of the undisturbed list (无事不扰名单)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """The enterprise is on the undisturbed list of `region`, now, and nothing speaks against it."""

    uuid: str
    region: str
    listed_on: date


class ListingState(StrEnum):
    """Where a listing stands. Only `listed` has an effect at the gate."""

    NOMINATED = "nominated"
    APPLIED = "applied-for"
    OBJECTION = "objection"
    OBJECTED = "objected"
    LISTED = "listed"
    SUSPENDED = "suspended"
    REMOVED = "removed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


OPEN_STATES = (
    ListingState.NOMINATED,
    ListingState.APPLIED,
    ListingState.OBJECTION,
    ListingState.OBJECTED,
    ListingState.LISTED,
    ListingState.SUSPENDED,
)
"""An enterprise has one listing at most in these; the others are history."""


class Act(StrEnum):
    """A step of the protocol, as the table of transitions and the ledger name it."""

    NOMINATE = "nominate"
    APPLY = "apply"
    REVIEW = "review"
    LIST_AT_HOME = "list-at-home"
    DECLINE = "decline"
    OBJECT = "object"
    REVIEW_AGAIN = "review-again"
    WITHDRAW = "withdraw"
    LIST = "list"
    SUSPEND = "suspend"
    RESTORE = "restore"
    REMOVE = "remove"
    LIFT = "lift"
    """What suspended it has ended (a record was repaired): listed again without anybody's weighing."""
    SUSPEND_ANEW = "suspend-anew"
    """What suspended it has ended, and something else speaks against it: it stays suspended because of that."""


class Trigger(StrEnum):
    """What suspends at once. Kinds of credit record bear their own names."""

    PENALTY = "penalty"
    VERIFIED_COMPLAINT = "verified-complaint"
    CLASS = "class"
    ABNORMAL_LISTING = "abnormal-listing"
    SERIOUS_VIOLATION = "serious-violation"
    ACCIDENT = "accident"
    CRITERIA = "criteria"
    """An entry criterion that must hold all the time holds no more: trade, registration."""


class Phase(StrEnum):
    """When a criterion is looked at: to get on the list, or all the time while on it."""

    ENTRY = "entry"
    STAY = "stay"


class Criterion(StrEnum):
    """What a row of criteria demands. On `stay`, a kind of record means: none since a person weighed them."""

    CLASS = "class"
    PENALTY = "penalty"
    ANNUAL_REPORT = "annual-report"
    ABNORMAL_LISTING = "abnormal-listing"
    SERIOUS_VIOLATION = "serious-violation"
    KEY_TRADE = "key-trade"
    VERIFIED_COMPLAINT = "verified-complaint"
    ACCIDENT = "accident"


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A dated row of criteria. Empty `region`: everywhere; a region's own row of a criterion goes before it.

    `value` is the worst class that may be on the list, for `class`; else empty. `is_on` False: not demanded.
    """

    phase: Phase
    criterion: Criterion
    region: str
    value: str
    is_on: bool
    in_force_from: date
    source: str = ""
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is demanded at a place on a day, from rows and numbers. None, empty, False: not demanded.

    No penalty after `penalty_after`; the reports of `report_years` filed; `key_trades` are prefixes of GB/T 4754.
    """

    worst_class: str = ""
    penalty_after: date | None = None
    report_years: tuple[int, ...] = ()
    not_abnormal: bool = False
    not_serious: bool = False
    key_trades: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """An enterprise, as the criteria look at it. `region` empty: its address says none."""

    status: str
    region: str
    risk_class: str
    industry: str
    registered_on: date | None
    last_penalty_on: date | None = None
    is_abnormal: bool = False
    is_serious: bool = False
    report_years: frozenset[int] = field(default_factory=frozenset)
    is_open: bool = False
    """It has a listing in one of `OPEN_STATES`."""
    removed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A step in words for the enterprise: an English message id and what fills its places. Never names the class."""

    sentence: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What a step for many came to: how many it was done to, how many were left, and the hash of the codes."""

    count: int
    left: int = 0
    hash: str = ""
