"""The draw of objects: selection, replacement by the next ticket, supplements (yicha-draw/1)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256

from yicha.decide.drawing.rules import files, quotas
from yicha.decide.drawing.terms import Drawn, Excluded, Member, Replaced, ReplacementCode, Stratum
from yicha.kernel.refusal import Reason

_SOURCE = "yicha-draw/1, Replacement and supplements"


def check_population(
    population: Sequence[Member], exclusions: Sequence[Excluded], rates: Sequence[tuple[str, str]]
) -> list[Reason]:
    """Everything that is wrong with a population, its exclusions and its strata (id, rate) before the freeze."""
    known = {id_ for id_, _ in rates}
    reasons = files.check_unique([*(row.key for row in population), *(row.key for row in exclusions)], "keys")
    reasons += files.check_unique((id_ for id_, _ in rates), "strata")
    reasons += [
        _refusal(
            "draw.rate",
            "Stratum %(stratum)s: the rate “%(rate)s” is no share from 0 to 1.",
            stratum=id_,
            rate=rate,
        )
        for id_, rate in rates
        if not quotas.is_rate(rate)
    ]
    reasons += [
        _refusal("draw.stratum-form", "“%(stratum)s” cannot name a stratum.", stratum=id_)
        for id_ in sorted(known)
        if not files.is_key(id_)
    ]
    reasons += [
        _refusal(
            "draw.stratum-unknown", "Stratum %(stratum)s is in the population but not described.", stratum=id_
        )
        for id_ in sorted({row.stratum for row in population} - known)
    ]
    if not population:
        reasons.append(_refusal("draw.population-empty", "The population is empty: nothing can be drawn."))
    return reasons


def sizes_of(population: Iterable[Member]) -> dict[str, int]:
    """Members per stratum."""
    return Counter(row.stratum for row in population)


def rank(seed: str, population: Iterable[Member], supplement: int = 0) -> dict[str, list[tuple[str, str]]]:
    """Per stratum, (ticket, key) from the lowest; hot loop, so the label is written out here once."""
    prefix = f"{seed}|s{supplement}:o:" if supplement else f"{seed}|o:"
    ranked: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, stratum in population:
        ranked[stratum].append((sha256((prefix + key).encode("ascii")).hexdigest(), key))
    for row in ranked.values():
        row.sort()
    return dict(ranked)


def select(
    seed: str, population: Iterable[Member], strata: Iterable[Stratum], supplement: int = 0
) -> list[Drawn]:
    """In each stratum, the quota lowest (ticket, key); sorted by stratum, then ticket."""
    ranked = rank(seed, population, supplement)
    return [
        Drawn(stratum.id, key, ticket)
        for stratum in sorted(strata)
        for ticket, key in ranked.get(stratum.id, [])[: stratum.quota]
    ]


def check_replacement(key: str, code: str, standing: Collection[str]) -> list[Reason]:
    """Why a drawn object may not be skipped; `standing` are the objects that are to be checked now."""
    reasons = []
    if code not in set(ReplacementCode):
        reasons.append(_refusal("draw.replacement-code", "“%(code)s” is no listed reason.", code=code))
    if key not in standing:
        reasons.append(
            _refusal("draw.replacement-key", "%(key)s is not among the objects to be checked.", key=key)
        )
    return reasons


def replace(
    key: str,
    code: str,
    ranked: Sequence[tuple[str, str]],
    drawn: Collection[str],
    done_before: int,
    allowed: int,
) -> Replaced:
    """The next ticket of the stratum that was never drawn takes the place of `key`.

    `ranked` is the stratum from the lowest ticket, `done_before` how many of it were skipped already. Above the
    cap, or when nobody is left, nothing takes its place (`by` is ""): that waits for a supplement.
    """
    if done_before < allowed:
        for ticket, candidate in ranked:
            if candidate not in drawn:
                return Replaced(key, code, candidate, ticket)
    return Replaced(key, code, "", "")


def check_supplement(
    wanted: Mapping[str, int], missing: Mapping[str, int], left: Mapping[str, int]
) -> list[Reason]:
    """Why a supplement cannot be drawn: `wanted` per stratum against what is missing and what is left there."""
    reasons = []
    if not any(wanted.values()):
        reasons.append(_refusal("draw.supplement-empty", "The supplement draws nothing."))
    for stratum, quota in sorted(wanted.items()):
        if quota < 1 or quota > missing.get(stratum, 0):
            reasons.append(
                _refusal(
                    "draw.supplement-size",
                    "Stratum %(stratum)s misses %(missing)s objects; %(wanted)s cannot be drawn for them.",
                    stratum=stratum,
                    missing=missing.get(stratum, 0),
                    wanted=quota,
                )
            )
        elif quota > left.get(stratum, 0):
            reasons.append(
                _refusal(
                    "draw.stratum-exhausted",
                    "Stratum %(stratum)s has no further object.",
                    stratum=stratum,
                )
            )
    return reasons


def _refusal(code: str, sentence: str, /, **facts: object) -> Reason:
    return Reason(code, sentence, source=_SOURCE, facts=facts)
