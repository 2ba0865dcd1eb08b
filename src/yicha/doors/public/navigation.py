"""Where the public can go. An area is a package `public/<area>` whose `urls.py` holds `urlpatterns` and a `PLACE`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.functional import Promise


@dataclass(frozen=True)
class Place:
    """An entry of the public navigation, and on the home the question that it answers."""

    label: str | Promise
    url_name: str
    icon: str
    question: str | Promise = ""
    answer: str | Promise = ""
    order: int = 50


@dataclass(frozen=True)
class ShownPlace:
    """A place as a page draws it."""

    label: str | Promise
    url: str
    icon: str
    question: str | Promise
    answer: str | Promise
    is_current: bool


@cache
def _areas() -> tuple[tuple[str, ModuleType], ...]:
    folder = Path(__file__).parent
    package = __package__ or "yicha.doors.public"
    return tuple(
        (found.name, import_module(f"{package}.{found.name}.urls"))
        for found in sorted(iter_modules([str(folder)]), key=lambda module: module.name)
        if found.ispkg and find_spec(f"{package}.{found.name}.urls") is not None
    )


def area_urls() -> list[URLPattern | URLResolver]:
    """Each area under its own path (or its `PREFIX`) and namespace (`public:draws:…`)."""
    return [
        path(getattr(module, "PREFIX", f"{area.replace('_', '-')}/"), include((module.urlpatterns, area)))
        for area, module in _areas()
    ]


def places(request: HttpRequest) -> list[ShownPlace]:
    """The navigation, with the current place marked."""
    declared = sorted(
        (module.PLACE for _area, module in _areas() if hasattr(module, "PLACE")),
        key=lambda place: place.order,
    )
    shown = []
    for place in declared:
        url = reverse(place.url_name)
        shown.append(
            ShownPlace(
                place.label, url, place.icon, place.question, place.answer, request.path.startswith(url)
            )
        )
    return shown
