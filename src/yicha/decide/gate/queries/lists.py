"""Applications, codes, budgets, and the rows that the gate judges by. Lists are narrowed at the door."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Model, QuerySet

from yicha.decide.gate.models import Application, CampaignApproval, QuietDays, TriggerRule, VisitCode
from yicha.decide.gate.models.applications import APPLICATION_STATES, CODE_STATES, OUTCOMES
from yicha.decide.gate.queries import reference
from yicha.decide.gate.queries.facts import get_facts
from yicha.decide.gate.rules import life, spent
from yicha.decide.gate.terms import Application as Asked
from yicha.decide.gate.terms import ApplicationState, Budget, CodeState
from yicha.kernel import clock, uscc
from yicha.kernel.refusal import NotFound
from yicha.know.visits.terms import ContactKind

STATE_CHOICES = [(state.value, words) for state, words in APPLICATION_STATES.items()]
"""States of applications with their words, for choices."""
OUTCOME_CHOICES = [(outcome.value, words) for outcome, words in OUTCOMES.items()]
"""Outcomes with their words, for choices."""
CODE_STATE_CHOICES = [(state.value, words) for state, words in CODE_STATES.items()]
"""States of visit codes with their words."""


def list_applications() -> QuerySet[Application]:
    """All applications with agency, enterprise and visit, the latest first."""
    return Application.objects.select_related(
        "agency__region", "agency__kind", "enterprise__region", "enterprise__zone", "premises", "contact"
    ).order_by("-asked_at", "-pk")


def list_applications_of(uscc_code: str) -> QuerySet[Application]:
    """What was asked about one enterprise."""
    return list_applications().filter(enterprise__uscc=uscc.normalise(uscc_code))


def list_waiting() -> QuerySet[Application]:
    """Those that want a reason or an approval, the oldest first."""
    return list_applications().filter(state=ApplicationState.WAITING.value).order_by("asked_at", "pk")


def list_deferred(open_on: date | None = None) -> QuerySet[Application]:
    """Deferred ones, by the day from which they may be asked again; `open_on`: only those whose day has come."""
    found = list_applications().filter(state=ApplicationState.DEFERRED.value).order_by("until_on", "pk")
    return found.filter(until_on__lte=open_on) if open_on else found


def list_papers_due() -> QuerySet[Application]:
    """Emergencies whose papers are missing, the most urgent first."""
    return list_applications().filter(state=ApplicationState.PAPERS_DUE.value).order_by("papers_due_on", "pk")


def list_leaning_on(result: UUID | str) -> QuerySet[Application]:
    """Applications in which this result stood in for a check."""
    return list_applications().filter(leans_on__contains=[result])


def find_application(uuid: UUID | str) -> Application | None:
    """An application by its number."""
    return list_applications().filter(uuid=uuid).first()


def list_acts(application: Application) -> tuple[str, ...]:
    """What may be done with an application now: the acts of its table of transitions."""
    return life.LIFE.acts_from(ApplicationState(application.state))


def get_budget(uscc_code: str, on: date, leave_out: Collection[str] = ()) -> Budget:
    """The budget of visits of the year of a day; raises `NotFound` for an enterprise that is not in the registry.

    `leave_out` are visits (uuids) that the reader must not know of.
    """
    code = uscc.normalise(uscc_code)
    noon = datetime.combine(on, time(12), clock.BEIJING)
    asked = Asked("", code, (), ContactKind.DAILY, "", date(on.year, 1, 1), date(on.year, 12, 31))
    facts = get_facts([asked], noon)[0]
    kept = reference.find_kept()
    if facts.enterprise is None or kept is None:
        raise NotFound
    known = tuple(one for one in facts.contacts if one.uuid not in leave_out)
    return spent.add_up(replace(facts, contacts=known), on.year, kept.trigger)


def list_codes() -> QuerySet[VisitCode]:
    """All visit codes with their visit, the latest first."""
    return VisitCode.objects.select_related(
        "contact__enterprise__region", "contact__enterprise__zone", "contact__lead_agency"
    ).order_by("-issued_at", "-pk")


def list_codes_of(contact: Model) -> QuerySet[VisitCode]:
    """The codes of a visit, the live one first."""
    return list_codes().filter(contact_id=contact.pk)


def find_live_code(contact: Model) -> VisitCode | None:
    """The code that opens the door to a visit."""
    return list_codes().filter(contact_id=contact.pk, state=CodeState.LIVE.value).first()


def list_live_codes(contacts: Iterable[int]) -> QuerySet[VisitCode]:
    """The codes that open doors to these visits (ids of contacts)."""
    return list_codes().filter(contact__in=list(contacts), state=CodeState.LIVE.value)


def find_code(token: str) -> VisitCode | None:
    """A visit code by its token: whether it was replaced or revoked is known here alone."""
    return list_codes().filter(digest=digest_of(token)).first()


def digest_of(token: str) -> str:
    """By which a token is found again."""
    return hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()


def list_triggers() -> QuerySet[TriggerRule]:
    """All rows of triggers, each code's newest first."""
    return TriggerRule.objects.order_by("code", "-in_force_from")


def list_triggers_in_force(on: date) -> QuerySet[TriggerRule]:
    """The row of each trigger that is in force on a day: what a form offers."""
    newest = list_triggers().filter(in_force_from__lte=on).distinct("code")
    return TriggerRule.objects.filter(pk__in=newest.values("pk")).order_by("pk")


def list_quiet_days() -> QuerySet[QuietDays]:
    """All rows of quiet days, each region's newest first."""
    return QuietDays.objects.order_by("region", "-in_force_from")


def list_campaigns() -> QuerySet[CampaignApproval]:
    """All approvals of campaigns, the latest first."""
    return CampaignApproval.objects.order_by("-valid_from", "code")


def find_campaign(code: str) -> CampaignApproval | None:
    """An approval of a campaign by its code."""
    return list_campaigns().filter(code=code).first()
