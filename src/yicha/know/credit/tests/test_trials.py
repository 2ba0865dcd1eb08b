"""A model is tried on the current snapshot: who would move, and what it does to visits; nothing else changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.cast import NOW, Cast
from yicha.base.accounts.terms import Role
from yicha.base.lake import services as lake
from yicha.know.catalogue.models import DrawRate, JointList
from yicha.know.credit import services as credit
from yicha.know.credit.models import ClassFlow, ClassRun, RiskModel, Standing
from yicha.know.credit.queries import models as queries
from yicha.know.credit.queries import trials as reading
from yicha.know.credit.services import models as services
from yicha.know.credit.services import trials
from yicha.know.credit.terms import RecordFacts, RecordKind, Severity
from yicha.know.credit.terms.classes import RunState
from yicha.know.credit.terms.trials import Move
from yicha.know.registry.models import Directory, Enterprise

pytestmark = pytest.mark.django_db


def draft(*changes: tuple[str, str]) -> RiskModel:
    """A draft of what is shipped, with these replacements."""
    made = services.draft(actor="coordinator", now=NOW)
    text = made.text
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return services.edit(actor="coordinator", now=NOW, model=made, text=text, seen=made.sha256)


def tried(model: RiskModel) -> ClassRun:
    run = trials.ask_trial(actor="coordinator", now=NOW, model=model)
    return trials.run_trial(actor="yicha", now=NOW, run=run)


def record(
    cast: Cast,
    enterprise: Enterprise,
    kind: RecordKind,
    severity: Severity,
    number: int = 1,
    year: int | None = None,
) -> None:
    facts = RecordFacts(
        uscc=enterprise.uscc,
        kind=kind,
        agency=cast.agency_a.code,
        reference=f"{kind.value}-{enterprise.pk}-{number}",
        happened_on=date(2026, 6, 1),
        effective_from=date(2026, 6, 1),
        severity=severity,
        year=year,
    )
    credit.record(actor="planner", now=NOW, facts=facts)


def file_reports(cast: Cast, *enterprises: Enterprise) -> None:
    for enterprise in enterprises:
        for year in (2024, 2025):
            record(cast, enterprise, RecordKind.ANNUAL_REPORT, Severity.NONE, year, year)


@pytest.fixture
def scene(cast: Cast) -> Cast:
    """All file their reports; the noodle shop has a serious penalty. Restaurants and factories have a joint list."""
    file_reports(cast, cast.noodle_shop, cast.paint_factory, cast.chip_maker)
    record(cast, cast.noodle_shop, RecordKind.PENALTY, Severity.SERIOUS)
    food = Directory.objects.create(
        code="food", name="餐饮", mode="rule", rule={"industries": ["H62"], "classes": ["C", "D"]}
    )
    works = Directory.objects.create(code="works", name="工厂", mode="hand", rule={})
    works.members.add(cast.paint_factory, cast.chip_maker)
    for code, directory in (("food", food), ("works", works)):
        JointList.objects.create(
            code=code, name=directory.name, lead_kind=cast.agency_a.kind, directory=directory
        )
    DrawRate.objects.all().delete()
    for letter, rate in (("A", "0.01"), ("B", "0.1"), ("C", "0.3"), ("D", "1")):
        DrawRate.objects.create(
            risk_class=letter, rate=Decimal(rate), in_force_from=date(2026, 1, 1), source="试验"
        )
    return cast


def test_a_trial_finds_who_moves_and_changes_no_class(scene: Cast) -> None:
    before = dict(Enterprise.objects.values_list("pk", "risk_class"))
    run = tried(draft())
    assert (run.state, run.kind) == (RunState.DONE, "trial")
    moves = {move.enterprise: move.to_class for move in reading.list_moves(run)}
    assert moves[scene.noodle_shop.pk] == "D"
    assert moves[scene.chip_maker.pk] == "A"
    assert dict(Enterprise.objects.values_list("pk", "risk_class")) == before
    assert not Standing.objects.exists()
    assert queries.find_model_in_force() is None
    assert sum(ClassFlow.objects.filter(run=run).values_list("count", flat=True)) == 3


def test_the_moves_are_narrowed_by_classes_region_and_industry(scene: Cast) -> None:
    run = tried(draft())
    everybody = reading.list_moves(run)
    was = {move.enterprise: move.from_class for move in everybody}
    shop = Move(scene.noodle_shop.pk, was[scene.noodle_shop.pk], "D")
    assert reading.list_moves(run, to_class="D") == [shop]
    assert reading.list_moves(run, industry="H62") == [shop]
    assert reading.list_moves(run, regions=[scene.noodle_shop.region_id or 0]) == [shop]
    assert reading.list_moves(run, regions=[]) == []
    assert reading.list_moves(run, offset=1, limit=1) == everybody[1:2]
    assert reading.list_moves(run, industry="' OR 1=1 --", to_class="'") == everybody


def test_the_effect_on_visits_follows_directories_rates_and_moves(scene: Cast) -> None:
    found = {
        (one.joint_list, one.region, one.letter): (one.before, one.after)
        for one in reading.list_effects(tried(draft()))
    }
    assert found == {
        ("food", "110112", "D"): (0, 1),  # the directory asks for C and D: the shop joins it
        ("works", "110115", "B"): (1, 1),
        ("works", "110302", "A"): (0, 1),
        ("works", "110302", "B"): (1, 0),
    }
    effects = reading.list_effects(tried(draft()))
    assert sum(one.visits_before for one in effects) == Decimal("0.2")
    assert sum(one.visits_after for one in effects) == Decimal("1.11")


def test_indicators_that_give_nobody_a_point_are_named(scene: Cast) -> None:
    run = tried(
        draft(
            (
                "    kinds: [penalty]\n    points: {minor: 40",
                "    kinds: [penalty]\n    domains: [markt]\n    points: {minor: 40",
            )
        )
    )
    assert "penalty" in reading.list_silent(run)
    assert "hazardous-trade" not in reading.list_silent(run)


def test_a_trial_of_another_text_does_not_speak_for_this_one(scene: Cast) -> None:
    made = draft()
    run = tried(made)
    assert queries.find_last_trial(made) == run
    changed = services.edit(actor="c", now=NOW, model=made, text=made.text + "# 又改\n", seen=made.sha256)
    assert queries.find_last_trial(changed) is None


def test_a_draft_that_was_changed_since_is_tried_as_it_is_now(scene: Cast) -> None:
    made = draft()
    run = trials.ask_trial(actor="coordinator", now=NOW, model=made)
    changed = services.edit(actor="c", now=NOW, model=made, text=made.text + "# 又改\n", seen=made.sha256)
    done = trials.run_trial(actor="yicha", now=NOW, run=ClassRun.objects.get(pk=run.pk))
    assert done.report["sha256"] == changed.sha256
    assert queries.find_last_trial(changed) == done


def test_the_moves_are_gone_with_their_snapshot(scene: Cast) -> None:
    run = tried(draft())
    assert run.snapshot is not None
    run.snapshot = lake.drop(run.snapshot, actor="yicha", now=NOW)
    assert reading.find_moves(run) is None
    assert reading.list_moves(run) == []


def test_a_model_takes_force_and_everybody_has_the_class_that_the_trial_foretold(scene: Cast) -> None:
    made = services.submit(actor="coordinator", now=NOW, model=draft(("serious: 240", "serious: 250")))
    run = tried(made)
    foretold = {move.enterprise: move.to_class for move in reading.list_moves(run)}
    for person, role in (("coordinator", "coordinator"), ("approver", "approver")):
        services.sign(actor=person, now=NOW, model=made, roles=[Role(role)])
    done = services.put_in_force(actor="coordinator", now=NOW, model=made)
    assert done.state == RunState.DONE
    classes = dict(Enterprise.objects.values_list("pk", "risk_class"))
    assert all(classes[pk] == letter for pk, letter in foretold.items())
    assert done.results_sha256 == run.results_sha256
