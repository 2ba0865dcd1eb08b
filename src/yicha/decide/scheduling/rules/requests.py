"""What an enterprise is told of its request for another half day.

It may know that the office looks at it, and what the office decided. It must not learn why: a visit that it was not
told of may stand in the way. So nothing is said of what the solver found, which comes within a minute, until the day
after; what could not be and what the office did not want look alike.
"""

from __future__ import annotations

from datetime import date

from yicha.decide.scheduling.rules.life import OVERTAKEN, UNFINISHED
from yicha.decide.scheduling.terms import RequestOutcome, ScheduleState

_AGREED = frozenset({ScheduleState.KEPT, ScheduleState.SUPERSEDED})


def tell(
    state: ScheduleState, *, phase: str, was_looked_at: bool, ended_on: date | None, today: date
) -> RequestOutcome:
    """What stands beside a request. `was_looked_at`: the solver said something; `ended_on` is when it did."""
    if state in _AGREED:
        return RequestOutcome.AGREED
    if state in UNFINISHED or state is ScheduleState.PROPOSED:
        return RequestOutcome.LOOKED_AT
    if state is ScheduleState.DISCARDED:
        return RequestOutcome.OVERTAKEN if phase == OVERTAKEN else RequestOutcome.NOT_AGREED
    if not was_looked_at:
        return RequestOutcome.OVERTAKEN
    is_fresh = ended_on is not None and today <= ended_on
    return RequestOutcome.LOOKED_AT if is_fresh else RequestOutcome.NOT_AGREED
