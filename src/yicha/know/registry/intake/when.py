"""How tables become absences of officers, equipment of agencies, and wishes of enterprises."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext_noop as _

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
from yicha.know.registry.models import ABSENCES, EQUIPMENT, PARTS, WISHES, Agency, Enterprise, Officer
from yicha.know.registry.terms import VEHICLE, AbsenceKind, DayPart, EquipmentKind, WishKind

_DAY_WORDS = (
    "周一 星期一 1",
    "周二 星期二 2",
    "周三 星期三 3",
    "周四 星期四 4",
    "周五 星期五 5",
    "周六 星期六 6",
)
_WEEKDAYS = {word: str(number) for number, words in enumerate(_DAY_WORDS) for word in words.split()}
_WEEKDAYS |= dict.fromkeys(("周日", "星期日", "星期天", "7"), "6")
_PART_WORDS = {
    **{part.value: part.value for part in DayPart},
    "上午": DayPart.MORNING.value,
    "下午": DayPart.AFTERNOON.value,
    "全天": "",
}
_ABSENCE_WORDS = {
    **{kind.value: kind.value for kind in AbsenceKind},
    "休假": AbsenceKind.LEAVE.value,
    "请假": AbsenceKind.LEAVE.value,
    "培训": AbsenceKind.TRAINING.value,
    "其他公务": AbsenceKind.DUTY.value,
    "公务": AbsenceKind.DUTY.value,
}
_WISH_WORDS = {
    **{kind.value: kind.value for kind in WishKind},
    "不便": WishKind.CLOSED.value,
    "停业": WishKind.CLOSED.value,
    "不便接受检查": WishKind.CLOSED.value,
    "希望": WishKind.PREFERRED.value,
    "方便": WishKind.PREFERRED.value,
}
_EQUIPMENT_CODE = re.compile(r"[a-z0-9-]{1,32}")
_PART = Column("part", _("part of the day"), ("时段", "上午或下午"), parser=cells.choice(_PART_WORDS, "part"))


def _read_code(text: str) -> Read:
    code = text.lower()
    if _EQUIPMENT_CODE.fullmatch(code):
        return code
    return Reason("equipment-code", "“%(value)s” is no code of equipment.", facts={"value": text})


def _refuse(done: Completed, position: int, column: str, value: str, code: str, sentence: str) -> None:
    problem = CellProblem(column, value, Reason(code, sentence, facts={"code": value}))
    done.problems.setdefault(position, []).append(problem)


def _owners(
    values: Values, column: str, known: Mapping[str, int], done: Completed, sentence: str
) -> list[str | None]:
    """Ids of the owners that a column names; a name that nobody has is refused."""
    for position, name in enumerate(values[column]):
        if name and name not in known:
            _refuse(done, position, column, name, f"{column}-unknown", sentence)
    return [str(known[name]) if name and name in known else None for name in values[column]]


def _complete_days(values: Values, done: Completed) -> None:
    for position, (first, last) in enumerate(zip(values["from_on"], values["until_on"], strict=True)):
        if first and last and first > last:
            _refuse(done, position, "until_on", last, "days-order", "The last day lies before the first.")


def _column(values: Values, name: str, size: int) -> list[str | None]:
    return values.get(name) or [None] * size


def _codes(size: int, *columns: Sequence[str | None]) -> list[str | None]:
    """What tells rows apart: all that they say of whom and when."""
    return [" ".join(column[position] or "-" for column in columns) for position in range(size)]


def _target(table: str, current: str, written: Mapping[str, str], fresh: Mapping[str, str]) -> Target:
    """Rows told apart by `code`. `written`: column → SQL over the staged row; `fresh`: further columns of new rows."""
    every = {**written, **fresh}
    return Target(
        table=table,
        current=current,
        insert=(
            f"INSERT INTO {table} ({', '.join(every)}) SELECT {', '.join(every.values())} "  # noqa: S608
            "FROM {staging} s JOIN {fresh} n USING (row_no)",
        ),
        update=(
            f"UPDATE {table} t SET {', '.join(f'{name} = {sql}' for name, sql in written.items())} "  # noqa: S608
            "FROM {changed} d JOIN {staging} s USING (row_no) WHERE t.id = d.id",
        ),
        remove=(f"DELETE FROM {table} t USING {{undone}} u WHERE t.id = u.id AND u.before IS NULL",),  # noqa: S608
        restore=(
            f"UPDATE {table} t SET {', '.join(f'{name} = b.{name}' for name in written)} FROM {{undone}} u, "  # noqa: S608
            f"jsonb_populate_record(NULL::{table}, u.before) b WHERE t.id = u.id AND u.before IS NOT NULL",
        ),
        locks=(table,),
    )


# Absences

_ABSENCE_COLUMNS = (
    Column(
        "certificate",
        _("certificate"),
        ("执法证号", "执法证件号", "证件编号"),
        required=True,
        parser=cells.read_code,
        stored=False,
        max_length=32,
        personal=True,
    ),
    Column(
        "kind",
        _("kind"),
        ("缺勤类型", "类型", "事由"),
        required=True,
        parser=cells.choice(_ABSENCE_WORDS, "kind"),
    ),
    Column("from_on", _("from"), ("开始日期", "起"), required=True, parser=cells.read_date),
    Column("until_on", _("until"), ("结束日期", "止"), required=True, parser=cells.read_date),
    _PART,
)
_ABSENCE_FIELDS = (
    Field("code"),
    Field("officer_id", "bigint", label=_("officer")),
    Field("kind"),
    Field("from_on", "date"),
    Field("until_on", "date"),
    Field("part", default="''"),
)
_ABSENCE_TARGET = _target(
    "registry_absence",
    "SELECT t.id, t.xmin::text AS version, concat_ws(' ', o.certificate, t.from_on, t.until_on, "
    "coalesce(nullif(t.part, ''), '-')) AS code, t.officer_id, t.kind, t.from_on, t.until_on, t.part "
    "FROM registry_absence t JOIN registry_officer o ON o.id = t.officer_id",
    {"officer_id": "s.officer_id", "kind": "s.kind", "from_on": "s.from_on", "until_on": "s.until_on"}
    | {"part": "COALESCE(s.part, '')"},
    {"uuid": "gen_random_uuid()"},
)
_ABSENCE_SCOPES = (
    "SELECT DISTINCT a.code, r.code, NULL FROM {staging} s JOIN registry_officer o ON o.id = s.officer_id "
    "JOIN registry_agency a ON a.id = o.agency_id JOIN registry_region r ON r.id = a.region_id"
)


def _prepare_absences(columns: Sequence[str]) -> Prepared:
    officers = dict(Officer.objects.values_list("certificate", "pk"))

    def complete(values: Values, size: int) -> Completed:
        done = Completed()
        sentence = "There is no officer with this certificate."
        done.fields["officer_id"] = _owners(values, "certificate", officers, done, sentence)
        _complete_days(values, done)
        parts = _column(values, "part", size)
        done.fields["part"] = parts
        done.fields["code"] = _codes(
            size, values["certificate"], values["from_on"], values["until_on"], parts
        )
        return done

    return Prepared(_ABSENCE_FIELDS, complete, _ABSENCE_TARGET, _ABSENCE_SCOPES)


# Equipment

_EQUIPMENT_WORDS = {
    **{kind.value: kind.value for kind in EquipmentKind},
    "车辆": EquipmentKind.VEHICLE.value,
    "执法车辆": EquipmentKind.VEHICLE.value,
    "专用设备": EquipmentKind.INSTRUMENT.value,
    "设备": EquipmentKind.INSTRUMENT.value,
}
_EQUIPMENT_COLUMNS = (
    Column("agency", _("agency"), ("部门代码", "所属部门代码", "部门"), required=True, stored=False),
    Column(
        "kind", _("kind"), ("设备类型", "类型"), required=True, parser=cells.choice(_EQUIPMENT_WORDS, "kind")
    ),
    Column("equipment", _("code"), ("设备代码", "设备编码"), required=True, parser=_read_code, stored=False),
    Column("name", _("name"), ("设备名称", "名称"), required=True, max_length=100),
    Column("count", _("how many"), ("数量", "台数"), required=True, parser=cells.read_whole_number),
)
_EQUIPMENT_FIELDS = (
    Field("code"),
    Field("agency_id", "bigint", label=_("agency")),
    Field("kind"),
    Field("equipment", label=_("code")),
    Field("name"),
    Field("count", "smallint"),
)
_EQUIPMENT_TARGET = Target(
    table="registry_equipment",
    current=(
        "SELECT t.id, t.xmin::text AS version, a.code || ' ' || t.code AS code, t.agency_id, t.kind, "
        "t.code AS equipment, t.name, t.count FROM registry_equipment t JOIN registry_agency a ON a.id = t.agency_id"
    ),
    insert=(
        "INSERT INTO registry_equipment (agency_id, kind, code, name, count) SELECT s.agency_id, s.kind, s.equipment, "
        "s.name, s.count FROM {staging} s JOIN {fresh} n USING (row_no)",
    ),
    update=(
        "UPDATE registry_equipment t SET kind = s.kind, name = s.name, count = s.count FROM {changed} d "
        "JOIN {staging} s USING (row_no) WHERE t.id = d.id",
    ),
    remove=("DELETE FROM registry_equipment t USING {undone} u WHERE t.id = u.id AND u.before IS NULL",),
    restore=(
        "UPDATE registry_equipment t SET kind = b.kind, name = b.name, count = b.count FROM {undone} u, "
        "jsonb_populate_record(NULL::registry_equipment, u.before) b WHERE t.id = u.id AND u.before IS NOT NULL",
    ),
    locks=("registry_equipment",),
)
_EQUIPMENT_SCOPES = (
    "SELECT DISTINCT a.code, r.code, NULL FROM {staging} s JOIN registry_agency a ON a.id = s.agency_id "
    "JOIN registry_region r ON r.id = a.region_id"
)


def _prepare_equipment(columns: Sequence[str]) -> Prepared:
    agencies = dict(Agency.objects.values_list("code", "pk"))

    def complete(values: Values, size: int) -> Completed:
        done = Completed()
        done.fields["agency_id"] = _owners(values, "agency", agencies, done, "There is no agency “%(code)s”.")
        done.fields["equipment"] = values["equipment"]
        done.fields["code"] = _codes(size, values["agency"], values["equipment"])
        for position, (kind, code) in enumerate(zip(values["kind"], values["equipment"], strict=True)):
            if kind and code and (kind == EquipmentKind.VEHICLE) != (code == VEHICLE):
                sentence = (
                    "All vehicles of an agency are one row with the code vehicle; instruments have others."
                )
                _refuse(done, position, "equipment", code, "equipment-vehicle", sentence)
        return done

    return Prepared(_EQUIPMENT_FIELDS, complete, _EQUIPMENT_TARGET, _EQUIPMENT_SCOPES)


# Wishes

_WISH_COLUMNS = (
    Column(
        "uscc",
        _("unified social credit code"),
        ("统一社会信用代码", "社会信用代码", "信用代码", "注册号"),
        required=True,
        parser=lambda text: uscc.normalise(text),
        stored=False,
        max_length=40,
    ),
    Column("kind", _("kind"), ("意愿", "类型"), required=True, parser=cells.choice(_WISH_WORDS, "kind")),
    Column("weekday", _("weekday"), ("星期",), parser=cells.choice(_WEEKDAYS, "weekday")),
    Column("from_on", _("from"), ("开始日期", "起"), parser=cells.read_date),
    Column("until_on", _("until"), ("结束日期", "止"), parser=cells.read_date),
    _PART,
    Column("because", _("reason"), ("原因", "说明"), prose=True),
)
_WISH_FIELDS = (
    Field("code"),
    Field("enterprise_id", "bigint", label=_("enterprise")),
    Field("kind"),
    Field("weekday", "smallint"),
    Field("from_on", "date"),
    Field("until_on", "date"),
    Field("part", default="''"),
    Field("because", default="''"),
)
_WISH_TARGET = _target(
    "registry_visitwish",
    "SELECT t.id, t.xmin::text AS version, concat_ws(' ', e.uscc, t.kind, coalesce(t.weekday::text, '-'), "
    "coalesce(t.from_on::text, '-'), coalesce(t.until_on::text, '-'), coalesce(nullif(t.part, ''), '-')) AS code, "
    "t.enterprise_id, t.kind, t.weekday, t.from_on, t.until_on, t.part, t.because "
    "FROM registry_visitwish t JOIN registry_enterprise e ON e.id = t.enterprise_id",
    {name: f"s.{name}" for name in ("enterprise_id", "kind", "weekday", "from_on", "until_on")}
    | {"part": "COALESCE(s.part, '')", "because": "COALESCE(s.because, '')"},
    {"uuid": "gen_random_uuid()", "said_by": "'import'", "said_at": "now()"},
)
_WISH_SCOPES = (
    "SELECT DISTINCT NULL, COALESCE(r.code, ''), COALESCE(z.code, '') FROM {staging} s "
    "JOIN registry_enterprise e ON e.id = s.enterprise_id "
    "LEFT JOIN registry_region r ON r.id = e.region_id LEFT JOIN registry_zone z ON z.id = e.zone_id"
)
_WISH_DAYS = ("weekday", "from_on", "until_on", "part", "because")


def _prepare_wishes(columns: Sequence[str]) -> Prepared:
    enterprises: dict[str, int] = {}

    def load() -> None:
        enterprises.update(Enterprise.objects.order_by().values_list("uscc", "pk").iterator(10_000))

    def complete(values: Values, size: int) -> Completed:
        return _complete_wishes(
            {**values, **{name: _column(values, name, size) for name in _WISH_DAYS}}, size
        )

    def _complete_wishes(values: Values, size: int) -> Completed:
        done = Completed({name: values[name] for name in _WISH_DAYS})
        sentence = "The code is not in the registry."
        done.fields["enterprise_id"] = _owners(values, "uscc", enterprises, done, sentence)
        _complete_days(values, done)
        for position in range(size):
            if not values["weekday"][position] and not (
                values["from_on"][position] and values["until_on"][position]
            ):
                sentence = "Name a weekday, or the first and the last day."
                _refuse(done, position, "weekday", "", "wish-days", sentence)
        when = (values[name] for name in ("kind", "weekday", "from_on", "until_on", "part"))
        done.fields["code"] = _codes(size, values["uscc"], *when)
        return done

    return Prepared(_WISH_FIELDS, complete, _WISH_TARGET, _WISH_SCOPES, load)


# What they say in words

_WORDS: dict[str, Mapping[str, object]] = {
    "absences": {kind.value: words for kind, words in ABSENCES.items()},
    "equipment": {kind.value: words for kind, words in EQUIPMENT.items()},
    "visit-wishes": {kind.value: words for kind, words in WISHES.items()},
}
_PARTS = {part.value: words for part, words in PARTS.items()}


def _describing(name: str) -> Callable[[str, object], str]:
    models = {"officer_id": Officer, "agency_id": Agency, "enterprise_id": Enterprise}

    def describe(field: str, value: object) -> str:
        if value is None or value == "":
            return ""
        if field in models:
            return str(models[field]._default_manager.filter(pk=int(str(value))).first() or value)
        words = {"kind": _WORDS[name], "part": _PARTS}.get(field, {})
        return str(words.get(str(value), value))

    return describe


ABSENCES_OF_OFFICERS = ImportKind(
    name="absences",
    label=_("absences"),
    key="code",
    columns=_ABSENCE_COLUMNS,
    prepare=_prepare_absences,
    describe=_describing("absences"),
)
EQUIPMENT_OF_AGENCIES = ImportKind(
    name="equipment",
    label=_("equipment"),
    key="code",
    columns=_EQUIPMENT_COLUMNS,
    prepare=_prepare_equipment,
    describe=_describing("equipment"),
)
WISHES_FOR_VISITS = ImportKind(
    name="visit-wishes",
    label=_("wishes for visits"),
    key="code",
    columns=_WISH_COLUMNS,
    prepare=_prepare_wishes,
    describe=_describing("visit-wishes"),
)
