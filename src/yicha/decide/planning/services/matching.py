"""Matching a round: its demands become planned visits, as few as can be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from yicha.base.ledger import services as ledger
from yicha.decide.planning import queries
from yicha.decide.planning.models import Demand, Round
from yicha.decide.planning.rules import matching as rules
from yicha.decide.planning.rules.plans import ROUND_LIFE
from yicha.decide.planning.terms import DemandFacts, DemandState, MatchReport, RoundState, VisitPlan
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.visits import queries as visit_queries
from yicha.know.visits import services as visits
from yicha.know.visits.terms import ContactState, PlannedContact, PlannedItem

Phase = Callable[[int], None]
PHASES = 3
"""Reading and working out, writing visits, done: what a progress bar may count."""


@dataclass(slots=True)
class _Work:
    """What a matching would write: visits to plan, and demands that join visits planned before."""

    demands: list[DemandFacts]
    visits: list[VisitPlan]
    joining: dict[int, list[DemandFacts]] = field(default_factory=dict)
    report: MatchReport = field(default_factory=lambda: MatchReport(0, 0, 0, 0, 0, 0, 0, 0))


def preview_match(*, now: datetime, round_: Round) -> MatchReport:
    """What matching would do now; writes nothing."""
    return _work_out(round_, clock.today(now)).report


def match(
    *,
    actor: str,
    now: datetime,
    round_: Round,
    simulated: bool = False,
    partial: bool = False,
    on_phase: Phase | None = None,
) -> MatchReport:
    """Plan the visits of a round. Demands that came late join a visit of the round where a window allows it.

    Refused while draws of the round have no demands yet (their targets could not be joined any more), unless
    `partial`; when nothing waits; and when a window holds no working day from today on.
    """
    if not partial and (open_draws := queries.count_open_draws(round_)):
        raise Refused(
            [
                Reason(
                    "match.draws-open",
                    "%(count)s draws of this round have not given their demands yet; these could not be joined later.",
                    facts={"count": open_draws},
                )
            ]
        )
    work = _work_out(round_, clock.today(now))
    if on_phase:
        on_phase(1)
    _write(actor, now, round_, work, simulated)
    if on_phase:
        on_phase(2)
    return work.report


def _work_out(round_: Round, today: date) -> _Work:
    """Read and compute, without a transaction: `_write` checks that nothing has changed meanwhile."""
    demands = queries.list_demand_facts(round_)
    if not demands:
        raise Refused([Reason("match.nothing", "No demand of this round waits for a visit.")])
    first = max(today, min(demand.window_from for demand in demands))
    last = max(first, *(demand.window_to for demand in demands))
    days = queries.list_working_days(first, last)
    refuse_if(_once(rules.check_windows(demands, days)))
    joining = _joining(round_, demands, first)
    joined = {demand.id for own in joining.values() for demand in own}
    waiting = [demand for demand in demands if demand.id not in joined]
    numbers = {day: number for number, day in enumerate(days)}
    load = {
        (agency, numbers[day]): count
        for agency, day, count in visit_queries.list_load(first, last)
        if day in numbers
    }
    planned = rules.plan_visits(waiting, days, load)
    report = rules.report(planned, queries.get_match_limits(first), joining)
    return _Work(demands, planned, joining, report)


def _once(reasons: Sequence[Reason]) -> list[Reason]:
    """Each sentence once: an entry with a bad window has many demands."""
    return list({str(reason): reason for reason in reasons}.values())


def _joining(round_: Round, demands: Sequence[DemandFacts], first: date) -> dict[int, list[DemandFacts]]:
    """Demands that a visit planned in this round takes along: the earliest one inside their window."""
    planned: dict[str, list[tuple[date, int]]] = defaultdict(list)
    rows = visit_queries.list_round(round_.code, ContactState.PLANNED).filter(planned_on__gte=first)
    for uscc, day, contact in rows.values_list("enterprise__uscc", "planned_on", "id"):
        if day:
            planned[uscc].append((day, contact))
    joining: dict[int, list[DemandFacts]] = defaultdict(list)
    for demand in demands:
        fitting = [
            (day, contact)
            for day, contact in planned.get(demand.uscc, ())
            if demand.window_from <= day <= demand.window_to
        ]
        if fitting:
            joining[min(fitting)[1]].append(demand)
    return dict(joining)


@transaction.atomic
def _write(actor: str, now: datetime, round_: Round, work: _Work, simulated: bool) -> None:
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    locked.state = ROUND_LIFE.after(RoundState(locked.state), "match").value
    waiting = Demand.objects.select_for_update().filter(round=locked, state=DemandState.WAITING.value)
    if list(waiting.order_by("id").values_list("id", flat=True)) != [demand.id for demand in work.demands]:
        raise Refused(
            [Reason("match.changed", "The demands changed while they were being matched; match again.")]
        )
    marked = simulated or locked.simulated
    contacts = visits.plan_contacts(
        actor=actor, now=now, planned=[_planned(visit, locked.code, marked) for visit in work.visits]
    )
    pairs = [
        (demand.id, contact.pk)
        for contact, visit in zip(contacts, work.visits, strict=True)
        for demand in visit.demands
    ]
    if work.joining:
        pairs += _join(actor, now, work.joining)
    _link(pairs)
    _count(locked)
    locked.save()
    body = {
        "demands": work.report.demands,
        "visits_without": work.report.visits_without,
        "visits_with": work.report.visits_with,
        "joined": sum(len(own) for own in work.joining.values()),
    }
    ledger.append(actor=actor, now=now, act="round.matched", subject=f"round:{locked.code}", body=body)


def _planned(visit: VisitPlan, round_code: str, simulated: bool) -> PlannedContact:
    return PlannedContact(
        uscc=visit.uscc,
        lead_agency=visit.lead_agency,
        kind=visit.kind,
        round=round_code,
        window_from=visit.window_from,
        window_to=visit.window_to,
        planned_on=visit.planned_on,
        items=_items(visit.demands),
        simulated=simulated,
    )


def _items(demands: Sequence[DemandFacts]) -> list[PlannedItem]:
    """Each item of an agency once; where two draws ask for it, the lower number is its source."""
    sources: dict[tuple[str, int], str] = {}
    for demand in sorted(demands, key=lambda demand: demand.draw_id):
        sources.setdefault((demand.agency, demand.item_version_id), f"draw:{demand.draw_id}")
    return [PlannedItem(agency, version, source) for (agency, version), source in sorted(sources.items())]


def _join(actor: str, now: datetime, joining: dict[int, list[DemandFacts]]) -> list[tuple[int, int]]:
    contacts = {contact.pk: contact for contact in visit_queries.list_contacts().filter(pk__in=list(joining))}
    rows: list[tuple[Any, list[PlannedItem]]] = [
        (contacts[contact], _items(own)) for contact, own in joining.items()
    ]
    visits.join_contacts(actor=actor, now=now, joining=rows)
    return [(demand.id, contact) for contact, own in joining.items() for demand in own]


def _link(pairs: Sequence[tuple[int, int]]) -> None:
    """Give demands their visits in one statement: a CASE with a branch per row takes seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE planning_demand SET contact_id = new.contact, state = %s "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS new(demand, contact) WHERE planning_demand.id = new.demand",
            [DemandState.MATCHED.value, [pair[0] for pair in pairs], [pair[1] for pair in pairs]],
        )


def _count(round_: Round) -> None:
    """The numbers of all matchings of a round together, from what is written."""
    rows = (
        Demand.objects.filter(round=round_, state=DemandState.MATCHED.value)
        .order_by()
        .values_list(
            "draw_id", "enterprise_id", "agency_id", "contact_id", "contact__planned_on", named=False
        )
        .distinct()
    )
    alone, parts = set(), set()
    days: dict[int, dict[int, date]] = defaultdict(dict)
    for draw_id, enterprise, agency, contact, planned_on in rows:
        alone.add((draw_id, enterprise, agency))
        parts.add((contact, agency))
        if planned_on:
            days[enterprise][contact] = planned_on
    agencies = Counter(contact for contact, _ in parts)
    limits = queries.get_match_limits(min(day for own in days.values() for day in own.values()))
    round_.visits_without = len(alone)
    round_.visits_with = len(agencies)
    round_.units = len(parts)
    round_.joint_visits = sum(count > 1 for count in agencies.values())
    round_.flagged = sum(rules.is_flagged(list(own.values()), limits) for own in days.values())
