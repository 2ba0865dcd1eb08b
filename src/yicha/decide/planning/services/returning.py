"""What the calendar changes in a round: visits that have no place give their demands back, or are made in parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.decide.planning import queries
from yicha.decide.planning.models import Demand, Round, VisitOfficer
from yicha.decide.planning.rules.plans import after_giving_back
from yicha.decide.planning.rules.screening import DEMAND_LIFE
from yicha.decide.planning.services.matching import count_visits
from yicha.decide.planning.terms import DemandState, RoundState
from yicha.know.visits import queries as visit_queries
from yicha.know.visits import services as visits
from yicha.know.visits.terms import ContactKind, PlannedContact, PlannedItem


def hold_round(round_: Round) -> Round:
    """Hold a round until the transaction ends: matching it and keeping its calendar go one after the other."""
    return Round.objects.select_for_update().get(pk=round_.pk)


@transaction.atomic
def return_visits(*, actor: str, now: datetime, round_: Round, because: Mapping[int, str]) -> int:
    """Give up visits (ids with the reason of each); their demands wait again. Returns how many demands.

    A demand keeps what the gate said; matching asks the gate again before it plans another visit.
    """
    locked = hold_round(round_)
    demands = list(
        Demand.objects.select_for_update()
        .filter(contact__in=list(because), state=DemandState.MATCHED.value)
        .order_by("id")
    )
    for demand in demands:
        demand.state = DEMAND_LIFE.after(DemandState(demand.state), "give-back").value
        demand.contact = None
    Demand.objects.bulk_update(demands, ["state", "contact"], batch_size=1000)
    visits.cancel_contacts(actor=actor, now=now, because=because)
    if demands:
        locked.state = after_giving_back(RoundState(locked.state)).value
    count_visits(locked)
    locked.save()
    body = {"visits": len(because), "demands": len(demands)}
    ledger.append(actor=actor, now=now, act="visits.returned", subject=f"round:{locked.code}", body=body)
    return len(demands)


@transaction.atomic
def split_visit(
    *, actor: str, now: datetime, round_: Round, contact: Any, groups: Sequence[frozenset[str]]
) -> list[Any]:
    """Make one planned visit in parts; returns the visits in the order of the groups.

    `groups` are agencies (codes): the first keeps the visit, each other one gets its own, with its items, demands and
    officers, within the days that these share; whoever has most to check in a part that the lead has left leads it. The
    caller has asked the gate: each is a visit more for the enterprise.
    """
    locked = hold_round(round_)
    windows = queries.list_part_windows([contact.pk]).get(contact.pk, {})
    parts = [contact]
    for agencies in groups[1:]:
        demands = list(
            Demand.objects.select_for_update(of=("self",))
            .filter(contact=contact, agency__code__in=agencies, state=DemandState.MATCHED.value)
            .select_related("entry")
            .order_by("id")
        )
        items = _items(contact, agencies)
        (part,) = visits.plan_contacts(actor=actor, now=now, planned=[_part(contact, demands, items)])
        Demand.objects.filter(pk__in=[demand.pk for demand in demands]).update(contact=part)
        VisitOfficer.objects.filter(contact=contact, agency__code__in=agencies).update(contact=part)
        visits.drop_items(contact=contact, items=[(item.agency, item.item_version_id) for item in items])
        parts.append(part)
    if contact.lead_agency.code not in groups[0]:
        visits.change_lead(contact=contact, agency=_lead(_items(contact, groups[0])))
    own = [window for agency, window in windows.items() if agency in groups[0]]
    if own:
        visits.set_window(contact=contact, first=max(day for day, _ in own), last=min(day for _, day in own))
    count_visits(locked)
    locked.save()
    body = {"visit": str(contact.uuid), "parts": [sorted(agencies) for agencies in groups]}
    ledger.append(actor=actor, now=now, act="visit.split", subject=f"visit:{contact.uuid}", body=body)
    return parts


def _items(contact: Any, agencies: frozenset[str]) -> list[PlannedItem]:
    rows = visit_queries.list_items_of(contact).filter(agency__code__in=agencies, result_code="")
    return [PlannedItem(row.agency.code, row.item_version_id, row.source) for row in rows]


def _lead(items: Sequence[PlannedItem]) -> str:
    """Who leads a part: the agency that has most to check in it."""
    shares = [item.agency for item in items]
    return max(sorted(set(shares)), key=shares.count)


def _part(contact: Any, demands: Sequence[Demand], items: Sequence[PlannedItem]) -> PlannedContact:
    """The visit of a part: led by who has most to check in it, within the days that its demands share."""
    first = max((demand.window_from for demand in demands), default=contact.window_from)
    last = min((demand.window_to for demand in demands), default=contact.window_to)
    return PlannedContact(
        uscc=contact.enterprise.uscc,
        lead_agency=_lead(items),
        kind=ContactKind(contact.kind),
        round=contact.round,
        window_from=first,
        window_to=last,
        planned_on=first,
        items=items,
        simulated=contact.simulated,
        trigger=contact.trigger,
        counts_toward_cap=contact.counts_toward_cap,
        split_from=contact.pk,
    )
