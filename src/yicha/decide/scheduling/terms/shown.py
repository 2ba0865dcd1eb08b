"""What comes out: rows of calendars and exports, what breaks a rule, what was changed and saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yicha.decide.scheduling.terms.problems import (
    Slot,
)
from yicha.kernel.refusal import Reason


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
