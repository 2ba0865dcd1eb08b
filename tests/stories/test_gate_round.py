"""A quarter passes the gate on the desk: the funnel, every demand's reasons, who may see them, and what comes back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from procrastinate import testing
from procrastinate.contrib.django import procrastinate_app

from tests.cast import NOW, TODAY, Cast
from yicha.base.accounts.models import User
from yicha.decide.gate import queries as gate
from yicha.decide.planning import jobs
from yicha.decide.planning.models import Demand, MatchRun, Round, Screening
from yicha.decide.planning.tests import factories
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.models import ItemVersion
from yicha.know.visits.models import Contact, Result
from yicha.share.recognition import services as recognition
from yicha.share.recognition.terms import RevocationKind

ROUND = "/desk/matching/2026Q3/"


@pytest.fixture
def round_(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Round:
    """Demands of the restaurants in the third quarter; on the desk it is the morning of 1 July 2026."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    factories.ground()
    opened = factories.opened()
    factories.collected(factories.published())
    ItemVersion.objects.filter(item__code="market-02").update(method="written")
    return opened


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def see(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def do(client: Client, address: str, data: dict[str, object] | None = None, status: int = 302) -> str:
    response = client.post(address, data or {})
    assert response.status_code == status, response.content.decode()[-2000:]
    return response.get("Location", "") or response.content.decode()


def demand_of(item: str) -> Demand:
    return Demand.objects.select_related("enterprise", "agency", "item_version", "screening").filter(
        item_version__item__code=item, agency__code="110112-market"
    )[0]


def clean_result(demand: Demand) -> Result:
    return Result.objects.create(
        enterprise=demand.enterprise,
        item_version=demand.item_version,
        agency=demand.agency,
        result_code="01",
        found_on=TODAY - timedelta(days=30),
        valid_until=TODAY + timedelta(days=200),
        evidence_hash="0" * 64,
        reference="r-1",
        state="offered",
        offered_at=NOW,
    )


def test_the_organiser_asks_the_gate_and_reads_what_became_of_the_demands(cast: Cast, round_: Round) -> None:
    office = signed_in(cast.coordinator)
    clean_result(demand_of("market-01"))
    assert "汇集并过闸" in see(office, ROUND)
    assert "过闸" in see(office, f"{ROUND}gate/")
    to = do(office, f"{ROUND}do/screen/")
    assert to == f"{ROUND}gate/"
    page = see(office, to)
    assert "从需求到上门" in page and "gate." not in page
    for narrowed, item in (("state=spared&outcome=recognise", "market-01"), ("state=spared", "market-02")):
        assert f"事项 {item}" in see(office, f"{ROUND}demands/?{narrowed}")
    left = see(office, f"{ROUND}demands/?state=waiting")
    assert "事项 fire-01" in left and "事项 market-02" not in left
    do(office, f"{ROUND}do/match/")
    after = see(office, f"{ROUND}gate/")
    assert "多部门一次上门" in after
    assert not Contact.objects.filter(state="planned", items__item_version__item__code="market-02").exists()


def test_every_demand_opens_to_its_verdict_with_its_sources(cast: Cast, round_: Round) -> None:
    office = signed_in(cast.coordinator)
    result = clean_result(demand_of("market-01"))
    do(office, f"{ROUND}do/screen/")
    demand = demand_of("market-01")
    assert demand.screening is not None
    page = see(office, f"{ROUND}verdicts/{demand.screening.uuid}/")
    assert "国办发〔2024〕54号" in page and result.found_on.isoformat() in page
    assert f"{ROUND}verdicts/{demand.screening.uuid}/" in see(office, f"{ROUND}demands/")
    see(office, f"/desk/matching/2026Q2/verdicts/{demand.screening.uuid}/", status=404)


def test_only_the_office_asks_and_only_those_concerned_read(cast: Cast, round_: Round) -> None:
    planner, other, owner = (signed_in(user) for user in (cast.planner, cast.officer_b, cast.owner))
    do(planner, f"{ROUND}do/screen/", status=404)
    do(signed_in(cast.coordinator), f"{ROUND}do/screen/")
    screening = Screening.objects.filter(agency__code="110112-market")[0]
    address = f"{ROUND}verdicts/{screening.uuid}/"
    see(planner, address)
    see(other, address, status=404)
    see(owner, address, status=404)
    see(owner, f"{ROUND}gate/", status=404)


def test_many_demands_are_asked_about_by_a_job(
    cast: Cast, round_: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yicha.doors.desk.matching.acts.PREVIEWED", 3)
    office = signed_in(cast.coordinator)
    queue = testing.InMemoryConnector()
    with procrastinate_app.current_app.replace_connector(queue):
        do(office, f"{ROUND}do/screen/")
    run = MatchRun.objects.get()
    assert "正在过闸" in see(office, f"{ROUND}run/{run.uuid}/")
    (job,) = queue.jobs.values()
    jobs.match_round(**job["args"])
    run.refresh_from_db()
    assert run.state == "done" and not Demand.objects.filter(outcome="").exists()
    assert office.get(f"{ROUND}run/{run.uuid}/").headers["Location"] == f"{ROUND}gate/"


def test_a_revoked_result_puts_the_demand_back_on_the_organiser_s_desk(cast: Cast, round_: Round) -> None:
    office = signed_in(cast.coordinator)
    result = clean_result(demand_of("market-01"))
    do(office, f"{ROUND}do/match/")
    demand = demand_of("market-01")
    assert (demand.state, demand.outcome) == ("spared", "recognise")
    recognition.revoke(
        actor="clerk",
        now=NOW,
        result=result,
        because="证据撤回",
        kind=RevocationKind.EVIDENCE_WITHDRAWN,
    )
    demand.refresh_from_db()
    assert demand.state == "waiting"
    assert demand.enterprise.name in see(office, f"{ROUND}demands/?state=waiting")
    do(office, f"{ROUND}do/match/")
    demand.refresh_from_db()
    assert demand.state == "matched" and demand.contact is not None
    assert not Contact.objects.filter(spared_by=f"result:{result.uuid}", state="spared").exists()


# The rows by which the gate judges


def test_an_administrator_of_rows_changes_a_trigger_from_a_day_on(cast: Cast, round_: Round) -> None:
    office = signed_in(cast.coordinator)
    assert "启动缘由" in see(office, "/desk/numbers/triggers/")
    form = see(office, "/desk/numbers/triggers/new/?code=initiative")
    assert "checked" in form
    given = {
        "code": "initiative",
        "own_initiative": "on",
        "needs_evidence": "on",
        "in_force_from": "2026-09-01",
        "source": "新文件〔2026〕2号",
    }
    do(office, "/desk/numbers/triggers/new/", dict(given))
    newest = gate.list_triggers().filter(code="initiative")[0]
    assert (newest.in_force_from, newest.needs_evidence, newest.spareable) == (date(2026, 9, 1), True, False)
    assert "新文件〔2026〕2号" in see(office, "/desk/numbers/triggers/")


def test_quiet_days_are_set_with_their_source_and_given_up_again(cast: Cast, round_: Round) -> None:
    office = signed_in(cast.coordinator)
    assert "没有区域设宁静日" in see(office, "/desk/numbers/quiet-days/")
    given: dict[str, object] = {
        "region": "110112",
        "from_day": 1,
        "until_day": 20,
        "in_force_from": "2026-07-01",
        "source": "试点",
        "is_ours": "on",
    }
    do(office, "/desk/numbers/quiet-days/new/", {**given, "from_day": 21}, status=409)
    do(office, "/desk/numbers/quiet-days/new/", given)
    shown = see(office, "/desk/numbers/quiet-days/")
    assert "通州区" in shown and "本系统默认" in shown
    do(office, f"{ROUND}do/match/")
    days = Contact.objects.filter(state="planned", enterprise__region__code="110112")
    assert days and all(row.planned_on and row.planned_on.day > 20 for row in days)
    do(
        office,
        "/desk/numbers/quiet-days/new/",
        {**given, "from_day": 0, "until_day": 0, "in_force_from": "2026-10-01"},
    )


def test_an_approval_of_a_campaign_is_recorded_once(cast: Cast, round_: Round) -> None:
    office = signed_in(cast.coordinator)
    given: dict[str, object] = {
        "code": "summer-2026",
        "document": "京政发〔2026〕7号",
        "approved_by": "市政府",
        "agencies": ["110112-market"],
        "items": ["market-01"],
        "valid_from": "2026-07-01",
        "valid_until": "2026-08-31",
    }
    do(office, "/desk/numbers/campaigns/new/", given)
    shown = see(office, "/desk/numbers/campaigns/")
    assert "京政发〔2026〕7号" in shown and "110112-market" in shown
    do(office, "/desk/numbers/campaigns/new/", given, status=409)


def test_a_region_may_say_otherwise_about_a_number(cast: Cast, round_: Round) -> None:
    office = signed_in(cast.coordinator)
    given = {
        "code": "annual-visit-cap-district",
        "value": "1",
        "region": "110112",
        "in_force_from": "2026-07-01",
        "source": "通州区规定",
    }
    do(office, "/desk/numbers/new/", dict(given))
    on = date(2026, 7, 2)
    assert catalogue.get_number("annual-visit-cap-district", on, ["110112"]).value == 1
    assert catalogue.get_number("annual-visit-cap-district", on, ["110115"]).value == 2
    shown = see(office, "/desk/numbers/")
    assert "通州区规定" in shown and "不限" in shown


@pytest.mark.parametrize("page", ["triggers/", "quiet-days/", "campaigns/"])
def test_everybody_at_a_desk_reads_the_rows_and_the_office_alone_sets_them(cast: Cast, page: str) -> None:
    for user in (cast.planner, cast.officer_a, cast.coordinator):
        see(signed_in(user), f"/desk/numbers/{page}")
    for user in (cast.planner, cast.officer_a, cast.owner, cast.stranger):
        see(signed_in(user), f"/desk/numbers/{page}new/", status=404)
    see(signed_in(cast.owner), f"/desk/numbers/{page}", status=404)
    see(signed_in(cast.coordinator), f"/desk/numbers/{page}new/")
