"""A warning in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from yicha.know.credit.queries import models

TONES = {
    "raised": ("due", "bell"),
    "seen": ("action", "eye"),
    "closed": ("done", "circle-check"),
}
"""How a warning's state looks: (tone, icon)."""
ICONS = {"class-change": "trending-down", "red-line": "ban", "cluster": "affiliate"}


def say(warning: Any, lines: Mapping[str, str] | None = None) -> str:
    """What happened. `lines` are the red lines in words, for many warnings at once."""
    facts = warning.facts
    if warning.kind == "red-line":
        named = (lines if lines is not None else name_red_lines()).get(facts["line"], facts["line"])
        return _("Red line crossed: %(line)s") % {"line": named}
    if warning.kind == "cluster":
        sentences = {
            "premises": _(
                "%(count)s enterprises at one address, %(bad)s of them of class D or over a red line"
            ),
            "legal-representative": _(
                "%(count)s enterprises of one legal representative, %(bad)s of them of class D or over a red line"
            ),
            "supplier": _(
                "%(count)s enterprises with one supplier, %(bad)s of them of class D or over a red line"
            ),
        }
        return sentences[facts["link"]] % {"count": facts["count"], "bad": facts["bad"]}
    if not facts["from"]:
        return _("Classified for the first time: %(to)s") % {"to": facts["to"]}
    return _("Class %(from)s became %(to)s") % {"from": facts["from"], "to": facts["to"]}


def name_red_lines() -> Mapping[str, str]:
    """The red lines of the model in force, in its own words."""
    found = models.find_model_in_force()
    return {line.code: line.words for line in models.get_document(found).red_lines} if found else {}
