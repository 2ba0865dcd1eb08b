"""The clock of a plan: by when it is published, and whether that is late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from yicha.decide.planning.terms import PlanState
from yicha.kernel import clock


class Clock(NamedTuple):
    """The last day for publishing a plan in time, and how many days are left; fewer than none: it is late."""

    day: date
    left: int

    @property
    def late(self) -> int:
        """So many days it is late."""
        return max(0, -self.left)


def clock_of(plan: Any, days: Mapping[int, date]) -> Clock | None:
    """The clock of a plan that is not published yet; None when it is, or when it has no such day."""
    if plan.state in (PlanState.PUBLISHED, PlanState.SUPERSEDED) or plan.pk not in days:
        return None
    return Clock(days[plan.pk], (days[plan.pk] - clock.today(clock.now())).days)
