"""Words of the check of a year before publication: the floor, the caps, and whom the plans would disturb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Breach(StrEnum):
    """What a plan may break, and is then published only when that was accepted."""

    FLOOR = "floor"
    """Fewer are planned in the plan's regions than the floor of a year asks for."""
    BUDGET = "budget"
    """Enterprises would have more visits than their budget of the year has left."""


class Disturbed(StrEnum):
    """A list of enterprises behind a sentence about a plan."""

    CLASS_A = "class-a"
    """Of class A, and drawn by this plan at some time of the year."""
    RESTING = "resting"
    """Of class A, visited so lately that the gate will not let an agency in on its own initiative."""
    UNDISTURBED = "undisturbed"
    """On the undisturbed list."""
    BUDGET = "budget"
    """More visits than the budget has left, all plans of the year together."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many enterprises: `expected` of the `reached`, on average over draws."""

    expected: int
    reached: int


@dataclass(frozen=True, slots=True)
class YearCheck:
    """What publishing a plan would mean, all published plans of the year together, on the registry as it is.

    `short`: how many more the floor asks for in the plan's regions. `over`: how many enterprises have visits beyond
    their budget, as an average over `runs` seeded runs.
    """

    counts: Mapping[Disturbed, Count]
    planned: int
    due: int
    enterprises: int
    visits: int
    runs: int

    @property
    def short(self) -> int:
        """How many more must be planned to reach the floor."""
        return max(0, self.due - self.planned)

    @property
    def over(self) -> int:
        """How many enterprises would have more visits than their budget allows."""
        return self.counts[Disturbed.BUDGET].expected

    @property
    def breaches(self) -> dict[Breach, int]:
        """What is broken, and by how many enterprises."""
        found = {Breach.FLOOR: self.short, Breach.BUDGET: self.over}
        return {breach: count for breach, count in found.items() if count}

    def beyond(self, accepted: Mapping[Breach, int]) -> dict[Breach, int]:
        """What is broken by more than was accepted: it stands against publishing."""
        return {breach: count for breach, count in self.breaches.items() if count > accepted.get(breach, 0)}
