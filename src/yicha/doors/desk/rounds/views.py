"""The eight steps of a round, the check-up of its trades, and signing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.planning import queries as planning
from yicha.doors.desk.pages import DeskView, FormPage, Words
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry
from yicha.share.reporting import queries, services
from yicha.share.reporting.terms import SIGNED, EightRow, EightStep, StepWords

MARKS = {"done": "done", "present": "now", "ahead": "next"}
NOTHING: dict[EightStep, Words] = {
    EightStep.PLAN: gettext_lazy("No plan has an entry for this quarter yet."),
    EightStep.DISPATCH: gettext_lazy("Nothing to send before plans are published."),
    EightStep.DRAW: gettext_lazy("Nothing to draw before plans are published."),
    EightStep.ASSIGN: gettext_lazy("No visit is matched yet."),
    EightStep.INSPECT: gettext_lazy("No visit is matched yet."),
    EightStep.CHECK_UP: gettext_lazy("No visit is matched yet."),
    EightStep.PUBLISH: gettext_lazy("No visit is matched yet."),
    EightStep.REPORT: gettext_lazy("No visit is matched yet."),
}
"""What is said of a step that has nothing to do yet."""
PROGRESS: dict[EightStep, Words] = {
    EightStep.PLAN: gettext_lazy("%(done)s of %(of)s entries of this quarter are published"),
    EightStep.DISPATCH: gettext_lazy("%(done)s of %(of)s tasks sent"),
    EightStep.DRAW: gettext_lazy("%(done)s of %(of)s draws have their result"),
    EightStep.ASSIGN: gettext_lazy("%(done)s of %(of)s parts of visits have their officers"),
    EightStep.INSPECT: gettext_lazy("%(done)s of %(of)s visits are made"),
    EightStep.CHECK_UP: gettext_lazy("%(done)s of %(of)s checks have a result"),
    EightStep.PUBLISH: gettext_lazy("%(done)s of %(of)s visits have their result published"),
    EightStep.REPORT: gettext_lazy("%(done)s of %(of)s visits are made"),
}
NEWER: dict[EightStep, Words] = {
    EightStep.DISPATCH: gettext_lazy("%(count)s tasks came after it was signed"),
    EightStep.CHECK_UP: gettext_lazy("%(count)s results came after it was signed"),
    EightStep.REPORT: gettext_lazy("%(count)s visits were made after it was signed"),
}
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
    words: StepWords
    mark: str
    progress: str
    newer: str
    list_url: str
    paper_url: str
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
    counted = row.counted
    numbers = {"done": f"{counted.done:,}", "of": f"{counted.of:,}"}
    signing = may_sign and row.step in SIGNED and bool(counted.of)
    return Shown(
        number,
        row,
        queries.describe(row.step),
        MARKS[row.state],
        str(PROGRESS[row.step]) % numbers if counted.of else str(NOTHING[row.step]),
        str(NEWER[row.step]) % {"count": f"{row.newer:,}"} if row.newer else "",
        _list_url(row.step, round_) if counted.of else "",
        _paper_url(row, round_),
        reverse("desk:rounds:sign", args=[round_.code, row.step.value]) if signing else "",
        SIGNING.get(row.step, ""),
    )


def _list_url(step: EightStep, round_: Any) -> str:
    """The list behind a step's numbers."""
    of_round = f"{reverse('desk:visits:list')}?round={round_.code}"
    addresses = {
        EightStep.PLAN: f"{reverse('desk:plans:list')}?year={round_.year}",
        EightStep.DISPATCH: f"{reverse('desk:plans:list')}?year={round_.year}&state=published",
        EightStep.DRAW: reverse("desk:matching:tab", args=[round_.code, "draws"]),
        EightStep.ASSIGN: reverse("desk:matching:visits", args=[round_.code]),
        EightStep.INSPECT: of_round,
        EightStep.CHECK_UP: reverse("desk:rounds:check_up", args=[round_.code]),
        EightStep.PUBLISH: reverse("desk:results:list"),
        EightStep.REPORT: of_round,
    }
    return addresses[step]


def _paper_url(row: EightRow, round_: Any) -> str:
    """Where a step's document is; empty as long as there is none."""
    if row.document:
        return reverse("desk:rounds:document", args=[row.document])
    if row.step in SIGNED or not row.counted.done:
        return ""
    draws = reverse("desk:matching:tab", args=[round_.code, "draws"])
    addresses = {
        EightStep.PLAN: f"{reverse('desk:plans:list')}?year={round_.year}&state=published",
        EightStep.DRAW: draws,
        EightStep.ASSIGN: draws,
        EightStep.INSPECT: f"{reverse('desk:visits:list')}?round={round_.code}&state=closed",
        EightStep.PUBLISH: f"{reverse('desk:results:list')}?clock=published",
    }
    return addresses[row.step]


class CheckUp(OfRound):
    """What the round found so far: all trades beside each other."""

    action = "report.view"
    title = gettext_lazy("Check-up of the trades")
    template_name = "desk/rounds/check_up.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        round_ = self.round
        made = queries.get_check_up(round_, clock.today(clock.now()))
        trades = [one for one in made.trades if one.whole.checked]
        context = {
            "round": round_,
            "made": made,
            "trades": trades,
            "waiting": len(made.trades) - len(trades),
            "before": queries.find_round_before(round_),
        }
        return self.show(context=context)


class Trade(OfRound):
    """What the round found so far in one trade: by item, by region, and what that advises."""

    action = "report.view"
    template_name = "desk/rounds/trade.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        round_ = self.round
        made = queries.get_check_up(round_, clock.today(clock.now()))
        found = next((one for one in made.trades if one.trade.code == self.kwargs["trade"]), None)
        if found is None:
            raise NotFound
        context = {
            "title": found.trade.name,
            "round": round_,
            "trade": found,
            "made": made,
            "before": queries.find_round_before(round_),
            "advice": [queries.say_advice(one) for one in found.advised],
        }
        return self.show(context=context)


class RemarksForm(forms.Form):
    """What is said in a document beside its numbers."""

    words = forms.CharField(
        label=gettext_lazy("remarks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "Printed at the end. While visits or other steps are open, it says why this is signed all the same."
        ),
    )


class Sign(FormPage):
    """Sign the document of a step."""

    action = "report.sign"
    form_class = RemarksForm
    template_name = "desk/rounds/sign.html"

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

    def signing(self) -> Any:
        """The round of the address, if this person may sign its documents."""
        round_ = planning.get_round(self.kwargs["code"])
        accounts.require(self.person, self.action, round_.run_scope)
        return round_

    def context(self) -> dict[str, Any]:
        round_ = self.signing()
        return {"round": round_, "paper": queries.describe(self.step).paper, "step": self.step.value}

    def act(self, form: Any) -> str:
        made = services.sign_step(
            actor=self.actor,
            now=clock.now(),
            round_=self.signing(),
            step=self.step,
            words=form.cleaned_data["words"],
        )
        words = _("%(paper)s, version %(version)s, is signed and was sent to every agency of the round.")
        self.done(words % {"paper": queries.describe(self.step).paper, "version": made.version})
        return self.back()


class Draft(Sign):
    """What would be signed now, marked as a draft; nothing is kept."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pages = queries.set_draft(self.signing(), self.step, clock.now())
        return _pdf(pages, f"{self.kwargs['code']}-{self.step.value}-draft.pdf")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        raise NotFound


class Paper(DeskView):
    """A signed document as PDF."""

    action = "report.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = queries.find_document(str(self.kwargs["uuid"]))
        if found is None:
            raise NotFound
        return _pdf(bytes(found.pages), f"{found.round.code}-{found.step}-{found.version}.pdf")


def _pdf(pages: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        pages,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
