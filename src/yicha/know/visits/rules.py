"""Pure rules of the contact ledger."""

from __future__ import annotations

from yicha.kernel.transitions import Transitions
from yicha.know.visits.terms import ContactKind, ContactState

LIFE: Transitions[ContactState] = Transitions(
    "contact",
    {
        "make": (frozenset({ContactState.PLANNED}), ContactState.MADE),
        "spare": (frozenset({ContactState.PLANNED}), ContactState.SPARED),
        "cancel": (frozenset({ContactState.PLANNED}), ContactState.CANCELLED),
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
