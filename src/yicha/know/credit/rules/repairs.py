"""Repair (信用修复管理办法, in force 2026-04-01; 国办发〔2025〕22号): a record's clocks, what may be applied for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.kernel.internal import names_class
from yicha.kernel.months import months_after
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.credit.rules.records import is_sha256
from yicha.know.credit.terms import GRADED_KINDS, RecordFacts, RecordKind, RecordState, Severity
from yicha.know.credit.terms.repairs import (
    MAXIMUM_KINDS,
    REPAIRABLE_KINDS,
    Months,
    RecordClock,
    RepairRequest,
    RepairState,
    Stage,
)

SOURCE = "信用修复管理办法"
PLEDGE = Reason(
    "credit.pledge",
    "We have put right what the record is about, what we hand in is true, and we shall keep the law from now on. "
    "If this is not so, we bear the consequences that the law lays down.",
    SOURCE,
)
"""信用承诺: the text to which an applicant agrees; kept with the application in the language in which it was read."""

_S = RepairState
REPAIR_LIFE: Transitions[RepairState] = Transitions(
    "credit-repair",
    {
        "accept": (frozenset({_S.APPLIED}), _S.ACCEPTED),
        "return": (frozenset({_S.APPLIED}), _S.RETURNED),
        "apply-again": (frozenset({_S.RETURNED}), _S.APPLIED),
        "withdraw": (frozenset({_S.APPLIED, _S.RETURNED, _S.ACCEPTED}), _S.WITHDRAWN),
        "grant": (frozenset({_S.ACCEPTED}), _S.GRANTED),
        "refuse": (frozenset({_S.ACCEPTED}), _S.REFUSED),
        "answer": (frozenset({_S.GRANTED, _S.REFUSED}), _S.ANSWERED),
        "propagate": (frozenset({_S.ANSWERED}), _S.PROPAGATED),
    },
)
"""An application begins as applied for; every later step is one of these. When its record ends otherwise meanwhile
(by its agency, at its maximum), the application has nothing left to ask for and is withdrawn by that."""


def clock_of(facts: RecordFacts, months: Months | None) -> RecordClock:
    """A record's days. `months` are those of its severity on the day of its publication; None: it is not graded.

    An abnormal listing may be repaired at once, and has no maximum: it ends when its ground is gone, which the
    evidence shows (企业经营异常名录管理暂行办法). What was never published is counted from the day of its effect, so
    that it does not wait longer than if the public had seen it; only what is published ends by the maximum.
    """
    last = [facts.effective_until] if facts.effective_until is not None else []
    eligible: date | None = None
    published_on = facts.published_on if facts.is_published else None
    since = published_on or facts.effective_from
    if months is not None and facts.kind in GRADED_KINDS:
        if facts.kind is RecordKind.ABNORMAL_LISTING:
            eligible = facts.effective_from
        elif facts.kind in REPAIRABLE_KINDS:
            eligible = months_after(since, months.least)
        if published_on is not None and facts.kind in MAXIMUM_KINDS:
            last.append(months_after(published_on, months.most))
    return RecordClock(published_on, eligible, min(last, default=None))


def stage_of(facts: RecordFacts, state: RecordState, clock: RecordClock, today: date) -> Stage:
    """How far a record is on its way, on a day."""
    if state is not RecordState.IN_EFFECT or (clock.ends_on is not None and today > clock.ends_on):
        return Stage.ENDED
    if clock.eligible_on is not None and today >= clock.eligible_on:
        return Stage.ELIGIBLE
    if clock.published_on is not None and today >= clock.published_on:
        return Stage.PUBLISHED
    return Stage.RECORDED


def find_apply_faults(
    facts: RecordFacts,
    state: RecordState,
    clock: RecordClock,
    uscc: str,
    has_open: bool,
    request: RepairRequest,
    today: date,
) -> tuple[Reason, ...]:
    """Everything for which an application of the enterprise `uscc` is refused."""
    if facts.uscc != uscc:
        return (Reason("credit.repair-another", "This is a record of another enterprise.", SOURCE),)
    return (
        *_record_faults(facts, state, clock, today),
        *([_open()] if has_open else []),
        *find_request_faults(request),
    )


def _record_faults(
    facts: RecordFacts, state: RecordState, clock: RecordClock, today: date
) -> Iterator[Reason]:
    if facts.kind not in REPAIRABLE_KINDS or facts.severity is Severity.NONE or clock.eligible_on is None:
        yield Reason("credit.repair-kind", "Records of this kind are not repaired.", SOURCE)
    elif stage_of(facts, state, clock, today) is Stage.ENDED:
        yield Reason(
            "credit.repair-ended", "The record has ended already: there is nothing to repair.", SOURCE
        )
    elif today < clock.eligible_on:
        yield Reason(
            "credit.repair-early",
            "The record may be repaired from %(on)s on.",
            SOURCE,
            {"on": clock.eligible_on.isoformat()},
        )


def _open() -> Reason:
    return Reason("credit.repair-open", "An application for this record is open already.", SOURCE)


def find_request_faults(request: RepairRequest) -> tuple[Reason, ...]:
    """What is missing in an application; also of one that was returned and is handed in again."""
    found = []
    if not request.grounds.strip():
        found.append(Reason("credit.repair-grounds", "Say what was put right.", SOURCE, at_field="grounds"))
    if not request.evidence.strip():
        found.append(
            Reason("credit.repair-evidence", "Say where the evidence is kept.", SOURCE, at_field="evidence")
        )
    if not is_sha256(request.evidence_hash.strip()):
        found.append(
            Reason(
                "credit.repair-hash",
                "The hash of the evidence is a SHA-256: 64 characters 0-9 and a-f.",
                SOURCE,
                at_field="evidence_hash",
            )
        )
    if not request.has_pledged:
        found.append(Reason("credit.repair-pledge", "Agree to the pledge.", SOURCE, at_field="has_pledged"))
    return tuple(found)


def find_word_faults(words: str, at_field: str = "words") -> tuple[Reason, ...]:
    """Every step that the applicant is told has its words, and they do not name the class, which is internal."""
    if not words.strip():
        return (
            Reason("credit.repair-words", "Say it in words: the applicant is told them.", at_field=at_field),
        )
    if names_class(words):
        return (
            Reason(
                "credit.repair-names-class",
                "The applicant is told these words, and the class is internal: say it without the class.",
                "国市监信发〔2022〕6号",
                at_field=at_field,
            ),
        )
    return ()
