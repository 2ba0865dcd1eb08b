"""Words of dispatch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

NOTICE_DAYS = "notice-days"
HEAD_APPROVAL_DAYS = "head-approval-days"
REMINDER_DAYS = "reminder-days"
OFFICERS_PER_AGENCY = "officers-per-agency"
"""Numbers of the law (see `catalogue.queries.get_number`)."""


class DispatchState(StrEnum):
    """How far a visit is on its way. NOTIFIED: the enterprise has its notice; an unannounced one is ready instead."""

    PREPARED = "prepared"
    APPROVED = "approved"
    NOTIFIED = "notified"
    READY = "ready"
    WITHDRAWN = "withdrawn"


class Document(StrEnum):
    """What is printed."""

    APPROVAL = "approval"
    NOTICE = "notice"
    DAY_SHEET = "day-sheet"


class ReminderOf(StrEnum):
    """What somebody is reminded of. UNREAD: that an enterprise does not know of its visit yet."""

    VISIT = "visit"
    UNREAD = "unread"
    APPROVAL = "approval"
    NOTICE = "notice"


class Assent(StrEnum):
    """Whether an agency has said that it takes part. ITSELF: it applied at the gate, so nobody has to ask it."""

    NOT_ASKED = "not-asked"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ITSELF = "itself"


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """Who goes. `recused`: he must not visit this enterprise on this day."""

    certificate: str
    name: str
    agency: str
    active: bool
    valid_from: date
    valid_until: date
    recused: bool = False


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What is checked, by which law, and what the enterprise prepares for it."""

    agency: str
    code: str
    name: str
    basis: str
    papers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """A visit as it is to be sent out. `agencies` that check something: names by code, the lead first; `assents` too.

    `regions` are the codes that the place lies in, the nearest first. `running` is the number of visits the
    enterprise has in the year of `day`, this one included. `dispatched`: it is on its way already.
    """

    key: str
    contact_id: int
    enterprise_id: int
    uscc: str
    enterprise: str
    address: str
    lead: str
    lead_name: str
    round: str
    kind: str
    trigger: str
    is_planned: bool
    is_dispatched: bool
    may_be_unannounced: bool
    day: date | None
    part: str
    regions: tuple[str, ...]
    running: int
    simulated: bool
    agencies: Mapping[str, str] = field(default_factory=dict)
    assents: Mapping[str, Assent] = field(default_factory=dict)
    officers: tuple[OfficerFacts, ...] = ()
    items: tuple[ItemFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What a notice says otherwise than the one before: `of` a code (`day`, `officers`, `items`, `papers`)."""

    of: str
    was: str
    now: str


class EventState(StrEnum):
    """What a calendar says of an event (RFC 5545, 3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A visit in an officer's calendar. Times are with their zone; `sequence` rises with every change."""

    uid: str
    begins_at: datetime
    ends_at: datetime
    title: str
    place: str
    text: str
    state: EventState
    sequence: int
