"""Who acts for a region: whoever was granted it, what lies above it, or a zone that crosses it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.accounts.terms import Scope
from yicha.know.registry import queries as registry


def acts_in(person: Person, action: str, regions: Iterable[str]) -> bool:
    """Whether a person may do something in one of these regions; zones are read only when no region was granted."""
    codes = set(regions)
    if any(accounts.may(person, action, Scope(region=code)) for code in codes):
        return True
    crossing = registry.list_zones().filter(regions__code__in=codes).distinct()
    return any(accounts.may(person, action, Scope(region="", zone=zone.code)) for zone in crossing)


NOWHERE = Scope(region="", zone="")
"""What only a grant for all regions covers."""


def list_regions_for(person: Person, action: str) -> dict[str, str]:
    """The regions for which a person may do something: their names by code. A zone's role acts for all it crosses."""
    if not accounts.may(person, action):
        return {}
    zones: dict[str, list[str]] = defaultdict(list)
    for zone in registry.list_zones():
        for region in zone.regions.all():
            zones[region.code].append(zone.code)
    return {
        code: name
        for code, name in registry.list_regions().values_list("code", "name")
        if any(
            accounts.may(person, action, Scope(region=code, zone=zone)) for zone in (*zones.get(code, ()), "")
        )
    }
