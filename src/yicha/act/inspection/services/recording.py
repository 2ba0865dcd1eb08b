"""Carrying a visit out: start, results, closing, calling off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from yicha.act.dispatch import queries as dispatch
from yicha.act.dispatch.terms import DispatchState
from yicha.act.inspection import queries, rules
from yicha.act.inspection.models import Check, Finding, Part, PartOfficer, Visit
from yicha.act.inspection.services.opening import officer_facts
from yicha.act.inspection.terms import CheckFacts, CheckResult, Crew, PartFacts, PartState, VisitState
from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.credit.services import classing
from yicha.know.registry import queries as registry
from yicha.know.visits import services as contacts
from yicha.know.visits.terms import ContactState, ResultCode


@transaction.atomic
def start_visit(*, actor: str, now: datetime, visit: Visit, on: date) -> Visit:
    """The officers are at the door, or were on a day before: from now on results can be recorded.

    Items that joined since the opening are taken in; refused if an agency that joined has nobody to send. A visit of a
    round, and any other that is on its way, waits until every head has approved and the notice that it needs is sent.
    """
    locked = _lock(visit)
    locked.state = rules.VISIT_LIFE.after(VisitState(locked.state), "start").value
    refuse_if(rules.start_reasons(on, clock.today(now), ContactState(locked.contact.state)))
    sent = dispatch.find_dispatch_of(locked.contact)
    number, state = (sent.number, DispatchState(sent.state)) if sent else ("", None)
    refuse_if(rules.sent_reasons(locked.contact.round, number, state))
    take_in_items(locked)
    least = int(queries.get_officer_number(on).value)
    parts = locked.parts.select_related("agency").prefetch_related("officers__agency")
    refuse_if(
        reason
        for part in parts
        for reason in rules.crew_reasons(
            Crew(part.agency.code, [officer_facts(officer) for officer in part.officers.all()]), least, on
        )
    )
    locked.visited_on = on
    locked.save(update_fields=["state", "visited_on"])
    contacts.begin(contact=locked.contact, on=on)
    _record(actor, now, locked, "visit.started", {"on": on.isoformat()})
    return locked


@transaction.atomic
def assign_officers(
    *, actor: str, now: datetime, visit: Visit, agency: str, officers: Collection[str], because: str
) -> Part:
    """Send these officers for an agency instead of those before, until the visit starts; with a reason."""
    locked = _lock(visit)
    rules.VISIT_LIFE.after(VisitState(locked.state), "start")
    take_in_items(locked)
    part = locked.parts.select_related("agency").filter(agency__code=agency).first()
    if part is None:
        raise Refused(
            [Reason("visit.agency-not-in", "%(agency)s has no part in this visit.", facts={"agency": agency})]
        )
    on = locked.contact.planned_on or clock.today(now)
    rows = list(registry.list_officers().filter(certificate__in=officers))
    reasons = rules.crew_reasons(
        Crew(agency, [officer_facts(row) for row in rows]), int(queries.get_officer_number(on).value), on
    )
    if not because.strip():
        reasons.append(Reason("visit.why-others", "Say why others go.", at_field="because"))
    refuse_if(reasons)
    part.crew.all().delete()
    PartOfficer.objects.bulk_create([PartOfficer(part=part, officer_id=row.pk) for row in rows])
    body: dict[str, JSON] = {
        "agency": agency,
        "officers": [row.certificate for row in rows],
        "because": because.strip(),
    }
    _record(actor, now, locked, "visit.officers-changed", body)
    return part


def take_in_items(visit: Visit) -> None:
    """Give every item of the contact that has no check yet its check, and its agency a part."""
    missing = visit.contact.items.filter(check_task=None)
    for item in missing:
        part, _ = Part.objects.get_or_create(
            visit=visit, agency_id=item.agency_id, defaults={"state": PartState.OPEN.value}
        )
        Check.objects.create(part=part, contact_item=item)


@transaction.atomic
def call_off(*, actor: str, now: datetime, visit: Visit, because: str) -> Visit:
    """The visit will not take place; only before it starts. The enterprise's budget gets its unit back."""
    locked = _lock(visit)
    locked.state = rules.VISIT_LIFE.after(VisitState(locked.state), "call-off").value
    if not because.strip():
        raise Refused(
            [Reason("visit.why", "Say why the visit is called off.", at_field="called_off_because")]
        )
    locked.called_off_because = because.strip()
    locked.save(update_fields=["state", "called_off_because"])
    if locked.contact.state == ContactState.PLANNED:
        contacts.move(contact=locked.contact, act="cancel")
    _record(actor, now, locked, "visit.called-off", {"because": because.strip()})
    return locked


@transaction.atomic
def record_results(*, actor: str, now: datetime, part: Part, results: Mapping[int, CheckResult]) -> Part:
    """Write the results of some items of one agency, by the check's id; a result written again replaces the first.

    Refused with every reason, each at the field `check-<id>`. Nothing is written if one does not hold.
    """
    visit, locked = _lock_part(part)
    rules.VISIT_LIFE.after(VisitState(visit.state), "record")
    rules.PART_LIFE.after(PartState(locked.state), "record")
    checks = {check.pk: check for check in locked.checks.select_for_update()}
    foreign = sorted(set(results) - set(checks))
    reasons = [_not_of_part(pk) for pk in foreign]
    visited_on = visit.visited_on or clock.today(now)
    for pk, result in results.items():
        reasons += rules.result_reasons(f"check-{pk}", result, visited_on)
    refuse_if(reasons)
    for pk, result in results.items():
        _write_result(actor, now, checks[pk], result)
    body: dict[str, JSON] = {
        "agency": locked.agency.code,
        "results": {str(pk): result.code.value for pk, result in results.items()},
        "findings": sum(len(result.findings) for result in results.values()),
    }
    _record(actor, now, visit, "visit.recorded", body)
    return locked


def _not_of_part(check: int) -> Reason:
    return Reason("check.not-of-part", "This item belongs to another agency.", at_field=f"check-{check}")


def _write_result(actor: str, now: datetime, check: Check, result: CheckResult) -> None:
    check.result_code = result.code.value
    check.recorded_at, check.recorded_by = now, actor
    check.save(update_fields=["result_code", "recorded_at", "recorded_by"])
    check.findings.all().delete()
    Finding.objects.bulk_create(
        [
            Finding(
                check_task=check,
                words=finding.words.strip(),
                severity=finding.severity.value,
                correct_by=finding.correct_by,
            )
            for finding in result.findings
        ]
    )


@transaction.atomic
def close_part(*, actor: str, now: datetime, part: Part) -> Part:
    """An agency is done: every item has its result, which from here on stands in the contact ledger."""
    visit, locked = _lock_part(part)
    rules.VISIT_LIFE.after(VisitState(visit.state), "record")
    locked.state = rules.PART_LIFE.after(PartState(locked.state), "close").value
    checks = list(locked.checks.select_related("contact_item__item_version__item"))
    refuse_if(
        rules.closing_reasons(
            CheckFacts(
                check.contact_item.item_version.name,
                ResultCode(check.result_code) if check.result_code else None,
            )
            for check in checks
        )
    )
    locked.closed_at, locked.closed_by = now, actor
    locked.save(update_fields=["state", "closed_at", "closed_by"])
    contacts.record_results(
        contact=visit.contact,
        results={check.contact_item_id: ResultCode(check.result_code) for check in checks},
        on=visit.visited_on or clock.today(now),
    )
    contacts.note_rectification(contact=visit.contact, orders=_orders(checks))
    results: dict[str, JSON] = {
        check.contact_item.item_version.item.code: check.result_code for check in checks
    }
    _record(actor, now, visit, "visit.part-closed", {"agency": locked.agency.code, "results": results})
    return locked


def _orders(checks: Sequence[Check]) -> dict[int, date | None]:
    """By which day what was found at items (by their id in the contact ledger) is to be corrected, if at all."""
    days: dict[int, list[date]] = defaultdict(list)
    for task, day in Finding.objects.filter(check_task__in=checks).values_list("check_task_id", "correct_by"):
        if day is not None:
            days[task].append(day)
    return {check.contact_item_id: rules.order_until(days[check.pk]) for check in checks}


@transaction.atomic
def confirm_corrections(*, actor: str, now: datetime, part: Part, checks: Collection[int], on: date) -> Part:
    """An agency has seen that what it ordered at some items (the checks' ids) was corrected on a day.

    Once the part is closed. What it says of the enterprise counts at once: its class is computed anew.
    """
    visit, locked = _lock_part(part)
    rules.PART_LIFE.after(PartState(locked.state), "confirm")
    found = {check.pk: check for check in locked.checks.filter(pk__in=checks)}
    refuse_if(
        [
            *(_not_of_part(pk) for pk in sorted(set(checks) - set(found))),
            *rules.correction_reasons(bool(checks), on, visit.visited_on or on, clock.today(now)),
        ]
    )
    contacts.note_corrected(
        contact=visit.contact, items=[check.contact_item_id for check in found.values()], on=on
    )
    classing.reclassify(
        actor=actor, now=now, enterprises=[visit.contact.enterprise_id], because=f"visit:{visit.uuid}"
    )
    body: dict[str, JSON] = {"agency": locked.agency.code, "checks": sorted(found), "on": on.isoformat()}
    _record(actor, now, visit, "visit.corrected", body)
    return locked


@transaction.atomic
def reopen_part(*, actor: str, now: datetime, part: Part, because: str) -> Part:
    """An agency takes its closing back to correct a result; only until the lead closes the whole."""
    visit, locked = _lock_part(part)
    rules.VISIT_LIFE.after(VisitState(visit.state), "record")
    locked.state = rules.PART_LIFE.after(PartState(locked.state), "reopen").value
    if not because.strip():
        raise Refused([Reason("part.why", "Say why the part is opened again.", at_field="because")])
    locked.save(update_fields=["state"])
    body = {"agency": locked.agency.code, "because": because.strip()}
    _record(actor, now, visit, "visit.part-reopened", body)
    return locked


@transaction.atomic
def close_visit(*, actor: str, now: datetime, visit: Visit) -> Visit:
    """The lead closes the whole, when every agency has closed its part. From here the clock of publicity runs."""
    locked = _lock(visit)
    state = rules.VISIT_LIFE.after(VisitState(locked.state), "close")
    parts = locked.parts.select_related("agency").order_by("agency__code")
    refuse_if(rules.whole_reasons([PartFacts(part.agency.name, PartState(part.state)) for part in parts]))
    locked.state = state.value
    locked.closed_at, locked.closed_by = now, actor
    locked.save(update_fields=["state", "closed_at", "closed_by"])
    went = PartOfficer.objects.filter(part__visit=locked).values_list("officer__certificate", flat=True)
    contacts.move(contact=locked.contact, act="make", made_on=locked.visited_on, officers=sorted(set(went)))
    on = locked.visited_on.isoformat() if locked.visited_on else ""
    _record(actor, now, locked, "visit.closed", {"on": on, "parts": len(parts)})
    return locked


def _lock(visit: Visit) -> Visit:
    return queries.list_visits().select_for_update(of=("self",)).get(pk=visit.pk)


def _lock_part(part: Part) -> tuple[Visit, Part]:
    """The visit first, always: two agencies of one visit never wait for each other in a circle."""
    visit = _lock(part.visit)
    return visit, Part.objects.select_for_update(of=("self",)).select_related("agency").get(pk=part.pk)


def _record(actor: str, now: datetime, visit: Visit, act: str, body: JSON) -> None:
    ledger.append(actor=actor, now=now, act=act, subject=f"visit:{visit.uuid}", body=body)
