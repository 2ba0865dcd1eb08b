"""Screening: the demands of a round as applications at the gate, and what its verdicts make of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from yicha.decide.gate.terms import Application, Bars, Outcome, Verdict
from yicha.decide.planning.terms import (
    Asked,
    DemandFacts,
    DemandState,
    Fate,
    Origin,
    ScreenReport,
    VisitPlan,
)
from yicha.kernel.transitions import Transitions
from yicha.know.visits.terms import ContactKind

DEMAND_LIFE: Transitions[DemandState] = Transitions(
    "demand",
    {
        "match": (frozenset({DemandState.WAITING}), DemandState.MATCHED),
        "spare": (frozenset({DemandState.WAITING}), DemandState.SPARED),
        "defer": (frozenset({DemandState.WAITING}), DemandState.DEFERRED),
        "refuse": (frozenset({DemandState.WAITING}), DemandState.REFUSED),
        "return": (frozenset({DemandState.DEFERRED, DemandState.REFUSED}), DemandState.WAITING),
        "reopen": (frozenset({DemandState.SPARED}), DemandState.WAITING),
        "give-back": (frozenset({DemandState.MATCHED}), DemandState.WAITING),
        "move-off-site": (frozenset({DemandState.MATCHED}), DemandState.SPARED),
        "withdraw": (frozenset(DemandState) - {DemandState.WITHDRAWN}, DemandState.WITHDRAWN),
    },
)

_ACTS = {
    Outcome.RECOGNISE: "spare",
    Outcome.OFFSITE: "spare",
    Outcome.DEFER: "defer",
    Outcome.REFUSE: "refuse",
}
"""What a verdict does to a demand; allowed and joinable ones go on to matching."""


def state_after(outcome: Outcome) -> DemandState:
    """The state of a waiting demand after the gate has answered for its item."""
    act = _ACTS.get(outcome)
    return DEMAND_LIFE.after(DemandState.WAITING, act) if act else DemandState.WAITING


def kind_of(origin: Origin) -> ContactKind:
    """What kind of visit asks for a check that no plan has: what an earlier one left is the case of that enterprise."""
    return ContactKind.DAILY if origin in (Origin.DRAW, Origin.STATUTORY) else ContactKind.CASE


def trigger_of(origins: Iterable[Origin]) -> Origin:
    """Why a visit takes place whose checks several ask for: the draw before the law, what was left behind last."""
    asking = set(origins)
    return next(origin for origin in Origin if origin in asking)


def group(demands: Iterable[DemandFacts], today: date) -> list[Asked]:
    """One application per enterprise, agency, kind, window, method and origin.

    A window that has begun is asked for from today on.
    """
    found: dict[tuple[str, str, str, date, date, str, str], list[DemandFacts]] = defaultdict(list)
    for demand in demands:
        first = min(max(today, demand.window_from), demand.window_to)
        key = demand.uscc, demand.agency, demand.kind, first, demand.window_to, demand.method, demand.origin
        found[key].append(demand)
    return [
        Asked(*key[:2], own[0].kind, *key[3:5], tuple(own), key[5], own[0].origin)
        for key, own in found.items()
    ]


def is_mixed(verdict: Verdict, outcome: Outcome) -> bool:
    """Whether an item that is not refused was held back, or may have been, by another one of its application."""
    barred = verdict.outcome in (Outcome.DEFER, Outcome.REFUSE)
    return barred and outcome is not Outcome.REFUSE and len({item.outcome for item in verdict.items}) > 1


def each_alone(demands: Iterable[tuple[Asked, DemandFacts]]) -> list[Asked]:
    """One application per item."""
    found: dict[tuple[Asked, str], list[DemandFacts]] = defaultdict(list)
    for asked, demand in demands:
        found[asked, demand.item].append(demand)
    return [replace(asked, demands=tuple(own)) for (asked, _item), own in found.items()]


def application(asked: Asked) -> Application:
    """What the gate is asked. The officers are drawn later; the approval (司法部问题解答) of what was drawn is that of
    the published plan, and for all others comes before the visit is sent out.
    """
    return Application(
        agency=asked.agency,
        uscc=asked.uscc,
        items=tuple(dict.fromkeys(demand.item for demand in asked.demands)),
        kind=asked.kind,
        trigger=asked.origin.value,
        from_on=asked.window_from,
        until_on=asked.window_to,
        evidence=min(demand.draw_id for demand in asked.demands),
        approved_by=asked.demands[0].approved_by,
        planned=True,
        method=asked.method,
    )


def open_from(verdict: Verdict, item: str) -> date | None:
    """The first day on which an item that was deferred is open again: when the last ground against it has passed."""
    days = [
        ground.until
        for ground in verdict.grounds
        if ground.bars is not Bars.NOTHING and ground.item in ("", item) and ground.until
    ]
    return max(days, default=verdict.until)


def fate_of(state: str, outcome: str, is_joint: bool) -> Fate:
    """What became of a demand that was not withdrawn; `is_joint`: another agency takes part in its visit."""
    if state == DemandState.MATCHED:
        return Fate.MERGED if is_joint else Fate.ALLOWED
    if state == DemandState.SPARED:
        return Fate.OFFSITE if outcome == Outcome.OFFSITE else Fate.RECOGNISED
    return _FATES.get(state, Fate.WAITING)


_FATES: dict[str, Fate] = {
    DemandState.DEFERRED: Fate.DEFERRED,
    DemandState.REFUSED: Fate.REFUSED,
    DemandState.WAITING: Fate.WAITING,
}


def count(outcomes: Sequence[Outcome]) -> ScreenReport:
    """What became of demands, by the outcome of each."""
    return ScreenReport(
        demands=len(outcomes),
        recognised=outcomes.count(Outcome.RECOGNISE),
        offsite=outcomes.count(Outcome.OFFSITE),
        deferred=outcomes.count(Outcome.DEFER),
        refused=outcomes.count(Outcome.REFUSE),
    )


def narrow(demand: DemandFacts, from_on: date | None) -> DemandFacts:
    """A demand that the gate lets through from a day on: earlier days of its window are closed to it."""
    if from_on is None or not demand.window_from < from_on <= demand.window_to:
        return demand
    return replace(demand, window_from=from_on)


def first_of_each(visits: Iterable[VisitPlan]) -> list[VisitPlan]:
    """Of every enterprise the visit with most checks, the earliest among equals.

    Its others are planned when the gate has been asked again with this one planned: the budget of the year, the days
    between visits and everything else that one visit changes for the next hold for planning too.
    """
    best: dict[str, VisitPlan] = {}
    for visit in visits:
        known = best.get(visit.uscc)
        if known is None or (-len(visit.demands), visit.planned_on) < (-len(known.demands), known.planned_on):
            best[visit.uscc] = visit
    return sorted(best.values(), key=lambda visit: (visit.planned_on, visit.uscc))
