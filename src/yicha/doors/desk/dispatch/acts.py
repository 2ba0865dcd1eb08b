"""What people do: prepare, approve, send, withdraw; one or many."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.act.dispatch import queries, services
from yicha.base.accounts import queries as accounts
from yicha.decide.gate import queries as gate
from yicha.doors.desk.dispatch import rights
from yicha.doors.desk.pages import ActView, FormPage
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound

REASON = forms.Textarea(attrs={"rows": 3, "maxlength": 300})


class PrepareForm(forms.Form):
    """Announced, or not: then the reason that the heads read."""

    unannounced = forms.BooleanField(
        label=gettext_lazy("without notice to the enterprise"),
        required=False,
        help_text=gettext_lazy("Only where the trigger allows it; the heads approve it with the reason."),
    )
    because = forms.CharField(
        label=gettext_lazy("why unannounced"), max_length=300, widget=REASON, required=False
    )

    def __init__(self, *args: Any, may_be_unannounced: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_be_unannounced:
            del self.fields["unannounced"], self.fields["because"]


class PrepareOne(FormPage):
    """Prepare one visit; an unannounced one here and nowhere else, because each has its own reason."""

    action = "dispatch.prepare"
    title = gettext_lazy("Prepare the visit")
    submit = gettext_lazy("Prepare")
    form_class = PrepareForm
    template_name = "desk/dispatch/prepare.html"

    def visit(self) -> Any:
        return rights.get_to_prepare(self.kwargs["uuid"], self.person, clock.today(clock.now()))

    def back(self) -> str:
        return reverse("desk:dispatch:to_prepare")

    def _allowed(self, contact: Any) -> bool:
        found = gate.list_triggers_in_force(contact.planned_on).filter(code=contact.trigger).first()
        return bool(found and found.may_be_unannounced)

    def form_options(self) -> dict[str, Any]:
        return {"may_be_unannounced": self._allowed(self.visit())}

    def context(self) -> dict[str, Any]:
        contact = self.visit()
        (facts,) = queries.read_visits([contact.pk])
        return {"contact": contact, "facts": facts, "crumb_url": self.back()}

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        because = given["because"] if given.get("unannounced") else None
        (row,) = services.prepare(
            actor=self.actor, now=clock.now(), contacts=[self.visit()], unannounced_because=because
        )
        self.done(
            _("%(number)s waits for the heads of its agencies until %(day)s.")
            % {"number": row.number, "day": row.approval_due_on.isoformat()}
        )
        return reverse("desk:dispatch:object", args=[row.uuid])


class Approve(ActView):
    """Approve one agency's part."""

    action = rights.APPROVE

    def back(self) -> str:
        return reverse("desk:dispatch:object", args=[self.kwargs["uuid"]])

    def act(self) -> str:
        row = rights.get_dispatch(self.kwargs["uuid"], self.person, "dispatch.view")
        agency = self.kwargs["agency"]
        if agency not in rights.list_may_approve(self.person, row, queries.list_agencies_of(row)):
            raise NotFound
        (done,) = services.approve(actor=self.actor, now=clock.now(), dispatches=[row], agency=agency)
        if done.state == "prepared":
            self.done(_("Approved. The other agencies' heads are still to approve."))
        else:
            self.done(_("Approved by all: the visit has its code."))
        return self.back()


class NotifyForm(forms.Form):
    """A late notice says why."""

    late_because = forms.CharField(
        label=gettext_lazy("why the notice is late"),
        max_length=300,
        widget=REASON,
        help_text=gettext_lazy("It stands in the notice."),
    )

    def __init__(self, *args: Any, is_late: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_late:
            del self.fields["late_because"]


class Notify(FormPage):
    """Send the notice of one visit."""

    action = "dispatch.prepare"
    title = gettext_lazy("Send the notice")
    submit = gettext_lazy("Send the notice")
    form_class = NotifyForm
    template_name = "desk/dispatch/notify.html"

    def row(self) -> Any:
        return rights.get_dispatch(self.kwargs["uuid"], self.person, self.action)

    def back(self) -> str:
        return reverse("desk:dispatch:object", args=[self.kwargs["uuid"]])

    def form_options(self) -> dict[str, Any]:
        return {"is_late": clock.today(clock.now()) > self.row().notice_due_on}

    def context(self) -> dict[str, Any]:
        row = self.row()
        return {
            "row": row,
            "crumb": row.contact.enterprise.name,
            "crumb_url": self.back(),
            "is_late": clock.today(clock.now()) > row.notice_due_on,
        }

    def act(self, form: Any) -> str:
        services.notify(
            actor=self.actor,
            now=clock.now(),
            dispatches=[self.row()],
            late_because=form.cleaned_data.get("late_because", ""),
        )
        self.done(_("The notice is sent; its page and its hash are kept here."))
        return reverse("desk:dispatch:tab", args=[self.kwargs["uuid"], "papers"])


class WithdrawForm(forms.Form):
    """Why nobody goes as it was approved."""

    because = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=300,
        widget=REASON,
        help_text=gettext_lazy("Who has a notice is told this reason."),
    )


class Withdraw(FormPage):
    """Take a visit off its way."""

    action = "dispatch.prepare"
    title = gettext_lazy("Withdraw the dispatch")
    submit = gettext_lazy("Withdraw the dispatch")
    form_class = WithdrawForm
    template_name = "desk/dispatch/withdraw.html"

    def row(self) -> Any:
        return rights.get_dispatch(self.kwargs["uuid"], self.person, self.action)

    def back(self) -> str:
        return reverse("desk:dispatch:object", args=[self.kwargs["uuid"]])

    def context(self) -> dict[str, Any]:
        row = self.row()
        return {"row": row, "crumb": row.contact.enterprise.name, "crumb_url": self.back()}

    def act(self, form: Any) -> str:
        services.withdraw(
            actor=self.actor,
            now=clock.now(),
            dispatch=self.row(),
            because=form.cleaned_data["because"],
        )
        self.done(_("Withdrawn: its code opens no door any more."))
        return self.back()


class ManyForm(forms.Form):
    """How many the person was shown: another number by then is refused."""

    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class LateForm(ManyForm):
    """The same, with the reason of notices that are late."""

    late_because = forms.CharField(
        label=gettext_lazy("why notices are late"),
        max_length=300,
        widget=REASON,
        required=False,
        help_text=gettext_lazy("Wanted when one of them is late; it stands in the late ones."),
    )


def narrow_to_prepare(person: Any) -> Any:
    """Visits that the person may prepare now."""
    found = queries.list_to_prepare(clock.today(clock.now()))
    return accounts.scoped(found, person, "dispatch.prepare")
