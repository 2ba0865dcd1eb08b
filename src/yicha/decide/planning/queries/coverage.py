"""Coverage: planned and drawn against the floor (2 % a year), by region and in all."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q, Sum

from yicha.decide.planning.models import Demand, EntryStratum
from yicha.decide.planning.terms import CoverageReport, CoverageRow, DemandState, PlanState
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import EnterpriseStatus


def get_coverage(year: int, on: date) -> CoverageReport:
    """What plans of a year mean to draw and what has been drawn, against the floor in force on a date.

    Planned: objects of published plans, and of first versions that are submitted or approved (the next version of a
    published plan would count twice). One enterprise that two entries draw counts twice; drawn counts it once.
    Regions without an enterprise are left out.
    """
    floor = catalogue.get_number("coverage-floor", on)
    sizes = dict(
        registry.list_enterprises()
        .filter(status=EnterpriseStatus.ACTIVE.value)
        .order_by()
        .values_list("region__code")
        .annotate(size=Count("id"))
    )
    planned = dict(
        EntryStratum.objects.filter(counted_plans(), entry__plan__year=year)
        .values_list("region__code")
        .annotate(total=Sum("expected"))
    )
    drawn = dict(
        Demand.objects.filter(round__year=year)
        .exclude(state=DemandState.WITHDRAWN.value)
        .values_list("enterprise__region__code")
        .annotate(total=Count("enterprise_id", distinct=True))
    )
    names = {region.code: region.name for region in registry.list_regions()}
    rows = tuple(
        CoverageRow(code, names[code], sizes[code], planned.get(code, 0), drawn.get(code, 0), floor.value)
        for code in sorted(code for code in sizes if code)
    )
    total = CoverageRow("", "", sum(sizes.values()), sum(planned.values()), sum(drawn.values()), floor.value)
    return CoverageReport(year, total, rows, floor.source, floor.is_ours)


def counted_plans() -> Q:
    """Of strata: whose plan is published, or a first version on its way."""
    return Q(entry__plan__state=PlanState.PUBLISHED.value) | Q(
        entry__plan__state__in=[PlanState.SUBMITTED.value, PlanState.APPROVED.value], entry__plan__version=1
    )
