"""`notices_1000_seconds`: a thousand notices sent, from approved visits to messages with their PDFs.

Every notice is another enterprise's, with one to three agencies, their items, laws, officers and papers. The time is
that of `dispatch.services.notify`: facts are read, pages set on all cores, hashed, kept, said, recorded. The baseline
sets as many pages with the number alone, in the same way.
"""

from __future__ import annotations

import random
import time
from datetime import date, datetime
from typing import Any

from tools.bench import Bench, Result
from tools.bench.ground import empty_database

COUNT = 1000
NOW = datetime.fromisoformat("2026-07-01T09:00:00+08:00")
DAY = date(2026, 7, 20)
KINDS = (
    ("market", "市场监督管理局", "食品经营者落实食品安全主体责任情况的检查"),
    ("fire", "消防救援支队", "公众聚集场所消防安全检查"),
    ("emergency", "应急管理局", "生产经营单位安全生产规章制度建立健全情况检查"),
    ("environment", "生态环境局", "排污单位自行监测和台账记录情况检查"),
)
TRADES = ("餐饮管理", "精密机械制造", "生物医药科技", "仓储物流", "汽车零部件", "物业服务", "印刷包装")
ROADS = ("景盛南二街", "荣华中路", "科创十四街", "博兴六路", "兴贸一街", "张凤路")
PAPERS = (
    "营业执照",
    "从业人员健康证明",
    "进货查验记录（近三个月）",
    "消防设施维护保养记录",
    "应急预案及演练记录",
    "排污许可证",
)


def make_ground(chance: random.Random) -> list[Any]:
    """Approved dispatches of a thousand enterprises; returns them."""
    from yicha.act.dispatch import services
    from yicha.act.dispatch.models import Dispatch
    from yicha.base.workdays import services as workdays
    from yicha.know.registry import services as registry
    from yicha.know.registry.terms import RegionKind
    from yicha.know.visits import services as visits

    workdays.seed(years=range(2026, 2027))
    registry.save_region(
        actor="bench", now=NOW, code="110112", name="通州区", kind=RegionKind.DISTRICT, parent=""
    )
    versions = _items()
    firms = _firms(chance)
    planned = [_plan(uscc, chance, versions) for uscc in firms]
    contacts = visits.plan_contacts(actor="bench", now=NOW, planned=planned)
    _staff(contacts)
    rows = services.prepare(actor="planner", now=NOW, contacts=contacts)
    for agency in [f"110112-{kind}" for kind, _name, _item in KINDS]:
        own = Dispatch.objects.filter(contact__items__agency__code=agency).distinct()
        services.approve(actor="head", now=NOW, dispatches=own, agency=agency)
    return rows


def _items() -> dict[str, list[int]]:
    """Kind of agency → versions of its items, with their laws and papers."""
    from yicha.know.catalogue.models import Item, ItemVersion
    from yicha.know.registry import services as registry
    from yicha.know.registry.models import Officer

    found: dict[str, list[int]] = {}
    for place, (kind, name, words) in enumerate(KINDS):
        registry.save_agency_kind(actor="bench", now=NOW, code=kind, name=name)
        agency = registry.save_agency(
            actor="bench", now=NOW, code=f"110112-{kind}", name=f"通州区{name}", kind=kind, region="110112"
        )
        for number in range(20):
            Officer.objects.create(
                certificate=f"11011{place}{number:05}",
                name=f"执法{place}{number}",
                agency=agency,
                valid_from=date(2024, 1, 1),
                valid_until=date(2028, 1, 1),
            )
        for number in range(6):
            item = Item.objects.create(code=f"{kind}-{number}", agency_kind=agency.kind)
            version = ItemVersion.objects.create(
                item=item,
                version=1,
                name=f"{words}（{number + 1}）",
                legal_basis=f"《中华人民共和国安全生产法》第{number + 60}条；《北京市实施办法》第{number + 9}条",
                method="onsite",
                status="published",
                in_force_from=date(2025, 1, 1),
                papers=[PAPERS[(number + shift + place) % len(PAPERS)] for shift in range(2)],
            )
            found.setdefault(kind, []).append(version.pk)
    return found


def _firms(chance: random.Random) -> list[str]:
    from yicha.kernel import uscc
    from yicha.know.registry.models import Enterprise, Region

    region = Region.objects.get(code="110112")
    rows = []
    for number in range(COUNT):
        body = f"91110112MA{number:07}"
        rows.append(
            Enterprise(
                uscc=body + uscc.check_character(body),
                name=f"北京{chr(0x4E00 + 3 * number)}和{chance.choice(TRADES)}有限公司",
                kind="company",
                region=region,
                address=f"北京市通州区{chance.choice(ROADS)}{number + 1}号院{chance.randrange(1, 30)}号楼",
            )
        )
    return [row.uscc for row in Enterprise.objects.bulk_create(rows)]


def _plan(uscc: str, chance: random.Random, versions: dict[str, list[int]]) -> Any:
    from yicha.know.visits.terms import ContactKind, PlannedContact, PlannedItem

    kinds = chance.sample([kind for kind, _name, _item in KINDS], chance.randrange(1, 4))
    items = [
        PlannedItem(f"110112-{kind}", version, "draw:110112-2026-0001")
        for kind in kinds
        for version in chance.sample(versions[kind], chance.randrange(1, 4))
    ]
    return PlannedContact(
        uscc,
        f"110112-{kinds[0]}",
        ContactKind.DAILY,
        "2026Q3",
        date(2026, 7, 1),
        date(2026, 9, 30),
        DAY,
        items,
    )


def _staff(contacts: list[Any]) -> None:
    """Two officers of every agency, and its word."""
    from yicha.decide.planning.models import VisitOfficer
    from yicha.decide.scheduling.models import Answer
    from yicha.know.registry.models import Officer
    from yicha.know.visits import queries as visits

    officers: dict[int, list[int]] = {}
    for pk, agency in Officer.objects.values_list("pk", "agency_id"):
        officers.setdefault(agency, []).append(pk)
    parts = {
        (contact, agency)
        for contact, agency, _code, _item in visits.list_item_keys([one.pk for one in contacts])
    }
    chance = random.Random(2)
    VisitOfficer.objects.bulk_create(
        [
            VisitOfficer(contact_id=contact, agency_id=agency, officer_id=officer, draw_id="D")
            for contact, agency in sorted(parts)
            for officer in chance.sample(officers[agency], 2)
        ]
    )
    Answer.objects.bulk_create(
        [
            Answer(
                contact_id=contact,
                agency_id=agency,
                state="accepted",
                asked_at=NOW,
                due_on=DAY,
                answered_at=NOW,
            )
            for contact, agency in sorted(parts)
        ]
    )


def notices_1000_seconds() -> Result:
    """Seconds for a thousand notices; the baseline is a page with nothing but the number on it."""
    with empty_database():
        from yicha.act.dispatch import services
        from yicha.act.dispatch.models import Notice
        from yicha.base.documents import services as documents
        from yicha.base.documents.terms import Sheet

        rows = make_ground(random.Random(1))
        started = time.perf_counter()
        services.notify(actor="planner", now=NOW, dispatches=rows)
        seconds = time.perf_counter() - started
        different = Notice.objects.values("sha256").distinct().count()
        plain = b'#set text(font: "Noto Serif SC")\n#set document(title: "1")\n#json("data.json").number'
        sheets = [Sheet({"number": row.number}) for row in rows]
        started = time.perf_counter()
        for _pdf in documents.typeset_many(plain, sheets, now=NOW):
            pass
        least = time.perf_counter() - started
    note = f"{different:,} different notices, set, hashed, kept, said and recorded"
    return Result(value=seconds, unit="s", baseline=least, note=note)


BENCHES: dict[str, Bench] = {"notices_1000_seconds": notices_1000_seconds}
