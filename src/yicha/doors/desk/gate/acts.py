"""What is done with an application. Each page asks for the right to do it to this application."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.gate import queries, services
from yicha.decide.gate.terms import ApplicationState
from yicha.doors.desk.gate.apply import asked_of
from yicha.doors.desk.gate.forms import AnswerForm, BecauseForm, DayField, PapersForm
from yicha.doors.desk.gate.words import state_words
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound


class OneApplication(DeskView):
    """A page about one application, on which the person may do the page's action."""

    def application(self) -> Any:
        """The application of the address; a foreign one and a missing one are the same."""
        found = queries.find_application(self.kwargs["uuid"])
        accounts.get_allowed(found, self.person, "gate.view")
        return accounts.get_allowed(found, self.person, self.action)

    def back(self) -> str:
        return reverse("desk:gate:object", args=[self.kwargs["uuid"]])

    def told(self, row: Any) -> str:
        """Say what the new verdict is, and go there."""
        self.done(_("Judged again: %(state)s.") % {"state": state_words(row.state)})
        return self.back()

    def done(self, words: str) -> None:
        raise NotImplementedError


class OneForm(OneApplication, FormPage):
    """A form about one application."""

    template_name = "desk/gate/form.html"

    def done(self, words: str) -> None:
        FormPage.done(self, words)

    def context(self) -> dict[str, Any]:
        return {"application": self.application()}


class Answer(OneForm):
    """Give the reasons that are asked for; the verdict follows at once."""

    action = "gate.apply"
    title = gettext_lazy("Give the reason")
    submit = gettext_lazy("Send the reason")
    form_class = AnswerForm

    def form_options(self) -> dict[str, Any]:
        verdict = queries.read_verdict(self.application())
        return {"wanted": dict(asked_of(verdict))}

    def act(self, form: Any) -> str:
        row = services.complete(
            actor=self.actor, now=clock.now(), application=self.application(), reasons=form.reasons
        )
        return self.told(row)


class Approve(OneApplication, ActView):
    """The head of the agency approves."""

    action = "gate.approve"

    def done(self, words: str) -> None:
        ActView.done(self, words)

    def act(self) -> str:
        row = services.complete(
            actor=self.actor,
            now=clock.now(),
            application=self.application(),
            reasons={},
            approved_by=str(self.person),
        )
        return self.told(row)


class DaysForm(forms.Form):
    """The days for which it is asked again."""

    from_on = DayField(label=gettext_lazy("First day"))
    until_on = DayField(label=gettext_lazy("Last day"))


class AskAgain(OneForm):
    """Ask again for what was deferred or reopened."""

    action = "gate.apply"
    title = gettext_lazy("Ask again")
    submit = gettext_lazy("Ask again")
    form_class = DaysForm

    def form_options(self) -> dict[str, Any]:
        row = self.application()
        today = clock.today(clock.now())
        first = max(today, row.until_on or row.window_from)
        last = max(row.window_until, first + timedelta(days=14))
        return {"initial": {"from_on": first, "until_on": last}}

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        row = services.ask_again(
            actor=self.actor,
            now=clock.now(),
            application=self.application(),
            from_on=given["from_on"],
            until_on=given["until_on"],
        )
        return self.told(row)


class Papers(OneForm):
    """Complete the papers of an emergency."""

    action = "gate.apply"
    title = gettext_lazy("Complete the papers")
    submit = gettext_lazy("Complete the papers")
    form_class = PapersForm

    def act(self, form: Any) -> str:
        services.complete_papers(
            actor=self.actor, now=clock.now(), application=self.application(), **form.cleaned_data
        )
        self.done(_("The papers are complete."))
        return self.back()


class Withdraw(OneForm):
    """Take an application back; the visit that it led to is given up."""

    action = "gate.apply"
    title = gettext_lazy("Withdraw the application")
    submit = gettext_lazy("Withdraw")
    form_class = BecauseForm

    def act(self, form: Any) -> str:
        services.withdraw(
            actor=self.actor,
            now=clock.now(),
            application=self.application(),
            because=form.cleaned_data["because"],
        )
        self.done(_("Withdrawn. Its code opens no door any more."))
        return self.back()


class Revoke(OneForm):
    """Revoke the code alone; the visit stays planned."""

    action = "gate.apply"
    title = gettext_lazy("Revoke the visit code")
    submit = gettext_lazy("Revoke the code")
    form_class = BecauseForm

    def act(self, form: Any) -> str:
        row = self.application()
        code = queries.find_live_code(row.contact) if row.contact else None
        if code is None or row.state not in (ApplicationState.GRANTED, ApplicationState.PAPERS_DUE):
            raise NotFound
        services.revoke_code(
            actor=self.actor, now=clock.now(), code=code, because=form.cleaned_data["because"]
        )
        self.done(_("Revoked. Whoever checks the code is told so."))
        return self.back()
