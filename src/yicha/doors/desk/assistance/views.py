"""Requests for consent to inspect in another's region: the list, one request, asking and answering."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.ledger import queries as ledger
from yicha.base.workdays import queries as workdays
from yicha.doors.desk.acts import act_in_words
from yicha.doors.desk.assistance.tables import TONES, AssistanceFilter, AssistanceTable
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ActView, DeskView, FormPage, ObjectPage, Tab
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.agreement import queries, services
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def list_visible(person: Person) -> QuerySet[Any]:
    """The requests that a person's agencies have made, and those that ask their regions."""
    mine = accounts.scoped(registry.list_agencies(), person, "agreement.view")
    return queries.list_assistance().filter(
        Q(agency__in=mine.values("pk")) | Q(region__in=mine.values("region"))
    )


class Requests(ListPage):
    """All requests that concern the person: asked and to be answered."""

    action = "agreement.view"
    title = gettext_lazy("Assistance across regions")
    table_class = AssistanceTable
    filterset_class = AssistanceFilter
    template_name = "desk/assistance/list.html"
    extra_columns = ("uscc", "filed_at")
    empty_title = gettext_lazy("Nobody has asked for assistance")
    empty_icon = "route"

    def rows(self) -> QuerySet[Any]:
        return list_visible(self.person)

    def context(self) -> dict[str, Any]:
        return {"may_ask": self.may("assistance.ask")}


class RequestPage(ObjectPage):
    """One request, with its answer or the clock until it."""

    action = "agreement.view"
    url_name = "desk:assistance:object"
    tab_url_name = "desk:assistance:object"
    tabs = (Tab("request", gettext_lazy("Request"), "desk/assistance/overview.html"),)

    def load(self) -> Any:
        found = list_visible(self.person).filter(code=self.kwargs["code"]).first()
        if found is None:
            raise NotFound
        return found

    def context(self) -> dict[str, Any]:
        found = self.object
        tone, icon = TONES[found.state]
        today = clock.today(clock.now())
        answers = accounts.may(self.person, "assistance.answer", queries.get_answer_scope(found))
        asks = accounts.may(self.person, "assistance.ask", found.ask_scope)
        return {
            "title": found.enterprise.name,
            "crumb": gettext_lazy("Assistance across regions"),
            "crumb_url": reverse("desk:assistance:list"),
            "tone": tone,
            "icon": icon,
            "left": workdays.count_left(today, found.due_on, workdays.get_calendar()),
            "late": today > found.due_on,
            "sees": self.may("registry.view", found.enterprise),
            "may_answer": answers and found.state == "asked",
            "may_revoke": answers and found.state == "granted",
            "may_withdraw": asks and found.state in ("asked", "granted"),
            "happened": [
                (entry, act_in_words(entry.act))
                for entry in ledger.list_entries_of(f"assistance:{found.code}")[:50]
            ],
        }


class AskForm(forms.Form):
    """Whom, when and what for. The region follows from the enterprise's address, unless a site is meant."""

    agency = forms.ChoiceField(label=gettext_lazy("Who asks"))
    uscc = forms.CharField(label=gettext_lazy("Unified social credit code"), max_length=40)
    region = forms.ChoiceField(
        label=gettext_lazy("Region of the site"),
        required=False,
        help_text=gettext_lazy("Only when the inspection is at another site than the address."),
    )
    from_on = forms.DateField(label=gettext_lazy("First day"), widget=DAY)
    until_on = forms.DateField(label=gettext_lazy("Last day"), widget=DAY)
    purpose = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The case or the item, and why the inspection cannot be left to that region."),
    )

    def __init__(self, *args: Any, agencies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = [("", "—"), *((one.code, one.name) for one in registry.list_regions())]
        self.fields["agency"].choices = agencies  # type: ignore[attr-defined]
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


class Ask(FormPage):
    """Ask another region for consent. The address may bring agency, enterprise and days from a verdict."""

    action = "assistance.ask"
    title = gettext_lazy("Ask for assistance")
    form_class = AskForm
    submit = gettext_lazy("Ask for consent")
    template_name = "desk/assistance/ask.html"

    def form_options(self) -> dict[str, Any]:
        agencies = accounts.scoped(registry.list_agencies(), self.person, self.action)
        wanted = ("agency", "uscc", "region", "from_on", "until_on")
        return {
            "agencies": [(one.code, one.name) for one in agencies],
            "initial": {name: self.request.GET[name] for name in wanted if name in self.request.GET},
        }

    def context(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        return {"filing": catalogue.get_number("assistance-filing-days", today)}

    def back(self) -> str:
        return reverse("desk:assistance:list")

    def act(self, form: Any) -> str:
        made = services.ask_assistance(actor=self.actor, now=clock.now(), **form.cleaned_data)
        self.done(
            _("Asked as %(code)s. %(region)s answers until %(day)s; the gate opens with its consent.")
            % {"code": made.code, "region": made.region.name, "day": made.due_on}
        )
        return reverse("desk:assistance:object", args=[made.code])


class OneRequest(DeskView):
    """A page about one request."""

    def one(self) -> Any:
        """The request of the address, if the person may do the page's action to it."""
        found = list_visible(self.person).filter(code=self.kwargs["code"]).first()
        if found is None:
            raise NotFound
        scope = found.ask_scope if self.action == "assistance.ask" else queries.get_answer_scope(found)
        accounts.require(self.person, self.action, scope)
        return found

    def back(self) -> str:
        return reverse("desk:assistance:object", args=[self.kwargs["code"]])


class AnswerForm(forms.Form):
    """Consent, or decline with a reason."""

    consent = forms.TypedChoiceField(
        label=gettext_lazy("Answer"),
        choices=[("yes", gettext_lazy("We consent")), ("no", gettext_lazy("We do not consent"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("In words"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("A reason is needed when you do not consent."),
    )


class Answer(OneRequest, FormPage):
    """Answer for the region asked."""

    action = "assistance.answer"
    title = gettext_lazy("Answer the request")
    form_class = AnswerForm
    submit = gettext_lazy("Answer")
    template_name = "desk/assistance/answer.html"

    def context(self) -> dict[str, Any]:
        return {"asked": self.one()}

    def make_form(self) -> Any:
        self.one()
        return super().make_form()

    def act(self, form: Any) -> str:
        services.answer_assistance(actor=self.actor, now=clock.now(), request=self.one(), **form.cleaned_data)
        if form.cleaned_data["consent"]:
            self.done(_("You consented. The gate is open to it from now on."))
        else:
            self.done(_("You declined, with the reason."))
        return self.back()


class RevokeForm(forms.Form):
    """Why a consent is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )


class Revoke(OneRequest, FormPage):
    """Take a consent back."""

    action = "assistance.answer"
    title = gettext_lazy("Take the consent back")
    form_class = RevokeForm
    submit = gettext_lazy("Take it back")
    template_name = "desk/assistance/answer.html"

    def context(self) -> dict[str, Any]:
        return {"asked": self.one()}

    def make_form(self) -> Any:
        self.one()
        return super().make_form()

    def act(self, form: Any) -> str:
        services.revoke_consent(
            actor=self.actor, now=clock.now(), request=self.one(), reason=form.cleaned_data["reason"]
        )
        self.done(_("Taken back. The gate is shut to it from now on."))
        return self.back()


class Withdraw(OneRequest, ActView):
    """The agency needs it no more."""

    action = "assistance.ask"

    def act(self) -> str:
        services.withdraw_assistance(actor=self.actor, now=clock.now(), request=self.one())
        self.done(_("Withdrawn."))
        return self.back()
