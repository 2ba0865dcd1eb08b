"""Words of plans that meet: entries of different plans that reach the same enterprises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class OverlapChoice(StrEnum):
    """How an overlap of two entries is resolved."""

    TOGETHER = "together"
    """Both are checked within one window: matching makes one visit of them."""
    APART = "apart"
    """They stay as they are, for a reason."""
    DROPPED = "dropped"
    """The second falls away: what the first finds is enough."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two entries: `key` outlives a version of its plan; `reach` names whom it is about."""

    key: str
    plan: str
    entry: int
    quarter: int
    window_from: date
    window_to: date
    reach: int
    """Its row in the table of who is reached."""
    agency: int | None = None
    """Whose plan it is, when it is of one agency."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two entries that reach the same enterprises: how many, how many are likely drawn by both, and the days shared."""

    first: Side
    second: Side
    shared: int
    both: float
    days: int

    @property
    def pair(self) -> frozenset[str]:
        """The keys of both."""
        return frozenset({self.first.key, self.second.key})


@dataclass(frozen=True, slots=True)
class Ruling:
    """A resolution as it was written down: of `first` and `second` by their keys."""

    first: str
    second: str
    choice: OverlapChoice
    because: str
    by: str
    at: datetime


class OverlapState(StrEnum):
    """Where an overlap stands."""

    OPEN = "open"
    """Two visits where one would do, more often than the number allows: somebody decides."""
    JOINED = "joined"
    """The windows share enough days: matching makes one visit of both."""
    NEAR = "near"
    """In neighbouring quarters: worth a look, needs no decision."""
    SMALL = "small"
    """Few are likely to be drawn by both."""
    RULED = "ruled"
    """Resolved, and the resolution holds."""
    BROKEN = "broken"
    """Resolved, but a later change of a plan undid it."""
