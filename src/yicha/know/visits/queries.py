"""Reading the contact ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise

from yicha.know.visits.models import RESULTS, Contact, ContactItem, Result
from yicha.know.visits.terms import PROBLEM_CODES, ContactKind, ContactState, ResultCode, SharedState

CONTACTS_SQL = """(
    SELECT coalesce(json_agg(json_build_array(
        c.uuid, c.state, coalesce(c.made_on, c.planned_on), c.kind, c.trigger, c.counts_toward_cap, c.lead_agency_id,
        c.officers, (SELECT p.uuid FROM registry_premises p WHERE p.id = c.premises_id),
        (SELECT coalesce(json_agg(json_build_array(i.agency_id, i.item_version_id, i.result_code) ORDER BY i.id),
                         '[]'::json)
         FROM visits_contactitem i WHERE i.contact_id = c.id)
        ) ORDER BY coalesce(c.made_on, c.planned_on), c.id), '[]'::json)
    FROM visits_contact c
    WHERE c.enterprise_id = e.id AND c.state IN ('planned', 'made')
      AND coalesce(c.made_on, c.planned_on) BETWEEN a.from_on - 1100 AND a.from_on + 800
)"""
"""Visits planned or made, three years back and two ahead: [uuid, state, day, kind, trigger, counts, lead agency's id,
officers, premises, [[agency's id, item version's id, result code], …]].

A scalar subquery that gives JSON, for the one statement of the gate: `a` is what is asked, `e` the enterprise.
"""
RESULTS_SQL = """(
    SELECT coalesce(json_agg(json_build_array(
        r.uuid, r.item_version_id, r.agency_id, r.result_code, r.found_on, r.valid_until, a.agency = ANY (r.refused_by),
        (SELECT p.uuid FROM registry_premises p WHERE p.id = r.premises_id)
        ) ORDER BY r.found_on DESC, r.id), '[]'::json)
    FROM visits_result r
    WHERE r.enterprise_id = e.id AND r.state = 'offered' AND r.valid_until >= a.from_on
)"""
"""Results that others may use on the first day asked for: [uuid, item version's id, agency's id, result code, found on,
valid until, refused by the asking agency, premises]. As `CONTACTS_SQL`.
"""


def list_contacts() -> QuerySet[Contact]:
    """All visits with enterprise and lead agency, the latest planned first."""
    return Contact.objects.select_related("enterprise__region", "enterprise__zone", "lead_agency").order_by(
        "-planned_on", "id"
    )


def list_contacts_of(uscc: str) -> QuerySet[Contact]:
    """What happened at one enterprise, with every item."""
    return (
        list_contacts()
        .filter(enterprise__uscc=uscc)
        .prefetch_related("items__agency", "items__item_version__item")
    )


def list_round(round_code: str, state: ContactState | None = None) -> QuerySet[Contact]:
    """The visits of a quarter (`2026Q3`), in one state or in all."""
    found = list_contacts().filter(round=round_code)
    return found.filter(state=state.value) if state else found


def list_items_of(contact: Contact) -> QuerySet[ContactItem]:
    """The items of a visit with agency and text."""
    return contact.items.select_related("agency", "item_version__item").order_by(
        "agency__code", "item_version__item__code"
    )


def list_item_keys(contact_ids: Iterable[int]) -> Iterator[tuple[int, int, str, int]]:
    """Of many visits at once: (contact, agency, agency's code, item), ids all but the code."""
    rows = ContactItem.objects.filter(contact__in=list(contact_ids)).order_by("contact_id", "pk")
    return iter(rows.values_list("contact_id", "agency_id", "agency__code", "pk"))


def list_part_items(contact: Any, agency: Any) -> QuerySet[ContactItem]:
    """The items of an agency within a visit; ids, or expressions of an outer query."""
    return ContactItem.objects.filter(contact=contact, agency=agency).order_by("pk")


def list_shares(contact_ids: Iterable[int]) -> Iterator[tuple[int, str, str, str, list[str]]]:
    """Of many visits at once: (contact, agency, its kind, item, what it needs); codes but the first."""
    rows = ContactItem.objects.filter(contact__in=list(contact_ids)).order_by(
        "contact_id", "agency__code", "pk"
    )
    return iter(
        rows.values_list(
            "contact_id",
            "agency__code",
            "agency__kind__code",
            "item_version__item__code",
            "item_version__equipment",
        )
    )


def list_contacts_of_agency(agency: str, first: date | None, last: date | None) -> QuerySet[ContactItem, int]:
    """The visits (ids) in which an agency (code) takes part, planned between two days."""
    found = ContactItem.objects.filter(agency__code=agency).order_by()
    if first:
        found = found.filter(contact__planned_on__gte=first)
    if last:
        found = found.filter(contact__planned_on__lte=last)
    return found.values_list("contact_id", flat=True).distinct()


def count_planned_of(officer: Any, first: date, last: date) -> int:
    """Planned visits between two days to which an officer was drawn."""
    found = Contact.objects.filter(visit_officers__officer=officer, planned_on__range=(first, last))
    return found.filter(state=ContactState.PLANNED.value).count()


def count_toward_cap(uscc: str, year: int) -> int:
    """How many units of its annual budget an enterprise has used or has planned for it; a joint visit counts once."""
    return Contact.objects.filter(
        enterprise__uscc=uscc,
        counts_toward_cap=True,
        state__in=[ContactState.PLANNED.value, ContactState.MADE.value],
        planned_on__year=year,
    ).count()


def list_in_period(uscc: str, from_on: date, to_on: date) -> QuerySet[Contact]:
    """Visits planned or made at an enterprise within dates: what a second visit would be warned of."""
    return list_contacts().filter(
        enterprise__uscc=uscc,
        planned_on__range=(from_on, to_on),
        state__in=[ContactState.PLANNED.value, ContactState.MADE.value],
    )


def list_units_used(year: int) -> dict[int, int]:
    """Enterprise (id) → units of its annual budget used or planned; enterprises without any are absent."""
    rows = (
        Contact.objects.filter(
            counts_toward_cap=True,
            state__in=[ContactState.PLANNED.value, ContactState.MADE.value],
            planned_on__year=year,
        )
        .values_list("enterprise_id")
        .annotate(units=Count("id"))
    )
    return dict(rows)


def list_visits_since(since: date, triggers: Collection[str]) -> dict[int, int]:
    """Enterprise (id) → visits with these triggers that were made or are planned after a day; none are absent.

    Courtesy calls are none (司法部问题解答).
    """
    rows = (
        Contact.objects.filter(
            trigger__in=triggers, state__in=[ContactState.PLANNED.value, ContactState.MADE.value]
        )
        .exclude(kind=ContactKind.COURTESY.value)
        .annotate(day=Coalesce("made_on", "planned_on"))
        .filter(day__gt=since)
        .values_list("enterprise_id")
        .annotate(visits=Count("id"))
    )
    return dict(rows)


_FINDINGS = """
    SELECT joint_list, risk_class, count(*), count(*) FILTER (WHERE found)
    FROM (
        SELECT j.code AS joint_list, e.risk_class, r.enterprise_id, r.found_on,
            bool_or(r.result_code = ANY(%s)) AS found
        FROM visits_result r JOIN registry_enterprise e ON e.id = r.enterprise_id
        JOIN catalogue_itemversion v ON v.id = r.item_version_id
        LEFT JOIN (catalogue_jointlist_items i JOIN catalogue_jointlist j ON j.id = i.jointlist_id)
            ON i.item_id = v.item_id
        WHERE r.state = 'offered' AND r.found_on > %s AND r.found_on <= %s
        GROUP BY GROUPING SETS ((j.code, e.risk_class, r.enterprise_id, r.found_on),
            (e.risk_class, r.enterprise_id, r.found_on))
        HAVING grouping(j.code) = 1 OR j.code IS NOT NULL
    ) AS checks
    GROUP BY joint_list, risk_class
"""


def count_findings(since: date, until: date) -> list[tuple[str, str, int, int]]:
    """Checks after a day, up to another, and how many found something: (joint list, class of today, checks, found).

    All results of a day at an enterprise are one check; in a list, those of its items. An empty list: of all results.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FINDINGS, [[code.value for code in PROBLEM_CODES], since, until])
        return [
            (joint_list or "", letter, checks, found)
            for joint_list, letter, checks, found in cursor.fetchall()
        ]


def list_load(from_on: date, to_on: date) -> list[tuple[str, date, int]]:
    """What agencies have planned between two days: (agency, day, visits)."""
    rows = (
        ContactItem.objects.filter(
            contact__planned_on__range=(from_on, to_on), contact__state=ContactState.PLANNED.value
        )
        .values_list("agency__code", "contact__planned_on")
        .annotate(visits=Count("contact_id", distinct=True))
        .order_by()
    )
    return list(rows)


def list_items_of_round(round_code: str) -> QuerySet[ContactItem]:
    """All items of the visits of a quarter, cancelled visits left out."""
    return ContactItem.objects.filter(contact__round=round_code).exclude(
        contact__state=ContactState.CANCELLED.value
    )


def list_result_choices() -> list[tuple[str, str | Promise]]:
    """Result codes with their words, in the order of the codes: what a form offers."""
    return [(code.value, words) for code, words in RESULTS.items()]


def list_results() -> QuerySet[Result]:
    """Results that others may use or once might, the newest found first."""
    return Result.objects.select_related(
        "enterprise__region", "enterprise__zone", "agency__region", "agency__kind", "item_version__item"
    ).order_by("-found_on", "pk")


def list_results_of(uscc: str) -> QuerySet[Result]:
    """Those of one enterprise."""
    return list_results().filter(enterprise__uscc=uscc)


def find_result(uuid: UUID | str) -> Result | None:
    """One result that others may use, or once might."""
    return list_results().filter(uuid=uuid).first()


def list_orders_of(uscc: str) -> QuerySet[ContactItem]:
    """Orders to correct that were given to an enterprise, the latest day to correct by first."""
    return (
        ContactItem.objects.filter(contact__enterprise__uscc=uscc, correct_by__isnull=False)
        .select_related("contact", "agency", "item_version")
        .order_by("-correct_by", "-pk")
    )


def list_to_follow(before: date) -> QuerySet[ContactItem]:
    """Checks after which their agency has to come again: orders to correct that ran out before a day and that nobody
    saw fulfilled, and problems found before it that were left to be followed up.

    What the agency has checked there again since is left out: the later result tells what is to be done.
    """
    later = (
        ContactItem.objects.filter(
            contact__enterprise=OuterRef("contact__enterprise"),
            agency=OuterRef("agency"),
            item_version__item=OuterRef("item_version__item"),
            result_on__gt=OuterRef("result_on"),
        )
        .exclude(result_code="")
        .order_by()
    )
    ran_out = Q(correct_by__lt=before, corrected_on=None)
    left_open = Q(result_code=ResultCode.FOLLOW_UP.value, correct_by=None, result_on__lt=before)
    made = ContactItem.objects.filter(ran_out | left_open, contact__state=ContactState.MADE.value)
    return made.exclude(Exists(later)).order_by("pk")


def list_last_checked(item_id: int) -> dict[int, date]:
    """Enterprise (id) → the last day on which an item was really checked there, by any agency or another's system."""
    found = dict(
        ContactItem.objects.filter(item_version__item=item_id, result_on__isnull=False)
        .exclude(result_code__in=[ResultCode.UNREACHABLE.value, ResultCode.UNCOOPERATIVE.value])
        .order_by()
        .values_list("contact__enterprise")
        .annotate(last=Max("result_on"))
    )
    shared = Result.objects.filter(item_version__item=item_id, state=SharedState.OFFERED.value).order_by()
    for enterprise, last in shared.values_list("enterprise").annotate(last=Max("found_on")):
        found[enterprise] = max(last, found.get(enterprise, last))
    return found


def list_spared_by(result: Result) -> QuerySet[Contact]:
    """The checks that a result spares now; after its revocation none."""
    return (
        list_contacts()
        .filter(spared_by=f"result:{result.uuid}", state=ContactState.SPARED.value)
        .prefetch_related("items__item_version")
    )


def list_round_codes() -> list[str]:
    """The quarters that have visits (`2026Q3`), the latest first."""
    codes = Contact.objects.exclude(round="").order_by("-round").values_list("round", flat=True)
    return list(codes.distinct())


def checked_since(since: date) -> Exists:
    """For a list of item versions: whether their item was checked since a day, in whatever version."""
    return Exists(ContactItem.objects.filter(item_version__item=OuterRef("item"), result_on__gte=since))


def last_checked() -> Subquery:
    """For a list of item versions: the day on which their item was checked last; null: never."""
    found = ContactItem.objects.filter(item_version__item=OuterRef("item")).order_by()
    return Subquery(found.values("item_version__item").annotate(day=Max("result_on")).values("day"))
