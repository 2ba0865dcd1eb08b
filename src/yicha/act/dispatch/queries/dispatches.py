"""Reading what is on its way. Lists are narrowed by `accounts.queries.scoped` at the door."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from yicha.act.dispatch.models import STATES, Dispatch, HeadApproval, Notice
from yicha.act.dispatch.rules import sending
from yicha.act.dispatch.terms import DispatchState
from yicha.base.messages.terms import DeliveryState
from yicha.decide.scheduling.terms import AnswerState
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState

STATE_CHOICES = [(state.value, words) for state, words in STATES.items()]
"""States with their words, for choices."""
_LIVING = [state.value for state in DispatchState if state is not DispatchState.WITHDRAWN]


def list_dispatches() -> QuerySet[Dispatch]:
    """All that is or was on its way, with visit, enterprise and lead, by day and number."""
    return Dispatch.objects.select_related(
        "contact__enterprise__region", "contact__enterprise__zone", "contact__lead_agency"
    ).order_by("contact__planned_on", "number")


def list_from(today: date) -> QuerySet[Dispatch]:
    """The same, with visits from today on first, by day; then those of past days, the latest first."""
    past = Q(contact__planned_on__lt=today)
    return list_dispatches().order_by(
        Case(When(past, then=1), default=0),
        Case(When(~past, then=F("contact__planned_on"))),
        F("contact__planned_on").desc(),
        "contact__planned_part",
        "number",
    )


def find_dispatch(uuid: UUID | str) -> Dispatch | None:
    """One of them by its address."""
    return list_dispatches().filter(uuid=uuid).first()


def find_dispatch_of(contact: Any) -> Dispatch | None:
    """The living one of a visit."""
    return list_living().filter(contact=contact).first()


def list_living() -> QuerySet[Dispatch]:
    """Those that were not withdrawn."""
    return list_dispatches().filter(state__in=_LIVING)


def has_begun(dispatch: Dispatch) -> bool:
    """Whether the officers are at the door, or were."""
    contact = dispatch.contact
    return contact.begun_on is not None or contact.state == ContactState.MADE.value


def list_acts(dispatch: Dispatch) -> tuple[str, ...]:
    """What may be done with it now: the acts of its table of transitions; what has begun is not withdrawn."""
    acts = sending.LIFE.acts_from(DispatchState(dispatch.state))
    return tuple(act for act in acts if act != "withdraw") if has_begun(dispatch) else acts


def list_to_prepare(today: date) -> QuerySet[Any]:
    """Planned visits from today on, of which every agency that was asked has answered, and that nobody has sent out.

    Who declined or checks off site has left the visit; the others go.
    Whether officers suffice is seen when they are prepared; rows are contacts, by day.
    """
    living = Dispatch.objects.filter(contact=OuterRef("pk"), state__in=_LIVING)
    found = visits.list_contacts().filter(state=ContactState.PLANNED.value, planned_on__gte=today)
    unanswered = Q(answers__state=AnswerState.ASKED.value)
    return (
        found.filter(~Exists(living))
        .exclude(pk__in=visits.list_contacts().filter(unanswered).order_by().values("pk"))
        .filter(Q(visit_officers__isnull=False) | Q(applications__isnull=False))
        .distinct()
        .order_by("planned_on", "pk")
    )


def list_agencies_of(dispatch: Dispatch) -> dict[str, str]:
    """Agencies that check something, by code with their names: the lead first."""
    lead = dispatch.contact.lead_agency_id
    items = sorted(visits.list_items_of(dispatch.contact), key=lambda row: row.agency_id != lead)
    return {row.agency.code: row.agency.name for row in items}


def list_approvals(dispatch: Dispatch) -> QuerySet[HeadApproval]:
    """The approvals of agencies' heads, as they were given."""
    return dispatch.approvals.select_related("agency").order_by("approved_at", "pk")


def list_notices(dispatch: Dispatch) -> QuerySet[Notice]:
    """The notices that were sent, the latest first; the PDF of each is read when it is asked for."""
    return dispatch.notices.select_related("message").defer("message__document").order_by("-version")


def list_unread(dispatches: Collection[int]) -> set[int]:
    """Of these (ids) those whose last notice was neither read inside nor handed over to an address outside."""
    newer = Notice.objects.filter(dispatch=OuterRef("dispatch"), version__gt=OuterRef("version"))
    found = Notice.objects.filter(~Exists(newer), dispatch__in=dispatches, message__read_at=None)
    handed = Notice.objects.filter(message__deliveries__state=DeliveryState.SENT.value)
    return set(found.exclude(pk__in=handed.values("pk")).order_by().values_list("dispatch_id", flat=True))


def find_notice(dispatch: Dispatch, version: int) -> Notice | None:
    """One version of the notice."""
    return list_notices(dispatch).filter(version=version).first()


def list_waiting_for(agencies: Iterable[str]) -> QuerySet[Dispatch]:
    """Those that the heads of these agencies have yet to approve, the most urgent first."""
    mine = Q(pk__in=())
    for code in agencies:
        parts = visits.list_contacts().filter(items__agency__code=code).order_by().values("pk")
        given = HeadApproval.objects.filter(dispatch=OuterRef("pk"), agency__code=code)
        mine |= Q(contact__in=parts) & ~Q(Exists(given))
    found = list_dispatches().filter(mine, state=DispatchState.PREPARED.value)
    return found.order_by("approval_due_on", "number")


def list_to_notify() -> QuerySet[Dispatch]:
    """Approved ones whose notice has not been sent, the most urgent first."""
    return list_dispatches().filter(state=DispatchState.APPROVED.value).order_by("notice_due_on", "number")


def list_overdue(today: date) -> QuerySet[Dispatch]:
    """Those of which an approval or the notice is late."""
    late = Q(state=DispatchState.PREPARED.value, approval_due_on__lt=today)
    late |= Q(state=DispatchState.APPROVED.value, notice_due_on__lt=today)
    return list_dispatches().filter(late)


def list_ahead(today: date) -> QuerySet[Dispatch]:
    """Living ones whose visit is planned for today or later."""
    return list_living().filter(contact__state=ContactState.PLANNED.value, contact__planned_on__gte=today)


def list_left_behind() -> QuerySet[Dispatch]:
    """Living ones whose visit is no longer planned, nor was made: they are to be withdrawn."""
    kept = [ContactState.PLANNED.value, ContactState.MADE.value]
    return list_living().exclude(contact__state__in=kept)
