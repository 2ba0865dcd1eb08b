"""What an agency's answer changes in a round: its part leaves a visit, which goes on with the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.gate.terms import Outcome
from yicha.decide.planning.models import Demand, Round, VisitOfficer
from yicha.decide.planning.rules.due import source_of
from yicha.decide.planning.rules.plans import after_giving_back, lead_of
from yicha.decide.planning.rules.screening import DEMAND_LIFE
from yicha.decide.planning.services.matching import count_visits
from yicha.decide.planning.terms import DemandState, Origin, RoundState
from yicha.kernel.refusal import Reason, Refused
from yicha.know.visits import queries as visit_queries
from yicha.know.visits import services as visits
from yicha.know.visits.terms import ContactKind, ContactState, PlannedItem, SparedContact


@transaction.atomic
def give_part_back(*, actor: str, now: datetime, contact: Any, agency: str, because: str) -> int:
    """Take an agency's checks out of a planned visit; they wait again. Returns how many demands.

    Matching finds them, after officers were drawn too; or `withdraw_waiting` lets them fall.
    """
    locked = _hold(contact.round)
    demands = _lock_part(contact, agency)
    for demand in demands:
        demand.state = DEMAND_LIFE.after(DemandState(demand.state), "give-back").value
        demand.contact = None
    Demand.objects.bulk_update(demands, ["state", "contact"], batch_size=1000)
    leave_visit(actor, now, contact, agency, demands, because)
    if demands:
        locked.state = after_giving_back(RoundState(locked.state)).value
    count_visits(locked)
    locked.save()
    return len(demands)


@transaction.atomic
def move_part_off_site(*, actor: str, now: datetime, contact: Any, agency: str, because: str) -> int:
    """Spare an agency's checks of a planned visit: it makes them without going. Returns how many demands.

    A spared check per item, as screening makes them; `offsite:<item>` says what spared it.
    """
    locked = _hold(contact.round)
    demands = _lock_part(contact, agency)
    by_item: dict[str, list[Demand]] = defaultdict(list)
    for demand in demands:
        by_item[demand.item_version.item.code].append(demand)
    spared = visits.spare_contacts(
        actor=actor, now=now, spared=[_spared(contact, agency, code, own) for code, own in by_item.items()]
    )
    for own, row in zip(by_item.values(), spared, strict=True):
        for demand in own:
            demand.state = DEMAND_LIFE.after(DemandState(demand.state), "move-off-site").value
            demand.contact, demand.outcome = row, Outcome.OFFSITE.value
    Demand.objects.bulk_update(demands, ["state", "contact", "outcome"], batch_size=1000)
    leave_visit(actor, now, contact, agency, demands, because)
    count_visits(locked)
    locked.save()
    return len(demands)


@transaction.atomic
def withdraw_waiting(
    *, actor: str, now: datetime, round_code: str, uscc: str, agency: str, because: str
) -> int:
    """Let an agency's waiting checks at an enterprise fall away this quarter. Returns how many demands."""
    locked = _hold(round_code)
    waiting = Demand.objects.select_for_update(of=("self",)).filter(
        round=locked, enterprise__uscc=uscc, agency__code=agency, state=DemandState.WAITING.value
    )
    demands = list(waiting.order_by("id"))
    for demand in demands:
        demand.state = DEMAND_LIFE.after(DemandState(demand.state), "withdraw").value
    Demand.objects.bulk_update(demands, ["state"], batch_size=1000)
    body: dict[str, JSON] = {
        "enterprise": uscc,
        "agency": agency,
        "demands": len(demands),
        "because": because,
    }
    ledger.append(actor=actor, now=now, act="demands.withdrawn", subject=f"round:{round_code}", body=body)
    return len(demands)


@transaction.atomic
def let_fall(*, actor: str, now: datetime, round_: Round, because: str) -> int:
    """Let everything that still waits in a round fall away, with a reason. Returns how many demands.

    What an earlier visit left or the law wants is due again in the next round; what was drawn is not.
    """
    if not because.strip():
        raise Refused([Reason("round.why-fall", "Say why what waits is not checked.", at_field="because")])
    locked = _hold(round_.code)
    waiting = Demand.objects.select_for_update().filter(round=locked, state=DemandState.WAITING.value)
    demands = list(waiting.order_by("id"))
    for demand in demands:
        demand.state = DEMAND_LIFE.after(DemandState(demand.state), "withdraw").value
    Demand.objects.bulk_update(demands, ["state"], batch_size=1000)
    body: dict[str, JSON] = {"demands": len(demands), "because": because.strip()}
    ledger.append(actor=actor, now=now, act="demands.let-fall", subject=f"round:{locked.code}", body=body)
    return len(demands)


def _hold(round_code: str) -> Round:
    return Round.objects.select_for_update().get(code=round_code)


def _lock_part(contact: Any, agency: str) -> list[Demand]:
    return list(
        Demand.objects.select_for_update(of=("self",))
        .filter(contact=contact, agency__code=agency, state=DemandState.MATCHED.value)
        .select_related("item_version__item")
        .order_by("id")
    )


def _spared(contact: Any, agency: str, item: str, demands: Sequence[Demand]) -> SparedContact:
    first = min(demands, key=lambda demand: demand.draw_id)
    return SparedContact(
        uscc=contact.enterprise.uscc,
        agency=agency,
        kind=ContactKind(contact.kind),
        trigger=first.origin,
        window_from=min(demand.window_from for demand in demands),
        window_to=max(demand.window_to for demand in demands),
        items=[PlannedItem(agency, first.item_version_id, source_of(Origin(first.origin), first.draw_id))],
        spared_by=f"offsite:{item}",
        round=contact.round,
        simulated=contact.simulated,
        premises_id=contact.premises_id,
    )


def leave_visit(
    actor: str, now: datetime, contact: Any, agency: str, demands: Iterable[Demand], because: str
) -> None:
    """Take the items off the visit. Left empty it is cancelled; without its lead it gets another one.

    Items of other sources (an application at the gate) stay, and with them the agency and its officers.
    """
    left = visits.drop_items(contact=contact, items=[(agency, demand.item_version_id) for demand in demands])
    remaining = Counter(row.agency.code for row in visit_queries.list_items_of(contact))
    if agency not in remaining:
        VisitOfficer.objects.filter(contact=contact, agency__code=agency).delete()
    body: dict[str, JSON] = {"agency": agency, "because": because, "left": left}
    if not left:
        body["state"] = ContactState.CANCELLED.value
    elif contact.lead_agency.code not in remaining:
        body["lead"] = _lead(contact)
        visits.change_lead(contact=contact, agency=str(body["lead"]))
    ledger.append(actor=actor, now=now, act="visit.part-left", subject=f"visit:{contact.uuid}", body=body)


def _lead(contact: Any) -> str:
    """Who leads what is left, by the same rule as when the visit was planned."""
    items = list(visit_queries.list_items_of(contact).select_related("agency__kind"))
    shares = {row.agency.code: (row.agency.kind.code, 0) for row in items}
    for row in items:
        shares[row.agency.code] = (row.agency.kind.code, shares[row.agency.code][1] + 1)
    asked: dict[str, tuple[str, set[int]]] = {}
    rows = Demand.objects.filter(contact=contact, entry__joint_list__isnull=False).order_by()
    for code, kind, version in rows.values_list(
        "entry__joint_list__code", "entry__joint_list__lead_kind__code", "item_version_id"
    ):
        asked.setdefault(code or "", (kind or "", set()))[1].add(version)
    return lead_of({code: (kind, len(own)) for code, (kind, own) in asked.items()}, shares)
