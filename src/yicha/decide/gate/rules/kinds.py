"""What a kind of ground is. Each is a constant of the theme it belongs to, and the decision table lists them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yicha.decide.gate.terms import Bars, CampaignFacts, Ground, Outcome, QuietFacts, RowUsed, TriggerFacts
from yicha.know.agreement.terms import AgreementFacts
from yicha.know.catalogue.terms import NumberFacts

ITEMS = "国办发〔2024〕54号; 司法部问题解答"
APPROVAL = "司法部问题解答"
COUNTY = "county health bureau rule"
CHENGDU = "成都 一码检查"
PREFERENCE = "国办发〔2024〕54号"
CAMPAIGNS = "津政规〔2025〕1号; 京政办发〔2025〕10号"
QUIET = "交口; 南阳 企业宁静日"
ASSISTANCE = "四平 十严禁"
ITALY = "D.Lgs. 103/2024 (Italy)"
OFFICERS = "行政处罚法 第四十二条; 司法部文书"
SCAN = "北京; 上海; 深圳: 扫码入企"
OURS = "ours: no official rule was found"


@dataclass(frozen=True, slots=True)
class GroundKind:
    """A kind of ground: its stable code, its sentence, what it bars unless said otherwise, and its document.

    `passes`: waiting may lift it. `leans_on` names the numbers and tables that hold what it compares with; where it
    leans on a row, the row's own document is the ground's source, so that an administrator's change shows. `at_field`
    names the field of the application to mend.
    """

    code: str
    sentence: str
    source: str
    bars: Bars = Bars.NOTHING
    passes: bool = False
    answerable: bool = False
    leads_to: Outcome | None = None
    leans_on: tuple[str, ...] = ()
    at_field: str = ""

    def __call__(
        self,
        facts: Mapping[str, str | int],
        item: str = "",
        *,
        until: date | None = None,
        rows: tuple[RowUsed, ...] = (),
        bars: Bars | None = None,
    ) -> Ground:
        """A ground of this kind that holds for an item, or for the whole."""
        return Ground(
            self.code,
            self.sentence,
            rows[0].source if rows and rows[0].source else self.source,
            facts,
            self.bars if bars is None else bars,
            until,
            self.answerable,
            item,
            self.leads_to,
            rows,
            self.at_field,
        )


def number_row(row: NumberFacts) -> RowUsed:
    """A number of the law as a row that was leaned on. Made once for each row that is kept in memory."""
    made = _made.get(id(row))
    if made is not None and made[0] is row:
        return made[1]
    if len(_made) >= _MOST_MADE:
        _made.clear()
    used = RowUsed("number", row.code, plain(row.value), row.source, row.in_force_from, row.is_ours)
    _made[id(row)] = (row, used)
    return used


_made: dict[int, tuple[NumberFacts, RowUsed]] = {}
_MOST_MADE = 10_000


def trigger_row(row: TriggerFacts) -> RowUsed:
    """The row of the trigger, which says what it is free from."""
    return RowUsed("trigger", row.code, row.words, row.source, row.in_force_from, row.is_ours)


def quiet_row(row: QuietFacts) -> RowUsed:
    """The quiet days of a region."""
    days = f"{row.from_day}–{row.until_day}"
    return RowUsed("quiet-days", row.region, days, row.source, row.in_force_from, row.is_ours)


def agreement_row(row: AgreementFacts) -> RowUsed:
    """A version of an agreement; its own name is its document."""
    return RowUsed("agreement", row.code, f"v{row.version}", row.name, row.valid_from)


def campaign_row(row: CampaignFacts) -> RowUsed:
    """The approval of a campaign; its document is the approval's."""
    return RowUsed("campaign", row.code, row.approved_by, row.document, row.valid_from)


def plain(value: Decimal) -> str:
    """A number as people write it: 4, not 4.0000 or 4E+0."""
    return format(value.normalize(), "f") if value.is_finite() else str(value)
