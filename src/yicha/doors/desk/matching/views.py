"""The list of rounds, one round along its steps, and the lists its numbers open to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.terms import Scope
from yicha.decide.drawing import queries as drawing
from yicha.decide.planning import queries, services
from yicha.decide.planning.terms import MatchReport, RoundState, RunKind, RunState, Step
from yicha.doors.desk.draws.tables import TONES as DRAW_TONES
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.matching.ahead import find_ahead, may_close
from yicha.doors.desk.matching.board import count_visits, show_board
from yicha.doors.desk.matching.gate import list_fates
from yicha.doors.desk.matching.tables import (
    TONES,
    DemandFilter,
    DemandTable,
    RoundTable,
    VisitFilter,
    VisitTable,
)
from yicha.doors.desk.pages import DeskView, ObjectPage, Tab, Words
from yicha.doors.desk.tones import CONTACT
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Reason, Refused
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits

PREVIEWED = 5000
"""Up to so many demands the page says at once what matching would do, and the button does it within two seconds."""


class Rounds(ListPage):
    """All quarters."""

    action = "match.view"
    title = gettext_lazy("Rounds")
    table_class = RoundTable
    template_name = "desk/matching/list.html"
    empty_title = gettext_lazy("No round is open")
    empty_icon = "calendar-stats"

    def rows(self) -> QuerySet[Any]:
        return queries.list_rounds()

    def context(self) -> dict[str, Any]:
        codes = [zone.code for zone in registry.list_zones()]
        codes += [region.code for region in registry.list_regions()]
        scopes = (Scope(agencies=frozenset(), region=code, zone=code) for code in codes)
        return {"may_open": any(accounts.may(self.person, "match.run", scope) for scope in scopes)}


@dataclass(frozen=True)
class ShownStep:
    """A step of the rail as a page draws it."""

    number: int
    step: Step
    title: Words
    owner: Words
    state: str
    due_on: date | None
    url: str


STEPS: dict[str, tuple[Words, Words, str]] = {
    "plan": (gettext_lazy("Plans are published"), gettext_lazy("every agency"), "desk:plans:list"),
    "freeze": (gettext_lazy("Populations are frozen"), gettext_lazy("organiser"), "desk:draws:list"),
    "reveal": (gettext_lazy("Agencies have revealed"), gettext_lazy("every agency"), "desk:draws:list"),
    "draw": (gettext_lazy("Enterprises are drawn"), gettext_lazy("organiser"), "desk:draws:list"),
    "collect": (
        gettext_lazy("Targets have become demands"),
        gettext_lazy("organiser"),
        "desk:matching:demands",
    ),
    "screen": (
        gettext_lazy("Demands have passed the gate"),
        gettext_lazy("organiser"),
        "desk:matching:gate",
    ),
    "match": (
        gettext_lazy("Demands are matched into visits"),
        gettext_lazy("organiser"),
        "desk:matching:visits",
    ),
    "officers": (gettext_lazy("Officers are drawn"), gettext_lazy("organiser"), "desk:matching:visits"),
    "visit": (gettext_lazy("Visits are made"), gettext_lazy("lead agencies"), "desk:visits:list"),
    "result": (gettext_lazy("Results are in"), gettext_lazy("every agency"), "desk:visits:list"),
}
"""By step: what it says when it is done, who does it, and the list behind its numbers."""


class RoundPage(ObjectPage):
    """One quarter: its rail, what matching saves, and the one thing to do next."""

    action = "match.view"
    url_name = "desk:matching:object"
    tab_url_name = "desk:matching:tab"
    tabs = (
        Tab("steps", gettext_lazy("Steps"), "desk/matching/steps.html"),
        Tab("board", gettext_lazy("Board"), "desk/matching/board.html"),
        Tab("draws", gettext_lazy("Draws"), "desk/matching/draws.html"),
        Tab("gate", gettext_lazy("At the gate"), "desk/matching/gate.html"),
    )

    def find(self) -> Any:
        return queries.find_round(self.kwargs["code"])

    def context(self) -> dict[str, Any]:
        tone, icon = TONES[self.object.state]
        return {
            "crumb": _("Rounds"),
            "crumb_url": reverse("desk:matching:list"),
            "tone": tone,
            "icon": icon,
            "organiser": registry.get_place_name(self.object.organiser),
            "may_run": accounts.may(self.person, "match.run", self.object.run_scope),
            "is_closed": self.object.state == RoundState.CLOSED,
        }

    def context_steps(self) -> dict[str, Any]:
        round_ = self.object
        report, reasons = self._preview()
        run = queries.find_present_run(round_)
        officers = queries.find_officers_draw(round_)
        funnel = queries.get_funnel(round_)
        uncollected = len(queries.list_uncollected(round_))
        due, barred = queries.count_due(round_, clock.today(clock.now()))
        busy = run is not None and run.state != RunState.REFUSED
        return {
            "steps": self._steps(),
            "ahead": find_ahead(round_, funnel, uncollected=uncollected, due=due, busy=busy),
            "may_close": may_close(round_, funnel),
            "due": due,
            "barred": barred,
            "funnel": funnel,
            "screen": queries.get_screen_funnel(round_),
            "report": report,
            "reasons": reasons,
            "run": run,
            "uncollected": uncollected,
            "officers_draw": drawing.find_draw(officers.draw_id) if officers else None,
            "joint": count_visits(self.person, round_)["joint"],
            "flags": queries.get_match_limits(clock.today(clock.now())),
        }

    def context_board(self) -> dict[str, Any]:
        return show_board(self.person, self.object)

    def context_draws(self) -> dict[str, Any]:
        linked = {row.entry_id: row for row in queries.list_entry_draws(self.object)}
        numbers = [row.draw_id for row in linked.values()]
        draws = {draw.draw_id: draw for draw in drawing.list_draws().filter(draw_id__in=numbers)}
        rows: list[dict[str, Any]] = []
        for entry in queries.list_due_entries(self.object.year, self.object.quarter):
            row = linked.get(entry.pk)
            draw = draws.get(row.draw_id) if row else None
            tone, icon = DRAW_TONES[draw.state] if draw else ("plain", "circle-dashed")
            rows.append({"entry": entry, "link": row, "draw": draw, "tone": tone, "icon": icon})
        return {
            "rows": rows,
            "undrawn": sum(row["draw"] is None or row["draw"].state == "void" for row in rows),
            "committed": len(queries.list_committed(self.object)),
            "run": queries.find_present_run(self.object),
        }

    def context_gate(self) -> dict[str, Any]:
        funnel = queries.get_screen_funnel(self.object)
        return {
            "screen": funnel,
            "fates": list_fates(self.object, funnel),
            "visits": queries.get_funnel(self.object)["visits"],
            "run": queries.find_present_run(self.object),
            "uncollected": len(queries.list_uncollected(self.object)),
            "due": queries.count_due(self.object, clock.today(clock.now()))[0],
        }

    def _preview(self) -> tuple[MatchReport | None, tuple[Reason, ...]]:
        """What matching would do now, or why it cannot; nothing when nothing waits, or when it would take long."""
        waiting = queries.list_waiting_demands(self.object)
        if not 0 < waiting[: PREVIEWED + 1].count() <= PREVIEWED:
            return None, ()
        try:
            return services.preview_match(now=clock.now(), round_=self.object), ()
        except Refused as refused:
            return None, refused.reasons

    def _steps(self) -> list[ShownStep]:
        clocks = queries.get_clocks(self.object)
        states = {"done": "done", "present": "now", "ahead": "next"}
        return [
            ShownStep(
                number,
                step,
                STEPS[step.code][0],
                STEPS[step.code][1],
                states[step.state],
                clocks.get(step.code),
                self._url(STEPS[step.code][2]),
            )
            for number, step in enumerate(queries.list_steps(self.object), start=1)
        ]

    def _url(self, name: str) -> str:
        if name == "desk:matching:gate":
            return reverse("desk:matching:tab", args=[self.object.code, "gate"])
        if name.startswith("desk:matching"):
            return reverse(name, args=[self.object.code])
        if name == "desk:plans:list":
            return f"{reverse(name)}?year={self.object.year}"
        if name == "desk:visits:list":
            return f"{reverse(name)}?round={self.object.code}"
        return f"{reverse(name)}?q={self.object.year}"


class OfRound(ListPage):
    """A list that belongs to a round."""

    template_name = "desk/matching/of_round.html"

    @property
    def round(self) -> Any:
        """The round of the address."""
        return queries.get_round(self.kwargs["code"])

    def context(self) -> dict[str, Any]:
        return {"round": self.round}


class Demands(OfRound):
    """The demands of a round that the person may see."""

    action = "match.view"
    title = gettext_lazy("Demands")
    table_class = DemandTable
    filterset_class = DemandFilter
    extra_columns = ("uscc", "open_from")
    empty_title = gettext_lazy("No demands yet")
    empty_icon = "inbox"

    def rows(self) -> QuerySet[Any]:
        return queries.list_demands(self.round)


class Visits(OfRound):
    """The visits of a round that the person may see."""

    action = "match.view"
    title = gettext_lazy("Visits of the round")
    table_class = VisitTable
    filterset_class = VisitFilter
    empty_title = gettext_lazy("No visits yet")
    empty_icon = "link"

    def rows(self) -> QuerySet[Any]:
        return queries.list_visits(self.round)


class VisitPage(DeskView):
    """Why a visit is made: the demands it joins, their windows, and who goes."""

    action = "match.view"
    template_name = "desk/matching/visit.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        round_ = queries.get_round(self.kwargs["code"])
        found = visits.list_round(round_.code).filter(uuid=self.kwargs["uuid"]).first()
        contact = accounts.get_allowed(found, self.person, self.action)
        demands = list(queries.list_demands_of(contact.pk))
        return self.show(
            context={
                "title": contact.enterprise.name,
                "tone": CONTACT[contact.state][0],
                "icon": CONTACT[contact.state][1],
                "contact": contact,
                "round": round_,
                "demands": demands,
                "bars": _bars(demands, contact.planned_on),
                "alone": len({(demand.draw_id, demand.agency_id) for demand in demands}),
                "officers": queries.list_visit_officers(contact),
            }
        )


def _bars(demands: list[Any], planned_on: date | None) -> dict[str, Any]:
    """Windows on a common line of 1000 units, and the day of the visit on it."""
    if not demands or planned_on is None:
        return {}
    first = min(demand.window_from for demand in demands)
    days = (max(demand.window_to for demand in demands) - first).days + 1
    windows = {(demand.agency, demand.window_from, demand.window_to) for demand in demands}
    rows = [
        {
            "agency": agency,
            "start": start,
            "end": end,
            "x": 1000 * (start - first).days // days,
            "width": max(4, 1000 * ((end - start).days + 1) // days),
        }
        for agency, start, end in sorted(windows, key=lambda row: (row[1], row[2], row[0].code))
    ]
    return {"rows": rows, "day": 1000 * (2 * (planned_on - first).days + 1) // (2 * days)}


class RunProgress(DeskView):
    """The bar of a matching that runs as a job; asks for itself until it is done."""

    action = "match.view"
    template_name = "desk/matching/progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        run = queries.find_run(str(self.kwargs["uuid"]))
        if run is None or run.round.code != self.kwargs["code"]:
            raise NotFound
        if run.state in (RunState.QUEUED, RunState.RUNNING):
            return self.show(context={"run": run, "object": run.round})
        page = reverse("desk:matching:object", args=[run.round.code])
        if run.kind == RunKind.SCREEN:
            page = reverse("desk:matching:tab", args=[run.round.code, "gate"])
        elif run.kind != RunKind.MATCH:
            page = reverse("desk:matching:tab", args=[run.round.code, "draws"])
        if request.headers.get("HX-Request"):
            answer = HttpResponse()
            answer["HX-Redirect"] = page
            return answer
        return redirect(page)
