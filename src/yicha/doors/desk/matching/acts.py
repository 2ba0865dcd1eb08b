"""What the organiser does with a round."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.accounts.terms import Scope
from yicha.decide.drawing.terms import BeaconKind, BeaconSpec
from yicha.decide.planning import jobs, queries, services
from yicha.doors.desk.matching.views import PREVIEWED
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.doors.desk.plans.forms import DrawForm
from yicha.doors.desk.quarters import list_quarters
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry

AT_ONCE = 10
"""So many draws are collected within the request; more of them make the matching a job."""


def office(organiser: str) -> Scope:
    """The scope of the office of a zone or region: no single agency."""
    return Scope(agencies=frozenset(), region=organiser, zone=organiser)


def places_to_run(person: Person) -> list[tuple[str, str]]:
    """The zones and regions whose rounds a person may run, each code once: a zone may have a region's code."""
    places = {region.code: region.name for region in registry.list_regions()}
    places |= {zone.code: zone.name for zone in registry.list_zones()}
    return [(code, name) for code, name in places.items() if accounts.may(person, "match.run", office(code))]


class OneRound(DeskView):
    """A page about one round, which the person may run."""

    action = "match.run"

    def round(self) -> Any:
        """The round of the address, if the person's office runs it."""
        found = queries.get_round(self.kwargs["code"])
        accounts.require(self.person, "match.run", found.run_scope)
        return found

    def back(self) -> str:
        return reverse("desk:matching:object", args=[self.kwargs["code"]])


class RoundForm(forms.Form):
    """Which quarter, and which zone or region draws."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100, localize=False)
    quarter = forms.TypedChoiceField(label=gettext_lazy("Quarter"), choices=list_quarters, coerce=int)
    organiser = forms.ChoiceField(
        label=gettext_lazy("Organiser"),
        help_text=gettext_lazy("The zone or region whose office draws and matches; it numbers the draws."),
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organiser"].choices = places  # type: ignore[attr-defined]


class OpenRound(FormPage):
    """Open a quarter."""

    action = "match.run"
    title = gettext_lazy("Open a round")
    form_class = RoundForm
    submit = gettext_lazy("Open the round")

    def form_options(self) -> dict[str, Any]:
        if not places_to_run(self.person):
            raise NotFound
        today = clock.today(clock.now())
        initial = {"year": today.year, "quarter": (today.month + 2) // 3}
        return {"initial": initial, "places": places_to_run(self.person)}

    def back(self) -> str:
        return reverse("desk:matching:list")

    def act(self, form: Any) -> str:
        organiser = form.cleaned_data["organiser"]
        accounts.require(self.person, "match.run", office(organiser))
        round_ = services.open_round(actor=self.actor, now=clock.now(), **form.cleaned_data)
        self.done(_("The round %(code)s is open.") % {"code": round_.code})
        return reverse("desk:matching:object", args=[round_.code])


class Freeze(OneRound, ActView):
    """Freeze the population of one draw of the round."""

    def act(self) -> str:
        round_ = self.round()
        linked = queries.get_entry_draw(self.kwargs["draw_id"])
        if linked.round_id != round_.pk:
            raise NotFound
        services.freeze_draw(actor=self.actor, now=clock.now(), draw_id=linked.draw_id)
        self.done(_("Frozen. The manifest may be published now."))
        return reverse("desk:draws:object", args=[linked.draw_id])


class OpenAll(OneRound, FormPage):
    """Open the draws of all entries that are due: one event and one deadline for all, as a job."""

    title = gettext_lazy("Open the draws of all entries")
    form_class = DrawForm
    submit = gettext_lazy("Open the draws")

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"reveal_deadline": clock.now() + timedelta(days=2)}}

    def context(self) -> dict[str, Any]:
        return {"round": self.round()}

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        run = services.ask_open(
            actor=self.actor,
            now=clock.now(),
            round_=self.round(),
            beacon=BeaconSpec(BeaconKind(given["beacon"]), given["source"], fallback=given["fallback"]),
            reveal_deadline=given["reveal_deadline"],
        )
        jobs.start_match(str(run.uuid))
        return reverse("desk:matching:tab", args=[self.kwargs["code"], "draws"])


class FreezeAll(OneRound, ActView):
    """Freeze every draw to which all have committed, as a job."""

    def act(self) -> str:
        run = services.ask_freeze(actor=self.actor, now=clock.now(), round_=self.round())
        jobs.start_match(str(run.uuid))
        return reverse("desk:matching:tab", args=[self.kwargs["code"], "draws"])


class Screen(OneRound, ActView):
    """Collect what was drawn and ask the gate for it; as a job when that takes longer than two seconds."""

    def act(self) -> str:
        round_ = self.round()
        page = reverse("desk:matching:tab", args=[round_.code, "gate"])
        many = queries.list_waiting_demands(round_)[: PREVIEWED + 1].count() > PREVIEWED
        if many or len(queries.list_uncollected(round_)) > AT_ONCE:
            run = services.ask_screen(actor=self.actor, now=clock.now(), round_=round_)
            jobs.start_match(str(run.uuid))
            return page
        report = services.collect_and_screen(actor=self.actor, now=clock.now(), round_=round_)
        self.done(
            _("The gate has answered: %(left)s of %(demands)s demands are left.")
            % {"left": report.left, "demands": report.demands}
        )
        return page


class Match(OneRound, ActView):
    """Collect what was drawn and match it; as a job when that takes longer than two seconds."""

    def act(self) -> str:
        round_ = self.round()
        many = queries.list_waiting_demands(round_)[: PREVIEWED + 1].count() > PREVIEWED
        if many or len(queries.list_uncollected(round_)) > AT_ONCE:
            run = services.ask_match(actor=self.actor, now=clock.now(), round_=round_)
            jobs.start_match(str(run.uuid))
            return self.back()
        report = services.collect_and_match(actor=self.actor, now=clock.now(), round_=round_)
        self.done(
            _("Matched: %(with)s visits instead of %(without)s.")
            % {"with": report.visits_with, "without": report.visits_without}
        )
        return self.back()


class OfficersForm(DrawForm):
    """The event that decides which officers go."""


class StartOfficers(OneRound, FormPage):
    """Open the draw of officers."""

    title = gettext_lazy("Open the draw of officers")
    form_class = OfficersForm
    submit = gettext_lazy("Open the draw")

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"reveal_deadline": clock.now() + timedelta(days=1)}}

    def context(self) -> dict[str, Any]:
        return {"round": self.round()}

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        draw = services.start_officers_draw(
            actor=self.actor,
            now=clock.now(),
            round_=self.round(),
            beacon=BeaconSpec(BeaconKind(given["beacon"]), given["source"], fallback=given["fallback"]),
            reveal_deadline=given["reveal_deadline"],
        )
        self.done(_("The draw is open: every agency commits, then tasks and eligibility are frozen."))
        return reverse("desk:draws:object", args=[draw.draw_id])


class FreezeOfficers(OneRound, ActView):
    """Freeze tasks and eligibility."""

    def act(self) -> str:
        draw = services.freeze_officers_draw(actor=self.actor, now=clock.now(), round_=self.round())
        self.done(_("Frozen. The manifest may be published now."))
        return reverse("desk:draws:object", args=[draw.draw_id])


class ApplyOfficers(OneRound, ActView):
    """Write down who goes."""

    def act(self) -> str:
        count = services.apply_officers(actor=self.actor, now=clock.now(), round_=self.round())
        self.done(_("%(count)s places in visits have their officer.") % {"count": count})
        return self.back()


class LetFall(OneRound, ActView):
    """Let what still waits fall away."""

    def act(self) -> str:
        because = self.request.POST.get("because", "")
        count = services.let_fall(actor=self.actor, now=clock.now(), round_=self.round(), because=because)
        self.done(_("%(count)s demands have fallen away.") % {"count": count})
        return self.back()


class Close(OneRound, ActView):
    """End the quarter."""

    def act(self) -> str:
        services.close_round(actor=self.actor, now=clock.now(), round_=self.round())
        self.done(_("The round is closed."))
        return self.back()
