"""The register of conflicts of standards: the list, one conflict with its two texts, filing and ruling."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.ledger import queries as ledger
from yicha.doors.desk.acts import act_in_words
from yicha.doors.desk.conflicts.tables import TONES, ConflictFilter, ConflictTable
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ActView, DeskView, FormPage, ObjectPage, Tab
from yicha.doors.desk.places import acts_in
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.agreement import queries, services
from yicha.know.agreement.terms import ConflictFiling, RulingOutcome, SideFacts
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry

LONG = {"data-choose": ""}
OUTCOME_TONES = {
    "a-holds": ("done", "circle-check"),
    "b-holds": ("done", "circle-check"),
    "both-hold": ("done", "checks"),
    "neither-holds": ("refuse", "ban"),
}


def may_rule(person: Person, conflict: Any) -> bool:
    """Whether a person rules on conflicts of this region, or of a zone that crosses it."""
    return acts_in(person, "conflict.rule", [conflict.region.code])


class Conflicts(ListPage):
    """The whole register: what was ruled binds all."""

    action = "conflict.view"
    title = gettext_lazy("Conflicts of standards")
    table_class = ConflictTable
    filterset_class = ConflictFilter
    template_name = "desk/conflicts/list.html"
    empty_title = gettext_lazy("No conflict has been filed")
    empty_icon = "scale"

    def rows(self) -> QuerySet[Any]:
        return queries.list_conflicts()

    def context(self) -> dict[str, Any]:
        return {"may_file": self.may("conflict.file")}


class ConflictPage(ObjectPage):
    """One conflict: the two texts side by side, and the ruling."""

    action = "conflict.view"
    url_name = "desk:conflicts:object"
    tab_url_name = "desk:conflicts:tab"
    tabs = (
        Tab("conflict", gettext_lazy("Conflict"), "desk/conflicts/overview.html"),
        Tab("ledger", gettext_lazy("Ledger"), "desk/conflicts/ledger.html"),
    )

    def find(self) -> Any:
        return queries.find_conflict(self.kwargs["code"])

    def context(self) -> dict[str, Any]:
        found = self.object
        tone, icon = TONES[found.state]
        rules = self.may("conflict.rule") and may_rule(self.person, found) and found.filed_by != self.actor
        return {
            "title": found.title,
            "crumb": gettext_lazy("Conflicts of standards"),
            "crumb_url": reverse("desk:conflicts:list"),
            "tone": tone,
            "icon": icon,
            "may_rule": rules and found.state in ("filed", "ruled"),
            "may_withdraw": found.state == "filed" and found.filed_by == self.actor,
        }

    def context_conflict(self) -> dict[str, Any]:
        found = self.object
        rulings = list(found.rulings.prefetch_related("yields").order_by("-ruled_at"))
        binding = next((one for one in rulings if one.state == "binds"), None)
        sees = found.enterprise is not None and self.may("registry.view", found.enterprise)
        yields = {version.pk for version in binding.yields.all()} if binding else set()
        return {
            "sides": [
                (_("The first says"), found.a_version, found.a_agency, found.a_words),
                (_("The second says"), found.b_version, found.b_agency, found.b_words),
            ],
            "binding": binding,
            "binding_tone": OUTCOME_TONES[binding.outcome] if binding else ("plain", "circle"),
            "earlier": [one for one in rulings if one.state == "set-aside"],
            "yields": yields,
            "enterprise": found.enterprise if sees else None,
        }

    def context_ledger(self) -> dict[str, Any]:
        entries = ledger.list_entries_of(f"conflict:{self.object.code}")[:200]
        return {"happened": [(entry, act_in_words(entry.act)) for entry in entries]}


class FilingForm(forms.Form):
    """ "A says X, B says Y"."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    region = forms.ChoiceField(label=gettext_lazy("Region"), help_text=gettext_lazy("Where it was met."))
    a_item = forms.ChoiceField(label=gettext_lazy("First item"), widget=forms.Select(attrs=LONG))
    a_agency = forms.ChoiceField(
        label=gettext_lazy("Checked by"), required=False, widget=forms.Select(attrs=LONG)
    )
    a_words = forms.CharField(
        label=gettext_lazy("What it says, word for word"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    b_item = forms.ChoiceField(label=gettext_lazy("Second item"), widget=forms.Select(attrs=LONG))
    b_agency = forms.ChoiceField(
        label=gettext_lazy("Checked by"), required=False, widget=forms.Select(attrs=LONG)
    )
    b_words = forms.CharField(
        label=gettext_lazy("What it says, word for word"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    evidence = forms.CharField(
        label=gettext_lazy("Evidence"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("A document with its number, a record of a visit."),
    )

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today(clock.now())
        items = [
            ("", "—"),
            *(
                (row.item.code, f"{row.name} ({row.item.code})")
                for row in catalogue.list_versions_in_force(today)
            ),
        ]
        agencies = [("", "—"), *((one.code, one.name) for one in registry.list_agencies())]
        self.fields["region"].choices = regions  # type: ignore[attr-defined]
        for side in ("a", "b"):
            self.fields[f"{side}_item"].choices = items  # type: ignore[attr-defined]
            self.fields[f"{side}_agency"].choices = agencies  # type: ignore[attr-defined]

    def filing(self) -> ConflictFiling:
        """What was written down."""
        given = self.cleaned_data
        a, b = (
            SideFacts(given[f"{side}_item"], given[f"{side}_words"], given[f"{side}_agency"])
            for side in ("a", "b")
        )
        return ConflictFiling(given["title"], a, b, given["region"], given["evidence"])


class NewConflict(FormPage):
    """File a conflict of standards."""

    action = "conflict.file"
    title = gettext_lazy("File a conflict of standards")
    form_class = FilingForm
    submit = gettext_lazy("File it")
    template_name = "desk/conflicts/file.html"

    def form_options(self) -> dict[str, Any]:
        agencies = accounts.scoped(registry.list_agencies(), self.person, self.action)
        regions = {agency.region.code: agency.region.name for agency in agencies}
        return {"regions": sorted(regions.items())}

    def back(self) -> str:
        return reverse("desk:conflicts:list")

    def act(self, form: Any) -> str:
        filed = services.file_conflict(actor=self.actor, now=clock.now(), filing=form.filing())
        self.done(_("Filed as %(code)s. The coordination office rules on it.") % {"code": filed.code})
        return reverse("desk:conflicts:object", args=[filed.code])


class OneConflict(DeskView):
    """A page about one conflict."""

    def conflict(self) -> Any:
        """The conflict of the address."""
        return accounts.get_allowed(queries.find_conflict(self.kwargs["code"]), self.person, "conflict.view")

    def back(self) -> str:
        return reverse("desk:conflicts:object", args=[self.kwargs["code"]])


class RulingForm(forms.Form):
    """Which text holds, and why."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Which text holds"), choices=queries.OUTCOME_CHOICES, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=gettext_lazy("Words of the ruling"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Binding for all: what holds, from which document, and what officers do now."),
    )


class RuleConflict(OneConflict, FormPage):
    """Rule on a conflict; a former ruling is set aside."""

    action = "conflict.rule"
    title = gettext_lazy("Rule on the conflict")
    form_class = RulingForm
    submit = gettext_lazy("Rule")
    template_name = "desk/conflicts/rule.html"

    def conflict(self) -> Any:
        found = super().conflict()
        if not may_rule(self.person, found):
            raise NotFound
        return found

    def make_form(self) -> Any:
        self.conflict()
        return super().make_form()

    def context(self) -> dict[str, Any]:
        found = self.conflict()
        return {"conflict": found, "binding": found.rulings.filter(state="binds").first()}

    def act(self, form: Any) -> str:
        ruling = services.rule_conflict(
            actor=self.actor,
            now=clock.now(),
            conflict=self.conflict(),
            outcome=RulingOutcome(form.cleaned_data["outcome"]),
            words=form.cleaned_data["words"],
        )
        self.done(_("Ruling %(code)s binds from the next verdict on.") % {"code": ruling.code})
        return self.back()


class WithdrawConflict(OneConflict, ActView):
    """Take back what one has filed."""

    action = "conflict.file"

    def act(self) -> str:
        services.withdraw_conflict(actor=self.actor, now=clock.now(), conflict=self.conflict())
        self.done(_("Withdrawn."))
        return self.back()
