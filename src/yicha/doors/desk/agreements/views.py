"""The list of agreements, and one version: a document with its signatures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.ledger import queries as ledger
from yicha.doors.desk.acts import act_in_words
from yicha.doors.desk.agreements.acts import may_edit, my_regions
from yicha.doors.desk.agreements.tables import TONES, AgreementFilter, AgreementTable, share_words
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab
from yicha.doors.templatetags.look import on
from yicha.know.agreement import queries
from yicha.know.catalogue import queries as catalogue


class Agreements(ListPage):
    """All versions of all agreements."""

    action = "agreement.view"
    title = gettext_lazy("Agreements")
    table_class = AgreementTable
    filterset_class = AgreementFilter
    template_name = "desk/agreements/list.html"
    extra_columns = ("valid_until",)
    empty_title = gettext_lazy("No agreement yet")
    empty_icon = "writing-sign"

    def rows(self) -> QuerySet[Any]:
        return queries.list_agreements()

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("agreement.edit")}


@dataclass(frozen=True)
class Compared:
    """A line of two versions side by side."""

    label: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


class AgreementPage(ObjectPage):
    """One version: what is agreed, who has signed, which standards count as the same."""

    action = "agreement.view"
    url_name = "desk:agreements:object"
    tab_url_name = "desk:agreements:tab"
    tabs = (
        Tab("agreement", gettext_lazy("Agreement"), "desk/agreements/overview.html"),
        Tab("versions", gettext_lazy("Versions"), "desk/agreements/versions.html"),
        Tab("ledger", gettext_lazy("Ledger"), "desk/agreements/ledger.html"),
    )

    def find(self) -> Any:
        return queries.find_agreement(self.kwargs["code"], self.kwargs["version"])

    def context(self) -> dict[str, Any]:
        found = self.object
        tone, icon = TONES[found.state]
        codes = [region.code for region in found.regions.all()]
        edits = self.may("agreement.edit") and may_edit(self.person, codes)
        mine = {region.code for region in my_regions(self.person, found)}
        return {
            "title": found.name,
            "crumb": gettext_lazy("Agreements"),
            "crumb_url": reverse("desk:agreements:list"),
            "tone": tone,
            "icon": icon,
            "shares": share_words(found.shares),
            "mine": mine,
            "acts": bool(mine) and found.state in ("offered", "signed"),
            "last_day": queries.find_last_day(found),
            "may_edit": edits and found.state == "draft",
            "may_withdraw": edits and found.state in ("draft", "offered"),
            "may_renew": edits and found.state == "in-force" and not self._is_followed(),
            "may_declare": edits and found.state in ("signed", "in-force"),
            "may_end": bool(mine & set(codes)) and found.state == "in-force" and not found.notice_until,
        }

    def context_agreement(self) -> dict[str, Any]:
        rows = list(queries.list_equivalence_rows(self.object.code))
        wanted = {code for row in rows for code in (row.own_item.code, row.other_item.code)}
        wanted |= {item.code for item in self.object.items.all()}
        current = catalogue.list_current_versions().filter(item__code__in=wanted)
        return {
            "slots": self.object.signatures.all(),
            "signed": self.object.state not in ("draft", "offered", "withdrawn"),
            "equivalences": rows,
            "names": dict(current.values_list("item__code", "name")),
        }

    def context_versions(self) -> dict[str, Any]:
        versions = list(queries.list_versions(self.object.code))
        former = next((one for one in versions if one.version < self.object.version), None)
        rows = []
        if former is not None:
            before, after = _lines(former), _lines(self.object)
            rows = [Compared(label, before[label], after[label]) for label in after]
        return {
            "versions": [(one, TONES[one.state]) for one in versions],
            "former": former,
            "compared": rows,
        }

    def context_ledger(self) -> dict[str, Any]:
        entries = ledger.list_entries_of(f"agreement:{self.object.code}")[:200]
        return {"happened": [(entry, act_in_words(entry.act)) for entry in entries]}

    def _is_followed(self) -> bool:
        versions = queries.list_versions(self.object.code).filter(version__gt=self.object.version)
        return versions.filter(state__in=["draft", "offered", "signed"]).exists()


def _lines(agreement: Any) -> dict[str, str]:
    """What a version says, line by line, for comparing."""
    kinds = "、".join(kind.name for kind in agreement.kinds.all())
    items = "、".join(item.code for item in agreement.items.all())
    return {
        _("name"): agreement.name,
        _("member regions"): "、".join(region.name for region in agreement.regions.all()),
        _("what is shared"): share_words(agreement.shares),
        _("kinds of agency"): kinds or _("all"),
        _("items"): items or _("all"),
        _("valid from"): on(agreement.valid_from),
        _("valid until"): on(agreement.valid_until) or _("without an end"),
        _("days of notice"): str(agreement.notice_days),
    }
