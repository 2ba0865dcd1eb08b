"""The facts of visits that are to be sent out: many at once, in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import translation

from yicha.act.dispatch.models import Dispatch
from yicha.act.dispatch.terms import Assent, DispatchState, ItemFacts, OfficerFacts, VisitFacts
from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import ApplicationState
from yicha.decide.planning import queries as planning
from yicha.decide.scheduling.terms import AnswerState
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState

_STANDING = (ApplicationState.GRANTED.value, ApplicationState.PAPERS_DUE.value)
_BY_GATE = "gate:"
_ASSENTS = {
    AnswerState.ASKED: Assent.ASKED,
    AnswerState.ACCEPTED: Assent.ACCEPTED,
    AnswerState.DECLINED: Assent.DECLINED,
    AnswerState.OFFSITE: Assent.DECLINED,
}
_RUNNING = """
    SELECT mine.id, count(*)
    FROM visits_contact mine
    JOIN visits_contact other ON other.enterprise_id = mine.enterprise_id AND other.kind <> 'courtesy'
        AND other.state IN ('planned', 'made')
        AND (other.id = mine.id OR other.state = 'made' OR NOT other.unannounced AND (
            other.id = ANY (%(told)s)
            OR other.round = '' AND NOT other.trigger = ANY (%(secret)s)
            OR EXISTS (SELECT FROM dispatch_dispatch sent WHERE sent.contact_id = other.id AND sent.state = 'notified')
        ))
        AND extract(year FROM coalesce(other.made_on, other.planned_on))
            = extract(year FROM coalesce(mine.made_on, mine.planned_on))
        AND (coalesce(other.made_on, other.planned_on), other.id)
            <= (coalesce(mine.made_on, mine.planned_on), mine.id)
    WHERE mine.id = ANY (%(wanted)s) GROUP BY mine.id
"""
"""What its enterprise was not told of is left out of others' numbers, or the number would tell it."""


@dataclass(frozen=True)
class _Crews:
    """Who goes where: (contact, agency's code) → officers; and who is recused from whom, since when until when."""

    officers: Mapping[int, Sequence[Any]]
    recusals: Mapping[tuple[int, int], Sequence[tuple[date, date | None]]]

    def of(self, contact: Any) -> tuple[OfficerFacts, ...]:
        """The officers of a visit, by agency and certificate."""
        rows = sorted(self.officers.get(contact.pk, ()), key=lambda row: (row.agency.code, row.certificate))
        return tuple(
            OfficerFacts(
                row.certificate,
                row.name,
                row.agency.code,
                row.active,
                row.valid_from,
                row.valid_until,
                self._is_recused(row.pk, contact),
            )
            for row in rows
        )

    def _is_recused(self, officer: int, contact: Any) -> bool:
        day = contact.planned_on
        spans = self.recusals.get((officer, contact.enterprise_id), ())
        return any(day and first <= day and (last is None or day <= last) for first, last in spans)


def read_visits(contacts: Iterable[int], *, told: Iterable[int] = ()) -> list[VisitFacts]:
    """Of visits, by the ids of their contacts, everything that dispatch asks; in the order given.

    `told`: those that are being announced together, whose numbers count each other.
    """
    wanted = list(dict.fromkeys(contacts))
    rows = (
        visits.list_contacts()
        .filter(pk__in=wanted)
        .select_related(
            "enterprise__region__parent",
            "enterprise__zone",
            "lead_agency",
            "premises__region__parent",
            "premises__zone",
        )
        .prefetch_related("items__agency", "items__item_version__item", "answers__agency")
    )
    by_id = {row.pk: row for row in rows}
    living = set(
        Dispatch.objects.filter(contact__in=wanted)
        .exclude(state=DispatchState.WITHDRAWN.value)
        .values_list("contact_id", flat=True)
    )
    running, crews, triggers = count_running(wanted, told), _crews(by_id), {}
    found = []
    with translation.override(settings.LANGUAGE_CODE):
        for pk in wanted:
            if pk not in by_id:
                continue
            row = by_id[pk]
            day = row.planned_on
            if day not in triggers:
                triggers[day] = {one.code: one for one in gate.list_triggers_in_force(day)} if day else {}
            found.append(_facts(row, pk in living, running.get(pk, 1), crews, triggers[day]))
    return found


def count_running(contacts: Sequence[int], told: Iterable[int] = ()) -> dict[int, int]:
    """Contact (id) → how many visits its enterprise knows that it has or had in the year until then, this one too."""
    secret = gate.list_triggers().order_by().filter(may_be_unannounced=True).values_list("code", flat=True)
    given: Any = {"wanted": list(contacts), "told": list(told), "secret": list(secret)}
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING, given)
        return dict(cursor.fetchall())


def _facts(
    row: Any, is_dispatched: bool, running: int, crews: _Crews, triggers: Mapping[str, Any]
) -> VisitFacts:
    place = row.premises or row.enterprise
    items = sorted(
        row.items.all(),
        key=lambda one: (one.agency_id != row.lead_agency_id, one.agency.code, one.item_version.item.code),
    )
    trigger = triggers.get(row.trigger)
    agencies = {one.agency.code: one.agency.name for one in items}
    rank = {code: number for number, code in enumerate(agencies)}
    return VisitFacts(
        key=str(row.uuid),
        contact_id=row.pk,
        enterprise_id=row.enterprise_id,
        uscc=row.enterprise.uscc,
        enterprise=row.enterprise.name,
        address=place.address,
        lead=row.lead_agency.code,
        lead_name=row.lead_agency.name,
        round=row.round,
        kind=str(row.get_kind_display()),
        trigger=str(translation.gettext(trigger.words)) if trigger else row.trigger,
        is_planned=row.state == ContactState.PLANNED.value,
        is_dispatched=is_dispatched,
        may_be_unannounced=bool(trigger and trigger.may_be_unannounced),
        day=row.planned_on,
        part=row.planned_part,
        regions=_regions(place if place.region_id else row.enterprise),
        running=running,
        simulated=row.simulated,
        agencies=agencies,
        assents=_assents(row, items, agencies),
        officers=tuple(sorted(crews.of(row), key=lambda one: rank.get(one.agency, len(rank)))),
        items=tuple(
            ItemFacts(
                one.agency.code,
                one.item_version.item.code,
                one.item_version.name,
                one.item_version.legal_basis,
                tuple(one.item_version.papers),
            )
            for one in items
        ),
    )


def _regions(place: Any) -> tuple[str, ...]:
    """The codes that a place (a site, or the seat of an enterprise) lies in, the nearest first."""
    region, zone = place.region, place.zone
    parent = region.parent if region else None
    return tuple(one.code for one in (region, zone, parent) if one is not None)


def _assents(row: Any, items: Sequence[Any], agencies: Iterable[str]) -> dict[str, Assent]:
    """What agencies answered; who applied at the gate for all its items has said so itself."""
    said = {one.agency.code: _ASSENTS[AnswerState(one.state)] for one in row.answers.all()}
    asked = {one.agency.code for one in items if not one.source.startswith(_BY_GATE)}
    applied = {one.agency.code for one in items} - asked
    found = {code: said.get(code, Assent.NOT_ASKED) for code in agencies}
    return found | {code: Assent.ITSELF for code in applied if code not in said}


def _crews(contacts: Mapping[int, Any]) -> _Crews:
    """Those whom the draw says, and those whom agencies named when they applied at the gate."""
    drawn = planning.list_officers_of_contacts(contacts)
    named: dict[int, set[str]] = defaultdict(set)
    asked = gate.list_applications().order_by("pk").filter(contact__in=list(contacts), state__in=_STANDING)
    for contact, certificates in asked.values_list("contact_id", "officers"):
        named[contact].update(certificates)
    ids = {officer for pairs in drawn.values() for _agency, officer in pairs}
    codes_named = {one for found in named.values() for one in found}
    rows = list(registry.list_officers().filter(pk__in=ids)) + list(
        registry.list_officers().filter(certificate__in=codes_named).exclude(pk__in=ids)
    )
    by_id, by_certificate = {row.pk: row for row in rows}, {row.certificate: row for row in rows}
    crews: dict[int, dict[int, Any]] = defaultdict(dict)
    for contact, pairs in drawn.items():
        crews[contact].update({officer: by_id[officer] for _agency, officer in pairs})
    for contact, codes in named.items():
        known = [by_certificate[code] for code in codes if code in by_certificate]
        crews[contact].update({row.pk: row for row in known})
    return _Crews(
        {contact: list(found.values()) for contact, found in crews.items()}, _recusals(contacts, rows)
    )


def _recusals(
    contacts: Mapping[int, Any], officers: Sequence[Any]
) -> dict[tuple[int, int], list[tuple[date, date | None]]]:
    found: dict[tuple[int, int], list[tuple[date, date | None]]] = defaultdict(list)
    rows = registry.list_all_recusals().filter(
        officer_id__in=[row.pk for row in officers],
        enterprise_id__in={row.enterprise_id for row in contacts.values()},
    )
    for officer, enterprise, first, last in rows.values_list(
        "officer_id", "enterprise_id", "from_on", "until_on"
    ):
        found[officer, enterprise].append((first, last))
    return dict(found)
