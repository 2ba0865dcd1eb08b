"""Agencies plan a year together on the desk: comments, both versions, overlaps, the check of the year, workbooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import NOW, Cast, person
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import AnnualPlan, OverlapRuling, PlanAcknowledgement, PlanComment
from yicha.decide.planning.terms import EntryDraft, PlanOwner
from yicha.decide.planning.tests import factories
from yicha.kernel import clock
from yicha.know.registry import services as registry
from yicha.know.registry.models import Enterprise


@pytest.fixture
def ground(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast with restaurants; on the desk it is the morning of 1 July 2026."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    factories.ground(people=40)
    return cast


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fire() -> User:
    return person("fire", "消防计划员", GrantFacts(Role.PLANNER, "110112-fire", "110112"))


def approver() -> User:
    return person("approver", "审批员", GrantFacts(Role.APPROVER, "110112-market", "110112"))


def url(plan: AnnualPlan, what: str = "") -> str:
    return f"/desk/plans/{plan.uuid}/{what}"


def see(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def do(client: Client, address: str, data: dict[str, object], status: int = 302) -> str:
    response = client.post(address, data)
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.content.decode()


def entry(plan: AnnualPlan, **more: object) -> dict[str, object]:
    plan.refresh_from_db()
    said: dict[str, object] = {"directory": "catering", "items": ["market-01"], "quarter": 3, "kind": "daily"}
    return said | {"revision": plan.revision} | more


def test_other_agencies_comment_on_a_submitted_plan_and_are_answered(ground: Cast) -> None:
    planner, other = signed_in(ground.planner), signed_in(fire())
    plan = factories.plan(factories.OWN)
    see(other, url(plan), status=404)
    services.submit_plan(actor="planner", now=NOW, plan=plan)
    assert "2026 计划" in see(other, "/desk/")
    assert "do/comment" in see(other, url(plan, "comments/"))
    said = {"agency": "110112-fire", "entry_number": 1, "text": "七月消防也去，能否合并？"}
    do(other, url(plan, "do/comment/"), said)
    do(planner, url(plan, "do/comment/"), {**said, "agency": "110112-market"}, status=404)
    comment = PlanComment.objects.get()
    assert "1 条意见尚未答复" in see(planner, url(plan))
    assert url(plan, "comments/") in see(planner, "/desk/")
    do(other, url(plan, f"do/answer/{comment.uuid}/"), {"text": "不归你答"}, status=404)
    do(planner, url(plan, f"do/answer/{comment.uuid}/"), {"text": "合并到八月"})
    assert "已由" in do(planner, url(plan, f"do/answer/{comment.uuid}/"), {"text": "再答"}, status=409)
    assert "合并到八月" in see(other, url(plan, "comments/"))
    assert "尚未答复" not in see(planner, url(plan))
    assert url(plan, "comments/") not in see(planner, "/desk/")


def test_who_saves_what_another_has_changed_sees_both_and_loses_nothing(ground: Cast) -> None:
    planner, office = signed_in(ground.planner), signed_in(ground.coordinator)
    plan = factories.plan(factories.OWN)
    change = url(plan, f"do/change/{plan.entries.get().uuid}/")
    see(planner, change)
    mine = entry(plan, title="我的题目", rate="12.5")
    do(office, change, entry(plan, title="办公室的题目"))
    page = do(planner, change, mine, status=409)
    assert "改动了本计划（计划修改）" in page and "我的题目" in page and "办公室的题目" in page
    assert plan.entries.get().title == "办公室的题目"
    plan.refresh_from_db()
    assert f'name="revision" value="{plan.revision}"' in page
    do(planner, change, {**mine, "revision": plan.revision})
    assert (plan.entries.get().title, plan.entries.get().rate) == ("我的题目", Decimal("0.125"))


def test_an_entry_that_was_removed_meanwhile_can_be_added_again(ground: Cast) -> None:
    planner, office = signed_in(ground.planner), signed_in(ground.coordinator)
    plan = factories.plan(factories.OWN)
    change = url(plan, f"do/change/{plan.entries.get().uuid}/")
    mine = entry(plan, title="我的题目")
    do(office, url(plan, "do/remove/1/"), {"revision": plan.revision})
    assert "我的题目" in do(planner, change, mine, status=409)
    do(planner, change, entry(plan, title="我的题目"))
    assert plan.entries.get().title == "我的题目"


def test_an_old_page_submits_nothing(ground: Cast) -> None:
    planner, plan = signed_in(ground.planner), factories.plan(factories.OWN)
    do(planner, url(plan, "do/entry/"), entry(plan, quarter=4))
    do(planner, url(plan, "do/submit/"), {"revision": 0}, status=409)
    do(planner, url(plan, "do/submit/"), {}, status=409)
    plan.refresh_from_db()
    assert plan.state == "draft"


def overlapping() -> tuple[AnnualPlan, AnnualPlan]:
    """Two plans that would go to the same restaurants on different days of one quarter."""
    july = EntryDraft(3, "catering", ("market-01",), window_to=date(2026, 7, 31))
    september = EntryDraft(3, "catering", ("fire-01",), window_from=date(2026, 9, 1))
    first = factories.published(factories.OWN, july)
    second = factories.plan(PlanOwner(agency="110112-fire"), september)
    services.submit_plan(actor="fire", now=NOW, plan=second)
    return first, second


def test_an_overlap_is_put_together_on_the_merge_page(ground: Cast) -> None:
    Enterprise.objects.update(risk_class="D")
    office = signed_in(ground.coordinator)
    _first, second = overlapping()
    (row,) = queries.list_overlaps(2026)
    page = see(office, "/desk/plans/merge/?year=2026")
    address = f"/desk/plans/merge/2026/{row.meeting.first.key}/{row.meeting.second.key}/"
    assert row.needs_decision and address in page
    see(signed_in(ground.planner), address, status=404)
    see(office, address)
    second.refresh_from_db()
    said = {
        "choice": "together",
        "window_from": "2026-07-01",
        "window_to": "2026-07-31",
        "first_revision": row.first.plan.revision,
        "second_revision": row.second.plan.revision,
    }
    do(office, address, {**said, "first_revision": 0}, status=409)
    do(office, address, said)
    assert second.entries.get().window_to == date(2026, 7, 31)
    assert OverlapRuling.objects.get().choice == "together"
    (again,) = queries.list_overlaps(2026)
    assert not again.needs_decision and again.ruling is not None
    # Another office decides on a page that it opened before: it is told, and nothing is written over.
    apart = {"choice": "apart", "because": "两次都要", "first_revision": again.first.plan.revision}
    apart |= {"second_revision": again.second.plan.revision}
    assert "已在此期间处理了这处重叠" in do(office, address, apart, status=409)
    assert OverlapRuling.objects.get().choice == "together"
    moment = again.ruling.at.isoformat()
    assert f'value="{moment}"' in see(office, address)
    do(office, address, {**apart, "ruled_at": moment})
    assert OverlapRuling.objects.get().choice == "apart"


def test_many_plans_are_compared_with_as_many_questions_as_few(ground: Cast) -> None:
    registry.save_directory(
        actor="t", now=NOW, code="all-food", name="全部餐饮", rule={"industries": ["H"], "keywords": ["饭店"]}
    )
    there = person("there", "大兴消防", GrantFacts(Role.PLANNER, "110115-fire", "110115"))
    office, other = signed_in(ground.coordinator), signed_in(there)

    def meet(client: Client) -> tuple[int, int]:
        """How many overlaps somebody is told of, and how many questions the page asks the database."""
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/desk/plans/merge/?year=2026")
        return page.context["count"], len(asked)

    overlapping()
    meet(office)
    (few, questions), (none, _) = meet(office), meet(other)
    assert (few, none) == (1, 0), "who sees neither plan is told of nothing"
    checks = [
        EntryDraft(quarter, directory, ("fire-01",))
        for quarter in (3, 4)
        for directory in ("catering", "all-food")
    ]
    for owner, drafts in (
        (PlanOwner(agency="110115-fire"), checks),
        (PlanOwner(agency="110115-market"), [replace(one, items=("market-01",)) for one in checks]),
        (factories.JOINT, [EntryDraft(3, "catering")]),
    ):
        services.submit_plan(actor="t", now=NOW, plan=factories.plan(owner, *drafts))
    assert meet(office) == (1 + 16 + 2 + 8, questions), (
        "the joint plan meets two in 通州, and all eight in 大兴"
    )
    assert meet(other)[0] == 16 + 2 + 8, (
        "it takes part in the joint plan, and not in what is done in 通州 alone"
    )


def test_what_a_plan_breaks_is_said_listed_and_accepted_with_a_reason(ground: Cast) -> None:
    from yicha.know.catalogue.models import LegalNumber

    LegalNumber.objects.filter(code="annual-visit-cap").update(value=1)
    Enterprise.objects.update(risk_class="D")
    Enterprise.objects.filter(name__endswith="饭店 1").update(risk_class="A")
    overlapping()
    plan = factories.plan(
        PlanOwner(joint_list="catering", region="110112"),
        EntryDraft(4, "catering"),
    )
    services.submit_plan(actor="planner", now=NOW, plan=plan)
    office = signed_in(ground.coordinator)
    page = see(office, url(plan, "check/"))
    assert "家会超出年度入企次数" in page and "A 类" in page
    for what in ("class-a", "resting", "undisturbed", "budget"):
        see(office, url(plan, f"disturbed/{what}/"))
    assert "饭店" in see(office, url(plan, "disturbed/budget/"))
    see(office, url(plan, "disturbed/nothing/"), status=404)
    plan.refresh_from_db()
    services.approve_plan(actor="approver", now=NOW, plan=plan)
    plan.refresh_from_db()
    assert "超出" in do(office, url(plan, "do/publish/"), {"revision": plan.revision}, status=409)
    do(office, url(plan, "do/accept/budget/"), {"revision": plan.revision, "because": ""}, status=422)
    do(office, url(plan, "do/accept/budget/"), {"revision": plan.revision, "because": "市政府要求"})
    assert PlanAcknowledgement.objects.get().because == "市政府要求"
    do(office, url(plan, "do/publish/"), {"revision": plan.revision})
    plan.refresh_from_db()
    assert plan.state == "published"


def test_a_year_stands_on_one_page_and_goes_into_a_workbook(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    assert "本年还没有计划" in see(office, "/desk/plans/year/?year=2026")
    plan = factories.plan()
    services.submit_plan(actor="planner", now=NOW, plan=plan)
    plan.refresh_from_db()
    services.approve_plan(actor="approver", now=NOW, plan=plan)
    page = see(office, "/desk/plans/year/?year=2026")
    assert "通州区市场监督管理局" in page and "do/publish/" in page
    see(office, "/desk/plans/year/?year=nix", status=404)
    for address in ("/desk/plans/workbook/?year=2026", url(plan, "workbook/")):
        answer = office.get(address)
        assert answer["Content-Type"].endswith("spreadsheetml.sheet") and answer.content[:2] == b"PK"
    plan.refresh_from_db()
    do(office, "/desk/plans/do/publish/", {"year": 2026, "plan": f"{plan.uuid}:{plan.revision}"})
    plan.refresh_from_db()
    assert plan.state == "published"


def test_the_versions_of_a_plan_say_what_differs(ground: Cast) -> None:
    plan = factories.published(factories.OWN)
    following = services.amend_plan(actor="planner", now=NOW, plan=plan)
    draft = EntryDraft(4, "catering", ("market-02",))
    services.add_entry(actor="planner", now=NOW, plan=following, draft=draft)
    page = see(signed_in(ground.planner), url(following, "versions/"))
    assert "新增" in page and "market-02" in page
    assert "第一个版本" in see(signed_in(ground.planner), url(plan, "versions/"))


def test_a_list_is_planned_for_a_zone_and_for_a_region_of_the_same_code(ground: Cast) -> None:
    factories.zone_of_one_code()
    office, public = signed_in(ground.coordinator), Client()
    for place, code in (("zone", "2026-catering@110302"), ("region", "2026-catering-110302")):
        said: dict[str, object] = {
            "owner": f"list:catering@{place}:110302",
            "year": 2026,
            "title": f"{place} 计划",
        }
        do(office, "/desk/plans/new/", said)
        assert "已有计划" in do(office, "/desk/plans/new/", said, status=409)
        plan = AnnualPlan.objects.get(code=code)
        do(office, url(plan, "do/entry/"), entry(plan))
        for act in ("submit", "approve", "publish"):
            plan.refresh_from_db()
            if act == "approve":  # by somebody else than who submitted
                services.approve_plan(actor="chief", now=NOW, plan=plan)
            else:
                do(office, url(plan, f"do/{act}/"), {"revision": plan.revision})
        assert f"{place} 计划" in see(public, f"/plans/{code}/")
    zone, region = (
        AnnualPlan.objects.get(code=code) for code in ("2026-catering@110302", "2026-catering-110302")
    )
    assert zone.zone is not None and zone.region is None
    assert region.region is not None and region.zone is None


def test_a_plan_says_by_when_it_is_out_and_how_late_it_is(
    ground: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner, office = signed_in(ground.planner), signed_in(ground.coordinator)
    plan = factories.plan(factories.OWN)
    late = "应于 2026-03-31 前公布，已逾期 92 天"
    assert late in see(planner, url(plan)) and late in see(office, "/desk/plans/year/?year=2026")
    assert "2026-03-31" in see(planner, "/desk/")
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOW.replace(month=3, day=30))
        assert "应于 2026-03-31 前公布，还剩 1 天" in see(planner, url(plan))
    plan = factories.published(PlanOwner(agency="110112-fire"), EntryDraft(3, "catering", ("fire-01",)))
    assert "应于" not in see(office, url(plan))


def test_an_open_overlap_is_said_in_the_check_and_either_side_may_fall_away(ground: Cast) -> None:
    Enterprise.objects.update(risk_class="D")
    office = signed_in(ground.coordinator)
    first, second = overlapping()
    assert "尚不能公布" in see(office, url(second, "check/")), "the other one is published"
    assert "尚不能公布" not in see(office, url(first, "check/"))
    (row,) = queries.list_overlaps(2026)
    address = f"/desk/plans/merge/2026/{row.meeting.first.key}/{row.meeting.second.key}/"
    revisions = {"first_revision": row.first.plan.revision, "second_revision": row.second.plan.revision}
    published_falls = "first-dropped" if row.first.plan == first else "dropped"
    draft_falls = "dropped" if row.first.plan == first else "first-dropped"
    assert "已批准或公布" in do(office, address, {"choice": published_falls, **revisions}, status=409)
    do(office, address, {"choice": draft_falls, **revisions})
    assert (first.entries.count(), second.entries.count()) == (1, 0)
