"""The list of results for others, and the page of one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.ledger import queries as ledger
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab
from yicha.doors.desk.recognition import words
from yicha.doors.desk.recognition.tables import SharedFilter, SharedTable
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.share.recognition import queries
from yicha.share.recognition.terms import Standing

MOST_SHOWN = 100
"""Checks and receipts drawn on one page; the count says how many there are."""


class SharedResults(ListPage):
    """Results of the person's own scope, and those that an agreement offers to an agency of theirs."""

    action = "recognition.view"
    title = gettext_lazy("Results for others")
    table_class = SharedTable
    filterset_class = SharedFilter
    template_name = "desk/recognition/list.html"
    extra_columns = ("region", "refused_by", "uscc")
    empty_title = gettext_lazy("No result is offered yet")
    empty_icon = "link"

    def rows(self) -> QuerySet[Any]:
        return queries.list_seen(self.person, clock.today(clock.now()))

    def scoped_rows(self) -> QuerySet[Any]:
        """Wider than the scope of the grants: an agreement lets results of other regions in."""
        return self.rows()

    def context(self) -> dict[str, Any]:
        return {"valid_days": queries.get_valid_days(clock.today(clock.now()))}


class OneResult(ObjectPage):
    """A result: what was found, how long it holds, under which agreement, who leans on it, who refused it."""

    action = "recognition.view"
    url_name = "desk:recognition:object"
    tab_url_name = "desk:recognition:tab"
    tabs = (
        Tab("overview", gettext_lazy("Result"), "desk/recognition/overview.html"),
        Tab("happened", gettext_lazy("What happened"), "desk/recognition/happened.html"),
        Tab("history", gettext_lazy("Changes"), "desk/recognition/history.html"),
    )

    def find(self) -> Any:
        return queries.find_seen(self.kwargs["uuid"], self.person, clock.today(clock.now()))

    def load(self) -> Any:
        """The result, in the person's scope or offered to an agency of theirs."""
        found = self.find()
        if found is None:
            raise NotFound
        return found

    def context(self) -> dict[str, Any]:
        result, today = self.object, clock.today(clock.now())
        standing = queries.standing_on(result, today)
        is_valid = standing is Standing.VALID
        return {
            "title": result.item_version.name,
            "crumb": _("Results for others"),
            "crumb_url": reverse("desk:recognition:list"),
            "look": words.look(result, today),
            "standing": standing.value,
            "days_left": (result.valid_until - today).days,
            "simulated": result.contact_item is not None and result.contact_item.contact.simulated,
            "may_refuse": bool(queries.list_refusing_agencies(result, self.person, today)),
            "may_revoke": result.state == "offered"
            and queries.may_act(self.person, "recognition.revoke", result),
            "may_certify": is_valid and queries.may_act(self.person, "recognition.offer", result),
        }

    def context_overview(self) -> dict[str, Any]:
        result, today = self.object, clock.today(clock.now())
        leaning = visits.list_spared_by(result)
        reached = list(queries.list_reached(result)[: MOST_SHOWN + 1])
        regions = dict(registry.list_regions().values_list("code", "name"))
        pacts = queries.list_agreements_for(result, today)
        return {
            "regions": regions,
            "agreements": [
                (pact, "、".join(regions.get(code, code) for code in sorted(pact.regions))) for pact in pacts
            ],
            "leaning": list(leaning[:MOST_SHOWN]),
            "leaning_count": leaning.count(),
            "refusals": list(queries.list_refusals(result)),
            "revocation": getattr(result, "revocation", None),
            "kinds": words.KINDS,
            "receipts": list(words.receipts(reached[:MOST_SHOWN])),
            "has_more": len(reached) > MOST_SHOWN,
            "certificates": list(queries.list_certificates().filter(results=result)[:20]),
            "visit": self._visit(),
        }

    def _visit(self) -> Any:
        """The uuid of the visit in which it was found, if this person may open that page."""
        item = self.object.contact_item
        if item is None or not accounts.may(self.person, "visit.view", item.contact.scope):
            return None
        return item.contact.uuid

    def context_happened(self) -> dict[str, Any]:
        entries = ledger.list_entries_of(f"result:{self.object.uuid}")[:200]
        return {
            "happened": [
                (entry, *words.ACTS.get(entry.act, (entry.act, "plain", "circle-dot"))) for entry in entries
            ],
            "agencies": dict(registry.list_agencies().values_list("code", "name")),
        }
