"""Classes: everybody on a snapshot and single enterprises at once, with the same answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger.models import Entry
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.credit import jobs, services
from yicha.know.credit.models import ClassChange, ClassFlow, ClassRun, ClassTouch, RiskModel, Standing
from yicha.know.credit.queries import classes as queries
from yicha.know.credit.queries.models import get_shipped
from yicha.know.credit.services import classing
from yicha.know.credit.services.classing import everybody, touched
from yicha.know.credit.terms import RecordFacts, RecordKind, Severity
from yicha.know.credit.terms.classes import RunKind, RunState
from yicha.know.credit.terms.explaining import WayKind
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


def test_a_run_whose_process_died_is_marked_by_the_next(cast: Cast, model: RiskModel) -> None:
    dead = classing.begin_run(actor="boss", now=NOW, kind=RunKind.MONTHLY)
    ClassRun.objects.filter(pk=dead.pk).update(state=RunState.RUNNING.value)
    classify()
    dead.refresh_from_db()
    assert dead.state == RunState.FAILED
    assert dead.failure == "The process that computed it ended."


@pytest.mark.django_db(transaction=True)
def test_a_run_that_fails_says_why_and_shows_nothing(
    cast: Cast, model: RiskModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **more: object) -> int:
        raise RuntimeError("the disk is full")

    services.record(actor="clerk", now=NOW, facts=fact(cast))
    monkeypatch.setattr(touched, "take_along", fail)
    with pytest.raises(RuntimeError):
        classify()
    run = ClassRun.objects.get()
    assert (run.state, run.failure) == (RunState.FAILED, "RuntimeError: the disk is full")
    assert set(letters().values()) == {"B"}
    assert not Standing.objects.exists() and not ClassChange.objects.exists()
    monkeypatch.undo()
    assert classify().counts == {"B": 2, "D": 1}


def test_who_was_left_over_is_classified_by_the_next_hour(cast: Cast, model: RiskModel) -> None:
    run = classify()
    services.record(actor="clerk", now=NOW, facts=fact(cast))
    Enterprise.objects.filter(pk=cast.noodle_shop.pk).update(risk_class="A")
    ClassTouch.objects.create(run=run, enterprise=cast.noodle_shop)
    assert classing.settle(actor="yicha", now=NOW) == 1
    assert letters()[cast.noodle_shop.name] == "D"
    assert not ClassTouch.objects.exists()


def test_levels_at_shares_keep_their_cuts_for_single_enterprises(cast: Cast, model: RiskModel) -> None:
    shares = "credit: {by: quantile, cuts: [500, 700, 900]}"
    text = model.text.replace("credit: {by: score, cuts: [30, 120, 300]}", shares)
    RiskModel.objects.filter(pk=model.pk).update(text=text)
    services.record(actor="clerk", now=NOW, facts=fact(cast, severity=Severity.MINOR))
    run = classify()
    standing = queries.find_standing(cast.noodle_shop.uscc)
    assert standing is not None and standing.credit_level > 1
    assert run.cuts["risk"] == [50, 120, 240]
    before = list(Standing.objects.order_by("pk").values_list("general", "credit_level", "risk_class"))
    ids = list(Enterprise.objects.values_list("pk", flat=True))
    assert classing.reclassify(actor="x", now=NOW, enterprises=ids, because="x") == 0
    assert (
        list(Standing.objects.order_by("pk").values_list("general", "credit_level", "risk_class")) == before
    )


def test_who_is_closed_has_a_class_and_is_not_counted(cast: Cast, model: RiskModel) -> None:
    Enterprise.objects.filter(pk=cast.noodle_shop.pk).update(status="cancelled")
    services.record(actor="clerk", now=NOW, facts=fact(cast))
    run = classify()
    assert run.counts == {"B": 2}
    assert letters()[cast.noodle_shop.name] == "D"


def test_a_class_explains_itself(cast: Cast, model: RiskModel) -> None:
    assert queries.explain(cast.noodle_shop.uscc, TODAY) is None
    services.record(actor="clerk", now=NOW, facts=fact(cast))
    classify()
    found = queries.explain(cast.noodle_shop.uscc, TODAY)
    assert found is not None
    assert found.assessment.letter == "D"
    assert str(found.reasons[0]) == "“近一年内受到严重行政处罚” is a red line: it leads straight to class D."
    assert [way.kind for way in found.ways] == [WayKind.ENDING, WayKind.AGEING]
    assert "2026-06-01" in str(found.hints[0])


def test_a_worker_does_a_run_that_waits_and_no_other(cast: Cast, model: RiskModel) -> None:
    run = classing.begin_run(actor="boss", now=NOW, kind=RunKind.ASKED)
    jobs.do_run(uuid=str(run.uuid), actor="boss")
    run.refresh_from_db()
    assert run.state == RunState.DONE
    ended = run.ended_at
    jobs.do_run(uuid=str(run.uuid), actor="boss")
    run.refresh_from_db()
    assert run.ended_at == ended


def test_everybody_is_classified_once_a_month_as_soon_as_a_model_is_in_force(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job looks every night, so that a month whose first night was missed is made up for."""

    def night(month: int, day: int) -> int:
        at = datetime(2026, month, day, 1, 30, tzinfo=clock.BEIJING)
        monkeypatch.setattr(clock, "now", lambda: at)
        jobs.classify_monthly(timestamp=0)
        return ClassRun.objects.filter(kind=RunKind.MONTHLY, state=RunState.DONE).count()

    assert night(7, 1) == 0
    RiskModel.objects.filter(pk=get_shipped().pk).update(state="in-force", in_force_from=TODAY)
    assert [night(7, 2), night(7, 3), night(7, 31)] == [1, 1, 1]
    assert [night(8, 1), night(8, 2)] == [2, 2]
    assert [night(9, 5), night(9, 6)] == [3, 3], "nobody worked on the first four nights of September"


def test_a_monthly_classification_that_failed_is_made_up_for_in_the_next_night(
    cast: Cast, model: RiskModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> object:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(everybody, "compute", fails)
        with pytest.raises(OSError, match="disk"):
            jobs.classify_monthly(timestamp=0)
    jobs.classify_monthly(timestamp=0)
    assert list(ClassRun.objects.order_by("pk").values_list("kind", "state")).count(("monthly", "done")) == 1
