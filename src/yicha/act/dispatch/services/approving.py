"""The heads of agencies approve; with the last of them the visit gets its code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from yicha.act.dispatch.models import Dispatch, HeadApproval
from yicha.act.dispatch.rules import sending
from yicha.act.dispatch.services.holding import act_on, hold, read_facts
from yicha.act.dispatch.terms import DispatchState, VisitFacts
from yicha.base.ledger import services as ledger
from yicha.decide.gate import services as gate
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.registry import queries as registry


@transaction.atomic
def approve(*, actor: str, now: datetime, dispatches: Iterable[Dispatch], agency: str) -> list[Dispatch]:
    """Approve an agency's part of visits, by its head; all or none. `actor` holds `dispatch.approve` on the agency.

    When every agency of a visit has approved, the gate issues its code over all items, agencies and officers; an
    unannounced visit is ready then. Refused for a visit of others, one approved before, and to who prepared it.
    """
    rows = hold(dispatches)
    facts, given = read_facts(rows), list_given(rows)
    reasons: list[Reason] = []
    for row in rows:
        reasons += _check(row, facts[row.contact_id], given[row.pk], agency, actor)
    refuse_if(reasons)
    known = registry.find_agency(agency)
    HeadApproval.objects.bulk_create(
        [HeadApproval(dispatch=row, agency=known, approved_by=actor, approved_at=now) for row in rows]
    )
    done = {row.pk for row in complete_whole(actor, now, rows, facts)}
    acts = [act_on(row, "approved", {"agency": agency, "complete": row.pk in done}) for row in rows]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return rows


def complete_whole(
    actor: str, now: datetime, rows: Iterable[Dispatch], facts: Mapping[int, VisitFacts]
) -> list[Dispatch]:
    """Of held rows that wait for approval, those that every agency that takes part has approved: they get their code.

    Asked at each approval, and again when an agency that had not approved has left the visit.
    """
    waiting = [row for row in rows if row.state == DispatchState.PREPARED and facts[row.contact_id].agencies]
    given = list_given(waiting)
    whole = [row for row in waiting if given[row.pk].issuperset(facts[row.contact_id].agencies)]
    for row in whole:
        _complete(row, now)
    Dispatch.objects.bulk_update(whole, ["state", "approved_at"], batch_size=1000)
    issue_codes(actor, now, whole, facts)
    return whole


def list_given(rows: Iterable[Dispatch]) -> dict[int, set[str]]:
    """Dispatch (id) → the agencies whose heads have approved."""
    found: dict[int, set[str]] = defaultdict(set)
    approvals = HeadApproval.objects.filter(dispatch__in=[row.pk for row in rows])
    for dispatch, agency in approvals.values_list("dispatch_id", "agency__code"):
        found[dispatch].add(agency)
    return found


def _check(row: Dispatch, facts: VisitFacts, given: set[str], agency: str, actor: str) -> list[Reason]:
    try:
        sending.LIFE.after(DispatchState(row.state), "approve")
    except Refused as refused:
        return list(refused.reasons)
    return sending.check_approve(row.number, agency, facts.agencies, given, actor, row.prepared_by)


def _complete(row: Dispatch, now: datetime) -> None:
    state = sending.LIFE.after(DispatchState(row.state), "complete")
    if row.contact.unannounced:
        state = sending.LIFE.after(state, "make-ready")
    row.state, row.approved_at = state.value, now


def issue_codes(actor: str, now: datetime, rows: Iterable[Dispatch], facts: Mapping[int, VisitFacts]) -> None:
    """A code over each visit with the officers who go; one that says the same already stays."""
    for row in rows:
        officers = [one.certificate for one in facts[row.contact_id].officers]
        gate.issue_code(actor=actor, now=now, contact=row.contact, officers=officers)
