"""Classes: everybody on a snapshot and single enterprises at once, with the same answer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger.models import Entry
from yicha.kernel.refusal import Refused
from yicha.know.credit import services
from yicha.know.credit.models import ClassChange, ClassFlow, ClassRun, ClassTouch, RiskModel, Standing
from yicha.know.credit.queries import classes as queries
from yicha.know.credit.queries.models import get_shipped
from yicha.know.credit.services import classing
from yicha.know.credit.services.classing import everybody, touched
from yicha.know.credit.terms import RecordFacts, RecordKind, Severity
from yicha.know.credit.terms.classes import RunKind, RunState
from yicha.know.registry.models import Enterprise

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(cast: Cast) -> RiskModel:
    shipped = get_shipped()
    RiskModel.objects.filter(pk=shipped.pk).update(state="in-force", in_force_from=TODAY)
    shipped.refresh_from_db()
    return shipped


def fact(cast: Cast, number: int = 1, **more: object) -> RecordFacts:
    values: dict[str, object] = {
        "uscc": cast.noodle_shop.uscc,
        "kind": RecordKind.PENALTY,
        "agency": "110112-market",
        "reference": f"〔2026〕{number}号",
        "happened_on": date(2026, 6, 1),
        "effective_from": date(2026, 6, 1),
        "severity": Severity.SERIOUS,
        **more,
    }
    return RecordFacts(**values)  # type: ignore[arg-type]


def classify(kind: RunKind = RunKind.MONTHLY, **more: object) -> ClassRun:
    return classing.classify_all(actor="boss", now=NOW, kind=kind, **more)  # type: ignore[arg-type]


def letters() -> dict[str, str]:
    return dict(Enterprise.objects.values_list("name", "risk_class"))


def test_everybody_is_classified_and_it_is_shown(cast: Cast, model: RiskModel) -> None:
    services.record(actor="clerk", now=NOW, facts=fact(cast))
    run = classify()
    assert (run.state, run.progress, run.counts, run.changed) == (RunState.DONE, 1, {"B": 2, "D": 1}, 1)
    assert letters()[cast.noodle_shop.name] == "D"
    standing = queries.find_standing(cast.noodle_shop.uscc)
    assert standing is not None
    assert (standing.risk_class, standing.red_lines, standing.run) == ("D", ["serious-penalty"], run)
    assert standing.contributions[0] == 240
    change = queries.list_changes().get()
    assert (change.from_class, change.to_class, change.because) == ("B", "D", f"run:{run.uuid}")
    assert [(flow.from_class, flow.to_class, flow.count) for flow in queries.flows(run)] == [
        ("", "B", 2),
        ("", "D", 1),
    ]
    entry = Entry.objects.get(act="credit.classified")
    assert entry.body["results_sha256"] == run.results_sha256
    assert "counts" not in entry.body


def test_a_new_record_is_in_the_class_at_once(cast: Cast, model: RiskModel) -> None:
    classify()
    record = services.record(actor="clerk", now=NOW, facts=fact(cast))
    assert letters()[cast.noodle_shop.name] == "D"
    services.end(actor="clerk", now=NOW, record=record, reason="撤销")
    assert letters()[cast.noodle_shop.name] == "B"
    assert [(row.from_class, row.to_class) for row in queries.list_changes()] == [("D", "B"), ("B", "D")]


def test_before_the_first_run_a_record_changes_no_class(cast: Cast, model: RiskModel) -> None:
    assert classing.reclassify(actor="x", now=NOW, enterprises=[cast.noodle_shop.pk], because="x") == 0
    assert not Standing.objects.exists()


def test_without_a_model_in_force_nobody_is_classified(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        classify()
    assert refused.value.codes == ("class-run.no-model",)


def test_a_trial_shows_nothing_but_its_own_flows(cast: Cast, model: RiskModel) -> None:
    services.record(actor="clerk", now=NOW, facts=fact(cast))
    run = classify(RunKind.TRIAL)
    assert run.counts == {"B": 2, "D": 1}
    assert set(letters().values()) == {"B"}
    assert not Standing.objects.exists() and not ClassChange.objects.exists()
    assert ClassFlow.objects.filter(run=run).exists()
    assert queries.find_last_run() is None


def test_a_run_is_done_once(cast: Cast, model: RiskModel) -> None:
    run = classify()
    with pytest.raises(Refused) as refused:
        classing.run_classification(actor="boss", now=NOW, run=run)
    assert refused.value.codes == ("class-run.state",)


def test_many_are_classified_by_the_statement_and_it_says_the_same(
    cast: Cast, model: RiskModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = classify()
    services.record(
        actor="clerk", now=NOW, facts=fact(cast, amount=Decimal(1_000_000), severity=Severity.GENERAL)
    )
    ids = list(Enterprise.objects.values_list("pk", flat=True))
    few = sorted(touched.assess_some(run, ids, TODAY), key=lambda row: row.enterprise)
    monkeypatch.setattr(touched, "FEW", 0)
    many = sorted(touched.assess_some(run, ids, TODAY), key=lambda row: row.enterprise)
    assert few == many
    assert len(many) == 3


def test_who_is_touched_while_a_run_computes_is_taken_along(
    cast: Cast, model: RiskModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute = everybody.compute

    def slowly(*args: object) -> everybody.Computed:
        found = compute(*args)  # type: ignore[arg-type]
        services.record(actor="clerk", now=NOW, facts=fact(cast))
        assert ClassTouch.objects.count() == 1
        return found

    monkeypatch.setattr(everybody, "compute", slowly)
    run = classify()
    assert run.counts == {"B": 3}, "the snapshot did not know of it"
    assert letters()[cast.noodle_shop.name] == "D"
    assert not ClassTouch.objects.exists()


def test_ageing_is_in_the_class_of_the_next_month(cast: Cast, model: RiskModel) -> None:
    services.record(actor="clerk", now=NOW, facts=fact(cast))
    classify()
    later = NOW + timedelta(days=400)
    run = classing.classify_all(actor="boss", now=later, kind=RunKind.MONTHLY)
    assert run.on == TODAY + timedelta(days=400)
    assert letters()[cast.noodle_shop.name] != "D"
