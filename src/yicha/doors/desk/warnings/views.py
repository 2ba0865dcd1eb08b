"""The list of warnings, one warning with what it rests on, and its two acts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.ledger import queries as ledger
from yicha.doors.desk.acts import act_in_words
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ActView, DeskView, FormPage, ObjectPage, Tab
from yicha.doors.desk.warnings import rights
from yicha.doors.desk.warnings.tables import WarningFilter, WarningTable
from yicha.doors.desk.warnings.words import ICONS, TONES, name_red_lines, say
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.credit.queries import warnings as queries
from yicha.know.credit.services import warnings as services
from yicha.know.registry import queries as registry


class Warnings(ListPage):
    """Everything that was raised, one's own first, the closed last."""

    action = "warning.view"
    title = gettext_lazy("Warnings")
    table_class = WarningTable
    filterset_class = WarningFilter
    template_name = "desk/warnings/list.html"
    extra_columns = ("uscc", "agencies", "closed_by")
    empty_title = gettext_lazy("No warnings")
    empty_icon = "bell"

    def rows(self) -> QuerySet[Any]:
        return queries.mine_first(queries.list_warnings(), accounts.list_agencies_of(self.person))

    def scoped_rows(self) -> QuerySet[Any]:
        return rights.narrow(self.rows(), self.person, self.action)


class WarningPage(ObjectPage):
    """One warning: what happened, what it rests on, who is concerned."""

    action = "warning.view"
    url_name = "desk:warnings:object"
    tab_url_name = "desk:warnings:tab"
    tabs = (
        Tab("overview", gettext_lazy("Overview"), "desk/warnings/overview.html"),
        Tab("ledger", gettext_lazy("Ledger"), "desk/warnings/ledger.html"),
    )

    def load(self) -> Any:
        return rights.get_warning(self.kwargs["uuid"], self.person, self.action)

    def context(self) -> dict[str, Any]:
        tone, icon = TONES[self.object.state]
        may_act = rights.may_close(self.object, self.person)
        return {
            "title": say(self.object),
            "head_code": self.object.enterprise.uscc,
            "crumb": _("Warnings"),
            "crumb_url": reverse("desk:warnings:list"),
            "tone": tone,
            "icon": icon,
            "kind_icon": ICONS[self.object.kind],
            "may_see": may_act and self.object.state == "raised",
            "may_close": may_act and self.object.state != "closed",
        }

    def context_overview(self) -> dict[str, Any]:
        found = self.object
        names = dict(registry.list_agencies().values_list("code", "name"))
        record = queries.find_record_of(found)
        members = queries.list_members(found)
        shown = list(accounts.scoped(members, self.person, "class.view")) if found.kind == "cluster" else []
        standing = queries.find_standing_of(found)
        lines = name_red_lines()
        return {
            "agencies": [names.get(code, code) for code in found.agencies],
            "record": record if record is not None and self.may("credit.view", record) else None,
            "run": queries.find_run_of(found),
            "members": shown,
            "hidden": found.facts.get("count", 0) - len(shown),
            "standing": standing,
            "crossed": [lines.get(code, code) for code in standing.red_lines] if standing else [],
            "sees_enterprise": self.may("registry.view", found.enterprise),
        }

    def context_ledger(self) -> dict[str, Any]:
        entries = ledger.list_entries_of(f"warning:{self.object.uuid}")[:200]
        return {"happened": [(entry, act_in_words(entry.act)) for entry in entries]}


class OneWarning(DeskView):
    """An act on one warning, for whom it concerns."""

    action = "warning.close"

    def warning(self) -> Any:
        """The warning of the address, if it is this person's to act on."""
        found = rights.get_warning(self.kwargs["uuid"], self.person, self.action)
        if not rights.may_close(found, self.person):
            raise NotFound
        return found

    def back(self) -> str:
        return reverse("desk:warnings:object", args=[self.kwargs["uuid"]])


class See(OneWarning, ActView):
    """Take note."""

    def act(self) -> str:
        services.see(actor=self.actor, now=clock.now(), warning=self.warning())
        self.done(_("Noted. Close the warning when something was done about it."))
        return self.back()


class CloseForm(forms.Form):
    """What was done."""

    words = forms.CharField(
        label=gettext_lazy("What was done"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "A visit and its result, a referral with its number, or why nothing is needed."
        ),
    )


class Close(OneWarning, FormPage):
    """Close a warning with words."""

    title = gettext_lazy("Close the warning")
    form_class = CloseForm
    submit = gettext_lazy("Close it")
    template_name = "desk/warnings/close.html"

    def make_form(self) -> Any:
        self.warning()
        return super().make_form()

    def context(self) -> dict[str, Any]:
        warning = self.warning()
        return {"warning": warning, "what": say(warning)}

    def act(self, form: Any) -> str:
        words = form.cleaned_data["words"]
        services.close(actor=self.actor, now=clock.now(), warning=self.warning(), words=words)
        self.done(_("Closed."))
        return self.back()
