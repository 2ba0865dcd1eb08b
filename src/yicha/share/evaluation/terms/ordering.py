"""Words of an evaluated ordering: what is asked, what was found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from yicha.kernel.refusal import Reason

STEPS = 50
"""The curve of findings is given at this many equal steps of the inspections."""


class Role(StrEnum):
    """What a column of a table of inspections is."""

    DATE = "date"
    FOUND = "found"
    OBJECT = "object"
    OFFICER = "officer"
    SCORE = "score"
    SPLIT = "split"


class Ordering(StrEnum):
    """An order in which the inspections could have been made."""

    SCORE = "score"
    """By the score that the table brings, the highest first."""
    RULE = "rule"
    """By our simple rule: how often something was found at the object in the part before."""
    LOGISTIC = "logistic"
    BOOSTING = "boosting"
    LOGISTIC_OFFICER = "logistic-officer"
    """Logistic regression that also knows who inspected."""
    BOOSTING_OFFICER = "boosting-officer"
    OFFICER = "officer"
    """By nothing but the finding rate that the officer had in the part before."""
    ORACLE = "oracle"
    """Everything at which something was found comes first: the most that any ordering can reach."""


class Ties(StrEnum):
    """What happens to inspections with the same score."""

    MEAN = "mean"
    """The mean over all their orders: the order of the rows in the file changes nothing."""
    FILE = "file"
    """As they stand in the file: what a stable sort does, and so the published code for Chicago."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a table. Column names are headers of the file; empty: found by the names that are usual."""

    columns: Mapping[Role, str] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    """Empty: every column that is neither one of the above nor gives the outcome or the officer away."""
    with_officer: bool = False
    train_until: date | None = None
    test_from: date | None = None
    test_until: date | None = None
    seed: int = 1
    ties: Ties = Ties.MEAN

    @property
    def names_days(self) -> bool:
        """Whether the parts before and after are named by days."""
        return bool(self.train_until or self.test_from or self.test_until)


@dataclass(frozen=True, slots=True)
class Measured:
    """One ordering, measured. Days are positive when findings come earlier than they did."""

    ordering: Ordering
    days_earlier: float
    first_half: float | None
    """The share of findings on the days before half of the inspections were done; None: there are no such days."""
    within_officers: float | None
    """Days earlier if every officer keeps the own calendar and only reorders it: nothing of it is choosing officers."""
    tied: float
    """The share of inspections that share their score with another."""
    beats_random: bool
    """Whether the days lie above the 95 % interval of chance."""
    curve: tuple[float, ...]
    """Share of the findings after 0, 1/50, … of the inspections."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What orders by chance give: the mean and the middle 95 % of many."""

    mean: float
    low: float
    high: float
    first_half: float | None
    first_half_low: float | None
    first_half_high: float | None
    draws: int


@dataclass(frozen=True, slots=True)
class Section:
    """The orderings of one set of inspections. `whole`: the whole table, because the score came with it."""

    whole: bool
    rows: int
    findings: int
    first_on: date
    last_on: date
    first_half_as_it_was: float | None
    chance: Chance
    measured: tuple[Measured, ...]

    def find(self, ordering: Ordering) -> Measured | None:
        """One ordering, if it was measured."""
        return next((one for one in self.measured if one.ordering is ordering), None)


@dataclass(frozen=True, slots=True)
class Added:
    """What knowing the officer adds to a model: days, with the paired 95 % bootstrap interval over findings."""

    ordering: Ordering
    days: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OrderingReport:
    """What an evaluation answers. `left_out`: columns that were not used, and why."""

    name: str
    columns: Mapping[Role, str]
    rows: int
    train_rows: int
    train_findings: int
    train_until: date | None
    sections: tuple[Section, ...]
    features: tuple[str, ...]
    left_out: tuple[tuple[str, Reason], ...]
    added: tuple[Added, ...]
    notes: tuple[Reason, ...]
    seed: int
    ties: Ties
    with_officer: bool

    @property
    def section(self) -> Section:
        """The last section: the part after, or the whole table if there is no part before."""
        return self.sections[-1]
