"""What is done with a plan. Each page asks for the right to do it to this plan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.drawing.terms import BeaconKind, BeaconSpec
from yicha.decide.planning import queries, services
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.doors.desk.plans.forms import DrawForm, PlanForm, ReturnForm
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound


class OnePlan(DeskView):
    """A page about one plan, on which the person may do the page's action."""

    def plan(self) -> Any:
        """The plan of the address; a foreign one and a missing one are the same."""
        found = queries.get_plan(str(self.kwargs["uuid"]))
        accounts.require(self.person, "plan.view", found.scope)
        accounts.require(self.person, self.action, found.edit_scope)
        return found

    def back(self) -> str:
        return reverse("desk:plans:object", args=[self.kwargs["uuid"]])

    def revision(self) -> int:
        """The revision that was shown when the button was pressed; a page without one shows nothing that holds."""
        said = self.request.POST.get("revision", "")
        return int(said) if said.isdecimal() else -1


class NewPlan(FormPage):
    """Begin a plan."""

    action = "plan.edit"
    title = gettext_lazy("New plan")
    form_class = PlanForm
    submit = gettext_lazy("Begin the plan")

    def form_options(self) -> dict[str, Any]:
        return {"person": self.person, "today": clock.today(clock.now())}

    def back(self) -> str:
        return reverse("desk:plans:list")

    def act(self, form: Any) -> str:
        owner = form.owner_given()
        accounts.require(self.person, "plan.edit", queries.get_owner_scope(owner))
        plan = services.create_plan(
            actor=self.actor,
            now=clock.now(),
            year=form.cleaned_data["year"],
            title=form.cleaned_data["title"],
            owner=owner,
        )
        self.done(_("The plan %(code)s is begun. Add what is to be checked.") % {"code": plan.code})
        return reverse("desk:plans:object", args=[plan.uuid])


class RemoveEntry(OnePlan, ActView):
    """Take a line out of a draft."""

    action = "plan.edit"

    def act(self) -> str:
        services.remove_entry(
            actor=self.actor,
            now=clock.now(),
            plan=self.plan(),
            number=self.kwargs["number"],
            revision=self.revision(),
        )
        self.done(_("Removed."))
        return self.back()


class Submit(OnePlan, ActView):
    """Hand a draft in."""

    action = "plan.edit"

    def act(self) -> str:
        services.submit_plan(actor=self.actor, now=clock.now(), plan=self.plan(), revision=self.revision())
        self.done(_("Submitted. Other agencies may comment; somebody else approves it."))
        return self.back()


class Approve(OnePlan, ActView):
    """Approve what was submitted."""

    action = "plan.approve"

    def act(self) -> str:
        services.approve_plan(actor=self.actor, now=clock.now(), plan=self.plan(), revision=self.revision())
        self.done(_("Approved. Its planner may publish it."))
        return self.back()


class Return(OnePlan, FormPage):
    """Give a plan back, with a reason."""

    action = "plan.approve"
    title = gettext_lazy("Give the plan back")
    form_class = ReturnForm
    submit = gettext_lazy("Give it back")
    template_name = "desk/plans/form.html"

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"revision": self.plan().revision}}

    def context(self) -> dict[str, Any]:
        return {"plan": self.plan()}

    def act(self, form: Any) -> str:
        services.return_plan(
            actor=self.actor,
            now=clock.now(),
            plan=self.plan(),
            reason=form.cleaned_data["reason"],
            revision=form.cleaned_data["revision"],
        )
        self.done(_("Given back to its planner."))
        return self.back()


class Publish(OnePlan, ActView):
    """Publish an approved plan. What stands against it is looked at in the check of the year."""

    action = "plan.edit"

    def back(self) -> str:
        return reverse("desk:plans:tab", args=[self.kwargs["uuid"], "check"])

    def act(self) -> str:
        services.publish_plan(actor=self.actor, now=clock.now(), plan=self.plan(), revision=self.revision())
        self.done(_("Published. Draws may be opened from its entries."))
        return super().back()


class Amend(OnePlan, ActView):
    """Write the next version of a published plan."""

    action = "plan.edit"

    def act(self) -> str:
        plan = services.amend_plan(actor=self.actor, now=clock.now(), plan=self.plan())
        self.done(_("The next version is begun; the published one holds until it is published."))
        return reverse("desk:plans:object", args=[plan.uuid])


class OpenDraw(OnePlan, FormPage):
    """Open the draw of an entry."""

    action = "draw.open"
    title = gettext_lazy("Open the draw of an entry")
    form_class = DrawForm
    submit = gettext_lazy("Open the draw")
    template_name = "desk/plans/draw.html"

    def entry(self) -> Any:
        """The entry of the address."""
        found = queries.list_entries(self.plan()).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise NotFound
        return found

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"reveal_deadline": clock.now() + timedelta(days=2)}}

    def context(self) -> dict[str, Any]:
        return {"entry": self.entry(), "plan": self.plan()}

    def act(self, form: Any) -> str:
        entry, now, given = self.entry(), clock.now(), form.cleaned_data
        services.open_round(
            actor=self.actor,
            now=now,
            year=entry.plan.year,
            quarter=entry.quarter,
            organiser=entry.plan.place_code,
        )
        draw = services.start_draw(
            actor=self.actor,
            now=now,
            entry=entry,
            beacon=BeaconSpec(BeaconKind(given["beacon"]), given["source"], fallback=given["fallback"]),
            reveal_deadline=given["reveal_deadline"],
        )
        self.done(_("The draw is open: every agency commits, then it is frozen."))
        return reverse("desk:draws:object", args=[draw.draw_id])
