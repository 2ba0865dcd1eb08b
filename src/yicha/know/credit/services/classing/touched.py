"""Classifying at once the enterprises that a record, a repair, a result or a revocation touched."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime


def reclassify(*, actor: str, now: datetime, enterprises: Collection[int], because: str) -> int:
    """Classify some enterprises (their ids) anew, in the caller's transaction; returns how many classes changed.

    With the model and the cuts of the last run that was shown; before there was one, nothing happens. `because` says
    what touched them (`credit:<code>`, `result:<uuid>`). Any number: more than a few hundred go over the engine.
    """
    raise NotImplementedError
