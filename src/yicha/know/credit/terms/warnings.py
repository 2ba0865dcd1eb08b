"""Words of monitoring."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an enterprise's standing: its class before (empty: never classified) and now, and why.

    `enterprise` is the row's id. `crossed` are the red lines over which it is now and was not before; with none, and
    the same class, there is nothing to tell. `because` says what did it: `run:<uuid>`, `credit:<code>`, …
    """

    enterprise: int
    from_class: str
    to_class: str
    because: str
    crossed: tuple[str, ...] = ()
