"""What officials do with an application. Each page asks for the right to do it before it shows a form."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.pages import DeskView, FormPage
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.credit import queries as records
from yicha.know.credit.queries import repairs as queries
from yicha.know.credit.services import repairs as services
from yicha.know.credit.terms.repairs import RepairRequest
from yicha.share.repair import services as endings

WORDS = forms.Textarea(attrs={"rows": 3, "maxlength": 500})


class OneRepair(DeskView):
    """A page about one application, on which the person may do the page's action."""

    template_name: str = "desk/repairs/act.html"
    hint: ClassVar[Any] = ""

    def repair(self) -> Any:
        return accounts.get_allowed(queries.find_repair(self.kwargs["uuid"]), self.person, self.action)

    def back(self) -> str:
        return reverse("desk:repairs:object", args=[self.kwargs["uuid"]])


class Step(OneRepair, FormPage):
    """One step of one application."""

    template_name = "desk/repairs/act.html"

    def context(self) -> dict[str, Any]:
        repair = self.repair()
        return {"repair": repair, "crumb": repair.number, "crumb_url": self.back(), "hint": self.hint}


class WordsForm(forms.Form):
    """Words that the applicant is told."""

    words = forms.CharField(
        label=pgettext_lazy("what the applicant is told", "in words"),
        max_length=500,
        widget=WORDS,
        help_text=gettext_lazy("The applicant is told these words. The class is internal: do not name it."),
    )


class DecisionForm(WordsForm):
    """Granted or refused, and why."""

    is_granted = forms.ChoiceField(
        label=gettext_lazy("decision"),
        choices=[("yes", gettext_lazy("grant: the record's effect ends")), ("no", gettext_lazy("refuse"))],
        widget=forms.RadioSelect,
    )
    field_order = ("is_granted", "words")


class Accept(Step):
    """The application is complete."""

    action = "repair.accept"
    title = gettext_lazy("Accept the application")
    submit = pgettext_lazy("repair", "Accept")
    form_class = forms.Form
    hint = gettext_lazy("It has grounds, evidence and pledge. The clock of the decision begins today.")

    def act(self, form: Any) -> str:
        repair = services.accept(actor=self.actor, now=clock.now(), repair=self.repair())
        self.done(_("Accepted. It is to be decided by %(day)s.") % {"day": repair.decide_by})
        return self.back()


class SendBack(Step):
    """Something is missing."""

    action = "repair.accept"
    title = gettext_lazy("Return the application")
    submit = pgettext_lazy("repair", "Return")
    form_class = WordsForm
    hint = gettext_lazy("Say what is missing. The enterprise hands it in again under the same number.")

    def act(self, form: Any) -> str:
        services.send_back(actor=self.actor, now=clock.now(), repair=self.repair(), **form.cleaned_data)
        self.done(_("Returned; the enterprise is told what is missing."))
        return self.back()


class Decide(Step):
    """Grant, and end the record in every use at once; or refuse."""

    action = "repair.decide"
    title = gettext_lazy("Decide on the repair")
    submit = gettext_lazy("Decide")
    form_class = DecisionForm
    hint = gettext_lazy(
        "When it is granted, the record is neither published nor shared nor used from this moment on."
    )

    def act(self, form: Any) -> str:
        granted = form.cleaned_data["is_granted"] == "yes"
        endings.decide(
            actor=self.actor,
            now=clock.now(),
            repair=self.repair(),
            is_granted=granted,
            words=form.cleaned_data["words"],
        )
        if granted:
            self.done(
                _("Granted. Every use has let go of the record; the receipts are below. Answer it now.")
            )
        else:
            self.done(_("Refused. Answer it now: the applicant is told why."))
        return self.back()


class Answer(Step):
    """Tell who applied."""

    action = "repair.accept"
    title = gettext_lazy("Answer the applicant")
    submit = pgettext_lazy("repair", "Answer")
    form_class = WordsForm
    hint = gettext_lazy("The answer is shown to the enterprise on its page.")

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"words": self.repair().words}}

    def act(self, form: Any) -> str:
        services.answer(actor=self.actor, now=clock.now(), repair=self.repair(), **form.cleaned_data)
        self.done(_("Answered; the enterprise reads it on its page."))
        return self.back()


class ApplyForm(forms.Form):
    """What an official hands in for an enterprise that came to the counter."""

    record = forms.CharField(
        label=pgettext_lazy("repair", "record"),
        max_length=165,
        help_text=gettext_lazy("Agency code and document number: 110112-market/12"),
    )
    grounds = forms.CharField(label=gettext_lazy("what was put right"), max_length=2000, widget=WORDS)
    evidence = forms.CharField(label=gettext_lazy("where the evidence is kept"), max_length=200)
    evidence_hash = forms.CharField(
        label=gettext_lazy("evidence (SHA-256)"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )
    has_pledged = forms.BooleanField(
        label=gettext_lazy("The enterprise has signed the pledge"),
        error_messages={"required": gettext_lazy("Agree to the pledge.")},
    )


class ApplyFor(FormPage):
    """Apply on behalf of an enterprise."""

    action = "repair.accept"
    title = gettext_lazy("Apply for an enterprise")
    submit = pgettext_lazy("repair", "Apply")
    form_class = ApplyForm
    template_name = "desk/repairs/new.html"

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"record": self.request.GET.get("record", "")}}

    def context(self) -> dict[str, Any]:
        return {"pledge": queries.PLEDGE}

    def back(self) -> str:
        return reverse("desk:repairs:list")

    def act(self, form: Any) -> str:
        given = dict(form.cleaned_data)
        agency, _slash, reference = given.pop("record").strip().partition("/")
        record = records.find_current(agency, reference)
        if record is None or not accounts.may(self.person, self.action, queries.repair_scope(record)):
            raise NotFound
        repair = services.apply(
            actor=self.actor,
            now=clock.now(),
            record=record,
            uscc=record.enterprise.uscc,
            request=RepairRequest(**given),
        )
        self.done(_("Applied for under %(number)s.") % {"number": repair.number})
        return reverse("desk:repairs:object", args=[repair.uuid])
