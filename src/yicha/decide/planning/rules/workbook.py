"""The workbook of plans, cell by cell: 任务 · 类型 · 事项 · 对象 · 比例 · 数量 · 时间 · 单位, written and read back.

Everything but 数量 is read: how many these are is counted anew from the registry, so that nobody plans a number that is
not there. Whoever has a code is written as `name（code）`; a zone, which may share its code with a region, as
`name（功能区code）`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from yicha.decide.planning.rules.plans import quarter_dates
from yicha.decide.planning.terms import PlanOwner
from yicha.kernel import cells
from yicha.kernel.cells import Read
from yicha.kernel.months import months_after
from yicha.kernel.refusal import Reason
from yicha.know.visits.terms import ContactKind

HEADERS = ("任务", "类型", "事项", "对象", "比例", "数量", "时间", "单位")
KINDS = {ContactKind.DAILY: "日常检查", ContactKind.SPECIAL: "专项检查", ContactKind.CASE: "个案检查"}
BY_CLASS = "按分类"
"""In 比例: no rate of its own, each class as the rates in force say."""
ZONE = "功能区"
_OF_WORD = {word: kind for kind, word in KINDS.items()}
_KIND = re.compile(r"([^（(]+)(?:[（(](.+)；([^；]+)；(\d{4}-\d\d-\d\d)[)）])?")
_CODE_AT_END = re.compile(r"[（(]([A-Za-z0-9_-]{1,64})[)）]\s*$")
_BARE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TO = r"(?:至|到|~|—|–|-)+"
_DAY = r"(\d{4}(?:-\d{1,2}-|/\d{1,2}/|\.\d{1,2}\.|年\d{1,2}月)\d{1,2})日?"
_DAYS = re.compile(_DAY + _TO + _DAY)
_MONTHS = re.compile(rf"(\d{{4}})年(\d{{1,2}})月?(?:{_TO}(?:\1年)?(\d{{1,2}}))?月")
_QUARTER = re.compile(r"(\d{4})年?(?:第)?([一二三四1-4])季度|(\d{4})[Qq]([1-4])")
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)%")
_FRACTION = re.compile(r"0?\.\d{1,20}|1(?:\.0+)?")
_STEP, _NOISE = Decimal("0.0001"), Decimal("1e-9")
"""A rate's last decimal; and what spreadsheets leave behind it when they reckon: 0.1 * 3 is 0.30000000000000004."""


class Line(NamedTuple):
    """An entry as the workbook needs it: codes with their names."""

    title: str
    kind: ContactKind
    ordered_by: str
    order_number: str
    ordered_on: date | None
    items: Sequence[tuple[str, str]]
    """(code, name) of the items, or of the joint list alone."""
    directory: tuple[str, str]
    rate: Decimal | None
    expected: int
    window: tuple[date, date]
    unit: str
    """As `unit_words` writes it."""


def write_line(line: Line) -> tuple[str | int, ...]:
    """A row of the workbook."""
    kind = KINDS[line.kind]
    if line.ordered_on is not None:
        kind += f"（{line.ordered_by}；{line.order_number}；{line.ordered_on.isoformat()}）"
    return (
        line.title,
        kind,
        "；".join(words_of(*item) for item in line.items),
        words_of(*line.directory),
        BY_CLASS if line.rate is None else write_rate(line.rate),
        line.expected,
        f"{line.window[0].isoformat()}至{line.window[1].isoformat()}",
        line.unit,
    )


def words_of(code: str, name: str) -> str:
    """`name（code）`; a separator within the name would tear it apart."""
    return f"{re.sub('[;；、]', '，', name)}（{code}）"


def unit_words(code: str, name: str, *, is_zone: bool = False) -> str:
    """An agency or a region as `name（code）`, a zone as `name（功能区code）`."""
    return f"{name}（{ZONE if is_zone else ''}{code}）"


def write_rate(rate: Decimal) -> str:
    """0.05 as `5%`."""
    return f"{(rate * 100).normalize():f}%"


@dataclass(frozen=True, slots=True)
class ReadKind:
    """What the cell 类型 says: the kind, and the approval record if there is one."""

    kind: ContactKind
    ordered_by: str = ""
    order_number: str = ""
    ordered_on: date | None = None


def split_kind(text: str) -> ReadKind | Reason:
    """`专项检查（市政府；京政办〔2026〕3号；2026-02-01）`: a kind, and who ordered it, under what number, when."""
    found = _KIND.fullmatch(text)
    kind = _OF_WORD.get(found[1].strip()) if found else None
    if found is None or kind is None:
        return Reason(
            "plan-kind",
            "“%(value)s” is no kind; write one of: %(offered)s. A special outside the plan names its order: "
            "专项检查（who；number；2026-02-01）.",
            facts={"value": text, "offered": "、".join(_OF_WORD)},
        )
    if not found[2]:
        return ReadKind(kind)
    try:
        day = date.fromisoformat(found[4])
    except ValueError:
        return Reason("plan-kind-day", "“%(value)s” is no day.", facts={"value": found[4]})
    return ReadKind(kind, found[2].strip(), found[3].strip(), day)


def read_kind(text: str) -> Read:
    """The cell 类型 as it is: `split_kind` takes it apart."""
    found = split_kind(text)
    return found if isinstance(found, Reason) else text


def split_items(text: str, known: Container[str] = ()) -> list[str]:
    """The codes or names in `name（code）；name（code）；code；name`, in their order, each once.

    A name may have a 、 of its own: what stands before one belongs to the code that follows, unless it is a code or a
    `known` word itself. Nothing that stands there is left out.
    """
    found: list[str] = []
    for part in re.split("[;；]", text):
        pieces = [piece.strip() for piece in part.split("、") if piece.strip()]
        coded = [place for place, piece in enumerate(pieces) if _CODE_AT_END.search(piece)]
        last = coded[-1] if coded else -1
        found += [
            code_in(piece)
            for place, piece in enumerate(pieces)
            if place in coded or place > last or piece in known or _BARE.fullmatch(piece)
        ]
    return list(dict.fromkeys(found))


def code_in(text: str) -> str:
    """The code at the end of `name（code）`; without one the text itself, which may be a code or a name."""
    found = _CODE_AT_END.search(text)
    return found[1] if found else text.strip()


def read_rate(text: str) -> Read:
    """`5%`, `0.05`, or 按分类: as a share with four decimals, or empty."""
    narrow = cells.narrow_all(text).replace(" ", "")
    if text == BY_CLASS:
        return ""
    share: Decimal | None = None
    if found := _SHARE.fullmatch(narrow):
        share = Decimal(found[1]) / 100
    elif _FRACTION.fullmatch(narrow):
        exact = Decimal(narrow)
        rounded = exact.quantize(_STEP)
        share = rounded if abs(exact - rounded) < _NOISE else None
    if share is None or not 0 < share <= 1:
        return Reason(
            "plan-rate",
            "“%(value)s” is no rate: write a share such as 0.05 with four decimals at most, or 按分类.",
            facts={"value": text},
        )
    return f"{share.normalize():f}"


def split_time(text: str) -> tuple[date, date] | Reason:
    """Days (`2026-07-01至2026-09-30`), months (`2026年7月至9月`) or a quarter (`2026年第三季度`, `2026Q3`)."""
    narrow = cells.narrow_all(text).replace(" ", "")
    if found := _QUARTER.fullmatch(narrow):
        year = int(found[1] or found[3])
        number = found[2] or found[4]
        return quarter_dates(year, "一二三四".find(number) + 1 or int(number))
    try:
        if found := _DAYS.fullmatch(narrow):
            first, last = _day(found[1]), _day(found[2])
        elif found := _MONTHS.fullmatch(narrow):
            first = date(int(found[1]), int(found[2]), 1)
            last = months_after(first.replace(month=int(found[3] or found[2])), 1) - timedelta(days=1)
        else:
            return _no_time(text)
    except ValueError:
        return _no_time(text)
    if first <= last and first.year == last.year and quarter_of(first) == quarter_of(last):
        return first, last
    return Reason(
        "plan-time-quarter",
        "“%(value)s”: the first day comes before the last, and both lie in one quarter.",
        facts={"value": text},
    )


def _day(text: str) -> date:
    year, month, day = map(int, re.split(r"[-/.年月]", text))
    return date(year, month, day)


def read_time(text: str) -> Read:
    """The cell 时间 with its days written out."""
    found = split_time(text)
    return found if isinstance(found, Reason) else f"{found[0].isoformat()}至{found[1].isoformat()}"


def _no_time(text: str) -> Reason:
    return Reason(
        "plan-time",
        "“%(value)s” is no time: write 2026-07-01至2026-09-30, or 2026年第三季度.",
        facts={"value": text},
    )


def quarter_of(day: date) -> int:
    """The quarter that a day lies in."""
    return (day.month + 2) // 3


@dataclass(frozen=True, slots=True)
class Unit:
    """Whose plan a row belongs to: of an agency (`kind` of it), or of a joint list at a place."""

    agency: str = ""
    kind: str = ""
    region: str = ""
    zone: str = ""

    def owner(self, joint_list: str) -> PlanOwner:
        """The owner of the plan, with the joint list of the row."""
        return PlanOwner(self.agency, joint_list, self.region, self.zone)


@dataclass(slots=True)
class Units:
    """All units by the words that the workbook has for them; `None` where several have the same words."""

    known: dict[str, Unit | None] = field(default_factory=dict)

    def add(self, unit: Unit, *words: str) -> None:
        """Let a unit be found under some words."""
        for word in words:
            self.known[word] = None if self.known.get(word, unit) != unit else unit

    def find(self, text: str) -> Unit | Reason:
        """The unit of a cell, by `name（code）`, or by a code or a name that is no other's."""
        text = text.replace("(", "（").replace(")", "）")
        if text not in self.known:
            return Reason("plan-unit", "There is no agency and no place “%(value)s”.", facts={"value": text})
        return self.known[text] or Reason(
            "plan-unit-several",
            "“%(value)s” is the name or code of several; write it as in an exported workbook.",
            facts={"value": text},
        )


def row_key(plan: str, quarter: int, directory: str, items: Sequence[str]) -> str:
    """The name of a check within all plans: what `versions.check_of` says, in words."""
    return " ".join([plan, f"Q{quarter}", directory, *sorted(items)])


def known_by(rows: Mapping[str, str]) -> dict[str, str]:
    """Code by code and by name, for cells that have either; names that two have are left out."""
    names: dict[str, str] = {}
    for code, name in rows.items():
        names[name] = "" if name in names else code
    return {name: code for name, code in names.items() if code} | {code: code for code in rows}
