"""Plans, draws and rounds on the ground of the fixed cast, made by the real services."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.cast import NOW, enterprise
from yicha.base.workdays import services as workdays
from yicha.decide.drawing import services as drawing
from yicha.decide.drawing.terms import BeaconKind, BeaconSpec
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import AnnualPlan, Round
from yicha.decide.planning.terms import EntryDraft, PlanOwner
from yicha.know.catalogue import services as catalogue
from yicha.know.catalogue.models import Item, ItemVersion, JointList, LegalNumber
from yicha.know.catalogue.terms import ItemStatus, RateFacts
from yicha.know.registry import services as registry
from yicha.know.registry.models import AgencyKind, Directory

BEACON = BeaconSpec(BeaconKind.DEMONSTRATION, source="given by the tests")
DEADLINE = NOW + timedelta(days=2)
RATES = {"A": "0.05", "B": "0.50", "C": "0.60", "D": "1"}


def item(code: str, kind: str, *, status: ItemStatus = ItemStatus.PUBLISHED) -> Item:
    """An item with one version, published unless said otherwise."""
    made = Item.objects.create(code=code, agency_kind=AgencyKind.objects.get(code=kind))
    ItemVersion.objects.create(
        item=made,
        version=1,
        name=f"事项 {code}",
        legal_basis="法 第一条",
        method="onsite",
        status=status.value,
        in_force_from=date(2025, 1, 1),
    )
    return made


def ground(people: int = 12) -> None:
    """Items, a joint list, rates, directories, and more restaurants in 通州 and 大兴, all in the zone."""
    workdays.seed(years=range(2026, 2027))
    for region in ("110112", "110115"):
        for number in range(people):
            enterprise(100 + number, f"{region} 饭店 {number}", region, "yizhuang", industry="H6210")
    registry.save_agency(
        actor="test",
        now=NOW,
        code="110115-market",
        name="大兴区市场监督管理局",
        kind="market",
        region="110115",
    )
    rule: dict[str, list[str]] = {"industries": ["H62"]}
    registry.save_directory(actor="test", now=NOW, code="catering", name="餐饮服务单位", rule=rule)
    joint = JointList.objects.create(
        code="catering",
        name="餐饮一件事",
        lead_kind=AgencyKind.objects.get(code="market"),
        directory=Directory.objects.get(code="catering"),
    )
    joint.items.set([item("market-01", "market"), item("market-02", "market"), item("fire-01", "fire")])
    for letter, rate in RATES.items():
        facts = RateFacts("", "", letter, "", Decimal(rate), date(2025, 1, 1), "国市监信发〔2022〕6号")
        catalogue.set_rate(actor="test", now=NOW, facts=facts)


def ceiling_of_region(region: str, share: str) -> None:
    """A region lets general items be drawn from fewer than the rest of the country does."""
    row = LegalNumber.objects.get(code="general-rate-ceiling")
    row.pk, row.region, row.value = None, region, Decimal(share)
    row.save()


def zone_of_one_code() -> None:
    """A zone with the code of the functional area that it is made of, as 110302 is in 北京; one enterprise is there."""
    registry.save_zone(
        actor="test", now=NOW, code="110302", name="经开新城", regions=["110302"], patterns=["经开新城"]
    )
    enterprise(500, "经开 饭店", "110302", "110302", industry="H6210")


JOINT = PlanOwner(joint_list="catering", zone="yizhuang")
OWN = PlanOwner(agency="110112-market")


def plan(owner: PlanOwner = JOINT, *entries: EntryDraft) -> AnnualPlan:
    """A draft for the third quarter of 2026."""
    default = EntryDraft(quarter=3, directory="catering", items=("market-01",) if owner.agency else ())
    return services.create_plan(
        actor="planner",
        now=NOW,
        year=2026,
        title="2026 计划",
        owner=owner,
        entries=entries or [default],
    )


def published(owner: PlanOwner = JOINT, *entries: EntryDraft) -> AnnualPlan:
    """The same, through all its steps."""
    made = services.submit_plan(actor="planner", now=NOW, plan=plan(owner, *entries))
    made = services.approve_plan(actor="approver", now=NOW, plan=made)
    return services.publish_plan(actor="planner", now=NOW, plan=made)


def opened() -> Round:
    """The third quarter of 2026."""
    return services.open_round(actor="office", now=NOW, year=2026, quarter=3, organiser="yizhuang")


def secret_of(draw_id: str, agency: str) -> str:
    """What an agency reveals."""
    return hashlib.sha256(f"{draw_id} {agency}".encode()).hexdigest()


def commit(draw: Any) -> list[str]:
    """All participants commit; returns their codes."""
    agencies = [row.agency for row in draw.participants.all()]
    commitments = {
        agency: drawing.commitment_of(draw.draw_id, agency, secret_of(draw.draw_id, agency))
        for agency in agencies
    }
    drawing.commit_all(actor="agencies", now=NOW, draw=draw, commitments=commitments)
    return agencies


def finish(draw: Any, agencies: list[str], now: datetime = NOW) -> None:
    """Publish a frozen draw, reveal, run."""
    drawing.publish(actor="office", now=now, draw=draw)
    reveals = {agency: secret_of(draw.draw_id, agency) for agency in agencies}
    drawing.reveal_all(actor="agencies", now=now, draw=draw, reveals=reveals)
    drawing.run(actor="office", now=DEADLINE + timedelta(hours=1), draw=draw, beacon="a demonstration")


def drawn(made: AnnualPlan) -> list[str]:
    """Draw every entry of a published plan to its result; returns the draws' numbers."""
    draw_ids = []
    for entry in queries.list_entries(made):
        draw = services.start_draw(
            actor="office", now=NOW, entry=entry, beacon=BEACON, reveal_deadline=DEADLINE
        )
        agencies = commit(draw)
        frozen = services.freeze_draw(actor="office", now=NOW, draw_id=draw.draw_id)
        finish(frozen, agencies)
        draw_ids.append(draw.draw_id)
    return draw_ids


def collected(made: AnnualPlan) -> list[str]:
    """Draw every entry and collect its demands."""
    draw_ids = drawn(made)
    for draw_id in draw_ids:
        services.collect_demands(actor="office", now=NOW, draw_id=draw_id)
    return draw_ids
