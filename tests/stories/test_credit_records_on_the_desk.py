"""A record on the desk: written, published, corrected, ended; and the line of time of its enterprise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from django.test import Client

from tests.cast import NOW, TODAY, Cast, person
from yicha.act.inspection import queries as inspection
from yicha.act.inspection import services as visits
from yicha.act.inspection.terms import CheckResult, FindingFacts, Severity
from yicha.act.inspection.tests import factories
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.kernel import clock
from yicha.know.credit.models import CreditRecord, RiskModel
from yicha.know.credit.queries.models import get_shipped
from yicha.know.credit.services import classing
from yicha.know.credit.terms.classes import RunKind
from yicha.know.visits.terms import ResultCode

LIST = "/desk/credit/"


@pytest.fixture(autouse=True)
def _morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def see(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.content.decode()


def do(client: Client, address: str, data: Mapping[str, object], status: int = 302) -> str:
    response = client.post(address, data)
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.get("Location", "") or response.content.decode()


def written(cast: Cast, **more: str) -> dict[str, str]:
    return {
        "uscc": cast.noodle_shop.uscc,
        "kind": "penalty",
        "severity": "general",
        "agency": "110112-market",
        "reference": "京通市监罚〔2026〕12号",
        "happened_on": "2026-06-01",
        "amount": "2000",
        "words": "罚款 2000 元",
        **more,
    }


def test_a_record_is_written_published_corrected_and_ended(cast: Cast) -> None:
    planner = signed_in(cast.planner)
    page = do(planner, f"{LIST}new/", written(cast))
    shown = see(planner, page)
    assert "有效至 2027-06-01" in shown and "未公示" in shown

    do(planner, f"{page}publish/", {})
    assert "公示中" in see(planner, page)

    # What was not changed in the form stays, also the day that was only computed.
    form = see(planner, f"{page}correct/")
    assert 'value="2026-06-01"' in form and "2027-06-01" not in form
    changed = written(cast, severity="minor", amount="500", published_on="2026-07-01", reason="裁量有误")
    after = do(planner, f"{page}correct/", changed)
    record = CreditRecord.objects.get(version=2)
    assert str(record.uuid) in after and record.effective_until == date(2026, 10, 1)
    assert "这是历史版本" in see(planner, page)
    versions = see(planner, f"{after}versions/")
    assert "2000.00" in versions and "500.00" in versions and "一般" in versions and "轻微" in versions

    do(planner, f"{after}end/", {"reason": "复议撤销"})
    ended = see(planner, after)
    assert "自 2026-07-01 起失效" in ended and "各处回执" in ended and "公示中" not in ended
    assert "end/" not in ended


def test_what_is_wrong_is_said_at_its_field(cast: Cast) -> None:
    planner = signed_in(cast.planner)
    wrong = written(cast, kind="honour", words="联系人 13800138000", published_on="2026-06-05")
    page = do(planner, f"{LIST}new/", wrong, status=409)
    assert "只有失信信息才分轻微、一般、严重" in page and "疑似含身份证号或手机号码" in page
    assert not CreditRecord.objects.exists()


def test_only_the_agency_itself_changes_its_record(cast: Cast) -> None:
    page = do(signed_in(cast.planner), f"{LIST}new/", written(cast))
    fire = person("fire", "消防", GrantFacts(Role.PLANNER, "110112-fire", "110112"))
    stranger = signed_in(fire)
    shown = see(stranger, page)
    for act in ("publish", "correct", "end"):
        assert f"{act}/" not in shown
        assert see(stranger, f"{page}{act}/", 404)
        do(stranger, f"{page}{act}/", {"reason": "x"}, status=404)
    assert CreditRecord.objects.get().state == "in-effect"


def test_a_record_of_another_region_is_not_there(cast: Cast) -> None:
    page = do(signed_in(cast.planner), f"{LIST}new/", written(cast))
    assert see(signed_in(cast.officer_b), page, 404)


def test_the_list_is_narrowed_by_severity_and_publication(cast: Cast) -> None:
    planner = signed_in(cast.planner)
    do(planner, f"{LIST}new/", written(cast, reference="甲"))
    do(planner, f"{LIST}new/", written(cast, reference="乙", severity="serious", published_on="2026-06-05"))
    assert "乙" in (found := see(planner, f"{LIST}?severity=serious")) and ">甲<" not in found
    assert ">乙<" not in (found := see(planner, f"{LIST}?published=False")) and ">甲<" in found


def test_the_enterprise_shows_everything_with_its_points_and_what_would_help(cast: Cast) -> None:
    planner, tab = signed_in(cast.planner), f"/desk/enterprises/{cast.noodle_shop.uscc}/credit/"
    assert "尚未分类" in see(planner, tab)
    RiskModel.objects.filter(pk=get_shipped().pk).update(
        state="in-force", in_force_from=TODAY - timedelta(days=60)
    )
    classing.classify_all(actor="t", now=NOW, kind=RunKind.ASKED)
    do(planner, f"{LIST}new/", written(cast, severity="serious"))
    cast.noodle_shop.refresh_from_db()
    letter = cast.noodle_shop.risk_class
    shown = see(planner, tab)
    assert f"为何是 {letter} 类" in shown and "怎样能变好" in shown
    assert "行政处罚 · 严重" in shown and "2,000.00 元" in shown
    assert f"调整为 {letter}" in shown


def test_whom_classes_are_not_shown_sees_no_such_tab(cast: Cast) -> None:
    admin = signed_in(person("sysadmin", "管理员", GrantFacts(Role.SYSTEM_ADMIN)))
    page = f"/desk/enterprises/{cast.noodle_shop.uscc}/"
    assert "/credit/" not in see(admin, page)
    assert see(admin, f"{page}credit/", 404)
    assert f"{cast.noodle_shop.uscc}/credit/" in see(signed_in(cast.planner), page)


def test_an_officer_confirms_what_was_corrected(cast: Cast) -> None:
    visit = factories.started(cast)
    part = factories.part(visit, "110112-market")
    ordered = CheckResult(
        ResultCode.CORRECTION_ORDERED,
        (FindingFacts("后厨无防蝇设施", Severity.GENERAL, TODAY + timedelta(days=15)),),
    )
    results = {check.pk: ordered for check in part.checks.all()}
    visits.record_results(actor="o", now=NOW, part=part, results=results)
    visits.close_part(actor="o", now=NOW, part=part)
    officer = signed_in(cast.officer_a)
    page = f"/desk/visits/{visit.uuid}/"
    assert "确认整改" in see(officer, page) and "应于 2026-07-16 前改正" in see(officer, page)
    chosen = [check.pk for check in inspection.list_open_orders(part)]
    address = f"{page}parts/110112-market/corrections/"
    assert "请勾选已改正的事项" in do(officer, address, {"on": "2026-07-01"}, status=409)
    do(officer, address, {"on": "2026-07-01", "checks": chosen})
    shown = see(officer, page)
    assert "2026-07-01 已改正" in shown and "确认整改" not in shown
    assert "按期改正" in see(officer, f"/desk/enterprises/{cast.noodle_shop.uscc}/credit/")
    foreign = signed_in(cast.officer_b)
    assert see(foreign, address, 404)
