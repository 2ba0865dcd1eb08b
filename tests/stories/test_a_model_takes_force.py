"""A model of classes from the first word to force: drafted, mended, tried, signed by two, and everybody classified."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date

import pytest
from django.test import Client
from django.utils.html import escape

from tests.cast import NOW, Cast, person
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.kernel import clock
from yicha.know.credit import jobs
from yicha.know.credit import services as credit
from yicha.know.credit.models import ClassRun, RiskModel
from yicha.know.credit.queries import models as queries
from yicha.know.credit.services import classing
from yicha.know.credit.services import models as services
from yicha.know.credit.terms import RecordFacts, RecordKind, Severity
from yicha.know.credit.terms.classes import RunKind

LIST = "/desk/risk-models/"


@pytest.fixture
def ground(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """On the desk it is the morning of 1 July 2026; the noodle shop was penalised for something grave."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    facts = RecordFacts(
        uscc=cast.noodle_shop.uscc,
        kind=RecordKind.PENALTY,
        agency=cast.agency_a.code,
        reference="通市监罚〔2026〕1号",
        happened_on=date(2026, 6, 1),
        effective_from=date(2026, 6, 1),
        severity=Severity.SERIOUS,
    )
    credit.record(actor="planner", now=NOW, facts=facts)
    return cast


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def approver() -> Client:
    facts = GrantFacts(Role.APPROVER, "110112-market", "110112")
    return signed_in(person("approver", "通州审批人", facts))


def see(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.content.decode()


def do(client: Client, address: str, data: Mapping[str, object] | None = None, status: int = 302) -> str:
    response = client.post(address, data or {})
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.get("Location", "") or response.content.decode()


def begin(client: Client) -> RiskModel:
    """A draft of what is shipped."""
    do(client, f"{LIST}new/", {"copy_of": str(queries.get_shipped().uuid), "remark": "处罚加重"})
    return RiskModel.objects.get(version=1)


def save(client: Client, model: RiskModel, text: str, status: int = 302, **more: str) -> str:
    data = {"text": text, "remark": "处罚加重", "seen": model.sha256, **more}
    return do(client, f"{LIST}{model.uuid}/do/edit/", data, status)


def wait_for_worker() -> None:
    """What a worker does with the runs that wait."""
    for run in ClassRun.objects.filter(state="queued"):
        jobs.do_run(uuid=str(run.uuid), actor="yicha")


def test_a_model_is_drafted_mended_tried_signed_and_takes_force(ground: Cast) -> None:
    office, head = signed_in(ground.coordinator), approver()
    assert "尚无施行的分类模型" in see(office, LIST)
    model = begin(office)
    page = f"{LIST}{model.uuid}/"

    # A slip of the pen is said with its line, and the draft is kept all the same.
    wrong = model.text.replace("minor: 40", "minor: -40", 1)
    line = next(number for number, text in enumerate(wrong.splitlines(), start=1) if "-40" in text)
    save(office, model, wrong)
    model.refresh_from_db()
    shown = see(office, f"{page}do/edit/")
    assert f"第 {line} 行，indicators[penalty].points.minor：-40 小于 0" in shown
    assert "小于 0" in do(office, f"{page}do/submit/", status=409)

    # Mended, it says in words what it changes.
    save(office, model, model.text.replace("minor: -40", "minor: 45", 1))
    model.refresh_from_db()
    difference = see(office, f"{page}difference/")
    assert "45" in difference and "与第 0 版对比" in difference
    do(office, f"{page}do/submit/")

    # The trial changes nothing, and shows who moves.
    do(office, f"{page}do/try/")
    assert "正在当前快照上按本版本对全部主体试算" in see(office, f"{page}trial/")
    wait_for_worker()
    trial = see(office, f"{page}trial/")
    assert "按抽取比例推算的年检查次数" in trial
    run = ClassRun.objects.get(kind="trial")
    assert ground.noodle_shop.name in see(office, f"{LIST}trials/{run.uuid}/moves/?to=D")
    ground.noodle_shop.refresh_from_db()
    assert ground.noodle_shop.risk_class == "B"

    # Two roles sign, two people.
    assert "签署分类模型" in see(office, "/desk/") and "签署分类模型" in see(head, "/desk/")
    do(office, f"{page}do/sign/")
    do(office, f"{page}do/sign/", status=409)
    do(head, f"{page}do/sign/")
    assert "使分类模型" in see(office, "/desk/")

    # In force: everybody is classified, and the page says so.
    do(office, f"{page}do/force/")
    wait_for_worker()
    ground.noodle_shop.refresh_from_db()
    assert ground.noodle_shop.risk_class == "D"
    assert "自 2026-07-01 起施行" in see(office, page)
    assert "尚无施行的分类模型" not in see(office, LIST)
    happened = see(office, f"{page}ledger/")
    assert happened.count("timeline-title") == 8


def saved(client: Client, address: str, chart: str) -> list[list[str]]:
    """The table behind a chart of a page, as it is downloaded."""
    answer = client.get(address, {"chart": chart, "file": "csv"})
    assert answer.status_code == 200, chart
    return list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))


def test_a_trial_says_by_region_and_industry_from_which_class_to_which(ground: Cast) -> None:
    """And each of its pictures has its table, its links and its download."""
    office = signed_in(ground.coordinator)
    RiskModel.objects.filter(pk=queries.get_shipped().pk).update(
        state="in-force", in_force_from=date(2026, 7, 1)
    )
    classing.classify_all(actor="yicha", now=NOW, kind=RunKind.MONTHLY)
    model = begin(office)
    harder = model.text.replace("points: 35 ", "points: 100 ", 1).replace("cap: 70", "cap: 200", 1)
    save(office, model, harder)
    page = f"{LIST}{model.uuid}/trial/"
    do(office, f"{LIST}{model.uuid}/do/try/")
    wait_for_worker()
    regions, industries = saved(office, page, "by-region"), saved(office, page, "by-industry")
    assert regions[0] == ["行政区划", "类别变好", "类别变差", "B → C", "不变"]
    assert [sum(map(int, column)) for column in list(zip(*regions[1:], strict=True))[1:]] == [0, 2, 2, 0]
    assert industries[0][1:] == regions[0][1:]
    assert saved(office, page, "flows")[0] == ["现类别", "试算类别", "经营主体"]
    assert saved(office, page, "visits")[0] == ["联合检查事项清单", "现行", "试算"]
    run = ClassRun.objects.get(kind="trial")
    link = f"{LIST}trials/{run.uuid}/moves/?region=110115&amp;from=B&amp;to=C"
    assert link in see(office, page)
    assert ground.paint_factory.name in see(office, link.replace("&amp;", "&"))


def test_a_text_is_checked_without_being_kept(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    model = begin(office)
    shown = save(office, model, "code: no\n", 200, check="1")
    assert "YAML 把 no 读作“是/否”" in shown
    assert "文本没有错误" in save(office, model, model.text, 200, check="1")
    kept = RiskModel.objects.get(pk=model.pk)
    assert kept.text == model.text


def test_who_saves_second_sees_both_texts_and_loses_nothing(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    model = begin(office)
    services.edit(actor="other", now=NOW, model=model, text=model.text + "# theirs\n", seen=model.sha256)
    shown = save(office, model, model.text + "# mine <b>\n", 409)
    assert "# theirs" in shown and escape("# mine <b>") in shown
    model.refresh_from_db()
    assert model.text.endswith("# theirs\n")
    save(office, model, model.text + "# mine\n")  # with the hash of theirs, which the page now carries
    model.refresh_from_db()
    assert model.text.endswith("# theirs\n# mine\n")


def test_who_may_only_look_changes_nothing(ground: Cast) -> None:
    model = begin(signed_in(ground.coordinator))
    page = f"{LIST}{model.uuid}/"
    planner = signed_in(ground.planner)
    assert "内容" in see(planner, page)
    for act in ("edit", "submit", "try", "force", "withdraw"):
        do(planner, f"{page}do/{act}/", status=404)
    do(planner, f"{page}do/sign/", status=404)
    do(approver(), f"{page}do/edit/", status=404)
    for nobody in (ground.owner, ground.stranger):
        see(signed_in(nobody), page, 404)


def test_what_is_shipped_can_be_read_and_not_edited(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    shipped = queries.get_shipped()
    page = f"{LIST}{shipped.uuid}/"
    shown = see(office, page)
    assert "行政处罚" in shown and "do/edit/" not in shown
    see(office, f"{page}do/edit/", 404)
    for tab in ("text", "difference", "trial", "signatures", "ledger"):
        see(office, f"{page}{tab}/")


def test_a_draft_is_withdrawn_with_a_reason(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    model = begin(office)
    do(office, f"{LIST}{model.uuid}/do/withdraw/", {"reason": ""}, 422)
    do(office, f"{LIST}{model.uuid}/do/withdraw/", {"reason": "另行起草"})
    assert "另行起草" in see(office, f"{LIST}{model.uuid}/ledger/")


def test_a_draft_with_faults_is_shown_with_them(ground: Cast) -> None:
    office = signed_in(ground.coordinator)
    model = begin(office)
    save(office, model, "code: general\n")
    for tab in ("", "text/", "difference/", "trial/"):
        see(office, f"{LIST}{model.uuid}/{tab}")
    assert "草案尚有错误" in see(office, f"{LIST}{model.uuid}/")
    do(office, f"{LIST}{model.uuid}/do/try/", status=409)
