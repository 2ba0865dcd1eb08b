"""Asking another region for consent to inspect there, and its answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.base.workdays import queries as workdays
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.agreement import rules
from yicha.know.agreement.models import AssistanceRequest
from yicha.know.agreement.services.records import all_of, next_number
from yicha.know.agreement.terms import AssistanceFacts, AssistanceState
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry


@transaction.atomic
def ask_assistance(
    *,
    actor: str,
    now: datetime,
    agency: str,
    uscc: str,
    from_on: date,
    until_on: date,
    purpose: str,
) -> AssistanceRequest:
    """Ask the region in which an enterprise lies for consent to inspect it there on some days, both included."""
    asking = all_of(registry.list_agencies(), [agency], "agency")[0]
    enterprise = registry.find_enterprise(uscc)
    if enterprise is None:
        raise Refused(
            [
                Reason(
                    "assistance.unknown-enterprise",
                    "There is no enterprise with the code %(uscc)s.",
                    facts={"uscc": uscc},
                    at_field="uscc",
                )
            ]
        )
    today = clock.today(now)
    places = _place_codes(enterprise)
    filing = catalogue.get_number("assistance-filing-days", today, places)
    facts = AssistanceFacts(asking.region.code, places, from_on, until_on, purpose)
    refuse_if(rules.check_assistance(facts, today, int(filing.value)))
    assert enterprise.region is not None  # else the place had been refused as unknown
    answer = catalogue.get_number("assistance-answer-days", today, places)
    due = workdays.find_deadline(today, int(answer.value), workdays.get_calendar())
    row = AssistanceRequest.objects.create(
        code=next_number(AssistanceRequest.objects.all(), "XZ", now),
        agency=asking,
        enterprise=enterprise,
        region=enterprise.region,
        from_on=from_on,
        until_on=until_on,
        purpose=purpose.strip(),
        state=AssistanceState.ASKED.value,
        filed_at=now,
        filed_by=actor,
        due_on=max(today, min(due.on, from_on)),
    )
    body: dict[str, JSON] = {
        "agency": agency,
        "enterprise": enterprise.uscc,
        "region": row.region.code,
        "from": from_on.isoformat(),
        "until": until_on.isoformat(),
    }
    ledger.append(actor=actor, now=now, act="assistance.asked", subject=f"assistance:{row.code}", body=body)
    return row


@transaction.atomic
def answer_assistance(
    *, actor: str, now: datetime, request: AssistanceRequest, consent: bool, words: str = ""
) -> AssistanceRequest:
    """Consent, or decline with a reason. A consent opens the gate with the next verdict."""
    act, done = ("grant", "assistance.granted") if consent else ("decline", "assistance.declined")
    return _answer(actor, now, request, act, done, words, reason_needed=not consent)


@transaction.atomic
def revoke_consent(
    *, actor: str, now: datetime, request: AssistanceRequest, reason: str
) -> AssistanceRequest:
    """Take a consent back, with a reason: the gate is shut with the next verdict."""
    return _answer(actor, now, request, "revoke", "assistance.revoked", reason, reason_needed=True)


@transaction.atomic
def withdraw_assistance(*, actor: str, now: datetime, request: AssistanceRequest) -> AssistanceRequest:
    """The agency needs it no more."""
    locked = _lock(request)
    locked.state = rules.ASSISTANCE_LIFE.after(AssistanceState(locked.state), "withdraw").value
    locked.save(update_fields=["state"])
    ledger.append(
        actor=actor, now=now, act="assistance.withdrawn", subject=f"assistance:{locked.code}", body={}
    )
    return locked


def _answer(
    actor: str,
    now: datetime,
    request: AssistanceRequest,
    act: str,
    done: str,
    words: str,
    *,
    reason_needed: bool,
) -> AssistanceRequest:
    locked = _lock(request)
    state = rules.ASSISTANCE_LIFE.after(AssistanceState(locked.state), act)
    if reason_needed and not words.strip():
        raise Refused(
            [
                Reason(
                    "assistance.no-reason",
                    "Who does not consent gives the reason.",
                    rules.ASSISTANCE_SOURCE,
                    at_field="words",
                )
            ]
        )
    locked.state, locked.answer = state.value, words.strip()
    locked.answered_at, locked.answered_by = now, actor
    locked.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    ledger.append(
        actor=actor,
        now=now,
        act=done,
        subject=f"assistance:{locked.code}",
        body={"words": locked.answer},
    )
    return locked


def _place_codes(enterprise: Any) -> tuple[str, ...]:
    """The codes that an enterprise lies in, the nearest first: district, zone, city; empty: its region is not known."""
    found: list[str] = []
    region = enterprise.region
    while region is not None:
        found.append(region.code)
        region = region.parent
    if found and enterprise.zone is not None:
        found.insert(1, enterprise.zone.code)
    return tuple(found)


def _lock(request: AssistanceRequest) -> AssistanceRequest:
    return AssistanceRequest.objects.select_for_update().get(pk=request.pk)
