"""Pages of enterprises."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.ledger import queries as ledger
from yicha.doors.desk import tones
from yicha.doors.desk.enterprises import credit
from yicha.doors.desk.enterprises.tables import EnterpriseFilter, EnterpriseTable
from yicha.doors.desk.enterprises.timeline import list_happened
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, ShownTab, Tab
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries
from yicha.know.visits import queries as visits


class Enterprises(ListPage):
    """All enterprises that this person's agency supervises."""

    action = "registry.view"
    title = _("Enterprises")
    table_class = EnterpriseTable
    filterset_class = EnterpriseFilter
    template_name = "desk/enterprises/list.html"
    extra_columns = ("industry", "zone", "address", "registered_on", "capital")
    empty_title = _("No enterprises yet")
    empty_icon = "building-store"

    def rows(self) -> QuerySet[Any]:
        return queries.list_enterprises()

    def context(self) -> dict[str, Any]:
        return {"may_import": self.may("import.run")}


class OneEnterprise(ObjectPage):
    """One enterprise: what it is, what happened, its records, its history."""

    action = "registry.view"
    url_name = "desk:enterprises:object"
    tab_url_name = "desk:enterprises:tab"
    tabs = (
        Tab("overview", _("Overview"), "desk/enterprises/overview.html"),
        Tab("happened", _("What happened"), "desk/enterprises/happened.html"),
        Tab("credit", pgettext_lazy("tab of an enterprise", "Credit"), "desk/enterprises/credit.html"),
        Tab("records", _("Records"), "desk/enterprises/records.html"),
        Tab("history", _("Changes"), "desk/enterprises/history.html"),
    )

    def find(self) -> Any:
        return queries.find_enterprise(self.kwargs["uscc"])

    def context(self) -> dict[str, Any]:
        status = self.object.status
        return {
            "head_code": self.object.uscc,
            "may_apply": self.may("gate.apply"),
            "crumb": _("Enterprises"),
            "crumb_url": reverse("desk:enterprises:list"),
            "tone": tones.ENTERPRISE.get(status, ("plain", "circle")),
        }

    def context_overview(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        contacts = list(visits.list_contacts_of(self.object.uscc)[:50])
        return {
            "year": str(today.year),
            "counted": visits.count_toward_cap(self.object.uscc, today.year),
            "upcoming": [one for one in reversed(contacts) if one.state == "planned"],
            "last": next((one for one in contacts if one.state == "made"), None),
            "today": today,
        }

    def context_credit(self) -> dict[str, Any]:
        """Why it is of its class, and everything that speaks for and against it. Internal."""
        if not self._may_see_credit():
            raise NotFound
        return {
            **credit.explain(self.object, clock.today(clock.now())),
            "may_record": self.may("credit.record", self.object),
            "may_models": self.may("model.view"),
        }

    def _may_see_credit(self) -> bool:
        return self.may("credit.view", self.object) and self.may("class.view", self.object)

    def _shown_tabs(self, current: Tab) -> list[ShownTab]:
        """Credit is shown to whom classes are shown."""
        shown = super()._shown_tabs(current)
        hidden = reverse(self.tab_url_name, kwargs={"uscc": self.kwargs["uscc"], "tab": "credit"})
        return shown if self._may_see_credit() else [tab for tab in shown if tab.url != hidden]

    def context_happened(self) -> dict[str, Any]:
        subject = f"enterprise:{self.object.uscc}"
        entries = list(ledger.list_entries_of(subject)[:200]) if self.may("ledger.view") else []
        return {"happened": list_happened(visits.list_contacts_of(self.object.uscc)[:200], entries)}

    def context_records(self) -> dict[str, Any]:
        return {
            "premises": self.object.premises.select_related("region"),
            "aliases": self.object.aliases.all(),
            "recusals": self.object.recusals.select_related("officer__agency").order_by("-from_on"),
            "directories": queries.list_directories_of(self.object),
        }
