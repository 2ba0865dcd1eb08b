"""One enterprise through the whole round: imported, planned for, drawn, matched, visited once, published."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, code
from yicha.act.dispatch import services as dispatch
from yicha.act.inspection import queries as inspection_queries
from yicha.act.inspection import services as inspection
from yicha.act.inspection.terms import CheckResult, FindingFacts, Severity
from yicha.base.ledger import queries as ledger
from yicha.decide.drawing import queries as drawing_queries
from yicha.decide.drawing import services as drawing
from yicha.decide.drawing.models import Draw
from yicha.decide.drawing.terms import BeaconKind, BeaconSpec
from yicha.decide.planning import queries as planning_queries
from yicha.decide.planning import services as planning
from yicha.decide.planning.models import Round
from yicha.decide.planning.terms import EntryDraft, PlanOwner
from yicha.decide.scheduling import services as scheduling
from yicha.decide.scheduling.queries.answers import list_answers_of
from yicha.decide.scheduling.services import answers
from yicha.ingest.exchange import services as exchange
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.catalogue import services as catalogue
from yicha.know.catalogue.terms import RateFacts
from yicha.know.registry import queries as registry_queries
from yicha.know.registry import services as registry
from yicha.know.registry.terms import DayPart
from yicha.know.visits import queries as contacts
from yicha.know.visits import services as visits
from yicha.know.visits.terms import ContactState, ResultCode
from yicha.share.publicity import services as publicity

BEACON = BeaconSpec(BeaconKind.DEMONSTRATION, source="a story, told in a test")
NEIGHBOURS = 12
SHOP = code(1)
"""The noodle shop of the cast: a sole proprietor, class D, whose code alone may be public."""


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=clock.BEIJING)


def bring_in(folder: Path, kind: str, headers: str, rows: Iterable[str]) -> None:
    """A table, as a clerk would import it."""
    path = folder / f"{kind}.csv"
    path.write_text("\n".join([headers, *rows]) + "\n", encoding="utf-8")
    source = exchange.Source(path, path.name)
    entry = exchange.check(
        exchange.receive(kind, source, actor="clerk", now=at(1, 5)), source, actor="clerk", now=at(1, 5)
    )
    applied = exchange.apply(entry, actor="clerk", now=at(1, 5))
    assert applied.tally is not None and applied.tally.rejected == 0


@pytest.fixture
def town(cast: Cast, tmp_path: Path) -> Cast:
    """A dozen restaurants of 通州 beside the noodle shop, a joint list for them, and rates."""
    registry.save_directory(
        actor="clerk", now=at(1, 5), code="catering", name="餐饮单位", rule={"industries": ["H62"]}
    )
    bring_in(
        tmp_path,
        "items",
        "事项编码,部门类别,事项名称,检查依据,检查方式,事项状态,生效日期",
        (
            "market-01,market,食品经营许可,《食品安全法》第三十五条,现场检查,已公布,2026-01-01",
            "fire-01,fire,疏散通道,《消防法》第二十八条,现场检查,已公布,2026-01-01",
        ),
    )
    bring_in(
        tmp_path,
        "joint-lists",
        "清单编码,清单名称,牵头部门类别,事项编码,名录库编码",
        ("catering,餐饮服务,market,market-01、fire-01,catering",),
    )
    bring_in(
        tmp_path,
        "enterprises",
        "企业名称,统一社会信用代码,企业类型,行业代码,注册地址,风险分类",
        [f"北京马驹桥老面馆,{SHOP},个体工商户,H6210,北京市通州区马驹桥镇大街1号,D"]
        + [
            f"北京第{number}饭庄有限公司,{code(number)},有限责任公司,H6210,北京市通州区马驹桥镇{number}号,A"
            for number in range(100, 100 + NEIGHBOURS)
        ],
    )
    for letter, rate in (("A", "0.05"), ("D", "1")):
        facts = RateFacts("", "", letter, "", Decimal(rate), date(2026, 1, 1), "a story")
        catalogue.set_rate(actor="clerk", now=at(1, 5), facts=facts)
    return cast


def publish_plan(owner: PlanOwner, title: str, entry: EntryDraft) -> None:
    plan = planning.create_plan(
        actor="planner", now=at(3, 2), year=2026, title=title, owner=owner, entries=[entry]
    )
    plan = planning.submit_plan(actor="planner", now=at(3, 2), plan=plan)
    plan = planning.approve_plan(actor="head", now=at(3, 3), plan=plan)
    planning.publish_plan(actor="planner", now=at(3, 4), plan=plan)


def commit(draw: Draw) -> dict[str, str]:
    """Every participant commits; returns what they will reveal."""
    reveals = {
        row.agency: f"{number:064x}" for number, row in enumerate(drawing_queries.list_participants(draw), 1)
    }
    drawing.commit_all(
        actor="agencies",
        now=at(7, 1),
        draw=draw,
        commitments={name: drawing.commitment_of(draw.draw_id, name, text) for name, text in reveals.items()},
    )
    return reveals


def finish(draw: Draw, reveals: dict[str, str], folder: Path, now: datetime) -> None:
    """Publish, reveal, run; a stranger recomputes it from the files."""
    drawing.publish(actor="organiser", now=now, draw=draw)
    drawing.reveal_all(actor="agencies", now=now, draw=draw, reveals=reveals)
    drawing.run(actor="organiser", now=now, draw=draw, beacon="the sun rose")
    drawing.export(draw=drawing_queries.get_draw(draw.draw_id), folder=folder / draw.draw_id)
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            str(folder / draw.draw_id / "verify_draw.py"),
            str(folder / draw.draw_id),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def draw_objects(folder: Path) -> list[Draw]:
    """Every entry that is due gets its draw."""
    draws = []
    for entry in planning_queries.list_due_entries(2026, 3):
        draw = planning.start_draw(
            actor="organiser", now=at(7, 1), entry=entry, beacon=BEACON, reveal_deadline=at(7, 2, 17)
        )
        reveals = commit(draw)
        draw = planning.freeze_draw(actor="organiser", now=at(7, 1, 14), draw_id=draw.draw_id)
        finish(draw, reveals, folder, at(7, 2))
        planning.collect_demands(actor="organiser", now=at(7, 3), draw_id=draw.draw_id)
        draws.append(draw)
    return draws


def draw_officers(round_: Round, folder: Path) -> list[tuple[str, str, str]]:
    draw = planning.start_officers_draw(
        actor="organiser", now=at(7, 3), round_=round_, beacon=BEACON, reveal_deadline=at(7, 6, 17)
    )
    reveals = commit(draw)
    draw = planning.freeze_officers_draw(actor="organiser", now=at(7, 3, 14), round_=round_)
    finish(draw, reveals, folder, at(7, 6))
    planning.apply_officers(actor="organiser", now=at(7, 6, 18), round_=round_)
    return [(row.visit, row.agency, row.officer) for row in drawing_queries.list_assignment(draw)]


def send_out(round_: Round, contact: Any) -> None:
    """A half day, the answers of both agencies, the approval of their heads, and the notice."""
    slot = {contact.pk: (contact.planned_on, DayPart.MORNING)}
    visits.reschedule(actor="organiser", now=at(7, 7), slots=slot, because="日程")
    scheduling.ask_answers(actor="organiser", now=at(7, 7), round_=round_, contacts=[contact.pk])
    for answer in list_answers_of(contact):
        answers.accept(actor=f"head-{answer.agency.code}", now=at(7, 8), answer=answer)
    contact.refresh_from_db()
    [row] = dispatch.prepare(actor="organiser", now=at(7, 9), contacts=[contact])
    for agency in ("110112-market", "110112-fire"):
        dispatch.approve(actor=f"head-{agency}", now=at(7, 10), dispatches=[row], agency=agency)
    dispatch.notify(actor="organiser", now=at(7, 10), dispatches=[row])


def test_one_gate_one_visit_one_record(town: Cast, tmp_path: Path, client: Client) -> None:
    shop = registry_queries.get_enterprise(SHOP)
    assert (shop.region and shop.region.code, shop.risk_class) == ("110112", "D")

    # Two plans mean this shop: the joint list's, and the fire brigade's own, in a narrower window.
    publish_plan(
        PlanOwner(joint_list="catering", region="110112"),
        "餐饮一业一查",
        EntryDraft(quarter=3, directory="catering"),
    )
    own = EntryDraft(
        quarter=3,
        directory="catering",
        items=("fire-01",),
        window_from=date(2026, 8, 3),
        window_to=date(2026, 8, 14),
    )
    publish_plan(PlanOwner(agency="110112-fire"), "消防年度计划", own)

    round_ = planning.open_round(actor="organiser", now=at(7, 1), year=2026, quarter=3, organiser="110112")
    draws = draw_objects(tmp_path)
    assert all(SHOP in {target.key for target in drawing_queries.list_targets(draw)} for draw in draws)

    # Three agencies' errands (market, fire for the list; fire alone) become one visit, inside the narrower window.
    report = planning.match(actor="organiser", now=at(7, 3), round_=round_)
    assert report.saved >= 2
    contact = contacts.list_contacts_of(SHOP).get()
    assert contact.planned_on and date(2026, 8, 3) <= contact.planned_on <= date(2026, 8, 14)
    assert contacts.count_toward_cap(SHOP, 2026) == 1, "a joint visit counts once"

    # Two officers of each agency, by lot.
    assigned = [row for row in draw_officers(round_, tmp_path) if row[0] == str(contact.uuid)]
    assert sorted(agency for _, agency, _ in assigned) == ["110112-fire"] * 2 + ["110112-market"] * 2
    [visit] = inspection.open_visits(
        actor="organiser", now=at(7, 7), contacts=[contact.uuid], assignment=assigned
    )

    # Nobody goes before it was sent out: the half day, every agency's word, every head's approval, the notice.
    evening = datetime.combine(contact.planned_on, at(8, 3, 17).timetz())
    with pytest.raises(Refused) as caught:
        inspection.start_visit(actor="甲一", now=evening, visit=visit, on=contact.planned_on)
    assert caught.value.codes == ("visit.not-prepared",)
    send_out(round_, contact)

    # The day itself: one problem, found by market regulation; nothing by the fire brigade.
    visit = inspection.start_visit(actor="甲一", now=evening, visit=visit, on=contact.planned_on)
    problem = CheckResult(
        ResultCode.CORRECTION_ORDERED, [FindingFacts("后厨无防蝇设施", Severity.MINOR, date(2026, 9, 1))]
    )
    for part in inspection_queries.list_parts(visit):
        found = problem if part.agency.code == "110112-market" else CheckResult(ResultCode.NO_PROBLEM)
        results = {check.pk: found for check in part.checks.all()}
        inspection.record_results(actor="甲一", now=evening, part=part, results=results)
        inspection.close_part(actor="甲一", now=evening, part=part)
    inspection.close_visit(actor="甲一", now=evening, visit=visit)
    assert publicity.publish_due(actor="clerk", now=evening) == 1
    assert contacts.list_contacts_of(SHOP).get().state == ContactState.MADE

    # The public sees what was found and by whom; never a name of a sole proprietor, a class, or an officer.
    page = client.get(reverse("public:enterprises:object", args=[SHOP])).content.decode()
    assert "发现问题已责令改正" in page and "食品经营许可" in page
    for secret in ("老面馆", "后厨无防蝇设施", "T-0001", "甲一", "D类", "D 类"):
        assert secret not in page, secret

    acts = {entry.act for entry in ledger.list_entries()}
    assert {
        "plan.published",
        "draw.frozen",
        "draw.drawn",
        "round.matched",
        "visit.closed",
        "result.published",
    } <= acts
