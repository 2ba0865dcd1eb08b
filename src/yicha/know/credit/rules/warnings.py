"""Which changes are worth a warning, and what may become of one. Ours: no official rule was found."""

from __future__ import annotations

from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.credit.terms.warnings import WarningState

LIFE: Transitions[WarningState] = Transitions(
    "warning",
    {
        "see": (frozenset({WarningState.RAISED}), WarningState.SEEN),
        "close": (frozenset({WarningState.RAISED, WarningState.SEEN}), WarningState.CLOSED),
    },
)
WORST = "D"


def warns(before: str, after: str) -> bool:
    """Whether a change of class raises a warning: it became worse by a class or more, or it is D now.

    Who was never classified before (empty) is warned of only at D: the first classification is news about everybody.
    """
    if not before:
        return after == WORST
    return after > before


def find_faults(words: str) -> tuple[Reason, ...]:
    """Why a warning may not be closed so: nobody closes one without saying what was done."""
    if words.strip():
        return ()
    return (Reason("warning.no-words", "Say what was done about it.", at_field="words"),)
