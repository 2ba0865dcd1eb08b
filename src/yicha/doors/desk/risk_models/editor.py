"""The editor of a draft: a plain text, checked without saving, kept even when it is not finished."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.desk.pages import add_reasons
from yicha.doors.desk.risk_models.acts import OneModel
from yicha.doors.desk.risk_models.words import diff_lines
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Reason, Refused
from yicha.know.credit.queries import models as queries
from yicha.know.credit.services import models as services

HEIGHT = 32


class ModelForm(forms.Form):
    """The document, and why it changes. `seen` is the hash of the text that the person began with."""

    text = forms.CharField(
        label=gettext_lazy("Document (YAML)"),
        required=False,
        strip=False,
        max_length=200_000,
        widget=forms.Textarea(
            attrs={
                "rows": HEIGHT,
                "class": "source",
                "spellcheck": "false",
                "autocomplete": "off",
                "wrap": "off",
                "data-source": "",
            }
        ),
    )
    remark = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class EditModel(OneModel):
    """Change a draft."""

    action = "model.edit"
    title = gettext_lazy("Change the draft")
    template_name = "desk/risk_models/edit.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = self.draft()
        initial = {"text": found.text, "remark": found.remark, "seen": found.sha256}
        return self._show(found, ModelForm(initial=initial), services.find_faults(found.text))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found, form = self.draft(), ModelForm(request.POST)
        if not form.is_valid():
            return self._show(found, form, (), status=422)
        text = form.cleaned_data["text"]
        faults = services.find_faults(text)
        if "check" in request.POST:
            return self._show(found, form, faults, checked=True)
        try:
            services.edit(
                actor=self.actor,
                now=clock.now(),
                model=found,
                text=text,
                seen=form.cleaned_data["seen"],
                remark=form.cleaned_data["remark"],
            )
        except Refused as refused:
            return self._refused(found, form, refused)
        if faults:
            words = _("The draft is kept. It has faults, which are listed; it can be submitted without any.")
            messages.warning(self.request, words)
            return redirect(reverse("desk:risk_models:edit", args=[found.uuid]))
        words = _("The draft is kept, and nothing is wrong with it. Try it on the current snapshot.")
        messages.success(self.request, words)
        return redirect(self.tab("difference"))

    def draft(self) -> Any:
        """The version of the address, if it can still be changed."""
        found = self.model()
        if found.version == 0 or "edit" not in queries.list_acts(found):
            raise NotFound
        return found

    def _refused(self, found: Any, form: ModelForm, refused: Refused) -> HttpResponse:
        """What was typed stays; where somebody else saved first, theirs is shown beside it, and may be replaced."""
        theirs = None
        if "model.changed-meanwhile" in refused.codes:
            now_kept = queries.find_model(found.uuid)
            assert now_kept is not None
            theirs = diff_lines(now_kept.text, services.tidy(form.cleaned_data["text"]))
            typed = {**self.request.POST.dict(), "seen": now_kept.sha256}
            form = ModelForm(typed)
            form.is_valid()
        add_reasons(form, refused)
        return self._show(found, form, (), status=409, theirs=theirs)

    def _show(
        self,
        found: Any,
        form: ModelForm,
        faults: tuple[Reason, ...],
        status: int = 200,
        *,
        checked: bool = False,
        theirs: Any = None,
    ) -> HttpResponse:
        lines = services.tidy(str(form["text"].value() or "")).split("\n")
        context = {
            "object": found,
            "form": form,
            "faults": [(fault, _line_of(fault, lines)) for fault in faults],
            "checked": checked,
            "theirs": theirs,
            "back": self.back(),
        }
        return self.show(context=context, status=status)


def _line_of(fault: Reason, lines: list[str]) -> tuple[int, str]:
    """The number and the text of the line that a fault is about; 0 for the document as a whole."""
    number = int(str(fault.facts.get("line", 0)))
    return number, lines[number - 1].strip() if 0 < number <= len(lines) else ""
