"""The demonstration zone: three districts, their agencies, officers, items, lists, directories and enterprises.

What a district would get as a table goes through the import, as everywhere; the rest through services.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

from django.db import transaction

from yicha.base.workdays import services as workdays
from yicha.decide.planning import services as planning
from yicha.doors.cli.demo import tables
from yicha.doors.cli.demo.enterprises import Synthetic, generate, write_csv
from yicha.doors.cli.demo.names import REGIONS
from yicha.doors.cli.demo.officers import SyntheticOfficer, generate_officers, write_officers
from yicha.doors.cli.demo.state import ACTOR
from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.terms import Tally
from yicha.kernel.refusal import Reason, Refused
from yicha.know.catalogue import services as catalogue
from yicha.know.catalogue.terms import RateFacts
from yicha.know.registry import services as registry
from yicha.know.registry.terms import RegionKind

ZONE = "yizhuang"
ZONE_NAME = "亦庄新城（模拟）"
ORGANISER = "110302"

_PATTERNS = {
    "110112": ("通州",),
    "110115": ("大兴",),
    "110302": ("北京经济技术开发区", "亦庄经济技术开发区"),
}
_MIDDLES = {
    "110112": (Decimal("39.909"), Decimal("116.656")),
    "110115": (Decimal("39.727"), Decimal("116.341")),
    "110302": (Decimal("39.795"), Decimal("116.506")),
}
"""Where the map shows visits of enterprises whose place is not known."""
_RATES = {"A": "0.01", "B": "0.02", "C": "0.10", "D": "0.30"}
_RATES_SOURCE = "河南省：按风险分类 1 %、2 %、10 %、30 %"
_KEY_RATES = {"A": "0.05", "B": "0.10", "C": "0.40", "D": "1"}
_KEY_RATES_SOURCE = "大庆市：A 类不高于 5 %，B 类 5–20 %，C 类 21–60 %，D 类 61–100 %"
KEY_LISTS = ("chemicals", "petrol-station", "elderly-care", "kindergarten")
"""Where an accident would be grave, the higher rates hold."""
_RECUSALS_A_REGION = 4


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded: the people, how the table of enterprises fared, which columns it had; where the tables are."""

    officers: Sequence[SyntheticOfficer]
    enterprises: Sequence[Synthetic]
    tally: Tally
    columns: frozenset[str]
    folder: Path


PRESCRIBED = (
    "civil-03",
    "elderly-care",
    12,
    "《养老机构管理办法》（民政部令第66号）：民政部门每年现场检查不少于一次",
)
PRESCRIBED_FROM = date(2020, 11, 1)
"""What the law itself wants: an item, at every member of a directory, once in so many months; since when."""
METERS = {"environment-10": "sound-meter", "health-11": "gas-detector"}
"""Items that cannot be checked without an instrument, and its code."""


@transaction.atomic
def make_places(now: datetime) -> None:
    """The city, the three districts, and the zone that takes them whole."""
    workdays.seed(years=range(now.year - 1, now.year + 3))
    registry.save_region(actor=ACTOR, now=now, code="110000", name="北京市", kind=RegionKind.CITY)
    for code, name in REGIONS.items():
        kind = RegionKind.FUNCTIONAL if code == ORGANISER else RegionKind.DISTRICT
        registry.save_region(
            actor=ACTOR,
            now=now,
            code=code,
            name=name,
            kind=kind,
            parent="110000",
            patterns=_PATTERNS[code],
            middle=_MIDDLES[code],
        )
    regions = list(REGIONS)
    registry.save_zone(actor=ACTOR, now=now, code=ZONE, name=ZONE_NAME, regions=regions, patterns=regions)


@transaction.atomic
def make_agencies(now: datetime) -> int:
    """17 kinds of agency, each in every district."""
    for kind in tables.kinds():
        registry.save_agency_kind(actor=ACTOR, now=now, code=kind.code, name=kind.name)
        for region, name in REGIONS.items():
            registry.save_agency(
                actor=ACTOR,
                now=now,
                code=f"{region}-{kind.code}",
                name=f"{name}{kind.bureau}",
                kind=kind.code,
                region=region,
            )
    return len(tables.kinds()) * len(REGIONS)


@transaction.atomic
def make_directories(now: datetime) -> int:
    """44 directories, each by a rule over industry and words of the business scope."""
    for directory in tables.directories():
        registry.save_directory(
            actor=ACTOR, now=now, code=directory.code, name=directory.name, rule=directory.rule
        )
    return len(tables.directories())


def load(folder: Path, *, count: int, seed: int, year: int, given: Path | None, now: datetime) -> Loaded:
    """Write the tables, and import them. `given` takes the place of the synthetic enterprises."""
    officers = generate_officers(year, seed)
    write_officers(folder / "officers.csv", officers)
    _write_items(folder / "items.csv", date(year, 1, 1))
    _write_lists(folder / "joint-lists.csv")
    import_table("items", folder / "items.csv", now)
    import_table("joint-lists", folder / "joint-lists.csv", now)
    import_table("officers", folder / "officers.csv", now)
    enterprises: Sequence[Synthetic] = ()
    if given is None:
        enterprises = generate(count, seed)
        given = folder / "enterprises.csv"
        write_csv(given, enterprises)
    tally, columns = import_table("enterprises", given, now)
    return Loaded(officers, enterprises, tally, columns, folder)


def make_rest(loaded: Loaded, *, seed: int, year: int, now: datetime) -> None:
    """Other sites and names of enterprises, recusals, rates, and what the law prescribes."""
    sites = [(one.uscc, *site) for one in loaded.enterprises for site in one.premises]
    aliases = [(one.uscc, alias) for one in loaded.enterprises for alias in one.aliases]
    registry.add_premises(actor=ACTOR, now=now, rows=sites)
    registry.add_aliases(actor=ACTOR, now=now, rows=aliases, source="模拟数据")
    _recuse(loaded, seed, date(year, 1, 1), now)
    _set_rates(date(year, 1, 1), now)
    item, directory, months, source = PRESCRIBED
    planning.prescribe_check(
        actor=ACTOR,
        now=now,
        item=item,
        directory=directory,
        every_months=months,
        source=source,
        in_force_from=PRESCRIBED_FROM,
    )


def import_table(kind: str, path: Path, now: datetime) -> tuple[Tally, frozenset[str]]:
    """Check and apply a table, as the import's page does; its counts, and the columns that it had."""
    source = exchange.Source(path, path.name)
    entry = exchange.receive(kind, source, actor=ACTOR, now=now)
    entry = exchange.check(entry, source, actor=ACTOR, now=now)
    entry = exchange.apply(entry, actor=ACTOR, now=now)
    tally = entry.tally
    if tally is None or not (tally.new or tally.changed or tally.unchanged):
        raise Refused(
            [
                Reason(
                    "demo.nothing-imported",
                    "No row of %(file)s could be taken; “yicha import %(kind)s %(file)s --dry-run” says why.",
                    facts={"file": path.name, "kind": kind},
                )
            ]
        )
    return tally, frozenset(entry.columns)


def _write_items(path: Path, in_force_from: date) -> None:
    headers = (
        "事项编码",
        "部门类别",
        "事项名称",
        "检查依据",
        "检查方式",
        "年度频次上限",
        "需准备材料",
        "专用设备",
        "事项状态",
        "生效日期",
    )
    papers = tables.papers()
    words = {"onsite": "现场检查", "written": "书面检查", "offsite": "非现场监管"}
    rows = (
        (
            item.code,
            item.kind,
            item.name,
            item.legal_basis,
            words[item.method],
            str(item.cap),
            "、".join(papers[item.kind]) if item.method != "offsite" else "",
            METERS.get(item.code, ""),
            "已公布",
            in_force_from.isoformat(),
        )
        for item in tables.items()
    )
    write_table(path, headers, rows)


def _write_lists(path: Path) -> None:
    headers = ("清单编码", "清单名称", "牵头部门类别", "事项编码", "名录库编码")
    rows = (
        (
            directory.code,
            directory.list_name,
            directory.kind,
            "、".join(item.code for item in tables.items() if directory.code in item.lists),
            directory.code,
        )
        for directory in tables.joint_directories()
    )
    write_table(path, headers, rows)


def write_table(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        writer.writerows(rows)


@transaction.atomic
def _recuse(loaded: Loaded, seed: int, since: date, now: datetime) -> None:
    """A few officers of agencies that have enough others must not inspect some enterprise."""
    rng = Random(f"recusals {seed}")  # noqa: S311 - a demonstration, reproducible by intent
    for region in REGIONS if loaded.enterprises else ():
        first, *_ = (person for person in loaded.officers if person.agency == f"{region}-market")
        for one in rng.sample(loaded.enterprises, min(_RECUSALS_A_REGION, len(loaded.enterprises))):
            registry.recuse(
                actor=ACTOR,
                now=now,
                certificate=first.certificate,
                uscc=one.uscc,
                reason="近亲属在该单位任职（模拟）",
                from_on=since,
            )


@transaction.atomic
def _set_rates(since: date, now: datetime) -> None:
    """Rates by class for all, and higher ones for the lists of grave risk; class A at most once in twelve months."""
    wanted = [("", _RATES, _RATES_SOURCE)] + [(code, _KEY_RATES, _KEY_RATES_SOURCE) for code in KEY_LISTS]
    for joint_list, rates, source in wanted:
        for letter, rate in rates.items():
            facts = RateFacts(
                joint_list=joint_list,
                item="",
                risk_class=letter,
                region="",
                rate=Decimal(rate),
                in_force_from=since,
                source=source,
                visits_a_year=1 if letter == "A" else None,
            )
            catalogue.set_rate(actor=ACTOR, now=now, facts=facts)
