"""Rows of the workbook, written: statements over sets that change drafts, and note which plans were overtaken."""

# ruff: noqa: S608 - names in statements come from code, never from a file
from __future__ import annotations

from django.utils.translation import gettext_noop as _

from yicha.ingest.exchange.terms import Field, Target

FIELDS = (
    Field("entry_key"),
    Field("plan_code", label=_("plan")),
    Field("plan_year", "integer"),
    Field("plan_title"),
    Field("plan_revision", "integer"),
    Field("owner_id", "bigint"),
    Field("joint_list_id", "bigint"),
    Field("region_id", "bigint"),
    Field("zone_id", "bigint"),
    Field("directory_id", "bigint", label=_("directory")),
    Field("item_ids", "bigint[]"),
    Field("quarter", "integer"),
    Field("title", label=_("task")),
    Field("kind", label=_("kind")),
    Field("rate", "numeric(5,4)", label=_("rate")),
    Field("window_from", "date", label=_("first day")),
    Field("window_to", "date", label=_("last day")),
    Field("ordered_by", label=_("special ordered by")),
    Field("order_number", label=_("number of the order")),
    Field("ordered_on", "date", label=_("ordered on")),
)
CHANGING = ("title", "kind", "rate", "window_from", "window_to", "ordered_by", "order_number", "ordered_on")
"""What an import may change of an entry that is there; the rest says which entry it is."""
_EMPTY_TEXT = ("ordered_by", "order_number")


_KEY = (
    "concat_ws(' ', p.code, 'Q' || e.quarter, d.code, (SELECT string_agg(i.code, ' ' ORDER BY i.code COLLATE \"C\") "
    "FROM planning_planentry_items m JOIN catalogue_item i ON i.id = m.item_id WHERE m.planentry_id = e.id))"
)
_NOW = (
    f"SELECT e.id, md5(ROW({', '.join('e.' + name for name in CHANGING)}, p.state)::text) AS version, "
    f"{_KEY} AS entry_key, p.id AS plan_id, p.code AS plan_code, "
    "p.year::integer AS plan_year, p.title AS plan_title, p.revision AS plan_revision, p.owner_id, p.joint_list_id, "
    "p.region_id, p.zone_id, e.directory_id, ARRAY(SELECT m.item_id FROM planning_planentry_items m "
    "WHERE m.planentry_id = e.id ORDER BY 1) AS item_ids, e.quarter::integer AS quarter, e.title, e.kind, e.rate, "
    "e.window_from, e.window_to, e.ordered_by, e.order_number, e.ordered_on "
    "FROM planning_planentry e JOIN planning_annualplan p ON p.id = e.plan_id "
    "JOIN registry_directory d ON d.id = e.directory_id WHERE p.state = 'draft'"
)
_DRAFT = "planning_annualplan p ON p.code = s.plan_code AND p.state = 'draft'"
_HOLD = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS planning_overtaken (code text) ON COMMIT DROP",
    "SELECT p.id FROM planning_annualplan p WHERE p.code IN (SELECT plan_code FROM {staging}) ORDER BY p.id FOR UPDATE",
)
"""Hold the plans, so that nobody writes to them until the import is done."""


_MAKE_PLANS = (
    "INSERT INTO planning_annualplan (uuid, code, version, year, title, owner_id, joint_list_id, region_id, "
    "zone_id, state, submitted_by, approved_by, revision) SELECT DISTINCT ON (s.plan_code) gen_random_uuid(), "
    "s.plan_code, 1, s.plan_year, s.plan_title, s.owner_id, s.joint_list_id, "
    "s.region_id, s.zone_id, 'draft', '', '', 0 FROM {staging} s "
    "WHERE NOT EXISTS (SELECT 1 FROM planning_annualplan p WHERE p.code = s.plan_code) "
    "ORDER BY s.plan_code, s.row_no ON CONFLICT DO NOTHING"
)
"""Drafts of plans that are named for the first time."""


def _note_overtaken(rows: str) -> str:
    """Note which plans of the new or changed rows are no longer as the check saw them: they are refused afterwards."""
    return (
        f"INSERT INTO planning_overtaken SELECT DISTINCT s.plan_code FROM {{staging}} s JOIN {rows} USING (row_no) "
        f"LEFT JOIN {_DRAFT} WHERE s.plan_revision IS DISTINCT FROM p.revision"
    )


def target() -> Target:
    columns = ", ".join(name for name in CHANGING)
    values = ", ".join(f"COALESCE(s.{name}, '')" if name in _EMPTY_TEXT else f"s.{name}" for name in CHANGING)
    assignments = ", ".join(
        f"{name} = " + (f"COALESCE(s.{name}, '')" if name in _EMPTY_TEXT else f"s.{name}")
        for name in CHANGING
    )
    record = ", ".join(f"{field.name} {field.sql_type}" for field in FIELDS)
    restored = ", ".join(f"{name} = c.{name}" for name in CHANGING)
    m2m = "planning_planentry_items"
    uuid = "md5('{staging} ' || s.entry_key)::uuid"
    return Target(
        table="planning_planentry",
        current=_NOW,
        insert=(
            *_HOLD,
            _note_overtaken("{fresh}"),
            _MAKE_PLANS,
            f"INSERT INTO planning_planentry (uuid, plan_id, number, quarter, directory_id, joint_list_id, population, "
            f"expected, {columns}) SELECT {uuid}, p.id, (SELECT COALESCE(max(e.number), 0) FROM "
            f"planning_planentry e WHERE e.plan_id = p.id) + row_number() OVER (PARTITION BY p.id ORDER BY s.row_no), "
            f"s.quarter, s.directory_id, s.joint_list_id, 0, 0, {values} FROM {{staging}} s "
            f"JOIN {{fresh}} n USING (row_no) JOIN {_DRAFT}",
            f"INSERT INTO {m2m} (planentry_id, item_id) SELECT e.id, unnest(s.item_ids) FROM {{staging}} s "
            f"JOIN {{fresh}} n USING (row_no) JOIN planning_planentry e ON e.uuid = {uuid}",
        ),
        update=(
            *_HOLD,
            _note_overtaken("{changed}"),
            f"UPDATE planning_planentry e SET {assignments} FROM {{changed}} d JOIN {{staging}} s USING (row_no) "
            f"WHERE e.id = d.id",
        ),
        remove=(
            "DELETE FROM planning_entrystratum t USING {undone} u WHERE t.entry_id = u.id AND u.before IS NULL",
            f"DELETE FROM {m2m} m USING {{undone}} u WHERE m.planentry_id = u.id AND u.before IS NULL",
            "DELETE FROM planning_planentry e USING {undone} u WHERE e.id = u.id AND u.before IS NULL",
        ),
        restore=(
            f"UPDATE planning_planentry e SET {restored} FROM {{undone}} u, jsonb_to_record(u.before) AS c({record}) "
            f"WHERE e.id = u.id AND u.before IS NOT NULL",
        ),
        locks=(),
        owned=("planning_entrystratum", m2m),
        concerns=f"SELECT DISTINCT c.plan_id AS id FROM ({_NOW}) c "
        f"WHERE c.entry_key IN (SELECT key FROM {{touched}} t)",
    )


SCOPES = (
    "SELECT DISTINCT COALESCE(a.code, '-'), COALESCE(r.code, ''), COALESCE(z.code, '') FROM {staging} s "
    "LEFT JOIN registry_region r ON r.id = s.region_id LEFT JOIN registry_zone z ON z.id = s.zone_id "
    "LEFT JOIN catalogue_jointlist l ON l.id = s.joint_list_id LEFT JOIN registry_agency a ON a.id = s.owner_id "
    "OR s.owner_id IS NULL AND a.kind_id = l.lead_kind_id AND (a.region_id = s.region_id OR a.region_id IN "
    "(SELECT m.region_id FROM registry_zone_regions m WHERE m.zone_id = s.zone_id))"
)
"""Whose the plans are: the agency's, or of a joint list all agencies that lead it there (`AnnualPlan.edit_scope`)."""
