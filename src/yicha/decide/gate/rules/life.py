"""The life of an application, and what a verdict makes of it."""

from __future__ import annotations

from yicha.decide.gate.rules.asking import APPROVAL_AFTER
from yicha.decide.gate.terms import ApplicationState, CodeState, Outcome, Verdict
from yicha.kernel.transitions import Transitions

_OPEN = frozenset({ApplicationState.WAITING, ApplicationState.DEFERRED, ApplicationState.REOPENED})

LIFE: Transitions[ApplicationState] = Transitions(
    "gate",
    {
        "wait": (_OPEN, ApplicationState.WAITING),
        "grant": (_OPEN, ApplicationState.GRANTED),
        "let in": (_OPEN, ApplicationState.PAPERS_DUE),
        "spare": (_OPEN, ApplicationState.SPARED),
        "defer": (_OPEN, ApplicationState.DEFERRED),
        "refuse": (_OPEN, ApplicationState.REFUSED),
        "complete papers": (frozenset({ApplicationState.PAPERS_DUE}), ApplicationState.GRANTED),
        "reopen": (
            frozenset({ApplicationState.GRANTED, ApplicationState.SPARED}),
            ApplicationState.REOPENED,
        ),
        "overtake": (
            frozenset(
                {
                    ApplicationState.WAITING,
                    ApplicationState.GRANTED,
                    ApplicationState.SPARED,
                    ApplicationState.DEFERRED,
                    ApplicationState.REFUSED,
                }
            ),
            ApplicationState.REOPENED,
        ),
        "withdraw": (
            _OPEN | {ApplicationState.GRANTED, ApplicationState.SPARED},
            ApplicationState.WITHDRAWN,
        ),
    },
)
"""An application begins in the state to which its first verdict leads."""

CODE_LIFE: Transitions[CodeState] = Transitions(
    "gate.code",
    {
        "replace": (frozenset({CodeState.LIVE}), CodeState.REPLACED),
        "revoke": (frozenset({CodeState.LIVE}), CodeState.REVOKED),
    },
)


def act_of(verdict: Verdict) -> str:
    """What a verdict does to an application: the act in `LIFE`."""
    if verdict.wants:
        return "wait"
    match verdict.outcome:
        case Outcome.ALLOW | Outcome.MERGE:
            return "let in" if _papers_follow(verdict) else "grant"
        case Outcome.RECOGNISE | Outcome.OFFSITE:
            return "spare"
        case Outcome.DEFER:
            return "defer"
        case Outcome.REFUSE:
            return "refuse"


def _papers_follow(verdict: Verdict) -> bool:
    """An emergency whose approval and papers are not there yet: their clock runs, however it was reported."""
    return any(ground.code == APPROVAL_AFTER.code for ground in verdict.grounds)


def state_of(verdict: Verdict) -> ApplicationState:
    """The state in which an application with this verdict begins."""
    return LIFE.table[act_of(verdict)][1]


def leans_on(verdict: Verdict) -> list[str]:
    """The results that stand in for a check of this verdict."""
    return sorted(
        {item.result for item in verdict.items if item.outcome is Outcome.RECOGNISE and item.result}
    )
