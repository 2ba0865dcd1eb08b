"""The eight steps of a round, the check-up of its trades, and signing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.planning import queries as planning
from yicha.doors.desk.pages import DeskView, FormPage, Words
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry
from yicha.share.reporting import queries, services
from yicha.share.reporting.terms import SIGNED, EightRow, EightStep

MARKS = {"done": "done", "present": "now", "ahead": "next"}
STEPS: dict[EightStep, tuple[Words, Words]] = {
    EightStep.PLAN: (gettext_lazy("Plan once"), gettext_lazy("every agency")),
    EightStep.DISPATCH: (gettext_lazy("Send the tasks once"), gettext_lazy("organiser")),
    EightStep.DRAW: (gettext_lazy("Draw the enterprises once"), gettext_lazy("organiser, with every agency")),
    EightStep.ASSIGN: (gettext_lazy("Assign the people once"), gettext_lazy("organiser, with every agency")),
    EightStep.INSPECT: (gettext_lazy("Inspect once"), gettext_lazy("lead agencies")),
    EightStep.CHECK_UP: (gettext_lazy("Check up the whole trade once"), gettext_lazy("organiser")),
    EightStep.PUBLISH: (gettext_lazy("Publish once"), gettext_lazy("lead agencies")),
    EightStep.REPORT: (gettext_lazy("Report once"), pgettext_lazy("who", "organiser")),
}
"""By step: its name and who does it."""
SIGNING: dict[EightStep, Words] = {
    EightStep.DISPATCH: gettext_lazy("Sign and send the tasks"),
    EightStep.CHECK_UP: gettext_lazy("Sign the check-up"),
    EightStep.REPORT: gettext_lazy("Sign the report"),
}


@dataclass(frozen=True)
class Shown:
    """A step as the page draws it."""

    number: int
    row: EightRow
    title: Words
    owner: Words
    mark: str
    due_on: date | None
    list_url: str
    sign_url: str
    sign_words: Words


class Newest(DeskView):
    """To the newest round; where there is none, what to do."""

    action = "report.view"
    title = gettext_lazy("Eight done once")
    template_name = "desk/rounds/none.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        first = planning.list_rounds().first()
        return redirect("desk:rounds:object", first.code) if first else self.show()


class OfRound(DeskView):
    """A page of one round."""

    @property
    def round(self) -> Any:
        """The round of the address."""
        return planning.get_round(self.kwargs["code"])


class Eight(OfRound):
    """How far a round is, step by step, with owner, clock and document."""

    action = "report.view"
    template_name = "desk/rounds/eight.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        round_ = self.round
        today = clock.today(clock.now())
        may_sign = accounts.may(self.person, "report.sign", round_.run_scope)
        rows = queries.list_eight(round_, today)
        context = {
            "title": _("Round %(code)s") % {"code": round_.code},
            "round": round_,
            "rounds": planning.list_rounds()[:8],
            "organiser": registry.get_place_name(round_.organiser),
            "steps": [_shown(number, row, round_, may_sign) for number, row in enumerate(rows, start=1)],
            "done": sum(row.state == "done" for row in rows),
            "documents": queries.list_documents(round_),
        }
        return self.show(context=context)


def _shown(number: int, row: EightRow, round_: Any, may_sign: bool) -> Shown:
    title, owner = STEPS[row.step]
    signing = may_sign and row.step in SIGNED and bool(row.counted.of)
    return Shown(
        number,
        row,
        title,
        owner,
        MARKS[row.state],
        row.counted.due_on,
        _list_url(row.step, round_),
        reverse("desk:rounds:sign", args=[round_.code, row.step.value]) if signing else "",
        SIGNING.get(row.step, ""),
    )


def _list_url(step: EightStep, round_: Any) -> str:
    """The list behind a step's numbers."""
    addresses = {
        EightStep.PLAN: f"{reverse('desk:plans:list')}?year={round_.year}",
        EightStep.DRAW: reverse("desk:matching:tab", args=[round_.code, "draws"]),
        EightStep.ASSIGN: reverse("desk:matching:visits", args=[round_.code]),
        EightStep.INSPECT: f"{reverse('desk:visits:list')}?round={round_.code}",
        EightStep.CHECK_UP: reverse("desk:rounds:check_up", args=[round_.code]),
        EightStep.PUBLISH: reverse("desk:results:list"),
    }
    return addresses.get(step, "")


class CheckUp(OfRound):
    """What the round found in every trade so far."""

    action = "report.view"
    title = gettext_lazy("Check-up of the trades")
    template_name = "desk/rounds/check_up.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        round_ = self.round
        return self.show(context={"round": round_, "trades": queries.list_check_ups(round_)})


class RemarksForm(forms.Form):
    """What is said in a document beside its numbers."""

    words = forms.CharField(
        label=gettext_lazy("remarks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "Printed at the end. A report of a round with open steps must say why it ends."
        ),
    )


class Sign(FormPage):
    """Sign the document of a step."""

    action = "report.sign"
    form_class = RemarksForm

    @property
    def step(self) -> EightStep:
        """The step of the address; raises `NotFound` for those that are not signed here."""
        known = {one.value: one for one in SIGNED}
        if self.kwargs["step"] not in known:
            raise NotFound
        return known[self.kwargs["step"]]

    @property
    def title(self) -> Words:  # type: ignore[override]
        return SIGNING[self.step]

    @property
    def submit(self) -> Words:  # type: ignore[override]
        return SIGNING[self.step]

    def back(self) -> str:
        return reverse("desk:rounds:object", args=[self.kwargs["code"]])

    def act(self, form: Any) -> str:
        round_ = planning.get_round(self.kwargs["code"])
        accounts.require(self.person, self.action, round_.run_scope)
        services.sign_step(
            actor=self.actor, now=clock.now(), round_=round_, step=self.step, words=form.cleaned_data["words"]
        )
        return self.back()


class Paper(DeskView):
    """A signed document as PDF."""

    action = "report.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = queries.find_document(str(self.kwargs["uuid"]))
        if found is None:
            raise NotFound
        name = f"{found.round.code}-{found.step}-{found.version}.pdf"
        return HttpResponse(
            queries.print_document(found),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{name}"'},
        )
