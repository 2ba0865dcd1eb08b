"""What is said to a part: it comes, it does not come, it checks without going; and what the office makes of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.scheduling.queries import answers as queries
from yicha.decide.scheduling.services import answers as services
from yicha.doors.desk.answers.tables import AnswerFilter
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.kernel import clock

EXAMPLES = 8


class BecauseForm(forms.Form):
    """Why."""

    because = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 4})
    )


class ManyForm(forms.Form):
    """How many the person was shown: the service refuses when it is another number by then."""

    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class OneAnswer(DeskView):
    """A page about one part, on which the person may do the page's action."""

    @cached_property
    def answer(self) -> Any:
        """The part of the address."""
        return accounts.get_allowed(queries.find_answer(self.kwargs["uuid"]), self.person, self.action)

    def back(self) -> str:
        return reverse("desk:answers:object", args=[self.kwargs["uuid"]])


class Accept(OneAnswer, ActView):
    """The agency comes."""

    action = "schedule.answer"

    def act(self) -> str:
        services.accept(actor=self.actor, now=clock.now(), answer=self.answer)
        self.done(_("Accepted. When all agencies have answered, the visit is prepared and approved."))
        return self.back()


class AcceptPicked(ActView):
    """The agency comes to everything that was ticked; what the person may not answer is not touched."""

    action = "schedule.answer"

    def act(self) -> str:
        picked = [key for key in self.request.POST.getlist("picked") if key.isdigit()]
        rows = accounts.scoped(queries.list_open(), self.person, self.action).filter(pk__in=picked)
        count = services.accept_all(actor=self.actor, now=clock.now(), answers=rows, expected=rows.count())
        self.done(_accepted(count))
        return reverse("desk:answers:list")


class AcceptMany(FormPage):
    """The agency comes to everything that fits the filters in the address."""

    action = "schedule.answer"
    title = gettext_lazy("Accept all that fit")
    submit = gettext_lazy("Accept them all")
    form_class = ManyForm
    template_name = "desk/answers/many.html"

    def chosen(self) -> QuerySet[Any]:
        """The open parts that the person may answer and that fit."""
        mine = accounts.scoped(queries.list_open(), self.person, self.action)
        found: QuerySet[Any] = AnswerFilter(self.request.GET, queryset=mine, request=self.request).qs
        return found

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"expected": self.chosen().order_by().count()}}

    def context(self) -> dict[str, Any]:
        chosen = self.chosen()
        count = chosen.order_by().count()
        return {"count": count, "examples": chosen[:EXAMPLES], "more": max(0, count - EXAMPLES)}

    def back(self) -> str:
        return f"{reverse('desk:answers:list')}?{self.request.GET.urlencode()}"

    def act(self, form: Any) -> str:
        count = services.accept_all(
            actor=self.actor,
            now=clock.now(),
            answers=self.chosen(),
            expected=form.cleaned_data["expected"],
        )
        self.done(_accepted(count))
        return reverse("desk:answers:list")


def _accepted(count: int) -> str:
    words = ngettext("%(count)s part accepted.", "%(count)s parts accepted.", count)
    return words % {"count": count}


class Because(OneAnswer, FormPage):
    """Something that needs a reason."""

    form_class = BecauseForm
    template_name = "desk/answers/because.html"
    lead: Any = ""

    def make_form(self) -> Any:
        self.answer  # noqa: B018 - who may not answer finds no form either
        return super().make_form()

    def context(self) -> dict[str, Any]:
        return {"answer": self.answer, "lead": self.lead}


class Decline(Because):
    """The agency does not come."""

    action = "schedule.answer"
    title = gettext_lazy("Decline the part")
    submit = pgettext_lazy("answer", "Decline")
    lead = gettext_lazy(
        "The visit goes on with the other agencies; without any it is cancelled. Your checks wait again, and the "
        "coordination office decides what becomes of them."
    )

    def act(self, form: Any) -> str:
        services.decline(actor=self.actor, now=clock.now(), answer=self.answer, **form.cleaned_data)
        self.done(_("Declined. The coordination office decides what becomes of the checks."))
        return self.back()


class MoveOffSite(Because):
    """The agency checks without going."""

    action = "schedule.answer"
    title = gettext_lazy("Move the part off site")
    submit = gettext_lazy("Move off site")
    lead = gettext_lazy(
        "Your items leave the visit and are recorded as spared: you check them from data or papers, nobody enters."
    )

    def act(self, form: Any) -> str:
        services.move_off_site(actor=self.actor, now=clock.now(), answer=self.answer, **form.cleaned_data)
        self.done(_("Moved off site. The checks are recorded as spared."))
        return self.back()


class LetFall(Because):
    """The office agrees: the declined checks fall away this quarter."""

    action = "schedule.keep"
    title = gettext_lazy("Let the checks fall")
    submit = gettext_lazy("Let them fall")
    lead = gettext_lazy(
        "The checks are withdrawn this quarter. To have them made after all, match the round anew instead: they "
        "join a visit, and the agency is asked again."
    )

    def act(self, form: Any) -> str:
        count = services.let_fall(actor=self.actor, now=clock.now(), answer=self.answer, **form.cleaned_data)
        words = ngettext("%(count)s check withdrawn.", "%(count)s checks withdrawn.", count)
        self.done(words % {"count": count})
        return self.back()
