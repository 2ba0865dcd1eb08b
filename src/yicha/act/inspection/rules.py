"""What a visit must fulfil at each step. Pure; every reason names what is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from yicha.act.dispatch.terms import DispatchState
from yicha.act.inspection.terms import (
    CheckFacts,
    CheckResult,
    Crew,
    FindingFacts,
    PartFacts,
    PartState,
    Severity,
    VisitState,
)
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.visits.terms import PROBLEM_CODES, ContactState, ResultCode

VISIT_LIFE: Transitions[VisitState] = Transitions(
    "visit",
    {
        "start": (frozenset({VisitState.OPENED}), VisitState.STARTED),
        "record": (frozenset({VisitState.STARTED}), VisitState.STARTED),
        "close": (frozenset({VisitState.STARTED}), VisitState.CLOSED),
        "call-off": (frozenset({VisitState.OPENED}), VisitState.CALLED_OFF),
    },
)
PART_LIFE: Transitions[PartState] = Transitions(
    "part",
    {
        "record": (frozenset({PartState.OPEN}), PartState.OPEN),
        "close": (frozenset({PartState.OPEN}), PartState.CLOSED),
        "reopen": (frozenset({PartState.CLOSED}), PartState.OPEN),
        "confirm": (frozenset({PartState.CLOSED}), PartState.CLOSED),
    },
)
LONGEST_FINDING = 2000
TWO_OFFICERS = "行政处罚法 第四十二条"
RESULT_CODES = "省级双随机检查结果代码"

WITHOUT_FINDINGS = frozenset({ResultCode.NO_PROBLEM, ResultCode.NO_SUCH_ACTIVITY})
"""Codes that say that nothing was found: findings beside them would contradict."""
WITH_FINDINGS = frozenset(
    {ResultCode.CORRECTION_ORDERED, ResultCode.FOLLOW_UP, ResultCode.VIOLATES_OTHER_RULE}
)
"""Codes that say that something was found: somebody must say what."""


def sent_reasons(round_code: str, number: str, state: DispatchState | None) -> list[Reason]:
    """Why a visit that has to be sent out may not begin yet: prior approval by the agency's head (司法部问题解答).

    A visit of a round is approved and announced before anybody goes; `state` None: nobody has prepared it. Any other
    (an emergency, a complaint: `round_code` is empty) begins by the gate's code, unless it is on its way too.
    """
    if state in (DispatchState.NOTIFIED, DispatchState.READY) or not (state or round_code):
        return []
    if state is None:
        return [
            Reason(
                "visit.not-prepared",
                "A visit of round %(round)s begins when it was sent out: prepare it, have every agency's head approve "
                "it, and send its notice.",
                source="司法部问题解答",
                facts={"round": round_code},
            )
        ]
    return [
        Reason(
            "visit.not-sent-out",
            "Dispatch %(number)s has not been approved by every agency's head, or its notice has not been sent.",
            source="司法部问题解答",
            facts={"number": number},
        )
    ]


def crew_reasons(crew: Crew, least: int, on: date) -> list[Reason]:
    """Why these officers may not go for an agency on a day; `least` is how many it must send."""
    reasons = [
        Reason(
            "visit.officer-not-fit",
            "%(officer)s cannot go for %(agency)s on %(on)s: "
            "the certificate does not hold on that day or is another agency's.",
            TWO_OFFICERS,
            {"officer": officer.certificate, "agency": crew.agency, "on": on.isoformat()},
        )
        for officer in crew.officers
        if officer.agency != crew.agency
        or not officer.active
        or not officer.valid_from <= on <= officer.valid_until
    ]
    if len({officer.certificate for officer in crew.officers}) < least:
        reasons.append(
            Reason(
                "visit.too-few-officers",
                "%(agency)s sends %(count)s officers, and %(least)s at least must go.",
                TWO_OFFICERS,
                {"agency": crew.agency, "count": len(crew.officers), "least": least},
            )
        )
    return reasons


def start_reasons(on: date, today: date, contact: ContactState) -> list[Reason]:
    """Why a visit cannot have taken place on a day; `contact` is its state in the contact ledger."""
    reasons: list[Reason] = []
    if on > today:
        reasons.append(
            Reason(
                "visit.in-future",
                "The visit cannot be recorded for %(on)s: that day has not come.",
                facts={"on": on.isoformat()},
                at_field="visited_on",
            )
        )
    if contact is not ContactState.PLANNED:
        reasons.append(
            Reason(
                "visit.taken-off", "Planning has taken this visit off: call it off here too, with the reason."
            )
        )
    return reasons


def result_reasons(field: str, result: CheckResult, visited_on: date) -> list[Reason]:
    """Why this cannot be the result of an item; `field` names the item's input."""
    reasons: list[Reason] = []
    if result.code in WITHOUT_FINDINGS and result.findings:
        reasons.append(
            Reason(
                "check.finding-contradicts",
                "The result says that nothing was found, but a problem is written down: change one of the two.",
                RESULT_CODES,
                at_field=field,
            )
        )
    if result.code in WITH_FINDINGS and not result.findings:
        reasons.append(
            Reason(
                "check.finding-missing",
                "The result says that a problem was found: write down which.",
                RESULT_CODES,
                at_field=field,
            )
        )
    if result.code is ResultCode.CORRECTION_ORDERED and not any(f.correct_by for f in result.findings):
        reasons.append(
            Reason(
                "check.deadline-missing",
                "A correction was ordered: say by which day it must be done.",
                "行政处罚法 第二十八条",
                at_field=field,
            )
        )
    return reasons + [r for finding in result.findings for r in _finding_reasons(field, finding, visited_on)]


def _finding_reasons(field: str, finding: FindingFacts, visited_on: date) -> list[Reason]:
    reasons: list[Reason] = []
    if not finding.words.strip() or len(finding.words) > LONGEST_FINDING:
        reasons.append(
            Reason(
                "check.finding-words",
                "Describe the problem in 1 to %(longest)s characters.",
                facts={"longest": LONGEST_FINDING},
                at_field=field,
            )
        )
    if finding.correct_by and finding.correct_by < visited_on:
        reasons.append(
            Reason(
                "check.deadline-before-visit",
                "The day to correct by (%(by)s) lies before the visit (%(on)s).",
                facts={"by": finding.correct_by.isoformat(), "on": visited_on.isoformat()},
                at_field=field,
            )
        )
    return reasons


def order_until(days: Sequence[date]) -> date | None:
    """The last day to correct what was found at an item: it is corrected when everything is. None: nothing ordered."""
    return max(days, default=None)


def correction_reasons(chosen: bool, on: date, visited_on: date, today: date) -> list[Reason]:
    """Why corrections cannot be confirmed for a day."""
    reasons: list[Reason] = []
    if not chosen:
        reasons.append(Reason("correction.none", "Choose what was corrected.", at_field="checks"))
    if not visited_on <= on <= today:
        reasons.append(
            Reason(
                "correction.day",
                "What was found on %(visited)s was corrected between that day and today.",
                facts={"visited": visited_on.isoformat()},
                at_field="on",
            )
        )
    return reasons


def closing_reasons(checks: Iterable[CheckFacts]) -> list[Reason]:
    """Why a part cannot be closed: an item without a result."""
    return [
        Reason(
            "part.result-missing",
            "“%(item)s” has no result yet; record one before closing.",
            facts={"item": check.item},
        )
        for check in checks
        if check.code is None
    ]


def whole_reasons(parts: Sequence[PartFacts]) -> list[Reason]:
    """Why the whole cannot be closed: an agency has not closed its part."""
    return [
        Reason(
            "visit.part-open",
            "%(agency)s has not closed its part yet.",
            facts={"agency": part.agency},
        )
        for part in parts
        if part.state is PartState.OPEN
    ]


def is_problem(code: str) -> bool:
    """Whether a result code says that something was found against the enterprise."""
    return bool(code) and ResultCode(code) in PROBLEM_CODES


_SIMULATED_WHOLE = ((20, ResultCode.UNREACHABLE), (30, ResultCode.CLOSED))
"""Bounds out of a thousand enterprises: results that hold for every item of a visit."""
_SIMULATED = (
    (935, ResultCode.NO_PROBLEM),
    (965, ResultCode.CORRECTION_ORDERED),
    (980, ResultCode.NO_SUCH_ACTIVITY),
    (995, ResultCode.FOLLOW_UP),
    (1000, ResultCode.NOT_PUBLISHED),
)
"""Bounds out of a thousand items: the shares of results in a demonstration. Ours; they claim nothing about anybody."""
SIMULATED_WORDS = "（演示数据）现场与登记不符，已当场告知"


def simulate(seed: str, uscc: str, item: str, visited_on: date) -> CheckResult:
    """A result for a demonstration: always the same for the same seed, enterprise and item."""
    of_enterprise = _digest(seed, uscc)
    for bound, code in _SIMULATED_WHOLE:
        if _out_of_thousand(of_enterprise) < bound:
            return CheckResult(code)
    digest = _digest(seed, uscc, item)
    code = next(code for bound, code in _SIMULATED if _out_of_thousand(digest) < bound)
    return simulate_code(code, seed, uscc, item, visited_on)


def simulate_code(code: ResultCode, seed: str, uscc: str, item: str, visited_on: date) -> CheckResult:
    """A result of a demonstration with this code: a finding if it needs one; to be corrected, unless followed up."""
    if code not in WITH_FINDINGS:
        return CheckResult(code)
    digest = _digest(seed, uscc, item)
    severity = (Severity.MINOR, Severity.MINOR, Severity.GENERAL, Severity.SERIOUS)[digest[4] % 4]
    ordered = code is not ResultCode.FOLLOW_UP
    correct_by = visited_on + timedelta(days=7 + digest[5] % 24) if ordered else None
    return CheckResult(code, (FindingFacts(SIMULATED_WORDS, severity, correct_by),))


def is_never_corrected(seed: str, uscc: str, item: str) -> bool:
    """Whether an order of a demonstration is one of those that nobody ever fulfils; on what day does not matter."""
    return simulate_correction(seed, uscc, item, date.max, date.max) is None


def simulate_correction(seed: str, uscc: str, item: str, correct_by: date, today: date) -> date | None:
    """When the order of a demonstration was fulfilled: nine in ten are, up to five days before the last; else None.

    What lies in the future has not happened yet.
    """
    digest = _digest(seed, uscc, item, "corrected")
    day = correct_by - timedelta(days=digest[4] % 6)
    return day if _out_of_thousand(digest) < 900 and day <= today else None


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("|".join(parts).encode()).digest()


def _out_of_thousand(digest: bytes) -> int:
    return int.from_bytes(digest[:4], "big") * 1000 >> 32
