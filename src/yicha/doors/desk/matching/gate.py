"""What the gate said of the demands of a round: the funnel, and one verdict with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.planning import queries
from yicha.decide.planning.terms import Fate, ScreenFunnel, TopGround
from yicha.doors.desk.pages import DeskView, Words
from yicha.doors.templatetags.gate import code_names, verdict_look
from yicha.kernel.refusal import NotFound

FATES: dict[Fate, tuple[Words, str, str, dict[str, str]]] = {
    Fate.RECOGNISED: (
        gettext_lazy("a result is recognised"),
        "recognise",
        "link",
        {"state": "spared", "outcome": "recognise"},
    ),
    Fate.OFFSITE: (gettext_lazy("off site"), "spared", "world", {"state": "spared", "outcome": "offsite"}),
    Fate.DEFERRED: (gettext_lazy("deferred"), "defer", "clock", {"state": "deferred"}),
    Fate.REFUSED: (gettext_lazy("refused"), "refuse", "ban", {"state": "refused"}),
    Fate.WAITING: (gettext_lazy("wait for matching"), "due", "hourglass", {"state": "waiting"}),
    Fate.MERGED: (
        gettext_lazy("visited by several agencies at once"),
        "allow",
        "arrows-join",
        {"state": "matched"},
    ),
    Fate.ALLOWED: (
        gettext_lazy("visited by their agency alone"),
        "allow",
        "circle-check",
        {"state": "matched"},
    ),
}
"""By fate: what a page calls it, its tone and icon, and the filter of the list that it opens to; down the funnel."""


@dataclass(frozen=True)
class ShownFate:
    """A part of the funnel as a page draws it. `share` in thousandths of all demands."""

    label: Words
    tone: str
    icon: str
    count: int
    share: int
    url: str
    reasons: Sequence[TopGround]


def list_fates(round_: Any, funnel: ScreenFunnel) -> list[ShownFate]:
    """The parts of the funnel that hold anything, each with its most frequent reasons."""
    reasons, names = queries.list_top_grounds(round_), code_names()
    page = reverse("desk:matching:demands", args=[round_.code])
    counts = {fate: getattr(funnel, fate.value) for fate in FATES}
    return [
        ShownFate(
            label,
            tone,
            icon,
            counts[fate],
            1000 * counts[fate] // funnel.demands,
            f"{page}?{urlencode(narrowed)}",
            [_named(one, names) for one in reasons.get(fate, ())],
        )
        for fate, (label, tone, icon, narrowed) in FATES.items()
        if counts[fate]
    ]


def _named(ground: TopGround, names: Mapping[str, str]) -> TopGround:
    """The same with names where its example has codes."""
    facts = {name: names.get(str(fact), fact) for name, fact in ground.example.facts.items()}
    return replace(ground, example=replace(ground.example, facts=facts))


class VerdictPage(DeskView):
    """What the gate said of some demands of an agency at an enterprise, and why."""

    action = "match.view"
    template_name = "desk/matching/verdict.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        screening = accounts.get_allowed(
            queries.find_screening(str(self.kwargs["uuid"])), self.person, self.action
        )
        if screening.round.code != self.kwargs["code"]:
            raise NotFound
        verdict = queries.read_verdict(screening)
        demands = list(queries.list_demands_asked(screening))
        names = code_names()
        names |= {one.item_version.item.code: one.item_version.name for one in demands}
        return self.show(
            context={
                "title": screening.enterprise.name,
                "screening": screening,
                "round": screening.round,
                "verdict": verdict,
                "seen": verdict_look(verdict),
                "names": names,
                "demands": demands,
            }
        )
