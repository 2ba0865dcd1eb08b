"""Words of publicity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

PUBLISH_WITHIN = "publish-result-within"
"""The number of the law that says within how many working days results must be public."""
SPEC = "yicha-result/1"


class PublicationState(StrEnum):
    """Due: the clock runs, nobody outside sees it. Published: frozen and public."""

    DUE = "due"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class PublicResult:
    """One item of one agency as the public sees it: names from the catalogue, and the result code."""

    agency: str
    item: str
    code: str


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """A closed visit, as `rules.content` takes it: everything that may be public, and nothing else."""

    uscc: str
    kind: str
    name: str
    region: str
    lead: str
    visited_on: date
    closed_on: date
    simulated: bool
    results: Sequence[PublicResult]


@dataclass(frozen=True, slots=True)
class ClockNumbers:
    """How the clock of 20 working days is kept: counts of results."""

    published: int
    published_in_time: int
    due: int
    late: int

    @property
    def running(self) -> int:
        """Results that are not public yet and not late."""
        return self.due - self.late

    @property
    def in_time_percent(self) -> int | None:
        """Of all whose time is over or that are public, the share published in time; None without any."""
        whole = self.published + self.late
        return 100 * self.published_in_time // whole if whole else None


@dataclass(frozen=True, slots=True)
class PublicPlanEntry:
    """One line of a published annual plan. `checked`: the joint list or the items; `draws`: numbers of draws."""

    number: int
    title: str
    quarter: int
    window_from: date
    window_to: date
    checked: Sequence[str]
    population: int
    expected: int
    draws: Sequence[str]


@dataclass(frozen=True, slots=True)
class PublicPlan:
    """A published annual plan as the public sees it: who, where, what, how many. No class, no rate, no directory."""

    code: str
    version: int
    year: int
    title: str
    owner: str
    place: str
    published_on: date | None
    is_current: bool
    expected: int
    entry_count: int
    entries: Sequence[PublicPlanEntry] = ()


@dataclass(frozen=True, slots=True)
class CheckedEnterprise:
    """An enterprise with public results, as a search lists it. `problems` counts items over all visits."""

    uscc: str
    name: str
    region: str
    visits: int
    last_visited_on: date
    problems: int


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """A credit record as the public may read it. `until` is the last day on which it may; None: until it is ended.

    Kind and severity are in words. Never a class.
    """

    code: str
    kind: str
    severity: str
    agency: str
    reference: str
    happened_on: date
    words: str
    published_on: date
    until: date | None


@dataclass(frozen=True, slots=True)
class PublicEnterprise:
    """An enterprise as the public may name it; an empty name: by its code only."""

    uscc: str
    name: str
    region: str
