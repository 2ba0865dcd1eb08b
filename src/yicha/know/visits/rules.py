"""Pure rules of the contact ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.visits.terms import ContactKind, ContactState, SharedState

LIFE: Transitions[ContactState] = Transitions(
    "contact",
    {
        "make": (frozenset({ContactState.PLANNED}), ContactState.MADE),
        "spare": (frozenset({ContactState.PLANNED}), ContactState.SPARED),
        "cancel": (frozenset({ContactState.PLANNED, ContactState.SPARED}), ContactState.CANCELLED),
        "reopen": (frozenset({ContactState.SPARED}), ContactState.PLANNED),
    },
)


def counts_toward_cap(kind: ContactKind, *, ordered_from_above: bool = False) -> bool:
    """Whether a visit uses the enterprise's annual budget (司法部问题解答).

    Daily, case and special visits count, except specials ordered from above; courtesy calls are counted apart.
    """
    if kind is ContactKind.COURTESY:
        return False
    return not (kind is ContactKind.SPECIAL and ordered_from_above)


SHARED_LIFE: Transitions[SharedState] = Transitions(
    "result",
    {
        "refuse": (frozenset({SharedState.OFFERED}), SharedState.OFFERED),
        "revoke": (frozenset({SharedState.OFFERED}), SharedState.REVOKED),
    },
)
"""A refusal binds the agency that gave it; to all others the result stays offered."""


def reopened_window(window_from: date, window_to: date, today: date) -> tuple[date, date]:
    """The days on which a check that was spared is to be made after all: its own, or as many from today."""
    if today <= window_to:
        return window_from, window_to
    return today, today + (window_to - window_from)


def valid_until(found_on: date, days: int) -> date:
    """The last day on which a result may be recognised, `days` after it was found."""
    return found_on + timedelta(days=days)


def correction_reasons(orders: Iterable[tuple[date | None, date | None]]) -> tuple[Reason, ...]:
    """Why orders to correct, each with its last day and the day on which it was fulfilled, cannot be fulfilled now."""
    reasons = []
    for correct_by, corrected_on in orders:
        if correct_by is None:
            reasons.append(Reason("visits.no-order", "Nothing was ordered to be corrected here."))
        elif corrected_on is not None:
            reasons.append(
                Reason(
                    "visits.corrected-before",
                    "This was corrected on %(on)s already.",
                    facts={"on": corrected_on.isoformat()},
                )
            )
    return tuple(reasons)
