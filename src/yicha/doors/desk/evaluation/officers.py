"""How drawn officers compare: for training and calibration, to coordination offices only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors import charts
from yicha.doors.desk.pages import DeskView
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.share.evaluation import queries
from yicha.share.evaluation.terms.officers import AgencyComparison, OfficerRate

SEED = 1
"""Of the test of spread: the same page twice says the same."""
_DAY = forms.DateInput(attrs={"type": "date"})


class PeriodForm(forms.Form):
    """Which agency, and visits of which days."""

    agency = forms.ChoiceField(label=gettext_lazy("agency"), required=False)
    since = forms.DateField(label=gettext_lazy("from"), widget=_DAY, required=False)
    until = forms.DateField(label=gettext_lazy("until"), widget=_DAY, required=False)

    def __init__(self, *args: Any, agencies: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["agency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all agencies")), *agencies.items()]


@dataclass(frozen=True)
class Row:
    """One officer as the page draws it."""

    rate: OfficerRate
    name: str

    @property
    def label(self) -> str:
        return f"{self.rate.officer} {self.name}".strip()

    @property
    def shown(self) -> str:
        return say(self.rate.rate)

    @property
    def interval(self) -> str:
        return f"{100 * self.rate.low:.1f} – {100 * self.rate.high:.1f} %"

    @property
    def expected(self) -> str:
        return say(self.rate.expected_rate)

    @property
    def estimate(self) -> str:
        return say(self.rate.estimate)

    @property
    def p_value(self) -> str:
        return probability(self.rate.p_value)


@dataclass(frozen=True)
class Group:
    """One agency: its name, what its officers' spread says, its officers and their picture."""

    name: str
    compared: AgencyComparison
    spread: str
    spread_p: str
    rows: list[Row]
    chart: charts.Chart


class Officers(DeskView):
    """Visits, findings, rate with interval, and what the same visits would give if it did not matter who goes."""

    action = "evaluation.officers"
    title = gettext_lazy("Officers compared")
    template_name = "desk/evaluation/officers.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        agencies = queries.list_readable_agencies(self.person)
        if not agencies:
            raise NotFound
        form = PeriodForm(request.GET or None, agencies=agencies)
        asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
        chosen = [asked["agency"]] if asked.get("agency") else list(agencies)
        report = queries.compare_officers(
            agencies=chosen, since=asked.get("since"), until=asked.get("until"), seed=SEED
        )
        names = queries.list_names(
            self.person, [one.officer for agency in report.agencies for one in agency.officers]
        )
        compared = [one for one in report.agencies if one.spread_p is not None]
        groups = [_group(one, agencies[one.agency], names) for one in compared]
        context = {
            "form": form,
            "report": report,
            "groups": groups,
            "alone": [(agencies[one.agency], one) for one in report.agencies if one.spread_p is None],
            "pictures": [group.chart for group in groups],
            "now": clock.now(),
        }
        return self.show(context=context)


def _group(compared: AgencyComparison, name: str, names: dict[str, str]) -> Group:
    rows = [Row(rate, names.get(rate.officer, "")) for rate in compared.officers]
    spread = say(compared.spread) if compared.spread else ""
    chance = "" if compared.spread_p is None else probability(compared.spread_p)
    return Group(name, compared, spread, chance, rows, _draw(compared.agency, rows))


def _draw(agency: str, rows: list[Row]) -> charts.Chart:
    """Rate, estimate and what was expected as bars; the table behind also has the numbers they come from."""
    labels = [row.label for row in rows]
    figures: list[tuple[str, list[float]]] = [
        (_("Visits"), [row.rate.visits for row in rows]),
        (_("With findings"), [row.rate.findings for row in rows]),
        (_("95 % interval from"), [_percent(row.rate.low) for row in rows]),
        (_("95 % interval to"), [_percent(row.rate.high) for row in rows]),
        ("p", [round(row.rate.p_value, 4) for row in rows]),
    ]
    bars = [
        charts.Series(_("Finding rate"), [_percent(row.rate.rate) for row in rows], "indigo"),
        charts.Series(_("Estimate"), [_percent(row.rate.estimate) for row in rows], "jade"),
        charts.Series(_("Expected"), [_percent(row.rate.expected_rate) for row in rows], "slate"),
    ]
    more = [charts.Series(label, values) for label, values in figures]
    name = f"officers-{agency}"
    whole = charts.bar(name, _("Certificate"), labels, [*bars, *more], unit="%")
    return replace(whole, payload=charts.bar(name, _("Certificate"), labels, bars, unit="%").payload)


def say(share: float) -> str:
    """A share as per cent with one decimal."""
    return f"{100 * share:.1f} %"


def probability(value: float) -> str:
    """A probability with three decimals; what is smaller is said to be smaller, never 0."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _percent(share: float) -> float:
    return round(100 * share, 1)
