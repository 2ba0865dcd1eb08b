"""Reading credit and risk. What is here are records; the others have their own modules."""

from __future__ import annotations

from yicha.know.credit.queries.clocks import said_by_source
from yicha.know.credit.queries.publication import list_public
from yicha.know.credit.queries.records import (
    IN_EFFECT_SQL,
    Difference,
    find_current,
    find_record,
    list_differences,
    list_in_effect,
    list_of_enterprise,
    list_records,
    list_versions,
    name_kind,
    name_severity,
    standing_sql,
)

__all__ = [
    "IN_EFFECT_SQL",
    "Difference",
    "find_current",
    "find_record",
    "list_differences",
    "list_in_effect",
    "list_of_enterprise",
    "list_public",
    "list_records",
    "list_versions",
    "name_kind",
    "name_severity",
    "said_by_source",
    "standing_sql",
]
