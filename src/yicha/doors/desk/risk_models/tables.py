"""The table and the filters of the list of models."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, NumberColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, SearchFilter
from yicha.doors.desk.risk_models.words import TONES
from yicha.know.credit.queries import models as queries


class ModelTable(ListTable):
    title = MainColumn(
        verbose_name=_("model of classes"),
        linkify=lambda record: reverse("desk:risk_models:object", args=[record.uuid]),
    )
    version = NumberColumn(verbose_name=_("version"))
    state = StateColumn(TONES, verbose_name=_("state"), accessor="state")
    signed = tables.Column(verbose_name=_("signed"), accessor="pk", orderable=False)
    in_force_from = DateColumn(verbose_name=_("in force from"))
    drafted_at = DateColumn(verbose_name=_("drafted at"))
    drafted_by = tables.Column(verbose_name=_("drafted by"))
    remark = tables.Column(verbose_name=_("what changes, and why"), orderable=False)

    def render_signed(self, record: Any) -> str:
        return f"{len(record.sign_offs.all())} / 2"

    def value_signed(self, record: Any) -> str:
        return self.render_signed(record)


class ModelFilter(django_filters.FilterSet):
    """What narrows the list of models."""

    q = SearchFilter(("title", "remark", "text"), label=_("model of classes"), hint=_("title, or words"))
    state = ChoiceFilter(queries.list_models, "state", _("state"))
