"""Why not? One fact changed, and the verdict that would result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from yicha.decide.gate.rules.case import COURTESY, HORIZON_DAYS, Case, plus_days
from yicha.decide.gate.rules.verdicts import judge
from yicha.decide.gate.terms import (
    AgencyFacts,
    Application,
    CampaignFacts,
    Change,
    ChangeKind,
    Facts,
    OfficerFacts,
    Outcome,
    TriggerFacts,
    Verdict,
)
from yicha.know.agreement.terms import AgreementFacts, ConsentFacts, Share

_GIVEN = "…"
"""Stands for a text that somebody would write."""
_OFFICERS = 2
"""At least so many fit officers are supposed, where no number says how many an agency sends."""


def what_would_change(facts: Facts, triggers: Sequence[TriggerFacts] = ()) -> list[Change]:
    """Every single change that would give another answer: a better one where the answer is no, the best first.

    `triggers` are those that could be named instead. A page that lets one fact be changed asks `vary` and `judge`.
    """
    now = judge(facts)
    found: list[tuple[int, Change]] = []
    for change in _possible(facts, now, triggers):
        then = judge(vary(facts, change, triggers))
        if _is_other(now, then):
            found.append((_rank(then), _with_answer(change, then)))
    return [change for _, change in sorted(found, key=lambda row: row[0])]


def _is_other(now: Verdict, then: Verdict) -> bool:
    if _rank(now) > _OPEN:
        return _rank(then) < _rank(now)
    return [row.outcome for row in now.items] != [row.outcome for row in then.items]


_OPEN = 3
_RANK = {Outcome.RECOGNISE: 0, Outcome.MERGE: 1, Outcome.OFFSITE: 2, Outcome.ALLOW: _OPEN, Outcome.DEFER: 5}


def _rank(verdict: Verdict) -> int:
    """The order of preference; a reason that is wanted comes before waiting, and that before no."""
    return 4 if verdict.wants else _RANK.get(verdict.outcome, 6)


def _with_answer(change: Change, verdict: Verdict) -> Change:
    return replace(change, outcome=verdict.outcome, on=verdict.on, until=verdict.until, wants=verdict.wants)


def _possible(facts: Facts, now: Verdict, triggers: Sequence[TriggerFacts]) -> Iterator[Change]:
    """The changes worth trying: those that touch a ground of the verdict, or the trigger."""
    asked = facts.application
    yield from _answers(now, asked)
    if now.until is not None:
        day = now.until.isoformat()
        yield Change(ChangeKind.DAY, day, sentence="On another day: %(on)s", facts={"on": day})
    yield Change(ChangeKind.OFFICERS, sentence="With officers who are fit in every way")
    if len(set(asked.items)) > 1:
        names = {item.code: item.name or item.code for item in facts.items}
        for code in dict.fromkeys(asked.items):
            named = {"item": names.get(code, code)}
            yield Change(ChangeKind.WITHOUT_ITEM, code, sentence="Without %(item)s", facts=named)
    if Case(facts).is_campaign:
        yield Change(ChangeKind.CAMPAIGN, sentence="With an approval of the campaign that covers it")
    if facts.enterprise is not None and facts.agency is not None:
        yield Change(ChangeKind.CONSENT, sentence="With the consent of the region where the place lies")
        yield Change(ChangeKind.AGREEMENT, sentence="With an agreement between the regions")
        if facts.enterprise.risk_class == "A":
            yield Change(
                ChangeKind.RISK_CLASS, "B", sentence="In another class: %(class)s", facts={"class": "B"}
            )
    if facts.listing is not None:
        yield Change(ChangeKind.NOT_LISTED, sentence="Without the undisturbed list")
    for trigger in triggers:
        if trigger.code not in (asked.trigger, COURTESY):
            yield Change(
                ChangeKind.TRIGGER,
                trigger.code,
                sentence="With the trigger “%(trigger)s” and its evidence",
                facts={"trigger": trigger.words},
            )


ANSWERS = {
    "gate.approval-missing": Change(ChangeKind.APPROVAL, sentence="With the approval of the agency's head"),
    "gate.futile-visits": Change(
        ChangeKind.REASON, "gate.futile-visits", sentence="With the reason why the same officer comes again"
    ),
    "gate.back-entry": Change(
        ChangeKind.REASON, "gate.back-entry", sentence="With the reason why there was no code"
    ),
}
"""What answers each ground that can be answered, by its code."""


def _answers(now: Verdict, asked: Application) -> Iterator[Change]:
    for code in dict.fromkeys(row.code for row in now.grounds if row.answerable and row.bars):
        yield ANSWERS[code]
    if not asked.evidence.strip():
        yield Change(ChangeKind.EVIDENCE, sentence="With the reference of the evidence")


def vary(facts: Facts, change: Change, triggers: Sequence[TriggerFacts] = ()) -> Facts:
    """The same facts with one of them changed. ValueError: a value that is no day, no known trigger, no item asked."""
    asked, value = facts.application, change.value
    match change.kind:
        case ChangeKind.DAY:
            day = date.fromisoformat(value)
            return replace(facts, application=replace(asked, from_on=day, until_on=day, entered_on=None))
        case ChangeKind.WITHOUT_ITEM:
            if value not in asked.items:
                raise ValueError(f"{value} was not asked for")
            items = tuple(code for code in asked.items if code != value)
            return replace(facts, application=replace(asked, items=items))
        case ChangeKind.REASON:
            return replace(facts, application=replace(asked, reasons={**asked.reasons, value: _GIVEN}))
        case ChangeKind.APPROVAL:
            return replace(facts, application=replace(asked, approved_by=_GIVEN))
        case ChangeKind.EVIDENCE:
            return replace(facts, application=replace(asked, evidence=_GIVEN))
        case ChangeKind.TRIGGER:
            return _with_trigger(facts, value, triggers)
        case _:
            return _with_others(facts, change)


def _with_trigger(facts: Facts, code: str, triggers: Sequence[TriggerFacts]) -> Facts:
    found = next((row for row in triggers if row.code == code), None)
    if found is None:
        raise ValueError(f"no trigger {code} was given")
    asked = facts.application
    evidence = asked.evidence if asked.evidence.strip() else _GIVEN
    return replace(facts, application=replace(asked, trigger=code, evidence=evidence), trigger=found)


def _with_others(facts: Facts, change: Change) -> Facts:
    """Facts that are not of the application: who goes, what regions agree on, what the enterprise is."""
    if change.kind is ChangeKind.NOT_LISTED:
        return replace(facts, listing=None)
    agency, enterprise = facts.agency, facts.enterprise
    if agency is None:
        return facts
    if change.kind is ChangeKind.OFFICERS:
        return _with_officers(facts, agency)
    if change.kind is ChangeKind.CAMPAIGN:
        return _with_campaign(facts, agency)
    if enterprise is None:
        return facts
    if change.kind is ChangeKind.RISK_CLASS:
        return replace(facts, enterprise=replace(enterprise, risk_class=change.value))
    if change.kind is ChangeKind.CONSENT:
        consent = ConsentFacts(_GIVEN, enterprise.region, *_days(facts))
        return replace(facts, consents=(*facts.consents, consent))
    return replace(facts, agreements=(*facts.agreements, _agreement(facts, agency)))


def _days(facts: Facts) -> tuple[date, date]:
    first = min(facts.today, facts.application.from_on, facts.application.entered_on or facts.today)
    last = max(facts.today, facts.application.until_on)
    return first, plus_days(last, HORIZON_DAYS)


def _with_officers(facts: Facts, agency: AgencyFacts) -> Facts:
    """As many officers as are needed, of the agency, in service, competent for all, never here before."""
    number = facts.numbers.get("officers-per-agency")
    count = max(_OFFICERS, int(number.value)) if number and number.value.is_finite() else _OFFICERS
    competences = (agency.kind, *(item.code for item in facts.items))
    fit = tuple(
        OfficerFacts(f"{_GIVEN}{place + 1}", True, agency=agency.code, active=True, competences=competences)
        for place in range(count)
    )
    names = tuple(officer.certificate for officer in fit)
    return replace(facts, officers=fit, application=replace(facts.application, officers=names))


def _with_campaign(facts: Facts, agency: AgencyFacts) -> Facts:
    approval = CampaignFacts(_GIVEN, _GIVEN, _GIVEN, False, frozenset(), frozenset(), *_days(facts))
    return replace(facts, campaign=approval, application=replace(facts.application, campaign=_GIVEN))


def _agreement(facts: Facts, agency: AgencyFacts) -> AgreementFacts:
    """An agreement of all regions that are involved: agency, place, zone, list, results."""
    regions = {agency.region} | {result.region for result in facts.results}
    if facts.enterprise is not None:
        regions |= {facts.enterprise.region, *facts.enterprise.zone_regions, *facts.enterprise.place_regions}
    if facts.listing is not None:
        regions.add(facts.listing.region)
    shares = frozenset(share.value for share in Share)
    first, last = _days(facts)
    return AgreementFacts(
        _GIVEN, 1, _GIVEN, frozenset(regions), frozenset(), frozenset(), shares, first, last
    )
