"""How many objects each stratum draws (yicha-draw/1, Files of a draw of objects), without floating point."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from yicha.decide.drawing.terms import Stratum

_RATE = re.compile(r"0(\.[0-9]{1,12})?|1(\.0{1,12})?", re.ASCII)


def is_rate(text: str) -> bool:
    """Whether a text is a share from 0 to 1 in decimals."""
    return _RATE.fullmatch(text) is not None


def share(rate: str) -> Fraction:
    """The exact value of a rate; ValueError if it is none."""
    if not is_rate(rate):
        raise ValueError(f"{rate!r} is no share from 0 to 1")
    return Fraction(rate)


def quotas(strata: Iterable[tuple[str, int, str]]) -> dict[str, int]:
    """Quotas of (id, size, rate) by largest remainder.

    Exact quotas are size × rate. Their sum, rounded half up, is the total; each stratum has the whole part of its
    own, and what is left of the total goes to the largest remainders, ties to the smaller id (bytewise). After
    that, a stratum with a rate above zero and members that has none draws one.
    """
    rows = list(strata)
    exact = {id_: size * share(rate) for id_, size, rate in rows}
    whole = {id_: int(value) for id_, value in exact.items()}
    left = int(sum(exact.values(), Fraction()) + Fraction(1, 2)) - sum(whole.values())
    by_remainder = sorted(exact, key=lambda id_: (whole[id_] - exact[id_], id_.encode("utf-8")))
    for id_ in by_remainder[:left]:
        whole[id_] += 1
    return {id_: whole[id_] or int(exact[id_] > 0) for id_, _, _ in rows}


def with_quotas(rates: Sequence[tuple[str, str]], sizes: Mapping[str, int]) -> list[Stratum]:
    """Strata (id, rate) with their sizes and quotas, by id."""
    rows = [(id_, sizes.get(id_, 0), rate) for id_, rate in sorted(rates)]
    found = quotas(rows)
    return [Stratum(id_, size, rate, found[id_]) for id_, size, rate in rows]


def replacements_allowed(size: int, cap: str) -> int:
    """How many objects of a stratum may be replaced by the next ticket; above that, a supplement is drawn."""
    return int(size * share(cap))
