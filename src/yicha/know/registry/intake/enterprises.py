"""How a table becomes enterprises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from django.utils.translation import gettext_noop as _

from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.terms import CellProblem, Column, Completed, Field, ImportKind, Prepared, Values
from yicha.kernel import cells, pinyin
from yicha.kernel.cells import Noted
from yicha.kernel.refusal import Reason
from yicha.know.registry import queries
from yicha.know.registry.intake.reading import (
    codes_stand,
    read_class,
    read_industry,
    read_kind,
    read_latitude,
    read_longitude,
    read_status,
    read_uscc,
)
from yicha.know.registry.models import ENTERPRISE_KINDS, ENTERPRISE_STATUSES, Region, Zone
from yicha.know.registry.rules import Placer

_ENTERPRISE_COLUMNS = (
    Column(
        "uscc",
        _("unified social credit code"),
        ("统一社会信用代码", "社会信用代码", "信用代码", "注册号", "统一信用代码"),
        required=True,
        parser=read_uscc,
        stands=codes_stand,
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
    Column("lat", _("latitude"), ("纬度", "北纬"), parser=read_latitude, distinct=True),
    Column("lon", _("longitude"), ("经度", "东经"), parser=read_longitude, distinct=True),
    Column("status", _("status"), ("登记状态", "经营状态", "状态"), parser=read_status),
    Column("risk_class", _("class"), ("风险分类", "信用风险分类", "风险等级"), parser=read_class),
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
    Field("lat", "numeric(9, 6)"),
    Field("lon", "numeric(9, 6)"),
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
        done.problems = halves = _half_places(values, size)
        if not placed:
            return done
        given, unknown = _given_regions(values, size, region_ids)
        done.problems = {
            position: [*halves.get(position, ()), *unknown.get(position, ())]
            for position in halves.keys() | unknown.keys()
        }
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


def _half_places(values: Values, size: int) -> dict[int, list[CellProblem]]:
    """Rows that have a latitude without a longitude, or the other way round: a place needs both."""
    nothing: list[str | None] = [None] * size
    pairs = enumerate(zip(values.get("lat", nothing), values.get("lon", nothing), strict=True))
    reason = Reason("half-a-place", "A place needs both its latitude and its longitude.")
    return {
        position: [CellProblem("lon" if lat else "lat", "", reason)]
        for position, (lat, lon) in pairs
        if bool(lat) != bool(lon)
    }


def _given_regions(
    values: Values, size: int, known: Collection[str]
) -> tuple[list[str], dict[int, list[CellProblem]]]:
    """The region codes that the file itself gives, and those that nobody knows."""
    given = [code or "" for code in values.get("region", [""] * size)]
    unknown: dict[int, list[CellProblem]] = {}
    for position, code in enumerate(given if "region" in values else ()):
        if code and code not in known:
            unknown[position] = [
                CellProblem(
                    "region",
                    code,
                    Reason("region-unknown", "There is no region “%(code)s”.", facts={"code": code}),
                )
            ]
            given[position] = ""
    return given, unknown


_WORDS: dict[str, dict[str, object]] = {
    "kind": {kind.value: words for kind, words in ENTERPRISE_KINDS.items()},
    "status": {status.value: words for status, words in ENTERPRISE_STATUSES.items()},
}


def _describe(field: str, value: object) -> str:
    if field in ("region_id", "zone_id") and value is not None:
        row = (Region if field == "region_id" else Zone).objects.filter(pk=int(str(value))).first()
        return str(row or value)
    words = _WORDS.get(field, {}).get(str(value))
    return str(words) if words else "" if value is None else str(value)


ENTERPRISES = ImportKind(
    name="enterprises",
    label=_("enterprises"),
    key="uscc",
    columns=_ENTERPRISE_COLUMNS,
    prepare=_prepare_enterprises,
    describe=_describe,
)
