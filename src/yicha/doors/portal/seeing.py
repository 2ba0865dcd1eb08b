"""Which visits an enterprise may know of. One that is unannounced, or not announced yet, is nowhere: not in a list,

not at its address, not in the count of the budget. Nor is a check that was put off: it may yet be made, unannounced.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from yicha.act.dispatch import queries as dispatch
from yicha.act.dispatch.terms import DispatchState
from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import Budget
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import DEFERRED, ContactState


def list_known(uscc: str) -> QuerySet[Any]:
    """The visits that it may know of: those made or spared, those that a notice told, and applications at the gate.

    Not what was put off: a check that comes back on its day must not have told of itself.

    What a round plans is known by its notice alone; what was applied for at the gate too, unless its kind of reason
    allows to come unannounced.
    """
    return visits.list_contacts_of(uscc).exclude(_hidden())


def list_announced(uscc: str) -> QuerySet[Any]:
    """The visits to come that a notice told of, the nearest first."""
    notified = dispatch.list_dispatches().filter(state=DispatchState.NOTIFIED.value).order_by()
    found = visits.list_contacts_of(uscc).filter(
        state=ContactState.PLANNED.value, unannounced=False, pk__in=notified.values("contact")
    )
    return found.order_by("planned_on", "planned_part", "pk")


def get_budget(uscc: str, on: date) -> Budget:
    """The budget of the year, of the visits that it may know of."""
    hidden = visits.list_contacts_of(uscc).filter(_hidden()).values_list("uuid", flat=True)
    return gate.get_budget(uscc, on, {str(uuid) for uuid in hidden})


def list_hidden(uscc: str) -> list[int]:
    """Ids of the visits that it must not know of."""
    return list(visits.list_contacts_of(uscc).filter(_hidden()).values_list("pk", flat=True))


def _hidden() -> Q:
    """What it must not know of."""
    dispatches = dispatch.list_dispatches().order_by()
    told = dispatches.filter(notices__isnull=False, state=DispatchState.NOTIFIED.value).values("contact")
    once_told = dispatches.filter(notices__isnull=False).values("contact")
    secret = gate.list_triggers().order_by().filter(may_be_unannounced=True).values("code")
    planned, cancelled = Q(state=ContactState.PLANNED.value), Q(state=ContactState.CANCELLED.value)
    of_a_round = ~Q(round="")
    silent = Q(unannounced=True) | of_a_round | Q(trigger__in=secret)
    put_off = Q(state=ContactState.SPARED.value, spared_by__startswith=f"{DEFERRED}:")
    return (
        (planned & silent & (Q(unannounced=True) | ~Q(pk__in=told)))
        | (cancelled & silent & ~Q(pk__in=once_told))
        | put_off
    )
