"""Words of monitoring."""

from __future__ import annotations

from enum import StrEnum


class WarningKind(StrEnum):
    """What raises a warning: a class changed, a red line was crossed, several enterprises hang together."""

    CLASS_CHANGE = "class-change"
    RED_LINE = "red-line"
    CLUSTER = "cluster"


class WarningState(StrEnum):
    """RAISED waits for one of its agencies; SEEN was taken note of; CLOSED says what was done."""

    RAISED = "raised"
    SEEN = "seen"
    CLOSED = "closed"
