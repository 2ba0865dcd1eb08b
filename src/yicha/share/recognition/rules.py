"""Pure rules of recognition: who may use or refuse a result, until when, and what a certificate says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from yicha.act.inspection.terms import CheckRecord
from yicha.base.keys.terms import JSON
from yicha.kernel import canonical, clock
from yicha.kernel.refusal import Reason
from yicha.know.agreement.terms import AgreementFacts, Share
from yicha.know.visits.terms import ResultCode
from yicha.share.recognition.terms import (
    EVIDENCE_SPEC,
    MOST_AGREEMENTS,
    MOST_BYTES,
    MOST_RESULTS,
    NAME_LENGTHS,
    NOT_CHECKED,
    SPEC,
    AskerFacts,
    CertificateDraft,
    ExternalFacts,
    ExternalResult,
    ResultFacts,
    Standing,
)

PREFER_RESULTS = "国办发〔2024〕54号"
"""Recognise a result before anything else; refuse only with a reason."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


def can_stand_in(code: ResultCode) -> bool:
    """Whether a result with this code can stand in for a check: the item was looked at."""
    return code not in NOT_CHECKED


def evidence_hash(record: CheckRecord) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of everything that was recorded of a check.

    Whoever holds the record can show that it is the one behind a result; whoever holds the hash learns nothing of it.
    """
    body = {
        "spec": EVIDENCE_SPEC,
        "visit": record.visit,
        "uscc": record.uscc,
        "agency": record.agency,
        "item": record.item,
        "version": record.item_version,
        "result": record.result_code.value,
        "on": record.found_on.isoformat(),
        "recorded_at": record.recorded_at.astimezone(clock.BEIJING).isoformat(),
        "recorded_by": record.recorded_by,
        "officers": list(record.officers),
        "findings": [
            {
                "words": found.words,
                "severity": found.severity,
                "correct_by": found.correct_by.isoformat() if found.correct_by else "",
            }
            for found in record.findings
        ],
    }
    return hashlib.sha256(canonical.dumps(body)).hexdigest()


def standing(revoked: bool, valid_until: date, on: date) -> Standing:
    """How a result stands on a day; the last day of its validity belongs to it."""
    if revoked:
        return Standing.REVOKED
    return Standing.VALID if on <= valid_until else Standing.ENDED


def is_valid_on(facts: ResultFacts, on: date) -> bool:
    """Whether a result may be used on a day: found, not over, not revoked."""
    return facts.found_on <= on and standing(facts.revoked, facts.valid_until, on) is Standing.VALID


def covers(agreement: AgreementFacts, facts: ResultFacts, on: date) -> bool:
    """Whether an agreement shares this result on a day: with results, this kind of agency and this item."""
    begun = agreement.valid_from <= on and (agreement.valid_until is None or on <= agreement.valid_until)
    return (
        begun
        and Share.RESULTS.value in agreement.shares
        and facts.region in agreement.regions
        and (not agreement.kinds or facts.kind in agreement.kinds)
        and (not agreement.items or facts.item in agreement.items)
    )


def is_offered_to(
    facts: ResultFacts, asker: AskerFacts, agreements: Iterable[AgreementFacts], on: date
) -> bool:
    """Whether an agency may lean on a result: of its own region always, of another under an agreement only."""
    if asker.region == facts.region:
        return True
    return any(asker.region in one.regions and covers(one, facts, on) for one in agreements)


def refusal_reasons(
    facts: ResultFacts,
    asker: AskerFacts,
    agreements: Iterable[AgreementFacts],
    on: date,
    because: str,
) -> list[Reason]:
    """Why an agency may not refuse a result. Silence is acceptance; a refusal needs a reason."""
    if asker.agency == facts.agency:
        return [
            Reason(
                "recognition.own-result",
                "Your agency found this result itself: what is wrong with it is corrected, not refused.",
                PREFER_RESULTS,
            )
        ]
    reasons = []
    if not is_offered_to(facts, asker, agreements, on):
        reasons.append(
            Reason(
                "recognition.not-offered",
                "No agreement in force offers this result to your agency: there is nothing to refuse.",
                PREFER_RESULTS,
            )
        )
    if not is_valid_on(facts, on):
        reasons.append(Reason("recognition.over", "This result is not valid any more.", PREFER_RESULTS))
    if asker.agency in facts.refused_by:
        reasons.append(Reason("recognition.refused-already", "Your agency has refused this result already."))
    return reasons + because_reasons(because)


def because_reasons(because: str) -> list[Reason]:
    """A refusal and a revocation both need a reason in words."""
    if because.strip():
        return []
    return [Reason("recognition.why", "Say why.", PREFER_RESULTS, at_field="because")]


def external_reasons(facts: ExternalFacts, today: date) -> list[Reason]:
    """Why a result that another system sent is not taken; every reason at its field."""
    return [*_sender_reasons(facts), *_subject_reasons(facts, today), *_content_reasons(facts.sent)]


def _subject_reasons(facts: ExternalFacts, today: date) -> Iterable[Reason]:
    sent = facts.sent
    if not facts.known_enterprise:
        yield Reason(
            "recognition.unknown-enterprise",
            "“%(code)s” is not in the registry.",
            facts={"code": sent.uscc},
            at_field="uscc",
        )
    if facts.item_version_id is None:
        yield Reason(
            "recognition.unknown-item",
            "No version of the item “%(item)s” was in force on %(on)s.",
            facts={"item": sent.item, "on": sent.found_on.isoformat()},
            at_field="item",
        )
    if sent.found_on > today:
        yield Reason("recognition.future", "This day has not come yet.", at_field="found_on")


def _content_reasons(sent: ExternalResult) -> Iterable[Reason]:
    if sent.result_code not in list(ResultCode) or not can_stand_in(ResultCode(sent.result_code)):
        yield Reason(
            "recognition.code",
            "The result code “%(code)s” does not say what was found about an item.",
            facts={"code": sent.result_code},
            at_field="result_code",
        )
    if not _SHA256.fullmatch(sent.evidence_hash):
        yield Reason(
            "recognition.evidence",
            "Give the SHA-256 of the evidence: 64 hexadecimal digits in lower case.",
            at_field="evidence_hash",
        )
    if not sent.reference.strip():
        yield Reason(
            "recognition.reference",
            "Give the number that the result has in your system.",
            at_field="reference",
        )


def _sender_reasons(facts: ExternalFacts) -> Iterable[Reason]:
    """Only the agency that is competent for the item and the place may say what it found."""
    asker = facts.asker
    if asker is None:
        yield Reason(
            "recognition.unknown-agency",
            "There is no agency “%(agency)s”.",
            facts={"agency": facts.sent.agency},
            at_field="agency",
        )
        return
    if facts.item_version_id is not None and asker.kind != facts.agency_kind:
        yield Reason(
            "recognition.not-your-item",
            "Your agency does not check this item: another kind of agency does.",
            at_field="item",
        )
    if facts.known_enterprise and asker.region not in facts.competent_regions:
        yield Reason(
            "recognition.not-your-place",
            "Your agency is not competent where this enterprise is.",
            at_field="uscc",
        )


def certificate_reasons(
    results: Sequence[ResultFacts],
    enterprises: frozenset[str],
    agreements: Sequence[AgreementFacts],
    on: date,
) -> list[Reason]:
    """Why no certificate is issued: it is of one agency about one enterprise, valid, and under an agreement."""
    if not results:
        return [Reason("certificate.empty", "There is no valid result to certify.")]
    reasons = []
    if len(enterprises) > 1 or len({one.agency for one in results}) > 1:
        reasons.append(Reason("certificate.mixed", "A certificate is of one agency about one enterprise."))
    if len(results) > MOST_RESULTS:
        reasons.append(
            Reason(
                "certificate.too-many",
                "A certificate holds %(most)s results at most: issue a second one.",
                facts={"most": MOST_RESULTS},
            )
        )
    over = [one.item for one in results if not is_valid_on(one, on)]
    if over:
        reasons.append(
            Reason("certificate.over", "Not valid any more: %(items)s.", facts={"items": ", ".join(over)})
        )
    crossing = [one.item for one in results if not any(covers(pact, one, on) for pact in agreements)]
    if crossing:
        reasons.append(
            Reason(
                "certificate.no-agreement",
                "No agreement in force shares these results with another region: %(items)s.",
                facts={"items": ", ".join(crossing)},
            )
        )
    return reasons


def payload(draft: CertificateDraft) -> dict[str, JSON]:
    """What is signed: it fits into a code that a phone reads from paper. Names are cut before anything is left out.

    It holds from its day to the end of the last day on which a result on it is valid.
    """
    for longest in NAME_LENGTHS:
        said = _payload(draft, longest)
        if len(canonical.dumps(said)) <= MOST_BYTES:
            break
    return said


def _payload(draft: CertificateDraft, longest: int) -> dict[str, JSON]:
    last = max(one.valid_until for one in draft.results)
    return {
        "spec": SPEC,
        "id": draft.id,
        "number": draft.number,
        "uscc": draft.uscc,
        "enterprise": short(draft.enterprise, longest),
        "agency": draft.agency,
        "agency_name": short(draft.agency_name, longest),
        "results": [
            {
                "item": one.item,
                "name": short(one.name, longest),
                "version": one.version,
                "code": one.code,
                "on": one.found_on.isoformat(),
                "until": one.valid_until.isoformat(),
                "evidence": one.evidence_hash,
            }
            for one in draft.results
        ],
        "agreements": [
            {"code": one.code, "version": one.version, "until": one.until.isoformat() if one.until else ""}
            for one in draft.agreements[:MOST_AGREEMENTS]
        ],
        "nbf": seconds(draft.issued_on),
        "exp": seconds(last + timedelta(days=1)),
        **({"simulated": True} if draft.simulated else {}),
    }


def short(name: str, longest: int) -> str:
    """A name as it fits on a certificate."""
    return name if len(name) <= longest else name[: longest - 1] + "…"


def seconds(day: date) -> int:
    """The beginning of a day in Beijing, as seconds since 1970: how tokens write instants."""
    return int(datetime.combine(day, time(), clock.BEIJING).timestamp())
