"""Trying a model on the current snapshot before it takes force: who moves, and what it does to visits.

A trial classifies as every run does and shows nothing: in PostgreSQL only the run itself changes. Its moves are
kept in the lake beside the snapshot.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from yicha.base.lake import services as lake
from yicha.base.lake.terms import Dataset, Engine
from yicha.base.ledger import services as ledger
from yicha.kernel.refusal import Reason, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.credit.models import ClassRun, RiskModel
from yicha.know.credit.queries import models as queries
from yicha.know.credit.rules import model_life
from yicha.know.credit.rules.statement import point_names
from yicha.know.credit.services import classing
from yicha.know.credit.terms.classes import ModelState, RunKind
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import DirectoryMode, EnterpriseStatus

MOVES = (
    "SELECT r.id, e.was, r.risk_class AS becomes, e.region, substr(e.industry, 1, 3) AS industry "
    "FROM results AS r JOIN enterprises AS e ON e.id = r.id WHERE e.active AND e.was <> r.risk_class"
)
"""Who would be of another class."""


@transaction.atomic
def ask_trial(*, actor: str, now: datetime, model: RiskModel) -> ClassRun:
    """Write down a trial of a version's present text, which a worker is to do (`credit.jobs`).

    Refused when the document has faults or the version is over.
    """
    locked = RiskModel.objects.select_for_update().get(pk=model.pk)
    if ModelState(locked.state) not in model_life.TRIED:
        refuse_if([Reason("model.over", "This version is over; try the draft that is to come.")])
    queries.get_document(locked)
    run = classing.begin_run(actor=actor, now=now, kind=RunKind.TRIAL, model=locked)
    run.report = {"sha256": locked.sha256}
    run.save(update_fields=["report"])
    ledger.append(
        actor=actor,
        now=now,
        act="model.trial-asked",
        subject=f"model:{locked.uuid}",
        body={"run": str(run.uuid), "version": locked.version, "sha256": locked.sha256},
    )
    return run


def run_trial(*, actor: str, now: datetime, run: ClassRun) -> ClassRun:
    """Do a trial that was asked for: classify the snapshot with the candidate, then report.

    A draft whose text was changed since is tried as it is now; the report names the text by its hash. Raises what
    went wrong; the run is then FAILED and says so.
    """

    def report(engine: Engine, results: Dataset, inputs: Mapping[str, Dataset]) -> dict[str, Any]:
        return _report(run, engine, results, inputs["enterprises"])

    return classing.run_classification(actor=actor, now=now, run=run, report=report)


def _report(run: ClassRun, engine: Engine, results: Dataset, enterprises: Dataset) -> dict[str, Any]:
    """Moves, kept beside the snapshot; effects on visits; indicators that gave nobody a point."""
    assert run.snapshot is not None
    model = queries.get_document(run.model)
    inputs = {"results": results, "enterprises": enterprises}
    place = f"{run.snapshot.place}/results/moves-{run.uuid}"
    moves = engine.compute(MOVES, inputs, into=place, by_part=True)
    counts = ", ".join(
        f"CAST(sum(CASE WHEN {name} > 0 THEN 1 ELSE 0 END) AS BIGINT)" for name in point_names(model)
    )
    given = engine.fetch(f"SELECT {counts} FROM results", {"results": results})[0]  # noqa: S608
    return {
        "sha256": run.model.sha256,
        "moves": {"uris": list(moves.uris), "rows": moves.rows, "hashes": list(moves.hashes)},
        "effects": list(_effects(moves, run.on)),
        "silent": [one.code for one, count in zip(model.indicators, given, strict=True) if not count],
    }


def _effects(moves: Dataset, on: date) -> Iterator[list[Any]]:
    """[joint list, region, class, rate, enterprises before, after] of every stratum of every joint list."""
    rates = catalogue.list_rate_facts()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS trial_moves")  # of another trial in a caller's transaction
        cursor.execute("CREATE TEMP TABLE trial_moves (id bigint PRIMARY KEY, becomes text) ON COMMIT DROP")
        lake.copy_back(moves, ("id", "becomes"), "trial_moves", cursor)
        cursor.execute("ANALYZE trial_moves")
        for joint in catalogue.list_joint_lists():
            if joint.directory is None:
                continue
            strata = _count_strata(cursor, joint.directory)
            for region, letter in sorted(strata):
                rate = catalogue.find_rate(
                    rates, joint_list=joint.code, risk_class=letter, region=region, on=on
                )
                share = str(rate.rate) if rate else "0"
                yield [joint.code, region, letter, share, *strata[region, letter]]


def _count_strata(cursor: Any, directory: Any) -> dict[tuple[str, str], list[int]]:
    """Active enterprises of a directory by region and class, before and after the moves.

    Where the directory's rule asks for classes, who comes into one of them joins it, and who leaves them is out.
    """
    classes = set(directory.rule.get("classes", ())) if directory.mode == DirectoryMode.RULE else set()
    members = _members_of_any_class(directory).filter(region__isnull=False).order_by()
    statement, parameters = members.values("pk", "region__code", "risk_class").query.sql_with_params()
    cursor.execute(
        "SELECT m.region, m.was, coalesce(t.becomes, m.was), count(*) FROM ("  # noqa: S608 - Django wrote it
        f"{statement}) AS m (id, region, was) LEFT JOIN trial_moves t ON t.id = m.id GROUP BY 1, 2, 3",
        parameters,
    )
    strata: dict[tuple[str, str], list[int]] = {}
    for region, was, becomes, count in cursor.fetchall():
        for at, letter in enumerate((was, becomes)):
            if not classes or letter in classes:
                strata.setdefault((region, letter), [0, 0])[at] += count
    return strata


def _members_of_any_class(directory: Any) -> Any:
    """The active members of a directory, whatever their class."""
    if directory.mode == DirectoryMode.HAND:
        return registry.list_members(directory).filter(status=EnterpriseStatus.ACTIVE.value)
    wider = copy.copy(directory)
    wider.rule = {part: values for part, values in directory.rule.items() if part != "classes"}
    if not any(wider.rule.values()):
        return registry.list_enterprises().filter(status=EnterpriseStatus.ACTIVE.value)
    return registry.list_members(wider)
