"""Pages of the rows that the gate judges by: triggers, quiet days, approvals of campaigns."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.decide.gate import queries, services
from yicha.decide.gate.terms import CampaignFacts, QuietFacts, TriggerFacts
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.numbers.forms import FLAGS, CampaignForm, QuietForm, TriggerForm
from yicha.doors.desk.numbers.tables import CampaignTable, QuietTable, TriggerTable
from yicha.doors.desk.pages import FormPage, Words
from yicha.kernel import clock


class GateRows(ListPage):
    """A list of rows of the gate, with the button that adds one for who may."""

    action = "gate.view"
    template_name = "desk/numbers/gate_rows.html"
    new_url = ""
    new_words: Words = ""
    about: Words = ""

    def context(self) -> dict[str, Any]:
        return {
            "may_edit": self.may("gate.rows"),
            "new_url": reverse(self.new_url),
            "new_words": self.new_words,
            "about": self.about,
        }


class Triggers(GateRows):
    """Why a visit may take place, and what such a visit is free from."""

    title = gettext_lazy("Triggers of visits")
    table_class = TriggerTable
    extra_columns = ("code", "is_ours")
    new_url, new_words = "desk:numbers:new_trigger", gettext_lazy("Change a trigger")
    about = gettext_lazy(
        "The newest row of a trigger that is in force counts. Exceptions demand a reference to their evidence."
    )
    empty_title = gettext_lazy("No triggers yet")

    def rows(self) -> QuerySet[Any]:
        return queries.list_triggers()


class Quiet(GateRows):
    """Days of every month on which a region wants no visits."""

    title = gettext_lazy("Quiet days")
    table_class = QuietTable
    new_url, new_words = "desk:numbers:new_quiet", gettext_lazy("Set quiet days")
    about = gettext_lazy(
        "On these days of every month a region or zone has no visits, except those whose trigger is free of them."
    )
    empty_title = gettext_lazy("No region has quiet days")

    def rows(self) -> QuerySet[Any]:
        return queries.list_quiet_days()


class Campaigns(GateRows):
    """Who approved which special campaign."""

    title = gettext_lazy("Approvals of campaigns")
    table_class = CampaignTable
    new_url, new_words = "desk:numbers:new_campaign", gettext_lazy("Record an approval")
    about = gettext_lazy(
        "Where random draws run there are no blanket campaigns without an approval. Visits of a campaign name its code."
    )
    empty_title = gettext_lazy("No campaign was approved")

    def rows(self) -> QuerySet[Any]:
        return queries.list_campaigns()


class NewTrigger(FormPage):
    """Set what a trigger frees from, from a day on."""

    action = "gate.rows"
    title = gettext_lazy("Change a trigger from a day on")
    form_class = TriggerForm
    submit = gettext_lazy("Set the trigger")

    def form_options(self) -> dict[str, Any]:
        newest = queries.list_triggers().filter(code=self.request.GET.get("code", "")).first()
        if newest is None:
            return {}
        return {"initial": {"code": newest.code} | {name: getattr(newest, name) for name in FLAGS}}

    def back(self) -> str:
        return reverse("desk:numbers:triggers")

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        facts = TriggerFacts(words=form.words[given["code"]], **given)
        services.set_trigger(actor=self.actor, now=clock.now(), facts=facts)
        self.done(_("The trigger is set. What was decided before it keeps the row it was decided by."))
        return self.back()


class NewQuiet(FormPage):
    """Set the quiet days of a region or zone from a day on."""

    action = "gate.rows"
    title = gettext_lazy("Set quiet days from a day on")
    form_class = QuietForm
    submit = gettext_lazy("Set the quiet days")

    def back(self) -> str:
        return reverse("desk:numbers:quiet")

    def act(self, form: Any) -> str:
        services.set_quiet_days(actor=self.actor, now=clock.now(), facts=QuietFacts(**form.cleaned_data))
        self.done(_("The quiet days are set. The next verdict sees them."))
        return self.back()


class NewCampaign(FormPage):
    """Record who approved a special campaign."""

    action = "gate.rows"
    title = gettext_lazy("Record the approval of a campaign")
    form_class = CampaignForm
    submit = gettext_lazy("Record the approval")

    def back(self) -> str:
        return reverse("desk:numbers:campaigns")

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        facts = CampaignFacts(
            **{name: given[name] for name in ("code", "document", "approved_by", "from_above")},
            agencies=frozenset(given["agencies"]),
            items=frozenset(given["items"]),
            valid_from=given["valid_from"],
            valid_until=given["valid_until"],
        )
        services.approve_campaign(actor=self.actor, now=clock.now(), facts=facts)
        self.done(_("The approval is recorded. Applications may name it now."))
        return self.back()
