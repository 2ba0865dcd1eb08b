"""What an enterprise says of itself for visits: its closed days, the half days it prefers, where messages go."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yicha.base.messages import queries as outgoing
from yicha.base.messages import services as messages
from yicha.base.messages.terms import Channel
from yicha.doors.portal.pages import PortalForm, PortalView, audience_of
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.registry import services
from yicha.know.registry.terms import DayPart, WishFacts, WishKind

WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
)
OWN_CHANNELS = (Channel.EMAIL, Channel.SMS)
"""Channels that an enterprise gives addresses of; a robot is of a chat group of officials."""


class Settings(PortalView):
    """Closed and preferred days, and addresses, each with what can be done."""

    title = gettext_lazy("Days and addresses")
    part = "settings"
    template_name = "portal/settings.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wishes = registry.list_wishes().filter(enterprise=self.enterprise)
        return self.show(
            context={
                "wishes": [(one, say_when(one)) for one in wishes],
                "most_closed": most_closed(),
                "addresses": outgoing.list_addresses(audience_of(self.enterprise)),
                "channels": list_channels(),
            }
        )


def most_closed() -> int:
    """How many working days a month may be closed."""
    return int(catalogue.get_number("closed-days-a-month", clock.today(clock.now())).value)


def list_channels() -> list[tuple[str, Any]]:
    """The channels that are set up here, and that an enterprise may give an address of."""
    return [
        (one.value, outgoing.name_channel(one.value))
        for one in outgoing.list_channels()
        if one in OWN_CHANNELS
    ]


def say_when(wish: Any) -> str:
    """The days of a wish in words."""
    words = [str(WEEKDAYS[wish.weekday])] if wish.weekday is not None and wish.weekday < len(WEEKDAYS) else []
    if wish.from_on and wish.until_on:
        same = wish.from_on == wish.until_on
        words.append(
            wish.from_on.isoformat() if same else f"{wish.from_on.isoformat()} – {wish.until_on.isoformat()}"
        )
    words.append(str(wish.get_part_display()) if wish.part else _("all day"))
    return "，".join(words)


class WishForm(forms.Form):
    """A weekday, or days from–until, or a weekday within days."""

    kind = forms.ChoiceField(label=pgettext_lazy("wish", "What"))
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Weekday"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=gettext_lazy("Leave it empty for single days."),
    )
    from_on = forms.DateField(
        label=pgettext_lazy("days of a wish", "From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until_on = forms.DateField(
        label=pgettext_lazy("days of a wish", "Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Leave both empty for every week of the year."),
    )
    part = forms.ChoiceField(label=gettext_lazy("Part of the day"), required=False)
    because = forms.CharField(label=pgettext_lazy("wish", "Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = registry.list_when_choices()
        choices: dict[str, Any] = {
            "kind": known["wish"],
            "weekday": [("", _("any")), *enumerate(WEEKDAYS)],
            "part": [("", _("all day")), *known["part"]],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]

    @property
    def facts(self) -> WishFacts:
        """What was said; one day alone is from and until."""
        given = self.cleaned_data
        from_on: date | None = given["from_on"] or given["until_on"]
        return WishFacts(
            WishKind(given["kind"]),
            given["weekday"],
            from_on,
            given["until_on"] or from_on,
            DayPart(given["part"]) if given["part"] else None,
        )


class AddWish(PortalForm):
    """Say when it is closed, or would rather be visited."""

    title = gettext_lazy("Closed or preferred days")
    part = "settings"
    form_class = WishForm
    submit = gettext_lazy("Keep")
    template_name = "portal/wish_add.html"

    def context(self) -> dict[str, Any]:
        return {"most_closed": most_closed()}

    def act(self, form: Any) -> str:
        services.say_wish(
            actor=self.actor,
            now=clock.now(),
            uscc=self.enterprise.uscc,
            wish=form.facts,
            because=form.cleaned_data["because"],
            most_closed=most_closed(),
        )
        self.done(_("Kept. Calendars that are made from now on respect it; what is announced stays."))
        return self.back()


class RemoveWish(PortalView):
    """Take back what was said of days."""

    part = "settings"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        wish = registry.find_wish(kwargs["uuid"])
        if wish is None or wish.enterprise_id != self.enterprise.pk:
            raise NotFound
        services.take_back_wish(actor=self.actor, now=clock.now(), wish=wish)
        self.done(_("Taken back. What is announced already stays."))
        return redirect(self.back())


class AddressForm(forms.Form):
    """An address of one channel."""

    channel = forms.ChoiceField(label=gettext_lazy("Kind"))
    address = forms.CharField(label=gettext_lazy("Address or number"), max_length=254)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        channels: Any = list_channels()
        self.fields["channel"].choices = channels  # type: ignore[attr-defined]


class AddAddress(PortalForm):
    """Where messages go, besides the inbox."""

    title = gettext_lazy("Where messages go")
    part = "settings"
    form_class = AddressForm
    submit = gettext_lazy("Keep")
    template_name = "portal/address_add.html"

    def act(self, form: Any) -> str:
        messages.add_address(
            actor=self.actor,
            now=clock.now(),
            audience=audience_of(self.enterprise),
            channel=Channel(form.cleaned_data["channel"]),
            address=form.cleaned_data["address"],
        )
        self.done(_("Kept. Messages from now on go there too; they always lie in the inbox."))
        return self.back()


class RemoveAddress(PortalView):
    """Forget an address."""

    part = "settings"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        address = outgoing.find_address(kwargs["uuid"], audience_of(self.enterprise))
        if address is None:
            raise NotFound
        messages.remove_address(actor=self.actor, now=clock.now(), address=address)
        self.done(_("Forgotten. Nothing new goes there."))
        return redirect(self.back())
