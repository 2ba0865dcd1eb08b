"""A coordination office takes a quarter along the eight things done once, and signs its documents."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import NOW, TODAY, Cast
from yicha.decide.planning import services as planning
from yicha.decide.planning.models import Round
from yicha.decide.planning.tests import factories
from yicha.kernel import clock
from yicha.know.visits.models import Contact, ContactItem
from yicha.share.reporting.models import StepDocument


@pytest.fixture
def round_(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Round:
    """The third quarter, its visits planned; the clock stands on the day of the stories."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    factories.ground()
    opened = factories.opened()
    factories.collected(factories.published())
    planning.match(actor="office", now=NOW, round_=opened)
    return opened


def page(client: Client, name: str, *args: str) -> str:
    answer = client.get(reverse(f"desk:rounds:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def sign(client: Client, step: str, words: str = "") -> int:
    return client.post(reverse("desk:rounds:sign", args=["2026Q3", step]), {"words": words}).status_code


def test_from_the_tasks_to_the_report(cast: Cast, client: Client, round_: Round) -> None:
    client.force_login(cast.coordinator)
    assert client.get(reverse("desk:rounds:newest")).headers["Location"].endswith("/2026Q3/")
    shown = page(client, "object", "2026Q3")
    assert shown.count("rail-step-mark") == 8
    for words in ("计划一次性制定", "任务一次性下达", "对象一次性抽取", "人员一次性匹配"):
        assert words in shown
    for words in ("检查一次性开展", "行业一次性体检", "结果一次性公示", "情况一次性报告"):
        assert words in shown
    for paper in ("公布的年度计划", "检查任务下达书", "检查记录", "综合检查情况报告"):
        assert paper in shown, "every step names its document, though it is not there yet"
    assert (
        client.get(f"{reverse('desk:rounds:sign', args=['2026Q3', 'dispatch'])}draft.pdf").content[:4]
        == b"%PDF"
    )
    assert not StepDocument.objects.exists()

    assert sign(client, "dispatch") == 302
    assert sign(client, "check-up") == 409, "nothing was found yet"
    last = Contact.objects.order_by("-pk").first()
    assert last is not None
    Contact.objects.exclude(pk=last.pk).update(state="made", made_on=TODAY)
    ContactItem.objects.exclude(contact=last).update(result_code="07", result_on=TODAY)
    assert "餐饮服务单位" in page(client, "check_up", "2026Q3")
    assert "按事项" in page(client, "trade", "2026Q3", "catering")
    assert client.get(reverse("desk:rounds:trade", args=["2026Q3", "nothing"])).status_code == 404
    assert sign(client, "check-up") == 409, "one visit is open, and nothing says why it is signed before"
    assert sign(client, "check-up", "最后一次检查改期。") == 302
    Contact.objects.update(state="made", made_on=TODAY)
    ContactItem.objects.update(result_code="07", result_on=TODAY)
    assert "签发后又有" in page(client, "object", "2026Q3"), "what came later is said"
    assert sign(client, "check-up") == 302
    assert sign(client, "report") == 409, "officers were never drawn, and nothing says why"
    assert sign(client, "report", "本季度为试点。") == 302

    shown = page(client, "object", "2026Q3")
    for document in StepDocument.objects.all():
        assert document.sha256 in shown
        answer = client.get(reverse("desk:rounds:document", args=[document.uuid]))
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")


def test_an_officer_reads_the_steps_and_signs_none(cast: Cast, client: Client, round_: Round) -> None:
    client.force_login(cast.officer_a)
    assert "rail-step-mark" in page(client, "object", "2026Q3")
    assert sign(client, "dispatch") == 404
    assert client.get(reverse("desk:rounds:sign", args=["2026Q3", "dispatch"])).status_code == 404
    assert client.get(reverse("desk:rounds:draft", args=["2026Q3", "dispatch"])).status_code == 404
    assert not StepDocument.objects.exists()


def test_a_step_that_has_its_document_elsewhere_has_no_form(
    cast: Cast, client: Client, round_: Round
) -> None:
    client.force_login(cast.coordinator)
    assert client.get(reverse("desk:rounds:sign", args=["2026Q3", "draw"])).status_code == 404


def test_without_a_round_the_page_says_what_to_do(cast: Cast, client: Client) -> None:
    client.force_login(cast.coordinator)
    answer = client.get(reverse("desk:rounds:newest"))
    assert answer.status_code == 200 and reverse("desk:matching:list") in answer.content.decode()
