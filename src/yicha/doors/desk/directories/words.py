"""A directory's rule as a sentence that an official can check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from yicha.know.registry import queries


def rule_in_words(rule: Mapping[str, Sequence[str]]) -> list[str]:
    """The conditions of a rule, one sentence each; all of them must hold."""
    said: list[str] = []
    trade = []
    if rule.get("industries"):
        trade.append(_("the industry code begins with %(codes)s") % {"codes": _either(rule["industries"])})
    if rule.get("keywords"):
        trade.append(_("name or business scope has %(words)s") % {"words": _either(rule["keywords"])})
    if trade:
        said.append(_(", or ").join(trade))
    if rule.get("regions"):
        names = {region.code: region.name for region in queries.list_regions()}
        said.append(
            _("the address is in %(places)s")
            % {"places": _either([names.get(c, c) for c in rule["regions"]])}
        )
    if rule.get("zones"):
        names = {zone.code: zone.name for zone in queries.list_zones()}
        said.append(
            _("the address is in %(places)s") % {"places": _either([names.get(c, c) for c in rule["zones"]])}
        )
    if rule.get("classes"):
        said.append(_("the class is %(classes)s") % {"classes": _either(rule["classes"])})
    if rule.get("kinds"):
        labels = dict(queries.list_enterprises().model._meta.get_field("kind").flatchoices)
        kinds = [str(labels.get(kind, kind)) for kind in rule["kinds"]]
        said.append(_("it is a %(kinds)s") % {"kinds": _either(kinds)})
    return said


def _either(parts: Sequence[str]) -> str:
    return _(" or ").join(f"“{part}”" for part in parts)
