"""Opening visits: from planned contacts and who was drawn to go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from yicha.act.inspection import queries, rules
from yicha.act.inspection.models import Check, Part, PartOfficer, Visit
from yicha.act.inspection.terms import (
    Crew,
    OfficerFacts,
    PartState,
    VisitState,
)
from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, refuse_if
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as contact_queries
from yicha.know.visits.terms import ContactState

Assignment = Iterable[tuple[str, str, str]]
"""(visit, agency, officer): the contact's uuid as text, the agency's code, the officer's certificate."""


@transaction.atomic
def open_visits(
    *, actor: str, now: datetime, contacts: Iterable[UUID | str], assignment: Assignment
) -> list[Visit]:
    """Open a visit for each planned contact, with who goes for each agency. All or none; in the order given.

    Every agency with an item takes part, and the lead even without one. Refused with every reason: a contact that
    is unknown, no longer planned or already opened, an officer who is not fit on the day, fewer than the law asks.
    """
    uuids = [str(uuid) for uuid in contacts]
    plans = _lock_planned(uuids)
    crews = _crews(assignment)
    least = int(queries.get_officer_number(clock.today(now)).value)
    reasons: list[Reason] = []
    for uuid in uuids:
        plan = plans[uuid]
        for agency in plan.agencies:
            crew = Crew(agency, crews[uuid, agency])
            reasons += rules.crew_reasons(crew, least, plan.on)
    refuse_if(reasons)
    return _open(actor, now, [plans[uuid] for uuid in uuids], crews)


class OfficerRow(Protocol):
    """An officer of the registry, by what is read here."""

    @property
    def certificate(self) -> str: ...
    @property
    def agency(self) -> Any: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date: ...
    @property
    def active(self) -> bool: ...


class _Plan:
    """A contact that is about to be opened, with its items by agency."""

    def __init__(self, row: Mapping[str, object], lead: tuple[int, str]) -> None:
        self.pk = int(str(row["pk"]))
        self.uuid = str(row["uuid"])
        self.uscc = str(row["enterprise__uscc"])
        on = row["planned_on"] or row["window_from"]
        assert isinstance(on, date)
        self.on = on
        self.agency_ids: dict[str, int] = {lead[1]: lead[0]}
        self.items: dict[str, list[int]] = {lead[1]: []}

    @property
    def agencies(self) -> list[str]:
        return sorted(self.items)

    def add(self, agency_id: int, agency: str, item_id: int) -> None:
        self.agency_ids[agency] = agency_id
        self.items.setdefault(agency, []).append(item_id)


def _lock_planned(uuids: list[str]) -> dict[str, _Plan]:
    found = contact_queries.list_contacts().filter(uuid__in=uuids)
    fields = ("pk", "uuid", "enterprise__uscc", "planned_on", "window_from", "state", "visit")
    rows = list(found.select_for_update(of=("self",)).values(*fields, "lead_agency_id", "lead_agency__code"))
    missing = sorted(set(uuids) - {str(row["uuid"]) for row in rows})
    reasons = [
        _reason("visit.unknown", sentence="There is no planned visit “%(visit)s”.", visit=uuid)
        for uuid in missing
    ]
    for row in rows:
        if row["state"] != ContactState.PLANNED.value:
            reasons.append(
                _reason("visit.not-planned", sentence="“%(visit)s” is no longer planned.", visit=row["uuid"])
            )
        elif row["visit"] is not None:
            reasons.append(
                _reason("visit.opened-already", sentence="“%(visit)s” is open already.", visit=row["uuid"])
            )
    refuse_if(reasons)
    plans = {int(row["pk"]): _Plan(row, (row["lead_agency_id"], row["lead_agency__code"])) for row in rows}
    for contact, agency_id, agency, item in contact_queries.list_item_keys(plans):
        plans[contact].add(agency_id, agency, item)
    return {plan.uuid: plan for plan in plans.values()}


def _reason(code: str, *, sentence: str, visit: object) -> Reason:
    return Reason(code, sentence, facts={"visit": str(visit)})


def _crews(assignment: Assignment) -> dict[tuple[str, str], list[OfficerFacts]]:
    """Who goes, by visit and agency; refused when a certificate is not in the registry."""
    triples = [(str(visit), agency, officer) for visit, agency, officer in assignment]
    officers = {row.certificate: row for row in registry.list_officers()}
    unknown = sorted({officer for _, _, officer in triples} - set(officers))
    refuse_if(
        Reason(
            "visit.unknown-officer",
            "No officer holds the certificate “%(officer)s”.",
            facts={"officer": text},
        )
        for text in unknown
    )
    crews: dict[tuple[str, str], list[OfficerFacts]] = defaultdict(list)
    for visit, agency, certificate in triples:
        row = officers[certificate]
        crews[visit, agency].append(officer_facts(row))
    return crews


def officer_facts(row: OfficerRow) -> OfficerFacts:
    """What the rules ask of an officer."""
    return OfficerFacts(row.certificate, row.agency.code, row.valid_from, row.valid_until, row.active)


def _open(
    actor: str, now: datetime, plans: list[_Plan], crews: Mapping[tuple[str, str], list[OfficerFacts]]
) -> list[Visit]:
    visits = Visit.objects.bulk_create(
        [
            Visit(uuid=plan.uuid, contact_id=plan.pk, state=VisitState.OPENED.value, opened_at=now)
            for plan in plans
        ],
        batch_size=1000,
    )
    pairs = list(zip(visits, plans, strict=True))
    parts = Part.objects.bulk_create(
        [
            Part(visit=visit, agency_id=plan.agency_ids[agency], state=PartState.OPEN.value)
            for visit, plan in pairs
            for agency in plan.agencies
        ],
        batch_size=2000,
    )
    keys = [(plan, agency) for plan in plans for agency in plan.agencies]
    ids = dict(registry.list_officers().values_list("certificate", "pk"))
    Check.objects.bulk_create(
        [
            Check(part=part, contact_item_id=item)
            for part, (plan, agency) in zip(parts, keys, strict=True)
            for item in plan.items[agency]
        ],
        batch_size=2000,
    )
    PartOfficer.objects.bulk_create(
        [
            PartOfficer(part=part, officer_id=ids[certificate])
            for part, (plan, agency) in zip(parts, keys, strict=True)
            for certificate in sorted({officer.certificate for officer in crews[plan.uuid, agency]})
        ],
        batch_size=2000,
    )
    acts = [_act(plan, crews) for plan in plans]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return visits


def _act(plan: _Plan, crews: Mapping[tuple[str, str], list[OfficerFacts]]) -> ledger.Act:
    officers: dict[str, JSON] = {
        agency: sorted({officer.certificate for officer in crews[plan.uuid, agency]})
        for agency in plan.agencies
    }
    return "visit.opened", f"visit:{plan.uuid}", {"enterprise": plan.uscc, "officers": officers}
