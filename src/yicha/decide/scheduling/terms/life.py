"""States of calendars, of requests for another half day and of answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from yicha.decide.scheduling.terms.problems import (
    Slot,
)


class ScheduleState(StrEnum):
    """Where a calendar stands. KEPT is the one that visits are planned by; the next one that is kept supersedes it."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    PROPOSED = "proposed"
    KEPT = "kept"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"
    REFUSED = "refused"


class ScheduleCause(StrEnum):
    """Why a calendar is made."""

    FIRST = "first"
    OFFICERS = "officers"
    """People are drawn: days follow them."""
    ABSENCE = "absence"
    WISH = "wish"
    DAY_LOST = "day-lost"
    """Rain, a flood, a power cut: nobody goes that day."""
    MOVE = "move"
    """Somebody drags one visit."""


class RequestOutcome(StrEnum):
    """What an enterprise may know of its request for another half day. OVERTAKEN: nobody decided; it may ask again."""

    LOOKED_AT = "looked-at"
    AGREED = "agreed"
    NOT_AGREED = "not-agreed"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """A half day that an enterprise asked for, and what it is told."""

    slot: Slot
    outcome: RequestOutcome


class AnswerState(StrEnum):
    """What an agency says to its part of a visit."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OFFSITE = "offsite"
