"""The simulator of rates: what other rates would mean, before anybody sets them. It only reads."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.decide.planning import queries
from yicha.decide.planning.terms import Cell, Expected, SimulatedRow, Simulation, TriedRate
from yicha.doors.charts import Chart, Series, bar
from yicha.doors.desk.numbers.tables import plain
from yicha.doors.desk.pages import DeskView
from yicha.doors.desk.quarters import list_quarters
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry

FIELD = "try"
"""Before list and class in the name of a field of the grid."""


class PeriodForm(forms.Form):
    """Where and when."""

    place = forms.ChoiceField(label=gettext_lazy("region or zone"))
    year = forms.TypedChoiceField(label=gettext_lazy("year"), coerce=int)
    quarter = forms.TypedChoiceField(
        label=gettext_lazy("quarter"), coerce=int, required=False, empty_value=""
    )

    def __init__(self, given: Any, this_year: int) -> None:
        zones = [(f"zone:{row.code}", row.name) for row in registry.list_zones()]
        regions = [(f"region:{row.code}", row.name) for row in registry.list_regions()]
        first = next((place for place, _name in [*zones, *regions]), "")
        data = {"place": first, "year": str(this_year), "quarter": "", **given}
        super().__init__({name: data[name] for name in ("place", "year", "quarter")})
        choices: Mapping[str, list[tuple[str, Any]]] = {
            "place": [*zones, *regions],
            "year": [(str(number), str(number)) for number in range(this_year - 1, this_year + 3)],
            "quarter": [("", _("whole year")), *((str(number), words) for number, words in list_quarters())],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]


class Simulator(DeskView):
    """Choose a place and a time, try rates, and see visits, findings and coverage beside those of now."""

    action = "plan.view"
    title = gettext_lazy("Simulate other rates")
    template_name = "desk/numbers/simulator.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = clock.today(clock.now())
        form = PeriodForm(request.GET.dict(), today.year)
        context: dict[str, Any] = {"form": form, "may_edit": self.may("catalogue.edit"), "today": today}
        if not form.is_valid():
            return self.show(context=context, status=422)
        given = form.cleaned_data
        tried, wrong = read_tried(request.GET.dict())
        kind, _colon, code = given["place"].partition(":")
        made = queries.simulate_rates(
            period=queries.Period(given["year"], given["quarter"] or 0),
            today=today,
            tried=tried,
            **{kind: code},
        )
        return self.show(context=context | {"wrong": wrong, **describe(made)}, status=422 if wrong else 200)


def read_tried(given: Mapping[str, str]) -> tuple[dict[Cell, Decimal], list[str]]:
    """The shares that are tried, from fields `try.LIST.CLASS` in percent; and what is no percentage."""
    tried: dict[Cell, Decimal] = {}
    wrong = []
    for name, text in given.items():
        parts = name.split(".")
        if len(parts) != 3 or parts[0] != FIELD or not text.strip():
            continue
        try:
            percent = Decimal(text.strip())
        except InvalidOperation:
            percent = Decimal(-1)
        if percent.is_finite() and 0 <= percent <= 100:
            tried[Cell(parts[1], parts[2])] = (percent / 100).quantize(Decimal("0.0001"))
        else:
            wrong.append(text)
    return tried, wrong


def describe(made: Simulation) -> dict[str, Any]:
    """What the page shows of a simulation."""
    lists = {row.code: row.name for row in made.lists}
    cells = {
        row.cell: {"rate": row, "name": ".".join((FIELD, *row.cell))} | _shown(row) for row in made.rates
    }
    region = made.regions[0].code if len(made.regions) == 1 else ""
    return {
        "made": made,
        "total": _told(made.total),
        "regions": [_told(row) for row in made.regions],
        "grid": [
            (name, code in made.unplanned, [(letter, cells.get(Cell(code, letter))) for letter in "ABCD"])
            for code, name in lists.items()
        ],
        "by_region": _chart("by-region", _("region"), made.regions),
        "by_list": _chart("by-list", _("joint list"), made.lists),
        "proposals": [
            (lists[row.cell.joint_list], row, _propose(row, region))
            for row in made.rates
            if row.tried is not None and row.tried != row.before
        ],
    }


def _shown(row: TriedRate) -> dict[str, str]:
    found = row.finding
    shares = [found.share, found.low, found.high] if found else []
    share, low, high = [f"{value * 100:.0f}" for value in shares] or ["", "", ""]
    return {
        "share": f"{share} %",
        "span": f"{low}–{high}",
        "before": plain(row.before * 100) if row.before is not None else "",
        "tried": plain(row.tried * 100) if row.tried is not None else "",
    }


def _told(row: SimulatedRow) -> dict[str, Any]:
    """A row with its figures as people read them: findings with one decimal, a difference with its sign."""
    return {
        "row": row,
        "more": f"{row.more_visits:+,}" if row.more_visits else "±0",
        "before": _findings(row.before),
        "after": _findings(row.after),
    }


def _findings(expected: Expected) -> dict[str, str]:
    if expected.unknown == expected.visits:
        return {"value": "—", "span": ""}
    return {"value": f"{expected.findings:,.1f}", "span": f"{expected.low:,.1f}–{expected.high:,.1f}"}


def _chart(name: str, first: str, rows: tuple[SimulatedRow, ...]) -> Chart:
    return bar(
        name,
        first,
        [row.name for row in rows],
        [
            Series(_("visits with the rates in force"), [row.before.visits for row in rows]),
            Series(_("visits with the rates that are tried"), [row.after.visits for row in rows]),
        ],
        unit=_("visits"),
    )


def _propose(row: TriedRate, region: str) -> str:
    """The form of a new row, filled in."""
    given = {
        "joint_list": row.cell.joint_list,
        "risk_class": row.cell.risk_class,
        "percent": plain((row.tried or Decimal(0)) * 100),
        "region": region,
    }
    found = catalogue.find_rate(
        catalogue.list_rate_facts(),
        joint_list=row.cell.joint_list,
        risk_class=row.cell.risk_class,
        region=region,
        on=clock.today(clock.now()),
    )
    if found is not None:
        given |= {"method": found.method.value, "scope": found.scope.value}
        given["visits_a_year"] = str(found.visits_a_year or "")
    return f"{reverse('desk:numbers:new_rate')}?{urlencode(given)}"
