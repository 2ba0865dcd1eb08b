"""Words of the simulator: what other rates would mean, before anybody sets them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import NamedTuple


class Cell(NamedTuple):
    """A class of a joint list, as rates are set for it (codes)."""

    joint_list: str
    risk_class: str


@dataclass(frozen=True, slots=True)
class SimulatedStratum:
    """Enterprises of a region and a class that a joint list is about. `draws`: how often the period draws from it."""

    cell: Cell
    region: str
    size: int
    draws: int = 1


@dataclass(frozen=True, slots=True)
class SimulatedRate:
    """The rate of a cell in a region, and the one that is tried. `on_site`: who is drawn is visited."""

    before: Decimal
    after: Decimal
    on_site: bool = True


@dataclass(frozen=True, slots=True)
class FindingRate:
    """Of so many checks so many found something; `low` to `high` is the 95 % interval of the share (Wilson 1927).

    `is_overall`: of the class in all lists, because this one has no result yet.
    """

    checks: int
    found: int
    low: Decimal
    high: Decimal
    is_overall: bool = False

    @property
    def share(self) -> Decimal:
        """What was found of what was checked."""
        return (Decimal(self.found) / self.checks).quantize(Decimal("0.0001"))


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be expected: visits, checks without a visit, and findings of the visits.

    `unknown` are visits for which no finding rate is known; findings leave them out. `low` and `high`: every rate at
    the edge of its interval at once.
    """

    visits: int = 0
    offsite: int = 0
    unknown: int = 0
    findings: Decimal = Decimal(0)
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)

    @property
    def drawn(self) -> int:
        """Whoever is drawn, however the check is made."""
        return self.visits + self.offsite

    def __add__(self, other: Expected) -> Expected:
        return Expected(
            self.visits + other.visits,
            self.offsite + other.offsite,
            self.unknown + other.unknown,
            self.findings + other.findings,
            self.low + other.low,
            self.high + other.high,
        )


@dataclass(frozen=True, slots=True)
class SimulatedRow:
    """A region, a joint list or all: before and after, against the floor of coverage for the period."""

    code: str
    name: str
    before: Expected
    after: Expected
    enterprises: int = 0
    floor: Decimal = Decimal(0)

    @property
    def more_visits(self) -> int:
        """Visits that come, or (below 0) fall away."""
        return self.after.visits - self.before.visits

    @property
    def due(self) -> int:
        """How many the floor asks for, rounded up."""
        return ceil(self.enterprises * self.floor)

    @property
    def missing(self) -> int:
        """How many more must be drawn to reach the floor, after."""
        return max(0, self.due - self.after.drawn)

    @property
    def coverage(self) -> Decimal:
        """Who is drawn, as a share of the enterprises; 0 where there are none."""
        return _share(self.after.drawn, self.enterprises)

    @property
    def coverage_before(self) -> Decimal:
        """The same before."""
        return _share(self.before.drawn, self.enterprises)


def _share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / whole).quantize(Decimal("0.0001")) if whole else Decimal(0)


@dataclass(frozen=True, slots=True)
class TriedRate:
    """A cell as the simulator's form shows it: the rate in force, the one that is tried, what is found under it.

    `varies`: regions of the place have other rates; what is tried replaces them all.
    """

    cell: Cell
    size: int
    draws: int
    before: Decimal | None
    tried: Decimal | None
    varies: bool
    on_site: bool
    finding: FindingRate | None


@dataclass(frozen=True, slots=True)
class Simulation:
    """What other rates would mean. `unplanned` are lists that no plan of the period draws: counted as if drawn once."""

    total: SimulatedRow
    regions: tuple[SimulatedRow, ...]
    lists: tuple[SimulatedRow, ...]
    rates: tuple[TriedRate, ...]
    floor: Decimal
    floor_source: str
    floor_is_ours: bool
    unplanned: frozenset[str]
