"""What people do with a listing. Each page asks for the right to do it before it shows a form."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.pages import DeskView, FormPage
from yicha.doors.desk.undisturbed import rights
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry
from yicha.know.undisturbed import queries, services
from yicha.know.undisturbed.terms import Trigger

REASON = forms.Textarea(attrs={"rows": 3, "maxlength": 500})
_TOLD = gettext_lazy("The enterprise is told this reason. The class is internal: do not name it.")
TRIGGERS = [
    (Trigger.PENALTY.value, gettext_lazy("penalty")),
    (Trigger.VERIFIED_COMPLAINT.value, gettext_lazy("verified complaint")),
    (Trigger.ABNORMAL_LISTING.value, gettext_lazy("listed as abnormal")),
    (Trigger.SERIOUS_VIOLATION.value, gettext_lazy("listed for serious violations")),
    (Trigger.ACCIDENT.value, gettext_lazy("accident")),
    (Trigger.CLASS.value, gettext_lazy("class below what the list allows")),
    (Trigger.CRITERIA.value, gettext_lazy("no longer meets the criteria")),
]


class OneListing(DeskView):
    """A page about one listing, on which the person may do the page's action at home."""

    actions: ClassVar[tuple[str, ...]] = ()

    def listing(self) -> Any:
        found = queries.find_listing(self.kwargs["uuid"])
        for action in (self.action, *self.actions):
            if found is not None and accounts.may(self.person, action, found.scope):
                return found
        raise NotFound

    def back(self) -> str:
        return reverse("desk:undisturbed:object", args=[self.kwargs["uuid"]])


class ReasonForm(forms.Form):
    """A reason that the enterprise is told."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=500, widget=REASON, help_text=_TOLD)


class NoteForm(forms.Form):
    """A remark that stays inside; it may be empty."""

    reason = forms.CharField(
        label=gettext_lazy("remark"),
        max_length=500,
        widget=REASON,
        required=False,
        help_text=gettext_lazy("Stays inside."),
    )


class Decision(OneListing, FormPage):
    """A step with a reason. `service` does it, `words` say on the next page what was done."""

    form_class: type[forms.BaseForm] = ReasonForm
    template_name = "desk/undisturbed/act.html"
    service: ClassVar[Any]
    words: ClassVar[Any] = ""

    def context(self) -> dict[str, Any]:
        listing = self.listing()
        return {"listing": listing, "crumb": str(listing), "crumb_url": self.back()}

    def act(self, form: Any) -> str:
        type(self).service(
            actor=self.actor, now=clock.now(), listing=self.listing(), reason=form.cleaned_data["reason"]
        )
        self.done(str(self.words))
        return self.back()


class Review(Decision):
    """The home region agrees."""

    action = "undisturbed.review"
    title = gettext_lazy("Review")
    submit = gettext_lazy("Agree to the listing")
    form_class = NoteForm
    service = staticmethod(services.review)
    words = gettext_lazy(
        "Reviewed. The other regions may object now; where no agreement shares the list, it is listed at home."
    )


class Decline(Decision):
    """The home region does not agree."""

    action = "undisturbed.review"
    title = gettext_lazy("Decline")
    submit = gettext_lazy("Decline")
    service = staticmethod(services.decline)
    words = gettext_lazy("Declined; the enterprise is told.")


class ReviewAgain(Decision):
    """Home, or the coordination office, answers the objection."""

    action = "undisturbed.view"
    actions = ("undisturbed.review", "undisturbed.arbitrate")
    title = gettext_lazy("Answer the objection")
    submit = gettext_lazy("Answer and open another window")
    service = staticmethod(services.review_again)
    words = gettext_lazy("Answered. Another objection window is open.")

    def listing(self) -> Any:
        return _decided(self)


class Withdraw(Decision):
    """Home, or the coordination office, takes the listing back."""

    action = "undisturbed.view"
    actions = ("undisturbed.review", "undisturbed.arbitrate")
    title = gettext_lazy("Withdraw the nomination")
    submit = gettext_lazy("Withdraw the nomination")
    service = staticmethod(services.withdraw)
    words = gettext_lazy("Withdrawn; the enterprise is told.")

    def listing(self) -> Any:
        return _decided(self)


def _decided(view: OneListing) -> Any:
    """The listing, if the person may decide on it by any of the page's actions; seeing it is not enough."""
    found = queries.find_listing(view.kwargs["uuid"])
    if found is None or not any(accounts.may(view.person, one, found.scope) for one in view.actions):
        raise NotFound
    return found


class Restore(Decision):
    """Home lists again what was suspended."""

    action = "undisturbed.restore"
    title = gettext_lazy("Restore")
    submit = gettext_lazy("List again at once")
    service = staticmethod(services.restore)
    words = gettext_lazy("Restored. The next verdict of the gate sees it.")


class Remove(Decision):
    """Home removes what was suspended."""

    action = "undisturbed.restore"
    title = gettext_lazy("Remove from the list")
    submit = gettext_lazy("Remove from the list")
    service = staticmethod(services.remove)
    words = gettext_lazy("Removed; the enterprise is told from when on it may apply again.")


class RegionForm(forms.Form):
    """In which region's name, and why."""

    region = forms.ChoiceField(label=gettext_lazy("in the name of"))

    def __init__(self, *args: Any, regions: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"].choices = list(regions.items())  # type: ignore[attr-defined]


class ObjectForm(RegionForm):
    """An objection needs a reason."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=500, widget=REASON, help_text=_TOLD)


class SuspendForm(RegionForm):
    """What happened, and the record or document behind it."""

    trigger = forms.ChoiceField(label=gettext_lazy("trigger"), choices=TRIGGERS)
    reference = forms.CharField(
        label=gettext_lazy("document number"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The number of the decision or record."),
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=500,
        widget=REASON,
        help_text=gettext_lazy("Stays inside; the enterprise is told the kind of trigger."),
    )


class OtherRegionActs(FormPage):
    """A step that other regions take as well: home does not alone decide whose name it bears."""

    template_name = "desk/undisturbed/act.html"

    def regions(self, listing: Any) -> dict[str, str]:
        """In whose name this person may act."""
        raise NotImplementedError

    def listing(self) -> Any:
        found = queries.find_listing(self.kwargs["uuid"])
        if found is None or not self.regions(found):
            raise NotFound
        return found

    def form_options(self) -> dict[str, Any]:
        return {"regions": self.regions(self.listing())}

    def context(self) -> dict[str, Any]:
        listing = self.listing()
        return {"listing": listing, "crumb": str(listing), "crumb_url": self.back()}

    def back(self) -> str:
        return reverse("desk:undisturbed:object", args=[self.kwargs["uuid"]])


class ObjectTo(OtherRegionActs):
    """Another region objects within the window."""

    action = "undisturbed.object"
    title = gettext_lazy("Object")
    submit = gettext_lazy("Object to the listing")
    form_class = ObjectForm

    def regions(self, listing: Any) -> dict[str, str]:
        return rights.narrow_to_partners(listing, self.person, self.action)

    def act(self, form: Any) -> str:
        services.object_to(actor=self.actor, now=clock.now(), listing=self.listing(), **form.cleaned_data)
        self.done(_("The objection is in. The listing stops until its home region has answered."))
        return self.back()


class Suspend(OtherRegionActs):
    """Home, or a region that recognises the listing, suspends at once."""

    action = "undisturbed.suspend"
    title = gettext_lazy("Suspend")
    submit = gettext_lazy("Suspend at once")
    form_class = SuspendForm

    def regions(self, listing: Any) -> dict[str, str]:
        return rights.list_suspending(listing, self.person)

    def act(self, form: Any) -> str:
        given = {**form.cleaned_data, "trigger": Trigger(form.cleaned_data["trigger"])}
        services.suspend(actor=self.actor, now=clock.now(), listing=self.listing(), **given)
        self.done(_("Suspended. The next verdict of the gate sees it; the home region restores or removes."))
        return self.back()


class NominateForm(forms.Form):
    """Who should be left alone."""

    uscc = forms.CharField(
        label=gettext_lazy("unified social credit code"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(label=gettext_lazy("remark"), max_length=500, widget=REASON, required=False)


class Nominate(FormPage):
    """The home region nominates one enterprise."""

    action = "undisturbed.nominate"
    title = gettext_lazy("Nominate an enterprise")
    submit = gettext_lazy("Nominate")
    form_class = NominateForm

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"uscc": self.request.GET.get("uscc", "")}}

    def back(self) -> str:
        return reverse("desk:undisturbed:list")

    def act(self, form: Any) -> str:
        found = accounts.get_allowed(
            registry.find_enterprise(form.cleaned_data["uscc"]), self.person, self.action
        )
        listing = services.nominate(
            actor=self.actor, now=clock.now(), uscc=found.uscc, reason=form.cleaned_data["reason"]
        )
        self.done(_("Nominated; the enterprise is told. It waits for the review at home."))
        return reverse("desk:undisturbed:object", args=[listing.uuid])
