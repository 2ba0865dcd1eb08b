"""A model takes force, everybody gets a class, and what hangs together, changes or is repaired is left to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from yicha.base.accounts.terms import Role
from yicha.base.workdays import queries as workdays
from yicha.doors.cli.demo.names import REGIONS
from yicha.doors.cli.demo.zone import import_table, write_table
from yicha.kernel import clock
from yicha.know.credit import queries as credit
from yicha.know.credit.queries import warnings as warnings_read
from yicha.know.credit.services import classing, models, repairs, trials, warnings
from yicha.know.credit.terms import RecordKind, Severity
from yicha.know.credit.terms.classes import RunKind
from yicha.know.credit.terms.repairs import RepairRequest
from yicha.know.registry import queries as registry
from yicha.share.repair import services as repair

DRAFTER, HEAD = "模拟：模型岗", "模拟：分管局长"
APPLICANT, HANDLER = "模拟：企业经办人", "模拟：修复受理岗"
CLUSTERS, CLUSTER = 6, 4
"""How many groups of enterprises hang together, and how many are in each."""
_SHARED = (
    ("同一地址", "北京市通州区（模拟）创新路{n}号院{n}号楼"),
    ("法定代表人", "模拟人 证件号MN{n:08}"),
    ("供应商", "（模拟）第{n}供应链有限公司"),
)
PUBLISHED_DAYS = 100
"""Whoever was published for so long may apply, also where a month has 31 days."""
REPAIRS = 8
"""How many applications for repair there are, in every state."""


@dataclass(frozen=True, slots=True)
class Classed:
    """A run in numbers."""

    counts: dict[str, int]
    changed: int
    engine: str


def begin(now: datetime) -> Classed:
    """The model that comes with the product is tried, signed by two, and takes force."""
    model = models.draft(actor=DRAFTER, now=now, remark="采用产品自带模型（模拟）")
    text = f"# 亦庄新城三区共同采用（模拟）\n{model.text}"
    model = models.edit(actor=DRAFTER, now=now, model=model, text=text, seen=model.sha256)
    model = models.submit(actor=DRAFTER, now=now, model=model)
    trials.run_trial(actor=DRAFTER, now=now, run=trials.ask_trial(actor=DRAFTER, now=now, model=model))
    for actor, role in ((DRAFTER, Role.COORDINATOR), (HEAD, Role.APPROVER)):
        model = models.sign(actor=actor, now=now, model=model, roles=[role])
    return _said(models.put_in_force(actor=DRAFTER, now=now, model=model))


def again(now: datetime) -> Classed:
    """The classification of this month."""
    return _said(classing.classify_all(actor=DRAFTER, now=now, kind=RunKind.MONTHLY))


def _said(run: Any) -> Classed:
    return Classed(dict(run.counts), run.changed, run.engine)


def in_words(classed: Classed) -> str:
    """How many are of which class: for the line of the step."""
    return " ".join(f"{letter} {count:,}" for letter, count in sorted(classed.counts.items()))


def tie(seed: int, folder: Path, now: datetime) -> int:
    """Groups that share premises, a representative or a supplier, with one of class D each; how many warnings."""
    rng = Random(f"links {seed}")  # noqa: S311 - a demonstration, reproducible by intent
    active = registry.list_enterprises().filter(status="active", region__code__in=list(REGIONS))
    grave = list(active.filter(risk_class="D").order_by("uscc").values_list("uscc", flat=True))
    others = list(active.exclude(risk_class="D").order_by("uscc").values_list("uscc", flat=True))
    rows = []
    for number in range(min(CLUSTERS, len(grave), len(others) // CLUSTER)):
        kind, words = _SHARED[number % len(_SHARED)]
        group = [grave[number * len(grave) // CLUSTERS], *rng.sample(others, CLUSTER - 1)]
        rows += [(uscc, kind, words.format(n=number + 1)) for uscc in group]
    if rows:
        path = folder / "enterprise-links.csv"
        write_table(path, ("统一社会信用代码", "关联类型", "关联内容"), rows)
        import_table("enterprise-links", path, now)
        warnings.watch(actor=DRAFTER, now=now)
    return warnings_read.list_warnings().count()


def repair_some(now: datetime) -> int:
    """Applications for repair in every state: waiting, returned, accepted, granted everywhere, refused; how many."""
    today = clock.today(now)
    found = _repairable(today)[:REPAIRS]
    for number, record in enumerate(found):
        _carry(number, record, now)
    return len(found)


def _repairable(today: date) -> Sequence[Any]:
    """General penalties that were published long enough to be repaired, and still have some time to run."""
    return list(
        credit.list_records()
        .filter(
            kind=RecordKind.PENALTY.value,
            severity=Severity.GENERAL.value,
            state="in-effect",
            is_published=True,
            published_on__lt=today - timedelta(days=PUBLISHED_DAYS),
            effective_until__gt=today + timedelta(days=14),
        )
        .order_by("code")
    )


def _carry(number: int, record: Any, now: datetime) -> None:
    """Apply, and go on as far as its place among them says; each step on a working day."""
    days = _working_days_before(now, 3)
    request = RepairRequest(
        grounds="已改正：补齐进货查验记录并完成全员培训。（模拟）",
        evidence=f"电子档案 模拟-{number + 1:03}",
        evidence_hash=sha256(record.code.encode()).hexdigest(),
        has_pledged=True,
    )
    made = repairs.apply(
        actor=APPLICANT, now=days[0], record=record, uscc=record.enterprise.uscc, request=request
    )
    match number % 5:
        case 1:
            repairs.send_back(actor=HANDLER, now=days[1], repair=made, words="请补充整改前后的照片。（模拟）")
        case 2:
            repairs.accept(actor=HANDLER, now=days[1], repair=made)
        case 3:
            repairs.accept(actor=HANDLER, now=days[1], repair=made)
            repair.decide(
                actor=HEAD, now=days[2], repair=made, is_granted=True, words="整改属实，同意修复。（模拟）"
            )
            repairs.answer(actor=HANDLER, now=days[2], repair=made, words="您的修复申请已获同意。（模拟）")
        case 4:
            repairs.accept(actor=HANDLER, now=days[1], repair=made)
            repair.decide(
                actor=HEAD,
                now=days[2],
                repair=made,
                is_granted=False,
                words="整改尚未完成，不予修复。（模拟）",
            )


def _working_days_before(now: datetime, count: int) -> list[datetime]:
    """The last working days before an instant, the earliest first, at the same time of day."""
    today = clock.today(now)
    days = workdays.list_working_days(
        today - timedelta(days=15), today - timedelta(days=1), workdays.get_calendar()
    )
    return [now - (today - day) for day in days[-count:]]
