"""How far a round is along the eight steps."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Max

from yicha.base.workdays import queries as workdays
from yicha.decide.planning import queries as planning
from yicha.decide.planning.terms import Step
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import PROBLEM_CODES
from yicha.share.publicity import queries as publicity
from yicha.share.publicity.terms import PublicationState
from yicha.share.reporting import rules
from yicha.share.reporting.models import StepDocument
from yicha.share.reporting.terms import Counted, EightRow, EightStep, Finding, TradeCheckUp

REPORT_DAYS = "round-report-days"


def list_eight(round_: Any, today: date) -> list[EightRow]:
    """The eight steps of a round as they stand on a day."""
    return rules.rail(_count(round_), _newest(round_), today)


def _count(round_: Any) -> dict[EightStep, Counted]:
    steps = {step.code: step for step in planning.list_steps(round_)}
    clocks = planning.get_clocks(round_)
    report_due = _report_due(clocks["visit"])
    entries = len(list(planning.list_due_entries(round_.year, round_.quarter)))
    published, due, publish_by = _publications(round_)
    results = steps["result"]
    visits_ = steps["visit"]
    return {
        EightStep.PLAN: _of(steps["plan"], clocks["plan"]),
        EightStep.DISPATCH: Counted(0, entries, clocks["draw"]),
        EightStep.DRAW: _of(steps["draw"], clocks["draw"]),
        EightStep.ASSIGN: _of(steps["officers"], _first_visit(round_)),
        EightStep.INSPECT: _of(visits_, clocks["visit"]),
        EightStep.CHECK_UP: Counted(results.done, results.done, report_due),
        EightStep.PUBLISH: Counted(published, published + due, publish_by),
        EightStep.REPORT: Counted(visits_.done, visits_.of, report_due),
    }


def _of(step: Step, due_on: date | None) -> Counted:
    return Counted(step.done, step.of, due_on)


def _report_due(last: date) -> date:
    """So many working days after the quarter's last day."""
    days = int(catalogue.get_number(REPORT_DAYS, last).value)
    return workdays.find_deadline(last, days, workdays.get_calendar()).on


def _first_visit(round_: Any) -> date | None:
    """People are assigned before the first visit."""
    days = visits.list_round(round_.code).exclude(planned_on=None).order_by("planned_on")
    return days.values_list("planned_on", flat=True).first()


def _publications(round_: Any) -> tuple[int, int, date | None]:
    """Published, due, and the last day on which one is due."""
    rows = publicity.list_publications().filter(visit__contact__round=round_.code).order_by()
    last = rows.aggregate(last=Max("due_on"))["last"]
    published = rows.filter(state=PublicationState.PUBLISHED.value).count()
    return published, rows.count() - published, last


def _newest(round_: Any) -> dict[EightStep, tuple[str, int]]:
    rows = StepDocument.objects.filter(round=round_).order_by("version")
    return {EightStep(row.step): (str(row.uuid), row.version) for row in rows}


def list_check_ups(round_: Any) -> list[TradeCheckUp]:
    """What the round found so far in every trade: by the directory that a check was planned for."""
    regions = dict(registry.list_regions().values_list("pk", "name"))
    trades: dict[tuple[int | None, int, int], str] = {
        (contact, agency, item): name
        for contact, agency, item, name in planning.list_demands(round_)
        .exclude(contact=None)
        .order_by("draw_id")
        .values_list("contact_id", "agency_id", "item_version_id", "entry__directory__name")
    }
    names = {row.pk: row.name for row in catalogue.list_versions()}
    rows = (
        visits.list_items_of_round(round_.code)
        .exclude(contact__state="spared")
        .values_list(
            "contact_id",
            "agency_id",
            "item_version_id",
            "result_code",
            "contact__enterprise_id",
            "contact__enterprise__region_id",
        )
    )
    return rules.check_up(
        Finding(
            trade=trades[contact, agency, item],
            region=regions.get(region, ""),
            agency=str(agency),
            item=names[item],
            has_result=bool(code),
            found=code in PROBLEM_CODES,
            enterprise=enterprise,
        )
        for contact, agency, item, code, enterprise, region in rows
        if (contact, agency, item) in trades
    )
