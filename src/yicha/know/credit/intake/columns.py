"""What stands in a file of credit records: its columns, and the words of agencies for kinds and severities."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from yicha.ingest.exchange.terms import Column
from yicha.kernel import cells, uscc
from yicha.kernel.cells import Read
from yicha.know.credit.terms import RecordKind, Severity

_KIND_WORDS = {
    "行政许可": RecordKind.LICENCE,
    "许可": RecordKind.LICENCE,
    "行政处罚": RecordKind.PENALTY,
    "处罚": RecordKind.PENALTY,
    "经营异常名录": RecordKind.ABNORMAL_LISTING,
    "经营异常": RecordKind.ABNORMAL_LISTING,
    "列入经营异常名录": RecordKind.ABNORMAL_LISTING,
    "严重违法失信名单": RecordKind.SERIOUS_VIOLATION,
    "严重违法失信主体名单": RecordKind.SERIOUS_VIOLATION,
    "严重违法": RecordKind.SERIOUS_VIOLATION,
    "年度报告": RecordKind.ANNUAL_REPORT,
    "年报": RecordKind.ANNUAL_REPORT,
    "投诉举报(查实)": RecordKind.VERIFIED_COMPLAINT,
    "查实投诉": RecordKind.VERIFIED_COMPLAINT,
    "查实投诉举报": RecordKind.VERIFIED_COMPLAINT,
    "投诉查实": RecordKind.VERIFIED_COMPLAINT,
    "投诉举报": RecordKind.VERIFIED_COMPLAINT,
    "安全事故": RecordKind.ACCIDENT,
    "事故": RecordKind.ACCIDENT,
    "法院裁判": RecordKind.COURT_ORDER,
    "法院判决": RecordKind.COURT_ORDER,
    "失信被执行人": RecordKind.COURT_ORDER,
    "被执行人": RecordKind.COURT_ORDER,
    "欠税公告": RecordKind.TAX_NOTICE,
    "欠税": RecordKind.TAX_NOTICE,
    "社保欠缴": RecordKind.SOCIAL_INSURANCE_NOTICE,
    "欠缴社保": RecordKind.SOCIAL_INSURANCE_NOTICE,
    "荣誉表彰": RecordKind.HONOUR,
    "荣誉": RecordKind.HONOUR,
    "表彰": RecordKind.HONOUR,
    "信用承诺": RecordKind.PLEDGE,
    "承诺": RecordKind.PLEDGE,
    **{kind.value: kind for kind in RecordKind},
}
_SEVERITY_WORDS = {
    "轻微": Severity.MINOR,
    "轻微失信": Severity.MINOR,
    "一般": Severity.GENERAL,
    "一般失信": Severity.GENERAL,
    "严重": Severity.SERIOUS,
    "严重失信": Severity.SERIOUS,
    **{one.value: one for one in Severity if one is not Severity.NONE},
}
_YES_WORDS = {
    **dict.fromkeys(("是", "公示", "已公示", "公开", "Y", "yes", "true", "1"), "true"),
    **dict.fromkeys(("否", "不公示", "未公示", "不公开", "N", "no", "false", "0"), "false"),
}


def _read_uscc(text: str) -> Read:
    return uscc.normalise(text)


COLUMNS = (
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
    Column("effective_from", _("effective from"), ("生效日期", "有效期自"), parser=cells.read_date),
    Column("effective_until", _("effective until"), ("截止日期", "有效期至"), parser=cells.read_date),
    Column(
        "severity",
        _("severity"),
        ("失信程度", "严重程度", "失信等级", "程度"),
        parser=cells.choice({word: one.value for word, one in _SEVERITY_WORDS.items()}, "severity"),
    ),
    Column("amount", _("amount (yuan)"), ("金额(元)", "罚款金额(元)", "涉及金额"), parser=cells.read_amount),
    Column(
        "is_published",
        _("made public"),
        ("是否公示",),
        parser=cells.choice(_YES_WORDS, "published"),
    ),
    Column("published_on", _("published on"), ("公示日期", "公示开始日期"), parser=cells.read_date),
    Column("publish_until", _("published until"), ("公示截止日期", "公示截止期"), parser=cells.read_date),
    Column("year", _("year of the report"), ("年报年度", "报告年度", "年度"), parser=cells.read_whole_number),
    Column("words", _("what happened"), ("内容", "事由", "摘要"), distinct=True, prose=True, max_length=500),
    Column("evidence_hash", _("evidence (SHA-256)"), ("证据哈希", "证据SHA-256"), max_length=64),
    Column("evidence", _("where the evidence is kept"), ("证据位置", "证据编号"), max_length=200),
)
PUBLICATION = ("is_published", "published_on", "publish_until")
"""Stated together or not at all: a file without any of these columns leaves publication as it is."""
