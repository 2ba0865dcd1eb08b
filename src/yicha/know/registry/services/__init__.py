"""The only writers of the registry beside its intake. Every change that is an official act is in the ledger."""

from __future__ import annotations

from yicha.know.registry.services.when import (
    record_absence,
    remove_equipment,
    say_wish,
    set_equipment,
    take_back_absence,
    take_back_wish,
)
from yicha.know.registry.services.who import (
    add_aliases,
    add_premises,
    derive_links,
    recuse,
    save_agency,
    save_agency_kind,
    save_directory,
    save_region,
    save_zone,
    set_classes,
    set_classes_from,
)

__all__ = [
    "add_aliases",
    "add_premises",
    "derive_links",
    "record_absence",
    "recuse",
    "remove_equipment",
    "save_agency",
    "save_agency_kind",
    "save_directory",
    "save_region",
    "save_zone",
    "say_wish",
    "set_classes",
    "set_classes_from",
    "set_equipment",
    "take_back_absence",
    "take_back_wish",
]
