"""The only writers of what follows from a record's ending. Each takes `actor` and `now`."""

from __future__ import annotations

from yicha.share.repair.services.propagating import correct, decide, end, end_due, propagate, propagate_open

__all__ = ["correct", "decide", "end", "end_due", "propagate", "propagate_open"]
