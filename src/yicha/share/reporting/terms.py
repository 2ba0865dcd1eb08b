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
    """How many of how many a step has done, and by when it is due.

    A step that is signed counts what its document is about: tasks, checks with a result, visits that were made.
    """

    done: int
    of: int
    due_on: date


@dataclass(frozen=True, slots=True)
class EightRow:
    """One step as it stands. `document` is the uuid of the newest signed document, empty when there is none.

    `is_late`: its day has passed and it is not done. `newer`: so many tasks, results or
    visits came after the document was signed.
    """

    step: EightStep
    state: StepState
    counted: Counted
    document: str = ""
    version: int = 0
    is_late: bool = False
    newer: int = 0


class Signed(NamedTuple):
    """The newest document of a step; `about` so many tasks, results or visits."""

    uuid: str
    version: int
    about: int


class StepWords(NamedTuple):
    """What a step is called, who owns it, and the document that it ends with."""

    name: str
    owner: str
    paper: str


class Finding(NamedTuple):
    """One item that was checked in a round: of what trade (code), where, by whom, and whether something was found."""

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

    @property
    def percent(self) -> str:
        """The same in words, cut after the first decimal."""
        return f"{self.permille // 10}.{self.permille % 10}\u00a0%"


class Trade(NamedTuple):
    """A trade is a directory. `size`: its enterprises; `former`: its enterprises in the check-up before, if any."""

    code: str
    name: str
    size: int
    former: Share | None = None


class Limits(NamedTuple):
    """From how many checks (`least`) and which share in percent something is advised; `change` in points."""

    least: int
    share: int
    change: int


class Advice(StrEnum):
    """What a check-up advises, from its numbers alone."""

    OFTEN = "often"
    GUIDE = "guide"
    REGION = "region"
    WORSE = "worse"
    BETTER = "better"
    CLEAN = "clean"


class Advised(NamedTuple):
    """One piece of advice with the item or region that it names and the numbers that it rests on."""

    advice: Advice
    on: Share


@dataclass(frozen=True, slots=True)
class TradeCheckUp:
    """What a round found in a trade, whoever found it: 行业体检. `whole` counts enterprises, the others checks."""

    trade: Trade
    whole: Share
    agencies: int
    open: int
    items: tuple[Share, ...]
    regions: tuple[Share, ...]
    advised: tuple[Advised, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckUp:
    """All trades of a round. An enterprise of two trades is in each, and once in `whole`."""

    whole: Share
    checks: Share
    open: int
    regions: tuple[Share, ...]
    trades: tuple[TradeCheckUp, ...]


Facts = Mapping[str, object]
"""What a document says: numbers and words that JSON can carry."""
