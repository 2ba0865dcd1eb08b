"""What makes a visit of its own needless: a result that exists, a planned visit to join, data instead of a visit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.decide.gate.rules.case import Case, plus_days
from yicha.decide.gate.rules.kinds import ITALY, OURS, PREFERENCE, GroundKind, agreement_row
from yicha.decide.gate.terms import ContactFacts, Ground, ItemFacts, Outcome, ResultFacts, RowUsed
from yicha.know.agreement.terms import Share
from yicha.know.catalogue.terms import Method
from yicha.know.visits.terms import ContactState, ResultCode

RECOGNISED = GroundKind(
    code="gate.result-recognised",
    sentence="%(item)s was checked on %(on)s by %(agency)s without a problem; that holds until %(until)s.",
    source=PREFERENCE,
    leads_to=Outcome.RECOGNISE,
    leans_on=("agreements", "equivalences"),
)
NOT_USABLE = {
    "problem": GroundKind(
        code="gate.result-not-usable",
        sentence="The result of %(on)s by %(agency)s does not stand in for %(item)s: it is no clean result.",
        source=PREFERENCE,
    ),
    "expired": GroundKind(
        code="gate.result-not-usable-expired",
        sentence="The result of %(on)s by %(agency)s does not stand in for %(item)s: it held until %(until)s.",
        source=PREFERENCE,
    ),
    "refused": GroundKind(
        code="gate.result-not-usable-refused",
        sentence="The result of %(on)s by %(agency)s does not stand in for %(item)s: this agency refused it.",
        source=PREFERENCE,
    ),
    "premises": GroundKind(
        code="gate.result-not-usable-elsewhere",
        sentence="The result of %(on)s by %(agency)s does not stand in for %(item)s: it is of other premises.",
        source=PREFERENCE,
    ),
    "agreement": GroundKind(
        code="gate.result-not-usable-no-agreement",
        sentence="The result of %(on)s by %(agency)s does not stand in for %(item)s: no agreement shares it.",
        source=PREFERENCE,
        leans_on=("agreements",),
    ),
    "trigger": GroundKind(
        code="gate.result-not-usable-trigger",
        sentence="The result of %(on)s by %(agency)s does not stand in for %(item)s: the trigger asks for a look.",
        source=PREFERENCE,
        leans_on=("triggers",),
    ),
}
"""Why a result that lies near does not do, by what is wrong with it."""

TO_JOIN = GroundKind(
    code="gate.visit-to-join",
    sentence="%(lead)s comes on %(on)s anyway; joining that visit uses no visit of the budget.",
    source="深府规〔2025〕6号; 国办发〔2024〕54号",
    leads_to=Outcome.MERGE,
)
OFFSITE = GroundKind(
    code="gate.offsite",
    sentence="%(item)s can be checked without a visit (%(method)s).",
    source=PREFERENCE,
    leads_to=Outcome.OFFSITE,
)
OFFSITE_BY_RATE = GroundKind(
    code="gate.offsite-by-rate",
    sentence="The rate under which it was drawn asks for %(item)s without a visit (%(method)s).",
    source="国市监信发〔2022〕6号; 国办发〔2024〕54号",
    leads_to=Outcome.OFFSITE,
)
SECOND_VISIT = GroundKind(
    code="gate.second-visit",
    sentence="Another visit, on %(on)s, lies within %(days)s days.",
    source=OURS,
    leans_on=("second-visit-days",),
)
NOTICE = GroundKind(
    code="gate.notice",
    sentence="A visit on own initiative is announced %(days)s days ahead; until %(on)s there are %(left)s.",
    source=ITALY,
    leans_on=("notice-days",),
)

_CLEAN = frozenset({ResultCode.NO_PROBLEM.value, ResultCode.NO_SUCH_ACTIVITY.value})
_METHODS = {Method.OFFSITE.value: "off site", Method.WRITTEN.value: "in writing"}
_NEAR = 3


def find_results(case: Case, day: date) -> dict[str, tuple[ResultFacts, Ground]]:
    """By item, the result that stands in for its check on this day: the one that holds longest (国办发〔2024〕54号)."""
    found: dict[str, tuple[ResultFacts, Ground]] = {}
    if not case.facts.results:
        return found
    for item in case.items:
        for result in sorted(_near(case, item), key=lambda row: (-row.valid_until.toordinal(), row.uuid)):
            if not _fault(case, item, result, day):
                found[item.code] = (
                    result,
                    RECOGNISED(_told(item, result), item.code, rows=_rows(case, item, result)),
                )
                break
    return found


def remark_on_results(case: Case, day: date, used: dict[str, tuple[ResultFacts, Ground]]) -> Iterator[Ground]:
    """Why a result that lies near does not do, for items that have none that does; the newest three."""
    for item in case.items if case.facts.results else ():
        if item.code in used:
            continue
        near = sorted(_near(case, item), key=lambda row: (-row.found_on.toordinal(), row.uuid))
        for result in near[:_NEAR]:
            yield NOT_USABLE[_fault(case, item, result, day)](_told(item, result), item.code)


def _near(case: Case, item: ItemFacts) -> list[ResultFacts]:
    return [
        row for row in case.facts.results if row.item == item.code or (row.item, row.region) in item.accepts
    ]


def _fault(case: Case, item: ItemFacts, result: ResultFacts, day: date) -> str:
    """What keeps a result from standing in for a check; empty: nothing."""
    if result.result_code not in _CLEAN or result.found_on > case.facts.today:
        return "problem"
    if result.valid_until < day:
        return "expired"
    if result.refused:
        return "refused"
    if result.premises != case.asked.premises:
        return "premises"
    if not _is_own_region(case, result) and not _rows(case, item, result):
        return "agreement"
    return "" if case.spareable else "trigger"


def _is_own_region(case: Case, result: ResultFacts) -> bool:
    return case.agency is not None and result.region == case.agency.region


def _rows(case: Case, item: ItemFacts, result: ResultFacts) -> tuple[RowUsed, ...]:
    """The agreement by which a result crosses, in force on the day on which it is asked; none at home."""
    if case.agency is None or _is_own_region(case, result):
        return ()
    regions = (case.agency.region, result.region)
    for code in (item.code, result.item):
        row = case.agreement(Share.RESULTS, case.facts.today, *regions, item=code)
        if row is not None:
            return (agreement_row(row),)
    return ()


def _told(item: ItemFacts, result: ResultFacts) -> dict[str, str | int]:
    return {
        "item": item.name or item.code,
        "on": result.found_on.isoformat(),
        "agency": result.agency,
        "until": result.valid_until.isoformat(),
        "result": result.uuid,
    }


def list_joinable(case: Case) -> list[ContactFacts]:
    """Planned visits on a day that can be had, at the same premises, the earliest first.

    None for what is asked to be checked without a visit.
    """
    if case.is_courtesy or case.asked.method in _METHODS:
        return []
    return sorted(
        (
            visit
            for visit in case.visits
            if visit.state == ContactState.PLANNED
            and case.start <= visit.on <= case.limit
            and visit.premises == case.asked.premises
        ),
        key=lambda visit: (visit.on, visit.uuid),
    )


def to_join(visit: ContactFacts) -> Ground:
    """The ground that speaks for joining a planned visit."""
    return TO_JOIN({"lead": visit.lead, "on": visit.on.isoformat(), "contact": visit.uuid})


def can_be_offsite(case: Case, item: ItemFacts) -> bool:
    """Whether data or papers may stand in for a visit."""
    return case.spareable and item.known and (item.method in _METHODS or case.asked.method in _METHODS)


def look_at_offsite(case: Case) -> Iterator[Ground]:
    """The lighter way comes first: from data or in writing rather than on site (国办发〔2024〕54号)."""
    for item in case.items:
        if can_be_offsite(case, item):
            kind, method = (
                (OFFSITE, item.method) if item.method in _METHODS else (OFFSITE_BY_RATE, case.asked.method)
            )
            yield kind({"item": item.name or item.code, "method": _METHODS[method]}, item.code)


def remark_on_second_visit(case: Case, day: date, joined: ContactFacts | None) -> Iterator[Ground]:
    """A second visit to the same enterprise in the same period is warned of, not blocked; the nearest one."""
    days = case.number("second-visit-days")
    if days is None or not case.visits:
        return
    first, last = plus_days(day, -days), plus_days(day, days)
    near = [
        visit
        for visit in case.visits
        if first <= visit.on <= last and (joined is None or visit.uuid != joined.uuid)
    ]
    if near:
        other = min(near, key=lambda visit: (abs(visit.on.toordinal() - day.toordinal()), visit.uuid))
        yield SECOND_VISIT({"on": other.on.isoformat(), "days": days}, rows=case.rows("second-visit-days"))


def remark_on_notice(case: Case, day: date) -> Iterator[Ground]:
    """Ten days' notice of a visit on own initiative (D.Lgs. 103/2024), where fewer are left: a remark."""
    days = case.number("notice-days")
    left = day.toordinal() - case.facts.today.toordinal()
    if days is not None and case.own_initiative and not case.is_courtesy and 0 <= left < days:
        facts: dict[str, str | int] = {"days": days, "on": day.isoformat(), "left": left}
        yield NOTICE(facts, rows=case.rows("notice-days"))
