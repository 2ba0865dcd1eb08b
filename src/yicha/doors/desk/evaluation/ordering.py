"""Measuring orderings of a table that somebody sends: the file is read and forgotten, the report stays for a while."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors import charts
from yicha.doors.desk.pages import DeskView, FormPage
from yicha.kernel.refusal import Reason, Refused
from yicha.share.evaluation import queries, services
from yicha.share.evaluation.terms.ordering import (
    STEPS,
    Added,
    Measured,
    Ordering,
    OrderingReport,
    Question,
    Role,
    Section,
)

KEPT = "evaluation.ordering"
"""Where a session keeps its last report."""
MOST_BYTES = 20 * 1024 * 1024
WORDS = {
    Ordering.SCORE: gettext_lazy("Score of the table"),
    Ordering.RULE: gettext_lazy("Rule: past findings"),
    Ordering.LOGISTIC: gettext_lazy("Logistic regression"),
    Ordering.BOOSTING: gettext_lazy("Gradient boosting"),
    Ordering.LOGISTIC_OFFICER: gettext_lazy("Logistic regression, with officer"),
    Ordering.BOOSTING_OFFICER: gettext_lazy("Gradient boosting, with officer"),
    Ordering.OFFICER: gettext_lazy("Officer identity alone"),
    Ordering.ORACLE: gettext_lazy("Oracle"),
}
TONES = {
    Ordering.SCORE: "seal",
    Ordering.RULE: "violet",
    Ordering.LOGISTIC: "indigo",
    Ordering.BOOSTING: "seal",
    Ordering.OFFICER: "amber",
    Ordering.ORACLE: "jade",
    Ordering.LOGISTIC_OFFICER: "",
    Ordering.BOOSTING_OFFICER: "",
}
BY_OFFICER = (Ordering.OFFICER, Ordering.LOGISTIC_OFFICER, Ordering.BOOSTING_OFFICER)
NOT_DRAWN = (Ordering.LOGISTIC_OFFICER, Ordering.BOOSTING_OFFICER)
"""More lines than there are colours cannot be told apart; the table behind the picture has them."""
ROLES = {
    Role.DATE: gettext_lazy("Day of the inspection"),
    Role.FOUND: gettext_lazy("Something found"),
    Role.OBJECT: gettext_lazy("What was inspected"),
    Role.OFFICER: gettext_lazy("Who inspected"),
    Role.SCORE: gettext_lazy("Score"),
    Role.SPLIT: gettext_lazy("Test or train"),
}
_DAY = forms.DateInput(attrs={"type": "date"})


class TableForm(forms.Form):
    """A table of past inspections, and what is asked of it."""

    file = forms.FileField(
        label=gettext_lazy("Table of past inspections"),
        help_text=gettext_lazy(
            "CSV or XLSX up to 20 MB: a day, whether something was found, and best also what was inspected, by whom, "
            "and anything known beforehand. The file is not kept. Larger ones: yicha evaluate ordering."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    with_officer = forms.BooleanField(
        label=gettext_lazy("Also learn from who inspected"),
        help_text=gettext_lazy("The report then says what that adds."),
        required=False,
    )
    test_from = forms.DateField(
        label=gettext_lazy("Measure inspections from"),
        help_text=gettext_lazy("Everything before is learnt from. Empty: the last quarter of the time."),
        widget=_DAY,
        required=False,
    )
    test_until = forms.DateField(label=gettext_lazy("Measure inspections until"), widget=_DAY, required=False)
    features = forms.CharField(
        label=gettext_lazy("Learn from these columns only"),
        help_text=gettext_lazy("Headers, separated by commas. Empty: all that give nothing away."),
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for role, words in ROLES.items():
            self.fields[role.value] = forms.CharField(label=words, required=False)

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """Which header is what, if its name does not say it."""
        return [self[role.value] for role in ROLES]

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """Everything else."""
        return [field for field in self if field.name not in set(ROLES)]

    @property
    def has_columns(self) -> bool:
        """Whether a header was named, or one must be."""
        return any(field.value() or field.errors for field in self.column_fields)

    def question(self) -> Question:
        """What is asked."""
        data = self.cleaned_data
        names = data["features"].replace("，", ",").split(",")
        return Question(
            columns={role: data[role.value].strip() for role in Role if data[role.value].strip()},
            features=tuple(name.strip() for name in names if name.strip()),
            with_officer=data["with_officer"],
            test_from=data["test_from"],
            test_until=data["test_until"],
        )


class NewEvaluation(FormPage):
    """Send a table; its report is the next page."""

    action = "evaluation.run"
    title = gettext_lazy("How much earlier would another order find it?")
    form_class = TableForm
    submit = gettext_lazy("Measure")
    template_name = "desk/evaluation/new.html"

    def context(self) -> dict[str, Any]:
        return {"has_report": KEPT in self.request.session}

    def act(self, form: Any) -> str:
        sent = form.cleaned_data["file"]
        if sent.size is None or sent.size > MOST_BYTES:
            raise Refused(
                [
                    Reason(
                        "evaluation.file-too-large",
                        "The file is larger than 20 MB. Use the command yicha evaluate ordering.",
                        at_field="file",
                    )
                ]
            )
        with tempfile.NamedTemporaryFile() as place:
            for piece in sent.chunks():
                place.write(piece)
            place.flush()
            report = services.evaluate_ordering(
                path=Path(place.name), name=sent.name or "", question=form.question()
            )
        self.request.session[KEPT] = queries.keep(report)
        return reverse("desk:evaluation:report")


@dataclass(frozen=True)
class Line:
    """One ordering as the page draws it."""

    label: str
    days: str
    first_half: str
    within: str
    tone: str
    words: str


@dataclass(frozen=True)
class Part:
    """One set of inspections: its heading, its lines and its picture."""

    title: str
    section: Section
    lines: list[Line]
    chart: charts.Chart


class Report(DeskView):
    """The last report of this session: a table of orderings, the findings over the inspections, what to know of it."""

    action = "evaluation.run"
    title = gettext_lazy("Orderings measured")
    template_name = "desk/evaluation/report.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kept = request.session.get(KEPT)
        if kept is None:
            return redirect("desk:evaluation:ordering")
        return self._show(queries.restore(kept))

    def _show(self, report: OrderingReport) -> HttpResponse:
        parts = [_part(number, section) for number, section in enumerate(report.sections)]
        context = {
            "report": report,
            "parts": parts,
            "pictures": [part.chart for part in parts],
            "columns": [(ROLES[role], header) for role, header in report.columns.items()],
            "added": [(str(WORDS[one.ordering]), _signed(one.days), _interval(one)) for one in report.added],
            "may_compare": self.may("evaluation.officers"),
        }
        return self.show(context=context)


def _part(number: int, section: Section) -> Part:
    title = _("The whole table: the score came with it") if section.whole else _("The part after")
    chance = section.chance
    lines = [
        Line(_("As it was"), "0.00", _share(section.first_half_as_it_was), "–", "", ""),
        Line(
            _("Chance (95 %% of orders: %(low)s to %(high)s)")
            % {"low": f"{chance.low:.2f}", "high": f"{chance.high:.2f}"},
            f"{chance.mean:.2f}",
            _share(chance.first_half),
            "–",
            "",
            "",
        ),
        *(_line(one) for one in section.measured),
    ]
    return Part(title, section, lines, _draw(number, section))


def _line(one: Measured) -> Line:
    within = "–" if one.within_officers is None else f"{one.within_officers:.2f}"
    if one.ordering is Ordering.ORACLE:
        tone, words = "", ""
    elif one.beats_random and one.ordering in BY_OFFICER:
        tone, words = "due", _("better than chance, also by choosing officers")
    elif one.beats_random:
        tone, words = "done", _("better than chance")
    else:
        tone, words = "due", _("not better than chance")
    return Line(
        str(WORDS[one.ordering]), f"{one.days_earlier:.2f}", _share(one.first_half), within, tone, words
    )


def _draw(number: int, section: Section) -> charts.Chart:
    """The share of findings over the share of inspections, an ordering per line."""
    steps = [f"{100 * step // STEPS} %" for step in range(STEPS + 1)]
    even = [round(100 * step / STEPS, 1) for step in range(STEPS + 1)]
    series = [charts.Series(_("Chance"), even, "slate")]
    series += [
        charts.Series(
            WORDS[one.ordering], [round(100 * share, 1) for share in one.curve], TONES[one.ordering]
        )
        for one in section.measured
    ]
    whole = charts.line(f"findings-{number + 1}", _("Inspections made"), steps, series, unit="%")
    hidden = {str(WORDS[one]) for one in NOT_DRAWN}
    if section.find(Ordering.SCORE):
        hidden.add(str(WORDS[Ordering.BOOSTING]))  # its colour is the score's
    drawn = [one for one in series if str(one.label) not in hidden]
    picture = charts.line(whole.name, _("Inspections made"), steps, drawn, unit="%")
    return replace(whole, payload=picture.payload)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _signed(days: float) -> str:
    return f"{days:+.2f}"


def _interval(one: Added) -> str:
    return f"{one.low:+.2f} … {one.high:+.2f}"
