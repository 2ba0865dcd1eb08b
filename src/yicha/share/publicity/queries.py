"""What the public may read, and the clock for those who must publish."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils.functional import Promise

from yicha.base.workdays import queries as workdays
from yicha.base.workdays.terms import Calendar
from yicha.decide.planning import queries as planning
from yicha.decide.planning.terms import PlanState
from yicha.kernel import uscc as codes
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.credit.queries import repairs
from yicha.know.credit.terms import Severity
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as contacts
from yicha.share.publicity import rules
from yicha.share.publicity.models import Publication
from yicha.share.publicity.terms import (
    PUBLISH_WITHIN,
    CheckedEnterprise,
    ClockNumbers,
    PublicationState,
    PublicEnterprise,
    PublicPlan,
    PublicPlanEntry,
    PublicRecord,
)

MOST_ENTERPRISES = 100
"""Enterprises on one page of a search; whoever wants more types more."""


def list_published() -> QuerySet[Publication]:
    """Everything public, the latest first. Only frozen columns: nothing is joined that is not public."""
    return Publication.objects.filter(state=PublicationState.PUBLISHED.value).order_by(
        "-published_on", "-visited_on", "pk"
    )


def search_published(text: str) -> QuerySet[Publication]:
    """Public results whose published name or code contains every word that was typed; a whole code, however spaced."""
    whole = codes.normalise(text)
    if len(whole) in (15, 18) and whole.isascii() and whole.isalnum():
        return list_published_of(whole)
    found = list_published()
    for word in text.split():
        code = codes.normalise(word)
        matches = Q(name__contains=word)
        if code.isascii() and code.isalnum():
            matches |= Q(uscc__contains=code)
        found = found.filter(matches)
    return found


def list_published_of(uscc: str) -> QuerySet[Publication]:
    """What was published of one enterprise, the latest visit first."""
    return list_published().filter(uscc=codes.normalise(uscc)).order_by("-visited_on", "-published_on")


def find_published(uuid: str) -> Publication | None:
    """One published result."""
    return list_published().filter(uuid=uuid).first()


def list_public_records(uscc: str, today: date) -> list[PublicRecord]:
    """What is published of an enterprise's credit records on a day, the newest first."""
    return [
        PublicRecord(
            code=record.code,
            kind=str(record.get_kind_display()),
            severity=str(record.get_severity_display()) if record.severity != Severity.NONE else "",
            agency=str(record.agency),
            reference=record.reference,
            happened_on=record.happened_on,
            words=record.words,
            published_on=record.published_on,
            until=until,
        )
        for record, until in repairs.list_published(codes.normalise(uscc), today)
        if record.published_on is not None
    ]


def find_public_enterprise(uscc: str, today: date) -> PublicEnterprise | None:
    """An enterprise of which the public may read anything, a result or a record; under its published name."""
    last = list_published_of(uscc).first()
    if last is not None:
        return PublicEnterprise(last.uscc, last.name, last.region)
    found = registry.find_enterprise(uscc)
    if found is None or not list_public_records(found.uscc, today):
        return None
    region = str(found.region) if found.region else ""
    return PublicEnterprise(found.uscc, rules.public_name(found.kind, found.name), region)


def list_publications() -> QuerySet[Publication]:
    """Everything with its clock, for officials: what is due first comes first."""
    return Publication.objects.select_related(
        "visit__contact__enterprise__region",
        "visit__contact__enterprise__zone",
        "visit__contact__lead_agency",
    ).order_by("state", "due_on", "pk")


def list_due() -> QuerySet[Publication]:
    """What is closed and not public yet, for officials."""
    return list_publications().filter(state=PublicationState.DUE.value)


def list_late(today: date) -> QuerySet[Publication]:
    """What is not public although its last day is over."""
    return list_due().filter(due_on__lt=today)


def get_clock_numbers(today: date) -> ClockNumbers:
    """How the clock is kept, over all results."""
    published = Q(state=PublicationState.PUBLISHED.value)
    due = Q(state=PublicationState.DUE.value)
    return ClockNumbers(
        **Publication.objects.aggregate(
            published=Count("pk", filter=published),
            published_in_time=Count("pk", filter=published & Q(published_on__lte=F("due_on"))),
            due=Count("pk", filter=due),
            late=Count("pk", filter=due & Q(due_on__lt=today)),
        )
    )


def get_publish_within(on: date) -> NumberFacts:
    """Within how many working days results must be public, with the source."""
    return catalogue.get_number(PUBLISH_WITHIN, on)


def count_days_left(due_on: date, today: date, calendar: Calendar) -> int:
    """Working days left until a result must be public; negative: working days late."""
    return workdays.count_left(today, due_on, calendar)


def list_public_plans() -> list[PublicPlan]:
    """The plans that are in force and published, the newest year first."""
    return [_plan(row) for row in planning.list_public_plans() if row.state == PlanState.PUBLISHED.value]


def find_public_plan(code: str) -> PublicPlan | None:
    """A published plan with its entries: the version in force, or the last that was."""
    row = planning.list_public_plans().filter(code=code).first()
    if row is None:
        return None
    entries = tuple(
        PublicPlanEntry(
            number=entry.number,
            title=entry.title,
            quarter=entry.quarter,
            window_from=entry.window_from,
            window_to=entry.window_to,
            checked=[entry.joint_list.name] if entry.joint_list else list_item_names(entry.items.all()),
            population=entry.population,
            expected=entry.expected,
            draws=sorted(draw.draw_id for draw in entry.draws.all()),
        )
        for entry in planning.list_entries(row)
    )
    return _plan(row, entries)


def list_item_names(items: Iterable[Any]) -> list[str]:
    """The names of items as they are in force, by code; an item without a published version by its code."""
    codes = [item.code for item in items]
    names = dict(
        catalogue.list_versions_in_force(date.max)
        .filter(item__code__in=codes)
        .values_list("item__code", "name")
    )
    return [names.get(code, code) for code in sorted(codes)]


def _plan(row: Any, entries: Sequence[PublicPlanEntry] = ()) -> PublicPlan:
    return PublicPlan(
        code=row.code,
        version=row.version,
        year=row.year,
        title=row.title,
        owner=row.owner_words,
        place=row.place_name,
        published_on=row.published_on,
        is_current=row.state == PlanState.PUBLISHED.value,
        expected=row.expected,
        entry_count=row.entry_count,
        entries=entries,
    )


def list_checked_enterprises(text: str) -> list[CheckedEnterprise]:
    """Enterprises with public results that fit a search, the latest visit first; at most `MOST_ENTERPRISES`."""
    rows = (
        search_published(text)
        .order_by()
        .values("uscc")
        .annotate(
            name=Max("name"),
            region=Max("region"),
            visits=Count("pk"),
            last=Max("visited_on"),
            found=Sum("problems"),
        )
        .order_by("-last", "uscc")[:MOST_ENTERPRISES]
    )
    return [
        CheckedEnterprise(row["uscc"], row["name"], row["region"], row["visits"], row["last"], row["found"])
        for row in rows
    ]


def list_result_words() -> dict[str, str | Promise]:
    """The published text of each result code."""
    return dict(contacts.list_result_choices())
