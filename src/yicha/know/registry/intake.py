"""How tables become enterprises and officers (see ingest/exchange)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from django.utils.translation import gettext_noop as _

from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.terms import CellProblem, Column, Completed, Field, ImportKind, Prepared, Values
from yicha.kernel import cells, pinyin, uscc
from yicha.kernel.cells import Noted, Read
from yicha.kernel.refusal import Reason
from yicha.know.registry import queries
from yicha.know.registry.models import Agency, Region, Zone
from yicha.know.registry.rules import Placer
from yicha.know.registry.terms import EnterpriseKind, EnterpriseStatus, RiskClass

# Cells


class _Sums(dict[str, int]):
    """By a part of a code: its share of the check sum; -1000 if a character of it may stand in no code."""

    def __init__(self, start: int) -> None:
        self._weights = [pow(3, position, 31) for position in range(start, start + 8)]

    def __missing__(self, part: str) -> int:
        total = 0
        for character, weight in zip(part, self._weights, strict=False):
            value = uscc.ALPHABET.find(character)
            total += value * weight if value >= 0 else -1_000_000
        if len(self) > 200_000:
            self.clear()
        self[part] = total
        return total


_FIRST, _SECOND, _THIRD, _FOURTH = _Sums(0), _Sums(8), _Sums(11), _Sums(14)

_CODE_REASONS = {
    uscc.Problem.LENGTH: Reason(
        "code-length", "A code has 18 characters, an old one 15 digits; this has %(length)s."
    ),
    uscc.Problem.CHARACTER: Reason(
        "code-character", "The code holds a character that no code has (I, O, S, V, Z …)."
    ),
    uscc.Problem.AUTHORITY: Reason(
        "code-authority", "Characters 3 to 8 of a code are the digits of an authority."
    ),
    uscc.Problem.CHECK: Reason(
        "code-check", "The check character is wrong: it should be %(expected)s (GB 32100)."
    ),
}
_OLD_CODE = Noted(
    None, code="old-code", sentence="An old 15-digit registration number was taken as the code."
)


def read_uscc(text: str) -> Read:
    """A code that holds; the sums of parts are remembered, because a file has a million codes and few prefixes."""
    if len(text) == 18 and text[2:8].isdigit() and text.isascii():
        total = _FIRST[text[:8]] + _SECOND[text[8:11]] + _THIRD[text[11:14]] + _FOURTH[text[14:17]]
        if total >= 0 and uscc.ALPHABET[-total % 31] == text[17]:
            return text
    found = uscc.parse(text)
    if isinstance(found, uscc.Problem):
        return _code_reason(found, uscc.normalise(text))
    if found.form is uscc.Form.REGISTRATION:
        return Noted(found.text, _OLD_CODE.code, _OLD_CODE.sentence)
    note = cells.SPACES if " " in text else cells.CASE if text.isascii() else cells.FULL_WIDTH
    return Noted(found.text, note.code, note.sentence)


def _code_reason(problem: uscc.Problem, code: str) -> Reason:
    if re.fullmatch(r"[0-9.]+E\+?[0-9]+", code):
        return Reason(
            "code-as-number",
            "A spreadsheet made a number of the code and lost its last digits: enter it as text.",
        )
    reason = _CODE_REASONS[problem]
    expected = uscc.check_character(code[:17]) if problem is uscc.Problem.CHECK else ""
    return Reason(reason.code, reason.sentence, "GB 32100-2015", {"length": len(code), "expected": expected})


_KIND_WORDS: tuple[tuple[str, EnterpriseKind], ...] = (
    ("个体", EnterpriseKind.SOLE_PROPRIETOR),
    ("合作社", EnterpriseKind.COOPERATIVE),
    ("分支机构|分公司|代表机构|代表处|办事处|非法人|营业单位", EnterpriseKind.BRANCH),
    ("事业|机关|社会团体|社会组织|民办非|基金会|村民委员会|居民委员会", EnterpriseKind.INSTITUTION),
    ("公司|企业|合伙|独资|集体|国有|全民|外商|外资|合资|股份|经营|联营|私营|内资", EnterpriseKind.COMPANY),
)


def read_kind(text: str) -> Read:
    """Whom the register means by its type of enterprise (企业类型), of which there are hundreds of wordings."""
    plain = cells.narrow_all(text)
    if plain in set(EnterpriseKind):
        return plain
    for words, kind in _KIND_WORDS:
        if re.search(words, plain):
            return kind.value
    return Reason(
        "kind-unknown", "“%(value)s” is no type of enterprise that is known here.", facts={"value": text}
    )


_SECTIONS = "AAAAAABBBBBBB" + "C" * 31 + "DDDEEEEFFGGGGGGGGHHIIIJJJJKLLMMMNNNNOOOPQQRRRRRSSSSSST"
_INDUSTRY = re.compile(r"([A-T]?)([0-9]{2,4})|([A-T])")


def read_industry(text: str) -> Read:
    """A code of GB/T 4754-2017 with its section letter, which many files leave out."""
    found = _INDUSTRY.fullmatch(cells.narrow_all(text).replace(" ", "").upper())
    if found and found[3]:
        return found[3]
    if found and 1 <= int(found[2][:2]) < len(_SECTIONS):
        letter = _SECTIONS[int(found[2][:2])]
        if found[1] in ("", letter):
            return letter + found[2]
    return Reason("industry", "“%(value)s” is no industry code of GB/T 4754.", facts={"value": text})


_STATUS_WORDS = {
    "active": EnterpriseStatus.ACTIVE,
    "存续": EnterpriseStatus.ACTIVE,
    "在营": EnterpriseStatus.ACTIVE,
    "开业": EnterpriseStatus.ACTIVE,
    "在业": EnterpriseStatus.ACTIVE,
    "正常": EnterpriseStatus.ACTIVE,
    "存续(在营、开业、在册)": EnterpriseStatus.ACTIVE,
    "cancelled": EnterpriseStatus.CANCELLED,
    "注销": EnterpriseStatus.CANCELLED,
    "revoked": EnterpriseStatus.REVOKED,
    "吊销": EnterpriseStatus.REVOKED,
    "吊销,未注销": EnterpriseStatus.REVOKED,
    "moved-out": EnterpriseStatus.MOVED_OUT,
    "迁出": EnterpriseStatus.MOVED_OUT,
}
_read_status = cells.choice({word: status.value for word, status in _STATUS_WORDS.items()}, "status")
_read_class = cells.choice(
    {
        word: letter.value
        for letter in RiskClass
        for word in (letter.value, f"{letter.value}类", f"{letter.value}级")
    },
    "class",
)

# Enterprises

_ENTERPRISE_COLUMNS = (
    Column(
        "uscc",
        _("unified social credit code"),
        ("统一社会信用代码", "社会信用代码", "信用代码", "注册号", "统一信用代码"),
        required=True,
        parser=read_uscc,
        distinct=True,
        max_length=40,
    ),
    Column(
        "name",
        _("name"),
        ("企业名称", "主体名称", "经营主体名称", "市场主体名称", "单位名称", "名称"),
        required=True,
        distinct=True,
    ),
    Column("kind", _("kind"), ("企业类型", "主体类型", "市场主体类型", "类型"), parser=read_kind),
    Column("registered_on", _("registered on"), ("注册日期", "成立日期", "登记日期"), parser=cells.read_date),
    Column("capital", _("registered capital"), ("注册资金", "注册资本"), max_length=60),
    Column("industry", _("industry code"), ("行业代码", "国民经济行业代码"), parser=read_industry),
    Column("industry_name", _("industry"), ("行业名称", "行业"), max_length=100),
    Column(
        "scope_text", _("business scope"), ("经营范围", "scope"), distinct=True, prose=True, max_length=20_000
    ),
    Column("province", _("province"), ("所在省份", "省份", "省"), stored=False),
    Column("district", _("district"), ("地区", "区县", "所在区"), stored=False),
    Column("address", _("address"), ("注册地址", "住所", "经营场所", "地址"), distinct=True, max_length=300),
    Column("region", _("region code"), ("行政区划代码", "属地代码"), parser=cells.read_code, stored=False),
    Column("status", _("status"), ("登记状态", "经营状态", "状态"), parser=_read_status),
    Column("risk_class", _("class"), ("风险分类", "信用风险分类", "风险等级"), parser=_read_class),
)

_KIND_BY_CODE = (
    "CASE WHEN length(s.uscc) = 18 THEN CASE substr(s.uscc, 1, 2) WHEN '92' THEN 'sole-proprietor' "
    "WHEN '93' THEN 'cooperative' ELSE CASE substr(s.uscc, 1, 1) WHEN '9' THEN 'company' ELSE 'institution' END END "
    "ELSE 'company' END"
)
_ENTERPRISE_FIELDS = (
    Field("uscc"),
    Field("name"),
    Field("kind", default=_KIND_BY_CODE, keep=True),
    Field("registered_on", "date"),
    Field("capital", default="''"),
    Field("industry", default="''"),
    Field("industry_name", default="''"),
    Field("scope_text", default="''"),
    Field("address", default="''"),
    Field("status", default="'active'", keep=True),
    Field("risk_class", default="'B'", keep=True),
)
_ENTERPRISE_DEFAULTS = {
    "uuid": "gen_random_uuid()",
    "kind": _KIND_BY_CODE,
    "status": "'active'",
    "risk_class": "'B'",
    **dict.fromkeys(("capital", "industry", "industry_name", "scope_text", "address"), "''"),
}
_PLACE_COLUMNS = frozenset({"address", "district", "region"})
_WHERE = (
    "SELECT DISTINCT '', COALESCE(r.code, ''), COALESCE(z.code, '') FROM {rows} x "
    "LEFT JOIN registry_region r ON r.id = x.region_id LEFT JOIN registry_zone z ON z.id = x.zone_id"
)
_THERE = _WHERE.replace("{rows}", "registry_enterprise x JOIN {staging} s USING (uscc)").replace(
    " x LEFT", " LEFT", 1
)
_ENTERPRISE_SCOPES = {False: _THERE, True: f"{_WHERE.replace('{rows}', '{staging}')} UNION {_THERE}"}
_UNSURE = ("district", "")
_NO_REGION = Noted(
    None,
    code="no-region",
    sentence="No region could be told from the address: only all-region roles see the row.",
)
_BY_DISTRICT = Noted(
    None, code="region-by-district", sentence="The address names no region; the district column did."
)


def _prepare_enterprises(columns: Sequence[str]) -> Prepared:
    fields = [field for field in _ENTERPRISE_FIELDS if field.name in columns] + [Field("initials")]
    placed = bool(_PLACE_COLUMNS & set(columns))
    if placed:
        fields += [
            Field("region_id", "bigint", label=_("region")),
            Field("zone_id", "bigint", label=_("zone")),
        ]
    target = exchange.plain_target("registry_enterprise", "uscc", fields, _ENTERPRISE_DEFAULTS)
    return Prepared(tuple(fields), _completer(placed), target, _ENTERPRISE_SCOPES[placed])


def _completer(placed: bool) -> Callable[[Values, int], Completed]:
    regions, zones = queries.get_place_patterns()
    place = Placer(regions, zones)
    region_ids = {region.code: str(region.pk) for region in Region.objects.all()}
    zone_ids = {zone.code: str(zone.pk) for zone in Zone.objects.all()}

    def complete(values: Values, size: int) -> Completed:
        done = Completed({"initials": list(pinyin.initials_of_all([name or "" for name in values["name"]]))})
        if not placed:
            return done
        given, unknown = _given_regions(values, size, region_ids)
        done.problems = unknown
        nothing: list[str | None] = [None] * size
        addresses = [address or "" for address in values.get("address", nothing)]
        districts = [district or "" for district in values.get("district", nothing)]
        places = list(map(place, addresses, districts, given))
        done.fields["region_id"] = [region_ids.get(found.region) for found in places]
        done.fields["zone_id"] = [zone_ids.get(found.zone) for found in places]
        for position, found in enumerate(places):
            if found.by in _UNSURE and position not in unknown:
                done.notes.append(("address", position, _BY_DISTRICT if found.region else _NO_REGION))
        return done

    return complete


def _given_regions(
    values: Values, size: int, known: Collection[str]
) -> tuple[list[str], dict[int, list[CellProblem]]]:
    """The region codes that the file itself gives, and those that nobody knows."""
    given = [code or "" for code in values.get("region", [""] * size)]
    unknown: dict[int, list[CellProblem]] = {}
    for position, code in enumerate(given if "region" in values else ()):
        if code and code not in known:
            unknown[position] = [CellProblem("region", code, _unknown("region", code))]
            given[position] = ""
    return given, unknown


def _unknown(what: str, code: str) -> Reason:
    if what == "region":
        return Reason("region-unknown", "There is no region “%(code)s”.", facts={"code": code})
    return Reason("agency-unknown", "There is no agency “%(code)s”.", facts={"code": code})


def _describe_place(field: str, value: object) -> str:
    if field in ("region_id", "zone_id") and value is not None:
        row = (Region if field == "region_id" else Zone).objects.filter(pk=int(str(value))).first()
        return str(row or value)
    return "" if value is None else str(value)


ENTERPRISES = ImportKind(
    name="enterprises",
    label=_("enterprises"),
    key="uscc",
    columns=_ENTERPRISE_COLUMNS,
    prepare=_prepare_enterprises,
    describe=_describe_place,
)

# Officers

_COMPETENCE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def _read_competences(text: str) -> Read:
    parts = cells.split_list(text)
    wrong = [part for part in parts if not _COMPETENCE.fullmatch(part)]
    if wrong:
        return Reason(
            "competence", "“%(value)s” is no code of an agency kind or item.", facts={"value": wrong[0]}
        )
    return "{" + ",".join(sorted(parts)) + "}"


_OFFICER_COLUMNS = (
    Column(
        "certificate",
        _("certificate"),
        ("执法证号", "执法证件号", "证件编号"),
        required=True,
        parser=cells.read_code,
        max_length=32,
        personal=True,
    ),
    Column("name", _("name"), ("姓名",), required=True, max_length=60, personal=True),
    Column(
        "agency", _("agency"), ("部门代码", "所属部门代码", "单位代码", "部门"), required=True, stored=False
    ),
    Column("valid_from", _("valid from"), ("有效期起", "发证日期"), required=True, parser=cells.read_date),
    Column("valid_until", _("valid until"), ("有效期至", "有效期止"), required=True, parser=cells.read_date),
    Column(
        "competences",
        _("competences"),
        ("执法领域", "职权范围", "执法事项"),
        parser=_read_competences,
        max_length=5000,
    ),
)
_OFFICER_FIELDS = (
    Field("certificate"),
    Field("name"),
    Field("agency_id", "bigint", label=_("agency")),
    Field("valid_from", "date"),
    Field("valid_until", "date"),
    Field("competences", "varchar[]", default="'{}'::varchar[]"),
)


_OFFICER_SCOPES = (
    "SELECT DISTINCT a.code, r.code, NULL FROM (SELECT agency_id FROM {staging} UNION "
    "SELECT o.agency_id FROM registry_officer o JOIN {staging} s USING (certificate)) x "
    "JOIN registry_agency a ON a.id = x.agency_id JOIN registry_region r ON r.id = a.region_id"
)


def _prepare_officers(columns: Sequence[str]) -> Prepared:
    fields = tuple(field for field in _OFFICER_FIELDS if field.name in (*columns, "agency_id"))
    defaults = {"uuid": "gen_random_uuid()", "active": "true", "competences": "'{}'"}
    agencies = {agency.code: str(agency.pk) for agency in Agency.objects.all()}
    target = exchange.plain_target("registry_officer", "certificate", fields, defaults)
    return Prepared(
        fields, lambda values, size: _complete_officers(values, agencies), target, _OFFICER_SCOPES
    )


def _complete_officers(values: Values, agencies: dict[str, str]) -> Completed:
    done = Completed({"agency_id": [agencies.get(code or "") for code in values["agency"]]})
    rows = zip(values["agency"], values["valid_from"], values["valid_until"], strict=True)
    for position, (agency, since, until) in enumerate(rows):
        if agency is not None and agency not in agencies:
            done.problems.setdefault(position, []).append(
                CellProblem("agency", agency, _unknown("agency", agency))
            )
        if since and until and since > until:
            reason = Reason("certificate-ends-first", "The certificate ends before it begins.")
            done.problems.setdefault(position, []).append(CellProblem("valid_until", until, reason))
    return done


def _describe_officer(field: str, value: object) -> str:
    if field == "agency_id" and value is not None:
        return str(Agency.objects.filter(pk=int(str(value))).first() or value)
    if isinstance(value, Collection) and not isinstance(value, str):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


OFFICERS = ImportKind(
    name="officers",
    label=_("officers"),
    key="certificate",
    columns=_OFFICER_COLUMNS,
    prepare=_prepare_officers,
    describe=_describe_officer,
)

exchange.register(ENTERPRISES)
exchange.register(OFFICERS)
