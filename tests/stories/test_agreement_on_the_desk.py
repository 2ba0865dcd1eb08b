"""Agreements, assistance and conflicts of standards on the desk: who does what, and what it lets cross."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.http import FileResponse
from django.test import Client
from python_calamine import CalamineWorkbook

from tests.cast import NOW, TODAY, Cast, person
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.kernel import clock
from yicha.know.agreement import queries, services
from yicha.know.agreement.models import Agreement, AssistanceRequest, Equivalence, StandardConflict
from yicha.know.agreement.terms import ConflictFiling, SideFacts
from yicha.know.agreement.tests.factories import published_item, signed
from yicha.know.visits import services as visits
from yicha.know.visits.terms import ContactKind, PlannedContact, PlannedItem, ResultCode


@pytest.fixture
def ground(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast with two items; on the desk it is the morning of 1 July 2026."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    published_item("fire-001")
    published_item("fire-007", name="灭火器")
    return cast


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def approver(region: str, agency: str = "") -> Client:
    name = f"approver-{region}{agency}"
    return signed_in(person(name, f"{region}审批人", GrantFacts(Role.APPROVER, agency, region)))


def see(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def do(client: Client, address: str, data: Mapping[str, object] | None = None, status: int = 302) -> str:
    response = client.post(address, data or {})
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.get("Location", "") or response.content.decode()


WORDS: dict[str, object] = {
    "name": "亦庄新城三地检查结果互认协议",
    "regions": ["110112", "110115", "110302"],
    "shares": ["results", "undisturbed"],
    "valid_from": "2026-07-01",
    "notice_days": 30,
    "text": "三地互认检查结果。",
}
PAGE = "/desk/agreements/HZ-2026-0001/1/"


def test_three_regions_sign_and_only_then_something_crosses(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    assert "30" in see(office, "/desk/agreements/new/")
    alone = do(office, "/desk/agreements/new/", {**WORDS, "regions": ["110112"]}, status=409)
    assert "协议至少由两个地区签订" in alone
    assert do(office, "/desk/agreements/new/", WORDS) == PAGE
    assert "三地互认检查结果。" in see(office, f"{PAGE}do/edit/")
    do(office, f"{PAGE}do/edit/", {**WORDS, "text": "三地互认检查结果和无事不扰名单。"})
    do(office, f"{PAGE}do/offer/")
    for region in ("110112", "110115"):
        chief = approver(region)
        assert "亦庄新城三地检查结果互认协议" in see(chief, "/desk/")
        do(chief, f"{PAGE}do/sign/110302/", status=404)
        do(chief, f"{PAGE}do/sign/{region}/")
        assert queries.list_agreement_facts() == []
    do(approver("110302"), f"{PAGE}do/sign/110302/")
    (facts,) = queries.list_agreements_in_force(TODAY)
    assert facts.shares == {"results", "undisturbed"}
    for tab in ("", "versions/", "ledger/"):
        assert "亦庄新城三地检查结果互认协议" in see(signed_in(ground.officer_b), PAGE + tab)
    assert "HZ-2026-0001" in see(office, "/desk/agreements/?state=in-force&region=110115")


def test_who_drafts_does_not_sign_and_who_signs_does_not_draft(ground: Cast) -> None:
    office, chief = signed_in(ground.coordinator), approver("110112")
    do(office, "/desk/agreements/new/", WORDS)
    do(office, f"{PAGE}do/offer/")
    do(office, f"{PAGE}do/sign/110112/", status=404)
    see(chief, "/desk/agreements/new/", status=404)
    do(chief, f"{PAGE}do/withdraw/", status=404)
    do(office, f"{PAGE}do/withdraw/")
    assert Agreement.objects.get().state == "withdrawn"


def test_a_coordinator_of_one_region_drafts_for_it_alone(ground: Cast) -> None:
    local = signed_in(person("local", "地方", GrantFacts(Role.COORDINATOR, region="110115")))
    do(local, "/desk/agreements/new/", {**WORDS, "regions": ["110112", "110302"]}, status=404)
    do(local, "/desk/agreements/new/", {**WORDS, "regions": ["110112", "110115"]})
    zone = signed_in(person("zone", "新城", GrantFacts(Role.COORDINATOR, region="yizhuang")))
    see(zone, f"{PAGE}do/edit/")


def test_the_next_version_stands_beside_the_former_and_notice_ends_it(ground: Cast) -> None:
    office, first = signed_in(ground.coordinator), signed()
    assert do(office, f"{PAGE}do/version/") == "/desk/agreements/HZ-2026-0001/2/"
    second = "/desk/agreements/HZ-2026-0001/2/"
    do(office, f"{second}do/edit/", {**WORDS, "shares": ["results"], "valid_from": "2026-08-01"})
    page = see(office, f"{second}versions/")
    assert "变更" in page and "无事不扰名单" in page
    chief = approver("110115")
    early = do(
        chief, f"{PAGE}do/end/", {"region": "110115", "last_on": "2026-07-02", "reason": "调整"}, status=409
    )
    assert "2026-07-31" in early
    do(chief, f"{PAGE}do/end/", {"region": "110115", "last_on": "2026-07-31", "reason": "机构调整"})
    assert "机构调整" in see(office, PAGE)
    assert queries.list_agreements_in_force(date(2026, 8, 1)) == [] and first.version == 1


def test_a_signature_is_taken_back_with_a_reason(ground: Cast) -> None:
    office, chief = signed_in(ground.coordinator), approver("110112")
    do(office, "/desk/agreements/new/", WORDS)
    do(office, f"{PAGE}do/offer/")
    do(chief, f"{PAGE}do/sign/110112/")
    see(chief, f"{PAGE}do/unsign/110112/")
    do(chief, f"{PAGE}do/unsign/110112/", {"reason": "条款待议"})
    assert not Agreement.objects.get().signatures.exclude(signed_at=None).exists()


def test_standards_of_two_regions_count_as_the_same_until_that_is_ended(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    signed()
    see(office, f"{PAGE}do/recognise/")
    given: dict[str, object] = {
        "own_item": "fire-001",
        "own_region": "110112",
        "other_item": "fire-007",
        "other_region": "110115",
        "source": "对照表第3号",
    }
    twice = do(office, f"{PAGE}do/recognise/", {**given, "other_item": "fire-001"}, status=409)
    assert "同一事项" in twice
    do(office, f"{PAGE}do/recognise/", given)
    assert len(queries.list_equivalences()) == 1
    assert "对照表第3号" in see(office, PAGE)
    row = Equivalence.objects.get()
    do(signed_in(ground.officer_a), f"{PAGE}do/recognise/{row.uuid}/end/", {"reason": "x"}, status=404)
    do(office, f"{PAGE}do/recognise/{row.uuid}/end/", {"reason": "标准已修订"})
    assert queries.list_equivalences() == []


def test_a_region_is_asked_answers_and_takes_back(ground: Cast) -> None:
    asker = signed_in(person("fire-planner", "消防", GrantFacts(Role.PLANNER, "110112-fire", "110112")))
    given: dict[str, object] = {
        "agency": "110112-fire",
        "uscc": ground.paint_factory.uscc,
        "from_on": "2026-07-06",
        "until_on": "2026-07-07",
        "purpose": "协查同一批次油漆",
    }
    assert ground.paint_factory.uscc in see(asker, f"/desk/assistance/new/?uscc={ground.paint_factory.uscc}")
    home = do(asker, "/desk/assistance/new/", {**given, "uscc": ground.noodle_shop.uscc}, status=409)
    assert "无需征求" in home
    page = do(asker, "/desk/assistance/new/", given)
    assert page == "/desk/assistance/XZ-2026-0001/"
    chief = approver("110115", "110115-fire")
    assert "北京红星油漆厂有限公司" in see(chief, "/desk/")
    assert "2026-07-06" in see(chief, page)
    do(asker, f"{page}do/answer/", {"consent": "yes"}, status=404)
    silent = do(chief, f"{page}do/answer/", {"consent": "no"}, status=409)
    assert "不同意的，应说明理由" in silent
    do(chief, f"{page}do/answer/", {"consent": "yes", "words": "请会同我队"})
    assert AssistanceRequest.objects.get().state == "granted"
    do(chief, f"{page}do/revoke/", {"reason": "案件已移交"})
    assert "案件已移交" in see(asker, page)
    assert "XZ-2026-0001" in see(asker, "/desk/assistance/?state=revoked")


def test_a_third_region_does_not_see_a_request(ground: Cast) -> None:
    asker = signed_in(person("fire-planner", "消防", GrantFacts(Role.PLANNER, "110112-fire", "110112")))
    given: dict[str, object] = {
        "agency": "110112-fire",
        "uscc": ground.chip_maker.uscc,
        "from_on": "2026-07-06",
        "until_on": "2026-07-07",
        "purpose": "协查",
    }
    page = do(asker, "/desk/assistance/new/", given)
    stranger = approver("110115", "110115-fire")
    see(stranger, page, status=404)
    assert "XZ-2026-0001" not in see(stranger, "/desk/assistance/")
    do(asker, f"{page}do/withdraw/")
    do(asker, "/desk/assistance/new/", {**given, "agency": "110115-fire"}, status=422)


def test_a_conflict_filed_by_an_officer_is_ruled_on_and_binds(ground: Cast) -> None:
    officer, office = signed_in(ground.officer_a), signed_in(ground.coordinator)
    see(officer, "/desk/conflicts/new/")
    given: dict[str, object] = {
        "title": "灭火器检查周期",
        "region": "110112",
        "a_item": "fire-001",
        "a_agency": "110112-fire",
        "a_words": "灭火器每年检查一次。",
        "b_item": "fire-007",
        "b_words": "灭火器每月检查一次。",
        "evidence": "2026-06-12 检查记录",
    }
    do(officer, "/desk/conflicts/new/", {**given, "region": "110115"}, status=422)
    page = do(officer, "/desk/conflicts/new/", given)
    assert page == "/desk/conflicts/CT-2026-0001/"
    assert "灭火器检查周期" in see(office, "/desk/")
    do(officer, f"{page}do/rule/", {"outcome": "a-holds", "words": "x"}, status=404)
    assert "灭火器每月检查一次。" in see(office, f"{page}do/rule/")
    do(office, f"{page}do/rule/", {"outcome": "a-holds", "words": "以每年一次为准。"})
    assert [words for _version, words in queries.list_rulings()] == ["CJ-2026-0001 以每年一次为准。"]
    assert "不得再检查" in see(officer, page)
    assert "以每年一次为准。" in see(officer, "/desk/items/fire-007/")
    assert "CJ-2026-0001" in see(officer, "/desk/conflicts/?q=每年")
    do(office, f"{page}do/rule/", {"outcome": "both-hold", "words": "分别适用。"})
    assert queries.list_rulings() == []
    assert "以每年一次为准。" in see(office, page) and "CJ-2026-0001" in see(office, f"{page}ledger/")


def test_who_filed_takes_it_back(ground: Cast) -> None:
    officer = signed_in(ground.officer_a)
    given = {
        "title": "两种口径",
        "region": "110112",
        "a_item": "fire-001",
        "a_words": "甲",
        "b_item": "fire-007",
        "b_words": "乙",
        "evidence": "记录",
    }
    page = do(officer, "/desk/conflicts/new/", given)
    do(signed_in(ground.officer_b), f"{page}do/withdraw/", status=404)
    do(officer, f"{page}do/withdraw/")
    assert StandardConflict.objects.get().state == "withdrawn"


def test_officials_do_not_read_who_filed_for_an_enterprise(ground: Cast) -> None:
    sides = (SideFacts("fire-001", "每年检查一次。"), SideFacts("fire-007", "每月检查一次。"))
    filing = ConflictFiling("灭火器", *sides, "110112", "现场记录", ground.noodle_shop.uscc)
    filed = services.file_conflict(actor="shop-owner", now=NOW, filing=filing)
    page = f"/desk/conflicts/{filed.code}/"
    near, far = signed_in(ground.officer_a), signed_in(ground.officer_b)
    assert "北京马驹桥老面馆" in see(near, page) and "shop-owner" not in see(near, page)
    assert "北京马驹桥老面馆" not in see(far, page) and "shop-owner" not in see(far, f"{page}ledger/")


def test_items_that_nobody_has_checked_for_five_years_are_listed(
    ground: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = published_item("fire-old", name="旧事项")
    type(old).objects.filter(pk=old.pk).update(in_force_from=date(2019, 1, 1))
    office = signed_in(ground.coordinator)
    address = "/desk/items/?unused=no"
    page = see(office, address)
    assert "旧事项" in page and "fire-001" not in page and "国办发〔2024〕54号" in page
    planned = PlannedContact(
        uscc=ground.noodle_shop.uscc,
        lead_agency=ground.fire_a.code,
        kind=ContactKind.DAILY,
        round="",
        window_from=TODAY,
        window_to=TODAY,
        planned_on=TODAY,
        items=[PlannedItem(ground.fire_a.code, old.pk, "test")],
    )
    (contact,) = visits.plan_contacts(actor="test", now=NOW, planned=[planned])
    results = {contact.items.get().pk: ResultCode.NO_PROBLEM}
    visits.record_results(contact=contact, results=results, on=date(2021, 6, 30))
    assert "2021-06-30" in see(office, address)
    answer = office.get(f"{address}&export=xlsx")
    assert isinstance(answer, FileResponse)
    book = CalamineWorkbook.from_filelike(BytesIO(answer.getvalue()))
    cells = {str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row}
    assert {"旧事项", "2021-06-30"} <= cells and "fire-001" not in cells
    visits.record_results(contact=contact, results=results, on=TODAY - timedelta(days=1))
    assert "旧事项" not in see(office, address)
