"""Pages of a list. A cursor says after which row a page begins, so that rows that are added move none of the others."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet

from yicha.doors.partners.problems import Problem
from yicha.kernel.refusal import Reason

MOST = 200
"""The longest page; the usual one is half of it."""
_PREFIX = b"after:"


def page(
    rows: QuerySet[Any], cursor: str, limit: int, show: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """One page of rows in the order in which they were added, and the cursor of the next (null: there is none)."""
    found: list[Model] = list(rows.order_by("pk").filter(pk__gt=read_cursor(cursor))[: limit + 1])
    following = write_cursor(found[limit - 1].pk) if len(found) > limit else None
    return {"items": [show(row) for row in found[:limit]], "next": following}


def write_cursor(after: int) -> str:
    """The cursor that says: after the row with this key."""
    return base64.urlsafe_b64encode(_PREFIX + str(after).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> int:
    """The key that a cursor says; 0 for none. Raises `Problem` 422 for what no page gave."""
    if not cursor:
        return 0
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        text = b""
    number = text.removeprefix(_PREFIX)
    if not text.startswith(_PREFIX) or not number.isdigit() or len(number) > 18:
        raise Problem(
            422,
            [
                Reason(
                    "page.cursor",
                    "The cursor is not one that a page gave; begin without one.",
                    at_field="cursor",
                )
            ],
        )
    return int(number)
