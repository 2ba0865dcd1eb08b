"""Words of scheduling: slots, what a visit needs, what there is of it, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from yicha.kernel.refusal import Reason
from yicha.know.registry.terms import DayPart

PARTS = (DayPart.MORNING, DayPart.AFTERNOON)


class Slot(NamedTuple):
    """Half of a working day. Slots sort as time goes: `am` before `pm`."""

    day: date
    part: DayPart


class ResourceKind(StrEnum):
    """What limits a calendar."""

    POOL = "pool"
    """Officers of an agency, as long as nobody is drawn yet; with a competence, those of them who have it."""
    OFFICER = "officer"
    EQUIPMENT = "equipment"


class Resource(NamedTuple):
    """Something of which there is only so much in a slot. `agency`, and `code`: of a pool the competence ("" for all

    of the agency), of an officer the certificate, of equipment its code.
    """

    kind: ResourceKind
    agency: str
    code: str


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """A visit to be placed. `key` is its uuid; `needs` how much it takes of each resource in its slot.

    `slots` are all that its windows, quiet days, the enterprise's closed days and the law leave, ascending; `barred`
    says for a slot of its window that is not among them why (a code), so that a visit without a place can be
    explained. `district` is the region code where it takes place, `agencies` who takes part; `fixed` is the only slot
    where it may stand (pinned, or announced): where that is not possible it has no place, and it is said why; `now` is
    where it is planned at present; `held`: it is pinned, or the enterprise was told, so that it stays there before any
    other visit gets a place; `preferred` are slots that the enterprise asked for.

    A visit takes its share of *every* pool that its officers could come from: two officers for an item that needs a
    competence are two of the pool of that competence and two of the pool of the whole agency (see `rules.pools`).
    Once people are drawn, it needs one of each officer, and no pool. What took place already, or is planned outside
    this problem, is not a visit here: bar its days (and days of rest) from `slots` and take it from the capacity.
    """

    key: str
    uscc: str
    district: str
    agencies: tuple[str, ...]
    needs: Mapping[Resource, int]
    slots: tuple[Slot, ...]
    barred: Mapping[Slot, str] = field(default_factory=dict)
    preferred: frozenset[Slot] = frozenset()
    fixed: Slot | None = None
    now: Slot | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What the solver is given. The order of visits, slots and rows says nothing: the answer is the same.

    `capacity`: how much of a resource there is in a slot (of a pool: officers who are there); a resource without a row
    there has none. `per_day`: how much of it there is in a whole day, where that is less than its slots together
    (`visits-an-officer-a-day`: of an officer the number itself, of a pool the sum over its officers of the number or
    of the halves that he is there, whichever is less); without a row, the slots alone count. `rest_days`: so many
    calendar days lie between two visits to one enterprise at least; 0: never two on a day. `keep`: as little as
    possible moves away from `now`.
    """

    visits: tuple[VisitFacts, ...]
    slots: tuple[Slot, ...]
    capacity: Mapping[tuple[Resource, Slot], int]
    per_day: Mapping[tuple[Resource, date], int] = field(default_factory=dict)
    rest_days: int = 0
    keep: bool = False


class Objective(StrEnum):
    """What a calendar is measured by, in this order: a later one never costs an earlier one anything.

    Before all of them, and never given up for any: visits that are held stay where they are. Then: visits that have
    no place; visits that do not stay where they are (when `keep`); over agencies and days the sum of squares of their
    visits, which is least when load is even; how often somebody is in a district on a day (an agency; once people are
    drawn, each officer: morning and afternoon in two districts count twice); enterprises' wishes that are not met.
    """

    UNPLACED = "unplaced"
    MOVES = "moves"
    LOAD = "load"
    TRAVEL = "travel"
    WISHES = "wishes"


@dataclass(frozen=True, slots=True)
class Measure:
    """One objective: what was reached, and what no calendar that is as good in the earlier ones can undercut."""

    value: int
    bound: int

    @property
    def gap(self) -> float:
        """How far the value lies above its bound, as a share of the value; 0 is proven best."""
        return (self.value - self.bound) / self.value if self.value else 0.0


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a visit has no place: on which slots which resource is missing, or what bars the slot (a code).

    Codes of ours beside those of `VisitFacts.barred`: `same-enterprise` (another visit to it is too near), `taken` (a
    resource would do for this visit alone, but others stand there: then `resource` says which), `no-window`,
    `window-over` (the slot is the last one of a window in which no day is left).
    """

    visit: str
    resource: Resource | None
    barred: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Solution:
    """A calendar: the slot of every visit that has one, why the others have none, and how good it is."""

    placed: Mapping[str, Slot]
    missing: tuple[Missing, ...]
    objectives: Mapping[Objective, Measure]
    stopped: bool = False
    """Whether it was ended early and is the best so far."""


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


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One row of `yicha plan export`: a visit, an agency, an item, an officer, a day."""

    round: str
    visit: str
    uscc: str
    enterprise: str
    region: str
    agency: str
    item: str
    officer: str
    day: date
    part: str
    window_from: date
    window_to: date
    kind: str
    counts_toward_cap: bool
    lead: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that an exported calendar breaks: what, of whom, when."""

    reason: Reason
    visit: str


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
    `barred` days with a code each, `closed` and `preferred` half days, and in `taken` how many visits it has near these
    days that do not move. `recused`: (officer's id, enterprise's id) → from when until when; `last_went`:
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
    taken: Mapping[int, int]
    recused: Mapping[tuple[int, int], tuple[tuple[date, date | None], ...]]
    last_went: Mapping[tuple[int, str], frozenset[int]]
    lost: tuple[LostDay, ...] = ()
    hold_announced: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """A visit that a calendar moves, or leaves without a place (`to` None, and `why` in words)."""

    contact: str
    uscc: str
    enterprise: str
    agencies: tuple[str, ...]
    was: Slot | None
    to: Slot | None
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A planned visit on its half day. `officers`: certificate and name of who was drawn; `part` may be empty."""

    contact: str
    day: date
    part: str
    uscc: str
    enterprise: str
    region: str
    lead: str
    agencies: tuple[str, ...]
    officers: tuple[tuple[str, str], ...]
    items: int
    state: str
    pinned: bool
    unannounced: bool
    window_from: date
    window_to: date


@dataclass(frozen=True, slots=True)
class Board:
    """The demands of a round, what the gate did to them, and where the visits stand. Every number opens to a list."""

    demands: int
    recognised: int
    offsite: int
    deferred: int
    refused: int
    waiting: int
    matched: int
    visits: int
    placed: int
    unplaced: int
    pinned: int
    made: int


@dataclass(frozen=True, slots=True)
class Saving:
    """Visits if every agency went alone, visits planned; demands that results or data spared."""

    alone: int
    planned: int
    recognised: int
    offsite: int

    @property
    def saved(self) -> int:
        """Visits that nobody has to make."""
        return self.alone - self.planned


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeping a calendar did. `left_out` are visits (uuid) that were cancelled or made meanwhile."""

    moved: int
    returned: int
    left_out: tuple[str, ...] = ()
