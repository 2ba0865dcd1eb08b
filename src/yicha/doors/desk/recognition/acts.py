"""Refusing a result, revoking it, certifying it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.desk.pages import FormPage
from yicha.doors.desk.recognition.words import KINDS
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.visits import queries as visits
from yicha.share.recognition import queries, services
from yicha.share.recognition.terms import MOST_RESULTS, RevocationKind


class RefuseForm(forms.Form):
    """For which agency, and why."""

    agency = forms.ChoiceField(label=gettext_lazy("Agency that refuses"))
    because = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, agencies: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["agency"] = forms.ChoiceField(label=gettext_lazy("Agency that refuses"), choices=agencies)


class RevokeForm(forms.Form):
    """What kind of reason, and which."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Why it is revoked"), choices=list(KINDS.items()), widget=forms.RadioSelect
    )
    because = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 4})
    )


class CertifyForm(forms.Form):
    """Which results of the agency at this enterprise stand on the certificate."""

    results = forms.MultipleChoiceField(
        label=gettext_lazy("Results on the certificate"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["results"] = forms.MultipleChoiceField(
            label=gettext_lazy("Results on the certificate"),
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("At most %(most)s on one page.") % {"most": MOST_RESULTS},
        )


class _ResultForm(FormPage):
    """A form about the result in the address."""

    def load(self) -> Any:
        """The result, if the person may see it."""
        found = queries.find_seen(self.kwargs["uuid"], self.person, self.today)
        if found is None:
            raise NotFound
        return found

    @property
    def today(self) -> Any:
        """The day in Beijing."""
        return clock.today(clock.now())

    def back(self) -> str:
        return reverse("desk:recognition:object", args=[self.kwargs["uuid"]])

    def context(self) -> dict[str, Any]:
        result = self.load()
        return {"result": result, "crumb": result.item_version.name, "crumb_url": self.back()}


class Refuse(_ResultForm):
    """An agency to which a result is offered does not accept it."""

    action = "recognition.refuse"
    title = gettext_lazy("Refuse this result")
    submit = gettext_lazy("Refuse it")
    form_class = RefuseForm
    template_name = "desk/recognition/refuse.html"

    def form_options(self) -> dict[str, Any]:
        own = queries.list_refusing_agencies(self.load(), self.person, self.today)
        if not own:
            raise NotFound
        return {"agencies": [(agency.code, agency.name) for agency in own]}

    def act(self, form: BaseForm) -> str:
        result = self.load()
        own = queries.list_refusing_agencies(result, self.person, self.today)
        agency = next((one for one in own if one.code == form.cleaned_data["agency"]), None)
        if agency is None:
            raise NotFound
        services.refuse(
            actor=self.actor,
            now=clock.now(),
            result=result,
            agency=agency,
            because=form.cleaned_data["because"],
        )
        self.done(
            _("Refused for %(agency)s. Its checks that this result had spared come back.")
            % {"agency": agency.name}
        )
        return self.back()


class _OwnResultForm(_ResultForm):
    """A form that only people of the agency that found the result may send."""

    def load(self) -> Any:
        found = super().load()
        if not queries.may_act(self.person, self.action, found):
            raise NotFound
        return found


class Revoke(_OwnResultForm):
    """The agency takes its result back, and says what becomes of everything that leaned on it."""

    action = "recognition.revoke"
    title = gettext_lazy("Revoke this result")
    submit = gettext_lazy("Revoke it")
    form_class = RevokeForm
    template_name = "desk/recognition/revoke.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load()
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        frame = super().context()
        result = frame["result"]
        return {
            **frame,
            "leaning_count": visits.list_spared_by(result).count(),
            "certificate_count": queries.list_certificates().filter(results=result).count(),
        }

    def act(self, form: BaseForm) -> str:
        services.revoke(
            actor=self.actor,
            now=clock.now(),
            result=self.load(),
            because=form.cleaned_data["because"],
            kind=RevocationKind(form.cleaned_data["kind"]),
        )
        self.done(_("Revoked. Below stands what it reached."))
        return self.back()


class Certify(_OwnResultForm):
    """A certificate over results of one agency at one enterprise."""

    action = "recognition.offer"
    title = gettext_lazy("Issue a certificate")
    submit = gettext_lazy("Issue it")
    form_class = CertifyForm
    template_name = "desk/recognition/certify.html"

    def form_options(self) -> dict[str, Any]:
        result = self.load()
        rows = self._rows(result)
        choices = [
            (str(row.uuid), f"{row.item_version.name} · {row.get_result_code_display()} · {row.found_on}")
            for row in rows
        ]
        first = [str(row.uuid) for row in rows if row.pk == result.pk]
        return {"choices": choices, "initial": {"results": first}}

    def _rows(self, result: Any) -> list[Any]:
        """The newest valid result of each item of the agency here."""
        rows = queries.list_certifiable(result.enterprise.uscc, self.today)
        return [row for row in rows if row.agency_id == result.agency_id]

    def act(self, form: BaseForm) -> str:
        picked = set(form.cleaned_data["results"])
        rows = [row for row in self._rows(self.load()) if str(row.uuid) in picked]
        made = services.issue(actor=self.actor, now=clock.now(), results=rows)
        self.done(_("The certificate %(number)s is issued.") % {"number": made.number})
        return reverse("desk:recognition:certificate", args=[made.number])
