"""What a conflict of standards is, who may rule on it, and what the ruling binds."""

from __future__ import annotations

from collections.abc import Iterator

from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.agreement.rules.pacts import SOURCE
from yicha.know.agreement.terms import ConflictFiling, ConflictState, RulingOutcome, RulingState

_C = ConflictState

CONFLICT_LIFE: Transitions[ConflictState] = Transitions(
    "conflict",
    {
        "rule": (frozenset({_C.FILED, _C.RULED}), _C.RULED),
        "withdraw": (frozenset({_C.FILED}), _C.WITHDRAWN),
    },
)
RULING_LIFE: Transitions[RulingState] = Transitions(
    "ruling", {"set-aside": (frozenset({RulingState.BINDS}), RulingState.SET_ASIDE)}
)


def check_filing(filing: ConflictFiling) -> Iterator[Reason]:
    """Why this is no conflict of standards: it names two texts, and what shows them."""
    if not filing.title.strip():
        yield Reason("conflict.no-title", "Give the conflict a title.", SOURCE, at_field="title")
    for side, name in ((filing.a, "a"), (filing.b, "b")):
        if not side.words.strip():
            yield Reason(
                "conflict.no-words", "Quote what each of the two says.", SOURCE, at_field=f"{name}_words"
            )
    if not filing.evidence.strip():
        yield Reason(
            "conflict.no-evidence",
            "Say what shows it: a document with its number, a record of a visit.",
            SOURCE,
            at_field="evidence",
        )
    if (filing.a.item, filing.a.agency) == (filing.b.item, filing.b.agency):
        yield Reason(
            "conflict.one-side",
            "Name two items, or two agencies that read the same item differently.",
            SOURCE,
            at_field="b_item",
        )


def check_ruling(
    actor: str, filed_by: str, words: str, outcome: RulingOutcome, same: bool
) -> Iterator[Reason]:
    """Why this ruling cannot be given. `same`: both sides read the same version of one item."""
    if actor == filed_by:
        yield Reason("conflict.own-filing", "Who filed a conflict does not rule on it.", SOURCE)
    if not words.strip():
        yield Reason("conflict.no-ruling", "Write down the ruling.", SOURCE, at_field="words")
    if same and outcome is RulingOutcome.NEITHER_HOLDS:
        yield Reason(
            "conflict.same-text",
            "Both read the same text: say whose reading holds; a text that is wrong is retired in the catalogue.",
            SOURCE,
            at_field="outcome",
        )


def find_yielding(outcome: RulingOutcome, a: int, b: int) -> frozenset[int]:
    """The item versions that must not be checked any more; what also holds never yields."""
    yielding = {
        RulingOutcome.A_HOLDS: {b},
        RulingOutcome.B_HOLDS: {a},
        RulingOutcome.BOTH_HOLD: set[int](),
        RulingOutcome.NEITHER_HOLDS: {a, b},
    }[outcome]
    return frozenset() if a == b else frozenset(yielding)
