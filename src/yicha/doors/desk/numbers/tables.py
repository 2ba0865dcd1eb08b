"""Tables of numbers and rates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.desk.columns import ClassColumn, DateColumn, ListTable, MainColumn, NumberColumn
from yicha.doors.templatetags.look import word


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


class NumberTable(ListTable):
    words = MainColumn(verbose_name=gettext_lazy("meaning"))
    value = NumberColumn(verbose_name=gettext_lazy("value"))
    unit = tables.Column(verbose_name=gettext_lazy("unit"))
    in_force_from = DateColumn(verbose_name=gettext_lazy("in force from"))
    is_ours = OursColumn(verbose_name=gettext_lazy("standing"))
    source = tables.Column(verbose_name=gettext_lazy("source"))
    code = tables.Column(verbose_name=gettext_lazy("code"))

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
    joint_list = tables.Column(verbose_name=gettext_lazy("joint list"), empty_values=())
    item = tables.Column(verbose_name=gettext_lazy("item"))
    region = tables.Column(verbose_name=gettext_lazy("region"), empty_values=())
    in_force_from = DateColumn(verbose_name=gettext_lazy("in force from"))
    is_ours = OursColumn(verbose_name=gettext_lazy("standing"))
    source = tables.Column(verbose_name=gettext_lazy("source"))

    def render_rate(self, value: Decimal) -> str:
        return percent(value)

    def render_joint_list(self, value: Any, record: Any) -> str:
        return str(value or (_("all") if record.item is None else ""))

    def render_region(self, value: Any) -> str:
        return str(value or _("all"))
