"""The visits of one day: where each takes place, as a table and on a map.

A visit stands where its site is, else its enterprise; without coordinates at the middle of its region, and then it is
said to be approximate; where the region has none either, it is in the table alone. There are no outlines of districts:
each has a colour, and its name stands in the middle of its visits. Of one officer the way of the day is drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.desk.calendar import chosen
from yicha.doors.desk.calendar.grid import NO_PART, PARTS, ShownVisit
from yicha.doors.desk.calendar.views import CalendarView, ways

AREAS = 4
"""So many colours tell districts apart; with more of them, colours come again."""


@dataclass(frozen=True)
class Spot:
    """Where a visit is on the map; `lat` None: nowhere. `is_rough`: the middle of its region."""

    lat: Decimal | None
    lon: Decimal | None
    is_rough: bool = False


@dataclass(frozen=True)
class Stop:
    """A visit of the day with its number on the map."""

    number: int
    visit: ShownVisit
    spot: Spot
    address: str
    region: Any


def find_spot(row: Any) -> tuple[Spot, str, Any]:
    """Where a visit takes place: spot, address, region."""
    site = row.premises or row.enterprise
    if site.lat is not None:
        return Spot(site.lat, site.lon), site.address, site.region
    region = site.region or row.enterprise.region
    if region is not None and region.lat is not None:
        return Spot(region.lat, region.lon, is_rough=True), site.address, region
    return Spot(None, None), site.address, region


def show_stops(visits: Sequence[ShownVisit]) -> list[Stop]:
    """The visits of a day, numbered in their order."""
    return [Stop(number, visit, *find_spot(visit.row)) for number, visit in enumerate(visits, start=1)]


@dataclass(frozen=True)
class District:
    """A district of the map: where its name stands, and which of the colours it has."""

    name: str
    lat: float
    lon: float
    area: int


def show_districts(stops: Sequence[Stop]) -> dict[int, District]:
    """The districts in which a day has places on the map, by region; a name stands in the middle of its visits."""
    spots: dict[Any, list[Spot]] = defaultdict(list)
    for stop in stops:
        if stop.region is not None and stop.spot.lat is not None:
            spots[stop.region].append(stop.spot)
    found = {}
    for number, region in enumerate(sorted(spots, key=lambda one: one.code)):
        here = [one for one in spots[region] if not one.is_rough] or spots[region]
        lat, lon = (sum(float(getattr(one, name)) for one in here) / len(here) for name in ("lat", "lon"))
        found[region.pk] = District(region.name, lat, lon, number % AREAS)
    return found


def show_route(stops: Sequence[Stop]) -> list[tuple[float, float]]:
    """The way of somebody who makes all these visits in their order; what is only approximate is left out."""
    return [
        (float(stop.spot.lat), float(stop.spot.lon))
        for stop in stops
        if stop.spot.lat is not None and stop.spot.lon is not None and not stop.spot.is_rough
    ]


def map_of(stops: Sequence[Stop], *, is_way: bool) -> dict[str, Any]:
    """What the browser draws: a mark per place, with the visits there; names of districts; tiles if there are any.

    `is_way`: one officer makes all of them, one after the other.
    """
    districts = show_districts(stops)
    places: dict[tuple[Decimal, Decimal, bool], list[Stop]] = {}
    for stop in stops:
        if stop.spot.lat is not None and stop.spot.lon is not None:
            places.setdefault((stop.spot.lat, stop.spot.lon, stop.spot.is_rough), []).append(stop)
    return {
        "places": [
            {
                "lat": float(lat),
                "lon": float(lon),
                "rough": rough,
                "area": districts[here[0].region.pk].area if here[0].region is not None else 0,
                "visits": [
                    {
                        "number": stop.number,
                        "name": stop.visit.row.enterprise.name,
                        "part": str(PARTS.get(stop.visit.row.planned_part, NO_PART)),
                        "url": reverse("desk:calendar:visit", args=[stop.visit.row.uuid]),
                    }
                    for stop in here
                ],
            }
            for (lat, lon, rough), here in places.items()
        ],
        "districts": [asdict(one) for one in districts.values()],
        "route": show_route(stops) if is_way else [],
        "tiles": settings.YICHA.map_tiles,
        "attribution": settings.YICHA.map_attribution,
        "words": {
            "rough": _("approximate: the middle of the region"),
            "more": _("%(count)s visits"),
            "in": _("Closer"),
            "out": _("Farther"),
        },
    }


class DayPage(CalendarView):
    """The visits of a day, and where they are."""

    way = "desk:calendar:list"
    title = gettext_lazy("Visits of a day")
    template_name = "desk/calendar/day.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        day = chosen.read_day(self.kwargs["on"], chosen.EARLIEST)
        if day.isoformat() != self.kwargs["on"]:
            raise Http404
        narrowing = self.narrowing()
        rows = chosen.list_planned(self.person, day, day).select_related("premises__region")
        stops = show_stops(self.show_visits(narrowing.narrow(rows)))
        period = chosen.Period("day", day, day)
        context = {
            "filters": narrowing,
            "day": day,
            "today": self.today,
            "tabs": ways(self, self.way, narrowing.address(on=day.isoformat())),
            "query": narrowing.address(),
            "week": narrowing.address(on=day.isoformat(), show="week"),
            "before": day - timedelta(days=1),
            "after": day + timedelta(days=1),
            "is_working": day in chosen.working_days(period),
            "stops": stops,
            "map": map_of(stops, is_way=narrowing.chosen("officer") is not None),
            "no_part": NO_PART,
            "areas": {key: one.area for key, one in show_districts(stops).items()},
            "rough": sum(stop.spot.is_rough for stop in stops),
            "nowhere": sum(stop.spot.lat is None for stop in stops),
        }
        answer = self.show(context=context)
        answer.shows_map = True  # type: ignore[attr-defined]
        return answer
