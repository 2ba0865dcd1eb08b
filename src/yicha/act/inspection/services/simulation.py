"""Visits of a demonstration, carried out by nobody: marked so, and never a real one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction

from yicha.act.inspection import queries, rules
from yicha.act.inspection.models import Check, Finding, Part, PartOfficer, Visit
from yicha.act.inspection.terms import (
    CheckResult,
    CheckRow,
    PartState,
    VisitState,
)
from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, refuse_if
from yicha.know.visits import services as contacts
from yicha.know.visits.terms import ResultCode


@transaction.atomic
def record_and_close_simulated(
    *,
    actor: str,
    now: datetime,
    visits: Iterable[Visit],
    seed: str,
    on: date | None = None,
    told: Mapping[int, ResultCode] | None = None,
) -> int:
    """Carry out many visits of a demonstration at once; returns how many. Results follow from the seed alone.

    `told`: what some visits (ids) find at everything they check, whatever the seed says.
    Only for contacts that are marked as simulated: refused for any other. The acts in the ledger are the ones of
    `start_visit`, `close_part` and `close_visit`, and each says that it is simulated. A visit takes place `on`, or
    on the day planned; never after today.
    """
    rows = _lock_simulated(visits)
    today = clock.today(now)
    days = {row.pk: min(on or row.contact.planned_on or today, today) for row in rows}
    checks = queries.list_checks(rows)
    outcome: dict[int, CheckResult] = {}
    uscc = {row.pk: row.contact.enterprise.uscc for row in rows}
    for check in checks:
        where = seed, uscc[check.visit_id], check.item, days[check.visit_id]
        code = (told or {}).get(check.visit_id)
        outcome[check.pk] = rules.simulate_code(code, *where) if code else rules.simulate(*where)
    _write_simulated(actor, now, rows, checks, outcome, days)
    results = [(c.contact_item_id, outcome[c.pk].code, days[c.visit_id]) for c in checks]
    contacts.make_all(
        made={row.contact_id: days[row.pk] for row in rows},
        results=results,
        officers=_who_went(rows),
        orders=_orders(seed, checks, outcome, uscc, today),
    )
    _write_findings(checks, outcome)
    ledger.append_many(actor=actor, now=now, acts=_simulated_acts(rows, checks, outcome, days))
    return len(rows)


def _lock_simulated(visits: Iterable[Visit]) -> list[Visit]:
    wanted = [visit.pk for visit in visits]
    rows = list(queries.list_visits().select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))
    refuse_if(
        Reason(
            "visit.not-simulated",
            "“%(visit)s” is a real visit: its results are not made up.",
            facts={"visit": str(row.uuid)},
        )
        for row in rows
        if not row.contact.simulated
    )
    for state in {row.state for row in rows}:
        rules.VISIT_LIFE.after(VisitState(state), "start")
    return rows


def _who_went(rows: list[Visit]) -> dict[int, list[str]]:
    """The certificates of who went, by contact."""
    went: dict[int, list[str]] = defaultdict(list)
    crew = PartOfficer.objects.filter(part__visit__in=rows).order_by("officer__certificate")
    for contact, certificate in crew.values_list("part__visit__contact_id", "officer__certificate"):
        went[contact].append(certificate)
    return went


def _write_simulated(
    actor: str,
    now: datetime,
    rows: list[Visit],
    checks: list[CheckRow],
    outcome: Mapping[int, CheckResult],
    days: Mapping[int, date],
) -> None:
    by_day: dict[date, list[int]] = defaultdict(list)
    for pk, day in days.items():
        by_day[day].append(pk)
    for day, pks in by_day.items():
        Visit.objects.filter(pk__in=pks).update(
            state=VisitState.CLOSED.value, visited_on=day, closed_at=now, closed_by=actor
        )
    Part.objects.filter(visit__in=rows).update(state=PartState.CLOSED.value, closed_at=now, closed_by=actor)
    by_code: dict[ResultCode, list[int]] = defaultdict(list)
    for check in checks:
        by_code[outcome[check.pk].code].append(check.pk)
    for code, pks in by_code.items():
        Check.objects.filter(pk__in=pks).update(result_code=code.value, recorded_at=now, recorded_by=actor)


def _write_findings(checks: list[CheckRow], outcome: Mapping[int, CheckResult]) -> None:
    Finding.objects.bulk_create(
        [
            Finding(
                check_task_id=check.pk,
                words=found.words,
                severity=found.severity.value,
                correct_by=found.correct_by,
            )
            for check in checks
            for found in outcome[check.pk].findings
        ],
        batch_size=2000,
    )


def _orders(
    seed: str,
    checks: list[CheckRow],
    outcome: Mapping[int, CheckResult],
    uscc: Mapping[int, str],
    today: date,
) -> list[tuple[int, date, date | None]]:
    """What was ordered to be corrected: the item, the last day, and when it was done."""
    orders: list[tuple[int, date, date | None]] = []
    for check in checks:
        until = rules.order_until(
            [found.correct_by for found in outcome[check.pk].findings if found.correct_by]
        )
        if until is not None:
            done = rules.simulate_correction(seed, uscc[check.visit_id], check.item, until, today)
            orders.append((check.contact_item_id, until, done))
    return orders


@transaction.atomic
def correct_simulated(*, actor: str, now: datetime, seed: str) -> int:
    """What enterprises of a demonstration have corrected since their visits; returns how many items.

    As `rules.simulate_correction` says. The acts are those of `confirm_corrections`, and say that they are simulated;
    classes are computed anew afterwards, of everybody.
    """
    today = clock.today(now)
    done: dict[int, dict[date, list[int]]] = defaultdict(lambda: defaultdict(list))
    visits: dict[int, Visit] = {}
    for check in queries.list_simulated_orders():
        item, visit = check.contact_item, check.part.visit
        uscc, code = visit.contact.enterprise.uscc, item.item_version.item.code
        assert item.correct_by is not None  # the list has orders only
        on = rules.simulate_correction(seed, uscc, code, item.correct_by, today)
        if on is not None:
            visits[visit.pk] = visit
            done[visit.pk][on].append(item.pk)
    acts: list[ledger.Act] = []
    for pk, days in done.items():
        for on, items in days.items():
            contacts.note_corrected(contact=visits[pk].contact, items=items, on=on)
            body: dict[str, JSON] = {"items": len(items), "on": on.isoformat(), "simulated": True}
            acts.append(("visit.corrected", f"visit:{visits[pk].uuid}", body))
    ledger.append_many(actor=actor, now=now, acts=acts)
    return sum(len(items) for days in done.values() for items in days.values())


def _simulated_acts(
    rows: list[Visit], checks: list[CheckRow], outcome: Mapping[int, CheckResult], days: Mapping[int, date]
) -> list[ledger.Act]:
    results: dict[int, dict[str, dict[str, JSON]]] = {row.pk: {} for row in rows}
    for check in checks:
        of_agency = results[check.visit_id].setdefault(check.agency, {})
        of_agency[check.item] = outcome[check.pk].code.value
    acts: list[ledger.Act] = []
    for row in rows:
        subject, on = f"visit:{row.uuid}", days[row.pk].isoformat()
        acts.append(("visit.started", subject, {"on": on, "simulated": True}))
        for agency, found in results[row.pk].items():
            body: dict[str, JSON] = {"agency": agency, "results": found, "simulated": True}
            acts.append(("visit.part-closed", subject, body))
        acts.append(("visit.closed", subject, {"on": on, "parts": len(results[row.pk]), "simulated": True}))
    return acts
