"""Reading who goes to a visit, and what an officers' draw needs to know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from yicha.decide.planning.models import Demand, Round, RoundDraw, VisitOfficer
from yicha.decide.planning.terms import DemandState, OfficerFacts, TaskFacts
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState

Recused = dict[tuple[int, int], list[tuple[date, date | None]]]


def list_visit_officers(contact: Any) -> QuerySet[VisitOfficer]:
    """Who goes to a visit, by agency and certificate."""
    return (
        VisitOfficer.objects.filter(contact=contact)
        .select_related("agency", "officer__agency")
        .order_by("agency__code", "officer__certificate")
    )


def list_officers_of_contacts(contact_ids: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
    """Visit (id) → (agency id, officer id) of everybody who goes; for many visits at once."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = VisitOfficer.objects.filter(contact_id__in=list(contact_ids)).order_by("contact_id", "id")
    for contact, agency, officer in rows.values_list("contact_id", "agency_id", "officer_id"):
        found[contact].append((agency, officer))
    return dict(found)


def list_contacts_of_officer(certificate: str) -> QuerySet[VisitOfficer, int]:
    """The visits (ids) for which an officer was drawn."""
    found = VisitOfficer.objects.filter(officer__certificate=certificate).order_by()
    return found.values_list("contact_id", flat=True)


def list_visit_ids(round_: Round) -> dict[str, int]:
    """uuid → id of the visits that make demands of a round, those that were planned outside of it too."""
    rows = Demand.objects.filter(round=round_, state=DemandState.MATCHED.value).order_by()
    return {str(uuid): pk for uuid, pk in rows.values_list("contact__uuid", "contact_id").distinct() if pk}


def find_officers_draw(round_: Round) -> RoundDraw | None:
    """The round's draw of officers that is under way: opened, and not applied yet."""
    last = RoundDraw.objects.filter(round=round_).order_by("-id").first()
    return None if last is None or last.applied else last


def list_staffing_facts(round_: Round) -> tuple[list[TaskFacts], list[OfficerFacts], Recused]:
    """What `rules.officers.staff` needs: parts of planned visits without officers, the officers, and recusals."""
    parts = _parts(round_)
    enterprises = {enterprise for _, _, enterprise, _, _ in parts}
    agencies = {agency for _, agency, _, _, _ in parts}
    days = [day for _, _, _, day, _ in parts]
    near = _near(parts, list_last_officers(enterprises))
    tasks = [
        TaskFacts(
            visit=str(visit),
            agency=agency,
            agency_kind=kind,
            enterprise_id=enterprise,
            planned_on=day,
            items=frozenset(items),
            last_officers=near[visit, agency],
            planned_part=half,
        )
        for (visit, agency, enterprise, day, half), (kind, items) in sorted(
            parts.items(), key=lambda part: (str(part[0][0]), part[0][1])
        )
    ]
    officers = list_officer_facts(agencies, min(days), max(days)) if days else []
    taken = _taken(officers, min(days), max(days)) if days else {}
    officers = [row._replace(absences=row.absences + taken.get(row.id, ())) for row in officers]
    return tasks, officers, list_recused(enterprises)


def list_unstaffed(round_: Round) -> set[tuple[str, str]]:
    """(visit, agency) of the parts of planned visits for which nobody was drawn yet."""
    return {(str(visit), agency) for visit, agency, *_ in _parts(round_)}


def _taken(
    officers: Sequence[OfficerFacts], first: date, last: date
) -> dict[int, tuple[tuple[date, date, str], ...]]:
    """Officer (id) → when former draws send him elsewhere: half days, and whole days on which he has his number.

    Whoever is on another visit cannot come, whatever keeps him: the draw is told in the same way as of an absence.
    """
    most = int(catalogue.get_number("visits-an-officer-a-day", first).value)
    rows = VisitOfficer.objects.filter(
        officer__in=[officer.id for officer in officers],
        contact__state=ContactState.PLANNED.value,
        contact__planned_on__range=(first, last),
    ).order_by("officer_id", "contact_id")
    halves: dict[tuple[int, date], list[str]] = defaultdict(list)
    for officer, day, half in rows.values_list("officer_id", "contact__planned_on", "contact__planned_part"):
        if day:
            halves[officer, day].append(half)
    found: dict[int, list[tuple[date, date, str]]] = defaultdict(list)
    for (officer, day), own in halves.items():
        found[officer] += [(day, day, "")] if len(own) >= most else [(day, day, half) for half in own if half]
    return {officer: tuple(spans) for officer, spans in found.items()}


def _parts(round_: Round) -> dict[tuple[Any, str, int, date, str], tuple[str, list[str]]]:
    staffed = set(
        VisitOfficer.objects.filter(contact__demands__round=round_).values_list("contact_id", "agency__code")
    )
    rows = (
        Demand.objects.filter(
            round=round_, state=DemandState.MATCHED.value, contact__state=ContactState.PLANNED.value
        )
        .order_by("id")
        .values_list(
            "contact_id",
            "contact__uuid",
            "agency__code",
            "agency__kind__code",
            "contact__enterprise_id",
            "contact__planned_on",
            "contact__planned_part",
            "item_version__item__code",
        )
    )
    parts: dict[tuple[Any, str, int, date, str], tuple[str, list[str]]] = {}
    for contact, visit, agency, kind, enterprise, day, half, item in rows:
        if day and (contact, agency) not in staffed:
            parts.setdefault((visit, agency, enterprise, day, half), (kind, []))[1].append(item)
    return parts


def _near(
    parts: Iterable[tuple[Any, str, int, date, str]], last: Mapping[tuple[int, str], frozenset[int]]
) -> dict[tuple[Any, str], frozenset[int]]:
    """(visit, agency) → who goes there for the agency in the visits next to it: made, or planned and staffed."""
    planned: dict[tuple[int, str], dict[tuple[date, int], set[int]]] = defaultdict(lambda: defaultdict(set))
    own = list(parts)
    rows = VisitOfficer.objects.filter(
        contact__enterprise__in={enterprise for _, _, enterprise, _, _ in own},
        contact__state=ContactState.PLANNED.value,
        contact__planned_on__isnull=False,
    ).order_by()
    fields = ("contact__enterprise_id", "agency__code", "contact__planned_on", "contact_id", "officer_id")
    for enterprise, agency, day, contact, officer in rows.values_list(*fields):
        if day:
            planned[enterprise, agency][day, contact].add(officer)
    found = {}
    for visit, agency, enterprise, day, _half in own:
        there = sorted(planned[enterprise, agency].items())
        before = [officers for (on, _), officers in there if on < day]
        after = [officers for (on, _), officers in there if on >= day]
        former = before[-1] if before else last.get((enterprise, agency), frozenset())
        found[visit, agency] = frozenset(former) | frozenset(after[0] if after else ())
    return found


def list_officer_facts(agencies: Iterable[str], first: date, last: date) -> list[OfficerFacts]:
    """The officers in service of these agencies, with their absences that touch days from one to another."""
    away: dict[int, list[tuple[date, date, str]]] = defaultdict(list)
    absences = registry.list_absences_between(first, last).order_by("from_on", "pk")
    for officer, start, end, half in absences.values_list("officer_id", "from_on", "until_on", "part"):
        away[officer].append((start, end, half))
    rows = (
        registry.list_officers()
        .filter(active=True, agency__code__in=list(agencies))
        .values_list("id", "certificate", "agency__code", "valid_from", "valid_until", "competences")
    )
    return [OfficerFacts(*row[:5], frozenset(row[5]), tuple(away.get(row[0], ()))) for row in rows]


def list_recused(enterprises: Iterable[int]) -> Recused:
    """(officer, enterprise) → from when until when he must not inspect there (None: without end)."""
    found: Recused = defaultdict(list)
    rows = registry.list_all_recusals().filter(enterprise_id__in=list(enterprises))
    for officer, enterprise, start, end in rows.values_list(
        "officer_id", "enterprise_id", "from_on", "until_on"
    ):
        found[officer, enterprise].append((start, end))
    return dict(found)


def list_last_officers(enterprises: Iterable[int]) -> dict[tuple[int, str], frozenset[int]]:
    """(enterprise, agency) → who went for the agency the last time a visit was made there.

    Who really went, as the contact ledger says it; of a visit of which it says nothing, who was drawn.
    """
    made = (
        visits.list_contacts()
        .filter(enterprise__in=list(enterprises), state=ContactState.MADE.value)
        .order_by("made_on", "pk")
        .values_list("pk", "enterprise_id", "officers")
    )
    contacts = list(made)
    drawn = list_officers_of_contacts(pk for pk, _, went in contacts if not went)
    agencies = dict(registry.list_agencies().values_list("pk", "code"))
    known = {
        certificate: (agency, pk)
        for pk, certificate, agency in registry.list_officers()
        .filter(certificate__in={one for _, _, went in contacts for one in went})
        .values_list("pk", "certificate", "agency__code")
    }
    rows = (
        (enterprise, agency, pk, officer)
        for pk, enterprise, went in contacts
        for agency, officer in (
            [known[one] for one in went if one in known]
            or [(agencies[agency], officer) for agency, officer in drawn.get(pk, ())]
        )
    )
    latest: dict[tuple[int, str], tuple[int, set[int]]] = {}
    for enterprise, agency, contact, officer in rows:
        newest = latest.get((enterprise, agency))
        if newest is None or newest[0] != contact:
            newest = latest[enterprise, agency] = (contact, set())
        newest[1].add(officer)
    return {key: frozenset(officers) for key, (_, officers) in latest.items()}
