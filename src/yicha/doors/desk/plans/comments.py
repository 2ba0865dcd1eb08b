"""What other agencies say of a plan, and the answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.terms import Scope
from yicha.decide.planning import queries, services
from yicha.doors.desk.pages import DeskView, FormPage
from yicha.doors.desk.plans.acts import OnePlan
from yicha.doors.desk.plans.forms import FEW_LINES
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry


class CommentForm(forms.Form):
    """What an agency thinks of a plan."""

    agency = forms.ChoiceField(label=gettext_lazy("For which agency"))
    entry_number = forms.TypedChoiceField(
        label=gettext_lazy("Of which entry"), required=False, coerce=int, empty_value=None
    )
    text = forms.CharField(
        label=gettext_lazy("Comment"), max_length=2000, widget=forms.Textarea(attrs=FEW_LINES)
    )

    def __init__(self, *args: Any, agencies: list[Any], entries: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].choices = [(one.code, one.name) for one in agencies]  # type: ignore[attr-defined]
        self.fields["entry_number"].choices = [  # type: ignore[attr-defined]
            ("", _("of the whole plan")),
            *((entry.number, f"{entry.number} · {entry.title}") for entry in entries),
        ]


class AnswerForm(forms.Form):
    """What the planner answers."""

    text = forms.CharField(
        label=gettext_lazy("Answer"), max_length=2000, widget=forms.Textarea(attrs=FEW_LINES)
    )


def agencies_commenting(view: DeskView, plan: Any) -> list[Any]:
    """The agencies for which a person may comment on a plan: concerned by it, and not its own."""
    concerned = {*plan.agencies.all(), *plan.commenters.all()} - {plan.owner}
    codes = [agency.code for agency in concerned if may_comment(view, agency)]
    return list(registry.list_agencies().filter(code__in=codes))


def may_comment(view: DeskView, agency: Any) -> bool:
    """Whether a person may speak for an agency."""
    return accounts.may(view.person, "plan.comment", Scope(frozenset({agency.code}), agency.region.code))


class Comment(FormPage):
    """Say what an agency thinks of a submitted plan."""

    action = "plan.comment"
    title = gettext_lazy("Comment on the plan")
    form_class = CommentForm
    submit = gettext_lazy("Send the comment")
    template_name = "desk/plans/form.html"

    def plan(self) -> Any:
        """The plan of the address, if the person sees it."""
        return accounts.get_allowed(queries.get_plan(str(self.kwargs["uuid"])), self.person, "plan.view")

    def back(self) -> str:
        return reverse("desk:plans:tab", args=[self.kwargs["uuid"], "comments"])

    def context(self) -> dict[str, Any]:
        return {"plan": self.plan()}

    def form_options(self) -> dict[str, Any]:
        plan = self.plan()
        agencies = agencies_commenting(self, plan)
        if not agencies:
            raise NotFound
        return {"agencies": agencies, "entries": list(queries.list_entries(plan))}

    def act(self, form: Any) -> str:
        services.comment(actor=self.actor, now=clock.now(), plan=self.plan(), **form.cleaned_data)
        self.done(_("Sent. The planner is asked for an answer."))
        return self.back()


class Answer(OnePlan, FormPage):
    """Answer a comment."""

    action = "plan.edit"
    title = gettext_lazy("Answer the comment")
    form_class = AnswerForm
    submit = gettext_lazy("Send the answer")
    template_name = "desk/plans/answer.html"

    def comment(self) -> Any:
        """The comment of the address."""
        found = queries.find_comment(self.plan(), self.kwargs["comment"])
        if found is None:
            raise NotFound
        return found

    def back(self) -> str:
        return reverse("desk:plans:tab", args=[self.kwargs["uuid"], "comments"])

    def context(self) -> dict[str, Any]:
        return {"plan": self.plan(), "comment": self.comment()}

    def act(self, form: Any) -> str:
        services.answer_comment(
            actor=self.actor, now=clock.now(), comment=self.comment(), text=form.cleaned_data["text"]
        )
        self.done(_("Answered."))
        return self.back()
