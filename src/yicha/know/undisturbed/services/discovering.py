"""Discovery: who, of the whole registry, meets the criteria. It proposes; a person nominates."""

# ruff: noqa: S608 - statements are put together from parts that are all in code
from __future__ import annotations

import json
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from yicha.base.ledger import services as ledger
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused
from yicha.know.registry import queries as registry
from yicha.know.undisturbed import queries
from yicha.know.undisturbed.models import Discovery
from yicha.know.undisturbed.queries.criteria import CRITERIA_SQL, ELIGIBLE_SQL
from yicha.know.undisturbed.services.many import HASH_SQL, prepare_for_many
from yicha.know.undisturbed.terms import Phase

PATIENCE = timedelta(minutes=30)
"""A run that nobody works on after so long was killed."""
_FORGET = f"DELETE FROM undisturbed_candidate c USING {CRITERIA_SQL} WHERE p.region_id = c.region_id"
_PROPOSE = f"""
    WITH found AS (
        INSERT INTO undisturbed_candidate (enterprise_id, region_id, discovery_id)
        SELECT f.id, f.region_id, %(discovery)s FROM ({ELIGIBLE_SQL}) f RETURNING enterprise_id, region_id
    )
    SELECT count(*), {HASH_SQL},
        (SELECT coalesce(jsonb_object_agg(r.code, n.count), '{{}}') FROM registry_region r JOIN
            (SELECT region_id, count(*) FROM found GROUP BY region_id) n ON n.region_id = r.id),
        (SELECT count(*) FROM registry_enterprise x JOIN {CRITERIA_SQL} ON p.region_id = x.region_id)
    FROM found JOIN registry_enterprise e ON e.id = found.enterprise_id
"""


@transaction.atomic
def begin_discovery(*, actor: str, now: datetime, region: str = "") -> Discovery:
    """A run that is to be made, for a job; refused while another one runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('undisturbed.discovery'))")
    running = Discovery.objects.filter(state="running")
    # One that still works holds its row; a job that was killed left it free.
    left = running.filter(begun_at__lt=now - PATIENCE).select_for_update(skip_locked=True)
    Discovery.objects.filter(pk__in=[one.pk for one in left]).update(state="failed", ended_at=now)
    if running.exists():
        raise Refused([Reason("undisturbed.discovery-runs", "A discovery is running already; wait for it.")])
    place = registry.find_region(region) if region else None
    if region and place is None:
        raise Refused(
            [Reason("undisturbed.unknown-region", "There is no region “%(code)s”.", facts={"code": region})]
        )
    return Discovery.objects.create(region=place, begun_at=now, by=actor)


@transaction.atomic
def run_discovery(*, actor: str, now: datetime, discovery: Discovery) -> Discovery:
    """Find the candidates of a run that was begun, in one statement over the registry."""
    locked = Discovery.objects.select_for_update(of=("self",)).select_related("region").get(pk=discovery.pk)
    within = locked.region.code if locked.region else ""
    today = clock.today(now)
    params: dict[str, str | date | int] = {
        "criteria": queries.describe_criteria(Phase.ENTRY, today, within),
        "today": today,
        "discovery": locked.pk,
    }
    with connection.cursor() as cursor:
        prepare_for_many(cursor)
        cursor.execute(_FORGET, params)
        cursor.execute(_PROPOSE, params)
        found, digest, by_region, examined = cursor.fetchone()
    locked.found, locked.hash, locked.examined = found, digest, examined
    locked.by_region = json.loads(by_region)
    locked.state, locked.ended_at = "done", now
    locked.save()
    ledger.append(
        actor=actor,
        now=now,
        act="undisturbed.discovered",
        subject=f"discovery:{locked.uuid}",
        body={"region": within, "examined": examined, "count": found, "codes_sha256": digest},
    )
    return locked


def fail_discovery(*, now: datetime, discovery: Discovery) -> None:
    """A run that broke: the candidates of the one before are still there."""
    Discovery.objects.filter(pk=discovery.pk, state="running").update(state="failed", ended_at=now)


def discover(*, actor: str, now: datetime, region: str = "") -> Discovery:
    """Propose candidates over the whole registry, or in a region and those below it; replaces those of the run before.

    Who is on the list, on its way there, or was removed too recently is none.
    """
    discovery = begin_discovery(actor=actor, now=now, region=region)
    try:
        return run_discovery(actor=actor, now=now, discovery=discovery)
    except BaseException:
        fail_discovery(now=now, discovery=discovery)
        raise
