"""Who goes: enough officers, in service, certified, competent, not recused, and not the same ones for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.decide.gate.rules.asking import answered
from yicha.decide.gate.rules.case import Case, plus_days
from yicha.decide.gate.rules.kinds import CHENGDU, OFFICERS, GroundKind
from yicha.decide.gate.terms import Bars, ContactFacts, Ground, OfficerFacts
from yicha.know.visits.terms import ContactState

TOO_FEW = GroundKind(
    code="gate.officers-too-few",
    sentence="%(count)s officers are named; an agency sends at least %(least)s.",
    source=OFFICERS,
    bars=Bars.ENTRY,
    leans_on=("officers-per-agency",),
    at_field="officers",
)
UNKNOWN = GroundKind(
    code="gate.officer-unknown",
    sentence="Nobody holds the certificate %(certificate)s.",
    source=OFFICERS,
    bars=Bars.ENTRY,
    at_field="officers",
)
NOT_OF_AGENCY = GroundKind(
    code="gate.officer-not-of-agency",
    sentence="%(officer)s belongs to another agency (%(agency)s).",
    source=OFFICERS,
    bars=Bars.ENTRY,
    at_field="officers",
)
NOT_IN_SERVICE = GroundKind(
    code="gate.officer-not-in-service",
    sentence="%(officer)s is no longer in service.",
    source=OFFICERS,
    bars=Bars.ENTRY,
    at_field="officers",
)
CERTIFICATE = GroundKind(
    code="gate.certificate-not-valid",
    sentence="The certificate of %(officer)s is not valid on %(on)s.",
    source=OFFICERS,
    bars=Bars.ENTRY,
    passes=True,
    at_field="officers",
)
NOT_COMPETENT = GroundKind(
    code="gate.officer-not-competent",
    sentence="%(officer)s is not competent for %(item)s.",
    source=OFFICERS,
    bars=Bars.ENTRY,
    at_field="officers",
)
RECUSED = GroundKind(
    code="gate.officer-recused",
    sentence="%(officer)s must not inspect this enterprise: %(why)s.",
    source=OFFICERS,
    bars=Bars.ENTRY,
    at_field="officers",
)
FUTILE = GroundKind(
    code="gate.futile-visits",
    sentence="%(officer)s found nothing here %(count)s times in a row within %(days)s days: a reason is required.",
    source=CHENGDU,
    bars=Bars.ENTRY,
    answerable=True,
    leans_on=("futile-visits", "futile-within-days"),
    at_field="reasons",
)
SAME_TWICE = GroundKind(
    code="gate.same-officer-twice",
    sentence="%(officer)s was here on the last visit, %(on)s; another inspector should come.",
    source="India CIS",
)
FIT = GroundKind(
    code="gate.officers-fit",
    sentence="%(count)s officers go; at least %(least)s are needed.",
    source=OFFICERS,
    leans_on=("officers-per-agency",),
)
DRAWN_LATER = GroundKind(
    code="gate.officers-drawn-later",
    sentence="The officers of this visit are drawn later and looked at then.",
    source="双随机",
)


def look_at_officers(case: Case) -> Iterator[Ground]:
    """Two at least, with certificates, competent, not recused (行政处罚法 第四十二条). A courtesy call may have one.

    Each must be competent for each item, as when officers are drawn: for its code, or for all of the agency's kind.
    """
    named = tuple(dict.fromkeys(case.asked.officers))
    if case.asked.planned and not named:
        yield DRAWN_LATER({})
        return
    least = case.number("officers-per-agency")
    if least is not None and len(named) < least and not case.is_courtesy:
        yield TOO_FEW({"count": len(named), "least": least}, rows=case.rows("officers-per-agency"))
    known = {officer.certificate: officer for officer in case.facts.officers if officer.known}
    for certificate in named:
        if certificate in known:
            yield from _look_at(case, known[certificate])
        else:
            yield UNKNOWN({"certificate": certificate})


def _look_at(case: Case, officer: OfficerFacts) -> Iterator[Ground]:
    name = _name(officer)
    if case.agency is not None and officer.agency != case.agency.code:
        yield NOT_OF_AGENCY({"officer": name, "agency": officer.agency})
    if not officer.active:
        yield NOT_IN_SERVICE({"officer": name})
    if officer.recused:
        yield RECUSED({"officer": name, "why": officer.recused})
    if case.is_courtesy:
        return
    for item in case.items:
        if item.known and not {item.code, item.agency_kind} & set(officer.competences):
            yield NOT_COMPETENT({"officer": name, "item": item.name or item.code}, item.code)


def look_at_certificates(case: Case, day: date) -> Iterator[Ground]:
    """A certificate must be valid on the day of the visit."""
    for officer in case.facts.officers:
        if not officer.known or officer.certificate not in case.asked.officers:
            continue
        start, end = officer.valid_from, officer.valid_until
        if (start is not None and day < start) or (end is not None and day > end):
            until = start if start is not None and day < start and (end is None or start <= end) else None
            yield CERTIFICATE({"officer": _name(officer), "on": day.isoformat()}, until=until)


def look_at_futile_visits(case: Case, day: date) -> Iterator[Ground]:
    """The same officer, the same enterprise, visit after visit without a finding: blocked until a reason (成都)."""
    times, within = case.number("futile-visits"), case.number("futile-within-days")
    if times is None or within is None or times < 1 or len(case.visits) < times:
        return
    since = plus_days(day, -within)
    made = [row for row in case.visits if row.state == ContactState.MADE and since <= row.on <= day]
    if len(made) < times:
        return
    made.sort(key=_newest_first)
    for certificate in dict.fromkeys(case.asked.officers):
        own = [visit.found for visit in made if certificate in visit.officers][:times]
        if len(own) == times and all(found is False for found in own):
            facts: dict[str, str | int] = {
                "officer": _name_of(case, certificate),
                "count": times,
                "days": within,
            }
            yield answered(case, FUTILE(facts, rows=case.rows("futile-visits", "futile-within-days")))


def remark_on_officers(case: Case, day: date) -> Iterator[Ground]:
    """Never the same inspector twice in a row (India CIS): a remark. And which number of officers was asked for."""
    least, named = case.number("officers-per-agency"), tuple(dict.fromkeys(case.asked.officers))
    if least is not None and len(named) >= least and not case.is_courtesy:
        yield FIT({"count": len(named), "least": least}, rows=case.rows("officers-per-agency"))
    before = [visit for visit in case.visits if visit.on < day]
    if not before:
        return
    last = min(before, key=_newest_first)
    for certificate in named:
        if certificate in last.officers:
            yield SAME_TWICE({"officer": _name_of(case, certificate), "on": last.on.isoformat()})


def _newest_first(visit: ContactFacts) -> tuple[int, str]:
    return -visit.on.toordinal(), visit.uuid


def _name(officer: OfficerFacts) -> str:
    return officer.name or officer.certificate


def _name_of(case: Case, certificate: str) -> str:
    return next((_name(row) for row in case.facts.officers if row.certificate == certificate), certificate)
