"""What a record must say, and what may become of it."""

from __future__ import annotations

import re
from datetime import date

from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.credit.terms import RecordFacts, RecordKind, RecordState

LIFE: Transitions[RecordState] = Transitions(
    "credit-record",
    {
        "end": (frozenset({RecordState.IN_EFFECT}), RecordState.ENDED),
        "correct": (frozenset({RecordState.IN_EFFECT, RecordState.ENDED}), RecordState.CORRECTED),
    },
)
_SHA256 = re.compile(r"[0-9a-f]{64}")


def code_of(agency: str, reference: str) -> str:
    """The name of a record in all its versions: the source's own number, made unique by the source."""
    return f"{agency}/{reference}"


def is_sha256(text: str) -> bool:
    """Whether a text is a SHA-256 in hexadecimal."""
    return _SHA256.fullmatch(text) is not None


def find_faults(facts: RecordFacts, today: date) -> tuple[Reason, ...]:
    """Everything that is wrong with a record before it is written."""
    found = []
    if not facts.reference.strip():
        found.append(
            Reason("credit.no-reference", "Name the record by the source's own number.", at_field="reference")
        )
    if facts.happened_on > today:
        found.append(
            Reason(
                "credit.future",
                "The record says %(on)s, which is still to come.",
                facts={"on": facts.happened_on.isoformat()},
                at_field="happened_on",
            )
        )
    if facts.effective_until is not None and facts.effective_until < facts.effective_from:
        found.append(
            Reason("credit.ends-first", "The effect ends before it begins.", at_field="effective_until")
        )
    if (facts.kind is RecordKind.ANNUAL_REPORT) != (facts.year is not None):
        found.append(
            Reason("credit.year", "An annual report names its year, and nothing else does.", at_field="year")
        )
    if facts.evidence_hash and not is_sha256(facts.evidence_hash):
        found.append(
            Reason(
                "credit.evidence-hash",
                "The hash of the evidence is a SHA-256: 64 characters 0-9 and a-f.",
                at_field="evidence_hash",
            )
        )
    return tuple(found)
