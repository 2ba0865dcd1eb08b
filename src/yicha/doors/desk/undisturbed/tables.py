"""Tables and filters of the undisturbed list."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yicha.base.workdays import queries as workdays
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.desk.numbers.tables import OursColumn
from yicha.doors.desk.undisturbed.rights import list_regions_for
from yicha.doors.templatetags.look import on, state_html, word
from yicha.kernel import clock
from yicha.know.registry import queries as registry
from yicha.know.undisturbed import queries
from yicha.know.undisturbed.terms import ListingState as S

TONES = {
    S.NOMINATED.value: ("due", "clock"),
    S.APPLIED.value: ("due", "clock"),
    S.OBJECTION.value: ("action", "hourglass"),
    S.OBJECTED.value: ("overdue", "alert-triangle"),
    S.LISTED.value: ("done", "circle-check"),
    S.SUSPENDED.value: ("overdue", "ban"),
    S.REMOVED.value: ("spared", "circle-x"),
    S.DECLINED.value: ("spared", "circle-x"),
    S.WITHDRAWN.value: ("spared", "arrow-back-up"),
}
WINDOWS = [
    ("open", gettext_lazy("open")),
    ("soon", gettext_lazy("ends within 2 working days")),
    ("over", gettext_lazy("ended")),
]


def say_left(until: date, today: date) -> str:
    """How long a window is still open, in working days."""
    left = workdays.count_left(today, until, workdays.get_calendar())
    if left < 0:
        return _("ended")
    if left == 0:
        return _("ends today")
    return ngettext("%(count)s working day left", "%(count)s working days left", left) % {"count": left}


class ListingTable(ListTable):
    enterprise = MainColumn(
        verbose_name=gettext_lazy("enterprise"),
        accessor="enterprise__name",
        linkify=lambda record: reverse("desk:undisturbed:object", args=[record.uuid]),
    )
    uscc = CodeColumn(verbose_name=gettext_lazy("unified social credit code"), accessor="enterprise__uscc")
    region = tables.Column(verbose_name=gettext_lazy("home region"), order_by="region__code")
    state = StateColumn(TONES, verbose_name=gettext_lazy("state"))
    window_until = tables.Column(
        verbose_name=gettext_lazy("objections until"), attrs={"td": {"class": "date tight"}}
    )
    since = DateColumn(verbose_name=gettext_lazy("in this state since"), moment=True)
    industry = tables.Column(verbose_name=gettext_lazy("industry"), accessor="enterprise__industry_name")
    listed_on = DateColumn(verbose_name=gettext_lazy("listed on"))
    because = tables.Column(verbose_name=gettext_lazy("because"), orderable=False)

    def render_window_until(self, value: date, record: Any) -> str:
        if record.state != S.OBJECTION:
            return on(value)
        left = say_left(value, clock.today(clock.now()))
        return format_html('{}<br><span class="faint">{}</span>', on(value), left)

    def value_window_until(self, value: date) -> str:
        return value.isoformat()


class ListingFilter(django_filters.FilterSet):
    """What narrows the list."""

    q = SearchFilter(("enterprise__name", "enterprise__uscc"), hint=gettext_lazy("name or code"))
    state = ChoiceFilter(queries.list_listings, "state", gettext_lazy("state"))
    region = ObjectFilter(registry.list_regions, gettext_lazy("home region"))
    industry = django_filters.CharFilter(
        field_name="enterprise__industry", lookup_expr="istartswith", label=gettext_lazy("industry code")
    )
    waiting = django_filters.ChoiceFilter(
        label=gettext_lazy("waits for"),
        choices=[("me", gettext_lazy("me"))],
        empty_label=gettext_lazy("all"),
        method="for_me",
    )
    window = django_filters.ChoiceFilter(
        label=gettext_lazy("objection window"),
        choices=WINDOWS,
        empty_label=gettext_lazy("all"),
        method="by_window",
    )

    def for_me(self, rows: QuerySet[Any], _name: str, _value: str) -> QuerySet[Any]:
        """What the person's regions are to decide next."""
        return rows.filter(waiting_for(self.request.user))

    def by_window(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """By the clock of the window."""
        today = clock.today(clock.now())
        waiting = rows.filter(state=S.OBJECTION.value)
        if value == "over":
            return waiting.filter(window_until__lt=today)
        waiting = waiting.filter(window_until__gte=today)
        if value == "soon":
            last = workdays.find_deadline(today, 2, workdays.get_calendar()).on
            return waiting.filter(window_until__lte=last)
        return waiting


def waiting_for(person: Any) -> Q:
    """The listings that wait for a decision of the person's regions: at home, and in the window of another's."""
    review = list(list_regions_for(person, "undisturbed.review"))
    restore = list(list_regions_for(person, "undisturbed.restore"))
    objecting = list(list_regions_for(person, "undisturbed.object"))
    arbitrate = list(list_regions_for(person, "undisturbed.arbitrate"))
    return (
        Q(state__in=[S.NOMINATED.value, S.APPLIED.value], region__code__in=review)
        | Q(state=S.OBJECTED.value, region__code__in=[*review, *arbitrate])
        | Q(state=S.SUSPENDED.value, region__code__in=restore)
        | Q(state=S.OBJECTION.value, partners__overlap=objecting)
    )


class CandidateTable(ListTable):
    enterprise = MainColumn(
        verbose_name=gettext_lazy("enterprise"),
        accessor="enterprise__name",
        linkify=lambda record: reverse("desk:enterprises:object", args=[record.enterprise.uscc]),
    )
    uscc = CodeColumn(verbose_name=gettext_lazy("unified social credit code"), accessor="enterprise__uscc")
    region = tables.Column(verbose_name=gettext_lazy("home region"), order_by="region__code")
    industry = tables.Column(verbose_name=gettext_lazy("industry"), accessor="enterprise__industry_name")
    registered_on = DateColumn(
        verbose_name=gettext_lazy("registered on"), accessor="enterprise__registered_on"
    )


class CandidateFilter(django_filters.FilterSet):
    """What narrows the candidates."""

    q = SearchFilter(("enterprise__name", "enterprise__uscc"), hint=gettext_lazy("name or code"))
    region = ObjectFilter(registry.list_regions, gettext_lazy("home region"))
    industry = django_filters.CharFilter(
        field_name="enterprise__industry", lookup_expr="istartswith", label=gettext_lazy("industry code")
    )


class SparedTable(ListTable):
    item = MainColumn(verbose_name=gettext_lazy("item"), accessor="item__code")
    region = tables.Column(verbose_name=gettext_lazy("region"), order_by="region__code")
    in_force_from = DateColumn(verbose_name=gettext_lazy("in force from"))
    in_force_until = DateColumn(verbose_name=gettext_lazy("in force until"))
    is_ours = OursColumn(verbose_name=gettext_lazy("standing"))
    source = tables.Column(verbose_name=gettext_lazy("source"))

    def render_source(self, value: str) -> str:
        return word(value)


class SparedFilter(django_filters.FilterSet):
    """What narrows the items spared."""

    region = ObjectFilter(registry.list_regions, gettext_lazy("region"))


class RegionOrAll(tables.Column):
    """A region's code, or all of them."""

    def render(self, value: str) -> str:
        return value or _("all")


class CriterionTable(ListTable):
    criterion = MainColumn(verbose_name=gettext_lazy("criterion"))
    phase = tables.Column(verbose_name=gettext_lazy("when"))
    value = tables.Column(verbose_name=gettext_lazy("value"))
    is_on = tables.Column(verbose_name=gettext_lazy("demanded"), attrs={"td": {"class": "tight"}})
    region = RegionOrAll(verbose_name=gettext_lazy("region"), empty_values=())
    in_force_from = DateColumn(verbose_name=gettext_lazy("in force from"))
    is_ours = OursColumn(verbose_name=gettext_lazy("standing"))
    source = tables.Column(verbose_name=gettext_lazy("source"))

    def render_is_on(self, value: bool) -> str:
        return state_html(_("yes"), "done", "check") if value else state_html(_("no"), "spared", "x")

    def value_is_on(self, value: bool) -> str:
        return _("yes") if value else _("no")

    def render_source(self, value: str) -> str:
        return word(value)


class TradeTable(ListTable):
    words = MainColumn(verbose_name=gettext_lazy("trade"))
    prefix = tables.Column(verbose_name=gettext_lazy("industry code"))
    region = RegionOrAll(verbose_name=gettext_lazy("region"), empty_values=())
    in_force_from = DateColumn(verbose_name=gettext_lazy("in force from"))
    in_force_until = DateColumn(verbose_name=gettext_lazy("in force until"))
    is_ours = OursColumn(verbose_name=gettext_lazy("standing"))
    source = tables.Column(verbose_name=gettext_lazy("source"))

    def render_source(self, value: str) -> str:
        return word(value)
