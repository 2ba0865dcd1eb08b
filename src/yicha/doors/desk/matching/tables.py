"""Tables and filters of rounds, demands and visits of a round."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.decide.planning import queries
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn, NumberColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.desk.tones import CONTACT
from yicha.doors.templatetags.gate import LOOKS
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits

TONES = {
    "drawing": ("action", "dice-5"),
    "collected": ("due", "inbox"),
    "matched": ("action", "link"),
    "staffing": ("due", "users"),
    "staffed": ("action", "user-check"),
    "closed": ("done", "circle-check"),
}
DEMAND_TONES = {
    "waiting": ("due", "hourglass"),
    "matched": ("done", "circle-check"),
    "spared": ("spared", "rubber-stamp"),
    "deferred": ("defer", "clock"),
    "refused": ("refuse", "circle-x"),
    "withdrawn": ("spared", "ban"),
}
OUTCOME_TONES = {outcome.value: (look.tone, look.icon) for outcome, look in LOOKS.items()}


class RoundTable(ListTable):
    code = MainColumn(
        verbose_name=_("round"), linkify=lambda record: reverse("desk:matching:object", args=[record.code])
    )
    organiser = tables.Column(verbose_name=_("organiser"))
    state = StateColumn(TONES, verbose_name=_("state"), accessor="state")
    visits_without = NumberColumn(verbose_name=_("visits without matching"))
    visits_with = NumberColumn(verbose_name=_("visits"))
    saved = NumberColumn(verbose_name=_("saved"), accessor="saved", orderable=False)
    joint_visits = NumberColumn(verbose_name=_("joint visits"))


class DemandTable(ListTable):
    enterprise = MainColumn(
        verbose_name=_("enterprise"),
        accessor="enterprise__name",
        linkify=lambda record: reverse("desk:enterprises:object", args=[record.enterprise.uscc]),
    )
    uscc = CodeColumn(verbose_name=_("unified social credit code"), accessor="enterprise__uscc")
    agency = tables.Column(verbose_name=_("agency"), order_by="agency__code")
    item = tables.Column(
        verbose_name=_("item"), accessor="item_version__name", order_by="item_version__item__code"
    )
    window = tables.Column(
        verbose_name=_("window"),
        accessor="window_from",
        order_by=("window_from", "window_to"),
        attrs={"td": {"class": "tight"}},
    )
    state = StateColumn(DEMAND_TONES, verbose_name=_("state"), accessor="state")
    outcome = StateColumn(
        OUTCOME_TONES,
        verbose_name=_("verdict"),
        accessor="outcome",
        linkify=lambda record: (
            record.screening
            and reverse("desk:matching:verdict", args=[record.round.code, record.screening.uuid])
        ),
    )
    open_from = DateColumn(verbose_name=_("open again from"))
    planned_on = DateColumn(verbose_name=_("visit planned on"), accessor="contact__planned_on")
    draw_id = tables.Column(
        verbose_name=_("asked for by"),
        linkify=lambda record: (
            reverse("desk:draws:object", args=[record.draw_id]) if record.origin == "draw" else None
        ),
        attrs={"td": {"class": "tight"}},
    )

    def render_window(self, record: Any) -> str:
        return f"{record.window_from} – {record.window_to}"

    def render_draw_id(self, record: Any) -> str:
        """The draw, or in words what else asks for it; in exports too."""
        return str(record.draw_id if record.origin == "draw" else record.get_origin_display())


class VisitTable(ListTable):
    enterprise = MainColumn(
        verbose_name=_("enterprise"),
        accessor="enterprise__name",
        linkify=lambda record: reverse("desk:matching:visit", args=[record.round, record.uuid]),
    )
    uscc = CodeColumn(verbose_name=_("unified social credit code"), accessor="enterprise__uscc")
    planned_on = DateColumn(verbose_name=_("planned on"))
    planned_part = tables.Column(
        verbose_name=_("half day"), accessor="get_planned_part_display", order_by="planned_part"
    )
    lead_agency = tables.Column(verbose_name=_("lead agency"), order_by="lead_agency__code")
    agency_count = NumberColumn(verbose_name=_("agencies"))
    item_count = NumberColumn(verbose_name=_("items"))
    draw_count = NumberColumn(verbose_name=_("draws"))
    state = StateColumn(CONTACT, verbose_name=_("state"), accessor="state")


class HalfFilter(django_filters.ChoiceFilter):
    """Whether a calendar has given a half day."""

    def __init__(self, path: str) -> None:
        choices = [("1", _("has a half day")), ("0", _("has none yet"))]
        super().__init__(label=_("half day"), choices=choices, empty_label=_("all"))
        self.path = path

    def filter(self, qs: Any, value: str) -> Any:
        if value == "1":
            return qs.filter(**{f"{self.path}__gt": ""})
        return qs.filter(**{self.path: ""}) if value == "0" else qs


class DemandFilter(django_filters.FilterSet):
    """What narrows the demands of a round."""

    q = SearchFilter(
        ("enterprise__name", "enterprise__uscc", "enterprise__initials", "draw_id"),
        hint=_("name, code or draw"),
    )
    agency = ObjectFilter(registry.list_agencies, _("agency"), long=True)
    state = ChoiceFilter(queries.list_all_demands, "state", _("state"))
    outcome = ChoiceFilter(queries.list_all_demands, "outcome", _("verdict"))
    origin = ChoiceFilter(queries.list_all_demands, "origin", _("asked for by"))
    half = HalfFilter("contact__planned_part")


class VisitFilter(django_filters.FilterSet):
    """What narrows the visits of a round."""

    q = SearchFilter(
        ("enterprise__name", "enterprise__uscc", "enterprise__initials"), hint=_("name, code or initials")
    )
    lead_agency = ObjectFilter(registry.list_agencies, _("lead agency"), long=True)
    state = ChoiceFilter(visits.list_contacts, "state", _("state"))
    joint = django_filters.ChoiceFilter(
        label=_("who comes"),
        choices=[("2", _("several agencies")), ("1", _("one agency"))],
        empty_label=_("all"),
        method="of_agencies",
    )

    half = HalfFilter("planned_part")
    pinned = django_filters.ChoiceFilter(
        label=_("pinned"),
        choices=[("1", _("pinned")), ("0", _("free to move"))],
        empty_label=_("all"),
        method="is_pinned",
    )

    often = django_filters.ChoiceFilter(
        label=_("how often"),
        choices=[("1", _("enterprises visited often"))],
        empty_label=_("all"),
        method="is_often",
    )

    def is_often(self, rows: Any, _name: str, value: str) -> Any:
        """Visits at enterprises that are visited often."""
        return queries.narrow_to_often(rows) if value else rows

    def is_pinned(self, rows: Any, _name: str, value: str) -> Any:
        """Visits that stay where they are, or the others."""
        return rows.filter(pin__isnull=value == "0")

    def of_agencies(self, rows: Any, _name: str, value: str) -> Any:
        """Joint visits, or those of a single agency."""
        return rows.filter(agency_count__gt=1) if value == "2" else rows.filter(agency_count=1)
