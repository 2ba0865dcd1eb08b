"""Below which ticket the selection of a stratum surely lies, so that a large draw need not rank everything.

Tickets are uniform: of n objects about n × p lie below p × 2^256. The bound leaves six standard deviations of
room; where a stratum comes up short all the same, it is drawn again without a bound. As many below, everything is
drawn without ranking. The answer never depends on the bounds, only the time does.
"""

from __future__ import annotations

import math

NO_BOUND = "g"
"""Above every hexadecimal text."""

_DEVIATIONS = 6
_EXTRA = 12


def bound_of(size: int, quota: int) -> str:
    """The first 16 digits of a ticket below which more than `quota` of `size` objects are expected."""
    wanted = quota + _DEVIATIONS * (math.isqrt(quota) + 1) + _EXTRA
    return NO_BOUND if wanted >= size else f"{(wanted << 64) // size:016x}"


def floor_of(size: int, quota: int) -> str:
    """The first 16 digits of a ticket below which fewer than `quota` of `size` objects are expected; "" for none."""
    sure = quota - _DEVIATIONS * (math.isqrt(quota) + 1) - _EXTRA
    return f"{(sure << 64) // size:016x}" if 0 < sure < size else ""
