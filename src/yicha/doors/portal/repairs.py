"""Records as their enterprise reads them: what is held and public until when; repair. Never a class."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.portal.pages import PortalForm, PortalView
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.credit import queries as records
from yicha.know.credit.queries import repairs as queries
from yicha.know.credit.services import repairs as services
from yicha.know.credit.terms.repairs import RepairRequest, Stage
from yicha.know.credit.terms.repairs import RepairState as S
from yicha.share.publicity import queries as publicity

TONES = {
    S.APPLIED.value: ("due", "clock"),
    S.RETURNED.value: ("overdue", "alert-triangle"),
    S.ACCEPTED.value: ("action", "hourglass"),
    S.GRANTED.value: ("done", "circle-check"),
    S.REFUSED.value: ("refuse", "ban"),
    S.ANSWERED.value: ("done", "message-2"),
    S.PROPAGATED.value: ("done", "shield-check"),
    S.WITHDRAWN.value: ("spared", "arrow-back-up"),
}
"""How an application looks: (tone, icon)."""
ACTS: dict[str, str | Promise] = {
    "apply": gettext_lazy("You applied"),
    "apply-again": gettext_lazy("You handed in what was missing"),
    "return": gettext_lazy("Returned: something is missing"),
    "accept": gettext_lazy("The agency has accepted the application"),
    "withdraw": gettext_lazy("The application was withdrawn"),
    "grant": gettext_lazy("Granted: the record has no effect any more"),
    "refuse": gettext_lazy("Refused"),
    "answer": gettext_lazy("The agency has answered you"),
    "propagate": gettext_lazy("Ended everywhere: the record is neither published nor shared nor used"),
}


@dataclass(frozen=True)
class Told:
    """A step in words for the enterprise."""

    at: Any
    words: str
    title: str
    tone: str
    icon: str


class Records(PortalView):
    """What is held against the enterprise, when it may apply, and what else is public of it."""

    title = gettext_lazy("Credit records")
    part = "records"
    template_name = "portal/records.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today, uscc = clock.today(clock.now()), self.enterprise.uscc
        own = queries.list_own(uscc, today)
        named = {one.record.code for one in own}
        context = {
            "today": today,
            "own": [(one, TONES[one.repair.state] if one.repair else None) for one in own],
            "others": [one for one in publicity.list_public_records(uscc, today) if one.code not in named],
            "until": {one.code: one.until for one in publicity.list_public_records(uscc, today)},
            "ended": Stage.ENDED.value,
        }
        return self.show(context=context)


class RequestForm(forms.Form):
    """Grounds, evidence and pledge."""

    grounds = forms.CharField(
        label=gettext_lazy("What was put right"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What you have corrected or paid, and since when it is so."),
    )
    evidence = forms.CharField(
        label=gettext_lazy("Where the evidence is kept"),
        max_length=200,
        help_text=gettext_lazy("A file name, an address or a folder where the agency can look at it."),
    )
    evidence_hash = forms.CharField(
        label=gettext_lazy("Evidence (SHA-256)"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "The fingerprint of the file: 64 characters 0-9 and a-f. It cannot be changed unseen."
        ),
    )
    has_pledged = forms.BooleanField(
        label=gettext_lazy("We agree to the pledge"),
        error_messages={"required": gettext_lazy("Agree to the pledge.")},
    )

    def request(self) -> RepairRequest:
        """What was handed in."""
        return RepairRequest(**self.cleaned_data)


class AskRepair(PortalForm):
    """Apply for the repair of one record."""

    title = gettext_lazy("Apply for repair")
    part = "records"
    form_class = RequestForm
    submit = gettext_lazy("Hand in the application")
    template_name = "portal/ask_repair.html"

    def record(self) -> Any:
        found = records.find_record(self.kwargs["uuid"])
        if found is None or found.enterprise_id != self.enterprise.pk or not queries.is_repairable(found):
            raise NotFound
        return found

    def context(self) -> dict[str, Any]:
        record = self.record()
        stage, days = queries.stage_of(record, clock.today(clock.now()))
        return {
            "record": record,
            "days": days,
            "may_apply": stage is Stage.ELIGIBLE,
            "pledge": queries.PLEDGE,
        }

    def act(self, form: Any) -> str:
        repair = services.apply(
            actor=self.actor,
            now=clock.now(),
            record=self.record(),
            uscc=self.enterprise.uscc,
            request=form.request(),
        )
        self.done(_("Received as %(number)s. You see here what happens to it.") % {"number": repair.number})
        return reverse("portal:repair", args=[self.enterprise.uscc, repair.uuid])


class _OwnRepair:
    """An application about a record of this enterprise."""

    kwargs: dict[str, Any]
    enterprise: Any

    def repair(self) -> Any:
        found = queries.find_repair(self.kwargs["uuid"])
        if found is None or found.record.enterprise_id != self.enterprise.pk:
            raise NotFound
        return found


class OneRepair(_OwnRepair, PortalView):
    """One application: where it stands, until when the agency acts, what happened, what to do next."""

    part = "records"
    template_name = "portal/repair.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        repair = self.repair()
        acts = queries.list_acts(repair)
        return self.show(
            context={
                "title": repair.number,
                "repair": repair,
                "look": TONES[repair.state],
                "steps": [_tell(step) for step in queries.list_steps(repair)],
                "next": _say_next(repair),
                "may_withdraw": "withdraw" in acts,
                "may_hand_in": "apply-again" in acts,
            }
        )


def _tell(step: Any) -> Told:
    tone, icon = TONES[step.state]
    return Told(step.at, step.words, str(ACTS.get(step.act, step.act)), tone, icon)


def _say_next(repair: Any) -> str:
    """What happens next, and until when."""
    days: dict[S, tuple[str, date | None]] = {
        S.APPLIED: (_("The agency accepts or returns the application by %(day)s."), repair.accept_by),
        S.RETURNED: (_("Hand in what is missing; the number stays."), None),
        S.ACCEPTED: (_("The agency decides by %(day)s."), repair.decide_by),
        S.GRANTED: (_("The record has no effect any more. You are answered by %(day)s."), repair.answer_by),
        S.REFUSED: (_("You are answered by %(day)s."), repair.answer_by),
        S.WITHDRAWN: (_("Nothing more happens. You may apply again while the record has effect."), None),
    }
    state = S(repair.state)
    if state is S.ANSWERED and not repair.is_granted:
        return _("It was refused. When you have put right what is missing, you may apply again.")
    words, day = days.get(state, ("", None))
    return words % {"day": day.isoformat()} if day else words


class HandInAgain(_OwnRepair, PortalForm):
    """Hand in what was missing."""

    title = gettext_lazy("Hand in what is missing")
    part = "records"
    form_class = RequestForm
    submit = gettext_lazy("Hand in again")
    template_name = "portal/ask_repair.html"

    def form_options(self) -> dict[str, Any]:
        repair = self.repair()
        return {
            "initial": {
                "grounds": repair.grounds,
                "evidence": repair.evidence,
                "evidence_hash": repair.evidence_hash,
            }
        }

    def context(self) -> dict[str, Any]:
        repair = self.repair()
        last = queries.list_steps(repair).filter(act="return").last()
        return {
            "record": repair.record,
            "days": queries.stage_of(repair.record, clock.today(clock.now()))[1],
            "may_apply": True,
            "missing": last.words if last else "",
            "pledge": queries.PLEDGE,
        }

    def act(self, form: Any) -> str:
        repair = services.apply_again(
            actor=self.actor, now=clock.now(), repair=self.repair(), request=form.request()
        )
        self.done(_("Received again. The clocks begin anew."))
        return reverse("portal:repair", args=[self.enterprise.uscc, repair.uuid])


class WithdrawRepair(_OwnRepair, PortalView):
    """Take an application back."""

    part = "records"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        repair = services.withdraw(actor=self.actor, now=clock.now(), repair=self.repair())
        self.done(_("Withdrawn. You may apply again while the record has effect."))
        return redirect("portal:repair", self.enterprise.uscc, repair.uuid)
