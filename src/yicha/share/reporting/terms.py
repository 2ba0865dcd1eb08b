"""The eight things done once, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class EightStep(StrEnum):
    """八个一次性. In the order in which a round goes."""

    PLAN = "plan"
    DISPATCH = "dispatch"
    DRAW = "draw"
    ASSIGN = "assign"
    INSPECT = "inspect"
    CHECK_UP = "check-up"
    PUBLISH = "publish"
    REPORT = "report"


SIGNED = (EightStep.DISPATCH, EightStep.CHECK_UP, EightStep.REPORT)
"""Steps that are ended by a document of their own; the others have theirs elsewhere: plan, draw, publication."""


class StepState(StrEnum):
    """A step is done, or it is the first that is not, or it lies ahead."""

    DONE = "done"
    PRESENT = "present"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of how many a step has done, and by when it is due (None: no clock can be told yet)."""

    done: int
    of: int
    due_on: date | None


@dataclass(frozen=True, slots=True)
class EightRow:
    """One step as it stands. `document` is the uuid of the newest signed document, empty when there is none.

    `is_late`: its day has passed and it is not done.
    """

    step: EightStep
    state: StepState
    counted: Counted
    document: str = ""
    version: int = 0
    is_late: bool = False


class Finding(NamedTuple):
    """One item that was checked in a round: of what trade, where, by whom, and whether something was found."""

    trade: str
    region: str
    agency: str
    item: str
    has_result: bool
    found: bool
    enterprise: int


@dataclass(frozen=True, slots=True)
class Share:
    """Of `checked`, something was found in `found`."""

    name: str
    checked: int
    found: int

    @property
    def permille(self) -> int:
        """What was found, in thousandths of what was checked."""
        return 1000 * self.found // self.checked if self.checked else 0


@dataclass(frozen=True, slots=True)
class TradeCheckUp:
    """What a round found in a trade, whoever found it: 行业体检."""

    trade: str
    enterprises: int
    with_problem: int
    agencies: int
    open: int
    items: tuple[Share, ...]
    regions: tuple[Share, ...]


Facts = Mapping[str, object]
"""What a document says: numbers and words that JSON can carry."""
