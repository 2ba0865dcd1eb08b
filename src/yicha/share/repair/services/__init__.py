"""The only writers of what follows from a record's ending. Each takes `actor` and `now`."""

from __future__ import annotations

from yicha.share.repair.services.propagating import decide, end_due, propagate, propagate_open

__all__ = ["decide", "end_due", "propagate", "propagate_open"]
