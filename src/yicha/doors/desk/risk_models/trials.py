"""The trial of a version: asked for, under way, and what it found."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors import charts
from yicha.doors.desk.pages import ActView, DeskView
from yicha.doors.desk.risk_models.acts import OneModel
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue
from yicha.know.credit import jobs
from yicha.know.credit.queries import classes
from yicha.know.credit.queries import models as queries
from yicha.know.credit.queries import trials as reading
from yicha.know.credit.services import trials as services
from yicha.know.registry import queries as registry

PER_PAGE = 50
DEEPEST = 200
"""Pages of moves; who wants more narrows the list."""
LETTERS = ("A", "B", "C", "D")
RUNNING = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Group:
    """A region or an industry: who gets a better class, a worse one, or stays; and the address of who moves."""

    name: str
    better: int
    worse: int
    same: int
    href: str

    @property
    def all(self) -> int:
        """Everybody in it."""
        return self.better + self.worse + self.same


@dataclass(frozen=True, slots=True)
class Visits:
    """A joint list: the visits a year that the rates let expect, before and after."""

    name: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        """How many more; below 0: fewer."""
        return self.after - self.before


class AskTrial(OneModel, ActView):
    """Try a version; a worker does it."""

    action = "model.edit"

    def act(self) -> str:
        run = services.ask_trial(actor=self.actor, now=clock.now(), model=self.model())
        jobs.start_run(run.uuid, self.actor)
        return self.tab("trial")


class TrialProgress(DeskView):
    """How far a trial is; asks for itself until it has ended."""

    action = "model.view"
    template_name = "desk/risk_models/progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        run = accounts.get_allowed(queries.find_trial(self.kwargs["run"]), self.person, self.action)
        if run.state in RUNNING:
            return self.show(context={"run": run})
        page = reverse("desk:risk_models:tab", args=[run.model.uuid, "trial"])
        if request.headers.get("HX-Request"):
            answer = HttpResponse()
            answer["HX-Redirect"] = page
            return answer
        return redirect(page)


class Moves(DeskView):
    """The enterprises that a trial moves, as far as the person may see them."""

    action = "model.view"
    title = gettext_lazy("Who would move")
    template_name = "desk/risk_models/moves.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        run = accounts.get_allowed(queries.find_trial(self.kwargs["run"]), self.person, self.action)
        number = request.GET.get("page", "1")
        page = min(max(int(number), 1), DEEPEST) if number.isdecimal() else 1
        region = registry.find_region(request.GET.get("region", ""))
        found = reading.list_moves(
            run,
            from_class=request.GET.get("from", ""),
            to_class=request.GET.get("to", ""),
            regions=None if region is None else [region.pk],
            industry=request.GET.get("industry", ""),
            offset=(page - 1) * PER_PAGE,
            limit=PER_PAGE + 1,
        )
        shown = found[:PER_PAGE]
        enterprises = accounts.scoped(registry.list_enterprises(), self.person, "registry.view")
        by_id = enterprises.in_bulk([one.enterprise for one in shown])
        rows = [(by_id[one.enterprise], one) for one in shown if one.enterprise in by_id]
        context = {
            "run": run,
            "rows": rows,
            "hidden": len(shown) - len(rows),
            "page": page,
            "has_next": len(found) > PER_PAGE and page < DEEPEST,
            "is_gone": reading.find_moves(run) is None,
            "asked": {**request.GET.dict(), "region_name": region.name if region else ""},
            "letters": LETTERS,
            "regions": registry.list_regions(),
            "back": reverse("desk:risk_models:tab", args=[run.model.uuid, "trial"]),
        }
        return self.show(context=context)


def trial_context(person: Person, model: Any) -> dict[str, Any]:
    """What the tab of the trial shows: the one that runs, or the last that ended, and what it found."""
    runs = queries.list_trials(model)
    run = runs.first()
    if run is None or run.state in RUNNING or run.state == "failed":
        return {"run": run, "is_running": run is not None and run.state in RUNNING}
    flows = accounts.scoped(classes.list_flows(run), person, "model.view")
    regions = list(flows.order_by().values_list("region__code", flat=True).distinct())
    visits = _visits(run, {code for code in regions if code})
    found = {
        "run": run,
        "is_running": False,
        "is_current": run.report.get("sha256") == model.sha256,
        "sankey": _sankey(run, flows),
        "by_region": _groups(run, flows, "region"),
        "by_industry": [group for group in _groups(run, flows, "industry") if group.href],
        "visits": visits,
        "visits_total": Visits(
            "", sum((v.before for v in visits), Decimal(0)), sum((v.after for v in visits), Decimal(0))
        ),
        "visits_chart": _visits_chart(visits),
        "silent": [
            one for one in queries.get_document(model).indicators if one.code in reading.list_silent(run)
        ]
        if run.report.get("sha256") == model.sha256
        else [],
    }
    return {
        **found,
        "moved": sum(group.better + group.worse for group in found["by_region"]),
        "better": sum(g.better for g in found["by_region"]),
        "worse": sum(g.worse for g in found["by_region"]),
    }


def _moves_url(run: Any, **wanted: str) -> str:
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{reverse('desk:risk_models:moves', args=[run.uuid])}?{query}"


def _sankey(run: Any, flows: Any) -> charts.Chart:
    """From the classes of now to those of the trial."""
    none = _("not classified")
    found = [
        charts.Flow(
            one.from_class or none,
            one.to_class,
            one.count,
            href=""
            if one.from_class == one.to_class
            else _moves_url(run, **{"from": one.from_class or reading.UNCLASSED, "to": one.to_class}),
        )
        for one in classes.flows(run, flows)
    ]
    stages = (_("Class now"), _("Class by the trial"))
    return charts.sankey("flows", stages, found, unit=_("enterprises"), tones=charts.CLASS_TONES)


def _groups(run: Any, flows: Any, by: str) -> list[Group]:
    """Moves by region or by industry division, those with most moves first."""
    fields = ("region__code", "region__name") if by == "region" else ("industry", "industry")
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for code, name, was, becomes, count in flows.order_by().values_list(
        *fields, "from_class", "to_class", "count"
    ):
        side = 2 if was == becomes or not was else (0 if becomes < was else 1)
        counts[code or "", name or ""][side] += count
    groups = [
        Group(
            name=name or _("not known"),
            better=better,
            worse=worse,
            same=same,
            href=_moves_url(run, **{by: code}) if code and better + worse else "",
        )
        for (code, name), (better, worse, same) in counts.items()
    ]
    return sorted(groups, key=lambda one: (-one.better - one.worse, one.name))


def _visits(run: Any, regions: set[str]) -> list[Visits]:
    """Expected visits by joint list, in the regions that the person may see."""
    names = dict(catalogue.list_joint_lists().values_list("code", "name"))
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for one in reading.list_effects(run):
        if one.region in regions:
            sums[one.joint_list][0] += one.visits_before
            sums[one.joint_list][1] += one.visits_after
    return [Visits(names.get(code, code), *both) for code, both in sorted(sums.items())]


def _visits_chart(visits: list[Visits]) -> charts.Chart:
    tenth = Decimal("0.1")
    series = (
        charts.Series(_("now"), [one.before.quantize(tenth) for one in visits], "slate"),
        charts.Series(_("by the trial"), [one.after.quantize(tenth) for one in visits], "indigo"),
    )
    return charts.bar(
        "visits", _("joint list"), [one.name for one in visits], series, unit=_("visits a year")
    )
