"""Classes as pages show them: counted by region and industry, and their flows from run to run. Internal.

Enterprises are counted by the class that the registry has, which everybody reads; whoever asks hands in the
enterprises that they may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Substr

from yicha.know.credit.models import ClassChange, ClassFlow, ClassRun
from yicha.know.credit.queries.classes import list_runs
from yicha.know.credit.terms.classes import RunKind, RunState

LETTERS = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many enterprises of a region or an industry are of each class; `key` is empty where it is not known."""

    key: str
    name: str
    counts: tuple[int, int, int, int]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class StageFlow:
    """How many a run (the `stage`-th of some) moved from a class (empty: not classified before) to a class."""

    stage: int
    from_class: str
    to_class: str
    count: int


def count_classes(enterprises: QuerySet[Any]) -> Counted:
    """How many enterprises there are of each class."""
    rows = enterprises.order_by().values_list("risk_class").annotate(n=Count("pk"))
    return _gather((("", "", letter, n) for letter, n in rows), always=True)[0]


def count_by_region(enterprises: QuerySet[Any]) -> list[Counted]:
    """By region, in the order of codes; who has none stands first."""
    rows = enterprises.order_by().values_list("region__code", "region__name", "risk_class")
    return _gather(
        (code or "", name or "", letter, n) for code, name, letter, n in rows.annotate(n=Count("pk"))
    )


def count_by_industry(enterprises: QuerySet[Any], section: str = "") -> list[Counted]:
    """By section of GB/T 4754 (`C`), or by division (`C26`) within one section."""
    part = Substr("industry", 1, 3 if section else 1)
    rows = enterprises.filter(industry__startswith=section) if section else enterprises
    found = rows.order_by().annotate(part=part).values_list("part", "risk_class").annotate(n=Count("pk"))
    return _gather((code, code, letter, n) for code, letter, n in found)


def count_unclassified(enterprises: QuerySet[Any]) -> int:
    """How many have no standing: their class is what the registry's file said, or B."""
    return enterprises.order_by().filter(standing=None).count()


def list_shown_runs() -> QuerySet[ClassRun]:
    """Runs whose classes were shown, the latest first."""
    done = list_runs().filter(state=RunState.DONE.value).exclude(kind=RunKind.TRIAL.value)
    return done.order_by("-id")


def find_running() -> ClassRun | None:
    """A classification that waits for a worker or is at work."""
    open_states = [RunState.QUEUED.value, RunState.RUNNING.value]
    return list_runs().filter(state__in=open_states).exclude(kind=RunKind.TRIAL.value).first()


def list_stage_flows(
    runs: Sequence[ClassRun], regions: Collection[str] | None = None, section: str = ""
) -> list[StageFlow]:
    """What each of some runs moved; of some regions (None: all, and where none is known), of a section."""
    rows = ClassFlow.objects.filter(run__in=[run.pk for run in runs])
    if regions is not None:
        rows = rows.filter(region__code__in=list(regions))
    if section:
        rows = rows.filter(industry__startswith=section)
    stage = {run.pk: number for number, run in enumerate(runs)}
    summed = rows.order_by().values_list("run_id", "from_class", "to_class").annotate(n=Sum("count"))
    found = [StageFlow(stage[run], before, after, n) for run, before, after, n in summed]
    return sorted(found, key=lambda one: (one.stage, one.from_class, one.to_class))


def of_run(changes: QuerySet[ClassChange], run: ClassRun) -> QuerySet[ClassChange]:
    """The changes that a run made."""
    return changes.filter(because=f"run:{run.uuid}")


def _gather(rows: Iterable[tuple[str, str, str, int]], *, always: bool = False) -> list[Counted]:
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(LETTERS, 0))
    if always:
        counts["", ""]
    for key, name, letter, n in rows:
        counts[key, name][letter] += n
    return [
        Counted(key, name, (found["A"], found["B"], found["C"], found["D"]))
        for (key, name), found in sorted(counts.items())
    ]
