"""What the solver is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from yicha.know.registry.terms import DayPart

PARTS = (DayPart.MORNING, DayPart.AFTERNOON)


class Slot(NamedTuple):
    """Half of a working day. Slots sort as time goes: `am` before `pm`."""

    day: date
    part: DayPart


class Limit(NamedTuple):
    """Of an enterprise's visits at most so many from one day to another, both included: a week, a month."""

    first: date
    last: date
    most: int

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last

    def is_full(self, days: Iterable[date]) -> bool:
        """Whether visits on these days leave no room for one more."""
        return sum(self.holds(day) for day in days) >= self.most


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
    other visit gets a place; `preferred` are slots that the enterprise asked for; `after`: keys of visits to the same
    enterprise that take place on earlier days, because people were drawn for them in turn (nobody twice in a row).

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
    after: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """What the solver is given. The order of visits, slots and rows says nothing: the answer is the same.

    `capacity`: how much of a resource there is in a slot (of a pool: officers who are there); a resource without a row
    there has none. `per_day`: how much of it there is in a whole day, where that is less than its slots together
    (`visits-an-officer-a-day`: of an officer the number itself, of a pool the sum over its officers of the number or
    of the halves that he is there, whichever is less); without a row, the slots alone count. An
    enterprise has never two visits on a day, and by `limits` (its uscc) so many in weeks and months. `keep`: as little
    as possible moves away from `now`.
    """

    visits: tuple[VisitFacts, ...]
    slots: tuple[Slot, ...]
    capacity: Mapping[tuple[Resource, Slot], int]
    per_day: Mapping[tuple[Resource, date], int] = field(default_factory=dict)
    limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)
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

    Codes of ours beside those of `VisitFacts.barred`: `same-enterprise` (it has another visit on that day, or as many
    as its week or month may hold), `out-of-turn` (people were drawn for it and another visit there in turn), `taken` (a
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
