"""How the workbook of plans becomes drafts (see ingest/exchange and `rules/workbook.py`).

A row is an entry; its plan is found by 单位 and 时间, and begun if there is none. The rows of one import change drafts
only, all or nothing; what another person changed in one of the plans after the check is never written over.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext_noop as _

from yicha.decide.planning import services
from yicha.decide.planning.intake.reading import Reading
from yicha.decide.planning.intake.writing import FIELDS, SCOPES, target
from yicha.decide.planning.models.plans import KINDS
from yicha.decide.planning.rules import workbook as rules
from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.terms import Aftermath, Column, ImportKind, Prepared
from yicha.kernel.refusal import Reason, Refused
from yicha.know.registry import queries as registry

COLUMNS = (
    Column("task", _("task"), ("任务", "任务名称", "抽查任务名称"), required=True, prose=True, stored=False),
    Column(
        "kind_words",
        _("kind"),
        ("类型", "抽查类型", "检查类型"),
        required=True,
        prose=True,
        parser=rules.read_kind,
        max_length=400,
        stored=False,
    ),
    Column(
        "item_words",
        _("items"),
        ("事项", "抽查事项", "检查事项"),
        required=True,
        max_length=20_000,
        stored=False,
    ),
    Column("directory_words", _("directory"), ("对象", "抽查对象", "检查对象"), required=True, stored=False),
    Column(
        "rate_words",
        _("rate"),
        ("比例", "抽查比例"),
        required=True,
        parser=rules.read_rate,
        stored=False,
    ),
    Column("quantity", _("to be drawn"), ("数量", "抽查数量"), prose=True, stored=False),
    Column(
        "time",
        _("when"),
        ("时间", "抽查时间", "检查时间"),
        required=True,
        parser=rules.read_time,
        stored=False,
    ),
    Column("unit", _("whose plan"), ("单位", "实施单位", "检查单位"), required=True, stored=False),
)


def _prepare(columns: Any) -> Prepared:
    reading = Reading()
    return Prepared(FIELDS, reading.complete, target(), scopes=SCOPES, load=reading.load)


def _describe(field: str, value: object) -> str:
    if value is None or value == "":
        return ""
    if field == "kind":
        return str({kind.value: words for kind, words in KINDS.items()}.get(str(value), value))
    if field == "rate":
        return rules.write_rate(Decimal(str(value)))
    if field == "directory_id":
        return next((str(row) for row in registry.list_directories() if row.pk == value), str(value))
    return str(value)


def _after(aftermath: Aftermath) -> None:
    """Refuse what was overtaken; count what the entries mean, raise the revisions, tell the ledger."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.planning_overtaken') IS NOT NULL")
        codes: list[str] = []
        if cursor.fetchone()[0]:
            cursor.execute("SELECT DISTINCT code FROM planning_overtaken ORDER BY code")
            codes = [row[0] for row in cursor.fetchall()]
            cursor.execute("DROP TABLE planning_overtaken")
        cursor.execute(aftermath.concerned)
        plans = [row[0] for row in cursor.fetchall()]
    if codes:
        raise Refused(
            [
                Reason(
                    "import.plan-changed-meanwhile",
                    "These plans have changed since the check: %(plans)s. Check again, and look at what would change.",
                    facts={"plans": ", ".join(codes)},
                )
            ]
        )
    services.take_in(
        actor=aftermath.actor, now=aftermath.now, plans=plans, act=aftermath.act, subject=aftermath.subject
    )


PLANS = ImportKind(
    name="plans",
    label=_("annual plans"),
    key="entry_key",
    columns=COLUMNS,
    prepare=_prepare,
    describe=_describe,
    after=_after,
)

exchange.register(PLANS)
