"""What is on record of the enterprises before the round (simulated), so that a model finds all four classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from yicha.doors.cli.demo.names import REGIONS
from yicha.doors.cli.demo.zone import import_table, write_table
from yicha.know.credit.terms import RecordKind, Severity
from yicha.know.registry import queries as registry

_HEADERS = (
    "统一社会信用代码",
    "信息类别",
    "来源部门代码",
    "文号",
    "发生日期",
    "严重程度",
    "金额(元)",
    "是否公示",
    "公示日期",
    "年报年度",
    "内容",
)
_LETTERS, _WEIGHTS = "ABCD", (34, 51, 11, 4)
"""What is made up for a file that gives no class: so many of a hundred."""
_SEVERITIES = {Severity.NONE: "", Severity.MINOR: "轻微", Severity.GENERAL: "一般", Severity.SERIOUS: "严重"}
_WORDS = {
    RecordKind.LICENCE: ("行政许可", "取得经营许可"),
    RecordKind.PENALTY: ("行政处罚", "未按规定建立进货查验记录"),
    RecordKind.ABNORMAL_LISTING: ("经营异常名录", "通过登记的住所无法联系"),
    RecordKind.SERIOUS_VIOLATION: ("严重违法失信名单", "被列入经营异常名录届满三年"),
    RecordKind.ANNUAL_REPORT: ("年度报告", "已公示年度报告"),
    RecordKind.VERIFIED_COMPLAINT: ("查实投诉举报", "消费投诉经核查属实"),
    RecordKind.ACCIDENT: ("安全事故", "设备故障致生产安全事故"),
    RecordKind.COURT_ORDER: ("失信被执行人", "未履行生效裁判"),
    RecordKind.TAX_NOTICE: ("欠税公告", "欠缴增值税"),
    RecordKind.SOCIAL_INSURANCE_NOTICE: ("社保欠缴", "欠缴社会保险费"),
    RecordKind.HONOUR: ("荣誉表彰", "诚信经营示范单位"),
    RecordKind.PLEDGE: ("信用承诺", "主动公开作出信用承诺"),
}
_PUBLISHED = {
    RecordKind.PENALTY,
    RecordKind.ABNORMAL_LISTING,
    RecordKind.SERIOUS_VIOLATION,
    RecordKind.LICENCE,
}
_SOURCES = {
    RecordKind.ACCIDENT: "emergency",
    RecordKind.SOCIAL_INSURANCE_NOTICE: "labour",
}
"""Kinds of agency that record it; all else comes from market regulation."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing that is on record."""

    kind: RecordKind
    on: date
    severity: Severity = Severity.NONE
    amount: int = 0
    year: int | None = None


class Facts:
    """Makes up what would lead an enterprise to the class that its table gives, from the seed."""

    def __init__(self, seed: int, today: date, given: bool) -> None:
        self.rng = Random(f"facts {seed}")  # noqa: S311 - a demonstration, reproducible by intent
        self.today, self.given = today, given
        self.last_year = today.year - 1 if today.month >= 7 else today.year - 2
        self.agencies = set(registry.list_agencies().values_list("code", flat=True))
        self.numbers = count(1)

    def load(self, folder: Path, now: datetime) -> Counter[RecordKind]:
        """Write the table and import it; by kind, how many."""
        active = registry.list_enterprises().filter(status="active", region__code__in=list(REGIONS))
        found: Counter[RecordKind] = Counter()
        rows = []
        for uscc, region, letter, since in active.order_by("uscc").values_list(
            "uscc", "region__code", "risk_class", "registered_on"
        ):
            for line in self._lines(letter if self.given else self._letter(), since):
                found[line.kind] += 1
                rows.append(self._row(uscc, region, line))
        path = folder / "credit-records.csv"
        write_table(path, _HEADERS, rows)
        import_table("credit-records", path, now)
        return found

    def _letter(self) -> str:
        return self.rng.choices(_LETTERS, _WEIGHTS)[0]

    def _lines(self, letter: str, since: date | None) -> Iterator[_Line]:
        due = [year for year in (self.last_year - 1, self.last_year) if since is None or since.year < year]
        match letter:
            case "A":
                yield from self._reports(due)
                if self.rng.random() < 0.08:
                    kind = self.rng.choice((RecordKind.HONOUR, RecordKind.PLEDGE, RecordKind.LICENCE))
                    yield _Line(kind, self._ago(30, 500))
            case "B":
                chance = self.rng.random()
                yield from self._reports(due if chance > 0.6 else due[1:])
                if chance > 0.6:
                    yield self._small()
            case "C":
                yield from self._reports(due[:1])
                yield self._penalty(Severity.GENERAL, 20, 170)
                if self.rng.random() < 0.3:
                    yield self._small()
            case _:
                yield self._grave()

    def _reports(self, years: Sequence[int]) -> Iterator[_Line]:
        for year in years:
            filed = date(year + 1, self.rng.randint(1, 6), self.rng.randint(1, 28))
            yield _Line(RecordKind.ANNUAL_REPORT, min(filed, self.today), year=year)

    def _small(self) -> _Line:
        kind = self.rng.choice(
            (RecordKind.VERIFIED_COMPLAINT, RecordKind.PENALTY, RecordKind.SOCIAL_INSURANCE_NOTICE)
        )
        if kind is RecordKind.PENALTY:
            return self._penalty(Severity.MINOR, 20, 80)
        return _Line(kind, self._ago(20, 90), Severity.GENERAL)

    def _penalty(self, severity: Severity, least: int, most: int) -> _Line:
        amount = self.rng.choice((0, 2_000, 5_000, 20_000, 50_000, 120_000))
        return _Line(RecordKind.PENALTY, self._ago(least, most), severity, amount)

    def _grave(self) -> _Line:
        chance = self.rng.random()
        if chance < 0.3:
            return _Line(RecordKind.SERIOUS_VIOLATION, self._ago(60, 500), Severity.SERIOUS)
        if chance < 0.45:
            return _Line(RecordKind.ACCIDENT, self._ago(60, 500), Severity.SERIOUS)
        return self._penalty(Severity.SERIOUS, 30, 300)

    def _ago(self, least: int, most: int) -> date:
        return self.today - timedelta(days=self.rng.randint(least, most))

    def _row(self, uscc: str, region: str, line: _Line) -> tuple[str, ...]:
        words, content = _WORDS[line.kind]
        agency = f"{region}-{_SOURCES.get(line.kind, 'market')}"
        published = line.kind in _PUBLISHED
        return (
            uscc,
            words,
            agency if agency in self.agencies else f"{region}-market",
            f"模拟-{self.today.year}-{next(self.numbers):06}",
            line.on.isoformat(),
            _SEVERITIES[line.severity],
            str(line.amount) if line.amount else "",
            "是" if published else "否",
            min(line.on + timedelta(days=5), self.today).isoformat() if published else "",
            str(line.year) if line.year else "",
            f"{content}（模拟）",
        )
