"""What went out of the product, what did not, and trying it again. Addresses are masked."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from yicha.base.messages import queries, services
from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, NumberColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.messages import rights
from yicha.doors.desk.pages import ActView, DeskView
from yicha.kernel import clock
from yicha.know.registry import queries as registry

TONES = {
    "queued": ("due", "hourglass"),
    "sent": ("done", "circle-check"),
    "failed": ("refuse", "circle-x"),
}
"""How a delivery looks: (tone, icon)."""


def say_error(error: str) -> str:
    """What went wrong, in words, with the code that whoever mends it needs."""
    kind, _space, code = error.partition(" ")
    words = {
        "smtp": _("the mail server refused it (%(code)s)"),
        "http": _("the gateway refused it (%(code)s)"),
        "no": _("nobody answered (%(code)s)"),
        "fault": _("it could not be made into a message (%(code)s)"),
        "lost": _("the product was stopped during the last try"),
    }
    return words.get(kind, error) % {"code": code.removeprefix("answer ")} if error else ""


def say_audience(audience: str) -> str:
    """Whom a message is for, by name."""
    kind, _colon, code = audience.partition(":")
    find: dict[str, Any] = {
        "enterprise": registry.find_enterprise,
        "agency": registry.find_agency,
        "officer": registry.find_officer,
    }
    found = find[kind](code) if kind in find else None
    return found.name if found is not None else code


class DeliveryTable(ListTable):
    title = MainColumn(
        verbose_name=gettext_lazy("message"),
        accessor="message__title",
        linkify=lambda record: reverse("desk:messages:delivery", args=[record.uuid]),
    )
    audience = tables.Column(
        verbose_name=pgettext_lazy("message", "for"), accessor="message__audience", orderable=False
    )
    channel = tables.Column(verbose_name=gettext_lazy("channel"))
    address = tables.Column(verbose_name=gettext_lazy("address"), orderable=False)
    state = StateColumn(TONES, verbose_name=gettext_lazy("state"))
    error = tables.Column(verbose_name=gettext_lazy("what went wrong"), orderable=False)
    tries = NumberColumn(verbose_name=gettext_lazy("tries"))
    said_at = DateColumn(verbose_name=gettext_lazy("said at"), accessor="message__said_at", moment=True)
    sent_at = DateColumn(verbose_name=gettext_lazy("sent at"), moment=True)
    next_at = DateColumn(verbose_name=gettext_lazy("next try"), moment=True)

    def render_audience(self, value: str) -> str:
        return say_audience(value)

    def render_address(self, value: str) -> str:
        return queries.mask(value)

    def render_error(self, value: str) -> str:
        return say_error(value)

    # The workbook says the same: an address leaves the product nowhere.
    value_audience, value_address, value_error = render_audience, render_address, render_error


class DeliveryFilter(django_filters.FilterSet):
    """What narrows the list of deliveries."""

    q = SearchFilter(
        ("message__title", "message__audience"), hint=gettext_lazy("title, or code of whom it is for")
    )
    state = ChoiceFilter(queries.list_deliveries, "state", gettext_lazy("state"))
    channel = ChoiceFilter(queries.list_deliveries, "channel", gettext_lazy("channel"))


class Deliveries(ListPage):
    """Every delivery, those that were given up first."""

    action = rights.ACTION
    title = gettext_lazy("Deliveries of messages")
    table_class = DeliveryTable
    filterset_class = DeliveryFilter
    template_name = "desk/messages/deliveries.html"
    extra_columns = ("said_at", "next_at")
    empty_title = gettext_lazy("Nothing was sent outside yet")
    empty_icon = "send"

    def rows(self) -> QuerySet[Any]:
        return rights.list_deliveries(self.person)

    def context(self) -> dict[str, Any]:
        return {"failed": rights.count_failed(self.person), "channels": queries.list_channels()}


class OneDelivery(DeskView):
    """One delivery: what was said, where it should go, and what went wrong."""

    action = rights.ACTION
    template_name = "desk/messages/delivery.html"

    @property
    def delivery(self) -> Any:
        """The delivery of this address."""
        return rights.get_delivery(self.kwargs["uuid"], self.person)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        one = self.delivery
        return self.show(
            context={
                "title": one.message.title,
                "one": one,
                "look": TONES[one.state],
                "audience": say_audience(one.message.audience),
                "masked": queries.mask(one.address),
                "error": say_error(one.error),
            }
        )


class Retry(ActView):
    """Try one again."""

    action = rights.ACTION

    def act(self) -> str:
        found = rights.get_delivery(self.kwargs["uuid"], self.person)
        services.retry(actor=self.actor, now=clock.now(), delivery=found)
        self.done(_("It is tried again within a minute."))
        return reverse("desk:messages:delivery", args=[found.uuid])


class RetryAll(ActView):
    """Try everything again that was given up: after a mail server was mended."""

    action = rights.ACTION

    def act(self) -> str:
        failed = rights.list_deliveries(self.person).filter(state="failed")
        count = services.retry_many(actor=self.actor, now=clock.now(), deliveries=failed.order_by("pk"))
        self.done(
            ngettext("%(count)s delivery is tried again.", "%(count)s deliveries are tried again.", count)
            % {"count": count}
        )
        return reverse("desk:messages:deliveries")
