"""What a record must say, what is added where its source is silent, and what may become of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from yicha.kernel.personal import find_personal
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.credit.terms.records import (
    GRADED_KINDS,
    LISTING_KINDS,
    UNPUBLISHED_KINDS,
    RecordFacts,
    RecordKind,
    RecordState,
    Severity,
)

LIFE: Transitions[RecordState] = Transitions(
    "credit-record",
    {
        "publish": (frozenset({RecordState.IN_EFFECT}), RecordState.IN_EFFECT),
        "end": (frozenset({RecordState.IN_EFFECT}), RecordState.ENDED),
        "correct": (frozenset({RecordState.IN_EFFECT, RecordState.ENDED}), RecordState.CORRECTED),
    },
)
"""A correction is the next version. What had ended stays ended in it: nothing that was repaired comes back so."""
MOST_YUAN = Decimal("99999999999999.99")
DUAL = "双公示"
REPAIR = "信用修复管理办法"
_SHA256 = re.compile(r"[0-9a-f]{64}")

LastDay = Callable[[Severity, date], date | None]
"""The last day on which a record of a severity has effect by itself, counted from a day (see `rules.repairs`)."""


def code_of(agency: str, reference: str) -> str:
    """The name of a record in all its versions: the source's own number, made unique by the source."""
    return f"{agency}/{reference}"


def is_sha256(text: str) -> bool:
    """Whether a text is a SHA-256 in hexadecimal."""
    return _SHA256.fullmatch(text) is not None


def complete(facts: RecordFacts, last_day: LastDay) -> RecordFacts:
    """What a record says with what its source left open; the same facts give the same, whenever they come.

    What speaks against an enterprise and is not graded is general. A day of publication says that it is published;
    what is published without a day is since it has effect. It has effect for as long as its severity says at most
    (信用修复管理办法), counted from its publication, else from its effect; who is on a list is on it until removed.
    """
    against = facts.kind in GRADED_KINDS
    severity = Severity.GENERAL if against and facts.severity is Severity.NONE else facts.severity
    published_on = facts.published_on or (facts.effective_from if facts.is_published else None)
    until = facts.effective_until
    if until is None and against and facts.kind not in LISTING_KINDS:
        until = last_day(severity, max(published_on or facts.effective_from, facts.effective_from))
    return replace(
        facts,
        severity=severity,
        is_published=published_on is not None,
        published_on=published_on,
        effective_until=until,
    )


def says_the_same(sent: RecordFacts, held: RecordFacts) -> bool:
    """Whether what a source sends again is what is held. That it was published here since is no contradiction."""
    if held.is_published and not sent.is_published:
        sent = replace(
            sent, is_published=True, published_on=held.published_on, publish_until=held.publish_until
        )
    return sent == held


def find_faults(facts: RecordFacts, today: date) -> tuple[Reason, ...]:
    """Everything that is wrong with a record before it is written."""
    return (
        *_find_plain_faults(facts, today),
        *_find_grade_faults(facts),
        *find_publication_faults(facts, today),
    )


def _find_plain_faults(facts: RecordFacts, today: date) -> Iterator[Reason]:
    if not facts.reference.strip():
        yield Reason(
            "credit.no-reference", "Name the record by the source's own number.", at_field="reference"
        )
    if facts.happened_on > today:
        yield Reason(
            "credit.future",
            "The record says %(on)s, which is still to come.",
            facts={"on": facts.happened_on.isoformat()},
            at_field="happened_on",
        )
    if facts.effective_until is not None and facts.effective_until < facts.effective_from:
        yield Reason("credit.ends-first", "The effect ends before it begins.", at_field="effective_until")
    if (facts.kind is RecordKind.ANNUAL_REPORT) != (facts.year is not None):
        yield Reason(
            "credit.year", "An annual report names its year, and nothing else does.", at_field="year"
        )
    if facts.evidence_hash and not is_sha256(facts.evidence_hash):
        yield Reason(
            "credit.evidence-hash",
            "The hash of the evidence is a SHA-256: 64 characters 0-9 and a-f.",
            at_field="evidence_hash",
        )


def _find_grade_faults(facts: RecordFacts) -> Iterator[Reason]:
    if facts.severity is not Severity.NONE and facts.kind not in GRADED_KINDS:
        yield Reason(
            "credit.severity",
            "Only what speaks against an enterprise is minor, general or serious.",
            REPAIR,
            at_field="severity",
        )
    if facts.amount is not None and not is_amount(facts.amount):
        yield Reason(
            "credit.amount",
            "The amount is in yuan, not below 0, with two decimals at most.",
            at_field="amount",
        )


def is_amount(amount: Decimal) -> bool:
    """Whether a number can be an amount in yuan."""
    return amount.is_finite() and 0 <= amount <= MOST_YUAN and amount == round(amount, 2)


def find_publication_faults(facts: RecordFacts, today: date) -> Iterator[Reason]:
    """Why a record may not be public as it says, or at all."""
    if not facts.is_published and facts.published_on is None:
        if facts.publish_until is not None:
            yield Reason(
                "credit.not-published",
                "It is said until when the record is public, but not that it is.",
                at_field="publish_until",
            )
        return
    if facts.kind in UNPUBLISHED_KINDS:
        yield Reason(
            "credit.unpublished-kind",
            "Complaints and notices of tax and social insurance are not published here.",
            DUAL,
            at_field="is_published",
        )
    published_on = facts.published_on or facts.effective_from
    if published_on > today:
        yield Reason(
            "credit.published-later",
            "The record is said to be public from %(on)s on, which is still to come.",
            facts={"on": published_on.isoformat()},
            at_field="published_on",
        )
    if facts.publish_until is not None and facts.publish_until < published_on:
        yield Reason(
            "credit.publication-ends-first", "Publication ends before it begins.", at_field="publish_until"
        )
    for name, text in (("words", facts.words), ("evidence", facts.evidence)):
        if has_personal(text):
            yield personal_reason(name)


def has_personal(text: str) -> bool:
    """Whether a text holds what looks like the number of an identity card or of a mobile phone."""
    return next(find_personal(text), None) is not None


def personal_reason(at_field: str) -> Reason:
    """Why a text may not be published. The number itself is not repeated: refusals are shown and logged."""
    return Reason(
        "credit.personal-data",
        "This holds what looks like the number of an identity card or of a mobile phone: take it out before it is "
        "published.",
        "个人信息保护法",
        at_field=at_field,
    )
