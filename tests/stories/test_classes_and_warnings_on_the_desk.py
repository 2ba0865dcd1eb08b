"""The desk shows how classes are spread and move, and what was raised: to whom it concerns, and to nobody else."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.cast import NOW, TODAY, Cast, enterprise, person
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.doors.desk.waiting import list_waiting
from yicha.know.credit.models import ClassChange, ClassFlow, ClassRun, CreditWarning, RiskModel
from yicha.know.credit.services import warnings as services
from yicha.know.credit.terms.warnings import Change
from yicha.know.registry.models import Enterprise, EnterpriseLink

ROOT = Path(__file__).resolve().parents[2]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, name: str, *given: Any, **query: str) -> str:
    answer = signed_in(user).get(reverse(f"desk:{name}", args=given), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def turn(who: Enterprise, before: str, after: str, because: str = "run:1") -> CreditWarning:
    """An enterprise that became worse, and the warning of it."""
    Enterprise.objects.filter(pk=who.pk).update(risk_class=after)
    services.raise_warnings(actor="test", now=NOW, changes=[Change(who.pk, before, after, because)])
    return CreditWarning.objects.get(enterprise=who, kind="class-change")


@pytest.fixture
def run(cast: Cast) -> ClassRun:
    """A model in force, and a run that moved the noodle shop from B to C and left the paint factory at B."""
    RiskModel.objects.filter(state="in-force").update(state="superseded")
    model = RiskModel.objects.create(
        code="m",
        version=1,
        title="通用",
        state="in-force",
        in_force_from=TODAY,
        drafted_at=NOW,
        drafted_by="t",
    )
    done = ClassRun.objects.create(
        kind="monthly",
        model=model,
        on=TODAY,
        state="done",
        asked_at=NOW,
        ended_at=NOW,
        counts={"B": 1, "C": 1},
    )
    for who, after in ((cast.noodle_shop, "C"), (cast.paint_factory, "B")):
        ClassFlow.objects.create(
            run=done, region=who.region, industry="H62", from_class="B", to_class=after, count=1
        )
    ClassChange.objects.create(
        enterprise=cast.noodle_shop,
        model=model,
        from_class="B",
        to_class="C",
        on=TODAY,
        at=NOW,
        because=f"run:{done.uuid}",
    )
    Enterprise.objects.filter(pk=cast.noodle_shop.pk).update(risk_class="C")
    return done


def test_without_a_model_the_page_says_what_to_do(cast: Cast) -> None:
    RiskModel.objects.filter(state="in-force").update(state="superseded")
    text = page(cast.coordinator, "classes:spread")
    assert "尚无施行的分类模型" in text
    assert reverse("desk:risk_models:list") in text
    assert reverse("desk:classes:now") not in text
    assert "尚未分类" in page(cast.coordinator, "classes:flows")


def test_figures_lead_to_the_enterprises_that_they_count(cast: Cast, run: ClassRun) -> None:
    text = page(cast.coordinator, "classes:spread")
    link = f"{reverse('desk:enterprises:list')}?status=active&amp;region=110112&amp;risk_class=C"
    assert f'href="{link}">1</a>' in text
    found = signed_in(cast.coordinator).get(link.replace("&amp;", "&")).content.decode()
    assert cast.noodle_shop.name in found
    assert cast.paint_factory.name not in found


def test_an_industry_opens_into_its_divisions(cast: Cast, run: ClassRun) -> None:
    assert "H 住宿和餐饮业" in page(cast.coordinator, "classes:spread")
    assert "H62" in page(cast.coordinator, "classes:spread", section="H")


def test_a_flow_leads_to_the_changes_that_it_counts(cast: Cast, run: ClassRun) -> None:
    text = page(cast.coordinator, "classes:flows")
    link = f"{reverse('desk:classes:changes')}?run={run.uuid}&amp;from_class=B&amp;to_class=C"
    assert link in text
    found = signed_in(cast.coordinator).get(link.replace("&amp;", "&")).content.decode()
    assert cast.noodle_shop.name in found
    assert f"{TODAY} 月度分类" in found


CAUSE = re.compile(r"^.*\b(?:because ?=|subject = ).*$", re.MULTILINE)


def test_whatever_changed_a_class_is_said_in_words(cast: Cast, run: ClassRun) -> None:
    """Every beginning of a cause that the code writes has its words, so that no page shows it raw."""
    files = [path for path in (ROOT / "src/yicha").rglob("*.py") if "tests" not in path.parts]
    callers = [text for path in files if re.search(r"reclassify|Aftermath\(", text := path.read_text())]
    lines = "\n".join(line for text in callers for line in CAUSE.findall(text))
    written = set(re.findall(r'f"(\w+):', lines))
    assert written >= {"credit", "result", "visit", "ending", "import", "run"}
    for cause in sorted(written):
        change = ClassChange.objects.get(enterprise=cast.noodle_shop)
        ClassChange.objects.filter(pk=change.pk).update(because=f"{cause}:x")
        assert f"{cause}:x" not in page(cast.coordinator, "classes:changes"), cause


def test_a_planner_of_one_region_sees_that_region_alone(cast: Cast, run: ClassRun) -> None:
    answer = signed_in(cast.planner).get(reverse("desk:classes:flows"), {"chart": "flows"})
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[:2] for row in rows[1:]] == [["B", "C"]], "the paint factory lies in 大兴"
    answer = signed_in(cast.coordinator).get(reverse("desk:classes:flows"), {"chart": "flows", "file": "csv"})
    assert len(answer.content.decode("utf-8-sig").splitlines()) == 3


def test_the_tables_of_the_spread_can_be_saved(cast: Cast, run: ClassRun) -> None:
    for chart, first in (("regions", "通州区"), ("industries", "H 住宿和餐饮业")):
        given = {"chart": chart, "file": "csv"}
        text = (
            signed_in(cast.coordinator).get(reverse("desk:classes:spread"), given).content.decode("utf-8-sig")
        )
        assert text.splitlines()[0].endswith("A,B,C,D,合计"), chart
        assert first in text


def test_a_chart_that_is_not_there_is_not_found(cast: Cast) -> None:
    answer = signed_in(cast.coordinator).get(reverse("desk:classes:spread"), {"chart": "no-such"})
    assert answer.status_code == 404


def test_a_run_says_what_it_rests_on(cast: Cast, run: ClassRun) -> None:
    text = page(cast.coordinator, "classes:run", run.uuid)
    assert "通用 v1" in text
    assert "类别之间的流向" in text
    assert signed_in(cast.owner).get(reverse("desk:classes:run", args=[run.uuid])).status_code == 404


def test_only_who_may_run_classes_can_ask_for_a_run(cast: Cast, run: ClassRun) -> None:
    assert signed_in(cast.planner).post(reverse("desk:classes:now")).status_code == 404
    answer = signed_in(cast.coordinator).post(reverse("desk:classes:now"))
    asked = ClassRun.objects.get(kind="asked")
    assert answer["Location"] == reverse("desk:classes:run", args=[asked.uuid])
    assert asked.state == "queued"
    assert reverse("desk:classes:progress", args=[asked.uuid]) in page(
        cast.coordinator, "classes:run", asked.uuid
    )
    assert reverse("desk:classes:now") not in page(cast.coordinator, "classes:spread")


def test_a_warning_waits_for_whom_it_concerns_until_it_is_seen_and_closed(cast: Cast) -> None:
    warning = turn(cast.noodle_shop, "B", "C")
    assert warning.agencies == ["110112-market"]
    assert any("1 条预警" in one.what for one in list_waiting(cast.planner))
    assert not any("预警" in one.what for one in list_waiting(cast.officer_b))
    client = signed_in(cast.planner)
    assert "类别由 B 变为 C" in page(cast.planner, "warnings:list", whose="me")
    assert client.post(reverse("desk:warnings:see", args=[warning.uuid])).status_code == 302
    assert not any("预警" in one.what for one in list_waiting(cast.planner))
    close = reverse("desk:warnings:close", args=[warning.uuid])
    assert client.post(close, {"words": " "}).status_code == 422
    assert client.post(close, {"words": "已检查"}).status_code == 302
    text = page(cast.planner, "warnings:object", warning.uuid)
    assert "已检查" in text
    assert "预警已办结" in page(cast.planner, "warnings:tab", warning.uuid, "ledger")


def test_a_warning_of_another_region_is_not_found_unless_it_names_the_agency(cast: Cast) -> None:
    warning = turn(cast.noodle_shop, "B", "C")
    address = reverse("desk:warnings:object", args=[warning.uuid])
    far = person("far", "乙三", GrantFacts(Role.PLANNER, "110115-fire", "110115"))
    assert signed_in(far).get(address).status_code == 404
    assert signed_in(far).post(reverse("desk:warnings:see", args=[warning.uuid])).status_code == 404
    CreditWarning.objects.update(agencies=["110112-market", "110115-fire"])
    assert signed_in(far).get(address).status_code == 200
    assert signed_in(far).post(reverse("desk:warnings:see", args=[warning.uuid])).status_code == 302


def test_who_may_look_only_cannot_close(cast: Cast) -> None:
    warning = turn(cast.noodle_shop, "B", "C")
    text = page(cast.officer_a, "warnings:object", warning.uuid)
    assert reverse("desk:warnings:close", args=[warning.uuid]) not in text
    close = reverse("desk:warnings:close", args=[warning.uuid])
    assert signed_in(cast.officer_a).post(close, {"words": "x"}).status_code == 404


def test_a_cluster_shows_whom_one_may_see_and_counts_the_others(cast: Cast) -> None:
    third = enterprise(77, "北京第三家公司", "110112")
    for who in (cast.noodle_shop, cast.paint_factory, third):
        EnterpriseLink.objects.create(enterprise=who, kind="supplier", key="k", words="北京面粉厂")
    turn(third, "B", "D")
    cluster = CreditWarning.objects.get(kind="cluster")
    text = page(cast.planner, "warnings:object", cluster.uuid)
    assert "3 户企业供应商相同" in text
    assert "北京面粉厂" in text
    assert cast.noodle_shop.name in text
    assert cast.paint_factory.name not in text, "it lies in 大兴"
    assert "另有 1 户" in text
    assert cast.paint_factory.name in page(cast.coordinator, "warnings:object", cluster.uuid)
