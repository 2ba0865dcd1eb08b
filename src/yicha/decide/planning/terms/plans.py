"""Words of plans: states, drafts that go in, coverage, the population of a draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import NamedTuple

from yicha.know.catalogue.terms import Method, RateScope
from yicha.know.visits.terms import ContactKind


class PlanState(StrEnum):
    """How far a plan is. A published plan is never edited: its next version takes its place."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class PlanOwner:
    """Whose plan: of one agency, or of a joint list in a region or in a zone (codes)."""

    agency: str = ""
    joint_list: str = ""
    region: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What a planner writes down. Codes throughout; without items the plan's joint list, without dates the quarter.

    `rate` is the entry's own for all classes; None: the rates in force. `ordered_by`, `order_number` and `ordered_on`
    are the approval record of a special inspection outside the plan.
    """

    quarter: int
    directory: str
    items: tuple[str, ...] = ()
    kind: ContactKind = ContactKind.DAILY
    window_from: date | None = None
    window_to: date | None = None
    title: str = ""
    rate: Decimal | None = None
    ordered_by: str = ""
    order_number: str = ""
    ordered_on: date | None = None


class Change(StrEnum):
    """What became of an entry between two states of a plan."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class EntryChange:
    """How an entry differs: `fields` are the names of those of `EntryDraft` that do, when it is in both."""

    change: Change
    before: EntryDraft | None
    after: EntryDraft | None
    fields: tuple[str, ...] = ()

    @property
    def shown(self) -> EntryDraft:
        """The entry as it is, or as it was when it is gone."""
        found = self.after or self.before
        assert found is not None
        return found


class HowChecked(NamedTuple):
    """What a rate says beyond the share: how who was drawn is checked, and what of. See `catalogue.RateFacts`."""

    method: Method
    scope: RateScope


class StratumCount(NamedTuple):
    """How many of an entry's population lie in a region and a class."""

    region: str
    risk_class: str
    size: int


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Enterprises of a region, what is planned and drawn of them in a year, and the floor."""

    region: str
    name: str
    enterprises: int
    planned: int
    drawn: int
    floor: Decimal

    @property
    def due(self) -> int:
        """How many the floor asks for, rounded up."""
        return ceil(self.enterprises * self.floor)

    @property
    def missing(self) -> int:
        """How many more must be planned to reach the floor."""
        return max(0, self.due - self.planned)

    @property
    def share_4(self) -> Decimal:
        """What is planned as a share with four decimals, for reading."""
        return self.share.quantize(Decimal("0.0001"))

    @property
    def drawn_share_4(self) -> Decimal:
        """What has been drawn as a share with four decimals, for reading."""
        return self.drawn_share.quantize(Decimal("0.0001"))

    @property
    def met(self) -> bool:
        """Whether what is planned reaches the floor."""
        return self.planned >= self.due

    @property
    def drawn_met(self) -> bool:
        """Whether what has been drawn reaches it already."""
        return self.drawn >= self.due

    @property
    def share(self) -> Decimal:
        """What is planned as a share of the enterprises; 0 where there are none."""
        return Decimal(self.planned) / self.enterprises if self.enterprises else Decimal(0)

    @property
    def drawn_share(self) -> Decimal:
        """What has been drawn as a share of the enterprises."""
        return Decimal(self.drawn) / self.enterprises if self.enterprises else Decimal(0)


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """Coverage of a year, in all and by region, with where the floor comes from."""

    year: int
    total: CoverageRow
    regions: tuple[CoverageRow, ...]
    source: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Population:
    """What a draw of objects is given, keys being enterprise codes, and what each opaque stratum stands for."""

    members: list[tuple[str, str]]
    exclusions: list[tuple[str, str]]
    strata: Mapping[str, tuple[str, str]]
