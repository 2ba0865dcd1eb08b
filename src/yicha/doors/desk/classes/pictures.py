"""The pictures of classes: bars by place and industry, and flows from run to run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.doors import charts
from yicha.doors.charts import CLASS_TONES, Chart
from yicha.doors.desk.classes.words import link_list, name_class, name_industry
from yicha.doors.templatetags.look import on
from yicha.know.credit.queries import classes_pages as pages
from yicha.know.credit.queries.classes_pages import LETTERS, Counted


def draw_regions(counted: Sequence[Counted]) -> Chart:
    """Classes by region; every figure opens its list."""
    names = [one.name or _("the address names none") for one in counted]

    def link(one: Counted, letter: str) -> str:
        return link_list(region=one.key, risk_class=letter) if one.key else ""

    return _draw("regions", _("region"), counted, names, link)


def draw_industries(counted: Sequence[Counted]) -> Chart:
    """Classes by section or division."""

    def link(one: Counted, letter: str) -> str:
        return link_list(industry=one.key, risk_class=letter) if one.key else ""

    return _draw("industries", _("industry"), counted, [name_industry(one.key) for one in counted], link)


def draw_flows(
    runs: Sequence[Any], regions: Collection[str] | None, section: str = "", name: str = "flows"
) -> Chart:
    """What some runs moved, one after another; each change opens the list of whom it was."""
    flows = pages.list_stage_flows(runs, regions, section)
    stages = [_("before"), *(on(run.on) for run in runs)]
    drawn = [
        charts.Flow(
            name_class(flow.from_class),
            flow.to_class,
            flow.count,
            flow.stage,
            _link_changes(runs[flow.stage], flow.from_class, flow.to_class),
        )
        for flow in flows
    ]
    return charts.sankey(name, stages, drawn, unit=_("enterprises"), tones=CLASS_TONES)


def _link_changes(run: Any, before: str, after: str) -> str:
    """The list of changes of a run; who stayed, or was classified for the first time, changed nothing."""
    if not before or before == after:
        return ""
    query = urlencode({"run": run.uuid, "from_class": before, "to_class": after})
    return f"{reverse('desk:classes:changes')}?{query}"


def _draw(
    name: str,
    first: str,
    counted: Sequence[Counted],
    names: Sequence[str],
    link: Callable[[Counted, str], str],
) -> Chart:
    series = [
        charts.Series(
            letter,
            [one.counts[at] for one in counted],
            CLASS_TONES[letter],
            [link(one, letter) for one in counted],
        )
        for at, letter in enumerate(LETTERS)
    ]
    hrefs = [link(one, "") for one in counted]
    return charts.bar(name, first, names, series, unit=_("enterprises"), stacked=True, hrefs=hrefs)
