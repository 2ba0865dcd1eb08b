"""Words of dispatch."""

from __future__ import annotations

from enum import StrEnum


class DispatchState(StrEnum):
    """How far a visit is on its way. NOTIFIED: the enterprise has its notice; an unannounced one is ready instead."""

    PREPARED = "prepared"
    APPROVED = "approved"
    NOTIFIED = "notified"
    READY = "ready"
    WITHDRAWN = "withdrawn"


class Document(StrEnum):
    """What is printed."""

    APPROVAL = "approval"
    NOTICE = "notice"
    DAY_SHEET = "day-sheet"
