"""The page of one visit, and the acts on it. Each act asks for the part or the whole that it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.act.inspection import queries, services
from yicha.base.accounts import queries as accounts
from yicha.base.ledger import queries as ledger
from yicha.doors.desk.pages import ActView, FormPage, ObjectPage, Tab, add_reasons
from yicha.doors.desk.visits import forms, words
from yicha.doors.templatetags.look import on
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Refused
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as contacts
from yicha.share.publicity import queries as publicity
from yicha.share.publicity import services as publishing
from yicha.share.recognition import services as recognition


@dataclass(frozen=True)
class ShownPart:
    """A part as the page draws it: with a form if it is the reader's own and open."""

    part: Any
    is_lead: bool
    may_record: bool
    may_change_crew: bool
    may_confirm: bool
    form: forms.PartForm | None
    tone: tuple[str, str]


class OneVisit(ObjectPage):
    """A visit: who goes, what was found, what is next. The own part is a form, the others are read."""

    action = "visit.view"
    url_name = "desk:visits:object"
    tab_url_name = "desk:visits:tab"
    tabs = (
        Tab("overview", gettext_lazy("Visit"), "desk/visits/overview.html"),
        Tab("happened", gettext_lazy("What happened"), "desk/visits/happened.html"),
        Tab("history", gettext_lazy("Changes"), "desk/visits/history.html"),
    )
    sent: forms.PartForm | None = None

    def find(self) -> Any:
        return queries.find_visit(self.kwargs["uuid"])

    def context(self) -> dict[str, Any]:
        visit = self.object
        enterprise = visit.contact.enterprise
        return {
            "title": enterprise.name,
            "head_code": enterprise.uscc,
            "crumb": _("Visits"),
            "crumb_url": reverse("desk:visits:list"),
            "tone": words.VISIT[visit.state],
            "enterprise": enterprise,
        }

    def context_overview(self) -> dict[str, Any]:
        visit = self.object
        parts = [self._shown(part) for part in queries.list_parts(visit)]
        parts.sort(key=lambda one: one.form is None)  # the own part first: at the door nobody scrolls for it
        is_open = [one for one in parts if one.part.state == "open"]
        return {
            "parts": parts,
            "own": [one for one in parts if one.form is not None],
            "open_parts": is_open,
            "may_start": visit.state == "opened" and any(one.may_record for one in parts),
            "may_close": visit.state == "started"
            and not is_open
            and accounts.may(self.person, "visit.close", visit.lead_scope),
            "may_call_off": visit.state == "opened" and self.may("visit.cancel", visit),
            "start_form": forms.StartForm(initial={"visited_on": clock.today(clock.now())}),
            "second": queries.list_second_visits(visit),
            "second_number": queries.get_second_visit_number(clock.today(clock.now())),
            "contact_states": words.CONTACT_STATES,
            "publication": publicity.list_publications().filter(visit=visit).first(),
            "results": dict(contacts.list_result_choices()),
        }

    def _shown(self, part: Any) -> ShownPart:
        part.visit = self.object
        may_record = accounts.may(self.person, "visit.record", part.scope)
        form = None
        if may_record and self.object.state == "started" and part.state == "open":
            form = (
                self.sent
                if self.sent is not None and self.sent.part.pk == part.pk
                else forms.PartForm(part, contacts.list_result_choices())
            )
        return ShownPart(
            part,
            part.is_lead,
            may_record,
            self.object.state == "opened" and accounts.may(self.person, "visit.plan", part.scope),
            may_record and part.state == "closed" and bool(queries.list_open_orders(part)),
            form,
            words.PART[part.state],
        )

    def context_happened(self) -> dict[str, Any]:
        subjects = [f"visit:{self.object.uuid}"]
        publication = publicity.list_publications().filter(visit=self.object).first()
        if publication is not None:
            subjects.append(f"result:{publication.uuid}")
        entries = [entry for subject in subjects for entry in ledger.list_entries_of(subject)[:200]]
        entries.sort(key=lambda entry: entry.seq, reverse=True)
        agencies = dict(registry.list_agencies().values_list("code", "name"))
        return {"happened": words.list_happened(entries, agencies)}


class RecordPart(OneVisit):
    """Results of one agency: keep them, or keep them and close the part. What is refused is shown at its field."""

    action = "visit.record"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.object = accounts.get_allowed(self.find(), self.person, "visit.view")
        part = _own_part(self.object, self.kwargs["agency"], self.person, "visit.record")
        form = self.sent = forms.PartForm(part, contacts.list_result_choices(), request.POST)
        if form.is_valid():
            try:
                return redirect(self._record(part, form))
            except Refused as refused:
                add_reasons(form, refused)
                status = 409
        else:
            status = 422
        tabs = self._shown_tabs(self.tabs[0])
        context = {"object": self.object, "tabs": tabs, **self.context(), **self.context_overview()}
        return self.show(self.tabs[0].template, context, status=status)

    def _record(self, part: Any, form: forms.PartForm) -> str:
        now = clock.now()
        closing = "close" in self.request.POST
        with transaction.atomic():
            results = form.results()
            if results:
                services.record_results(actor=self.actor, now=now, part=part, results=results)
            if closing:
                accounts.require(self.person, "visit.close", part.scope)
                services.close_part(actor=self.actor, now=now, part=part)
                recognition.offer_visit(actor=self.actor, now=now, visit=self.object.uuid)
        if closing:
            messages.success(
                self.request, _("Your part is closed. The lead closes the whole when every agency is done.")
            )
        else:
            messages.success(
                self.request, _("The results are kept. Close your part when every item has its result.")
            )
        return reverse("desk:visits:object", args=[self.object.uuid])

    def _shown_tabs(self, current: Tab) -> list[Any]:
        self.kwargs.pop("agency", None)
        return super()._shown_tabs(current)


def _own_part(visit: Any, agency: str, person: accounts.Person, action: str) -> Any:
    """An agency's part, if this person may do `action` to it: else there is no such part."""
    part = queries.find_part(visit, agency)
    if part is None:
        raise NotFound
    part.visit = visit
    accounts.require(person, action, part.scope)
    return part


class VisitAct(ActView):
    """A button on the page of a visit."""

    def find(self) -> Any:
        """The visit, if the person may see it."""
        return accounts.get_allowed(queries.find_visit(self.kwargs["uuid"]), self.person, "visit.view")

    def back(self) -> str:
        return reverse("desk:visits:object", args=[self.kwargs["uuid"]])

    def part(self, action: str) -> Any:
        """The part of the agency in the address, if the person may do `action` to it."""
        return _own_part(self.find(), self.kwargs["agency"], self.person, action)


class Start(FormPage):
    """The officers are at the door."""

    action = "visit.record"
    title = gettext_lazy("Start the visit")
    submit = gettext_lazy("Start the visit")
    form_class = forms.StartForm

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"visited_on": clock.today(clock.now())}}

    def back(self) -> str:
        return reverse("desk:visits:object", args=[self.kwargs["uuid"]])

    def act(self, form: BaseForm) -> str:
        visit = accounts.get_allowed(queries.find_visit(self.kwargs["uuid"]), self.person, "visit.view")
        accounts.require(self.person, "visit.record", visit.scope)
        now = clock.now()
        services.start_visit(actor=self.actor, now=now, visit=visit, on=form.cleaned_data["visited_on"])
        self.done(_("The visit has started: record a result for every item of your agency."))
        return self.back()


class CloseVisit(VisitAct):
    """The lead closes the whole; the clock of publicity starts."""

    action = "visit.close"

    def act(self) -> str:
        visit = self.find()
        accounts.require(self.person, "visit.close", visit.lead_scope)
        now = clock.now()
        with transaction.atomic():
            services.close_visit(actor=self.actor, now=now, visit=visit)
            publishing.register_closed(now=now)
            recognition.offer_visit(actor=self.actor, now=now, visit=visit.uuid)
        days = int(publicity.get_publish_within(clock.today(now)).value)
        self.done(
            _("The visit is closed. Its results must be public within %(days)s working days.")
            % {"days": days}
        )
        return self.back()


class _BecausePage(FormPage):
    """A form with a reason, about the visit or the part in the address."""

    def back(self) -> str:
        return reverse("desk:visits:object", args=[self.kwargs["uuid"]])

    def load(self) -> Any:
        """The visit, if the person may see it."""
        return accounts.get_allowed(queries.find_visit(self.kwargs["uuid"]), self.person, "visit.view")


class Reopen(_BecausePage):
    """An agency takes its closing back."""

    action = "visit.close"
    title = gettext_lazy("Open the part again")
    submit = gettext_lazy("Open it again")
    form_class = forms.BecauseForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _own_part(self.load(), self.kwargs["agency"], self.person, self.action)
        return super().get(request, *args, **kwargs)

    def act(self, form: BaseForm) -> str:
        part = _own_part(self.load(), self.kwargs["agency"], self.person, self.action)
        because, now = form.cleaned_data["because"], clock.now()
        with transaction.atomic():
            services.reopen_part(actor=self.actor, now=now, part=part, because=because)
            recognition.revoke_reopened(
                actor=self.actor,
                now=now,
                contact_items=[check.contact_item_id for check in part.checks.all()],
                because=because,
            )
        self.done(
            _("The part is open again: correct the result and close it. Until then nobody may lean on it.")
        )
        return self.back()


class CallOff(_BecausePage):
    """The visit does not take place."""

    action = "visit.cancel"
    title = gettext_lazy("Call the visit off")
    submit = gettext_lazy("Call it off")
    form_class = forms.CallOffForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        accounts.require(self.person, self.action, self.load().scope)
        return super().get(request, *args, **kwargs)

    def act(self, form: BaseForm) -> str:
        visit = accounts.get_allowed(self.load(), self.person, self.action)
        services.call_off(
            actor=self.actor, now=clock.now(), visit=visit, because=form.cleaned_data["called_off_because"]
        )
        self.done(_("The visit is called off; it no longer counts toward the enterprise's cap."))
        return self.back()


class ChangeOfficers(_BecausePage):
    """Others go for an agency, with a reason; only before the visit starts."""

    action = "visit.plan"
    title = gettext_lazy("Send other officers")
    submit = gettext_lazy("Send them")
    form_class = forms.OfficersForm

    def part(self) -> Any:
        """The part whose officers change."""
        return _own_part(self.load(), self.kwargs["agency"], self.person, self.action)

    def form_options(self) -> dict[str, Any]:
        part = self.part()
        on = part.visit.contact.planned_on or clock.today(clock.now())
        fit = registry.list_fit_officers(on).filter(agency=part.agency)
        return {
            "officers": [(row.certificate, str(row)) for row in fit],
            "initial": {"officers": [row.certificate for row in part.officers.all()]},
        }

    def act(self, form: BaseForm) -> str:
        part = self.part()
        services.assign_officers(
            actor=self.actor,
            now=clock.now(),
            visit=part.visit,
            agency=part.agency.code,
            officers=form.cleaned_data["officers"],
            because=form.cleaned_data["because"],
        )
        self.done(_("Other officers go now; the change and its reason are in the ledger."))
        return self.back()


class Corrections(_BecausePage):
    """An agency has seen that what it ordered was corrected: that counts for the enterprise at once."""

    action = "visit.record"
    title = gettext_lazy("Confirm corrections")
    submit = gettext_lazy("Confirm")
    form_class = forms.CorrectionsForm

    def part(self) -> Any:
        """The part whose orders are looked at again."""
        return _own_part(self.load(), self.kwargs["agency"], self.person, self.action)

    def form_options(self) -> dict[str, Any]:
        orders = queries.list_open_orders(self.part())
        return {
            "open_orders": [
                (check.pk, f"{check.contact_item.item_version.name} · {on(check.contact_item.correct_by)}")
                for check in orders
            ],
            "initial": {"on": clock.today(clock.now()), "checks": [check.pk for check in orders]},
        }

    def act(self, form: BaseForm) -> str:
        services.confirm_corrections(
            actor=self.actor,
            now=clock.now(),
            part=self.part(),
            checks=form.cleaned_data["checks"],
            on=form.cleaned_data["on"],
        )
        self.done(_("Confirmed. What was corrected in time speaks for the enterprise from now on."))
        return self.back()
