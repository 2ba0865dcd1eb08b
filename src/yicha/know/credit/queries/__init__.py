"""Reading credit and risk. What is here are records; the others have their own modules."""

from __future__ import annotations

from yicha.know.credit.queries.publication import list_public
from yicha.know.credit.queries.records import (
    IN_EFFECT_SQL,
    find_current,
    find_record,
    list_in_effect,
    list_records,
    list_versions,
    standing_sql,
)

__all__ = [
    "IN_EFFECT_SQL",
    "find_current",
    "find_record",
    "list_in_effect",
    "list_public",
    "list_records",
    "list_versions",
    "standing_sql",
]
