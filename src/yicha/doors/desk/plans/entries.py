"""Writing one line of a plan. Who saves what another person has changed sees both, and keeps what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.decide.planning import queries, services
from yicha.doors.desk.pages import FormPage, add_reasons
from yicha.doors.desk.plans.acts import OnePlan
from yicha.doors.desk.plans.forms import EntryForm, said_of
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused

STALE = {"plan.changed-meanwhile", "plan.entry-gone"}


class NewEntry(OnePlan, FormPage):
    """Add a line to a draft."""

    action = "plan.edit"
    title = gettext_lazy("Add an entry")
    form_class = EntryForm
    submit = gettext_lazy("Add the entry")
    template_name = "desk/plans/entry.html"
    meanwhile: list[tuple[str, str, str]] | None = None
    overtaken_by: Sequence[Reason] = ()

    def context(self) -> dict[str, Any]:
        return {"plan": self.plan(), "meanwhile": self.meanwhile, "overtaken_by": self.overtaken_by}

    def form_options(self) -> dict[str, Any]:
        plan = self.plan()
        return {"plan": plan, "initial": {"revision": plan.revision}}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form: Any = self.make_form()
        if not form.is_valid():
            return self._show_form(form, status=422)
        try:
            return redirect(self.act(form))
        except Refused as refused:
            if STALE & set(refused.codes):
                return self._show_both(form, refused)
            add_reasons(form, refused)
            return self._show_form(form, status=409)

    def _show_both(self, form: Any, refused: Refused) -> HttpResponse:
        """The form as it was filled, beside what stands there now; saved again it is meant."""
        given = form.data.copy()
        given["revision"] = str(self.plan().revision)
        self.meanwhile = self._compare(form)
        self.overtaken_by = refused.reasons
        return self._show_form(self.form_class(given, **self.form_options()), status=409)

    def _compare(self, form: Any) -> list[tuple[str, str, str]]:
        """Fields that differ: name, as typed, as stored now. Of a new entry nothing is stored."""
        return []

    def act(self, form: Any) -> str:
        services.add_entry(
            actor=self.actor,
            now=clock.now(),
            plan=self.plan(),
            draft=form.draft(),
            revision=form.cleaned_data["revision"],
        )
        self.done(_("Added. Its population and quota are counted below."))
        return self.back()


class ChangeEntry(NewEntry):
    """Write a line of a draft anew."""

    title = gettext_lazy("Change an entry")
    submit = gettext_lazy("Save the entry")

    def entry(self) -> Any:
        """The entry of the address, or None when somebody has removed it."""
        return queries.list_entries(self.plan()).filter(uuid=self.kwargs["entry"]).first()

    def form_options(self) -> dict[str, Any]:
        options, entry = super().form_options(), self.entry()
        if entry is not None:
            options["initial"] |= said_of(queries.draft_of(entry))
        return options

    def _compare(self, form: Any) -> list[tuple[str, str, str]]:
        entry = self.entry()
        if entry is None:
            return [(_("Entry"), form.cleaned_data.get("title") or "–", _("removed; saving adds it again"))]
        now, typed = said_of(queries.draft_of(entry)), said_of(form.draft())
        return [
            (str(form.fields[name].label), _words(form, name, typed[name]), _words(form, name, now[name]))
            for name in typed
            if name in form.fields and (typed[name] or "") != (now[name] or "")
        ]

    def act(self, form: Any) -> str:
        if self.entry() is None and form.cleaned_data["revision"] == self.plan().revision:
            return super().act(form)
        services.change_entry(
            actor=self.actor,
            now=clock.now(),
            plan=self.plan(),
            entry=self.kwargs["entry"],
            draft=form.draft(),
            revision=form.cleaned_data["revision"],
        )
        self.done(_("Saved. Its population and quota are counted anew."))
        return self.back()


def _words(form: Any, name: str, value: Any) -> str:
    """A value in the words of its field."""
    if value is None or value == "":
        return "–"
    choices = {str(key): str(words) for key, words in getattr(form.fields[name], "choices", [])}
    values = value if isinstance(value, list) else [value]
    return "、".join(choices.get(str(one), str(one)) for one in values)
