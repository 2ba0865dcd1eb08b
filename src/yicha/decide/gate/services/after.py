"""What happens to an application later: papers completed, withdrawn, reopened."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.decide.gate import queries, rules
from yicha.decide.gate.models import Application
from yicha.decide.gate.rules.life import LIFE
from yicha.decide.gate.rules.texts import LONGEST
from yicha.decide.gate.services.outcomes import leave_visits
from yicha.decide.gate.services.turns import in_turn
from yicha.decide.gate.terms import ApplicationState, Verdict
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.visits.terms import ContactState


@transaction.atomic
def complete_papers(
    actor: str, now: datetime, application: Application, approved_by: str, evidence: str
) -> Application:
    """Approval and papers of an emergency that was entered; late ones are taken, and the ledger says so."""
    refuse_if(_need_papers(approved_by, evidence))
    row = _lock(application)
    row.state = LIFE.after(ApplicationState(row.state), "complete papers").value
    row.approved_by = approved_by.strip()[: LONGEST["approved_by"]]
    row.evidence = evidence.strip()[: LONGEST["evidence"]]
    row.save(update_fields=["state", "approved_by", "evidence"])
    late = row.papers_due_on is not None and clock.today(now) > row.papers_due_on
    _record(actor, now, row, "gate.papers-completed", {"approved_by": row.approved_by, "late": late})
    return row


def withdraw(actor: str, now: datetime, application: Application, because: str) -> Application:
    """The agency does not want to come any more: its items leave the planned visit, and the code with the last of them.

    Refused when the visit was made.
    """
    refuse_if(_need(because))

    def work() -> Application:
        row = _lock(application)
        former = row.contact
        if former is not None and former.state == ContactState.MADE:
            raise Refused([Reason("gate.visit-made", "The visit has taken place: it cannot be withdrawn.")])
        row.state = LIFE.after(ApplicationState(row.state), "withdraw").value
        row.note, row.contact = because.strip()[: LONGEST["note"]], None
        row.save(update_fields=["state", "note", "contact"])
        _record(actor, now, row, "gate.withdrawn", {"because": row.note})
        leave_visits(actor, now, row, former)
        return row

    return in_turn(application.enterprise_id, work)


@transaction.atomic
def reopen_leaning_on(actor: str, now: datetime, result: UUID | str, agency: str = "") -> list[Application]:
    """A result was revoked: every application in which it stood in for a check is to be asked again.

    `agency`: it was refused by this agency alone, and only its applications are.

    Called in the transaction that revokes it, after the result's row is locked: who leans on it anew waits for that.
    The checks themselves are planned again by `visits.services.reopen_spared`.
    """
    found = Application.objects.select_for_update(of=("self",)).filter(
        leans_on__contains=[result],
        state__in=[ApplicationState.GRANTED.value, ApplicationState.SPARED.value],
    )
    if agency:
        found = found.filter(agency__code=agency)
    reopened = []
    for row in found.order_by("pk"):
        row.state = LIFE.after(ApplicationState(row.state), "reopen").value
        row.save(update_fields=["state"])
        reopened.append(row)
    for row in reopened:
        _record(actor, now, row, "gate.reopened", {"result": str(result)})
    return reopened


def reopen_overtaken(actor: str, now: datetime, enterprise: int, because: str) -> list[Application]:
    """A record ended: every application whose verdict would be another with the class and listing of now.

    Only what is still to come: a visit that was made, and days that are over, stay as they were judged. A granted one
    leaves its visit, and its code is revoked: a verdict that leaned on the record opens no door. Each is to be asked
    again. `because` names the record; called in the transaction that ended it.
    """

    def work() -> list[Application]:
        rows = (
            Application.objects.select_for_update(of=("self",))
            .select_related("enterprise", "agency", "contact__enterprise", "contact__lead_agency")
            .filter(enterprise_id=enterprise, window_until__gte=clock.today(now))
            .filter(state__in=[state.value for state in LIFE.table["overtake"][0]])
            .exclude(contact__state=ContactState.MADE.value)
            .order_by("pk")
        )
        return [_overtake(actor, now, row, because) for row in rows if _is_overtaken(row, now)]

    return in_turn(enterprise, work)


def _is_overtaken(row: Application, now: datetime) -> bool:
    """Whether the facts of then, with the class and listing of now, give another answer."""
    then = queries.read_facts(row)
    fresh = queries.get_facts([then.application], now)[0]
    if then.enterprise is None or fresh.enterprise is None:
        return False
    enterprise = replace(then.enterprise, risk_class=fresh.enterprise.risk_class)
    if enterprise == then.enterprise and fresh.listing == then.listing:
        return False
    now_so = replace(then, enterprise=enterprise, listing=fresh.listing)
    return _answer(rules.judge(then)) != _answer(rules.judge(now_so))


def _answer(verdict: Verdict) -> tuple[Any, ...]:
    """What is answered, without the remarks."""
    return (
        verdict.outcome,
        verdict.items,
        verdict.on,
        verdict.until,
        verdict.wants,
        verdict.counts_toward_cap,
    )


def _overtake(actor: str, now: datetime, row: Application, because: str) -> Application:
    former = row.contact
    row.state, row.contact = LIFE.after(ApplicationState(row.state), "overtake").value, None
    row.save(update_fields=["state", "contact"])
    _record(actor, now, row, "gate.reopened", {"record": because})
    leave_visits(actor, now, row, former)
    return row


def _lock(application: Application) -> Application:
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related("enterprise", "agency", "contact__enterprise", "contact__lead_agency")
        .get(pk=application.pk)
    )


def _need_papers(approved_by: str, evidence: str) -> list[Reason]:
    found = []
    if not approved_by.strip():
        found.append(
            Reason(
                "gate.papers-approval",
                "Say who approved for the agency's head.",
                "司法部问题解答",
                at_field="approved_by",
            )
        )
    if not evidence.strip():
        found.append(
            Reason("gate.papers-evidence", "Name the papers.", "司法部问题解答", at_field="evidence")
        )
    return found


def _need(because: str) -> list[Reason]:
    if because.strip():
        return []
    return [Reason("gate.withdrawal-reason", "Say why the application is withdrawn.", at_field="because")]


def _record(actor: str, now: datetime, row: Application, act: str, body: dict[str, Any]) -> None:
    ledger.append(actor=actor, now=now, act=act, subject=f"gate:{row.uuid}", body=body)
