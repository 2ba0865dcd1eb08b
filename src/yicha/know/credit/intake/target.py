"""Where the rows of a file go, as statements over sets: new records, next versions, and the way back."""

# ruff: noqa: S608 - names in statements come from code, never from a file
from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.terms import Field, Target
from yicha.know.credit.intake.columns import PUBLICATION
from yicha.know.credit.queries.clocks import Clocks
from yicha.know.credit.rules.telling import told_sql
from yicha.know.credit.terms import GRADED_KINDS
from yicha.know.credit.terms.records import LISTING_KINDS

_ALWAYS = {"enterprise_id", "agency_id", "reference", "effective_from", "effective_until", "severity"}
_AGAINST = ", ".join(f"'{kind}'" for kind in sorted(GRADED_KINDS))
_ENDING = ", ".join(f"'{kind}'" for kind in sorted(GRADED_KINDS - LISTING_KINDS))
SCOPES = (
    "SELECT DISTINCT a.code, COALESCE(r.code, ''), COALESCE(z.code, '') FROM {staging} s "
    "JOIN registry_agency a ON a.id = s.agency_id JOIN registry_enterprise e ON e.id = s.enterprise_id "
    "LEFT JOIN registry_region r ON r.id = e.region_id LEFT JOIN registry_zone z ON z.id = e.zone_id"
)


def fields_of(columns: set[str]) -> tuple[Field, ...]:
    """What is staged. Where a file has no column for the severity, that of an existing record stays, and its end."""
    is_silent = "severity" not in columns
    published = not columns.isdisjoint(PUBLICATION)
    everything = (
        Field("code"),
        Field("enterprise_id", "bigint", label=_("enterprise")),
        Field("kind"),
        Field("agency_id", "bigint", label=_("source agency")),
        Field("reference", label=_("reference")),
        Field("happened_on", "date"),
        Field("effective_from", "date", default="s.happened_on"),
        Field("effective_until", "date", default=_last_day(published), keep=is_silent),
        Field("year", "smallint"),
        Field("words", default="''"),
        Field("evidence_hash", default="''"),
        Field("evidence", default="''"),
        Field(
            "severity",
            default=f"CASE WHEN s.kind IN ({_AGAINST}) THEN 'general' ELSE 'none' END",
            keep=is_silent,
        ),
        Field("amount", "numeric(16, 2)"),
        Field("is_published", "boolean", default="false"),
        Field("published_on", "date"),
        Field("publish_until", "date"),
    )
    wanted = columns | _ALWAYS | (set(PUBLICATION) if published else set())
    return tuple(field for field in everything if field.name in wanted)


def _last_day(published: bool) -> str:
    """`rules.complete` for the last day of the effect, over a staged row `s`; months as of the first day."""
    since = "COALESCE(s.effective_from, s.happened_on)"
    if published:
        since = f"GREATEST({since}, s.published_on)"
    months = " ".join(
        f"WHEN {grade!r} = COALESCE(s.severity, 'general') AND {since} >= {first.isoformat()!r}::date "
        f"AND {since} < {after.isoformat()!r}::date THEN {most}"
        for grade, first, after, most in Clocks().maxima()
    )
    months = f"CASE {months} END" if months else "NULL::integer"
    return f"CASE WHEN s.kind IN ({_ENDING}) THEN ({since} + make_interval(months => {months}))::date END"


_PLAIN = {
    "words": "''",
    "evidence_hash": "''",
    "evidence": "''",
    "amount": "NULL",
    "is_published": "false",
    "published_on": "NULL",
    "publish_until": "NULL",
}
"""What a new record has where a file has no such column; an existing one keeps what it has."""
_FIXED = ("uuid", "recorded_at", "recorded_by", "version", "state", "ended_on", "ended_because")
_RECORDED = "gen_random_uuid(), now(), 'import'"


def target_of(fields: Sequence[Field]) -> Target:
    """The statements for the staged fields."""
    names = [field.name for field in fields]
    missing = [name for name in _PLAIN if name not in names]
    into = ", ".join([*_FIXED, *missing, *names])
    return Target(
        table="credit_creditrecord",
        current=(
            f"SELECT t.id, t.xmin::text AS version, {', '.join('t.' + name for name in names)}, t.state AS was "
            "FROM credit_creditrecord t WHERE t.state <> 'corrected'"
        ),
        insert=_insert(fields, missing, into),
        update=_update(fields, missing, into),
        remove=_REMOVE,
        restore=_RESTORE,
        locks=("credit_creditrecord",),
        concerns=(
            "SELECT DISTINCT r.enterprise_id AS id FROM credit_creditrecord r "
            "WHERE r.code IN (SELECT key FROM {touched} t)"
        ),
    )


def _insert(fields: Sequence[Field], missing: Sequence[str], into: str) -> tuple[str, ...]:
    """New records, told to partners where they are public."""
    fresh = ", ".join([*(_PLAIN[name] for name in missing), *(exchange.new_value(field) for field in fields)])
    return (
        f"INSERT INTO credit_creditrecord ({into}) SELECT {_RECORDED}, 1, 'in-effect', NULL, '', {fresh} "
        "FROM {staging} s JOIN {fresh} n USING (row_no)",
        *_tell(
            "FROM {fresh} n JOIN credit_creditrecord r ON r.code = n.key AND r.version = 1 "
            "LEFT JOIN credit_creditrecord b ON false"
        ),
    )


def _update(fields: Sequence[Field], missing: Sequence[str], into: str) -> tuple[str, ...]:
    """Next versions. The one before has its ending; what had ended has ended in its next version too."""
    following = ", ".join(
        [*(f"c.{name}" for name in missing), *(exchange.next_value(field) for field in fields)]
    )
    return (
        "INSERT INTO credit_ending (record_id, cause, at, by) SELECT c.id, 'correction', now(), 'import' "
        "FROM {changed} d JOIN credit_creditrecord c ON c.id = d.id WHERE c.state = 'in-effect' "
        "ON CONFLICT (record_id) DO NOTHING",
        "UPDATE credit_creditrecord t SET state = 'corrected' FROM {changed} d WHERE t.id = d.id",
        f"INSERT INTO credit_creditrecord ({into}) "
        f"SELECT {_RECORDED}, c.version + 1, d.before->>'was', c.ended_on, c.ended_because, {following} "
        "FROM {changed} d JOIN {staging} s USING (row_no) JOIN credit_creditrecord c ON c.id = d.id",
        *_tell(
            "FROM {changed} d JOIN credit_creditrecord b ON b.id = d.id "
            "JOIN credit_creditrecord r ON r.code = b.code AND r.version = b.version + 1",
            "r.state = 'in-effect'",
        ),
    )


def _tell(source: str, where: str = "true") -> tuple[str, str]:
    """Partners' systems are told of every record that is public."""
    return exchange.settle_events, exchange.tell_events(told_sql(source, where))


_REMOVE = (
    *_tell(
        "FROM {undone} u JOIN credit_creditrecord b ON b.id = u.id AND u.before IS NULL "
        "LEFT JOIN credit_creditrecord r ON false"
    ),
    "DELETE FROM credit_creditrecord t USING {undone} u WHERE t.id = u.id AND u.before IS NULL",
)
_RESTORE = (
    *_tell(
        "FROM {undone} u JOIN credit_creditrecord b ON b.id = u.id "
        "JOIN credit_creditrecord r ON r.id = (u.before->>'id')::bigint",
        "u.before->>'was' = 'in-effect'",
    ),
    "DELETE FROM credit_receipt t USING {undone} u, credit_ending e "
    "WHERE t.ending_id = e.id AND e.record_id = (u.before->>'id')::bigint AND e.cause = 'correction'",
    "DELETE FROM credit_ending t USING {undone} u "
    "WHERE t.record_id = (u.before->>'id')::bigint AND t.cause = 'correction'",
    "DELETE FROM credit_creditrecord t USING {undone} u WHERE t.id = u.id AND u.before IS NOT NULL",
    "UPDATE credit_creditrecord t SET state = u.before->>'was' FROM {undone} u "
    "WHERE t.id = (u.before->>'id')::bigint",
)
"""Undoing: what was new is gone, what was changed is again as it was, without the ending that the change wrote."""
