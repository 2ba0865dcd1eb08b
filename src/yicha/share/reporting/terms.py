"""The eight things done once, in their order."""

from __future__ import annotations

from enum import StrEnum


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
