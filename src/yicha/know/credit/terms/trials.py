"""Words of a trial: who would move, and what it would do to visits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Move:
    """An enterprise (its id) that a trial moves from a class to another; empty: not classified before."""

    enterprise: int
    from_class: str
    to_class: str


@dataclass(frozen=True, slots=True)
class VisitEffect:
    """What a trial does to a stratum: of a joint list's directory, the active enterprises of a region and a class.

    `before` and `after` count enterprises; `rate` is the share of them that is drawn in a year.
    """

    joint_list: str
    region: str
    letter: str
    rate: Decimal
    before: int
    after: int

    @property
    def visits_before(self) -> Decimal:
        """Visits a year that the rate lets expect now."""
        return self.rate * self.before

    @property
    def visits_after(self) -> Decimal:
        """Visits a year that it would let expect."""
        return self.rate * self.after
