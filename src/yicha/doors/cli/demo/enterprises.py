"""Synthetic enterprises (模拟数据): the same seed gives the same bytes.

Their codes are valid by GB 32100, and none is issued: the body code of every one begins with MN (模拟).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from yicha.doors.cli.demo import names
from yicha.doors.cli.demo.tables import Industry, industries
from yicha.kernel import uscc as codes

HEADERS = (
    "企业名称",
    "统一社会信用代码",
    "注册日期",
    "企业类型",
    "注册资金",
    "行业代码",
    "行业名称",
    "经营范围",
    "所在省份",
    "地区",
    "注册地址",
    "登记状态",
    "风险分类",
    "纬度",
    "经度",
)
MARK = "〔模拟数据〕"
"""Ends every synthetic business scope."""

_OTHER_AUTHORITIES = ("110000", "110105", "110106", "110108", "110102", "110101", "110113", "110114")
_CLASS_WEIGHTS = ((42, 49, 7, 2), (34, 51, 11, 4), (26, 52, 16, 6), (15, 50, 25, 10))
"""By an industry's risk: how many of A, B, C, D in a hundred."""
_STATUSES, _STATUS_WEIGHTS = ("存续", "注销", "吊销", "迁出"), (975, 12, 8, 5)
_GENERAL = (
    "会议及展览服务",
    "组织文化艺术交流活动",
    "货物进出口",
    "广告设计、代理",
    "日用百货销售",
    "办公用品销售",
    "信息咨询服务（不含许可类信息咨询服务）",
    "市场营销策划",
    "企业管理咨询",
    "机械设备租赁",
)
_FIRST_DAY, _LAST_DAY = date(1992, 3, 1), date(2025, 12, 31)
_PRIVATE_UNITS = {"P8310": "幼儿园", "Q8514": "养老院"}
_CHAINS = ("F521", "F525", "H62", "O8040", "O8111", "K7030")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Synthetic:
    """One enterprise, as a row of the import's table, with its other sites and names."""

    row: tuple[str, ...]
    premises: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.row[0]

    @property
    def uscc(self) -> str:
        return self.row[1]


def generate(count: int, seed: int) -> list[Synthetic]:
    """`count` enterprises of the zone. Every industry has one at least, as far as the count allows."""
    rng = Random(seed)  # noqa: S311 - a demonstration, reproducible by intent
    trades = list(industries())
    chosen = trades[:count] + rng.choices(
        trades, [trade.weight for trade in trades], k=max(0, count - len(trades))
    )
    rng.shuffle(chosen)
    maker = _Maker(rng)
    return [maker.make(industry) for industry in chosen]


def write_csv(path: Path, enterprises: Iterable[Synthetic]) -> None:
    """The enterprises as a table for `yicha import enterprises`: UTF-8 with BOM, as exports come."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(enterprise.row for enterprise in enterprises)


class _Maker:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.codes: set[str] = set()
        self.names: set[str] = set()

    def make(self, industry: Industry) -> Synthetic:
        rng = self.rng
        region = rng.choices(tuple(names.REGIONS), names.REGION_WEIGHTS)[0]
        kind, prefix = self._kind(industry)
        name = self._name(industry, kind, region)
        founded = self._founded()
        code = self._code(prefix, region, founded)
        address = names.address(rng, region)
        row = (
            name,
            code,
            founded.isoformat(),
            kind,
            self._capital(industry, kind),
            industry.code,
            industry.name,
            self._scope(industry),
            "北京市",
            "通州" if "通州区" in address else "大兴",
            address,
            rng.choices(_STATUSES, _STATUS_WEIGHTS)[0],
            rng.choices("ABCD", _CLASS_WEIGHTS[industry.risk])[0],
            *names.place(region, address, code),
        )
        return Synthetic(row, self._premises(industry, kind, name), self._aliases(industry, name))

    def _kind(self, industry: Industry) -> tuple[str, str]:
        share = self.rng.random() * 100
        if industry.code in _PRIVATE_UNITS and share > 60:
            return "民办非企业单位", "52"
        if share < industry.sole:
            return "个体工商户", "92"
        if share < industry.sole + industry.coop:
            return "农民专业合作社", "93"
        return (
            self.rng.choices(
                (
                    "有限责任公司(自然人投资或控股)",
                    "有限责任公司(法人独资)",
                    "其他有限责任公司",
                    "有限责任公司(自然人独资)",
                ),
                (52, 14, 18, 16),
            )[0],
            "91",
        )

    def _name(self, industry: Industry, kind: str, region: str) -> str:
        while True:
            if kind == "个体工商户":
                name = names.shop_name(self.rng, industry)
            elif kind == "农民专业合作社":
                name = names.cooperative_name(self.rng, industry)
            elif kind == "民办非企业单位":
                name = names.institution_name(self.rng, region, _PRIVATE_UNITS[industry.code])
            else:
                name = names.company_name(self.rng, industry)
            if name not in self.names:
                self.names.add(name)
                return name

    def _founded(self) -> date:
        """More recent years have more firms that still exist."""
        days = (_LAST_DAY - _FIRST_DAY).days
        return _FIRST_DAY + timedelta(days=int(days * self.rng.random() ** 0.4))

    def _code(self, prefix: str, region: str, founded: date) -> str:
        while True:
            authority = self._authority(region)
            if founded.year < 2008 and self.rng.random() < 0.08:
                code = _registration_number(self.rng, authority, prefix)
            else:
                body = "MN" + "".join(self.rng.choices(codes.ALPHABET, k=6))
                first_17 = f"{prefix}{authority}{body}{_organisation_check(body)}"
                code = first_17 + codes.check_character(first_17)
            if code not in self.codes:
                self.codes.add(code)
                return code

    def _authority(self, region: str) -> str:
        """Of whom the code says that they registered it: for one firm in twelve not the district of its address."""
        if self.rng.random() >= 1 / 12:
            return region
        if region == "110115" and self.rng.random() < 0.6:
            return "110302"
        return self.rng.choice(_OTHER_AUTHORITIES)

    def _capital(self, industry: Industry, kind: str) -> str:
        low, high = industry.capital
        if kind == "个体工商户" and self.rng.random() < 0.5:
            return "N/A"
        amount = low * (high / low) ** self.rng.random()
        step = 1 if amount < 20 else 10 if amount < 200 else 100
        return f"{max(step, round(amount / step) * step)}万元人民币"

    def _scope(self, industry: Industry) -> str:
        permits = self._some(industry.permits, 0.65)
        general = self._some(industry.scopes, 0.8) + self.rng.sample(_GENERAL, self.rng.randrange(0, 4))
        parts = []
        if permits:
            parts.append(
                f"许可项目：{'；'.join(permits)}。（依法须经批准的项目，经相关部门批准后方可开展经营活动，"
                "具体经营项目以相关部门批准文件或许可证件为准）"
            )
        parts.append(
            f"一般项目：{'；'.join(dict.fromkeys(general))}。（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）"
        )
        return "".join(parts) + MARK

    def _some(self, phrases: Sequence[str], share: float) -> list[str]:
        """The first phrase, which makes the trade, and some of the others."""
        return [phrase for place, phrase in enumerate(phrases) if place == 0 or self.rng.random() < share]

    def _premises(self, industry: Industry, kind: str, name: str) -> tuple[tuple[str, str], ...]:
        if kind == "个体工商户" or not industry.code.startswith(_CHAINS) or self.rng.random() > 0.25:
            return ()
        sites = []
        for number in range(1, self.rng.randrange(2, 5)):
            region = self.rng.choices(tuple(names.REGIONS), names.REGION_WEIGHTS)[0]
            sites.append((f"{name}第{'一二三四'[number - 1]}门店", names.address(self.rng, region)))
        return tuple(sites)

    def _aliases(self, industry: Industry, name: str) -> tuple[str, ...]:
        found = []
        if self.rng.random() < 0.04:
            found.append(f"北京{names.trade_name(self.rng)}{self.rng.choice(industry.words)}有限公司")
        if industry.shops and self.rng.random() < 0.05:
            found.append(f"{names.trade_name(self.rng)}{self.rng.choice(industry.shops)}")
        return tuple(alias for alias in found if alias != name)


def _organisation_check(body: str) -> str:
    """The ninth character of an organisation code (GB 11714)."""
    total = sum(int(letter, 36) * weight for letter, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[(11 - total % 11) % 11]


def _registration_number(rng: Random, authority: str, prefix: str) -> str:
    """An old 15-digit number (GS 15-2006): sole proprietors begin with 6, companies with 0."""
    first_14 = f"{authority}{6 if prefix == '92' else 0}{rng.randrange(10**7):07}"
    return first_14 + codes.check_digit_15(first_14)
