"""Tables of draws."""

from __future__ import annotations

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, StateColumn

TONES = {
    "opened": ("action", "circle-dot"),
    "frozen": ("action", "lock"),
    "published": ("due", "clock"),
    "revealed": ("due", "eye"),
    "drawn": ("done", "circle-check"),
    "void": ("refuse", "ban"),
}
"""How a draw's state looks: (tone, icon)."""


class DrawTable(ListTable):
    title = MainColumn(
        verbose_name=_("title"), linkify=("desk:draws:object", {"draw_id": tables.A("draw_id")})
    )
    draw_id = tables.Column(verbose_name=_("number"), attrs={"td": {"class": "tight"}})
    kind = tables.Column(verbose_name=_("what is drawn"), accessor="get_kind_display", order_by="kind")
    state = StateColumn(TONES, verbose_name=_("state"), accessor="state")
    organiser = tables.Column(verbose_name=_("organiser"))
    frozen_at = DateColumn(verbose_name=_("frozen at"), moment=True)
    reveal_deadline = DateColumn(verbose_name=_("deadline for reveals"), moment=True)
    drawn_at = DateColumn(verbose_name=_("drawn at"), moment=True)
