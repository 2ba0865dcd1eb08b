"""The table and the filters of the list of agreements."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, NumberColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.know.agreement import queries
from yicha.know.registry import queries as registry

TONES = {
    "draft": ("plain", "edit"),
    "offered": ("due", "writing-sign"),
    "signed": ("action", "hourglass"),
    "in-force": ("done", "circle-check"),
    "ended": ("spared", "ban"),
    "superseded": ("spared", "versions"),
    "withdrawn": ("spared", "arrow-back-up"),
}
"""How an agreement's state looks: (tone, icon)."""
SHARE_WORDS = {str(value): words for value, words in queries.SHARE_CHOICES}


def share_words(shares: list[str]) -> str:
    """What is shared, in words."""
    return "、".join(str(words) for share, words in SHARE_WORDS.items() if share in shares)


class AgreementTable(ListTable):
    name = MainColumn(
        verbose_name=_("agreement"),
        linkify=lambda record: reverse("desk:agreements:object", args=[record.code, record.version]),
    )
    code = tables.Column(verbose_name=_("number"), attrs={"td": {"class": "tight"}})
    version = NumberColumn(verbose_name=_("version"))
    regions = tables.Column(verbose_name=_("member regions"), orderable=False)
    shares = tables.Column(verbose_name=_("what is shared"), orderable=False)
    state = StateColumn(TONES, verbose_name=_("state"), accessor="state")
    signed = tables.Column(verbose_name=pgettext_lazy("agreement", "signed"), accessor="pk", orderable=False)
    valid_from = DateColumn(verbose_name=_("valid from"))
    valid_until = DateColumn(verbose_name=_("valid until"))

    def render_regions(self, record: Any) -> str:
        return "、".join(region.name for region in record.regions.all())

    def value_regions(self, record: Any) -> str:
        return self.render_regions(record)

    def render_shares(self, value: list[str]) -> str:
        return share_words(value)

    def value_shares(self, value: list[str]) -> str:
        return share_words(value)

    def render_signed(self, record: Any) -> str:
        slots = list(record.signatures.all())
        return f"{sum(slot.signed_at is not None for slot in slots)} / {len(slots)}" if slots else "—"

    def value_signed(self, record: Any) -> str:
        return self.render_signed(record)


class AgreementFilter(django_filters.FilterSet):
    """What narrows the list of agreements."""

    q = SearchFilter(("name", "code", "text"), label=_("agreement"), hint=_("name, number, or words"))
    state = ChoiceFilter(queries.list_agreements, "state", _("state"))
    region = ObjectFilter(registry.list_regions, _("member region"), field_name="regions", long=True)
