"""How calendars are made: asked for, followed, stopped with the best so far, and kept or discarded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.act.dispatch import services as dispatch
from yicha.base.accounts import queries as accounts
from yicha.decide.planning import queries as planning
from yicha.decide.scheduling import jobs, queries, services
from yicha.decide.scheduling.terms import ScheduleCause
from yicha.doors.desk.calendar import words
from yicha.doors.desk.calendar.views import ways
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.kernel import clock


def start(schedule: Any) -> str:
    """Hand a calendar to a worker; returns its page."""
    jobs.start_schedule(schedule.uuid)
    return reverse("desk:calendar:run", args=[schedule.uuid])


class OneRound(DeskView):
    """A page about the calendars of a round; without a code in the address, of the newest."""

    action = "schedule.view"

    def round(self) -> Any:
        """The round of the address; None when there is none at all."""
        code = self.kwargs.get("code")
        return planning.get_round(code) if code else planning.list_rounds().first()

    def round_to_run(self) -> Any:
        """The round, if the person's office makes its calendars."""
        found = planning.get_round(self.kwargs["code"])
        accounts.require(self.person, self.action, found.run_scope)
        return found

    def back(self) -> str:
        code = self.kwargs.get("code")
        return reverse("desk:calendar:round", args=[code]) if code else reverse("desk:calendar:runs")


class Runs(OneRound):
    """The calendars of a round: which holds, which waits, what has no place, and what to do when something changes."""

    title = gettext_lazy("Calendar of visits")
    template_name = "desk/calendar/runs.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        round_ = self.round()
        context: dict[str, Any] = {"round": round_, "tabs": ways(self, "desk:calendar:runs")}
        if round_ is not None:
            context |= {
                "rounds": planning.list_rounds()[:8],
                "runs": [_row(run) for run in queries.list_schedules(round_)[:50]],
                "unfinished": queries.find_unfinished(round_),
                "proposed": queries.find_proposed(round_),
                "kept": queries.find_kept(round_),
                "unplaced": words.show_changes(self.person, queries.list_unplaced(round_)),
                "may_run": accounts.may(self.person, "schedule.run", round_.run_scope),
                "is_closed": round_.state == "closed",
            }
        return self.show(context=context)


def _row(run: Any) -> tuple[Any, str, str, int]:
    """A calendar in the list, with its tone, its icon, and how many visits it moves."""
    return run, *words.TONES[run.state], run.placed - run.stayed


class MakeForm(forms.Form):
    """Why a calendar is made, and the seed that makes it repeatable."""

    cause = forms.ChoiceField(label=gettext_lazy("Reason"), widget=forms.RadioSelect)
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=2**31 - 1,
        initial=0,
        localize=False,
        help_text=gettext_lazy("The same seed and the same facts give the same calendar."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cause"].choices = [  # type: ignore[attr-defined]
            (
                ScheduleCause.FIRST.value,
                _("All days anew: announced and pinned visits stay, the others go where it is best"),
            ),
            (
                ScheduleCause.OFFICERS.value,
                _("Officers are drawn: days follow them, and as little as possible moves"),
            ),
        ]


class Make(OneRound, FormPage):
    """Ask for a calendar."""

    action = "schedule.run"
    title = gettext_lazy("Make a calendar")
    form_class = MakeForm
    submit = gettext_lazy("Make it")
    template_name = "desk/calendar/make.html"

    def form_options(self) -> dict[str, Any]:
        drawn = self.round_to_run().state == "staffed"
        return {"initial": {"cause": ScheduleCause.OFFICERS if drawn else ScheduleCause.FIRST}}

    def context(self) -> dict[str, Any]:
        return {"round": self.round_to_run()}

    def act(self, form: Any) -> str:
        return start(
            services.ask_schedule(
                actor=self.actor,
                now=clock.now(),
                round_=self.round_to_run(),
                cause=ScheduleCause(form.cleaned_data["cause"]),
                seed=form.cleaned_data["seed"],
            )
        )


class OneRun(DeskView):
    """A page about one calendar."""

    action = "schedule.view"

    def schedule(self) -> Any:
        """The calendar of the address, if the person may do the page's action with it."""
        found = queries.get_schedule(str(self.kwargs["uuid"]))
        scope = found.scope if self.action == "schedule.view" else found.run_scope
        accounts.require(self.person, self.action, scope)
        return found

    def back(self) -> str:
        return reverse("desk:calendar:run", args=[self.kwargs["uuid"]])


class RunPage(OneRun):
    """One calendar: how far it is, how good it is, what it changes, and whether to keep it."""

    template_name = "desk/calendar/run.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        schedule = self.schedule()
        tone, icon = words.TONES[schedule.state]
        listed = queries.list_changes(schedule)
        changes = words.show_changes(self.person, listed, schedule.report.get("splits"))
        context = {
            "title": _("Calendar %(number)s of %(round)s")
            % {"number": schedule.number, "round": schedule.round.code},
            "schedule": schedule,
            "tone": tone,
            "icon": icon,
            "why": words.why_in_words(self.person, schedule),
            "is_wish": schedule.cause == ScheduleCause.WISH,
            "is_making": schedule.state in words.MAKING,
            "phase": words.phase_in_words(schedule),
            "objectives": words.show_objectives(schedule),
            "moved": [change for change in changes if change.to],
            "homeless": [change for change in changes if not change.to],
            "stayed": schedule.report.get("visits", 0) - len(listed),
            "unseen": len(listed) - len(changes),
            "may_run": accounts.may(self.person, "schedule.run", schedule.run_scope),
            "may_keep": accounts.may(self.person, "schedule.keep", schedule.run_scope),
            "acts": queries.list_acts(schedule),
        }
        return self.show(context=context)


class Progress(OneRun):
    """The bar of a calendar that is being made; asks for itself until it is done."""

    template_name = "desk/calendar/progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        schedule = self.schedule()
        if schedule.state in words.MAKING:
            return self.show(context={"schedule": schedule, "phase": words.phase_in_words(schedule)})
        if request.headers.get("HX-Request"):
            answer = HttpResponse()
            answer["HX-Redirect"] = self.back()
            return answer
        return redirect(self.back())


class Stop(OneRun, ActView):
    """End the making, and propose the best that was found so far."""

    action = "schedule.run"

    def act(self) -> str:
        services.stop(actor=self.actor, now=clock.now(), schedule=self.schedule())
        return self.back()


class Keep(OneRun, ActView):
    """Visits take the days of this calendar."""

    action = "schedule.keep"

    def act(self) -> str:
        kept = services.keep(actor=self.actor, now=clock.now(), schedule=self.schedule())
        dispatch.ask_to_follow()
        said = _(
            "Kept: %(moved)s visits have new half days, and agencies are asked about their parts. Enterprises that had "
            "a notice of another half day get the new one now."
        )
        self.done(said % {"moved": kept.moved})
        return self.back()


class Discard(OneRun, ActView):
    """Put the calendar aside; visits stay as they are planned."""

    action = "schedule.run"

    def act(self) -> str:
        services.discard(actor=self.actor, now=clock.now(), schedule=self.schedule())
        self.done(_("Discarded: visits stay as they are planned."))
        return self.back()
