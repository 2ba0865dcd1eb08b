"""Reading classes: where enterprises stand, why, and how it changed. All of it is internal.

Lists and counts are narrowed by `accounts.queries.scoped` at the door.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Substr

from yicha.know.credit.models import ClassChange, ClassFlow, ClassRun, Standing
from yicha.know.credit.queries.facts import list_facts
from yicha.know.credit.queries.models import FACT_KINDS, get_document
from yicha.know.credit.rules import explaining
from yicha.know.credit.terms.classes import Cuts, Fact, RunKind, RunState
from yicha.know.credit.terms.explaining import Explanation
from yicha.know.registry import queries as registry


@dataclass(frozen=True, slots=True)
class Share:
    """How many enterprises of a region and an industry division (`C26`; empty: not known) are of a class."""

    region: str
    region_name: str
    industry: str
    letter: str
    count: int


@dataclass(frozen=True, slots=True)
class Flow:
    """How many enterprises a run moved from a class (empty: not classified before) to a class, or left there."""

    from_class: str
    to_class: str
    count: int


def list_standings() -> QuerySet[Standing]:
    """Where everybody stands, by enterprise."""
    return Standing.objects.select_related("enterprise__region", "enterprise__zone", "model", "run").order_by(
        "enterprise__uscc"
    )


def find_standing(uscc: str) -> Standing | None:
    """Where an enterprise stands; None if it was never classified."""
    return list_standings().filter(enterprise__uscc=uscc).first()


def list_changes() -> QuerySet[ClassChange]:
    """Classes that became others, the latest first."""
    return ClassChange.objects.select_related("enterprise__region", "enterprise__zone", "model").order_by(
        "-at", "-id"
    )


def list_runs() -> QuerySet[ClassRun]:
    """Classifications and trials, the latest first."""
    return ClassRun.objects.select_related("model", "snapshot").order_by("-on", "-id")


def find_run(uuid: UUID) -> ClassRun | None:
    """A classification or a trial."""
    return list_runs().filter(uuid=uuid).first()


def find_last_run() -> ClassRun | None:
    """The run that classes rest on: the last that was shown."""
    return (
        list_runs()
        .filter(state=RunState.DONE.value)
        .exclude(kind=RunKind.TRIAL.value)
        .order_by("-id")
        .first()
    )


def cuts_of(run: ClassRun) -> Cuts:
    """The scores where levels began in a run."""
    credit, risk = (tuple(int(cut) for cut in run.cuts[name]) for name in ("credit", "risk"))
    return Cuts((credit[0], credit[1], credit[2]), (risk[0], risk[1], risk[2]))


def list_flows(run: ClassRun) -> QuerySet[ClassFlow]:
    """What a run, or a trial, moved, by region and industry division."""
    return ClassFlow.objects.filter(run=run).select_related("region")


def flows(run: ClassRun, rows: QuerySet[ClassFlow] | None = None) -> list[Flow]:
    """What a run moved from class to class; of `rows`, where they were narrowed."""
    found = (list_flows(run) if rows is None else rows).order_by().values_list("from_class", "to_class")
    return [Flow(*row) for row in found.annotate(n=Sum("count")).order_by("from_class", "to_class")]


def distribution(standings: QuerySet[Standing], *, active_only: bool = True) -> Sequence[Share]:
    """How many enterprises are of which class, by region and industry division."""
    rows = standings.filter(enterprise__status="active") if active_only else standings
    found = (
        rows.order_by()
        .values_list(
            "enterprise__region__code",
            "enterprise__region__name",
            Substr("enterprise__industry", 1, 3),
            "risk_class",
        )
        .annotate(n=Count("pk"))
        .order_by(
            "enterprise__region__code",
            "enterprise__region__name",
            Substr("enterprise__industry", 1, 3),
            "risk_class",
        )
    )
    return [
        Share(region or "", name or "", industry, letter, n) for region, name, industry, letter, n in found
    ]


def explain(uscc: str, on: date) -> Explanation | None:
    """Why an enterprise is of its class on a day, and what would make it better; None before anybody was classified.

    Computed anew from the facts of today's records, with the model and the cuts of the last run.
    """
    run, enterprise = find_last_run(), registry.find_enterprise(uscc)
    if run is None or enterprise is None:
        return None
    subject, facts = list_facts([enterprise.pk], on)[enterprise.pk]
    case = explaining.Case(get_document(run.model), subject, facts, on, cuts_of(run))
    ways = explaining.find_ways(case)
    return Explanation(
        on=on,
        assessment=case.now,
        reasons=explaining.find_reasons(case),
        ways=ways,
        hints=tuple(explaining.say(way, "; ".join(name_fact(fact) for fact in way.facts)) for way in ways),
    )


def name_fact(fact: Fact) -> str:
    """A fact as the reader knows it: what, and of which day."""
    return f"{FACT_KINDS[fact.kind]} {fact.day.isoformat()}"
