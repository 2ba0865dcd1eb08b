"""How tables become items and joint lists (see ingest/exchange)."""

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
from yicha.kernel import cells
from yicha.kernel.refusal import Reason
from yicha.know.catalogue.intake import reading
from yicha.know.catalogue.models import ITEM_STATUSES, METHODS, WEIGHTS, Item
from yicha.know.registry import queries as registry


def _ids(names: Sequence[str | None], known: Mapping[str, str]) -> list[str | None]:
    return [known.get(name or "") for name in names]


def _known_kinds() -> dict[str, str]:
    """Kinds of agency by code and by name."""
    kinds = list(registry.list_agency_kinds())
    return {kind.name: str(kind.pk) for kind in kinds} | {kind.code: str(kind.pk) for kind in kinds}


def _refuse_unknown(
    done: Completed, column: str, names: Sequence[str | None], known: Collection[str]
) -> None:
    for position, name in enumerate(names):
        if name and name not in known:
            done.problems.setdefault(position, []).append(CellProblem(column, name, _unknown(column, name)))


def _unknown(column: str, name: str) -> Reason:
    if column == "directory":
        return Reason("directory-unknown", "There is no directory “%(code)s”.", facts={"code": name})
    if column == "items":
        return Reason("item-unknown", "There is no item “%(code)s”.", facts={"code": name})
    return Reason("agency-kind-unknown", "There is no kind of agency “%(code)s”.", facts={"code": name})


_WORDS: dict[str, dict[str, object]] = {
    "method": {method.value: words for method, words in METHODS.items()},
    "weight": {weight.value: words for weight, words in WEIGHTS.items()},
    "status": {status.value: words for status, words in ITEM_STATUSES.items()},
}


def _describe(field: str, value: object) -> str:
    if value is None:
        return ""
    if field in ("agency_kind_id", "lead_kind_id"):
        return next((str(kind) for kind in registry.list_agency_kinds() if kind.pk == value), str(value))
    if field == "directory_id":
        return next((str(row) for row in registry.list_directories() if row.pk == value), str(value))
    if field == "item_ids" and isinstance(value, Collection):
        return "、".join(Item.objects.filter(pk__in=value).order_by("code").values_list("code", flat=True))
    if field in ("equipment", "papers") and isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    words = _WORDS.get(field, {}).get(str(value))
    return str(words) if words else str(value)


# Items

_ITEM_COLUMNS = (
    Column(
        "code", _("code"), ("事项编码", "事项代码"), required=True, parser=reading.read_code, max_length=64
    ),
    Column(
        "agency_kind",
        _("kind of agency"),
        ("部门类别", "部门类别代码", "实施部门类别"),
        required=True,
        stored=False,
    ),
    Column("name", _("name"), ("事项名称", "检查事项"), required=True),
    Column(
        "legal_basis",
        _("legal basis"),
        ("检查依据", "法律依据", "设定依据"),
        required=True,
        prose=True,
        max_length=20_000,
    ),
    Column("competence", _("competence"), ("执法资格", "所需职权"), max_length=100),
    Column("method", _("method"), ("检查方式",), parser=reading.read_method),
    Column("weight", _("weight"), ("事项类别", "重要程度"), parser=reading.read_weight),
    Column(
        "annual_cap",
        _("times a year"),
        ("年度频次上限", "频次上限", "frequency_cap"),
        parser=cells.read_whole_number,
    ),
    Column("equipment", _("special equipment"), ("专用设备", "所需设备"), parser=reading.read_equipment),
    Column(
        "papers",
        _("papers to prepare"),
        ("需准备材料", "准备材料"),
        prose=True,
        parser=reading.read_papers,
        max_length=5000,
    ),
    Column("status", _("status of the item"), ("事项状态", "状态"), parser=reading.read_status),
    Column(
        "in_force_from", _("in force from"), ("生效日期", "实施日期"), required=True, parser=cells.read_date
    ),
)
_ITEM_FIELDS = (
    Field("code"),
    Field("agency_kind_id", "bigint", label=_("kind of agency")),
    Field("name"),
    Field("legal_basis"),
    Field("competence", default="''"),
    Field("method", default="'onsite'", keep=True),
    Field("weight", default="'general'", keep=True),
    Field("annual_cap", "smallint"),
    Field("equipment", "varchar[]", default="'{}'::varchar[]", keep=True),
    Field("papers", "varchar[]", default="'{}'::varchar[]", keep=True),
    Field("status", default="'draft'", keep=True),
    Field("in_force_from", "date"),
)
_TEXT = ("name", "legal_basis", "competence", "method", "weight", "annual_cap", "equipment", "papers")
"""What makes another version: a check must stay readable as it was."""


def _prepare_items(columns: Sequence[str]) -> Prepared:
    kinds = _known_kinds()
    fields = tuple(field for field in _ITEM_FIELDS if field.name in (*columns, "agency_kind_id"))

    def complete(values: Values, size: int) -> Completed:
        done = Completed({"agency_kind_id": _ids(values["agency_kind"], kinds)})
        _refuse_unknown(done, "agency_kind", values["agency_kind"], kinds)
        return done

    return Prepared(fields, complete, _item_target(fields))


_VERSION = tuple(field for field in _ITEM_FIELDS if field.name not in ("code", "agency_kind_id"))
_VERSION_NAMES = ", ".join(field.name for field in _VERSION)
_ITEM_BEFORE = (
    ", ".join(f"{field.name} {field.sql_type}" for field in _VERSION)
    + ", agency_kind_id bigint, version_id bigint, version_no integer, published_id bigint"
)
_ITEM_NOW = (
    f"SELECT i.id, concat_ws(':', i.xmin, v.id, v.xmin) AS version, i.code, i.agency_kind_id, "
    f"{', '.join('v.' + field.name for field in _VERSION)}, v.id AS version_id, v.version AS version_no, "
    f"(SELECT p.id FROM catalogue_itemversion p WHERE p.item_id = i.id AND p.status = 'published') AS published_id "
    f"FROM catalogue_item i LEFT JOIN catalogue_itemversion v ON v.item_id = i.id "
    f"AND v.version = (SELECT max(w.version) FROM catalogue_itemversion w WHERE w.item_id = i.id)"
)


def _item_target(fields: Sequence[Field]) -> Target:
    """An item and its latest version are one row. A published text is never changed: a new version follows it."""
    staged = {field.name for field in fields}
    fresh = ", ".join(exchange.new_value(f) if f.name in staged else f.default or "NULL" for f in _VERSION)
    return Target(
        table="catalogue_item",
        current=_ITEM_NOW,
        insert=(
            "INSERT INTO catalogue_item (uuid, code, agency_kind_id) SELECT gen_random_uuid(), s.code, "
            "s.agency_kind_id FROM {staging} s JOIN {fresh} n USING (row_no)",
            f"INSERT INTO catalogue_itemversion (item_id, version, {_VERSION_NAMES}) SELECT i.id, 1, {fresh} "
            "FROM {staging} s JOIN {fresh} n USING (row_no) JOIN catalogue_item i ON i.code = s.code",
        ),
        update=_item_updates(staged),
        remove=(
            "DELETE FROM catalogue_itemversion v USING {undone} u WHERE v.item_id = u.id AND u.before IS NULL",
            "DELETE FROM catalogue_item i USING {undone} u WHERE i.id = u.id AND u.before IS NULL",
        ),
        restore=_item_restores(),
        locks=("catalogue_item", "catalogue_itemversion"),
        owned=("catalogue_itemversion",),
    )


def _item_updates(staged: Collection[str]) -> tuple[str, ...]:
    """Another text of a draft is written over it; of anything else it becomes the next version."""
    following = {f.name: exchange.next_value(f) if f.name in staged else f"c.{f.name}" for f in _VERSION}
    assignments = ", ".join(f"{name} = {value}" for name, value in following.items())
    new_text = (
        f"(c.version_id IS NULL OR c.status <> 'draft' AND ROW({', '.join(following[name] for name in _TEXT)}) "
        f"IS DISTINCT FROM ROW({', '.join('c.' + name for name in _TEXT)}))"
    )
    rows = f"{{changed}} d JOIN {{staging}} s USING (row_no), jsonb_to_record(d.before) AS c({_ITEM_BEFORE})"
    return (
        "UPDATE catalogue_item i SET agency_kind_id = s.agency_kind_id FROM {changed} d "
        "JOIN {staging} s USING (row_no) WHERE i.id = d.id AND i.agency_kind_id <> s.agency_kind_id",
        f"UPDATE catalogue_itemversion v SET status = 'retired' FROM {rows} WHERE v.item_id = d.id "
        f"AND v.status = 'published' AND {following['status']} = 'published' "
        f"AND (v.id <> c.version_id OR {new_text})",
        f"INSERT INTO catalogue_itemversion (item_id, version, {_VERSION_NAMES}) "
        f"SELECT d.id, COALESCE(c.version_no, 0) + 1, {', '.join(following.values())} FROM {rows} WHERE {new_text}",
        f"UPDATE catalogue_itemversion v SET {assignments} FROM {rows} WHERE v.id = c.version_id AND NOT {new_text}",
    )


def _item_restores() -> tuple[str, ...]:
    """Take later versions away, write the latest as it was, publish again what was published."""
    undone = f"{{undone}} u, jsonb_to_record(u.before) AS c({_ITEM_BEFORE})"
    back = ", ".join(f"{field.name} = c.{field.name}" for field in _VERSION)
    return (
        f"DELETE FROM catalogue_itemversion v USING {undone} WHERE v.item_id = u.id AND u.before IS NOT NULL "
        f"AND v.version > COALESCE(c.version_no, 0)",
        f"UPDATE catalogue_itemversion v SET {back} FROM {undone} WHERE v.id = c.version_id",
        f"UPDATE catalogue_itemversion v SET status = 'published' FROM {undone} "
        f"WHERE v.id = c.published_id AND v.status <> 'published'",
        f"UPDATE catalogue_item i SET agency_kind_id = c.agency_kind_id FROM {undone} "
        f"WHERE i.id = u.id AND u.before IS NOT NULL AND i.agency_kind_id <> c.agency_kind_id",
    )


ITEMS = ImportKind(
    name="items",
    label=_("items"),
    key="code",
    columns=_ITEM_COLUMNS,
    prepare=_prepare_items,
    describe=_describe,
)

# Joint lists

_LIST_COLUMNS = (
    Column(
        "code", _("code"), ("清单编码", "清单代码"), required=True, parser=reading.read_code, max_length=64
    ),
    Column("name", _("name"), ("清单名称", "行业"), required=True, max_length=100),
    Column("lead_kind", _("lead agency"), ("牵头部门类别", "牵头部门"), required=True, stored=False),
    Column(
        "items",
        _("items"),
        ("事项编码", "检查事项编码", "事项"),
        required=True,
        stored=False,
        parser=reading.read_codes,
        max_length=20_000,
    ),
    Column("directory", _("directory"), ("名录库编码", "对象名录库"), stored=False),
)
_LIST_FIELDS = (
    Field("code"),
    Field("name"),
    Field("lead_kind_id", "bigint", label=_("lead agency")),
    Field("directory_id", "bigint", label=_("directory")),
    Field("item_ids", "bigint[]", label=_("items")),
)


def _prepare_lists(columns: Sequence[str]) -> Prepared:
    kinds = _known_kinds()
    items = dict(Item.objects.values_list("code", "pk"))
    directories = {directory.code: str(directory.pk) for directory in registry.list_directories()}
    fields = tuple(field for field in _LIST_FIELDS if field.name != "directory_id" or "directory" in columns)

    def complete(values: Values, size: int) -> Completed:
        done = Completed({"lead_kind_id": _ids(values["lead_kind"], kinds)})
        _refuse_unknown(done, "lead_kind", values["lead_kind"], kinds)
        if "directory" in columns:
            done.fields["directory_id"] = _ids(values["directory"], directories)
            _refuse_unknown(done, "directory", values["directory"], directories)
        done.fields["item_ids"] = [
            _item_ids(done, position, codes, items) for position, codes in enumerate(values["items"])
        ]
        return done

    return Prepared(fields, complete, _list_target(fields))


def _item_ids(done: Completed, position: int, codes: str | None, items: Mapping[str, int]) -> str | None:
    named = (codes or "").split(";") if codes else []
    unknown = [CellProblem("items", code, _unknown("items", code)) for code in named if code not in items]
    if unknown:
        done.problems.setdefault(position, []).extend(unknown)
        return None
    return "{" + ",".join(str(pk) for pk in sorted(items[code] for code in named)) + "}"


def _list_target(fields: Sequence[Field]) -> Target:
    """A joint list and its items are one row; the items are compared as a set."""
    own = [field for field in fields if field.name != "item_ids"]
    plain = exchange.plain_target("catalogue_jointlist", "code", own, {"uuid": "gen_random_uuid()"})
    record = ", ".join(f"{field.name} {field.sql_type}" for field in fields)
    m2m = "catalogue_jointlist_items"
    undone = f"{{undone}} u, jsonb_to_record(u.before) AS c({record})"
    names = ", ".join("l." + field.name for field in own)
    return Target(
        table="catalogue_jointlist",
        current=(
            f"SELECT l.id, concat_ws(':', l.xmin, (SELECT md5(string_agg(m.id::text, ',' ORDER BY m.id)) FROM {m2m} m "
            f"WHERE m.jointlist_id = l.id)) AS version, {names}, "
            f"ARRAY(SELECT m.item_id FROM {m2m} m WHERE m.jointlist_id = l.id ORDER BY 1) AS item_ids "
            f"FROM catalogue_jointlist l"
        ),
        insert=(
            *plain.insert,
            f"INSERT INTO {m2m} (jointlist_id, item_id) SELECT l.id, unnest(s.item_ids) FROM {{staging}} s "
            f"JOIN {{fresh}} n USING (row_no) JOIN catalogue_jointlist l ON l.code = s.code",
        ),
        update=(
            *plain.update,
            f"DELETE FROM {m2m} m USING {{changed}} d, {{staging}} s WHERE m.jointlist_id = d.id "
            f"AND s.row_no = d.row_no AND NOT m.item_id = ANY(s.item_ids)",
            f"INSERT INTO {m2m} (jointlist_id, item_id) SELECT d.id, unnest(s.item_ids) FROM {{changed}} d "
            f"JOIN {{staging}} s USING (row_no) ON CONFLICT DO NOTHING",
        ),
        remove=(
            f"DELETE FROM {m2m} m USING {{undone}} u WHERE m.jointlist_id = u.id AND u.before IS NULL",
            *plain.remove,
        ),
        restore=(
            *plain.restore,
            f"DELETE FROM {m2m} m USING {undone} WHERE m.jointlist_id = u.id AND u.before IS NOT NULL "
            f"AND NOT m.item_id = ANY(c.item_ids)",
            f"INSERT INTO {m2m} (jointlist_id, item_id) SELECT u.id, unnest(c.item_ids) FROM {undone} "
            f"WHERE u.before IS NOT NULL ON CONFLICT DO NOTHING",
        ),
        locks=("catalogue_jointlist", m2m),
        owned=(m2m,),
    )


JOINT_LISTS = ImportKind(
    name="joint-lists",
    label=_("joint lists"),
    key="code",
    columns=_LIST_COLUMNS,
    prepare=_prepare_lists,
    describe=_describe,
)

exchange.register(ITEMS)
exchange.register(JOINT_LISTS)
