"""What is read of visits, people and days before a problem is laid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yicha.decide.scheduling.terms.problems import (
    Slot,
)


@dataclass(frozen=True, slots=True)
class PartFacts:
    """An agency's share of a visit: what it checks (codes of items), what it takes along, and who was drawn for it.

    `window`: the days that its own checks share, which may be more than those of the whole visit.
    """

    agency: str
    kind: str
    items: frozenset[str]
    equipment: frozenset[str] = frozenset()
    officers: frozenset[str] = frozenset()
    window: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """A planned visit as the calendar sees it. `first` and `last` are the days that all of its demands share.

    `enterprise` is its id; `now` where it stands, None as long as no calendar said so (then `on` is the provisional
    day); `pinned` by somebody, or `announced` (it has a live visit code), a visit does not make room for others.
    """

    id: int
    key: str
    enterprise: int
    uscc: str
    district: str
    first: date
    last: date
    on: date | None
    now: Slot | None
    parts: tuple[PartFacts, ...]
    unannounced: bool = False
    pinned: bool = False
    announced: bool = False


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """An officer of an agency who is in service. `away`: half days on which he cannot be sent."""

    id: int
    certificate: str
    agency: str
    competences: frozenset[str]
    valid_from: date
    valid_until: date
    away: frozenset[Slot] = frozenset()


@dataclass(frozen=True, slots=True)
class LostDay:
    """A half day on which nobody goes; `districts` empty: nowhere."""

    slot: Slot
    districts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CalendarNumbers:
    """Numbers of the law, as they are in force on the day of asking."""

    officers_per_agency: int
    visits_an_officer_a_day: int
    notice_days: int
    a_day: int
    a_week: int
    a_month: int


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """Everything that a problem is made from, read at once.

    `asked_on` is the day on which the calendar was asked for: notices are counted from it, it may be kept later.
    `moving` are the visits to be placed, `standing` all others that are planned on the same days. By enterprise (id):
    `barred` days with a code each, `closed` and `preferred` half days, and in `taken` the days, near these, of its
    visits that do not move. `recused`: (officer's id, enterprise's id) → from when until when; `last_went`:
    (enterprise's id, agency) → who went there the last time. `equipment`: (agency, code) → how many. `hold_announced`:
    announced visits do not move at all; otherwise they stay where they are before others get a place.
    """

    today: date
    asked_on: date
    days: tuple[date, ...]
    numbers: CalendarNumbers
    moving: tuple[ContactFacts, ...]
    standing: tuple[ContactFacts, ...]
    people: tuple[PersonFacts, ...]
    equipment: Mapping[tuple[str, str], int]
    barred: Mapping[int, Mapping[date, str]]
    closed: Mapping[int, frozenset[Slot]]
    preferred: Mapping[int, frozenset[Slot]]
    taken: Mapping[int, tuple[date, ...]]
    recused: Mapping[tuple[int, int], tuple[tuple[date, date | None], ...]]
    last_went: Mapping[tuple[int, str], frozenset[int]]
    lost: tuple[LostDay, ...] = ()
    hold_announced: bool = True
