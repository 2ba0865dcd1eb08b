"""Where one can go: every area declares its entries, and a person sees those that they may open.

An area is a package `desk/<area>` with a `urls.py` that holds `urlpatterns` and, if it is to be in the
navigation, `ENTRIES`. Nothing is registered anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts import queries as accounts

GROUPS: dict[str, str | Promise] = {
    "home": "",
    "decide": _("Plans and draws"),
    "act": _("Act and share"),
    "know": _("Know"),
    "base": _("Records and access"),
}
"""The groups of the navigation, in order."""


@dataclass(frozen=True)
class Entry:
    """A place in the navigation. `url_name` as for `reverse`; `order` within the group."""

    label: str | Promise
    url_name: str
    action: str
    icon: str
    group: str
    order: int = 50


@dataclass(frozen=True)
class Shown:
    """An entry as a page draws it."""

    label: str | Promise
    url: str
    icon: str
    is_current: bool


@dataclass(frozen=True)
class Group:
    """A heading and its entries."""

    label: str | Promise
    entries: tuple[Shown, ...]


@cache
def area_modules(name: str) -> tuple[tuple[str, ModuleType], ...]:
    """The module `name` of every area that has one, as (area, module)."""
    folder = Path(__file__).parent
    areas = sorted(found.name for found in iter_modules([str(folder)]) if found.ispkg)
    package = __package__ or "yicha.doors.desk"
    return tuple(
        (area, import_module(f"{package}.{area}.{name}"))
        for area in areas
        if find_spec(f"{package}.{area}.{name}") is not None
    )


def area_urls() -> list[URLPattern | URLResolver]:
    """Each area under its own path (`joint_lists` at `joint-lists/`) and namespace (`desk:joint_lists:…`)."""
    return [
        path(f"{area.replace('_', '-')}/", include((module.urlpatterns, area)))
        for area, module in area_modules("urls")
    ]


def all_entries(own: Iterable[Entry] = ()) -> tuple[Entry, ...]:
    """Every entry of every area, in the order of the navigation."""
    declared = [*own]
    for _area, module in area_modules("urls"):
        declared.extend(getattr(module, "ENTRIES", ()))
    places = list(GROUPS)
    return tuple(sorted(declared, key=lambda entry: (places.index(entry.group), entry.order)))


HOME = Entry(_("What waits for me"), "desk:home", "home.view", "home", "home", 0)


def build(request: HttpRequest) -> tuple[Group, ...]:
    """The navigation of the person who asks; the nearest entry above the page is the current one."""
    open_to = [
        (entry, reverse(entry.url_name))
        for entry in all_entries([HOME])
        if accounts.may(request.user, entry.action)
    ]
    above = [url for entry, url in open_to if entry is not HOME and request.path.startswith(url)]
    current = max(above, key=len, default=request.path)
    shown: dict[str, list[Shown]] = {}
    for entry, url in open_to:
        shown.setdefault(entry.group, []).append(Shown(entry.label, url, entry.icon, url == current))
    return tuple(Group(GROUPS[group], tuple(entries)) for group, entries in shown.items())
