"""Words of the contact ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

SUPERIOR_ORDER = "superior-order"
"""The trigger of a special ordered from above, which does not count toward the cap (司法部问题解答)."""
RESULT_VALID_DAYS = "result-valid-days"
"""The number of the law (ours) that says for how long a result may be recognised."""


class ContactState(StrEnum):
    """Where a visit stands."""

    PLANNED = "planned"
    MADE = "made"
    SPARED = "spared"
    CANCELLED = "cancelled"


class ContactKind(StrEnum):
    """日常, 个案, 专项; a courtesy call (走访) is recorded but counted apart."""

    DAILY = "daily"
    CASE = "case"
    SPECIAL = "special"
    COURTESY = "courtesy"


class ResultCode(StrEnum):
    """The published result codes of 双随机 inspections (provincial practice). Names follow the Chinese texts."""

    NO_PROBLEM = "01"
    NO_SUCH_ACTIVITY = "02"
    UNREACHABLE = "03"
    UNCOOPERATIVE = "04"
    NOT_PUBLISHED = "05"
    FALSE_INFORMATION = "06"
    CORRECTION_ORDERED = "07"
    FOLLOW_UP = "08"
    VIOLATES_OTHER_RULE = "09"
    CLOSED = "10"
    CANCELLED = "11"
    LICENCE_REVOKED = "12"
    REGISTRATION_WITHDRAWN = "13"
    MOVED_OUT = "14"


class SharedState(StrEnum):
    """Whether a result may be used by others."""

    OFFERED = "offered"
    REVOKED = "revoked"


PROBLEM_CODES = frozenset(
    {
        ResultCode.UNREACHABLE,
        ResultCode.UNCOOPERATIVE,
        ResultCode.NOT_PUBLISHED,
        ResultCode.FALSE_INFORMATION,
        ResultCode.CORRECTION_ORDERED,
        ResultCode.FOLLOW_UP,
        ResultCode.VIOLATES_OTHER_RULE,
    }
)
"""Codes that say that something was found against the enterprise."""


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One item that an agency means to check. `source` says why: `draw:110302-2026-0007`."""

    agency: str
    item_version_id: int
    source: str


@dataclass(frozen=True, slots=True)
class PlannedContact:
    """A visit to be planned. The window is the dates on which all its items may be checked."""

    uscc: str
    lead_agency: str
    kind: ContactKind
    round: str
    window_from: date
    window_to: date
    planned_on: date
    items: Sequence[PlannedItem]
    simulated: bool = False
    premises_id: int | None = None
    trigger: str = "draw"
    """Why it takes place: the code of a row of the gate's triggers."""
    counts_toward_cap: bool | None = None
    """What the gate found; None: as `rules.counts_toward_cap` says."""
    split_from: int | None = None
    """The visit (id) of which it was a part."""


DEFERRED = "deferred"
"""What `spared_by` begins with where a check was put off; the day from which it may be made follows."""


@dataclass(frozen=True, slots=True)
class SparedContact:
    """Checks that need no visit; `spared_by` says what spared them.

    `result:<uuid>`, `offsite:<item>`, or `deferred:<day>`: not before that day, at the earliest.
    """

    uscc: str
    agency: str
    kind: ContactKind
    trigger: str
    window_from: date
    window_to: date
    items: Sequence[PlannedItem]
    spared_by: str
    round: str = ""
    simulated: bool = False
    premises_id: int | None = None


@dataclass(frozen=True, slots=True)
class OfferedResult:
    """A result that others are to use. `contact_item_id` of one found here, `reference` of another system's."""

    uscc: str
    agency: str
    item_version_id: int
    result_code: ResultCode
    found_on: date
    evidence_hash: str
    contact_item_id: int | None = None
    reference: str = ""
    premises_id: int | None = None
