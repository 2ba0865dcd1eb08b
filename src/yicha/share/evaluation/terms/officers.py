"""Words of the comparison of officers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Attendance:
    """One officer who went to one visit for an agency because a draw said so.

    `stratum` makes visits comparable: the same draw, agency, region of the enterprise and items.
    """

    visit: int
    officer: str
    agency: str
    stratum: str
    found: bool
    on: date


@dataclass(frozen=True, slots=True)
class OfficerRate:
    """How often an officer's visits found something, beside what chance would give on the same visits.

    `expected` is the number of findings on these visits if it did not matter who goes: the sum of the rates of their
    strata. `p_value` is exact under that. `estimate` is the rate drawn towards the expected one as far as the numbers
    are small (empirical Bayes). `stands_out`: still so after Benjamini-Hochberg over all officers shown.
    """

    officer: str
    agency: str
    visits: int
    findings: int
    low: float
    high: float
    expected: float
    p_value: float
    estimate: float
    stands_out: bool

    @property
    def rate(self) -> float:
        """Findings per visit."""
        return self.findings / self.visits

    @property
    def expected_rate(self) -> float:
        """What the same visits would give if it did not matter who goes."""
        return self.expected / self.visits


@dataclass(frozen=True, slots=True)
class AgencyComparison:
    """The officers of one agency. `spread_p`: how often officers who do not differ would differ as much as these.

    `spread` is the standard deviation of true rates between officers that is left after chance, 0 if none is.
    `alone` counts attendances in strata in which nobody else went: nothing to compare there.
    """

    agency: str
    attendances: int
    alone: int
    spread: float
    spread_p: float | None
    officers: tuple[OfficerRate, ...]


@dataclass(frozen=True, slots=True)
class OfficerReport:
    """All agencies that a person may compare, over a period. `not_drawn`: attendances without a draw, left out."""

    since: date | None
    until: date | None
    agencies: tuple[AgencyComparison, ...]
    not_drawn: int
