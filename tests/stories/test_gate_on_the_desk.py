"""The gate on the desk: an application with its live answer, a verdict with its reasons, what waits, and the code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, person
from yicha.act.inspection.tests import factories
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.ledger.models import Entry
from yicha.decide.gate.models import Application, VisitCode
from yicha.kernel import clock
from yicha.know.registry.models import Enterprise
from yicha.know.visits import services as visits
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ResultCode

MARKET = "110112-market"


@pytest.fixture
def approver(cast: Cast) -> User:
    """The head of market regulation of 通州; the items are published."""
    factories.item_versions()
    return person("approver", "王局长", GrantFacts(Role.APPROVER, MARKET, "110112"))


def filled(**more: Any) -> dict[str, Any]:
    """The form as an officer fills it in."""
    today = clock.today(clock.now())
    return {
        "agency": MARKET,
        "items": ["market-001", "market-002"],
        "kind": "daily",
        "trigger": "initiative",
        "from_on": today.isoformat(),
        "until_on": (today + timedelta(days=10)).isoformat(),
        "officers": ["T-0001", "T-0002"],
        **more,
    }


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def apply(user: User, enterprise: Enterprise, **more: Any) -> Application:
    """Send the form; the application that is kept."""
    address = reverse("desk:gate:apply", args=[enterprise.uscc])
    answer = signed_in(user).post(address, filled(**more))
    assert answer.status_code == 302, answer.content.decode()[:4000]
    return Application.objects.latest("pk")


def page(user: User, row: Application, name: str = "object") -> str:
    return signed_in(user).get(reverse(f"desk:gate:{name}", args=[row.uuid])).content.decode()


def made(cast: Cast, days_ago: int, enterprise: Enterprise | None = None) -> Contact:
    """A visit of officer T-0001 that found nothing."""
    day = clock.today(clock.now()) - timedelta(days=days_ago)
    contact = factories.plan(enterprise or cast.noodle_shop, (MARKET,), day)
    found = {item.pk: ResultCode.NO_PROBLEM for item in contact.items.all()}
    visits.record_results(contact=contact, results=found, on=day)
    visits.move(contact=contact, act="make", made_on=day, officers=["T-0001", "D-0001"])
    return contact


def test_the_answer_stands_beside_the_form_and_nothing_is_written(cast: Cast, approver: User) -> None:
    client, before = signed_in(cast.officer_a), Entry.objects.count()
    address = reverse("desk:gate:preview", args=[cast.noodle_shop.uscc])
    whole = client.post(address, filled()).content.decode()
    assert "待批准" in whole and 'data-ground="gate.approval-missing"' in whole
    alone = client.post(address, filled(officers=["T-0001"])).content.decode()
    assert "不予入企" in alone and 'data-ground="gate.officers-too-few"' in alone
    assert "还缺：监管事项" in client.post(address, filled(items=[])).content.decode()
    assert (Application.objects.count(), Contact.objects.count()) == (0, 0)
    assert Entry.objects.count() == before


def test_the_file_of_the_enterprise_lies_beside_the_application(cast: Cast, approver: User) -> None:
    made(cast, 400)
    factories.plan(cast.noodle_shop, (MARKET,), clock.today(clock.now()) + timedelta(days=20))
    address = reverse("desk:gate:apply", args=[cast.noodle_shop.uscc])
    text = signed_in(cast.officer_a).get(address).content.decode()
    for words in (
        "经营主体档案",
        "class-letter",
        "已计划的检查",
        "未发现问题",
        "无事不扰名单",
        "budget-units",
    ):
        assert words in text, words


def test_nobody_applies_for_an_enterprise_that_they_may_not_see(cast: Cast, approver: User) -> None:
    client = signed_in(cast.officer_a)
    for name in ("apply", "emergency", "back-entry"):
        assert client.get(reverse(f"desk:gate:{name}", args=[cast.paint_factory.uscc])).status_code == 404
    preview = reverse("desk:gate:preview", args=[cast.paint_factory.uscc])
    assert client.post(preview, filled()).status_code == 404


def test_an_agency_of_others_cannot_be_chosen(cast: Cast, approver: User) -> None:
    address = reverse("desk:gate:apply", args=[cast.noodle_shop.uscc])
    answer = signed_in(cast.officer_a).post(address, filled(agency="110115-fire"))
    assert answer.status_code == 422 and not Application.objects.exists()


def test_an_application_is_approved_and_its_code_opens_the_door(cast: Cast, approver: User) -> None:
    row = apply(cast.officer_a, cast.noodle_shop)
    assert row.state == "waiting"
    assert "待批准" in page(cast.officer_a, row)
    home = signed_in(approver).get("/desk/").content.decode()
    assert f"批准对{cast.noodle_shop.name}的检查" in home
    assert (
        f"对{cast.noodle_shop.name}的检查待批准" in signed_in(cast.officer_a).get("/desk/").content.decode()
    )

    signed_in(approver).post(reverse("desk:gate:approve", args=[row.uuid]))
    row.refresh_from_db()
    assert (row.state, row.approved_by) == ("granted", "王局长")
    text = page(cast.officer_a, row)
    assert "准予入企" in text and "data:image/svg+xml" in text
    paper = page(cast.officer_a, row, "code")
    assert str(VisitCode.objects.get().uuid) in paper and "甲一" in paper


def test_an_officer_cannot_approve(cast: Cast, approver: User) -> None:
    row = apply(cast.officer_a, cast.noodle_shop)
    assert signed_in(cast.officer_a).post(reverse("desk:gate:approve", args=[row.uuid])).status_code == 404
    address = reverse("desk:gate:apply", args=[cast.noodle_shop.uscc])
    signed_in(cast.officer_a).post(address, filled(approve="on"))
    assert set(Application.objects.values_list("approved_by", flat=True)) == {""}


def test_who_may_approve_does_so_in_the_form(cast: Cast, approver: User) -> None:
    row = apply(approver, cast.noodle_shop, approve="on")
    assert (row.state, row.outcome, row.approved_by) == ("granted", "allow", "王局长")


def test_a_foreign_application_and_a_missing_one_are_the_same(cast: Cast, approver: User) -> None:
    row = apply(cast.officer_a, cast.noodle_shop)
    for name in ("object", "code", "answer", "again", "papers", "withdraw", "revoke"):
        address = reverse(f"desk:gate:{name}", args=[row.uuid])
        assert signed_in(cast.officer_b).get(address).status_code == 404, name
        assert signed_in(cast.owner).get(address).status_code == 404, name
    assert signed_in(cast.officer_b).post(reverse("desk:gate:vary", args=[row.uuid])).status_code == 404


def test_a_refusal_is_kept_with_what_decided_it_first(cast: Cast, approver: User) -> None:
    row = apply(cast.officer_a, cast.noodle_shop, officers=["T-0001"])
    assert (row.state, row.outcome) == ("refused", "refuse")
    text = page(cast.officer_a, row)
    first = text.index("data-ground=")
    assert "gate.officers-too-few" in text[first : first + 60]
    assert "行政处罚法" in text


def test_a_reason_is_asked_for_and_given(cast: Cast, approver: User) -> None:
    for days in (300, 200, 100):
        made(cast, days)
    row = apply(cast.officer_a, cast.noodle_shop, trigger="complaint", evidence="12345-2026-001")
    assert (row.state, row.verdict["wants"]) == ("waiting", ["gate.approval-missing", "gate.futile-visits"])
    address = reverse("desk:gate:answer", args=[row.uuid])
    form = signed_in(cast.officer_a).get(address).content.decode()
    assert "reason:gate.futile-visits" in form and "reason:gate.approval-missing" not in form
    assert signed_in(cast.officer_a).post(address, {}).status_code == 422
    signed_in(cast.officer_a).post(address, {"reason:gate.futile-visits": "投诉人提供了新的照片"})
    row.refresh_from_db()
    assert row.verdict["wants"] == ["gate.approval-missing"]
    assert row.reasons == {"gate.futile-visits": "投诉人提供了新的照片"}


def test_the_form_asks_for_the_reason_while_it_is_filled_in(cast: Cast, approver: User) -> None:
    for days in (300, 200, 100):
        made(cast, days)
    address = reverse("desk:gate:preview", args=[cast.noodle_shop.uscc])
    client, asked = signed_in(cast.officer_a), filled(trigger="complaint", evidence="12345-2026-001")
    first = client.post(address, asked).content.decode()
    assert "hx-swap-oob" in first and 'name="reason:gate.futile-visits"' in first
    again = client.post(address, {**asked, "reason:gate.futile-visits": "新的照"}).content.decode()
    assert "hx-swap-oob" not in again, "a field in which somebody types is not replaced"


def test_a_deferred_application_comes_back_when_its_day_has_come(cast: Cast, approver: User) -> None:
    made(cast, 2)
    made(cast, 20)
    today = clock.today(clock.now())
    row = apply(approver, cast.noodle_shop, approve="on", until_on=today.isoformat())
    if today.month == 1 and today.day <= 20:
        pytest.skip("the visits of the scene lie in two years")
    assert row.state == "deferred" and row.until_on is not None and row.until_on > today
    assert "暂缓" in page(approver, row)
    Application.objects.update(until_on=today)
    assert "可再次申请检查" in signed_in(approver).get("/desk/").content.decode()
    form = reverse("desk:gate:again", args=[row.uuid])
    assert f'value="{today.isoformat()}"' in signed_in(approver).get(form).content.decode()


def test_one_fact_is_changed_and_the_verdict_changes(cast: Cast, approver: User) -> None:
    row = apply(cast.officer_a, cast.noodle_shop)
    before = Application.objects.values("verdict", "judged_at").get(), Entry.objects.count()
    why = signed_in(cast.officer_a).get(reverse("desk:gate:tab", args=[row.uuid, "why"])).content.decode()
    assert "gate-changes" in why and "准予入企" in why
    vary = reverse("desk:gate:vary", args=[row.uuid])
    client = signed_in(cast.officer_a)
    assert "准予入企" in client.post(vary, {"kind": "approval"}).content.decode()
    for senseless in (
        {"kind": "day", "value": "yesterday"},
        {"kind": "trigger", "value": "none"},
        {"kind": "?"},
    ):
        answer = client.post(vary, senseless)
        assert answer.status_code == 200 and "无从判定" in answer.content.decode()
    assert before == (Application.objects.values("verdict", "judged_at").get(), Entry.objects.count())


def test_an_emergency_is_entered_first_and_its_papers_follow(cast: Cast, approver: User) -> None:
    today = clock.today(clock.now()).isoformat()
    form = {
        "agency": MARKET,
        "entered_on": today,
        "items": ["market-001"],
        "officers": ["T-0001", "T-0002"],
        "evidence": "119-2026-77",
        "note": "燃气泄漏报警",
    }
    client = signed_in(cast.officer_a)
    address = reverse("desk:gate:emergency", args=[cast.noodle_shop.uscc])
    assert client.post(address, {**form, "evidence": ""}).status_code == 422
    assert client.post(address, form).status_code == 302
    row = Application.objects.get()
    assert (row.state, row.trigger, row.note) == ("papers-due", "emergency", "燃气泄漏报警")
    assert "补办" in client.get("/desk/").content.decode()
    papers = reverse("desk:gate:papers", args=[row.uuid])
    client.post(papers, {"approved_by": "王局长", "evidence": "批 2026-9"})
    row.refresh_from_db()
    assert (row.state, row.approved_by) == ("granted", "王局长")


def test_a_visit_without_a_code_is_entered_with_its_reason(cast: Cast, approver: User) -> None:
    yesterday = clock.today(clock.now()) - timedelta(days=1)
    form = {
        **filled(entered_on=yesterday.isoformat(), trigger="complaint", evidence="12345-2026-002"),
        "note": "平台停机，14:00 至 18:00",
    }
    address = reverse("desk:gate:back-entry", args=[cast.noodle_shop.uscc])
    client = signed_in(cast.officer_a)
    assert client.post(address, {**form, "note": ""}).status_code == 422
    assert client.post(address, form).status_code == 302
    row = Application.objects.get()
    assert row.entered_on == yesterday and "gate.back-entry" in row.reasons


def test_a_withdrawn_application_closes_the_door(cast: Cast, approver: User) -> None:
    row = apply(approver, cast.noodle_shop, approve="on")
    digest = VisitCode.objects.get().digest
    state = reverse("public:tokens:code-state", args=[digest])
    assert Client().get(state).json()["state"] == "valid"
    address = reverse("desk:gate:withdraw", args=[row.uuid])
    assert signed_in(approver).post(address, {"because": ""}).status_code == 422
    signed_in(approver).post(address, {"because": "企业停业"})
    assert Client().get(state).json()["state"] == "withdrawn"
    assert signed_in(approver).get(reverse("desk:gate:code", args=[row.uuid])).status_code == 404


def test_a_code_is_revoked_and_the_visit_stays(cast: Cast, approver: User) -> None:
    row = apply(approver, cast.noodle_shop, approve="on")
    signed_in(approver).post(reverse("desk:gate:revoke", args=[row.uuid]), {"because": "人员变动"})
    assert VisitCode.objects.get().state == "revoked"
    assert Contact.objects.get().state == "planned"


def test_queues_and_the_list_show_what_one_may_see(cast: Cast, approver: User) -> None:
    apply(cast.officer_a, cast.noodle_shop)
    for name in ("queues", "list"):
        own = signed_in(cast.officer_a).get(reverse(f"desk:gate:{name}")).content.decode()
        assert cast.noodle_shop.name in own, name
        other = signed_in(cast.officer_b).get(reverse(f"desk:gate:{name}")).content.decode()
        assert cast.noodle_shop.name not in other, name
    listed = reverse("desk:gate:list")
    month = f"{clock.today(clock.now()):%Y-%m}"
    found = signed_in(cast.coordinator).get(
        listed,
        {"trigger": "initiative", "month": month, "agency": MARKET, "region": "110112", "state": "waiting"},
    )
    assert cast.noodle_shop.name in found.content.decode()
    none = signed_in(cast.coordinator).get(listed, {"outcome": "allow"})
    assert cast.noodle_shop.name not in none.content.decode()
    book = signed_in(cast.coordinator).get(listed, {"export": "xlsx"})
    assert b"".join(book.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    book.close()


def test_a_search_finds_only_ones_own_enterprises(cast: Cast, approver: User) -> None:
    address = reverse("desk:gate:choose")
    text = signed_in(cast.officer_a).get(address, {"q": "北京"}).content.decode()
    assert cast.noodle_shop.name in text and cast.paint_factory.name not in text


def test_an_emergency_is_entered_and_not_applied_for(cast: Cast, approver: User) -> None:
    """Applied for, it would need neither approval nor papers."""
    address = reverse("desk:gate:apply", args=[cast.noodle_shop.uscc])
    client = signed_in(cast.officer_a)
    assert client.post(address, filled(trigger="emergency", evidence="119-2026-77")).status_code == 422
    assert not Application.objects.exists()
    row = apply(cast.officer_a, cast.noodle_shop)
    vary = reverse("desk:gate:vary", args=[row.uuid])
    assert "无从判定" in client.post(vary, {"kind": "trigger", "value": "emergency"}).content.decode()
