"""The morning of a visit: what may begin today is opened for its officers, without anybody having to ask."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from yicha.act.dispatch import queries as dispatch
from yicha.act.dispatch.queries.facts import read_visits
from yicha.act.dispatch.terms import DispatchState
from yicha.act.inspection.models import Visit
from yicha.act.inspection.services.opening import open_visits
from yicha.decide.gate import queries as gate
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.visits import queries as contacts
from yicha.know.visits.terms import ContactState

_SENT = [DispatchState.NOTIFIED.value, DispatchState.READY.value]


def open_arriving(*, actor: str, now: datetime) -> list[Visit]:
    """Open the visits whose day has come and that may begin; each by itself. Returns those that were opened.

    Visits that were sent out, and those that have a code of the gate and belong to no round, with the officers who were
    drawn or named. They are opened on the day and not before, so that whoever was replaced until then does not stand
    in them. A visit whose officers do not suffice stays closed: its agency names others, and the next run opens it.
    """
    today = clock.today(now)
    waiting = contacts.list_contacts().filter(
        state=ContactState.PLANNED.value, planned_on__lte=today, visit__isnull=True
    )
    sent = dispatch.list_living().filter(state__in=_SENT).order_by().values("contact")
    own = waiting.filter(round="").order_by().values_list("pk", flat=True)
    coded = gate.list_live_codes(list(own)).values_list("contact_id", flat=True)
    due = waiting.filter(Q(pk__in=sent) | Q(pk__in=list(coded))).order_by("planned_on", "pk")
    opened = []
    for visit in read_visits(due.values_list("pk", flat=True)):
        crew = [(visit.key, one.agency, one.certificate) for one in visit.officers]
        try:
            opened += open_visits(actor=actor, now=now, contacts=[visit.key], assignment=crew)
        except Refused:
            continue
    return opened
