"""The criteria of the list: for one enterprise as a rule with reasons, for all of them as SQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connection
from django.db.models import Max

from yicha.kernel.refusal import Reason
from yicha.know.catalogue import queries as catalogue
from yicha.know.credit import queries as credit
from yicha.know.registry import queries as registry
from yicha.know.undisturbed import rules
from yicha.know.undisturbed.models import CriterionRule, KeyTrade, Listing
from yicha.know.undisturbed.queries.effect import TRIGGERED_STILL_SQL
from yicha.know.undisturbed.terms import OPEN_STATES, CandidateFacts, Criteria, Phase, Trigger

NO_PENALTY, REPORTS, REPORT_DUE = (
    "undisturbed-no-penalty-months",
    "undisturbed-report-years",
    "annual-report-due",
)
AGAIN = "undisturbed-again-days"
_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_STATES)

CRITERIA_SQL = """
    jsonb_to_recordset(%(criteria)s::jsonb) AS p(region_id bigint, worst_class text, penalty_after date,
        report_years int[], not_abnormal boolean, not_serious boolean, key_trades text[], removed_after date)
"""
"""What is demanded, one row per region that is looked at: `describe_criteria` writes it."""

CODES_SQL = """
    array_remove(ARRAY[
        CASE WHEN e.status <> 'active' THEN 'undisturbed.not-active' END,
        CASE WHEN e.risk_class > p.worst_class THEN 'undisturbed.class' END,
        CASE WHEN s.last_penalty_on > p.penalty_after THEN 'undisturbed.penalty' END,
        CASE WHEN p.not_abnormal AND s.is_abnormal THEN 'undisturbed.abnormal' END,
        CASE WHEN p.not_serious AND s.is_serious THEN 'undisturbed.serious' END,
        CASE WHEN EXISTS (
            SELECT FROM unnest(p.report_years) AS owed(year)
            WHERE owed.year >= coalesce(extract(year FROM e.registered_on), 0)
            AND owed.year <> ALL (coalesce(s.report_years, '{}'))
        ) THEN 'undisturbed.no-report' END,
        CASE WHEN e.industry ^@ ANY (p.key_trades) THEN 'undisturbed.key-trade' END
    ]::text[], NULL)
"""
"""The codes of `rules.check`: `e` is of the registry, `p` of criteria, `s` of records. A test holds them together."""

EXAMINED_SQL = f"""
    registry_enterprise e
    JOIN {CRITERIA_SQL} ON p.region_id = e.region_id
    LEFT JOIN ({credit.standing_sql("%(today)s::date")}) s ON s.enterprise_id = e.id
"""
"""Whom the criteria are laid against: one pass over enterprises, records and listings, joined by hash."""

ELIGIBLE_SQL = f"""
    SELECT e.id, e.region_id FROM {EXAMINED_SQL}
    WHERE {CODES_SQL} = '{{}}'
    AND NOT EXISTS (
        SELECT FROM undisturbed_listing o WHERE o.enterprise_id = e.id AND o.state IN ({_OPEN})
    )
    AND NOT EXISTS (
        SELECT FROM undisturbed_listing g
        WHERE g.enterprise_id = e.id AND g.state = 'removed' AND g.removed_on > p.removed_after
    )
"""  # noqa: S608 - all parts are from code
"""Who meets the entry criteria and may begin: what a discovery proposes."""


def find_criteria(phase: Phase, region: str, today: date) -> Criteria:
    """What is demanded in a region on a day."""
    return _Rows(today).at(phase, region)


def describe_criteria(phase: Phase, today: date, within: str = "") -> str:
    """What is demanded in every region (or in one and those below it), as the JSON that `CRITERIA_SQL` reads."""
    rows = _Rows(today)
    described = []
    for region in registry.list_regions():
        if within and within not in rules.chain(region.code):
            continue
        criteria = rows.at(phase, region.code)
        described.append(
            {
                "region_id": region.pk,
                "worst_class": criteria.worst_class or None,
                "penalty_after": criteria.penalty_after.isoformat() if criteria.penalty_after else None,
                "report_years": list(criteria.report_years),
                "not_abnormal": criteria.not_abnormal,
                "not_serious": criteria.not_serious,
                "key_trades": list(criteria.key_trades),
                "removed_after": (today - timedelta(days=rows.number(AGAIN, region.code))).isoformat(),
            }
        )
    return json.dumps(described)


class _Rows:
    """The rows that criteria are made of, read once for many regions."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.rules = [row.facts for row in CriterionRule.objects.all()]
        self.trades = list(
            KeyTrade.objects.filter(in_force_from__lte=today).exclude(in_force_until__lt=today)
        )
        own = catalogue.list_numbers().filter(code__in=[NO_PENALTY, REPORTS, REPORT_DUE, AGAIN])
        self._own = set(own.values_list("code", "region"))
        self._numbers: dict[tuple[str, tuple[str, ...]], int] = {}

    def number(self, code: str, region: str) -> int:
        """A number in a region; asked for once, and again only where a region says otherwise."""
        chain = tuple(one for one in rules.chain(region) if (code, one) in self._own)
        if (code, chain) not in self._numbers:
            self._numbers[code, chain] = int(catalogue.get_number(code, self.today, chain).value)
        return self._numbers[code, chain]

    def at(self, phase: Phase, region: str) -> Criteria:
        chain = rules.chain(region)
        month, day = divmod(self.number(REPORT_DUE, region), 100)
        return rules.criteria_at(
            self.rules,
            phase,
            chain,
            self.today,
            penalty_months=self.number(NO_PENALTY, region),
            report_years=self.number(REPORTS, region),
            report_due=(month, day),
            key_trades=[trade.prefix for trade in self.trades if trade.region in ("", *chain)],
        )


def get_facts(uscc: str, today: date) -> CandidateFacts:
    """An enterprise as the criteria look at it; raises `NotFound`."""
    enterprise = registry.get_enterprise(uscc)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT last_penalty_on, is_abnormal, is_serious, report_years "  # noqa: S608 - from code
            f"FROM ({credit.standing_sql('%(today)s::date')}) s WHERE enterprise_id = %(id)s",
            {"today": today, "id": enterprise.pk},
        )
        penalty, abnormal, serious, years = cursor.fetchone() or (None, False, False, None)
    listings = Listing.objects.filter(enterprise=enterprise)
    return CandidateFacts(
        status=enterprise.status,
        region=enterprise.region.code if enterprise.region else "",
        risk_class=enterprise.risk_class,
        industry=enterprise.industry,
        registered_on=enterprise.registered_on,
        last_penalty_on=penalty,
        is_abnormal=abnormal,
        is_serious=serious,
        report_years=frozenset(years or ()),
        is_open=listings.filter(state__in=[state.value for state in OPEN_STATES]).exists(),
        removed_on=listings.aggregate(last=Max("removed_on"))["last"],
    )


def check_enterprise(uscc: str, phase: Phase, today: date) -> tuple[Reason, ...]:
    """Every criterion that an enterprise does not meet. Internal: names the class."""
    facts = get_facts(uscc, today)
    return rules.check(facts, find_criteria(phase, facts.region, today))


def check_many(ids: Sequence[int], phase: Phase, today: date) -> dict[int, tuple[str, ...]]:
    """The codes of unmet criteria by id of enterprise, in one statement; those without a region are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.id, {CODES_SQL} FROM {EXAMINED_SQL} WHERE e.id = ANY(%(ids)s)",  # noqa: S608 - from code
            {"criteria": describe_criteria(phase, today), "today": today, "ids": list(ids)},
        )
        return {pk: tuple(codes) for pk, codes in cursor.fetchall()}


def find_against(listing: Listing, today: date) -> tuple[str, str]:
    """What speaks against a suspended listing now: trigger and reference as a night's check writes them; else empty."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERED_STILL_SQL, {"today": today, "listing": listing.pk})
        found = cursor.fetchone()
    if found is not None:
        return str(found[1]), str(found[2])
    unmet = [reason.code for reason in check_enterprise(listing.enterprise.uscc, Phase.STAY, today)]
    if not unmet:
        return "", ""
    trigger = Trigger.CLASS if unmet == ["undisturbed.class"] else Trigger.CRITERIA
    return trigger.value, " ".join(unmet)


def list_may_not_begin(uscc: str, today: date) -> tuple[Reason, ...]:
    """Why an enterprise may not be nominated or apply now, its class left out."""
    facts = get_facts(uscc, today)
    days = catalogue.get_number(AGAIN, today, rules.chain(facts.region)).value
    return rules.may_begin(facts, int(days), today)
