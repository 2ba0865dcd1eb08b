"""How often a client may ask: a bucket of tokens for each, in the memory of one worker of the server.

Each worker counts for itself, so that a limit costs no round trip: a client may in all ask as often as its limit times
the number of workers. That is enough against a loop that runs away, which is what it is for.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

MOST_BUCKETS = 10_000
"""So many are remembered; the one that was not asked for longest is forgotten, and would be full again anyway."""


class Buckets:
    """Buckets that hold a minute's worth, and fill evenly."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, per_minute: int, at: float) -> float:
        """Take one at an instant (seconds of a clock that only counts on); 0 if there was one, else seconds to wait."""
        with self._lock:
            left, since = self._kept.pop(name, (float(per_minute), at))
            left = min(float(per_minute), left + (at - since) * per_minute / 60)
            wait = 0.0 if left >= 1 else (1 - left) * 60 / per_minute
            self._kept[name] = (left if wait else left - 1, at)
            if len(self._kept) > MOST_BUCKETS:
                self._kept.popitem(last=False)
            return wait

    def forget(self) -> None:
        """Fill every bucket again."""
        with self._lock:
            self._kept.clear()
