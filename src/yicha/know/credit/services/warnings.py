"""Monitoring: warnings are raised where a standing became worse or enterprises hang together, and closed again.

Works on sets, some thousands at a time, so that a run that moved a hundred thousand enterprises takes seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.credit.models import CreditWarning
from yicha.know.credit.queries import warnings as queries
from yicha.know.credit.rules import warnings as rules
from yicha.know.credit.terms.warnings import Change, WarningKind, WarningState
from yicha.know.registry import services as registry

AT_ONCE = 5_000
MOST_OTHERS = 200
"""So many codes of a cluster are kept; its page says how many there are."""
OVER = gettext_noop("It no longer holds: the class became better or the red line ended.")
RECORD_ENDED = gettext_noop("The record that it rested on has ended.")

_TOLD = """
INSERT INTO credit_creditwarning
    (uuid, kind, key, enterprise_id, others, agencies, facts, state, raised_at, seen_by, closed_by, words)
SELECT gen_random_uuid(), c.kind, e.uscc || ':' || c.subject, e.id, '{}', '{}', c.facts::jsonb, %(raised)s,
       %(now)s, '', '', ''
FROM unnest(%(kinds)s::text[], %(subjects)s::text[], %(ids)s::bigint[], %(facts)s::text[])
     AS c(kind, subject, enterprise_id, facts)
JOIN registry_enterprise e ON e.id = c.enterprise_id
ON CONFLICT DO NOTHING RETURNING id
"""
_BAD = "(COALESCE(s.risk_class, e.risk_class) = %(worst)s OR cardinality(s.red_lines) > 0)"
_GROUPS = f"""
WITH touched AS (
    SELECT DISTINCT l.kind, l.key FROM registry_enterpriselink l JOIN registry_enterprise e ON e.id = l.enterprise_id
    LEFT JOIN credit_standing s ON s.enterprise_id = e.id
    WHERE e.status = 'active' AND {_BAD} AND (%(ids)s::bigint[] IS NULL OR e.id = ANY(%(ids)s::bigint[]))
), members AS (
    SELECT l.kind, l.key, l.words, e.id, e.uscc, COALESCE({_BAD}, false) AS bad
    FROM touched t JOIN registry_enterpriselink l ON l.kind = t.kind AND l.key = t.key
    JOIN registry_enterprise e ON e.id = l.enterprise_id AND e.status = 'active'
    LEFT JOIN credit_standing s ON s.enterprise_id = e.id
)
SELECT kind, key, max(words) AS words, count(*) AS n, count(*) FILTER (WHERE bad) AS bad,
       (array_agg(id ORDER BY bad DESC, uscc))[1] AS head,
       (array_agg(uscc ORDER BY bad DESC, uscc))[2:%(most)s + 1] AS others
FROM members GROUP BY kind, key HAVING count(*) >= %(least)s AND bool_or(bad)
"""  # noqa: S608 - constants of this module
_FACTS = "jsonb_build_object('link', g.kind, 'key', g.key, 'words', g.words, 'count', g.n, 'bad', g.bad)"
_GROWN = f"""
WITH g AS ({_GROUPS})
UPDATE credit_creditwarning w SET others = g.others, facts = {_FACTS}, enterprise_id = g.head
FROM g WHERE w.kind = 'cluster' AND w.state <> 'closed' AND w.key = g.kind || ':' || g.key
AND (w.others, w.enterprise_id, w.facts) IS DISTINCT FROM (g.others::varchar[], g.head, {_FACTS}) RETURNING w.id
"""  # noqa: S608 - constants of this module
_CLUSTERS = f"""
WITH g AS ({_GROUPS})
INSERT INTO credit_creditwarning
    (uuid, kind, key, enterprise_id, others, agencies, facts, state, raised_at, seen_by, closed_by, words)
SELECT gen_random_uuid(), 'cluster', g.kind || ':' || g.key, g.head, g.others, '{{}}', {_FACTS}, %(raised)s,
       %(now)s, '', '', '' FROM g
ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608 - constants of this module
_CLOSE = """
UPDATE credit_creditwarning w
SET state = 'closed', closed_at = %(now)s, closed_by = %(actor)s, words = %(words)s
FROM registry_enterprise e LEFT JOIN credit_standing s ON s.enterprise_id = e.id
WHERE w.enterprise_id = e.id AND w.state = ANY(%(open)s) AND
"""
_ENDED_ALONE = f"""{_CLOSE} e.id = ANY(%(ids)s) AND (
    w.kind = 'class-change' AND COALESCE(s.risk_class, e.risk_class) < w.facts->>'to'
    OR w.kind = 'red-line' AND NOT COALESCE(w.facts->>'line' = ANY(s.red_lines), false))
"""
_ENDED_CLUSTERS = f"""{_CLOSE} w.kind = 'cluster'
AND (e.id = ANY(%(ids)s) OR w.others && (SELECT array_agg(uscc) FROM registry_enterprise WHERE id = ANY(%(ids)s)))
AND NOT EXISTS (
    SELECT FROM registry_enterpriselink l JOIN registry_enterprise e ON e.id = l.enterprise_id AND e.status = 'active'
    LEFT JOIN credit_standing s ON s.enterprise_id = e.id
    WHERE l.kind = w.facts->>'link' AND l.key = w.facts->>'key' AND {_BAD})
"""  # noqa: S608 - constants of this module


@transaction.atomic
def raise_warnings(*, actor: str, now: datetime, changes: Iterable[Change]) -> int:
    """Raise what these changes are worth, and close what they ended. Call it when classes and standings are written.

    The same thing raises nothing while its warning is open. Who crossed a red line is warned of by that line, not by
    the class that follows from it. Returns how many were raised.
    """
    waiting, raised = iter(changes), 0
    while chunk := list(islice(waiting, AT_ONCE)):
        touched = [change.enterprise for change in chunk]
        raised += _raise_alone(now, chunk)
        raised += _raise_clusters(now, touched)
        _close_what_ended(actor, now, touched)
    _tell_ledger(actor, now, raised)
    return raised


@transaction.atomic
def watch(*, actor: str, now: datetime) -> int:
    """Look for clusters among everybody, after the links by address were found anew. Returns how many were raised."""
    registry.derive_links(actor=actor, now=now)
    raised = _raise_clusters(now, None)
    _tell_ledger(actor, now, raised)
    return raised


@transaction.atomic
def see(*, actor: str, now: datetime, warning: CreditWarning) -> CreditWarning:
    """Take note of a warning."""
    locked = CreditWarning.objects.select_for_update().get(pk=warning.pk)
    locked.state = rules.LIFE.after(WarningState(locked.state), "see").value
    locked.seen_at, locked.seen_by = now, actor
    locked.save(update_fields=["state", "seen_at", "seen_by"])
    ledger.append(actor=actor, now=now, act="warning.seen", subject=f"warning:{locked.uuid}", body={})
    return locked


@transaction.atomic
def close(*, actor: str, now: datetime, warning: CreditWarning, words: str) -> CreditWarning:
    """Close a warning, saying what was done. Refused without words."""
    locked = CreditWarning.objects.select_for_update().get(pk=warning.pk)
    state = rules.LIFE.after(WarningState(locked.state), "close")
    refuse_if(rules.find_faults(words))
    locked.state, locked.closed_at, locked.closed_by = state.value, now, actor
    locked.words = words.strip()
    locked.save(update_fields=["state", "closed_at", "closed_by", "words"])
    body: JSON = {"words": locked.words}
    ledger.append(actor=actor, now=now, act="warning.closed", subject=f"warning:{locked.uuid}", body=body)
    return locked


@transaction.atomic
def let_go(*, actor: str, now: datetime, record: str) -> int:
    """End every use that warnings make of a record, named by its code; after the enterprise was classified again.

    What no longer holds is closed; what still holds for other reasons stays, and names the record no more. Returns
    how many leaned on it.
    """
    leaning = (
        CreditWarning.objects.select_for_update()
        .filter(facts__because=f"credit:{record}")
        .exclude(state=WarningState.CLOSED.value)
    )
    ids = list(leaning.values_list("pk", flat=True))
    touched = sorted(set(queries.list_enterprises_of_record(record)))
    _close_what_ended(actor, now, touched, RECORD_ENDED)
    for warning in CreditWarning.objects.filter(pk__in=ids):
        if warning.state != WarningState.CLOSED:
            warning.facts = {name: fact for name, fact in warning.facts.items() if name != "because"}
            warning.save(update_fields=["facts"])
    return len(ids)


def _raise_alone(now: datetime, changes: Iterable[Change]) -> int:
    """Changes of class and red lines of single enterprises."""
    kinds, subjects, ids, facts = [], [], [], []
    for change in changes:
        told = {"from": change.from_class, "to": change.to_class, "because": change.because}
        if change.crossed:
            found = [(WarningKind.RED_LINE, line, {**told, "line": line}) for line in change.crossed]
        elif rules.warns(change.from_class, change.to_class):
            found = [(WarningKind.CLASS_CHANGE, change.to_class, told)]
        else:
            continue
        for kind, subject, more in found:
            kinds.append(kind.value)
            subjects.append(subject)
            ids.append(change.enterprise)
            facts.append(json.dumps(more))
    if not ids:
        return 0
    given = {"kinds": kinds, "subjects": subjects, "ids": ids, "facts": facts}
    fresh = _fetch(_TOLD, {**given, "raised": WarningState.RAISED.value, "now": now})
    _address(fresh)
    return len(fresh)


def _raise_clusters(now: datetime, touched: list[int] | None) -> int:
    """Groups that hang together with one of class D or over a red line in them; `touched` None: all groups."""
    least = catalogue.get_number("cluster-least", clock.today(now)).value
    given = {
        "ids": touched,
        "least": int(least),
        "most": MOST_OTHERS,
        "worst": rules.WORST,
        "raised": WarningState.RAISED.value,
        "now": now,
    }
    grown = _fetch(_GROWN, given)
    fresh = _fetch(_CLUSTERS, given)
    _address([*grown, *fresh])
    return len(fresh)


def _close_what_ended(actor: str, now: datetime, touched: list[int], words: str = OVER) -> None:
    """Close open warnings of these enterprises that are no longer true."""
    open_states = [state.value for state in rules.LIFE.table["close"][0]]
    given: dict[str, Any] = {
        "ids": touched,
        "now": now,
        "actor": actor,
        "words": words,
        "open": open_states,
        "worst": rules.WORST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENDED_ALONE, given)
        cursor.execute(_ENDED_CLUSTERS, given)


def _address(warnings: list[int]) -> None:
    """Write who is concerned: agencies of the places of all enterprises of a warning, and the record's source."""
    for first in range(0, len(warnings), AT_ONCE):
        chunk = warnings[first : first + AT_ONCE]
        concerned = queries.find_concerned(chunk)
        ids = [pk for pk, codes in concerned.items() for _code in codes]
        codes = [code for found in concerned.values() for code in found]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE credit_creditwarning w SET agencies = c.codes FROM (SELECT id, array_agg(code ORDER BY code) "
                "AS codes FROM unnest(%s::bigint[], %s::text[]) AS u(id, code) GROUP BY id) c WHERE c.id = w.id",
                [ids, codes],
            )


def _fetch(statement: str, given: Mapping[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [row[0] for row in cursor.fetchall()]


def _tell_ledger(actor: str, now: datetime, raised: int) -> None:
    """One act for all that were raised at once: each has its own row, with everything it rests on."""
    if raised:
        ledger.append(actor=actor, now=now, act="warning.raised", subject="warnings", body={"raised": raised})
