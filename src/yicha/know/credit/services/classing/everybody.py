"""Classifying everybody: a snapshot, the engine, cuts, and what is shown of it, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from yicha.base.lake import queries as lakes
from yicha.base.lake import services as lake
from yicha.base.lake.terms import Dataset, Engine
from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused
from yicha.know.credit.models import ClassFlow, ClassRun, RiskModel
from yicha.know.credit.queries.facts import KEYS_SQL, TABLES, list_domains
from yicha.know.credit.queries.models import find_model_in_force, get_document
from yicha.know.credit.rules import scoring
from yicha.know.credit.rules.runs import RUN_LIFE
from yicha.know.credit.rules.statement import FLOWS, MOST_FACTS, Compiled, compile_model
from yicha.know.credit.services.classing import showing, touched, turns
from yicha.know.credit.terms.classes import Cuts, RunKind, RunState
from yicha.know.credit.terms.model import Model

_HISTOGRAM = "SELECT general, specific, CAST(sum(n) AS BIGINT) AS n FROM histogram GROUP BY general, specific"
_FLOWS = (
    "SELECT region, industry, was, risk_class, CAST(sum(n) AS BIGINT) AS n FROM flows "
    "GROUP BY region, industry, was, risk_class ORDER BY region, industry, was, risk_class"
)
Flow = tuple[int | None, str, str, str, int]
"""Region, industry division, from, to, how many."""
Report = Callable[[Engine, Dataset, Mapping[str, Dataset]], dict[str, Any]]
"""What a trial finds in the results, computed while the engine is open; it becomes the run's report."""


def classify_all(*, actor: str, now: datetime, kind: RunKind, model: RiskModel | None = None) -> ClassRun:
    """Classify every enterprise by `model` (None: the one in force), and show it; a trial shows nothing.

    Waits while another classification runs. Refused when no model is given and none is in force. Raises what went
    wrong; the run is then FAILED and says so.
    """
    run = begin_run(actor=actor, now=now, kind=kind, model=model)
    return run_classification(actor=actor, now=now, run=run)


def begin_run(*, actor: str, now: datetime, kind: RunKind, model: RiskModel | None = None) -> ClassRun:
    """Write down a run that a worker is to do (`credit.jobs.start_run`). Refused as `classify_all` is."""
    chosen = model or find_model_in_force()
    if chosen is None:
        raise Refused(
            [Reason("class-run.no-model", "No model of classes is in force: put one in force first.")]
        )
    return ClassRun.objects.create(
        kind=kind.value,
        model=chosen,
        on=clock.today(now),
        state=RunState.QUEUED.value,
        asked_at=now,
        asked_by=actor,
    )


def run_classification(*, actor: str, now: datetime, run: ClassRun, report: Report | None = None) -> ClassRun:
    """Do a run that was begun; refused when it was done already.

    Until its last transaction nothing of it is seen but its progress: one that is killed changes nothing, and the
    next one marks it as failed. Whom something touches meanwhile is classified anew before it ends, or right after.
    """
    with turns.alone():
        _bury(now, run)
        _step(run, "start", on=clock.today(now))
        try:
            _classify(actor, now, run, report)
        except BaseException as error:
            if not connection.in_atomic_block:  # else the caller's transaction takes it all back
                run.refresh_from_db(fields=["state"])
                _step(run, "fail", failure=f"{type(error).__name__}: {error}"[:500], ended_at=now)
            raise
    if run.kind != RunKind.TRIAL:
        touched.settle(actor=actor, now=now)
    return run


def _bury(now: datetime, run: ClassRun) -> None:
    """Nobody else is classifying: whatever says it runs was killed."""
    for dead in ClassRun.objects.filter(state=RunState.RUNNING.value).exclude(pk=run.pk):
        _step(dead, "fail", failure="The process that computed it ended.", ended_at=now)


def _step(run: ClassRun, act: str, **more: object) -> None:
    run.state = RUN_LIFE.after(RunState(run.state), act).value
    for name, value in more.items():
        setattr(run, name, value)
    run.save(update_fields=["state", *more])


def _tell(run: ClassRun, progress: float) -> None:
    run.progress = progress
    run.save(update_fields=["progress"])


def _classify(actor: str, now: datetime, run: ClassRun, report: Report | None) -> None:
    document = get_document(run.model)
    if run.kind != RunKind.TRIAL:
        turns.wait_for_touching()
    snapshot = lake.take(
        actor=actor, now=now, name="classes", tables=TABLES, keys=KEYS_SQL, parameters={"on": run.on}
    )
    run.snapshot = snapshot
    run.save(update_fields=["snapshot"])
    _tell(run, 0.3)
    place = (
        f"{snapshot.place}/class-run-{run.uuid}"  # with the snapshot: what it rests on and what came of it
    )
    with lake.open_engine() as engine:
        inputs = {table.name: lakes.get_dataset(snapshot, table.name) for table in TABLES}
        computed = compute(engine, document, run.on, inputs, place)
        if report is not None:
            run.report = report(engine, computed.results, inputs)
    _tell(run, 0.6)
    run.engine = engine.name
    run.results, run.results_sha256 = f"{place}/results", lake.digest(computed.results, ["id"])
    run.cuts = {"credit": list(computed.cuts.credit), "risk": list(computed.cuts.risk)}
    run.counts = _counts(computed.flows)
    _tell(run, 0.7)
    with transaction.atomic():
        _write(actor, now, run, document, computed)


@dataclass(frozen=True, slots=True)
class Computed:
    """What the engine found: everybody's results, the cuts, and what moved."""

    results: Dataset
    cuts: Cuts
    flows: list[Flow]


def compute(engine: Engine, document: Model, on: date, inputs: dict[str, Dataset], place: str) -> Computed:
    """Classify a snapshot, into a folder of the lake: the same on every engine."""
    most = engine.fetch(MOST_FACTS, {"facts": inputs["facts"]})[0][0]
    compiled = compile_model(document, on, int(str(most or 0)), list_domains())
    cuts = _find_cuts(engine, compiled, inputs, place)
    results = engine.compute(
        compiled.results(cuts), inputs, compiled.small, into=f"{place}/results", by_part=True
    )
    moved = engine.compute(
        FLOWS,
        {"results": results, "enterprises": inputs["enterprises"]},
        into=f"{place}/flows",
        by_part=True,
    )
    return Computed(results, cuts, [_flow(row) for row in engine.fetch(_FLOWS, {"flows": moved})])


def _find_cuts(engine: Engine, compiled: Compiled, inputs: dict[str, Dataset], place: str) -> Cuts:
    if not scoring.needs_histogram(compiled.model):
        return scoring.find_cuts(compiled.model)
    counted = engine.compute(
        compiled.histogram, inputs, compiled.small, into=f"{place}/histogram", by_part=True
    )
    general: Counter[int] = Counter()
    specific: Counter[int] = Counter()
    for row in engine.fetch(_HISTOGRAM, {"histogram": counted}):
        first, second, count = (int(str(value)) for value in row)
        general[first] += count
        specific[second] += count
    return scoring.find_cuts(compiled.model, general, specific)


def _flow(row: Sequence[object]) -> Flow:
    region, industry, was, letter, count = row
    place = None if region is None else int(str(region))
    return place, str(industry or ""), str(was), str(letter), int(str(count))


def _counts(flows: Sequence[Flow]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for _, _, _, letter, count in flows:
        counts[letter] += count
    return dict(sorted(counts.items()))


def _write(actor: str, now: datetime, run: ClassRun, document: Model, computed: Computed) -> None:
    """All that others see of a run, at once."""
    trial = run.kind == RunKind.TRIAL
    waiting = [] if trial else touched.list_waiting(run)
    if not trial:
        run.changed = showing.show_all(actor, now, run, document, computed.results, waiting)
    ClassFlow.objects.bulk_create(
        [
            ClassFlow(
                run=run, region_id=region, industry=industry, from_class=was, to_class=letter, count=count
            )
            for region, industry, was, letter, count in computed.flows
        ],
        batch_size=5000,
    )
    if not trial:
        run.changed += touched.take_along(actor=actor, now=now, run=run, ids=waiting)
    run.progress, run.ended_at = 1, now
    run.state = RUN_LIFE.after(RunState(run.state), "finish").value
    run.save()
    assert run.snapshot is not None
    body: JSON = {
        "model": str(run.model.uuid),
        "version": run.model.version,
        "model_sha256": run.model.sha256,
        "snapshot": str(run.snapshot.uuid),
        "manifest_sha256": run.snapshot.manifest_sha256,
        "results_sha256": run.results_sha256,
        "changed": run.changed,
    }
    act = "credit.tried" if trial else "credit.classified"
    ledger.append(actor=actor, now=now, act=act, subject=f"class-run:{run.uuid}", body=body)
