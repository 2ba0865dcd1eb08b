"""What a round found in every trade, whoever found it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count
from django.db.models.functions import Coalesce

from yicha.decide.planning import queries as planning
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import EnterpriseStatus
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import PROBLEM_CODES
from yicha.share.reporting import rules
from yicha.share.reporting.terms import CheckUp, Finding, Limits, Share, Trade

NUMBERS = ("check-up-least", "check-up-share", "check-up-change")


def get_check_up(round_: Any, today: date) -> CheckUp:
    """What the round found so far, by trade, beside what the round before found in the same trade."""
    findings = _list_findings(round_)
    limits = Limits(*(int(catalogue.get_number(code, today).value) for code in NUMBERS))
    former = _list_former(round_)
    sizes = _count_members({one.trade for one in findings}, {one.region for one in findings})
    trades = {
        row.code: Trade(row.code, row.name, sizes.get(row.code, 0), former.get(row.code))
        for row in registry.list_directories()
    }
    return rules.check_up(findings, trades, limits)


def find_round_before(round_: Any) -> Any:
    """The round with which this one is compared: the last one of an earlier quarter."""
    return planning.list_rounds().filter(code__lt=round_.code).first()


def _list_findings(round_: Any) -> list[Finding]:
    """Every item that was to be checked, in the trade (directory) that it was planned or prescribed for."""
    regions = dict(registry.list_regions().values_list("pk", "name"))
    trades: dict[tuple[int | None, int, int], str] = {
        (contact, agency, item): code
        for contact, agency, item, code in planning.list_demands(round_)
        .exclude(contact=None)
        .annotate(trade=Coalesce("entry__directory__code", "prescribed__directory__code"))
        .exclude(trade=None)
        .order_by("draw_id")
        .values_list("contact_id", "agency_id", "item_version_id", "trade")
    }
    names = dict(catalogue.list_versions().values_list("pk", "name"))
    rows = (
        visits.list_items_of_round(round_.code)
        .exclude(contact__state="spared")
        .values_list(
            *("contact_id", "agency_id", "item_version_id", "result_code"),
            *("contact__enterprise_id", "contact__enterprise__region_id"),
        )
    )
    return [
        Finding(
            trade=trades[contact, agency, item],
            region=regions.get(region, ""),
            agency=str(agency),
            item=names[item],
            has_result=bool(code),
            found=code in PROBLEM_CODES,
            enterprise=enterprise,
        )
        for contact, agency, item, code, enterprise, region in rows
        if (contact, agency, item) in trades
    ]


def _list_former(round_: Any) -> dict[str, Share]:
    """By trade, what the round before found: its enterprises."""
    before = find_round_before(round_)
    if before is None:
        return {}
    found = rules.check_up(
        _list_findings(before),
        {row.code: Trade(row.code, row.name, 0) for row in registry.list_directories()},
        Limits(1, 100, 100),
    )
    return {one.trade.code: one.whole for one in found.trades if one.whole.checked}


def _count_members(codes: Iterable[str], regions: Iterable[str]) -> dict[str, int]:
    """Active enterprises of these directories in these regions, in one pass over them."""
    wanted = list(registry.list_directories().filter(code__in=list(codes)))
    counts = {f"size_{row.pk}": Count("pk", filter=registry.is_named_by(row)) for row in wanted}
    there = registry.list_enterprises().filter(
        status=EnterpriseStatus.ACTIVE.value, region__name__in=list(regions)
    )
    found = there.order_by().aggregate(**counts) if counts else {}
    return {row.code: found[f"size_{row.pk}"] for row in wanted}
