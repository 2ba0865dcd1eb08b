"""The table and the filters of the register of conflicts."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.know.agreement import queries
from yicha.know.registry import queries as registry

TONES = {
    "filed": ("due", "scale"),
    "ruled": ("done", "gavel"),
    "withdrawn": ("spared", "arrow-back-up"),
}
"""How a conflict's state looks: (tone, icon)."""


class ConflictTable(ListTable):
    title = MainColumn(
        verbose_name=_("conflict"),
        linkify=lambda record: reverse("desk:conflicts:object", args=[record.code]),
    )
    code = tables.Column(verbose_name=_("number"), attrs={"td": {"class": "tight"}})
    a = tables.Column(verbose_name=_("the first"), accessor="a_version__name")
    b = tables.Column(verbose_name=_("the second"), accessor="b_version__name")
    state = StateColumn(TONES, verbose_name=_("state"), accessor="state")
    ruling = tables.Column(
        verbose_name=_("ruling"), accessor="pk", orderable=False, attrs={"td": {"class": "tight"}}
    )
    region = tables.Column(verbose_name=_("region"), order_by="region__code")
    filed_at = DateColumn(verbose_name=_("filed at"))

    def render_ruling(self, record: Any) -> str:
        binding = [one for one in record.rulings.all() if one.state == "binds"]
        return binding[0].code if binding else ""

    def value_ruling(self, record: Any) -> str:
        return self.render_ruling(record)


class ConflictFilter(django_filters.FilterSet):
    """What narrows the register."""

    q = SearchFilter(
        ("title", "code", "a_words", "b_words", "rulings__words"),
        label=_("conflict"),
        hint=_("title, number, or words"),
    )
    state = ChoiceFilter(queries.list_conflicts, "state", _("state"))
    region = ObjectFilter(registry.list_regions, _("region"), long=True)
