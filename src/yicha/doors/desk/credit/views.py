"""The list of credit records, and one record whole. Internal: the public sees what is published on its own page."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from yicha.base.ledger import queries as ledger
from yicha.doors.desk.columns import (
    CodeColumn,
    DateColumn,
    ListTable,
    MainColumn,
    NumberColumn,
    StateColumn,
)
from yicha.doors.desk.credit.rights import may_write
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab
from yicha.doors.desk.repairs.words import say
from yicha.doors.templatetags.look import on, state_html
from yicha.kernel import clock
from yicha.know.credit import queries
from yicha.know.credit.queries import repairs
from yicha.know.credit.terms import RecordState
from yicha.know.credit.terms.records import UNPUBLISHED_KINDS
from yicha.know.registry import queries as registry
from yicha.share.repair import queries as endings

TONES = {
    "in-effect": ("action", "circle-dot"),
    "ended": ("spared", "circle-check"),
    "corrected": ("plain", "history"),
}
GRADES = {
    "none": ("plain", "circle"),
    "minor": ("plain", "flag"),
    "general": ("due", "alert-triangle"),
    "serious": ("refuse", "urgent"),
}


class RecordTable(ListTable):
    reference = MainColumn(
        verbose_name=gettext_lazy("document number"),
        linkify=lambda record: reverse("desk:credit:object", args=[record.uuid]),
    )
    enterprise = tables.Column(
        verbose_name=gettext_lazy("enterprise"),
        accessor="enterprise__name",
        linkify=lambda record: reverse("desk:enterprises:tab", args=[record.enterprise.uscc, "credit"]),
    )
    uscc = CodeColumn(verbose_name=gettext_lazy("unified social credit code"), accessor="enterprise__uscc")
    kind = tables.Column(verbose_name=gettext_lazy("kind"))
    severity = StateColumn(GRADES, verbose_name=gettext_lazy("severity"))
    state = StateColumn(TONES, verbose_name=gettext_lazy("state"))
    happened_on = DateColumn(verbose_name=gettext_lazy("happened on"))
    effective_until = DateColumn(verbose_name=gettext_lazy("effective until"))
    published_on = DateColumn(verbose_name=gettext_lazy("published on"))
    agency = tables.Column(verbose_name=gettext_lazy("source agency"), order_by="agency__code")
    amount = NumberColumn(verbose_name=gettext_lazy("amount (yuan)"))
    year = tables.Column(verbose_name=gettext_lazy("year of the report"))
    effective_from = DateColumn(verbose_name=gettext_lazy("effective from"))
    version = NumberColumn(verbose_name=gettext_lazy("version"))
    words = tables.Column(verbose_name=gettext_lazy("what happened"), orderable=False)


class RecordFilter(django_filters.FilterSet):
    """What narrows the list."""

    q = SearchFilter(
        ("enterprise__name", "enterprise__uscc", "reference"), hint=gettext_lazy("name, code or reference")
    )
    kind = ChoiceFilter(queries.list_records, "kind", gettext_lazy("kind"))
    severity = ChoiceFilter(queries.list_records, "severity", gettext_lazy("severity"))
    state = ChoiceFilter(queries.list_records, "state", gettext_lazy("state"))
    published = django_filters.ChoiceFilter(
        field_name="is_published",
        label=pgettext_lazy("credit record", "publication"),
        empty_label=gettext_lazy("all"),
        choices=[
            ("True", pgettext_lazy("credit record", "public")),
            ("False", pgettext_lazy("credit record", "not public")),
        ],
    )
    agency = ObjectFilter(registry.list_agencies, gettext_lazy("source agency"), long=True)
    region = ObjectFilter(registry.list_regions, gettext_lazy("region"), field_name="enterprise__region")


class Records(ListPage):
    """The versions that hold."""

    action = "credit.view"
    title = gettext_lazy("Credit records")
    table_class = RecordTable
    filterset_class = RecordFilter
    template_name = "desk/credit/list.html"
    extra_columns = ("uscc", "amount", "effective_from", "year", "version", "words")
    empty_title = gettext_lazy("No credit records yet")
    empty_icon = "file-description"

    def rows(self) -> QuerySet[Any]:
        return queries.list_records()

    def context(self) -> dict[str, Any]:
        return {"may_record": self.may("credit.record"), "may_import": self.may("import.run")}


class RecordPage(ObjectPage):
    """One version of a record: what it says, how its effect runs and ended, the versions, the ledger."""

    action = "credit.view"
    url_name = "desk:credit:object"
    tab_url_name = "desk:credit:tab"
    tabs = (
        Tab("record", pgettext_lazy("credit record", "Record"), "desk/credit/overview.html"),
        Tab("versions", gettext_lazy("Versions"), "desk/credit/versions.html"),
        Tab("ledger", gettext_lazy("Ledger"), "desk/credit/ledger.html"),
    )

    def find(self) -> Any:
        return queries.find_record(self.kwargs["uuid"])

    def context(self) -> dict[str, Any]:
        return {
            "title": self.object.reference,
            "state": _state_html(self.object),
            "grade": GRADES[self.object.severity],
            "buttons": self._buttons(),
            "holds": queries.find_current(self.object.agency.code, self.object.reference),
            "crumb": _("Credit records"),
            "crumb_url": reverse("desk:credit:list"),
        }

    def context_record(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        stage, days = repairs.stage_of(self.object, today)
        ending = repairs.find_ending(self.object)
        return {
            "stage": stage.value,
            "days": days,
            "effect": _effect(self.object, days.ends_on, today),
            "shows": self.object.is_published and self.object.state == RecordState.IN_EFFECT,
            "never_public": self.object.kind in UNPUBLISHED_KINDS,
            "ending": ending,
            "receipts": [
                (repairs.name_use(receipt.use), receipt, say(receipt))
                for receipt in (endings.list_receipts(ending) if ending else ())
            ],
            "repairs": repairs.list_repairs().filter(record__code=self.object.code),
        }

    def context_versions(self) -> dict[str, Any]:
        found = queries.list_differences(self.object)
        return {"versions": [(row, _state_html(row), changes) for row, changes in found]}

    def context_ledger(self) -> dict[str, Any]:
        entries = ledger.list_entries_of(f"credit:{self.object.code}"[:160])[:200]
        return {"entries": entries if self.may("ledger.view") else [], "may_read": self.may("ledger.view")}

    def _buttons(self) -> list[tuple[str, str, str]]:
        """(label, address, tone) of what is possible and this person may do."""
        record = self.object
        if record.state == RecordState.CORRECTED:
            return []
        writes = may_write(self.person, "credit.record", record)
        corrects = may_write(self.person, "credit.correct", record)
        runs = record.state == RecordState.IN_EFFECT
        hidden = not record.is_published and record.kind not in UNPUBLISHED_KINDS
        applies = self.may("repair.accept") and runs and repairs.is_repairable(record)
        wanted = (
            (writes and runs and hidden, pgettext("publicity", "Publish"), "publish", "btn-primary"),
            (corrects, _("Correct it"), "correct", ""),
            (corrects and runs, _("End it"), "end", ""),
        )
        shown = [
            (label, reverse(f"desk:credit:{name}", args=[record.uuid]), tone)
            for allowed, label, name, tone in wanted
            if allowed
        ]
        if applies:
            shown.append((_("Apply for repair"), f"{reverse('desk:repairs:new')}?record={record.code}", ""))
        return shown


def _state_html(record: Any) -> SafeString:
    tone, icon = TONES[record.state]
    return state_html(record.get_state_display(), tone, icon)


def _effect(record: Any, last: date | None, today: date) -> str:
    """Whether the record has effect today, and until when."""
    if record.state == RecordState.CORRECTED:
        return _("A later version says what holds.")
    if record.state == RecordState.ENDED:
        return _("It has no effect since %(day)s.") % {"day": on(record.ended_on)}
    if record.effective_from > today:
        return _("Its effect begins on %(day)s.") % {"day": on(record.effective_from)}
    if last is None:
        return _("It has effect until it is ended.")
    left = (last - today).days
    if left < 0:
        return _("Its time was over on %(day)s.") % {"day": on(last)}
    return _("It has effect until %(day)s: %(left)s days more.") % {"day": on(last), "left": left}
