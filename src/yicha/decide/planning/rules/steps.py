"""The steps of a round, and which one is present."""

from __future__ import annotations

from collections.abc import Sequence

from yicha.decide.planning.terms import Step, StepState

STEPS = ("plan", "freeze", "reveal", "draw", "collect", "screen", "match", "officers", "visit", "result")
"""In the order in which a quarter goes."""


def rail(counts: Sequence[tuple[str, int, int]]) -> list[Step]:
    """Steps from (code, done, of): done when all of it is, present is the first that is not."""
    steps: list[Step] = []
    present = False
    for code, done, of in counts:
        if of and done >= of and not present:
            state = StepState.DONE
        else:
            state = StepState.AHEAD if present else StepState.PRESENT
            present = True
        steps.append(Step(code, state, done, of))
    return steps
