"""Steps for many listings at once: one statement moves them, writes their steps and tells the enterprises.

The ledger gets one act per batch, with how many there were and the SHA-256 of the canonical list of their codes; the
rows of `Step` say what happened to each (docs/decisions/0018-the-undisturbed-list.md).
"""

# ruff: noqa: S608 - statements are put together from parts that are all in code
from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from yicha.base.ledger import services as ledger
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused
from yicha.know.registry import queries as registry
from yicha.know.undisturbed import queries, rules
from yicha.know.undisturbed.models import Candidate, Listing
from yicha.know.undisturbed.queries import criteria
from yicha.know.undisturbed.queries.effect import TRIGGERED_SQL
from yicha.know.undisturbed.services.steps import find_window_end
from yicha.know.undisturbed.terms import Act, Done, ListingState, Phase, Trigger

LARGE = 1_000
"""From so many on, a batch reads its tables once and joins them by hash."""
HASH_SQL = """encode(sha256(convert_to('[' || coalesce(string_agg(
    '"' || e.uscc || '"', ',' ORDER BY e.uscc COLLATE "C"), '') || ']', 'UTF8')), 'hex')"""
"""SHA-256 of the canonical JSON (RFC 8785) of the sorted list of codes `e.uscc`."""

_WRITTEN = f"""
    steps AS (
        INSERT INTO undisturbed_step
            (listing_id, act, state, at, by, region, reason, trigger, reference, until_on)
        SELECT c.id, c.act, c.state, %(now)s, %(actor)s, c.acting, c.reason, c.trigger, c.reference, c.until_on
        FROM taken c RETURNING id
    ),
    told AS (
        INSERT INTO undisturbed_notice (uuid, step_id, read_by) SELECT gen_random_uuid(), s.id, '' FROM steps s
    )
    SELECT count(*), {HASH_SQL} FROM taken c JOIN registry_enterprise e ON e.id = c.enterprise_id
"""
"""What follows a CTE `taken`, which has a row per listing that takes the step."""

_NOMINATE = f"""
    WITH fit AS MATERIALIZED (
        SELECT f.id, f.region_id FROM ({criteria.ELIGIBLE_SQL}) f JOIN chosen ON chosen.id = f.id
    ),
    gone AS (DELETE FROM undisturbed_candidate d USING chosen WHERE d.enterprise_id = chosen.id),
    listed AS (
        INSERT INTO undisturbed_listing
            (uuid, enterprise_id, region_id, state, since, because, trigger, partners, agreements)
        SELECT gen_random_uuid(), id, region_id, '{ListingState.NOMINATED}', %(now)s, '', '',
            ARRAY[]::varchar[], ARRAY[]::varchar[]
        FROM fit ON CONFLICT DO NOTHING RETURNING id, enterprise_id
    ),
    taken AS MATERIALIZED (
        SELECT id, enterprise_id, '{Act.NOMINATE}' AS act, '{ListingState.NOMINATED}' AS state, '' AS acting,
            '' AS reason, '' AS trigger, '' AS reference, NULL::date AS until_on
        FROM listed
    ),
    {_WRITTEN}
"""
_REVIEWED = f"""
    SELECT l.id, w.act, w.state, home.code AS acting, '' AS reason, '' AS trigger, '' AS reference, w.until_on,
        w.partners, w.agreements
    FROM {criteria.EXAMINED_SQL}
    JOIN undisturbed_listing l ON l.enterprise_id = e.id
    JOIN chosen ON chosen.id = l.id
    JOIN registry_region home ON home.id = l.region_id
    JOIN jsonb_to_recordset(%(windows)s::jsonb)
        AS w(region_id bigint, act text, state text, until_on date, partners varchar[], agreements varchar[])
        ON w.region_id = l.region_id
    WHERE {criteria.CODES_SQL} = '{{}}'
"""
_PLAIN = "'' AS acting, '' AS reason, %s AS trigger, %s AS reference, NULL::date AS until_on, "
_PLAIN += "NULL::varchar[] AS partners, NULL::varchar[] AS agreements"
_OVER = f"""
    SELECT id, '{Act.LIST}' AS act, '{ListingState.LISTED}' AS state, {_PLAIN % ("''", "''")}
    FROM undisturbed_listing WHERE state = '{ListingState.OBJECTION}' AND window_until < %(today)s
"""
_FAILING = f"""
    SELECT DISTINCT ON (x.id) x.id, '{Act.SUSPEND}' AS act, '{ListingState.SUSPENDED}' AS state,
        {_PLAIN % ("x.trigger", "x.reference")}
    FROM (
        (SELECT l.id, CASE {criteria.CODES_SQL}
            WHEN ARRAY['undisturbed.class'] THEN '{Trigger.CLASS}' ELSE '{Trigger.CRITERIA}' END AS trigger,
            array_to_string({criteria.CODES_SQL}, ' ') AS reference, 2 AS rank
        FROM {criteria.EXAMINED_SQL} JOIN undisturbed_listing l ON l.enterprise_id = e.id
        WHERE l.state = '{ListingState.LISTED}' AND {criteria.CODES_SQL} <> '{{}}')
        UNION ALL SELECT t.id, t.trigger, t.reference, 1 FROM ({TRIGGERED_SQL}) t
    ) x ORDER BY x.id, x.rank
"""
"""Whom the list can no longer hold: a record that suspends goes before a criterion that is no longer met."""


@transaction.atomic
def nominate_many(
    *, actor: str, now: datetime, candidates: QuerySet[Candidate], expected: int | None = None
) -> Done:
    """Nominate all candidates of a list. Who does not meet the criteria any more is left, and is no candidate.

    `expected`: how many the person was shown; refused when the list has changed since.
    """
    chosen = _choose(candidates.values("enterprise_id"), expected)
    params = {"criteria": queries.describe_criteria(Phase.ENTRY, clock.today(now))}
    return _finish("nominated-many", _run(_NOMINATE, params, actor, now, chosen), actor, now, chosen)


@transaction.atomic
def review_many(
    *, actor: str, now: datetime, listings: QuerySet[Listing], expected: int | None = None
) -> Done:
    """Review all listings of a list that wait for it; who does not meet the criteria is left for a single decision.

    Each gets the window of its home region's agreements; without one it is listed at home.
    """
    chosen = _choose(listings.filter(state__in=_sources(Act.REVIEW)).values("pk"), expected)
    today = clock.today(now)
    params = {
        "criteria": queries.describe_criteria(Phase.ENTRY, today),
        "windows": json.dumps(_windows(today)),
    }
    found = _run(_move(_REVIEWED), {**params, "sources": _sources(Act.REVIEW)}, actor, now, chosen)
    return _finish("reviewed-many", found, actor, now, chosen)


@transaction.atomic
def close_windows(*, actor: str, now: datetime) -> Done:
    """List everybody whose window ended in silence: the last day for objections is over."""
    found = _run(_move(_OVER), {"sources": _sources(Act.LIST)}, actor, now)
    return _finish("listed-many", found, actor, now)


@transaction.atomic
def recheck(*, actor: str, now: datetime) -> Done:
    """Suspend everybody on the list who no longer meets what it takes to stay, or of whom a trigger is recorded."""
    params = {
        "criteria": queries.describe_criteria(Phase.STAY, clock.today(now)),
        "sources": _sources(Act.SUSPEND),
    }
    return _finish("suspended-many", _run(_move(_FAILING), params, actor, now), actor, now)


def prepare_for_many(cursor: Any, count: int = LARGE) -> None:
    """Memory for hashes, and for a large batch no nested loops: of rows just written PostgreSQL knows no number yet."""
    cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
    if count >= LARGE:
        cursor.execute("SET LOCAL enable_nestloop = off")


def _move(moves: str) -> str:
    """The statement that moves listings; `moves` selects which, to what, and what is kept of it.

    A review brings partners (never null), and with it the moment until which records are known to a person.
    """
    return f"""
        WITH taken AS MATERIALIZED (
            SELECT l.id, l.enterprise_id, m.act, m.state, m.acting, m.reason, m.trigger, m.reference, m.until_on,
                m.partners, m.agreements
            FROM undisturbed_listing l JOIN ({moves}) m ON m.id = l.id
            WHERE l.state = ANY (%(sources)s) ORDER BY l.id FOR UPDATE OF l
        ),
        moved AS (
            UPDATE undisturbed_listing l SET
                state = c.state, since = %(now)s, because = c.reason, trigger = c.trigger,
                partners = coalesce(c.partners, l.partners),
                agreements = coalesce(c.agreements, l.agreements),
                window_until = coalesce(c.until_on, l.window_until),
                weighed_at = CASE WHEN c.partners IS NULL THEN l.weighed_at ELSE %(now)s END,
                listed_on = CASE WHEN c.state = '{ListingState.LISTED}' THEN %(today)s ELSE l.listed_on END
            FROM taken c WHERE c.id = l.id
        ),
        {_WRITTEN}
    """


def _sources(act: Act) -> list[str]:
    """From which states the protocol allows a step."""
    return sorted(state.value for state in rules.PROTOCOL.table[act][0])


def _choose(ids: QuerySet[Any, Any], expected: int | None) -> int:
    """Keep the ids of a list in a temporary table `chosen`; refused when there are not so many as were shown."""
    sql, params = ids.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS chosen")
        cursor.execute(f"CREATE TEMPORARY TABLE chosen (id) ON COMMIT DROP AS {sql}", params)
        count = int(cursor.rowcount)
        cursor.execute("ANALYZE chosen")
    if expected is not None and expected != count:
        raise Refused(
            [
                Reason(
                    "undisturbed.list-changed",
                    "The list has changed: %(shown)s were shown, %(now)s fit now. Look at it again.",
                    facts={"shown": expected, "now": count},
                )
            ]
        )
    return count


def _windows(today: date) -> list[dict[str, Any]]:
    """By home region, where a review leads: the window of its partners, or the list at home."""
    rows = []
    for region in registry.list_regions():
        partners, agreements = queries.find_partners(region.code, today)
        act = Act.REVIEW if partners else Act.LIST_AT_HOME
        rows.append(
            {
                "region_id": region.pk,
                "act": act.value,
                "state": rules.PROTOCOL.table[act][1].value,
                "until_on": find_window_end(region.code, today).isoformat() if partners else None,
                "partners": list(partners),
                "agreements": list(agreements),
            }
        )
    return rows


def _run(
    statement: str, params: Mapping[str, Any], actor: str, now: datetime, chosen: int = LARGE
) -> tuple[int, str]:
    """Run a step for many; returns how many took it and the hash of their codes."""
    with connection.cursor() as cursor:
        prepare_for_many(cursor, chosen)
        cursor.execute(statement, {**params, "actor": actor, "now": now, "today": clock.today(now)})
        count, digest = cursor.fetchone()
    return int(count), str(digest)


def _finish(act: str, found: tuple[int, str], actor: str, now: datetime, chosen: int | None = None) -> Done:
    """One act in the ledger for the batch; nothing when it was empty."""
    count, digest = found
    if count:
        ledger.append(
            actor=actor,
            now=now,
            act=f"undisturbed.{act}",
            subject="undisturbed",
            body={"count": count, "codes_sha256": digest},
        )
    return Done(count, (chosen or count) - count, digest if count else "")
