"""All kinds of grounds by theme, for the decision table of the guide and for the test that none is forgotten."""

from __future__ import annotations

from types import ModuleType

from yicha.decide.gate.rules import (
    asking,
    budget,
    campaigns,
    items,
    listings,
    officers,
    places,
    quiet,
    sparing,
)
from yicha.decide.gate.rules.kinds import GroundKind

THEMES: tuple[ModuleType, ...] = (
    asking,
    items,
    places,
    officers,
    listings,
    campaigns,
    budget,
    quiet,
    sparing,
)


def list_leant_on() -> frozenset[str]:
    """The codes of all numbers and tables that any ground may lean on: what an application keeps a copy of."""
    return frozenset(code for theme in THEMES for kind in list_kinds(theme) for code in kind.leans_on)


def list_kinds(theme: ModuleType) -> list[GroundKind]:
    """The kinds of grounds that a theme produces, in the order in which it declares them."""
    found: list[GroundKind] = []
    for value in vars(theme).values():
        if isinstance(value, GroundKind):
            found.append(value)
        elif isinstance(value, dict):
            found.extend(kind for kind in value.values() if isinstance(kind, GroundKind))
    return found
