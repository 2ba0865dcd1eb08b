"""Words of classes: industries, runs, and what made a class change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.templatetags.look import on
from yicha.know.credit.queries import classes as queries

SECTIONS: Mapping[str, Promise] = {
    "A": gettext_lazy("Agriculture, forestry, fishing"),
    "B": gettext_lazy("Mining"),
    "C": gettext_lazy("Manufacturing"),
    "D": gettext_lazy("Electricity, heat, gas and water"),
    "E": gettext_lazy("Construction"),
    "F": gettext_lazy("Wholesale and retail"),
    "G": gettext_lazy("Transport, storage and post"),
    "H": gettext_lazy("Hotels and catering"),
    "I": gettext_lazy("Information, software"),
    "J": gettext_lazy("Finance"),
    "K": gettext_lazy("Real estate"),
    "L": gettext_lazy("Leasing and business services"),
    "M": gettext_lazy("Research and technical services"),
    "N": gettext_lazy("Water, environment, public facilities"),
    "O": gettext_lazy("Household services, repair"),
    "P": gettext_lazy("Education"),
    "Q": gettext_lazy("Health and social work"),
    "R": gettext_lazy("Culture, sport, entertainment"),
    "S": gettext_lazy("Public administration"),
    "T": gettext_lazy("International organisations"),
}
"""Sections of GB/T 4754-2017."""
STATES = {
    "queued": ("due", "hourglass"),
    "running": ("action", "loader-2"),
    "done": ("done", "circle-check"),
    "failed": ("overdue", "circle-x"),
}
"""How a run's state looks: (tone, icon)."""
CAUSES: Mapping[str, Promise] = {
    "run": gettext_lazy("a classification of everybody"),
    "credit": gettext_lazy("a credit record"),
    "result": gettext_lazy("an inspection result"),
    "visit": gettext_lazy("a correction at a visit"),
    "ending": gettext_lazy("records whose time was over"),
    "import": gettext_lazy("an imported file"),
}
"""What makes a class change, by the beginning of `because`."""


def name_industry(key: str) -> str:
    """An industry in words: sections by name, divisions by their code."""
    if not key:
        return _("not given")
    return f"{key} {SECTIONS[key]}" if key in SECTIONS else key


def name_run(run: Any) -> str:
    """A run by its day and kind."""
    return f"{on(run.on)} {run.get_kind_display()}"


def name_class(letter: str) -> str:
    """A class, or that there was none."""
    return letter or _("not classified")


def link_list(**filters: str) -> str:
    """The list of enterprises in operation, narrowed."""
    query = {"status": "active", **{name: value for name, value in filters.items() if value}}
    return f"{reverse('desk:enterprises:list')}?{urlencode(query)}"


def find_runs(because: Iterable[str]) -> dict[str, Any]:
    """The runs among causes, by the cause."""
    wanted = {one.partition(":")[2] for one in because if one.startswith("run:")}
    return {f"run:{run.uuid}": run for run in queries.list_runs().filter(uuid__in=wanted)}


def say_because(because: str, runs: Mapping[str, Any]) -> tuple[str, str]:
    """What made a class change, in words, and the page of it (empty: none)."""
    kind, _colon, name = because.partition(":")
    if because in runs:
        return name_run(runs[because]), reverse("desk:classes:run", args=[runs[because].uuid])
    if kind == "credit":
        reference = name.rpartition("/")[2]
        words = _("Credit record %(reference)s") % {"reference": reference}
        return words, f"{reverse('desk:credit:list')}?{urlencode({'q': reference})}"
    return str(CAUSES.get(kind, because)), ""
