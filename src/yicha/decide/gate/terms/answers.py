"""What is answered: outcomes, grounds, verdicts, and what would change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum

RULES_VERSION = "gate/1"
"""Changes when the rules change; every verdict keeps the one that it was judged by."""


class Outcome(StrEnum):
    """May this visit happen. In the order of preference: recognise → merge → offsite → allow; else defer or refuse."""

    RECOGNISE = "recognise"
    MERGE = "merge"
    OFFSITE = "offsite"
    ALLOW = "allow"
    DEFER = "defer"
    REFUSE = "refuse"


class Bars(IntEnum):
    """What a ground stands in the way of; each includes what is before it.

    NOTHING: a remark. NEW_VISIT: a visit of its own (budget, frequency, quiet days); joining a planned one is free.
    ENTRY: passing the door at all (officers, the undisturbed list, campaigns without approval). EVERYTHING: the check
    itself, even from data (item not in force, agency not competent).
    """

    NOTHING = 0
    NEW_VISIT = 1
    ENTRY = 2
    EVERYTHING = 3


@dataclass(frozen=True, slots=True)
class RowUsed:
    """A dated row that a ground leans on: a number, a trigger, quiet days, an agreement, a campaign."""

    table: str
    code: str
    value: str
    source: str
    in_force_from: date | None
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason of a verdict.

    `code` is stable (`gate.cap-used`). `sentence` is an English message id with `%(name)s` places, `facts` fills them.
    `bars` says what it stands in the way of. `until`: from this day on it does not any more (None: does not pass by
    waiting). `answerable`: a reason in `Application.reasons`, or an approval, lifts it. `item` is empty for the whole.
    `leads_to` is set on grounds that speak for an outcome (a result that exists, a visit to join). `at_field` names the
    field of `Application` to mend; empty: none in particular.
    """

    code: str
    sentence: str
    source: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    bars: Bars = Bars.NOTHING
    until: date | None = None
    answerable: bool = False
    item: str = ""
    leads_to: Outcome | None = None
    rows: tuple[RowUsed, ...] = ()
    at_field: str = ""


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """The answer for one item. `contact` of a merge; `result` and `valid_until` of a recognition."""

    item: str
    outcome: Outcome
    contact: str = ""
    result: str = ""
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `outcome` is that of the whole: if an item is barred, the whole is; else the heaviest that is left.

    `on` is the day of an allowed or joined visit; `until` the first day that is open again when deferred. `wants` are
    the codes of answerable grounds when nothing else stands in the way: a reason or an approval is required.
    `counts_toward_cap` says whether an allowed visit uses the enterprise's budget.
    """

    outcome: Outcome
    items: tuple[ItemVerdict, ...]
    grounds: tuple[Ground, ...]
    on: date | None = None
    until: date | None = None
    wants: tuple[str, ...] = ()
    counts_toward_cap: bool = True
    rules: str = RULES_VERSION


class ChangeKind(StrEnum):
    """One fact that could be otherwise; in brackets what `Change.value` names."""

    TRIGGER = "trigger"
    """Another trigger, with its evidence (its code)."""
    DAY = "day"
    """Another day (in ISO 8601)."""
    OFFICERS = "officers"
    """Other officers, who are fit in every way."""
    WITHOUT_ITEM = "without-item"
    """An item left out (its code)."""
    REASON = "reason"
    """A reason given (the code of the ground that asks for one)."""
    EVIDENCE = "evidence"
    """The reference of the evidence given."""
    APPROVAL = "approval"
    """The approval of the agency's head."""
    CAMPAIGN = "campaign"
    """The approval of a campaign that covers agency, items and days."""
    CONSENT = "consent"
    """The consent of the region in which the place lies."""
    AGREEMENT = "agreement"
    """An agreement that shares everything between all regions that are involved."""
    NOT_LISTED = "not-listed"
    """The enterprise is not on an undisturbed list."""
    RISK_CLASS = "risk-class"
    """Another class (its letter); never shown outside the desk."""


@dataclass(frozen=True, slots=True)
class Change:
    """ "Why not?": one fact changed, in words, and the answer that would then be given (None: not judged yet).

    `sentence` is a message id, `facts` fills its places. `wants` as in `Verdict`.
    """

    kind: ChangeKind
    value: str = ""
    sentence: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)
    outcome: Outcome | None = None
    on: date | None = None
    until: date | None = None
    wants: tuple[str, ...] = ()


TELLS_CLASS = frozenset({"gate.class-a-rest", "gate.low-risk-visits"})
"""Codes of grounds that tell the internal class: never on a page of the enterprise or the public (decision 0007)."""
