"""Matching a round: its demands become planned visits, as few as can be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from yicha.base.ledger import services as ledger
from yicha.decide.gate import services as gate
from yicha.decide.planning import queries
from yicha.decide.planning.models import Demand, Round
from yicha.decide.planning.rules import matching as rules
from yicha.decide.planning.rules import screening as screening_rules
from yicha.decide.planning.rules.due import source_of
from yicha.decide.planning.rules.plans import ROUND_LIFE
from yicha.decide.planning.services import screening
from yicha.decide.planning.services.screening import Answer
from yicha.decide.planning.terms import (
    DemandFacts,
    DemandState,
    MatchReport,
    RoundState,
    ScreenReport,
    VisitPlan,
)
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.visits import queries as visit_queries
from yicha.know.visits import services as visits
from yicha.know.visits.terms import PlannedContact, PlannedItem

Phase = Callable[[int], None]
PHASES = 3
"""The gate and the first visits, the further visits, done: what a progress bar may count."""


@dataclass(slots=True)
class _Work:
    """What a matching would write: visits to plan, and demands that join visits planned before."""

    answers: list[Answer]
    visits: list[VisitPlan] = field(default_factory=list)
    joining: dict[int, list[DemandFacts]] = field(default_factory=dict)

    @property
    def counting(self) -> set[int]:
        """Demands (ids) whose visit uses the enterprise's budget, as the gate says."""
        return {answer.demand.id for answer in self.answers if answer.verdict.counts_toward_cap}


def preview_match(*, now: datetime, round_: Round) -> MatchReport:
    """What matching would do now, if the gate said of every visit what it says of the first; writes nothing."""
    work = _work_out(queries.list_demand_facts(round_), now)
    return _report([work], now)


def match(
    *,
    actor: str,
    now: datetime,
    round_: Round,
    simulated: bool = False,
    partial: bool = False,
    on_phase: Phase | None = None,
) -> MatchReport:
    """Plan the visits of a round, after the gate has answered for every demand.

    Demands join a visit that is planned inside their window. Of the rest every enterprise gets the least possible
    number of visits, one at a time: with each one planned the gate is asked again for what is left, so that budget,
    rest and quiet days hold for every visit. Every step is a transaction of its own.

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
    if not queries.list_waiting_demands(round_).exists():
        raise Refused([Reason("match.nothing", "No demand of this round waits for a visit.")])
    steps = [_step(actor, now, round_, simulated)]
    if on_phase:
        on_phase(1)
    while _went_on(steps[-1]) and queries.list_waiting_demands(round_).exists():
        steps.append(_step(actor, now, round_, simulated))
    if on_phase:
        on_phase(2)
    return _report(steps, now)


def _went_on(work: _Work) -> bool:
    """Whether a step planned anything: if not, what is left waits for better days."""
    return bool(work.visits or work.joining)


def _step(actor: str, now: datetime, round_: Round, simulated: bool) -> _Work:
    """Ask the gate for all that waits, and plan one visit at most of every enterprise, while nobody applies."""
    return gate.in_turn(None, lambda: _plan(actor, now, round_, simulated))


def _plan(actor: str, now: datetime, round_: Round, simulated: bool) -> _Work:
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    state = ROUND_LIFE.after(RoundState(locked.state), "match").value
    screening.return_deferred(actor, now, locked)
    demands = screening.lock_waiting(locked)
    gate.take_turns(queries.list_waiting_demands(locked).values_list("enterprise_id", flat=True))
    work = _work_out(demands, now)
    work.visits = screening_rules.first_of_each(work.visits)
    marked, counting = simulated or locked.simulated, work.counting
    report = screening.save(actor, now, locked, work.answers, simulated=marked)
    contacts = visits.plan_contacts(
        actor=actor,
        now=now,
        planned=[_planned(visit, counting, locked.code, marked) for visit in work.visits],
    )
    pairs = [
        (demand.id, contact.pk)
        for contact, visit in zip(contacts, work.visits, strict=True)
        for demand in visit.demands
    ]
    _link(pairs + _join(actor, now, work.joining))
    locked.state = state
    count_visits(locked)
    locked.save()
    body = {
        "demands": len(demands),
        "left": report.left,
        "visits": len(contacts),
        "joined": sum(len(own) for own in work.joining.values()),
    }
    ledger.append(actor=actor, now=now, act="round.matched", subject=f"round:{locked.code}", body=body)
    return work


def _work_out(demands: Sequence[DemandFacts], now: datetime) -> _Work:
    """Ask the gate, and lay the days of what it lets through; writes nothing. All visits, not only the first ones.

    What is too late for its window stops nothing: the gate refuses it by itself.
    """
    if not demands:
        return _Work([])
    first = max(clock.today(now), min(demand.window_from for demand in demands))
    last = max(first, *(demand.window_to for demand in demands))
    days = queries.list_working_days(first, last)
    refuse_if(_once(rules.check_windows((one for one in demands if one.window_to >= first), days)))
    answers = screening.ask(demands, now)
    left = [
        screening_rules.narrow(answer.demand, answer.verdict.on)
        for answer in answers
        if screening_rules.state_after(answer.outcome) is DemandState.WAITING
    ]
    joining = _joining(answers, left, first)
    joined = {demand.id for own in joining.values() for demand in own}
    waiting = [demand for demand in left if demand.id not in joined]
    load = {(agency, day): count for agency, day, count in visit_queries.list_load(first, last)}
    own_days = queries.list_own_days({demand.uscc for demand in waiting}, days)
    return _Work(answers, rules.plan_visits(waiting, days, load, own_days), joining)


def _report(steps: Sequence[_Work], now: datetime) -> MatchReport:
    """The numbers of all steps together."""
    planned = [visit for work in steps for visit in work.visits]
    joining: dict[int, list[DemandFacts]] = defaultdict(list)
    for work in steps:
        for contact, own in work.joining.items():
            joining[contact] += own
    day = min((visit.planned_on for visit in planned), default=clock.today(now))
    screened = [screening_rules.count([answer.outcome for answer in work.answers]) for work in steps]
    report = rules.report(planned, queries.get_match_limits(day), joining)
    return replace(report, screen=sum(screened, ScreenReport()))


def _once(reasons: Sequence[Reason]) -> list[Reason]:
    """Each sentence once: an entry with a bad window has many demands."""
    return list({str(reason): reason for reason in reasons}.values())


def _joining(
    answers: Sequence[Answer], demands: Sequence[DemandFacts], first: date
) -> dict[int, list[DemandFacts]]:
    """Demands that a planned visit takes along: the one that the gate names, else the earliest inside their window."""
    named = {answer.demand.id: answer.contact for answer in answers if answer.contact}
    planned: dict[str, list[tuple[date, int, str]]] = defaultdict(list)
    usccs = {demand.uscc for demand in demands}
    for uscc, day, contact, uuid in queries.list_planned(usccs, first):
        planned[uscc].append((day, contact, uuid))
    joining: dict[int, list[DemandFacts]] = defaultdict(list)
    for demand in demands:
        fitting = [
            (uuid != named.get(demand.id), day, contact)
            for day, contact, uuid in planned.get(demand.uscc, ())
            if demand.window_from <= day <= demand.window_to
        ]
        if fitting:
            joining[min(fitting)[2]].append(demand)
    return dict(joining)


def _planned(visit: VisitPlan, counting: Collection[int], round_code: str, simulated: bool) -> PlannedContact:
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
        trigger=visit.trigger.value,
        counts_toward_cap=any(demand.id in counting for demand in visit.demands),
    )


def _items(demands: Sequence[DemandFacts]) -> list[PlannedItem]:
    """Each item of an agency once; where two draws ask for it, the lower number is its source."""
    sources: dict[tuple[str, int], str] = {}
    for demand in sorted(demands, key=lambda demand: demand.draw_id):
        source = source_of(demand.origin, demand.draw_id)
        sources.setdefault((demand.agency, demand.item_version_id), source)
    return [PlannedItem(agency, version, source) for (agency, version), source in sorted(sources.items())]


def _join(actor: str, now: datetime, joining: dict[int, list[DemandFacts]]) -> list[tuple[int, int]]:
    if not joining:
        return []
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


def count_visits(round_: Round) -> None:
    """The numbers of all matchings of a round together, from what is written; the caller saves them."""
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
    planned = [day for own in days.values() for day in own.values()]
    limits = queries.get_match_limits(min(planned)) if planned else (0, 0, 0)
    round_.visits_without = len(alone)
    round_.visits_with = len(agencies)
    round_.units = len(parts)
    round_.joint_visits = sum(count > 1 for count in agencies.values())
    round_.flagged = sum(rules.is_flagged(list(own.values()), limits) for own in days.values())
