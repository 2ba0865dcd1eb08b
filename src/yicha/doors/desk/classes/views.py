"""How classes are spread, how they move from run to run, the runs, and every change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.classes import pictures
from yicha.doors.desk.classes.tables import ChangeFilter, ChangeTable, RunFilter, RunTable
from yicha.doors.desk.classes.words import SECTIONS, STATES, link_list, name_industry, name_run
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ActView, DeskView, ObjectPage, Tab
from yicha.doors.desk.places import NOWHERE, list_regions_for
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.credit import jobs
from yicha.know.credit.queries import classes as queries
from yicha.know.credit.queries import classes_pages as pages
from yicha.know.credit.queries.models import find_model_in_force
from yicha.know.credit.services import classing
from yicha.know.credit.terms.classes import RunKind
from yicha.know.registry import queries as registry

MOST_STAGES = 12
SHOWN_STAGES = 3
TABS = (
    ("spread", gettext_lazy("Spread"), "desk:classes:spread"),
    ("flows", gettext_lazy("Flows"), "desk:classes:flows"),
    ("changes", gettext_lazy("Changes of class"), "desk:classes:changes"),
    ("runs", gettext_lazy("Classifications"), "desk:classes:runs"),
)


class ShownTab:
    """A page of the area, as its tabs show it."""

    def __init__(self, label: Any, url: str, is_current: bool) -> None:
        self.label, self.url, self.is_current = label, url, is_current


def show_tabs(current: str) -> list[ShownTab]:
    """The pages of the area."""
    return [ShownTab(label, reverse(url), name == current) for name, label, url in TABS]


def list_seen_regions(person: Person) -> list[str] | None:
    """The regions whose flows a person may see; None: all, also what lies nowhere."""
    if accounts.may(person, "class.view", NOWHERE):
        return None
    return list(list_regions_for(person, "class.view"))


class Spread(DeskView):
    """How many enterprises are of which class, by region and by industry."""

    action = "class.view"
    title = gettext_lazy("Classes")
    template_name = "desk/classes/spread.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seen = accounts.scoped(registry.list_enterprises(), self.person, self.action)
        active = seen.filter(status="active")
        section = request.GET.get("section", "")
        section = section if section in SECTIONS else ""
        total = pages.count_classes(active)
        industries = pages.count_by_industry(active, section)
        model = find_model_in_force()
        context = {
            "tabs": show_tabs("spread"),
            "tiles": [
                (letter, count, link_list(risk_class=letter), _share(count, total.total))
                for letter, count in zip(pages.LETTERS, total.counts, strict=True)
            ],
            "total": total.total,
            "unclassified": pages.count_unclassified(active),
            "regions": pictures.draw_regions(pages.count_by_region(active)),
            "industries": pictures.draw_industries(industries),
            "section": section,
            "section_name": name_industry(section) if section else "",
            "sections": [(key, name_industry(key)) for key in SECTIONS],
            "model": model,
            "last": queries.find_last_run(),
            "running": pages.find_running(),
            "may_run": self.may("class.run"),
            "may_models": self.may("model.view"),
            "now": clock.now(),
        }
        return self.show(context=context)


class Flows(DeskView):
    """What the runs from one to another moved, as a chain."""

    action = "class.view"
    title = gettext_lazy("Flows between classes")
    template_name = "desk/classes/flows.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        runs = list(pages.list_shown_runs()[:60])
        chain = self._chain(runs)
        regions = list_regions_for(self.person, self.action)
        region = request.GET.get("region", "")
        section = request.GET.get("section", "")
        seen = [region] if region in regions else list_seen_regions(self.person)
        section = section if section in SECTIONS else ""
        context = {
            "tabs": show_tabs("flows"),
            "runs": [(str(run.uuid), name_run(run)) for run in runs],
            "first": str(chain[0].uuid) if chain else "",
            "last": str(chain[-1].uuid) if chain else "",
            "chain": chain,
            "until": chain[-1].ended_at if chain else None,
            "flows": pictures.draw_flows(chain, seen, section),
            "regions": sorted(regions.items()),
            "region": region,
            "sections": [(key, name_industry(key)) for key in SECTIONS],
            "section": section,
        }
        return self.show(context=context)

    def _chain(self, runs: list[Any]) -> list[Any]:
        """The runs between the two chosen, the earliest first; without a choice the last three."""
        places = {str(run.uuid): place for place, run in enumerate(runs)}
        first = places.get(self.request.GET.get("first", ""))
        last = places.get(self.request.GET.get("last", ""))
        if first is None and last is None:
            first, last = SHOWN_STAGES - 1, 0
        begin, end = sorted(
            (first if first is not None else last or 0, last if last is not None else first or 0)
        )
        return runs[begin : end + 1][:MOST_STAGES][::-1]


class Changes(ListPage):
    """Every class that became another."""

    action = "class.view"
    title = gettext_lazy("Changes of class")
    table_class = ChangeTable
    filterset_class = ChangeFilter
    template_name = "desk/classes/changes.html"
    extra_columns = ("uscc", "industry")
    empty_title = gettext_lazy("No class has changed yet")
    empty_icon = "arrows-join"

    def rows(self) -> QuerySet[Any]:
        return queries.list_changes()

    def context(self) -> dict[str, Any]:
        return {"tabs": show_tabs("changes")}


class Runs(ListPage):
    """Classifications of everybody, and trials of models."""

    action = "class.view"
    title = gettext_lazy("Classifications")
    table_class = RunTable
    filterset_class = RunFilter
    template_name = "desk/classes/runs.html"
    extra_columns = ("engine", "snapshot", "asked_by")
    empty_title = gettext_lazy("Nobody was classified yet")
    empty_icon = "scale"

    def rows(self) -> QuerySet[Any]:
        return queries.list_runs()

    def context(self) -> dict[str, Any]:
        may_run = self.may("class.run") and find_model_in_force() is not None
        return {"tabs": show_tabs("runs"), "may_run": may_run, "running": pages.find_running()}


class RunPage(ObjectPage):
    """One classification: what it rests on, what it gave, what it moved."""

    action = "class.view"
    url_name = "desk:classes:run"
    tab_url_name = "desk:classes:run"
    tabs = (Tab("overview", gettext_lazy("Overview"), "desk/classes/run.html"),)

    def find(self) -> Any:
        return queries.find_run(self.kwargs["uuid"])

    def context_overview(self) -> dict[str, Any]:
        run = self.object
        tone, icon = STATES[run.state]
        seen = list_seen_regions(self.person)
        total = sum(run.counts.get(letter, 0) for letter in pages.LETTERS)
        return {
            "title": name_run(run),
            "crumb": _("Classifications"),
            "crumb_url": reverse("desk:classes:runs"),
            "tone": tone,
            "icon": icon,
            "is_open": run.state in ("queued", "running"),
            "percent_done": round(run.progress * 100),
            "tiles": [
                (letter, run.counts.get(letter, 0), _share(run.counts.get(letter, 0), total))
                for letter in pages.LETTERS
            ],
            "total": total,
            "flows": pictures.draw_flows([run], seen),
            "narrowed": seen is not None,
            "may_models": self.may("model.view"),
            "changes_url": f"{reverse('desk:classes:changes')}?run={run.uuid}",
        }


class RunProgress(DeskView):
    """How far a classification is; asks for itself until it is done."""

    action = "class.view"
    template_name = "desk/classes/progress.html"

    def get(self, request: HttpRequest, uuid: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        run = queries.find_run(uuid)
        if run is None:
            raise NotFound
        if run.state in ("queued", "running"):
            return self.show(context={"object": run, "percent_done": round(run.progress * 100)})
        page = reverse("desk:classes:run", args=[run.uuid])
        if request.headers.get("HX-Request"):
            answer = HttpResponse()
            answer["HX-Redirect"] = page
            return answer
        return redirect(page)


class ClassifyNow(ActView):
    """Classify everybody by the model in force, now."""

    action = "class.run"

    def back(self) -> str:
        return reverse("desk:classes:spread")

    def act(self) -> str:
        run = classing.begin_run(actor=self.actor, now=clock.now(), kind=RunKind.ASKED)
        jobs.start_run(run.uuid, self.actor)
        return reverse("desk:classes:run", args=[run.uuid])


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else ""
