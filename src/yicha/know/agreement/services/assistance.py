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
    region: str = "",
) -> AssistanceRequest:
    """Ask the region in which an enterprise lies for consent to inspect it there on some days, both included.

    `region`: of one of its sites, when the inspection is not at its address.
    """
    asking = all_of(registry.list_agencies(), [agency], "agency")[0]
    enterprise = _enterprise(uscc)
    today = clock.today(now)
    place = _place(enterprise, region)
    places = _codes_of(place)
    filing = catalogue.get_number("assistance-filing-days", today, places)
    facts = AssistanceFacts(asking.region.code, places, from_on, until_on, purpose)
    refuse_if(rules.check_assistance(facts, today, int(filing.value)))
    answer = catalogue.get_number("assistance-answer-days", today, places)
    due = workdays.find_deadline(today, int(answer.value), workdays.get_calendar())
    row = AssistanceRequest.objects.create(
        code=next_number(AssistanceRequest.objects.all(), "XZ", now),
        agency=asking,
        enterprise=enterprise,
        region=place.region,
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


def _enterprise(uscc: str) -> Any:
    found = registry.find_enterprise(uscc)
    if found is None:
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
    return found


def _place(enterprise: Any, region: str) -> Any:
    """The enterprise itself, or its site in a region: whatever has a region and a zone."""
    if not region or (enterprise.region is not None and enterprise.region.code == region):
        return enterprise
    site = enterprise.premises.filter(region__code=region).order_by("pk").first()
    if site is None:
        raise Refused(
            [
                Reason(
                    "assistance.no-site-there",
                    "The enterprise has no site in that region.",
                    rules.ASSISTANCE_SOURCE,
                    at_field="region",
                )
            ]
        )
    return site


def _codes_of(place: Any) -> tuple[str, ...]:
    """The codes that a place lies in, the nearest first: district, zone, city; empty: its region is not known."""
    found: list[str] = []
    region = place.region
    while region is not None:
        found.append(region.code)
        region = region.parent
    if found and place.zone is not None:
        found.insert(1, place.zone.code)
    return tuple(found)


def _lock(request: AssistanceRequest) -> AssistanceRequest:
    return AssistanceRequest.objects.select_for_update().get(pk=request.pk)
