"""Closed visits of the cast, ready to be published."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tests.cast import NOW, TODAY
from yicha.act.inspection import queries as inspection
from yicha.act.inspection import services as inspections
from yicha.act.inspection.models import Visit
from yicha.act.inspection.terms import CheckResult, FindingFacts, Severity
from yicha.act.inspection.tests.factories import opened
from yicha.know.registry.models import Enterprise
from yicha.know.visits.terms import ResultCode

SECRET_WORDS = "后厨张三手机13800138000"


def result(code: ResultCode) -> CheckResult:
    """A result, with words that must never be public where the code asks for words."""
    if code is not ResultCode.CORRECTION_ORDERED:
        return CheckResult(code)
    return CheckResult(code, (FindingFacts(SECRET_WORDS, Severity.SERIOUS, TODAY + timedelta(days=9)),))


def closed(
    enterprise: Enterprise,
    agencies: tuple[str, ...] = ("110112-market", "110112-fire"),
    on: date = TODAY,
    code: ResultCode = ResultCode.CORRECTION_ORDERED,
    now: datetime = NOW,
) -> Visit:
    """A visit that took place and is closed as a whole, every item with the same result."""
    visit = inspections.start_visit(actor="officer-a", now=now, visit=opened(enterprise, agencies, on), on=on)
    for part in inspection.list_parts(visit):
        results = {check.pk: result(code) for check in part.checks.all()}
        inspections.record_results(actor="officer-a", now=now, part=part, results=results)
        inspections.close_part(actor="officer-a", now=now, part=part)
    return inspections.close_visit(actor="officer-a", now=now, visit=visit)
