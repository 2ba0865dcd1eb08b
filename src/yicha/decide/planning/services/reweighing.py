"""Weighing again: class or listing of an enterprise are others now, and its demands are still to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.gate import queries as gate_queries
from yicha.decide.gate import services as gate
from yicha.decide.gate.terms import Outcome
from yicha.decide.planning.models import Demand, Round
from yicha.decide.planning.queries.rounds import read_demand_facts
from yicha.decide.planning.rules import screening as rules
from yicha.decide.planning.rules.due import is_demanded
from yicha.decide.planning.rules.plans import after_giving_back
from yicha.decide.planning.services import parts, screening
from yicha.decide.planning.services.matching import count_visits
from yicha.decide.planning.services.screening import Answer
from yicha.decide.planning.terms import DemandState, RoundState
from yicha.kernel import clock
from yicha.know.visits import queries as visit_queries
from yicha.know.visits import services as visits
from yicha.know.visits.terms import ContactState

_HELD = (DemandState.DEFERRED.value, DemandState.REFUSED.value)


@dataclass(frozen=True, slots=True)
class Reweighed:
    """How many demands were weighed and how many of them stand elsewhere now; which visits (ids) that changed.

    `cancelled` visits lost all their checks; `fewer` go on with the others.
    """

    demands: int = 0
    changed: int = 0
    cancelled: tuple[int, ...] = ()
    fewer: tuple[int, ...] = ()


def hold_rounds_of(enterprise_ids: Collection[int], today: date) -> dict[int, Round]:
    """Hold the open rounds that have such demands, by id. Before the enterprises' turns, as matching takes both."""
    asked = Demand.objects.filter(
        state__in=[DemandState.MATCHED.value, *_HELD], enterprise__in=enterprise_ids, window_to__gte=today
    )
    rounds = Round.objects.select_for_update().exclude(state=RoundState.CLOSED.value)
    return {row.pk: row for row in rounds.filter(pk__in=asked.values("round")).order_by("pk")}


@transaction.atomic
def weigh_again(
    *, actor: str, now: datetime, enterprise_ids: Collection[int], because: str, begun: Collection[int] = ()
) -> Reweighed:
    """Ask the gate again about demands of enterprises whose class or listing may be another than when it was asked.

    A demand stays in its planned visit while the gate lets it be made on that day. Otherwise it leaves the visit and
    stands where the gate puts it now: spared, deferred, refused, or waiting for another day. A visit left without
    checks is cancelled and its code revoked; the code of one that goes on names what is left. What was deferred or
    refused and is allowed now waits for matching. Doing it again changes nothing.

    Visits of past days, those with a result, and those `begun` (ids: the officers are there) stay as they were judged.
    Notices are for the caller to follow up. `because` goes into the ledger.
    """
    today = clock.today(now)
    rounds = hold_rounds_of(enterprise_ids, today)
    if not rounds:
        return Reweighed()
    gate.take_turns(enterprise_ids)
    demands = _lock(rounds, enterprise_ids, today)
    contacts = _read_visits(demands, begun)
    demands = [row for row in demands if row.state in _HELD or row.contact_id in contacts]
    gone = _find_leaving(demands, contacts, now)
    held = [row for row in demands if row.state in _HELD]
    cancelled, fewer = _leave(actor, now, gone, demands, contacts, because)
    changed = _answer_again(actor, now, rounds, gone, held, because)
    for key in sorted({row.round_id for row in changed}):
        own = [row for row in demands if row.round_id == key]
        _record(actor, now, rounds[key], own, changed, because)
    return Reweighed(len(demands), len(changed), cancelled, fewer)


def _lock(rounds: Collection[int], enterprise_ids: Collection[int], today: date) -> list[Demand]:
    """Demands whose visit is still planned, and those that the gate held back; held until the transaction ends."""
    planned = Q(contact__state=ContactState.PLANNED.value, contact__planned_on__gte=today)
    rows = Demand.objects.select_for_update(of=("self",)).filter(
        Q(planned, state=DemandState.MATCHED.value) | Q(state__in=_HELD),
        round__in=rounds,
        enterprise__in=enterprise_ids,
        window_to__gte=today,
    )
    return list(rows.select_related("agency").order_by("id"))


def _read_visits(demands: Sequence[Demand], begun: Collection[int]) -> dict[int, Any]:
    """Their visits with items, by id, without those that have begun."""
    wanted = {row.contact_id for row in demands if row.contact_id and row.state not in _HELD} - set(begun)
    found = visit_queries.list_contacts().filter(pk__in=wanted).prefetch_related("items__agency")
    return {
        row.pk: row for row in found.order_by("pk") if not any(item.result_code for item in row.items.all())
    }


def _find_leaving(demands: Sequence[Demand], contacts: Mapping[int, Any], now: datetime) -> list[Demand]:
    """Demands of which the gate says that they are not to be made on the day of their visit.

    Asked as if these visits were not planned: any check may join a visit that is. One that something else needs too
    takes place anyway, and is counted. A demand whose item was taken off its visit has left it already.
    """
    there = {(key, *pair) for key, contact in contacts.items() for pair in _pairs(contact.items.all())}
    matched = {row.pk: row for row in demands if row.state not in _HELD}
    lost = {
        pk
        for pk, row in matched.items()
        if (row.contact_id, row.agency.code, row.item_version_id) not in there
    }
    facts = read_demand_facts(Demand.objects.filter(pk__in=set(matched) - lost))
    days = {fact.id: contacts[matched[fact.id].contact_id or 0].planned_on for fact in facts}
    without = {
        str(contact.uuid)
        for contact in contacts.values()
        if all(is_demanded(item.source) for item in contact.items.all())
    }
    asked = [replace(fact, window_from=days[fact.id], window_to=days[fact.id]) for fact in facts]
    lost |= {
        answer.demand.id
        for answer in screening.ask(asked, now, without)
        if rules.state_after(answer.outcome) is not DemandState.WAITING
    }
    return [row for pk, row in matched.items() if pk in lost]


def _pairs(items: Any) -> set[tuple[str, int]]:
    """Agency and version of items."""
    return {(item.agency.code, item.item_version_id) for item in items}


def _leave(
    actor: str,
    now: datetime,
    gone: Sequence[Demand],
    demands: Sequence[Demand],
    contacts: Mapping[int, Any],
    because: str,
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Take demands out of their visits; returns the visits that are cancelled and those that go on with fewer checks.

    An item stays while another demand, or an application, asks for it.
    """
    leaving: dict[int, list[Demand]] = defaultdict(list)
    for row in gone:
        leaving[row.contact_id or 0].append(row)
    left = {key: _needed(key, demands, gone, contact) for key, contact in contacts.items() if key in leaving}
    _give_back(gone)
    cancelled = {key: because for key in sorted(leaving) if not left[key]}
    visits.cancel_contacts(actor=actor, now=now, because=cancelled)
    fewer = []
    for key in sorted(leaving.keys() - cancelled.keys()):
        off = _pairs(contacts[key].items.all()) - left[key]
        by_agency: dict[str, list[Demand]] = defaultdict(list)
        for row in leaving[key]:
            if (row.agency.code, row.item_version_id) in off:
                by_agency[row.agency.code].append(row)
        for agency, own in sorted(by_agency.items()):
            parts.leave_visit(actor, now, contacts[key], agency, own, because)
        if by_agency:
            fewer.append(key)
    _follow_with_codes(actor, now, [contacts[key] for key in cancelled], [contacts[key] for key in fewer])
    return tuple(cancelled), tuple(fewer)


def _needed(
    key: int, demands: Sequence[Demand], gone: Sequence[Demand], contact: Any
) -> set[tuple[str, int]]:
    """What is left to be checked in a visit."""
    out = {row.pk for row in gone}
    staying = {
        (row.agency.code, row.item_version_id)
        for row in demands
        if row.contact_id == key and row.pk not in out
    }
    leaving = {(row.agency.code, row.item_version_id) for row in gone if row.contact_id == key}
    others = _pairs(item for item in contact.items.all() if not is_demanded(item.source))
    return (_pairs(contact.items.all()) - leaving) | others | staying


def _give_back(gone: Sequence[Demand]) -> None:
    for row in gone:
        row.state = rules.DEMAND_LIFE.after(DemandState(row.state), "give-back").value
        row.contact = None
    Demand.objects.bulk_update(gone, ["state", "contact"], batch_size=1000)


def _follow_with_codes(actor: str, now: datetime, cancelled: Sequence[Any], fewer: Sequence[Any]) -> None:
    """No door is opened to a visit that is not to be, nor to checks that have left one."""
    with translation.override(settings.LANGUAGE_CODE):
        because = _("the gate was asked again")
    for contact in cancelled:
        code = gate_queries.find_live_code(contact)
        if code is not None:
            gate.revoke_code(actor=actor, now=now, code=code, because=because)
    for contact in visit_queries.list_contacts().filter(pk__in=[row.pk for row in fewer]).order_by("pk"):
        code = gate_queries.find_live_code(contact)
        if code is not None:
            officers = gate_queries.read_code(code)["officers"]
            gate.issue_code(actor=actor, now=now, contact=contact, officers=officers)


def _answer_again(
    actor: str,
    now: datetime,
    rounds: Mapping[int, Round],
    gone: Sequence[Demand],
    held: Sequence[Demand],
    because: str,
) -> list[Demand]:
    """Write what the gate says of what left and of what it had held back; returns the demands that this changed."""
    asked = {row.pk: row for row in (*gone, *held)}
    facts = read_demand_facts(Demand.objects.filter(pk__in=asked))
    answers = screening.ask([replace(fact, screening=None) for fact in facts], now)
    same = {answer.demand.id for answer in answers if _is_as_before(asked[answer.demand.id], answer)}
    changed = [row for row in asked.values() if row.pk not in same]
    _return(actor, now, [row for row in changed if row.state in _HELD], because)
    by_round: dict[int, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.demand.id not in same:
            by_round[asked[answer.demand.id].round_id].append(answer)
    for key, own in sorted(by_round.items()):
        screening.save(actor, now, rounds[key], own, simulated=rounds[key].simulated)
    return changed


def _is_as_before(demand: Demand, answer: Answer) -> bool:
    """Whether a demand that was held back is so still, until the same day."""
    until = rules.open_from(answer.verdict, answer.demand.item) if answer.outcome is Outcome.DEFER else None
    return demand.state in _HELD and (demand.outcome, demand.open_from) == (answer.outcome.value, until)


def _return(actor: str, now: datetime, held: Sequence[Demand], because: str) -> None:
    screening.leave_spared(actor, now, held, because)
    for row in held:
        row.state = rules.DEMAND_LIFE.after(DemandState(row.state), "return").value
        row.contact, row.open_from = None, None
    Demand.objects.bulk_update(held, ["state", "contact", "open_from"], batch_size=1000)


def _record(
    actor: str,
    now: datetime,
    round_: Round,
    demands: Sequence[Demand],
    changed: Sequence[Demand],
    because: str,
) -> None:
    """Numbers of the round, its state where something waits again, and the act."""
    own = [row.pk for row in changed if row.round_id == round_.pk]
    waits = Demand.objects.filter(pk__in=own, state=DemandState.WAITING.value).exists()
    if waits:
        round_.state = after_giving_back(RoundState(round_.state)).value
    count_visits(round_)
    round_.save()
    body: dict[str, JSON] = {"because": because, "demands": len(demands), "changed": len(own)}
    ledger.append(
        actor=actor, now=now, act="demands.weighed-again", subject=f"round:{round_.code}", body=body
    )
