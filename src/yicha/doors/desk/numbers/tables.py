"""Tables of numbers and rates."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.desk.columns import (
    ClassColumn,
    DateColumn,
    ListTable,
    MainColumn,
    NumberColumn,
    WordColumn,
)
from yicha.doors.templatetags.look import word
from yicha.know.registry import queries as registry


def places() -> list[tuple[str, str]]:
    """Regions and zones as (code, name), each code once: a zone may have a region's code."""
    found = {region.code: region.name for region in registry.list_regions()}
    found |= {zone.code: zone.name for zone in registry.list_zones()}
    return list(found.items())


def plain(value: Decimal) -> str:
    """A number without the zeros that the table only stores."""
    return f"{value.normalize():f}"


def percent(value: Decimal) -> str:
    """A share as people say it."""
    return f"{plain(value * 100)} %"


class OursColumn(tables.Column):
    """Whether a number is official, or ours because none was found: said on the screen wherever it is shown."""

    def render(self, value: bool) -> str:
        word, tone, icon = (
            (_("our default"), "due", "info-circle") if value else (_("official"), "done", "circle-check")
        )
        return render_to_string("desk/cells/state.html", {"word": word, "tone": tone, "icon": icon})

    def value(self, **options: Any) -> str:
        return str(_("our default") if options["value"] else _("official"))


class PlaceTable(ListTable):
    """A table with a `region` column: codes of regions or zones, shown by their names."""

    region = tables.Column(verbose_name=gettext_lazy("region or zone"), empty_values=(None,))

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of all regions and zones, by code."""
        return dict(places())

    def render_region(self, value: str) -> str:
        return self.names.get(value, value) if value else str(_("everywhere"))


class NumberTable(PlaceTable):
    words = MainColumn(verbose_name=gettext_lazy("meaning"))
    value = NumberColumn(verbose_name=gettext_lazy("value"))
    unit = tables.Column(verbose_name=gettext_lazy("unit"))
    in_force_from = DateColumn(verbose_name=gettext_lazy("in force from"))
    is_ours = OursColumn(verbose_name=gettext_lazy("standing"))
    source = tables.Column(verbose_name=gettext_lazy("source"))
    code = tables.Column(verbose_name=gettext_lazy("code"))

    class Meta:
        sequence = ("words", "value", "unit", "region", "...")

    def render_value(self, value: Decimal) -> str:
        return plain(value)

    def render_words(self, value: str) -> str:
        return word(value)

    def render_unit(self, value: str) -> str:
        return word(value)

    def render_source(self, value: str) -> str:
        return word(value)


class RateTable(ListTable):
    risk_class = ClassColumn(verbose_name=gettext_lazy("class"))
    rate = NumberColumn(verbose_name=gettext_lazy("rate"))
    visits_a_year = NumberColumn(
        verbose_name=gettext_lazy("visits on own initiative a year"), empty_values=()
    )
    method = tables.Column(verbose_name=gettext_lazy("method"))
    scope = tables.Column(verbose_name=gettext_lazy("checked items"))
    joint_list = tables.Column(verbose_name=gettext_lazy("joint list"), empty_values=())
    item = tables.Column(verbose_name=gettext_lazy("item"))
    region = tables.Column(verbose_name=gettext_lazy("region"), empty_values=())
    in_force_from = DateColumn(verbose_name=gettext_lazy("in force from"))
    is_ours = OursColumn(verbose_name=gettext_lazy("standing"))
    source = tables.Column(verbose_name=gettext_lazy("source"))

    def render_rate(self, value: Decimal) -> str:
        return percent(value)

    def render_visits_a_year(self, value: int | None) -> str:
        return str(_("no limit") if value is None else value)

    def render_joint_list(self, value: Any, record: Any) -> str:
        return str(value or (_("all") if record.item is None else ""))

    def render_region(self, value: Any) -> str:
        return str(value or _("all"))


class YesColumn(tables.Column):
    """Whether something holds: a word where it does, a dash where it does not."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("attrs", {"td": {"class": "tight"}})
        super().__init__(**options)

    def render(self, value: bool) -> str:
        return str(_("yes") if value else "—")

    def value(self, **options: Any) -> str:
        return str(_("yes") if options["value"] else "")


class TriggerTable(ListTable):
    words = MainColumn(
        verbose_name=gettext_lazy("meaning"),
        linkify=lambda record: f"{reverse('desk:numbers:new_trigger')}?code={record.code}",
    )
    own_initiative = YesColumn(verbose_name=gettext_lazy("own initiative"))
    counts_toward_cap = YesColumn(verbose_name=gettext_lazy("counts toward the cap"))
    exempt_from_cap = YesColumn(verbose_name=gettext_lazy("free of the cap"))
    exempt_from_quiet = YesColumn(verbose_name=gettext_lazy("free of quiet days"))
    exempt_from_undisturbed = YesColumn(verbose_name=gettext_lazy("free of the undisturbed list"))
    spareable = YesColumn(verbose_name=gettext_lazy("may be spared"))
    needs_evidence = YesColumn(verbose_name=gettext_lazy("evidence is named"))
    may_be_unannounced = YesColumn(verbose_name=gettext_lazy("may be unannounced"))
    in_force_from = DateColumn(verbose_name=gettext_lazy("in force from"))
    is_ours = OursColumn(verbose_name=gettext_lazy("standing"))
    source = tables.Column(verbose_name=gettext_lazy("source"))
    code = WordColumn(verbose_name=gettext_lazy("code"))

    def render_words(self, value: str) -> str:
        return word(value)

    def render_source(self, value: str) -> str:
        return word(value)


class QuietTable(PlaceTable):
    from_day = NumberColumn(verbose_name=gettext_lazy("from day"))
    until_day = NumberColumn(verbose_name=gettext_lazy("until day"))
    in_force_from = DateColumn(verbose_name=gettext_lazy("in force from"))
    is_ours = OursColumn(verbose_name=gettext_lazy("standing"))
    source = tables.Column(verbose_name=gettext_lazy("source"))

    class Meta:
        sequence = ("region", "...")


class CampaignTable(ListTable):
    code = WordColumn(verbose_name=gettext_lazy("code"))
    document = MainColumn(verbose_name=gettext_lazy("document"))
    approved_by = tables.Column(verbose_name=gettext_lazy("approved by"))
    from_above = YesColumn(verbose_name=gettext_lazy("ordered from above"))
    agencies = tables.Column(verbose_name=gettext_lazy("agencies"), empty_values=(None,), orderable=False)
    items = tables.Column(verbose_name=gettext_lazy("items"), empty_values=(None,), orderable=False)
    valid_from = DateColumn(verbose_name=gettext_lazy("valid from"))
    valid_until = DateColumn(verbose_name=gettext_lazy("valid until"))

    def render_agencies(self, value: list[str]) -> str:
        return "、".join(value) or str(_("all"))

    def render_items(self, value: list[str]) -> str:
        return "、".join(value) or str(_("all"))
