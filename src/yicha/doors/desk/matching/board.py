"""The quarter's board: demands → gate → visits → half days. Every number opens to exactly the rows that it counts.

Counted over what the person may see, by the same lists and filters that the numbers lead to.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.planning import queries
from yicha.decide.planning.terms import DemandState, Origin
from yicha.doors import charts
from yicha.doors.desk.pages import Words

_FATES: tuple[tuple[Words, str, dict[str, str]], ...] = (
    (gettext_lazy("a result is recognised"), "violet", {"state": "spared", "outcome": "recognise"}),
    (gettext_lazy("off site"), "slate", {"state": "spared", "outcome": "offsite"}),
    (gettext_lazy("deferred"), "amber", {"state": "deferred"}),
    (gettext_lazy("refused"), "seal", {"state": "refused"}),
    (gettext_lazy("waits for a visit"), "amber", {"state": "waiting"}),
    (gettext_lazy("withdrawn"), "slate", {"state": "withdrawn"}),
    (gettext_lazy("has a visit"), "jade", {"state": "matched"}),
)
"""What becomes of a demand, the colour of it, and the filter of the list of demands."""


_ORIGINS: dict[Origin, Words] = {
    Origin.DRAW: gettext_lazy("drawn from plans"),
    Origin.STATUTORY: gettext_lazy("prescribed by law"),
    Origin.FOLLOW_UP: gettext_lazy("problems to be followed up"),
    Origin.RECHECK: gettext_lazy("orders to correct that ran out"),
}
"""What asks for demands; together they are all of them."""


@dataclass(frozen=True)
class Tile:
    """A number of the board with the list behind it; without an address it counts what no list holds."""

    label: Words
    value: int
    note: Words
    href: str = ""


def show_board(person: Person, round_: Any) -> dict[str, Any]:
    """What the board shows of a round."""
    demands = _count_demands(person, round_)
    visits = count_visits(person, round_)
    listed = reverse("desk:matching:demands", args=[round_.code])
    return {
        "origin_tiles": _origin_tiles(person, round_, listed),
        "demand_tiles": [
            Tile(label, demands[_key(narrowed)], "", f"{listed}?{urlencode(narrowed)}")
            for label, _tone, narrowed in _FATES
            if demands[_key(narrowed)] or narrowed["state"] != "withdrawn"
        ],
        "visit_tiles": _visit_tiles(round_, visits),
        "flow": _flow(person, round_, demands),
        "spared": demands["spared", "recognise"] + demands["spared", "offsite"],
        "deferred": demands["deferred", ""],
        "counted": visits,
    }


def _origin_tiles(person: Person, round_: Any, listed: str) -> list[Tile]:
    """Demands by what asks for them."""
    rows = accounts.scoped(queries.list_demands(round_), person, "match.view").order_by()
    counted = dict(rows.values_list("origin").annotate(count=Count("pk")))
    return [
        Tile(gettext_lazy("demands"), sum(counted.values()), gettext_lazy("item by item"), listed),
        *(
            Tile(label, counted.get(origin.value, 0), "", f"{listed}?origin={origin.value}")
            for origin, label in _ORIGINS.items()
        ),
    ]


def _key(narrowed: dict[str, str]) -> tuple[str, str]:
    return narrowed["state"], narrowed.get("outcome", "")


def _count_demands(person: Person, round_: Any) -> Counter[tuple[str, str]]:
    """Demands by state, the spared ones by what spared them too."""
    rows = accounts.scoped(queries.list_demands(round_), person, "match.view").order_by()
    found: Counter[tuple[str, str]] = Counter()
    for state, outcome, count in rows.values_list("state", "outcome").annotate(count=Count("pk")):
        found[state, outcome if state == DemandState.SPARED else ""] += count
    return found


def count_visits(person: Person, round_: Any) -> dict[str, int]:
    """Visits by what the list of visits can be narrowed to."""
    rows = accounts.scoped(queries.list_visits(round_), person, "match.view").order_by()
    counted: dict[str, int] = {"visits": 0, "joint": 0, "placed": 0, "open": 0, "pinned": 0, "made": 0}
    for agencies, part, state, pin in rows.values_list("agency_count", "planned_part", "state", "pin"):
        counted["visits"] += 1
        counted["joint"] += agencies > 1
        counted["placed" if part else "open"] += 1
        counted["pinned"] += pin is not None
        counted["made"] += state == "made"
    return counted


def _visit_tiles(round_: Any, counted: dict[str, int]) -> list[Tile]:
    listed = reverse("desk:matching:visits", args=[round_.code])
    half, pins = gettext_lazy("morning or afternoon"), gettext_lazy("they stay where they are")
    return [
        Tile(
            gettext_lazy("visits in all"), counted["visits"], gettext_lazy("as few as windows allow"), listed
        ),
        Tile(
            gettext_lazy("joint visits"),
            counted["joint"],
            gettext_lazy("several agencies at once"),
            f"{listed}?joint=2",
        ),
        Tile(gettext_lazy("with a half day"), counted["placed"], half, f"{listed}?half=1"),
        Tile(
            gettext_lazy("without a half day"),
            counted["open"],
            gettext_lazy("a provisional day at most"),
            f"{listed}?half=0",
        ),
        Tile(gettext_lazy("pinned"), counted["pinned"], pins, f"{listed}?pinned=1"),
        Tile(gettext_lazy("made"), counted["made"], gettext_lazy("took place"), f"{listed}?state=made"),
    ]


def _flow(person: Person, round_: Any, demands: Counter[tuple[str, str]]) -> charts.Chart:
    """Demands → what the gate said → where their visit stands, as flows that open to lists."""
    listed = reverse("desk:matching:demands", args=[round_.code])
    matched = str(_FATES[-1][0])
    flows = [
        charts.Flow(_("demands"), str(label), demands[_key(narrowed)], 0, f"{listed}?{urlencode(narrowed)}")
        for label, _tone, narrowed in _FATES
    ]
    rows = accounts.scoped(queries.list_demands(round_), person, "match.view").order_by()
    halves = rows.filter(state=DemandState.MATCHED.value).aggregate(
        placed=Count("pk", filter=~Q(contact__planned_part="")),
        open=Count("pk", filter=Q(contact__planned_part="")),
    )
    for label, count, half in (
        (_("on a half day"), halves["placed"], "1"),
        (_("no half day yet"), halves["open"], "0"),
    ):
        query = urlencode({"state": "matched", "half": half})
        flows.append(charts.Flow(matched, label, count, 1, f"{listed}?{query}"))
    stages = (_("Demands"), _("At the gate"), _("In the calendar"))
    tones = {str(label): tone for label, tone, _narrowed in _FATES}
    tones |= {_("on a half day"): "jade", _("no half day yet"): "amber", _("demands"): "indigo"}
    return charts.sankey("flow", stages, flows, unit=_("demands"), tones=tones)
