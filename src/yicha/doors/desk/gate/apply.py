"""Applying: choose the enterprise, read its file, fill the form in with the answer beside it, send it."""

from __future__ import annotations

from typing import Any, cast

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.gate import queries, services
from yicha.decide.gate.terms import ApplicationState, Verdict
from yicha.doors.desk.gate.filing import read_file
from yicha.doors.desk.gate.forms import REASON, ApplicationForm, BackEntryForm, EmergencyForm
from yicha.doors.desk.pages import DeskView, FormPage
from yicha.doors.templatetags.gate import APPROVALS, code_names, ground_sentence
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry

FOUND = 12
"""Enterprises that the search shows."""


class Choose(DeskView):
    """Which enterprise? A search by name, code or initials, answered while typing."""

    action = "gate.apply"
    title = gettext_lazy("Apply for a visit")
    template_name = "desk/gate/choose.html"
    next_name = "desk:gate:apply"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "").strip()[:80]
        rows = accounts.scoped(registry.list_enterprises(), self.person, "registry.view")
        found = list(registry.search_enterprises(rows, text)[:FOUND]) if len(text) > 1 else []
        context = {"q": text, "found": [(one, reverse(self.next_name, args=[one.uscc])) for one in found]}
        if request.headers.get("HX-Request"):
            return self.show("desk/gate/found.html", context)
        return self.show(context=context)


class ChooseEmergency(Choose):
    """Which enterprise was entered in an emergency?"""

    action = "gate.enter"
    title = gettext_lazy("Enter an emergency")
    next_name = "desk:gate:emergency"


class ChooseBackEntry(Choose):
    """Which enterprise was entered without a code?"""

    action = "gate.enter"
    title = gettext_lazy("Enter a visit made without a code")
    next_name = "desk:gate:back-entry"


class OneEnterprise(FormPage):
    """A form about one enterprise that the person may see; its file stands beside it."""

    template_name = "desk/gate/apply.html"
    form_class: type[ApplicationForm] = ApplicationForm
    live = True

    def enterprise(self) -> Any:
        """The enterprise of the address; a foreign one and a missing one are the same."""
        found = registry.find_enterprise(self.kwargs["uscc"])
        return accounts.get_allowed(found, self.person, "registry.view")

    def form_options(self) -> dict[str, Any]:
        return {
            "person": self.person,
            "enterprise": self.enterprise(),
            "today": clock.today(clock.now()),
        }

    def context(self) -> dict[str, Any]:
        enterprise = self.enterprise()
        return {
            "enterprise": enterprise,
            "file": read_file(enterprise, self.person, clock.today(clock.now())),
            "preview_url": reverse("desk:gate:preview", args=[enterprise.uscc]) if self.live else "",
        }

    def back(self) -> str:
        return reverse("desk:gate:choose")


class Apply(OneEnterprise):
    """Send an application; the verdict is the next page."""

    action = "gate.apply"
    title = gettext_lazy("Apply for a visit")
    submit = gettext_lazy("Send the application")

    def context(self) -> dict[str, Any]:
        found = super().context()
        if self.request.method == "POST":
            found.update(answer(cast("ApplicationForm", self.make_form())))
        return found

    def act(self, form: Any) -> str:
        application = form.application()
        row = services.apply(actor=self.actor, now=clock.now(), application=application)
        self.done(_told(row))
        return reverse("desk:gate:object", args=[row.uuid])


def _told(row: Any) -> str:
    """What happens next, after an application was sent."""
    return {
        ApplicationState.WAITING.value: _("Sent. It waits for what is named below."),
        ApplicationState.GRANTED.value: _("Granted. Show the visit code before you enter."),
        ApplicationState.SPARED.value: _("Nobody has to come: the answer is kept, with what it leans on."),
        ApplicationState.DEFERRED.value: _(
            "Deferred. It stands in your list, and on your first page when its day comes."
        ),
    }.get(row.state, _("Refused, with all reasons. Nothing was planned."))


class Preview(DeskView):
    """The answer to what is filled in so far. Nothing is written: the database accepts reading statements only."""

    action = "gate.apply"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = registry.find_enterprise(self.kwargs["uscc"])
        enterprise = accounts.get_allowed(found, self.person, "registry.view")
        form = ApplicationForm(
            request.POST, person=self.person, enterprise=enterprise, today=clock.today(clock.now())
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            context = answer(form)
        shown = [name.removeprefix(REASON) for name in request.POST if name.startswith(REASON)]
        fresh = sorted(code for code, _words, _given in context["asked"]) != sorted(shown)
        return self.show("desk/gate/preview.html", {**context, "asked_anew": fresh})


def answer(form: ApplicationForm) -> dict[str, Any]:
    """The verdict on a form as far as it is filled in, and the grounds that a reason answers."""
    draft = form.draft()
    if draft is None:
        return {"verdict": None, "missing": form.missing, "asked": _given(form, ())}
    verdict, facts = queries.preview(draft, clock.now())
    return {
        "verdict": verdict,
        "facts": facts,
        "names": code_names(facts),
        "asked": _given(form, asked_of(verdict)),
    }


def asked_of(verdict: Verdict) -> list[tuple[str, str]]:
    """The grounds that a typed reason answers, answered or not: code and sentence, each code once."""
    found = {
        ground.code: ground_sentence(ground)
        for ground in verdict.grounds
        if ground.answerable and ground.code not in APPROVALS
    }
    return list(found.items())


def _given(form: ApplicationForm, asked: Any) -> list[tuple[str, str, str]]:
    return [(code, words, form.reasons.get(code, "")) for code, words in asked]


class Enter(OneEnterprise):
    """A visit that has taken place already is entered."""

    action = "gate.enter"
    live = False

    def check_agency(self, form: Any) -> None:
        """Whether the person may enter visits of the agency that was chosen."""
        agency = registry.find_agency(form.cleaned_data["agency"])
        if agency is None:
            raise NotFound
        accounts.require(self.person, self.action, agency.scope)


class Emergency(Enter):
    """Entered in an emergency: the code comes now, the papers within the days of the rule."""

    title = gettext_lazy("Enter an emergency")
    submit = gettext_lazy("Enter the emergency")
    form_class = EmergencyForm

    def back(self) -> str:
        return reverse("desk:gate:choose-emergency")

    def act(self, form: Any) -> str:
        self.check_agency(form)
        row = services.enter_emergency(
            actor=self.actor,
            now=clock.now(),
            application=form.application(),
            reason=form.cleaned_data["note"],
        )
        self.done(_("Entered. The papers are due on %(day)s.") % {"day": row.papers_due_on})
        return reverse("desk:gate:object", args=[row.uuid])


class BackEntry(Enter):
    """Entered after an outage, within the days of the rule and with the reason."""

    title = gettext_lazy("Enter a visit made without a code")
    submit = gettext_lazy("Enter the visit")
    form_class = BackEntryForm

    def back(self) -> str:
        return reverse("desk:gate:choose-back-entry")

    def act(self, form: Any) -> str:
        self.check_agency(form)
        row = services.back_enter(
            actor=self.actor,
            now=clock.now(),
            application=form.application(),
            reason=form.cleaned_data["note"],
        )
        self.done(_("Entered."))
        return reverse("desk:gate:object", args=[row.uuid])
