"""What is done with an agreement. Each page asks for the right to do it to this agreement, or for this region."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.agreements.forms import (
    AgreementForm,
    EquivalenceForm,
    NoticeForm,
    ReasonForm,
    initial_of,
)
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.doors.desk.places import acts_in
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.agreement import queries, services
from yicha.know.catalogue import queries as catalogue


def may_edit(person: Person, regions: list[str]) -> bool:
    """Whether a person drafts for one of these regions, or for a zone that crosses one of them."""
    return acts_in(person, "agreement.edit", regions)


def my_regions(person: Person, agreement: Any) -> list[Any]:
    """The members for which a person signs."""
    members = {slot.region for slot in agreement.signatures.all()} or set(agreement.regions.all())
    return [
        region
        for region in sorted(members, key=lambda one: one.code)
        if accounts.may(person, "agreement.sign", queries.get_signing_scope(agreement, region.code))
    ]


class OneAgreement(DeskView):
    """A page about one version of an agreement, on which the person may do the page's action."""

    def agreement(self) -> Any:
        """The version of the address; who drafts for none of its members does not find it here."""
        found = self.any_agreement()
        if not may_edit(self.person, [region.code for region in found.regions.all()]):
            raise NotFound
        return found

    def any_agreement(self) -> Any:
        """The version of the address."""
        return accounts.get_allowed(
            queries.find_agreement(self.kwargs["code"], self.kwargs["version"]), self.person, "agreement.view"
        )

    def back(self) -> str:
        return self.page_of(self.kwargs["code"], self.kwargs["version"])

    @staticmethod
    def page_of(code: str, version: int) -> str:
        return reverse("desk:agreements:object", args=[code, version])


class NewAgreement(FormPage):
    """Draft an agreement."""

    action = "agreement.edit"
    title = gettext_lazy("New agreement")
    form_class = AgreementForm
    submit = gettext_lazy("Keep the draft")

    def form_options(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        notice = catalogue.get_number("agreement-notice-days", today)
        return {"initial": {"valid_from": today, "notice_days": int(notice.value)}}

    def back(self) -> str:
        return reverse("desk:agreements:list")

    def act(self, form: Any) -> str:
        if not may_edit(self.person, form.cleaned_data["regions"]):
            raise NotFound
        made = services.draft_agreement(actor=self.actor, now=clock.now(), draft=form.draft())
        self.done(_("The draft %(code)s is kept. Offer it when every member agrees.") % {"code": made.code})
        return reverse("desk:agreements:object", args=[made.code, made.version])


class EditAgreement(OneAgreement, FormPage):
    """Change a draft."""

    action = "agreement.edit"
    title = gettext_lazy("Change the draft")
    form_class = AgreementForm
    submit = gettext_lazy("Keep the draft")

    def form_options(self) -> dict[str, Any]:
        return {"initial": initial_of(self.agreement())}

    def act(self, form: Any) -> str:
        if not may_edit(self.person, form.cleaned_data["regions"]):
            raise NotFound
        services.edit_agreement(
            actor=self.actor, now=clock.now(), agreement=self.agreement(), draft=form.draft()
        )
        self.done(_("The draft is kept."))
        return self.back()


class Offer(OneAgreement, ActView):
    """Offer a draft for signature."""

    action = "agreement.edit"

    def act(self) -> str:
        services.offer(actor=self.actor, now=clock.now(), agreement=self.agreement())
        self.done(_("Offered. Every member signs on this page; nothing crosses before the last one has."))
        return self.back()


class WithdrawAgreement(OneAgreement, ActView):
    """Give up a draft or an offer."""

    action = "agreement.edit"

    def act(self) -> str:
        services.withdraw_agreement(actor=self.actor, now=clock.now(), agreement=self.agreement())
        self.done(_("Withdrawn. What was in force before stays so."))
        return self.back()


class NewVersion(OneAgreement, ActView):
    """Begin the next version."""

    action = "agreement.edit"

    def act(self) -> str:
        fresh = services.new_version(actor=self.actor, now=clock.now(), agreement=self.agreement())
        self.done(_("The next version is begun as a draft; this one holds until its first day."))
        return self.page_of(fresh.code, fresh.version)


class OfRegion(OneAgreement):
    """An act for one member region."""

    def for_region(self) -> tuple[Any, str]:
        """The version and the region of the address, if the person signs for it."""
        found, code = self.any_agreement(), self.kwargs["region"]
        if code not in {region.code for region in my_regions(self.person, found)}:
            raise NotFound
        return found, code


class Sign(OfRegion, ActView):
    """Sign for a region."""

    action = "agreement.sign"

    def act(self) -> str:
        found, region = self.for_region()
        signed = services.sign(actor=self.actor, now=clock.now(), agreement=found, region=region)
        if signed.state == "offered":
            self.done(_("Signed. It holds when every member has signed."))
        else:
            self.done(_("Signed by all. It holds from %(day)s on.") % {"day": signed.begins_on})
        return self.back()


class Unsign(OfRegion, FormPage):
    """Take a region's signature back before the first day."""

    action = "agreement.sign"
    title = gettext_lazy("Take the signature back")
    form_class = ReasonForm
    submit = gettext_lazy("Take it back")

    def make_form(self) -> Any:
        self.for_region()
        return super().make_form()

    def act(self, form: Any) -> str:
        found, region = self.for_region()
        services.withdraw_signature(
            actor=self.actor,
            now=clock.now(),
            agreement=found,
            region=region,
            reason=form.cleaned_data["reason"],
        )
        self.done(_("Taken back. The agreement waits for this signature again."))
        return self.back()


class EndAgreement(OneAgreement, FormPage):
    """Give notice for a member."""

    action = "agreement.sign"
    title = gettext_lazy("Give notice")
    form_class = NoticeForm
    submit = gettext_lazy("Give notice")
    template_name = "desk/agreements/end.html"

    def form_options(self) -> dict[str, Any]:
        found = self.any_agreement()
        mine = {region.code for region in my_regions(self.person, found)}
        regions = [(one.code, one.name) for one in found.regions.all() if one.code in mine]
        if not regions:
            raise NotFound
        earliest = clock.today(clock.now()) + timedelta(days=found.notice_days)
        return {"regions": regions, "initial": {"region": regions[0][0], "last_on": earliest}}

    def context(self) -> dict[str, Any]:
        return {"agreement": self.any_agreement()}

    def act(self, form: Any) -> str:
        services.end_agreement(
            actor=self.actor, now=clock.now(), agreement=self.any_agreement(), **form.cleaned_data
        )
        self.done(_("Notice is given. The agreement ends for all its members on that day."))
        return self.back()


class NewEquivalence(OneAgreement, FormPage):
    """Let two items count as the same."""

    action = "agreement.edit"
    title = gettext_lazy("Recognise a standard")
    form_class = EquivalenceForm
    submit = gettext_lazy("Let them count as the same")
    template_name = "desk/agreements/equivalence.html"

    def form_options(self) -> dict[str, Any]:
        return {"agreement": self.agreement()}

    def context(self) -> dict[str, Any]:
        return {"agreement": self.agreement()}

    def act(self, form: Any) -> str:
        own, other = form.standards()
        services.declare_equivalence(
            actor=self.actor,
            now=clock.now(),
            agreement=self.agreement(),
            own=own,
            other=other,
            source=form.cleaned_data["source"],
            both_ways=form.cleaned_data["both_ways"],
        )
        self.done(_("Recognised: from the next verdict on the two count as the same."))
        return self.back()


class EndEquivalence(OneAgreement, FormPage):
    """Let two items count as different again."""

    action = "agreement.edit"
    title = gettext_lazy("End the recognition of a standard")
    form_class = ReasonForm
    submit = gettext_lazy("End it")

    def row(self) -> Any:
        """The equivalence of the address, under this agreement."""
        rows = queries.list_equivalence_rows(self.agreement().code)
        found = rows.filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise NotFound
        return found

    def make_form(self) -> Any:
        self.row()
        return super().make_form()

    def act(self, form: Any) -> str:
        services.end_equivalence(
            actor=self.actor, now=clock.now(), equivalence=self.row(), reason=form.cleaned_data["reason"]
        )
        self.done(_("Ended: from the next verdict on the two do not count as the same."))
        return self.back()
