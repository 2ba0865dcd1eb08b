"""The place: an agency's own region, or another's by agreement or consent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.decide.gate.rules.case import Case
from yicha.decide.gate.rules.kinds import ASSISTANCE, GroundKind, agreement_row
from yicha.decide.gate.terms import AgencyFacts, Bars, EnterpriseFacts, Ground
from yicha.know.agreement.terms import AgreementFacts, ConsentFacts, Share

NOT_COMPETENT = GroundKind(
    code="gate.place-not-competent",
    sentence="The place lies in %(place)s, outside this agency's region %(own)s: it needs assistance consent.",
    source=ASSISTANCE,
    bars=Bars.EVERYTHING,
    passes=True,
    leans_on=("assistance-filing-days", "agreements", "consents"),
)
BY_AGREEMENT = GroundKind(
    code="gate.by-agreement",
    sentence="The place lies in %(place)s: the agreement “%(agreement)s” lets this agency come.",
    source=ASSISTANCE,
    leans_on=("assistance-filing-days", "agreements"),
)
BY_CONSENT = GroundKind(
    code="gate.by-consent",
    sentence="%(place)s consented to this visit from %(from)s to %(until)s; it is filed within %(days)s days.",
    source=ASSISTANCE,
    leans_on=("assistance-filing-days", "consents"),
)


def look_at_place(case: Case, day: date) -> Iterator[Ground]:
    """Across regions only by the assistance mechanism (四平 十严禁).

    At home is an agency whose region the place lies in, a city's in all its districts. Else the place must lie in a
    zone that crosses the agency's region and an agreement on assistance must join both regions, or the other region
    must have consented for these days.
    """
    agency, enterprise = case.agency, case.enterprise
    if agency is None or enterprise is None or agency.region in enterprise.place_regions:
        return
    consent = _consent(case, enterprise, day)
    if consent is not None:
        facts: dict[str, str | int] = {
            "place": consent.region,
            "from": consent.from_on.isoformat(),
            "until": consent.until_on.isoformat(),
            "days": case.number("assistance-filing-days") or 0,
        }
        yield BY_CONSENT(facts, rows=case.rows("assistance-filing-days"))
        return
    whole = _agreement(case, agency, enterprise, day, "")
    if whole is not None:
        facts = {"place": enterprise.region, "agreement": whole.name}
        yield BY_AGREEMENT(facts, rows=(agreement_row(whole), *case.rows("assistance-filing-days")))
        return
    yield from _by_item(case, agency, enterprise, day)


def _by_item(case: Case, agency: AgencyFacts, enterprise: EnterpriseFacts, day: date) -> Iterator[Ground]:
    found = {item.code: _agreement(case, agency, enterprise, day, item.code) for item in case.items}
    facts: dict[str, str | int] = {"place": enterprise.region, "own": agency.region}
    rows = case.rows("assistance-filing-days")
    if not any(found.values()):
        yield NOT_COMPETENT(facts, until=_opens(case, agency, enterprise, day), rows=rows)
        return
    for code, agreement in found.items():
        if agreement is None:
            until = _opens(case, agency, enterprise, day)
            yield NOT_COMPETENT(facts, code, until=until, rows=rows)
        else:
            named = {"place": enterprise.region, "agreement": agreement.name}
            yield BY_AGREEMENT(named, code, rows=(agreement_row(agreement), *rows))


def _consent(case: Case, enterprise: EnterpriseFacts, day: date) -> ConsentFacts | None:
    for consent in case.facts.consents:
        if consent.from_on <= day <= consent.until_on and _is_there(consent, enterprise):
            return consent
    return None


def _is_there(consent: ConsentFacts, enterprise: EnterpriseFacts) -> bool:
    return consent.region == enterprise.region or consent.region in enterprise.place_regions


def _agreement(
    case: Case, agency: AgencyFacts, enterprise: EnterpriseFacts, day: date, item: str
) -> AgreementFacts | None:
    if agency.region not in enterprise.zone_regions:
        return None
    return case.agreement(Share.ASSISTANCE, day, agency.region, enterprise.region, item=item)


def _opens(case: Case, agency: AgencyFacts, enterprise: EnterpriseFacts, day: date) -> date | None:
    """The first later day on which a consent or an agreement begins that may open the place; None: there is none."""
    starts = [row.from_on for row in case.facts.consents if _is_there(row, enterprise)]
    if agency.region in enterprise.zone_regions:
        both = {agency.region, enterprise.region}
        starts += [
            row.valid_from
            for row in case.facts.agreements
            if Share.ASSISTANCE in row.shares
            and row.regions >= both
            and agency.kind in (row.kinds or {agency.kind})
        ]
    return min((start for start in starts if day < start <= case.limit), default=None)
