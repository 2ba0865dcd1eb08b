"""Reading visits: for pages, publicity and evaluation. Lists are narrowed by `accounts.queries.scoped` at the door."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from yicha.act.inspection import rules
from yicha.act.inspection.models import Check, Finding, Part, PartOfficer, Visit
from yicha.act.inspection.terms import (
    OFFICERS_PER_AGENCY,
    SECOND_VISIT_DAYS,
    CheckRecord,
    CheckRow,
    FindingRecord,
    PartState,
    VisitState,
)
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.visits import queries as contacts
from yicha.know.visits.terms import ResultCode


def list_visits() -> QuerySet[Visit]:
    """All visits with enterprise and lead, the latest planned first."""
    return Visit.objects.select_related(
        "contact__enterprise__region", "contact__enterprise__zone", "contact__lead_agency"
    ).order_by("-contact__planned_on", "pk")


def find_visit(uuid: UUID | str) -> Visit | None:
    """A visit with its parts and their agencies."""
    return list_visits().prefetch_related("parts__agency").filter(uuid=uuid).first()


def list_parts(visit: Visit) -> QuerySet[Part]:
    """The parts of a visit with officers, items, results and findings: the lead's first."""
    return (
        visit.parts.select_related("agency")
        .annotate(is_lead=Q(agency=F("visit__contact__lead_agency")))
        .prefetch_related(
            "officers",
            Prefetch(
                "checks",
                Check.objects.select_related("contact_item__item_version__item").order_by(
                    "contact_item__item_version__item__code"
                ),
            ),
            "checks__findings",
        )
        .order_by("-is_lead", "agency__code")
    )


def find_part(visit: Visit, agency: str) -> Part | None:
    """What one agency does in a visit."""
    return list_parts(visit).filter(agency__code=agency).first()


def with_progress(queryset: QuerySet[Visit]) -> QuerySet[Visit]:
    """Adds how many agencies take part (`part_count`) and how many have closed (`closed_count`)."""

    def count(parts: QuerySet[Part]) -> Coalesce:
        counted = parts.order_by().values("visit").annotate(number=Count("pk")).values("number")
        return Coalesce(Subquery(counted), 0)

    parts = Part.objects.filter(visit=OuterRef("pk"))
    return queryset.annotate(
        part_count=count(parts), closed_count=count(parts.filter(state=PartState.CLOSED.value))
    )


def list_of_agency(queryset: QuerySet[Visit], agency: str) -> QuerySet[Visit]:
    """Of these, the visits in which an agency takes part."""
    part = Part.objects.filter(visit=OuterRef("pk"), agency__code=agency)
    return queryset.filter(Exists(part))


def list_of_officer(queryset: QuerySet[Visit], certificate: str) -> QuerySet[Visit]:
    """Of these, the visits on which an officer goes; none without a certificate."""
    part = Part.objects.filter(visit=OuterRef("pk"), officers__certificate=certificate)
    return queryset.filter(Exists(part)) if certificate else queryset.none()


def list_waiting_to_record(agencies: Iterable[str], on: date) -> QuerySet[Part]:
    """Open parts of these agencies in visits that are due on a day or were before, the oldest first."""
    return (
        Part.objects.select_related("visit__contact__enterprise", "agency")
        .filter(
            agency__code__in=list(agencies),
            state=PartState.OPEN.value,
            visit__state__in=[VisitState.OPENED.value, VisitState.STARTED.value],
            visit__contact__planned_on__lte=on,
        )
        .order_by("visit__contact__planned_on", "visit_id")
    )


def list_waiting_to_close(agencies: Iterable[str]) -> QuerySet[Visit]:
    """Visits that these agencies lead and in which every part is closed: only the lead's word is missing."""
    still_open = Part.objects.filter(visit=OuterRef("pk"), state=PartState.OPEN.value)
    return list_visits().filter(
        ~Exists(still_open), contact__lead_agency__code__in=list(agencies), state=VisitState.STARTED.value
    )


def list_second_visits(visit: Visit) -> list[tuple[date, str, str]]:
    """Other visits at the same enterprise that lie close: (day, lead agency, state). A warning, never a block."""
    day = visit.visited_on or visit.contact.planned_on or visit.contact.window_from
    near = timedelta(days=int(get_second_visit_number(day).value))
    found = contacts.list_in_period(visit.contact.enterprise.uscc, day - near, day + near)
    return [
        (other.made_on or other.planned_on or other.window_from, other.lead_agency.name, other.state)
        for other in found.exclude(pk=visit.contact_id)
    ]


def list_closed() -> QuerySet[Visit]:
    """Visits that are closed as a whole, the oldest first: what publicity takes up."""
    return list_visits().filter(state=VisitState.CLOSED.value).order_by("closed_at", "pk")


def list_checks(visits: Iterable[Visit]) -> list[CheckRow]:
    """The checks of these visits with agency and item, in a fixed order."""
    rows = (
        Check.objects.filter(part__visit__in=list(visits))
        .order_by("part__visit_id", "part__agency__code", "contact_item__item_version__item__code")
        .values_list(
            "pk",
            "part__visit_id",
            "part__agency__code",
            "part__agency__name",
            "contact_item__item_version__item__code",
            "contact_item__item_version__name",
            "contact_item_id",
            "result_code",
        )
    )
    return [CheckRow(*row) for row in rows]


def list_closed_checks() -> QuerySet[Check]:
    """The checks of parts that their agency has closed: what it found stands. The oldest first."""
    return Check.objects.filter(part__state=PartState.CLOSED.value).order_by("pk")


def list_records(checks: Iterable[int]) -> list[CheckRecord]:
    """All that was recorded of closed checks (ids), in the order of the ids."""
    rows = list(
        list_closed_checks()
        .filter(pk__in=list(checks))
        .select_related(
            "part__agency", "part__visit__contact__enterprise", "contact_item__item_version__item"
        )
        .prefetch_related("findings")
        .order_by("pk")
    )
    crew = PartOfficer.objects.filter(part__in={row.part_id for row in rows}).order_by("officer__certificate")
    went: dict[int, list[str]] = defaultdict(list)
    for part, certificate in crew.values_list("part_id", "officer__certificate"):
        went[part].append(certificate)
    return [_record(row, tuple(went[row.part_id])) for row in rows]


def _record(row: Check, officers: tuple[str, ...]) -> CheckRecord:
    visit, version = row.part.visit, row.contact_item.item_version
    if visit.visited_on is None or row.recorded_at is None:
        raise ValueError(f"check {row.pk} is closed without a day")  # two constraints say that it cannot be
    return CheckRecord(
        contact_item_id=row.contact_item_id,
        visit=str(visit.uuid),
        uscc=visit.contact.enterprise.uscc,
        premises_id=visit.contact.premises_id,
        agency=row.part.agency.code,
        item=version.item.code,
        item_version=version.version,
        item_version_id=version.pk,
        result_code=ResultCode(row.result_code),
        found_on=visit.visited_on,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        officers=officers,
        findings=tuple(FindingRecord(one.words, one.severity, one.correct_by) for one in row.findings.all()),
    )


def list_findings_of(uscc: str) -> QuerySet[Finding]:
    """Every problem found at an enterprise, the latest visit first; internal."""
    return (
        Finding.objects.select_related("check_task__part__agency", "check_task__contact_item__item_version")
        .filter(check_task__part__visit__contact__enterprise__uscc=uscc)
        .order_by("-check_task__recorded_at", "pk")
    )


def get_officer_number(on: date) -> NumberFacts:
    """How many officers each agency must send, with the source of that number."""
    return catalogue.get_number(OFFICERS_PER_AGENCY, on)


def get_second_visit_number(on: date) -> NumberFacts:
    """How close two visits must be to be warned of, in days."""
    return catalogue.get_number(SECOND_VISIT_DAYS, on)


def list_acts(visit: Visit) -> tuple[str, ...]:
    """What may be done with a visit now, by its state alone."""
    return rules.VISIT_LIFE.acts_from(VisitState(visit.state))


def list_open_orders(part: Part) -> list[Check]:
    """Checks of a part at which something was ordered to be corrected, and was not yet, the first day first."""
    rows = Check.objects.filter(
        part=part, contact_item__correct_by__isnull=False, contact_item__corrected_on=None
    )
    found = rows.select_related("contact_item__item_version").order_by("contact_item__correct_by", "pk")
    return list(found)


def list_simulated_orders() -> QuerySet[Check]:
    """Checks of a demonstration at which something was ordered to be corrected and was not yet, in their order."""
    rows = Check.objects.filter(
        part__visit__contact__simulated=True,
        contact_item__correct_by__isnull=False,
        contact_item__corrected_on=None,
    )
    found = rows.select_related("part__visit__contact__enterprise", "contact_item__item_version__item")
    return found.order_by("part__visit_id", "pk")


def is_never_corrected(seed: str, uscc: str, item: str) -> bool:
    """Whether an order of a demonstration is one of those that nobody ever fulfils."""
    return rules.is_never_corrected(seed, uscc, item)
