"""A penalty is repaired: the owner applies on its own page, the agency accepts, decides and answers on its desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext

from tests.cast import Cast, person
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.doors.partners.tests.factories import system
from yicha.ingest.exchange.models import Event, EventReader
from yicha.kernel import clock
from yicha.know.credit import services as credit
from yicha.know.credit.models import CreditRecord, Repair
from yicha.know.credit.queries.repairs import PLEDGE
from yicha.know.credit.terms import RecordFacts, RecordKind, Severity
from yicha.know.registry.models import Enterprise

REFERENCE = "京通市监罚〔2026〕88号"
HANDED_IN = {
    "grounds": "罚款已缴清，广告已下架",
    "evidence": "缴款书与下架截图 2026-88.zip",
    "evidence_hash": "b" * 64,
    "has_pledged": "on",
}


@pytest.fixture
def approver(cast: Cast) -> User:
    return person("approver", "审批人", GrantFacts(Role.APPROVER, "110112-market", "110112"))


@pytest.fixture
def other(cast: Cast) -> User:
    """Approves for fire rescue of 大兴, whose record it is not."""
    return person("other", "外区审批人", GrantFacts(Role.APPROVER, "110115-fire", "110115"))


def penalty(
    enterprise: Enterprise, *, severity: Severity = Severity.GENERAL, days: int = 100
) -> CreditRecord:
    """A fine of market regulation, published so many days ago."""
    day = clock.today(clock.now()) - timedelta(days=days)
    return credit.record(
        actor="clerk",
        now=clock.now(),
        facts=RecordFacts(
            uscc=enterprise.uscc,
            kind=RecordKind.PENALTY,
            agency="110112-market",
            reference=REFERENCE,
            happened_on=day,
            effective_from=day,
            severity=severity,
            words="发布虚假广告，罚款 2000 元",
            is_published=True,
            published_on=day,
        ),
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(user: User, address: str) -> str:
    answer = signed_in(user).get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def send(user: User, address: str, given: dict[str, Any] | None = None) -> Any:
    return signed_in(user).post(address, given or {})


def portal(name: str, cast: Cast, *more: Any) -> str:
    return reverse(f"portal:{name}", args=[cast.noodle_shop.uscc, *more])


def desk(name: str, repair: Repair) -> str:
    return reverse(f"desk:repairs:{name}", args=[repair.uuid])


def test_a_whole_day_of_an_owner_and_an_agency(cast: Cast, approver: User) -> None:
    record = penalty(cast.noodle_shop)
    public = reverse("public:enterprises:object", args=[cast.noodle_shop.uscc])
    assert REFERENCE in Client().get(public).content.decode()

    mine = read(cast.owner, portal("records", cast))
    assert REFERENCE in mine and "现在可以申请" in mine
    form = read(cast.owner, portal("ask_repair", cast, record.uuid))
    assert gettext(PLEDGE.sentence) in form
    without = send(cast.owner, portal("ask_repair", cast, record.uuid), {**HANDED_IN, "has_pledged": ""})
    assert without.status_code == 422 and "请作出信用承诺" in without.content.decode()
    assert send(cast.owner, portal("ask_repair", cast, record.uuid), HANDED_IN).status_code == 302
    repair = Repair.objects.get()
    assert repair.pledge == gettext(PLEDGE.sentence)
    assert repair.number in read(cast.owner, portal("records", cast))

    assert "1 件修复申请待受理或退回" in read(approver, "/desk/")
    queue = read(approver, reverse("desk:repairs:list"))
    assert repair.number in queue and "还剩" in queue
    assert send(approver, desk("send_back", repair), {"words": "缺少缴款书"}).status_code == 302
    told = read(cast.owner, portal("repair", cast, repair.uuid))
    assert "缺少缴款书" in told and "补正" in told
    assert send(cast.owner, portal("repair_again", cast, repair.uuid), HANDED_IN).status_code == 302

    assert send(approver, desk("accept", repair)).status_code == 302
    home = read(approver, "/desk/")
    assert "1 件修复申请待决定" in home and ">作出决定</a>" in home
    named = send(approver, desk("decide", repair), {"is_granted": "yes", "words": "由C类调整"})
    assert named.status_code == 409
    assert (
        send(approver, desk("decide", repair), {"is_granted": "yes", "words": "准予修复"}).status_code == 302
    )
    way = read(approver, desk("object", repair))
    assert "已从公示页面撤下" in way and "尚无系统订阅" in way
    assert REFERENCE not in Client().get(public).content.decode()
    assert send(approver, desk("answer", repair), {"words": "准予修复，已停止公示"}).status_code == 302
    repair.refresh_from_db()
    assert repair.state == "propagated"

    done = read(cast.owner, portal("repair", cast, repair.uuid))
    assert "全面终止" in done and "准予修复，已停止公示" in done
    for page in (mine, form, told, done):
        assert "风险分类" not in page and "class-letter" not in page


def test_a_partner_that_takes_over_the_ending_is_seen_in_the_receipt(cast: Cast, approver: User) -> None:
    record, partner = penalty(cast.noodle_shop), system("110112-fire")
    reader = EventReader.objects.create(client=str(partner.client.uuid), at=clock.now())
    send(cast.owner, portal("ask_repair", cast, record.uuid), HANDED_IN)
    repair = Repair.objects.get()
    send(approver, desk("accept", repair))
    send(approver, desk("decide", repair), {"is_granted": "yes", "words": "准予修复"})
    assert "1 个系统中有 0 个已接收" in read(approver, desk("object", repair))
    reader.cursor = Event.objects.get(type="cn.yicha.credit-record.ended").pk
    reader.save()
    assert "1 个系统中有 1 个已接收" in read(approver, desk("object", repair))


def test_too_early_the_owner_is_told_the_day(cast: Cast) -> None:
    record = penalty(cast.noodle_shop, severity=Severity.SERIOUS)
    mine = read(cast.owner, portal("records", cast))
    assert "现在可以申请" not in mine
    early = send(cast.owner, portal("ask_repair", cast, record.uuid), HANDED_IN)
    assert early.status_code == 409 and "起可以申请修复" in early.content.decode()
    assert not Repair.objects.exists()


def test_the_owner_withdraws_and_may_apply_again(cast: Cast) -> None:
    record = penalty(cast.noodle_shop)
    send(cast.owner, portal("ask_repair", cast, record.uuid), HANDED_IN)
    repair = Repair.objects.get()
    assert send(cast.owner, portal("repair_withdraw", cast, repair.uuid)).status_code == 302
    assert "现在可以申请" in read(cast.owner, portal("records", cast))


def test_a_refused_one_is_told_and_the_record_stays_public(cast: Cast, approver: User) -> None:
    record = penalty(cast.noodle_shop)
    send(cast.owner, portal("ask_repair", cast, record.uuid), HANDED_IN)
    repair = Repair.objects.get()
    send(approver, desk("accept", repair))
    send(approver, desk("decide", repair), {"is_granted": "no", "words": "广告仍在发布"})
    send(approver, desk("answer", repair), {"words": "不予修复：广告仍在发布"})
    assert "不予修复：广告仍在发布" in read(cast.owner, portal("repair", cast, repair.uuid))
    assert (
        REFERENCE
        in Client().get(reverse("public:enterprises:object", args=[cast.noodle_shop.uscc])).content.decode()
    )


def test_an_official_applies_for_an_enterprise_at_the_counter(cast: Cast, approver: User) -> None:
    record = penalty(cast.noodle_shop)
    answer = send(approver, reverse("desk:repairs:new"), {"record": record.code, **HANDED_IN})
    assert answer.status_code == 302
    assert Repair.objects.get().applied_by == "approver"


def test_who_is_of_another_agency_or_may_not_decide_gets_the_same_404(
    cast: Cast, approver: User, other: User
) -> None:
    record = penalty(cast.noodle_shop)
    send(cast.owner, portal("ask_repair", cast, record.uuid), HANDED_IN)
    repair = Repair.objects.get()
    for name in ("accept", "send_back", "decide", "answer", "object"):
        assert signed_in(other).get(desk(name, repair)).status_code == 404, name
        assert signed_in(cast.owner).get(desk(name, repair)).status_code == 404, name
    assert signed_in(cast.planner).get(desk("decide", repair)).status_code == 404
    assert signed_in(cast.planner).get(desk("accept", repair)).status_code == 200
    assert send(other, reverse("desk:repairs:new"), {"record": record.code, **HANDED_IN}).status_code == 404


def test_a_record_or_application_of_another_enterprise_is_not_there(cast: Cast) -> None:
    foreign = penalty(cast.paint_factory)
    request = reverse("portal:ask_repair", args=[cast.noodle_shop.uscc, foreign.uuid])
    assert signed_in(cast.owner).get(request).status_code == 404
    assert send(cast.owner, request, HANDED_IN).status_code == 404
    assert REFERENCE not in read(cast.owner, portal("records", cast))
    assert (
        signed_in(cast.owner).get(reverse("portal:records", args=[cast.paint_factory.uscc])).status_code
        == 404
    )
