"""What the three regions share: an agreement that all of them sign, items that count as the same, quiet days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yicha.decide.gate import services as gate
from yicha.decide.gate.terms import QuietFacts
from yicha.doors.cli.demo import tables
from yicha.doors.cli.demo.names import REGIONS
from yicha.doors.cli.demo.zone import KEY_LISTS, ORGANISER
from yicha.kernel import clock
from yicha.know.agreement import services as agreement
from yicha.know.agreement.terms import AgreementDraft, Share, Standard
from yicha.know.undisturbed import services as undisturbed

DRAFTERS = "模拟：协调办公室"
SIGNERS = "模拟：签署人"
COMPARED = "京津冀区域事项比对说明（模拟）"
_SOURCE = "三地无事不扰事项清单（模拟）"
_SAME = (
    ("market-08", "110112", "market-10", "110302"),
    ("market-05", "110115", "market-14", "110302"),
    ("fire-02", "110112", "fire-04", "110115"),
    ("emergency-01", "110115", "emergency-06", "110302"),
)
"""Items of two regions that count as the same: (item, region, item, region)."""
_KINDS = ("market", "fire", "housing", "urban")
"""Kinds of agency that spare undisturbed enterprises their items, but those of the lists of grave risk."""
QUIET_REGION, QUIET_UNTIL = ORGANISER, 10
"""Where there are no visits on the first days of a month, for the demonstration."""
_TEXT = (
    "三地互认检查结果和无事不扰名单，跨区检查相互协助。一地依法作出的合格检查结果，另两地不再重复检查；"
    "异议期内未提出异议的，视为同意列入名单。（模拟）"
)


@dataclass(frozen=True, slots=True)
class Pact:
    """What was agreed on, as numbers."""

    signatures: int
    equivalences: int
    spared_items: int
    quiet_days: int


@transaction.atomic
def agree(now: datetime) -> Pact:
    """Sign the agreement of the three regions, and set what stands on it."""
    today = clock.today(now)
    draft = AgreementDraft(
        name="通州区、大兴区、北京经济技术开发区监管互认合作协议（模拟）",
        text=_TEXT,
        regions=frozenset(REGIONS),
        shares=frozenset(share.value for share in Share),
        valid_from=today,
        notice_days=30,
    )
    made = agreement.draft_agreement(actor=DRAFTERS, now=now, draft=draft)
    made = agreement.offer(actor=DRAFTERS, now=now, agreement=made)
    for region, name in REGIONS.items():
        made = agreement.sign(actor=f"{SIGNERS}（{name}）", now=now, agreement=made, region=region)
    for item, region, other, there in _SAME:
        agreement.declare_equivalence(
            actor=DRAFTERS,
            now=now,
            agreement=made,
            own=Standard(item, region),
            other=Standard(other, there),
            source=COMPARED,
        )
    spared = [
        item.code for item in tables.items() if item.kind in _KINDS and not set(item.lists) & set(KEY_LISTS)
    ]
    for code in spared:
        for region in REGIONS:
            undisturbed.spare_item(
                actor=DRAFTERS,
                now=now,
                item=code,
                region=region,
                in_force_from=today,
                source=_SOURCE,
                is_ours=True,
            )
    quiet = QuietFacts(QUIET_REGION, 1, QUIET_UNTIL, "演示设定，参照交口县企业宁静日（模拟）", True, today)
    gate.set_quiet_days(actor=DRAFTERS, now=now, facts=quiet)
    return Pact(len(REGIONS), len(_SAME), len(spared) * len(REGIONS), QUIET_UNTIL)
