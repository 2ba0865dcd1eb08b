"""How a table becomes credit records (see ingest/exchange, which finds this module by its name).

A row that is there already and says something else becomes the next version; nothing is written over.
"""

# ruff: noqa: S608 - names in statements come from code, never from a file
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext_noop as _

from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.terms import (
    CellProblem,
    Column,
    Completed,
    Field,
    ImportKind,
    Prepared,
    Target,
    Values,
)
from yicha.kernel import cells, uscc
from yicha.kernel.cells import Read
from yicha.kernel.refusal import Reason
from yicha.know.credit import rules
from yicha.know.credit.models import KINDS
from yicha.know.credit.terms import RecordKind
from yicha.know.registry import queries as registry

_KIND_WORDS = {
    "行政处罚": RecordKind.PENALTY,
    "处罚": RecordKind.PENALTY,
    "经营异常名录": RecordKind.ABNORMAL_LISTING,
    "经营异常": RecordKind.ABNORMAL_LISTING,
    "严重违法失信名单": RecordKind.SERIOUS_VIOLATION,
    "严重违法": RecordKind.SERIOUS_VIOLATION,
    "年度报告": RecordKind.ANNUAL_REPORT,
    "年报": RecordKind.ANNUAL_REPORT,
    "查实投诉": RecordKind.VERIFIED_COMPLAINT,
    "投诉查实": RecordKind.VERIFIED_COMPLAINT,
    "事故": RecordKind.ACCIDENT,
    **{kind.value: kind for kind in RecordKind},
}


def _read_uscc(text: str) -> Read:
    return uscc.normalise(text)


_COLUMNS = (
    Column(
        "uscc",
        _("unified social credit code"),
        ("统一社会信用代码", "社会信用代码", "信用代码", "注册号"),
        required=True,
        parser=_read_uscc,
        stored=False,
        max_length=40,
    ),
    Column(
        "kind",
        _("kind"),
        ("信息类别", "信用信息类别", "类别"),
        required=True,
        parser=cells.choice({word: kind.value for word, kind in _KIND_WORDS.items()}, "kind"),
    ),
    Column(
        "agency",
        _("source agency"),
        ("认定部门代码", "来源部门代码", "部门代码", "来源部门"),
        required=True,
        stored=False,
    ),
    Column(
        "code",
        _("reference"),
        ("文号", "决定书文号", "处罚决定书文号", "编号"),
        required=True,
        distinct=True,
        max_length=100,
    ),
    Column(
        "happened_on",
        _("happened on"),
        ("发生日期", "决定日期", "认定日期", "日期"),
        required=True,
        parser=cells.read_date,
    ),
    Column("effective_from", _("effective from"), ("生效日期", "公示日期"), parser=cells.read_date),
    Column("effective_until", _("effective until"), ("截止日期", "公示截止日期"), parser=cells.read_date),
    Column("year", _("year of the report"), ("年报年度", "报告年度", "年度"), parser=cells.read_whole_number),
    Column("words", _("what happened"), ("内容", "事由", "摘要"), distinct=True, prose=True, max_length=500),
    Column("evidence_hash", _("evidence (SHA-256)"), ("证据哈希", "证据SHA-256"), max_length=64),
    Column("evidence", _("where the evidence is kept"), ("证据位置", "证据编号"), max_length=200),
)
_FIELDS = (
    Field("code"),
    Field("enterprise_id", "bigint", label=_("enterprise")),
    Field("kind"),
    Field("agency_id", "bigint", label=_("source agency")),
    Field("reference", label=_("reference")),
    Field("happened_on", "date"),
    Field("effective_from", "date", default="s.happened_on"),
    Field("effective_until", "date"),
    Field("year", "smallint"),
    Field("words", default="''"),
    Field("evidence_hash", default="''"),
    Field("evidence", default="''"),
)
_ALWAYS = {"enterprise_id", "agency_id", "reference", "effective_from"}
_SCOPES = (
    "SELECT DISTINCT a.code, COALESCE(r.code, ''), COALESCE(z.code, '') FROM {staging} s "
    "JOIN registry_agency a ON a.id = s.agency_id JOIN registry_enterprise e ON e.id = s.enterprise_id "
    "LEFT JOIN registry_region r ON r.id = e.region_id LEFT JOIN registry_zone z ON z.id = e.zone_id"
)


def _prepare(columns: Sequence[str]) -> Prepared:
    fields = tuple(field for field in _FIELDS if field.name in columns or field.name in _ALWAYS)
    agencies = {agency.code: agency.pk for agency in registry.list_agencies()}
    enterprises: dict[str, int] = {}

    def load() -> None:
        enterprises.update(registry.list_enterprises().order_by().values_list("uscc", "pk").iterator(10_000))

    def complete(values: Values, size: int) -> Completed:
        return _complete(values, size, enterprises, agencies)

    return Prepared(fields, complete, _target(fields), _SCOPES, load)


def _complete(
    values: Values, size: int, enterprises: Mapping[str, int], agencies: Mapping[str, int]
) -> Completed:
    """Who and from whom; the name of the record; and what a cell alone does not show to be wrong."""
    named, given = values["uscc"], [agency or "" for agency in values["agency"]]
    done = Completed(
        {
            "enterprise_id": [_text(enterprises.get(code or "")) for code in named],
            "agency_id": [_text(agencies.get(code)) for code in given],
            "reference": list(values["code"]),
            "code": [
                rules.code_of(agency, code or "") for agency, code in zip(given, values["code"], strict=True)
            ],
        }
    )
    if "effective_from" not in values:
        done.fields["effective_from"] = [None] * size
    for position in range(size):
        problems = _find_problems(values, position, enterprises, agencies)
        if problems:
            done.problems[position] = problems
    return done


def _text(found: int | None) -> str | None:
    return None if found is None else str(found)


def _find_problems(
    values: Values, position: int, enterprises: Collection[str], agencies: Collection[str]
) -> list[CellProblem]:
    cell = {name: column[position] for name, column in values.items()}
    found = []
    if cell["uscc"] and cell["uscc"] not in enterprises:
        found.append(
            _problem("uscc", cell["uscc"], "unknown-enterprise", "“%(code)s” is not in the registry.")
        )
    if cell["agency"] and cell["agency"] not in agencies:
        found.append(_problem("agency", cell["agency"], "agency-unknown", "There is no agency “%(code)s”."))
    year = cell.get("year") or ""
    if cell["kind"] and (cell["kind"] == RecordKind.ANNUAL_REPORT) != bool(year):
        column = "year" if "year" in values else "kind"
        found.append(
            _problem(column, year, "credit-year", "An annual report names its year, and nothing else does.")
        )
    begin, end = cell.get("effective_from") or cell["happened_on"], cell.get("effective_until")
    if begin and end and begin > end:
        found.append(
            _problem("effective_until", end, "credit-ends-first", "The effect ends before it begins.")
        )
    digest = cell.get("evidence_hash") or ""
    if digest and not rules.is_sha256(digest):
        sentence = "The hash of the evidence is a SHA-256: 64 characters 0-9 and a-f."
        found.append(_problem("evidence_hash", digest, "credit-evidence-hash", sentence))
    return found


def _problem(column: str, value: str, code: str, sentence: str) -> CellProblem:
    facts = {"code": value} if "%(code)s" in sentence else {}
    return CellProblem(column, value, Reason(code, sentence, facts=facts))


def _target(fields: Sequence[Field]) -> Target:
    names = [field.name for field in fields]
    plain = {"words": "''", "evidence_hash": "''", "evidence": "''"}
    fixed = ["uuid", "version", "state", "recorded_at", "recorded_by", "ended_because"]
    missing = [name for name in plain if name not in names]
    into = ", ".join([*fixed, *missing, *names])
    fresh = ", ".join([*(plain[name] for name in missing), *(exchange.new_value(field) for field in fields)])
    following = ", ".join(
        [*(f"c.{name}" for name in missing), *(exchange.next_value(field) for field in fields)]
    )
    constant = "'in-effect', now(), 'import', ''"
    return Target(
        table="credit_creditrecord",
        current=(
            f"SELECT t.id, t.xmin::text AS version, {', '.join('t.' + name for name in names)}, t.state AS was "
            "FROM credit_creditrecord t WHERE t.state <> 'corrected'"
        ),
        insert=(
            f"INSERT INTO credit_creditrecord ({into}) SELECT gen_random_uuid(), 1, {constant}, {fresh} "
            "FROM {staging} s JOIN {fresh} n USING (row_no)",
        ),
        update=(
            "UPDATE credit_creditrecord t SET state = 'corrected' FROM {changed} d WHERE t.id = d.id",
            f"INSERT INTO credit_creditrecord ({into}) "
            f"SELECT gen_random_uuid(), c.version + 1, {constant}, {following} "
            "FROM {changed} d JOIN {staging} s USING (row_no) JOIN credit_creditrecord c ON c.id = d.id",
        ),
        remove=("DELETE FROM credit_creditrecord t USING {undone} u WHERE t.id = u.id AND u.before IS NULL",),
        restore=(
            "DELETE FROM credit_creditrecord t USING {undone} u WHERE t.id = u.id AND u.before IS NOT NULL",
            "UPDATE credit_creditrecord t SET state = u.before->>'was' FROM {undone} u "
            "WHERE t.id = (u.before->>'id')::bigint",
        ),
        locks=("credit_creditrecord",),
    )


def _describe(field: str, value: object) -> str:
    if field == "kind" and value in set(RecordKind):
        return str(KINDS[RecordKind(str(value))])
    if field == "enterprise_id" and value is not None:
        return str(registry.list_enterprises().filter(pk=int(str(value))).first() or value)
    if field == "agency_id" and value is not None:
        return str(registry.list_agencies().filter(pk=int(str(value))).first() or value)
    return "" if value is None else str(value)


CREDIT_RECORDS = ImportKind(
    name="credit-records",
    label=_("credit records"),
    key="code",
    columns=_COLUMNS,
    prepare=_prepare,
    describe=_describe,
)

exchange.register(CREDIT_RECORDS)
