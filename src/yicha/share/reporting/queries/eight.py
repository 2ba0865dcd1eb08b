"""How far a round is along the eight steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Max, Min

from yicha.base.workdays import queries as workdays
from yicha.decide.planning import queries as planning
from yicha.decide.planning.terms import Step
from yicha.know.catalogue import queries as catalogue
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState
from yicha.share.publicity import queries as publicity
from yicha.share.publicity.terms import PublicationState
from yicha.share.reporting import rules
from yicha.share.reporting.models import STEPS, WORDS, StepDocument
from yicha.share.reporting.terms import Counted, EightRow, EightStep, Signed, StepWords

REPORT_DAYS = "round-report-days"
_GOING = [ContactState.PLANNED.value, ContactState.MADE.value]


def list_eight(round_: Any, today: date) -> list[EightRow]:
    """The eight steps of a round as they stand on a day."""
    signed = _newest(round_)
    return rules.rail(_count(round_, signed), signed, today)


def _count(round_: Any, signed: Mapping[EightStep, Signed]) -> dict[EightStep, Counted]:
    steps = {step.code: step for step in planning.list_steps(round_)}
    clocks = planning.get_clocks(round_)
    last = clocks["visit"]
    report_due = _days_after(last, int(catalogue.get_number(REPORT_DAYS, last).value))
    entries = planning.list_due_entries(round_.year, round_.quarter).count()
    sent = signed[EightStep.DISPATCH].about if EightStep.DISPATCH in signed else 0
    results, visits_ = steps["result"], steps["visit"]
    return {
        EightStep.PLAN: _of(steps["plan"], clocks["plan"]),
        EightStep.DISPATCH: Counted(min(sent, entries), entries, clocks["draw"]),
        EightStep.DRAW: _of(steps["draw"], clocks["draw"]),
        EightStep.ASSIGN: _of(steps["officers"], _first_visit(round_) or clocks["draw"]),
        EightStep.INSPECT: _of(visits_, clocks["visit"]),
        EightStep.CHECK_UP: _of(results, report_due),
        EightStep.PUBLISH: _publications(round_, visits_.of, last),
        EightStep.REPORT: _of(visits_, report_due),
    }


def _of(step: Step, due_on: date) -> Counted:
    return Counted(step.done, step.of, due_on)


def _days_after(day: date, count: int) -> date:
    """So many working days after a day."""
    return workdays.find_deadline(day, count, workdays.get_calendar()).on


def _first_visit(round_: Any) -> date | None:
    """People are assigned before the first visit."""
    rows = visits.list_round(round_.code).filter(state__in=_GOING)
    first: date | None = rows.aggregate(first=Min("planned_on"))["first"]
    return first


def _publications(round_: Any, all_visits: int, quarter_end: date) -> Counted:
    """Of all visits, those whose result is public. Its clock is the next result's that is due, else the last one's.

    Before there is a result: that of one found on the quarter's last day.
    """
    rows = publicity.list_publications().filter(visit__contact__round=round_.code).order_by()
    due = rows.filter(state=PublicationState.DUE.value).aggregate(next=Min("due_on"))["next"]
    last = rows.aggregate(last=Max("due_on"))["last"]
    latest = _days_after(quarter_end, int(publicity.get_publish_within(quarter_end).value))
    count = rows.count()
    published = rows.filter(state=PublicationState.PUBLISHED.value).count()
    return Counted(published, max(count, all_visits), due or last or latest)


def _newest(round_: Any) -> dict[EightStep, Signed]:
    rows = StepDocument.objects.filter(round=round_).order_by("version")
    return {
        EightStep(step): Signed(str(uuid), version, about)
        for step, uuid, version, about in rows.values_list("step", "uuid", "version", "facts__about")
    }


def describe(step: EightStep) -> StepWords:
    """What a step is called, who owns it and what document it ends with, in the language of the reader."""
    owner, paper = WORDS[step]
    return StepWords(str(STEPS[step]), str(owner), str(paper))
