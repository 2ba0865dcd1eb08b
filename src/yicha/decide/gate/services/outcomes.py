"""What a verdict does in the contact ledger: a visit planned or joined, checks spared, a visit left again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from yicha.base.ledger import services as ledger
from yicha.decide.gate import terms
from yicha.decide.gate.models import Application
from yicha.decide.gate.queries.facts import first_day
from yicha.decide.gate.services import codes
from yicha.decide.gate.services.turns import VISIT_GONE
from yicha.decide.gate.terms import Facts, ItemVerdict, Outcome, Verdict
from yicha.kernel.refusal import Reason, Refused
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits import services as visit_services
from yicha.know.visits.terms import ContactState, PlannedContact, PlannedItem, SparedContact


def name_parties(row: Application, asked: terms.Application) -> None:
    """Agency, enterprise and premises of a new application; the caller has seen that they exist."""
    agency = registry.find_agency(asked.agency)
    if agency is not None:
        row.agency = agency
    row.enterprise = registry.get_enterprise(asked.uscc)
    row.premises = row.enterprise.premises.get(uuid=asked.premises) if asked.premises else None


def source_of(row: Application) -> str:
    """Where the items of an application come from, as the contact ledger says it."""
    return f"gate:{row.uuid}"


def arrange_visit(actor: str, now: datetime, row: Application, facts: Facts, verdict: Verdict) -> Any:
    """The visit (a row of the contact ledger) that a verdict allows: one to join, or a new one."""
    joining = [item for item in verdict.items if item.outcome is Outcome.MERGE]
    if joining:
        contact = _hold(joining[0].contact)
        visit_services.join_contacts(actor=actor, now=now, joining=[(contact, _planned(row, facts, joining))])
        return contact
    first, last = _window(facts)
    plan = PlannedContact(
        uscc=row.enterprise.uscc,
        lead_agency=facts.application.agency,
        kind=facts.application.kind,
        round="",
        window_from=first,
        window_to=last,
        planned_on=verdict.on or first,
        items=_planned(row, facts, [item for item in verdict.items if item.outcome is Outcome.ALLOW]),
        simulated=row.simulated,
        premises_id=row.premises_id,
        trigger=row.trigger,
        counts_toward_cap=verdict.counts_toward_cap,
    )
    made = visit_services.plan_contacts(actor=actor, now=now, planned=[plan])[0]
    return visits.list_contacts().get(pk=made.pk)


def _hold(uuid: str) -> Any:
    """The planned visit to be joined, kept planned until the transaction ends: whoever records visits takes no turn."""
    rows = visits.list_contacts().select_for_update(of=("self",))
    found = rows.filter(uuid=uuid, state=ContactState.PLANNED.value).first()
    if found is None:
        raise Refused(
            [Reason(VISIT_GONE, "The visit that was to be joined is no longer planned: ask again.")]
        )
    return found


def carry_out(
    actor: str, now: datetime, row: Application, facts: Facts, verdict: Verdict, former: Any
) -> None:
    """What follows from a stored application: checks spared, visits left that it no longer takes part in, the code."""
    spared = _spared(row, facts, verdict) if verdict.outcome in _ENDS_WELL and not verdict.wants else []
    if spared:
        visit_services.spare_contacts(actor=actor, now=now, spared=spared)
    leave_visits(actor, now, row, former)
    if row.contact is not None:
        officers = [*row.officers, *codes.list_named(row.contact)]
        codes.issue_code(actor=actor, now=now, contact=row.contact, officers=officers)


_ENDS_WELL = {Outcome.RECOGNISE, Outcome.OFFSITE, Outcome.MERGE, Outcome.ALLOW}


def leave_visits(actor: str, now: datetime, row: Application, former: Any = None) -> None:
    """Take the application's items off every planned visit but its present one; a visit left empty is cancelled."""
    source = source_of(row)
    left = visits.list_contacts().filter(
        enterprise=row.enterprise, state=ContactState.PLANNED.value, items__source=source
    )
    found = {contact.pk: contact for contact in left.distinct()}
    if former is not None and former.state == ContactState.PLANNED:
        found[former.pk] = former
    if row.contact is not None:
        found.pop(row.contact.pk, None)
    for contact in found.values():
        own = visits.list_items_of(contact).filter(source=source)
        items = [(item.agency.code, item.item_version_id) for item in own]
        if visit_services.drop_items(contact=contact, items=items):
            officers = [one for one in codes.list_named(contact) if one not in row.officers]
            codes.issue_code(actor=actor, now=now, contact=contact, officers=officers)
            continue
        because = f"application {row.uuid}: {row.state}"
        codes.revoke_codes_of(actor=actor, now=now, contact=contact, because=because)
        body: dict[str, Any] = {"because": because}
        ledger.append(actor=actor, now=now, act="visit.cancelled", subject=f"visit:{contact.uuid}", body=body)


def _planned(row: Application, facts: Facts, chosen: Sequence[ItemVerdict]) -> list[PlannedItem]:
    versions = {item.code: item.version_id for item in facts.items}
    return [
        PlannedItem(facts.application.agency, versions[item.item], source_of(row))
        for item in chosen
        if item.item in versions
    ]


def _spared(row: Application, facts: Facts, verdict: Verdict) -> list[SparedContact]:
    """One row of the ledger for everything that one result, or data about one item, spares."""
    by: dict[str, list[ItemVerdict]] = {}
    for item in verdict.items:
        if item.outcome is Outcome.RECOGNISE:
            by.setdefault(f"result:{item.result}", []).append(item)
        elif item.outcome is Outcome.OFFSITE:
            by.setdefault(f"offsite:{item.item}", []).append(item)
    first, last = _window(facts)
    return [
        SparedContact(
            uscc=row.enterprise.uscc,
            agency=facts.application.agency,
            kind=facts.application.kind,
            trigger=row.trigger,
            window_from=first,
            window_to=last,
            items=_planned(row, facts, items),
            spared_by=what,
            simulated=row.simulated,
            premises_id=row.premises_id,
        )
        for what, items in by.items()
    ]


def _window(facts: Facts) -> tuple[date, date]:
    """The days of the visit: the one of an entry that has happened, else those asked for from today on."""
    asked = facts.application
    first = first_day(asked, facts.today)
    return first, first if asked.entered_on else max(asked.until_on, first)
