"""A plan is written, approved, drawn and matched on the desk; and who may not see or do it."""

from __future__ import annotations

import html
import re
from uuid import uuid4

import pytest
from django.test import Client
from procrastinate import testing
from procrastinate.contrib.django import procrastinate_app

from tests.cast import NOW, Cast, officer, person
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.decide.drawing.models import Draw
from yicha.decide.planning import jobs, queries, services
from yicha.decide.planning.models import AnnualPlan, Demand, MatchRun, Round
from yicha.decide.planning.terms import PlanState, RoundState
from yicha.decide.planning.tests import factories
from yicha.kernel import clock
from yicha.know.registry.models import Agency
from yicha.know.visits.models import Contact


@pytest.fixture
def ground(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast with restaurants; on the desk it is the morning of 1 July 2026."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    factories.ground()
    officer("D-0003", "乙三", Agency.objects.get(code="110115-market"))
    officer("D-0004", "乙四", Agency.objects.get(code="110115-market"))
    return cast


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def approver() -> User:
    return person("approver", "审批员", GrantFacts(Role.APPROVER, "110112-market", "110112"))


def url(plan: AnnualPlan, act: str = "") -> str:
    return f"/desk/plans/{plan.uuid}/{act}"


def see(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def do(client: Client, address: str, data: dict[str, object] | None = None, status: int = 302) -> str:
    response = client.post(address, data or {})
    assert response.status_code == status, response.content.decode()[-2000:]
    return response.get("Location", "") or response.content.decode()


def act(
    client: Client, plan: AnnualPlan, what: str, data: dict[str, object] | None = None, status: int = 302
) -> str:
    """Do it to the plan as it stands: the page names the revision that it shows."""
    plan.refresh_from_db()
    return do(client, url(plan, what), {**(data or {}), "revision": plan.revision}, status)


def test_a_plan_is_written_by_one_and_approved_by_another(ground: Cast) -> None:
    planner, chief = signed_in(ground.planner), signed_in(approver())
    page = see(planner, "/desk/plans/new/")
    assert "agency:110112-market" in page and "agency:110115-fire" not in page
    given: dict[str, object] = {"owner": "agency:110112-market", "year": 2026, "title": "2026 餐饮抽查"}
    do(planner, "/desk/plans/new/", given)
    plan = AnnualPlan.objects.get()
    assert "market-01" in see(planner, url(plan, "do/entry/"))
    entry: dict[str, object] = {
        "directory": "catering",
        "items": ["market-01"],
        "quarter": 3,
        "kind": "daily",
    }
    act(planner, plan, "do/entry/", entry)
    act(planner, plan, "do/entry/", {**entry, "quarter": 4})
    act(planner, plan, "do/remove/2/")
    wrong = act(planner, plan, "do/entry/", {**entry, "window_from": "2026-01-01"}, status=409)
    assert "2026-07-01" in wrong
    act(planner, plan, "do/submit/")
    act(planner, plan, "do/approve/", status=404)
    see(chief, url(plan, "do/return/"))
    act(chief, plan, "do/return/", {"reason": "写明时段"})
    act(planner, plan, "do/submit/")
    assert "2026 餐饮抽查" in see(chief, "/desk/")
    act(chief, plan, "do/approve/")
    act(planner, plan, "do/publish/")
    for tab in ("", "rates/", "agencies/", "ledger/"):
        see(planner, url(plan, tab))
    assert "写明时段" in see(planner, url(plan, "ledger/"))
    see(planner, "/desk/plans/coverage/")
    see(planner, "/desk/plans/coverage/?year=abc", status=404)
    do(planner, url(plan, "do/amend/"))
    assert AnnualPlan.objects.filter(code=plan.code).count() == 2


def test_who_submitted_a_plan_reads_why_it_may_not_approve(ground: Cast) -> None:
    plan = services.submit_plan(actor="coordinator", now=NOW, plan=factories.plan())
    page = act(signed_in(ground.coordinator), plan, "do/approve/", status=409)
    assert "提交计划的人不能自己批准" in page


def test_a_quarter_goes_from_its_draws_to_the_officers(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    plan = factories.published()
    given = {"year": 2026, "quarter": 3, "organiser": "yizhuang"}
    see(office, "/desk/matching/open/")
    do(office, "/desk/matching/open/", dict(given))
    round_url = "/desk/matching/2026Q3/"
    beacon: dict[str, object] = {
        "beacon": "demonstration",
        "source": "given by the tests",
        "reveal_deadline": "2026-07-03T09:00",
    }
    assert "1 个已公布的计划条目尚未抽取" in see(office, round_url)
    see(office, url(plan, "do/draw/1/"))
    do(office, url(plan, "do/draw/1/"), beacon)
    assert "1 个抽取尚无结果" in see(office, round_url)
    draw = Draw.objects.get()
    agencies = factories.commit(draw)
    assert draw.draw_id in see(office, f"{round_url}draws/")
    do(office, f"{round_url}do/freeze/{draw.draw_id}/")
    factories.finish(draw, agencies)
    assert "1 个抽取结果待归集" in see(office, round_url)
    do(office, f"{round_url}do/match/")
    round_ = Round.objects.get()
    assert (round_.state, round_.visits_with) == (RoundState.MATCHED, Contact.objects.count())
    page = see(office, round_url)
    assert f"{round_.visits_without} 次入企合并为 {round_.visits_with} 次" in page
    contact = Contact.objects.first()
    assert contact is not None
    for address in (
        "demands/",
        "visits/",
        "visits/?joint=2",
        f"visits/{contact.uuid}/",
    ):
        see(office, round_url + address)
    assert "尚未排定半天" in see(office, round_url)
    Contact.objects.update(planned_part="am")
    page = see(office, round_url)
    assert "接下来抽取执法人员" in page and f"{round_url}do/officers/" in page
    _officers(office, round_url, {**beacon, "reveal_deadline": "2026-07-03T09:00"})
    round_.refresh_from_db()
    assert round_.state == RoundState.STAFFED
    page = see(office, round_url)
    assert "尚未派发" in page and "do/close/" not in page
    do(office, f"{round_url}do/close/", status=409)
    Contact.objects.update(state="made", made_on=NOW.date())
    page = see(office, round_url)
    assert "可以结束本轮次" in page and "do/close/" in page
    do(office, f"{round_url}do/close/")
    assert "本轮次已结束" in see(office, round_url)
    see(office, "/desk/matching/")


def _officers(office: Client, round_url: str, beacon: dict[str, object]) -> None:
    see(office, f"{round_url}do/officers/")
    do(office, f"{round_url}do/officers/", beacon)
    draw = Draw.objects.get(kind="officers")
    agencies = factories.commit(draw)
    assert "正在抽取执法人员" in see(office, round_url)
    do(office, f"{round_url}do/officers/freeze/")
    draw.refresh_from_db()
    factories.finish(draw, agencies)
    see(office, round_url)
    do(office, f"{round_url}do/officers/apply/")


def test_what_is_due_is_collected_on_the_page_and_what_waits_can_be_let_fall(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    round_ = factories.opened()
    assert "无需抽取即到期" not in see(office, "/desk/matching/2026Q3/")
    see(office, "/desk/matching/statutory/new/")
    given: dict[str, object] = {
        "item": "market-01",
        "directory": "catering",
        "every_months": 12,
        "source": "食品安全法 第一百一十条",
        "in_force_from": "2026-07-01",
    }
    do(signed_in(ground.officer_a), "/desk/matching/statutory/new/", given, status=404)
    do(office, "/desk/matching/statutory/new/", given)
    assert "食品安全法 第一百一十条" in see(office, "/desk/matching/statutory/")
    assert "无需抽取即到期的检查待归集" in see(office, "/desk/matching/2026Q3/")
    do(office, "/desk/matching/2026Q3/do/screen/")
    waiting = Demand.objects.filter(origin="statutory", state="waiting")
    count = waiting.count()
    assert count and f"有 {count} 项检查需求待安排入企" in see(office, "/desk/matching/2026Q3/")
    one = Demand.objects.select_related("screening").first()
    assert one and one.screening
    assert "食品安全法" in see(office, f"/desk/matching/2026Q3/verdicts/{one.screening.uuid}/")
    assert f"{count}" in see(office, "/desk/matching/2026Q3/demands/?origin=statutory")
    do(office, "/desk/matching/2026Q3/do/fall/", {"because": " "}, status=409)
    do(office, "/desk/matching/2026Q3/do/fall/", {"because": "本季度另有安排"})
    assert not waiting.exists()
    round_.refresh_from_db()
    do(office, "/desk/matching/2026Q3/do/close/")


def test_every_number_of_the_board_opens_to_as_many_rows_and_they_add_up(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    round_ = factories.opened()
    factories.collected(factories.published())
    services.match(actor="office", now=NOW, round_=round_)
    fates = (
        ("spared", "recognise"),
        ("spared", "offsite"),
        ("matched", "allow"),
        ("matched", "merge"),
        ("deferred", "defer"),
        ("refused", "refuse"),
        ("waiting", ""),
        ("waiting", "allow"),
        ("withdrawn", "allow"),
    )
    for number, row in enumerate(Demand.objects.order_by("pk")):
        row.state, row.outcome = fates[number * number % len(fates)]
        row.open_from = NOW.date() if row.state == "deferred" else None
        row.contact = row.contact if row.state in ("matched", "spared", "deferred") else None
        row.save()
    for number, contact in enumerate(Contact.objects.order_by("pk")):
        contact.planned_part = ("am", "", "pm")[number % 3]
        contact.save()
    board = see(office, "/desk/matching/2026Q3/board/")
    tiles = re.findall(r'class="number" href="([^"]+)">.*?number-value">([\d,]+)', board)
    assert len(tiles) > 14
    shown = {}
    for address, value in tiles:
        rows = re.search(r"共 <strong>([\d,]+)</strong>", see(office, html.unescape(address)))
        assert rows and rows[1] == value, address
        shown[html.unescape(address).removeprefix("/desk/matching/2026Q3/")] = int(value.replace(",", ""))
    total = Demand.objects.count()
    assert shown["demands/"] == total
    assert sum(count for key, count in shown.items() if "origin=" in key) == total
    assert sum(count for key, count in shown.items() if "demands/?state=" in key) == total
    halves = [shown[f"visits/?half={half}"] for half in "10"]
    assert sum(halves) == shown["visits/"] == Contact.objects.count()


def test_a_long_matching_is_a_job_with_a_bar(ground: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from yicha.doors.desk.matching import acts

    monkeypatch.setattr(acts, "AT_ONCE", 0)
    office = signed_in(ground.coordinator)
    factories.opened()
    factories.drawn(factories.published())
    queue = testing.InMemoryConnector()
    with procrastinate_app.current_app.replace_connector(queue):
        do(office, "/desk/matching/2026Q3/do/match/")
    run = MatchRun.objects.get()
    (job,) = queue.jobs.values()
    assert (job["task_name"], job["args"]) == ("planning.match", {"run": str(run.uuid)})
    bar = see(office, f"/desk/matching/2026Q3/run/{run.uuid}/")
    assert "<progress" in bar and f"/run/{run.uuid}/" in bar
    assert f"/run/{run.uuid}/" in see(office, "/desk/matching/2026Q3/")
    jobs.match_round(**job["args"])
    answer = office.get(f"/desk/matching/2026Q3/run/{run.uuid}/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/desk/matching/2026Q3/"
    assert Contact.objects.exists() and not Demand.objects.filter(state="waiting").exists()


def test_all_draws_of_a_quarter_are_opened_and_frozen_together(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    factories.opened()
    factories.published()
    factories.published(factories.OWN)
    page = "/desk/matching/2026Q3/"
    given: dict[str, object] = {
        "beacon": "demonstration",
        "source": "given by the tests",
        "reveal_deadline": "2026-07-03T09:00",
    }
    see(office, f"{page}do/open/")
    assert "开始 2 个抽取" in see(office, f"{page}draws/")
    _job(office, f"{page}do/open/", given)
    assert Draw.objects.filter(state="opened").count() == 2
    do(office, f"{page}do/open/", given, status=409)
    do(office, f"{page}do/freeze/", status=409)
    for draw in Draw.objects.all():
        factories.commit(draw)
    assert "封存已承诺的 2 个抽取" in see(office, f"{page}draws/")
    _job(office, f"{page}do/freeze/")
    assert Draw.objects.filter(state="frozen").count() == 2


def _job(office: Client, address: str, data: dict[str, object] | None = None) -> None:
    """Ask for a job on its page, see its bar, and do it."""
    queue = testing.InMemoryConnector()
    with procrastinate_app.current_app.replace_connector(queue):
        page = do(office, address, data)
    assert "<progress" in see(office, page)
    (job,) = queue.jobs.values()
    jobs.match_round(**job["args"])
    run = MatchRun.objects.latest("id")
    assert (run.state, run.done) == ("done", run.total)


def test_a_refused_matching_says_why_on_the_page(ground: Cast) -> None:
    round_ = factories.opened()
    factories.collected(factories.published())
    own = factories.published(factories.OWN)
    services.start_draw(
        actor="office",
        now=NOW,
        entry=queries.list_entries(own)[0],
        beacon=factories.BEACON,
        reveal_deadline=factories.DEADLINE,
    )
    run = services.ask_match(actor="coordinator", now=NOW, round_=round_)
    services.run_match(run=run, now=NOW)
    assert "上次匹配未通过" in see(signed_in(ground.coordinator), "/desk/matching/2026Q3/")


PLAN_PAGES = ("", "rates/", "agencies/", "ledger/")
PLAN_FORMS = ("do/entry/", "do/draw/1/", "do/return/")
PLAN_ACTS = ("do/remove/1/", "do/submit/", "do/approve/", "do/publish/", "do/amend/")


@pytest.mark.parametrize("page", [*PLAN_PAGES, *PLAN_FORMS])
def test_a_foreign_plan_and_a_missing_one_are_the_same(ground: Cast, page: str) -> None:
    plan = factories.plan(factories.OWN)
    foreign = signed_in(ground.officer_b)
    assert foreign.get(url(plan, page)).status_code == 404
    assert foreign.get(f"/desk/plans/{uuid4()}/{page}").status_code == 404


@pytest.mark.parametrize("act", PLAN_ACTS)
def test_nobody_acts_on_a_foreign_plan_or_a_missing_one(ground: Cast, act: str) -> None:
    plan = factories.plan(factories.OWN)
    planner_b = person("planner-b", "乙计划", GrantFacts(Role.PLANNER, "110115-fire", "110115"))
    for client in (signed_in(planner_b), signed_in(ground.officer_a)):
        assert client.post(url(plan, act)).status_code == 404
        assert client.post(f"/desk/plans/{uuid4()}/{act}").status_code == 404
    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT


def test_a_plan_of_a_zone_is_seen_by_all_who_take_part_and_changed_by_its_office(ground: Cast) -> None:
    plan = factories.plan()
    for user in (ground.planner, ground.officer_a, ground.officer_b, ground.coordinator):
        see(signed_in(user), url(plan))
    do(signed_in(ground.planner), url(plan, "do/submit/"), status=404)
    act(signed_in(ground.coordinator), plan, "do/submit/")


def test_nobody_begins_a_plan_for_another_agency(ground: Cast) -> None:
    for owner in ("list:catering@zone:yizhuang", "agency:110115-fire", "list:catering@region:110115"):
        given: dict[str, object] = {"owner": owner, "year": 2026, "title": "t"}
        do(signed_in(ground.planner), "/desk/plans/new/", given, status=422)
    see(signed_in(ground.planner), "/desk/matching/open/", status=404)
    assert not AnnualPlan.objects.exists()


MATCH_PAGES = ("", "draws/", "demands/", "visits/")
MATCH_ACTS = (
    "do/match/",
    "do/freeze/",
    "do/open/",
    "do/officers/freeze/",
    "do/officers/apply/",
    "do/close/",
    "do/freeze/x/",
)


@pytest.mark.parametrize("page", [*MATCH_PAGES, "do/officers/"])
def test_strangers_see_no_round_whether_it_exists_or_not(ground: Cast, page: str) -> None:
    factories.opened()
    for user in (ground.stranger, ground.owner):
        assert signed_in(user).get(f"/desk/matching/2026Q3/{page}").status_code == 404
        assert signed_in(user).get(f"/desk/matching/2031Q3/{page}").status_code == 404
    assert signed_in(ground.coordinator).get(f"/desk/matching/2031Q3/{page}").status_code == 404


@pytest.mark.parametrize("act", MATCH_ACTS)
def test_only_the_office_of_a_round_runs_it(ground: Cast, act: str) -> None:
    factories.opened()
    for user in (ground.planner, ground.officer_a, ground.stranger):
        assert signed_in(user).post(f"/desk/matching/2026Q3/{act}").status_code == 404
        assert signed_in(user).post(f"/desk/matching/2031Q3/{act}").status_code == 404


def test_demands_and_visits_of_others_are_not_shown(ground: Cast) -> None:
    round_ = factories.opened()
    factories.collected(factories.published())
    services.match(actor="o", now=NOW, round_=round_)
    here, there = (
        Contact.objects.filter(enterprise__region__code=code).first() for code in ("110112", "110115")
    )
    assert here and there
    client = signed_in(ground.officer_a)
    for page in ("demands/", "visits/"):
        text = see(client, f"/desk/matching/2026Q3/{page}")
        assert here.enterprise.name in text and there.enterprise.name not in text
    see(client, f"/desk/matching/2026Q3/visits/{here.uuid}/")
    see(client, f"/desk/matching/2026Q3/visits/{there.uuid}/", status=404)
    see(client, f"/desk/matching/2026Q3/visits/{uuid4()}/", status=404)
    see(client, f"/desk/matching/2026Q3/run/{uuid4()}/", status=404)
    assert queries.get_round("2026Q3").visits_with == Contact.objects.count()
