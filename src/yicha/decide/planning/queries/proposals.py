"""Joint lists that the visits of two years propose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count

from yicha.decide.planning.rules import proposals as rules
from yicha.decide.planning.terms.proposals import Apart, Call, JointProposal
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry

LOOK_BACK = timedelta(days=730)
"""How far back visits are looked at: ours. Two years, so that what happens once a year shows twice."""

_CALLS = """
    SELECT c.enterprise_id AS enterprise,
        date_trunc('quarter', coalesce(c.made_on, c.planned_on))::date AS quarter,
        c.id AS contact, i.code AS item
    FROM visits_contact c
    JOIN visits_contactitem ci ON ci.contact_id = c.id
    JOIN catalogue_itemversion v ON v.id = ci.item_version_id
    JOIN catalogue_item i ON i.id = v.item_id
    WHERE c.state IN ('made', 'planned') AND c.kind <> 'courtesy'
        AND coalesce(c.made_on, c.planned_on) BETWEEN %s AND %s
"""
_APART = """
    WITH call AS ({calls})
    SELECT a.item, b.item, count(DISTINCT (a.enterprise, a.quarter))
    FROM call a JOIN call b USING (enterprise, quarter)
    WHERE a.item < b.item AND a.contact <> b.contact
    GROUP BY a.item, b.item
    HAVING count(DISTINCT (a.enterprise, a.quarter)) >= %s
    ORDER BY a.item, b.item
"""
_TOUCHING = """
    WITH call AS ({calls})
    SELECT enterprise, quarter, contact, array_agg(DISTINCT item)
    FROM call
    WHERE contact IN (SELECT contact FROM call WHERE item = ANY(%s))
    GROUP BY enterprise, quarter, contact
    ORDER BY contact
"""


def list_proposals(today: date, *, least: int) -> list[JointProposal]:
    """Joint lists that would have saved most first; two items hang together from `least` times on.

    Items that one joint list has already are not proposed.
    """
    span = (today - LOOK_BACK, today + timedelta(days=366))
    known = [{item.code for item in one.items.all()} for one in catalogue.list_joint_lists()]
    directories = list(registry.list_directories())
    sizes: Counter[str] = Counter()
    for code, _region, _class, size in registry.count_listed(directories):
        sizes[code] += size
    found = []
    for items in rules.group(_list_apart(span, least), least):
        if rules.is_known(items, known):
            continue
        calls = _list_calls(span, items)
        proposal = rules.weigh(items, calls)
        if proposal.saved:
            found.append(_with_directory(proposal, calls, directories, sizes))
    return sorted(found, key=lambda one: (-one.saved, one.items))


def _list_apart(span: tuple[date, date], least: int) -> list[Apart]:
    with connection.cursor() as cursor:
        cursor.execute(_APART.format(calls=_CALLS), [*span, least])
        return [Apart(*row) for row in cursor.fetchall()]


def _list_calls(span: tuple[date, date], items: tuple[str, ...]) -> list[Call]:
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHING.format(calls=_CALLS), [*span, list(items)])
        return [
            Call(enterprise, quarter, contact, frozenset(codes))
            for enterprise, quarter, contact, codes in cursor.fetchall()
        ]


def _with_directory(
    proposal: JointProposal, calls: list[Call], directories: Sequence[Any], sizes: Mapping[str, int]
) -> JointProposal:
    """The directory that holds most of the enterprises; of equals the smallest."""
    often = Counter((call.enterprise, call.quarter) for call in calls if call.items & set(proposal.items))
    touched = {enterprise for (enterprise, _), times in often.items() if times > 1}
    inside = (
        registry.list_enterprises()
        .filter(pk__in=touched)
        .order_by()
        .aggregate(**{f"of_{one.pk}": Count("pk", filter=registry.is_named_by(one)) for one in directories})
    )
    fitting = [one for one in directories if 2 * inside[f"of_{one.pk}"] >= len(touched)]
    if not fitting:
        return proposal
    best = max(fitting, key=lambda one: (inside[f"of_{one.pk}"], -sizes[one.code], one.code))
    return replace(proposal, directory=best.code, inside=100 * inside[f"of_{best.pk}"] // len(touched))
