"""The trial of a version: asked for, under way, and what it found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
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
from yicha.doors.desk.classes.words import name_industry
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
Pair = tuple[str, str]
"""From which class (empty: not classified before) to which; or code and name of a place."""


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
        "by_region": _moves_by(run, flows, "region"),
        "by_industry": _moves_by(run, flows, "industry"),
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
    moves = [(one.from_class, one.to_class, one.count) for one in classes.flows(run, flows)]
    better = sum(count for was, becomes, count in moves if is_better(was, becomes))
    worse = sum(count for was, becomes, count in moves if is_worse(was, becomes))
    return {**found, "moved": better + worse, "better": better, "worse": worse}


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


def _moves_by(run: Any, flows: Any, by: str) -> charts.Chart:
    """From which class to which in each region or industry division, those with most moves first.

    Drawn are those who come into a better class, a worse one, a first one; the table behind has every move.
    """
    counts = _count_moves(flows, by)
    places = sorted(counts, key=lambda place: (-_moved(counts[place]), place))
    codes = [code for code, _name in places]

    def series(
        label: str, pairs: Collection[Pair], tone: str = "", link: Pair | None = None
    ) -> charts.Series:
        values = [sum(counts[place][pair] for pair in pairs) for place in places]
        between = {} if link is None else {"from": link[0] or reading.UNCLASSED, "to": link[1]}
        hrefs = [
            _moves_url(run, **{by: code}, **between) if link and code and value else ""
            for code, value in zip(codes, values, strict=True)
        ]
        return charts.Series(label, values, tone, hrefs)

    pairs = sorted({pair for found in counts.values() for pair in found})
    bars = [
        series(_("to a better class"), [pair for pair in pairs if is_better(*pair)], "jade"),
        series(_("to a worse class"), [pair for pair in pairs if is_worse(*pair)], "seal"),
    ]
    moves = [pair for pair in pairs if pair[0] != pair[1]]
    if fresh := [pair for pair in pairs if not pair[0]]:
        bars.append(series(_("classified for the first time"), fresh, "slate"))
    columns = [
        series(f"{was or _('not classified')} → {now}", [(was, now)], link=(was, now)) for was, now in moves
    ]
    columns.append(series(_("stay"), [pair for pair in pairs if pair[0] == pair[1]]))
    first, labels = _name_places(by, places)
    links = [_moves_url(run, **{by: code}) if code else "" for code in codes]
    picture = charts.bar(f"by-{by}", first, labels, bars, unit=_("enterprises"), stacked=True)
    table = charts.bar(f"by-{by}", first, labels, [*bars, *columns], hrefs=links)
    return replace(table, payload=picture.payload, is_cut=picture.is_cut)


def _count_moves(flows: Any, by: str) -> dict[Pair, Counter[Pair]]:
    """Moves by code and name of the place, where anybody moves at all."""
    fields = ("region__code", "region__name") if by == "region" else ("industry", "industry")
    counts: dict[Pair, Counter[Pair]] = defaultdict(Counter)
    rows = flows.order_by().values_list(*fields, "from_class", "to_class", "count")
    for code, name, was, becomes, count in rows:
        counts[code or "", name or ""][was, becomes] += count
    return {place: found for place, found in counts.items() if _moved(found)}


def _name_places(by: str, places: Sequence[Pair]) -> tuple[str, list[str]]:
    """What the places are called, and what each of them is."""
    if by == "region":
        return _("region"), [name or _("not known") for _code, name in places]
    return _("industry"), [name_industry(code) for code, _name in places]


def is_better(was: str, becomes: str) -> bool:
    """Whether a move is to a better class; who was not classified before (empty) comes to no better one."""
    return bool(was) and becomes < was


def is_worse(was: str, becomes: str) -> bool:
    """Whether a move is to a worse class."""
    return bool(was) and becomes > was


def _moved(found: Mapping[Pair, int]) -> int:
    return sum(count for pair, count in found.items() if pair[0] != pair[1])


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
