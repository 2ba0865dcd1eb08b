"""The budget of visits, as an enterprise and its agencies read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from yicha.decide.gate.terms.answers import RowUsed
from yicha.decide.gate.terms.asked import ContactFacts, Level


class Counted(StrEnum):
    """Whether a visit uses the enterprise's budget, and why not."""

    YES = "counts"
    COURTESY = "courtesy"
    FROM_ABOVE = "from-above"
    EXCEPTION = "exception"
    NO = "apart"


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One cap of a year: of a level, or (None) of both together. No `row`: no cap is in force, `allowed` is None."""

    level: Level | None
    used: int
    allowed: int | None
    row: RowUsed | None


@dataclass(frozen=True, slots=True)
class BudgetVisit:
    """A visit of the year, planned or made. `row` is that of its trigger, which says what it is free from."""

    contact: ContactFacts
    counted: Counted
    row: RowUsed | None


@dataclass(frozen=True, slots=True)
class Budget:
    """An enterprise's budget of visits in a year: what is used, what is left, and what counted or not."""

    uscc: str
    year: int
    lines: tuple[BudgetLine, ...]
    visits: tuple[BudgetVisit, ...]
