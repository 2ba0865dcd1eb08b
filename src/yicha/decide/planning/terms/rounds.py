"""Words of a round: states, demands and what the gate says of them, visits, officers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from yicha.kernel.refusal import Reason
from yicha.know.visits.terms import ContactKind


class RoundState(StrEnum):
    """How far a quarter is."""

    DRAWING = "drawing"
    COLLECTED = "collected"
    MATCHED = "matched"
    STAFFING = "staffing"
    STAFFED = "staffed"
    CLOSED = "closed"


class Origin(StrEnum):
    """What asks for a check. The values are the codes of the gate's triggers under which it is judged.

    FOLLOW_UP: a problem was found and left to be followed up. RECHECK: an order to correct has run out. STATUTORY: the
    law wants the check once in so many months.
    """

    DRAW = "draw"
    STATUTORY = "statutory"
    FOLLOW_UP = "follow-up"
    RECHECK = "recheck"


class DemandState(StrEnum):
    """Where a demand stands: waits for a visit or has one; the gate spared, deferred or refused it; or fell away.

    WITHDRAWN: its target was replaced.
    """

    WAITING = "waiting"
    MATCHED = "matched"
    SPARED = "spared"
    DEFERRED = "deferred"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RunState(StrEnum):
    """Where a matching that runs as a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


class RunKind(StrEnum):
    """What a job of a round does."""

    OPEN = "open"
    FREEZE = "freeze"
    SCREEN = "screen"
    MATCH = "match"


class StepState(StrEnum):
    """A step of the rail."""

    DONE = "done"
    PRESENT = "present"
    AHEAD = "ahead"


class Window(NamedTuple):
    """The numbers of the first and the last working day on which a check may be made; both belong to it."""

    key: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that one visit makes: their keys, and the days on which all of them may be made."""

    keys: tuple[int, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DemandFacts:
    """One check as screening and matching see it. Windows are dates; `joint_list` is empty for an agency's own item.

    `item` is the item's code, `approved_by` who approved the plan that it comes from; `screening` the id of what the
    gate said of it the last time (None: not asked yet). `method`, and `draw_id` of what was not drawn: see `Demand`.
    """

    id: int
    draw_id: str
    uscc: str
    agency: str
    agency_kind: str
    item_version_id: int
    joint_list: str
    lead_kind: str
    kind: ContactKind
    window_from: date
    window_to: date
    item: str = ""
    approved_by: str = ""
    screening: int | None = None
    method: str = ""
    origin: Origin = Origin.DRAW


class DueCheck(NamedTuple):
    """A check that is due without a draw. `follows` is the check (id in the contact ledger) that left it, or
    `prescribed` the row of the law (id); `agency_id` None: its place has no agency for it.

    `reference` says what asks for it, once a round: it is the evidence at the gate.
    """

    origin: Origin
    reference: str
    enterprise_id: int
    agency_id: int | None
    item_id: int
    window_from: date
    window_to: date
    follows: int | None = None
    prescribed: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Demands of one enterprise, agency, kind, window, method and origin: one application at the gate."""

    uscc: str
    agency: str
    kind: ContactKind
    window_from: date
    window_to: date
    demands: tuple[DemandFacts, ...]
    method: str = ""
    origin: Origin = Origin.DRAW


@dataclass(frozen=True, slots=True)
class ScreenReport:
    """What became of demands at the gate. `left` go on to matching: allowed, or joinable to a planned visit."""

    demands: int = 0
    recognised: int = 0
    offsite: int = 0
    deferred: int = 0
    refused: int = 0

    @property
    def left(self) -> int:
        """Demands that may have a visit."""
        return self.demands - self.recognised - self.offsite - self.deferred - self.refused

    def __add__(self, other: ScreenReport) -> ScreenReport:
        """Of two askings, of which the second asked again for what the first had left."""
        return ScreenReport(
            max(self.demands, other.demands),
            self.recognised + other.recognised,
            self.offsite + other.offsite,
            self.deferred + other.deferred,
            self.refused + other.refused,
        )


class Fate(StrEnum):
    """What became of a demand. Each has exactly one; MERGED and ALLOWED have a visit, with others or alone."""

    RECOGNISED = "recognised"
    MERGED = "merged"
    OFFSITE = "offsite"
    ALLOWED = "allowed"
    DEFERRED = "deferred"
    REFUSED = "refused"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class TopGround:
    """A frequent reason of a fate: how many demands it stands behind, and how it reads for one of them."""

    count: int
    example: Reason


@dataclass(frozen=True, slots=True)
class ScreenFunnel:
    """The demands of a round by what became of them. `unasked` of the waiting ones have not been at the gate yet.

    `merged` of the matched ones are in a visit that another agency takes part in too.
    """

    demands: int
    recognised: int
    offsite: int
    deferred: int
    refused: int
    unasked: int
    waiting: int
    merged: int
    matched: int

    @property
    def left(self) -> int:
        """Demands that the gate let through, or that it was not asked about yet."""
        return self.waiting + self.matched

    @property
    def allowed(self) -> int:
        """Demands whose visit their own agency makes alone."""
        return self.matched - self.merged

    @property
    def is_asked(self) -> bool:
        """Whether any demand has been at the gate."""
        return self.demands > self.unasked


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """One visit that matching proposes. `window_*` is what all its checks have in common.

    `trigger` is the first of its origins: a visit with a drawn check in it is made because of the draw.
    """

    uscc: str
    lead_agency: str
    kind: ContactKind
    window_from: date
    window_to: date
    planned_on: date
    demands: tuple[DemandFacts, ...]
    trigger: Origin = Origin.DRAW


@dataclass(frozen=True, slots=True)
class MatchReport:
    """What matching does. `units` are agencies' shares of visits: two demands of one agency in a visit count once.

    `screen` is what the gate said before, in all its askings.
    """

    demands: int
    visits_without: int
    visits_with: int
    units: int
    enterprises: int
    joint_visits: int
    flagged: int
    busiest_day: int
    screen: ScreenReport = field(default_factory=ScreenReport)

    @property
    def saved(self) -> int:
        """Visits that need not be made."""
        return self.visits_without - self.visits_with


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting the targets of a draw, or what is due, gave. `unserved`: no agency of the kind in the region."""

    targets: int
    demands: int
    withdrawn: int = 0
    unserved: tuple[str, ...] = ()
    unpublished: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a round: how many of how many, and whether it is done, present or ahead."""

    code: str
    state: StepState
    done: int
    of: int


class OfficerFacts(NamedTuple):
    """An officer of an agency, as eligibility sees him. `absences`: first and last day, and the half ("": all day)."""

    id: int
    certificate: str
    agency: str
    valid_from: date
    valid_until: date
    competences: frozenset[str]
    absences: tuple[tuple[date, date, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """An agency's part of a visit: what it checks, where, when, and who goes there for it just before and just after.

    `planned_part` is empty as long as no calendar says which half of the day.
    """

    visit: str
    agency: str
    agency_kind: str
    enterprise_id: int
    planned_on: date
    items: frozenset[str]
    last_officers: frozenset[int] = frozenset()
    planned_part: str = ""


@dataclass(frozen=True, slots=True)
class Staffing:
    """What an officers' draw is given: rows of tasks, of eligibility, and of reasons why not."""

    tasks: list[tuple[str, str, int]] = field(default_factory=list)
    eligibility: list[tuple[str, str, str]] = field(default_factory=list)
    reasons: list[tuple[str, str, str, str]] = field(default_factory=list)
