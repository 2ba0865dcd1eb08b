"""How officers' finding rates compare, when a draw decided who goes where.

Within a stratum (one draw, one agency, one region, the same items) every officer is as likely to get any visit. So if
it did not matter who goes, an officer's findings would be a sample of the stratum's: hypergeometric, exactly. From that
come expectation, variance and p-values; no population is assumed, and no two strata are mixed. Two officers of a visit
share its outcome, which only the test of spread must know: it moves outcomes between visits, and crews stay.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from yicha.share.evaluation.rules.measure import Real, Whole
from yicha.share.evaluation.terms.officers import AgencyComparison, Attendance, OfficerRate

Z95 = 1.959963984540054
FALSE_DISCOVERIES = 0.05
"""Of the officers marked, the share that may be marked by chance (Benjamini & Hochberg 1995)."""
SHUFFLES = 1000
"""Of the test of spread; fewer, but at least 200, for agencies with very many visits."""
_WORK = 2_000_000


def wilson(findings: int, visits: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927)."""
    share, square = findings / visits, Z95 * Z95
    middle = share + square / (2 * visits)
    margin = Z95 * sqrt(share * (1 - share) / visits + square / (4 * visits * visits))
    below = 1 + square / visits
    return max(0.0, (middle - margin) / below), min(1.0, (middle + margin) / below)


@dataclass(frozen=True, slots=True)
class Share:
    """An officer's part of a stratum: `visits` of its `all_visits`, of which `all_findings` found something."""

    visits: int
    all_visits: int
    all_findings: int

    @property
    def expected(self) -> float:
        return self.visits * self.all_findings / self.all_visits

    @property
    def variance(self) -> float:
        if self.all_visits < 2:
            return 0.0
        share = self.all_findings / self.all_visits
        return self.visits * share * (1 - share) * (self.all_visits - self.visits) / (self.all_visits - 1)

    def chances(self) -> Real:
        """How likely 0, 1, … findings are: the hypergeometric distribution."""
        return _chances(self.visits, self.all_visits, self.all_findings)


@lru_cache(maxsize=10_000)
def _chances(visits: int, all_visits: int, all_findings: int) -> Real:
    hits = np.arange(visits + 1)
    others = all_visits - all_findings
    possible = (hits <= all_findings) & (visits - hits <= others)
    hits = np.where(possible, hits, min(visits, all_findings))
    logarithm = (
        _log_ways(all_findings, hits)
        + _log_ways(others, visits - hits)
        - _log_ways(all_visits, np.array(visits))
    )
    with np.errstate(invalid="ignore"):
        chances: Real = np.where(possible, np.exp(logarithm), 0.0)
    chances /= chances.sum()
    return chances


def _log_ways(of: int, chosen: npt.NDArray[np.int64]) -> Real:
    """The logarithm of the number of ways to choose so many of so many."""
    ways: Real = gammaln(of + 1) - gammaln(chosen + 1) - gammaln(of - chosen + 1)
    return ways


def p_value(findings: int, shares: Iterable[Share]) -> float:
    """How likely a number of findings as unlikely as this one is, if it does not matter who goes (two-sided, exact)."""
    chances = reduce(np.convolve, (share.chances() for share in shares), np.ones(1))
    limit = chances[findings] * (1 + 1e-9)
    return float(min(1.0, chances[chances <= limit].sum()))


def mark(p_values: Sequence[float], level: float = FALSE_DISCOVERIES) -> list[bool]:
    """Which are significant when so many were looked at: Benjamini and Hochberg's step-up procedure."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    last = max(
        (rank for rank, index in enumerate(order, 1) if p_values[index] <= level * rank / len(order)),
        default=0,
    )
    marked = set(order[:last])
    return [index in marked for index in range(len(p_values))]


def between_variance(gaps: Sequence[float], variances: Sequence[float]) -> float:
    """The variance of true differences in rate that chance does not explain, 0 if none (DerSimonian & Laird 1986).

    `gaps` are rate minus expected rate, `variances` those of chance; officers whose variance is 0 compare with nobody.
    """
    known = [(gap, variance) for gap, variance in zip(gaps, variances, strict=True) if variance > 0]
    if len(known) < 2:
        return 0.0
    weights = [1 / variance for _, variance in known]
    middle = sum(weight * gap for weight, (gap, _) in zip(weights, known, strict=True)) / sum(weights)
    spread = sum(weight * (gap - middle) ** 2 for weight, (gap, _) in zip(weights, known, strict=True))
    scale = sum(weights) - sum(weight * weight for weight in weights) / sum(weights)
    return max(0.0, (spread - (len(known) - 1)) / scale)


def shrink(gap: float, variance: float, between: float) -> float:
    """What remains of a difference when it is weighed against chance (empirical Bayes); 0 without any spread."""
    return gap * (between / (between + variance)) if between + variance > 0 else 0.0


@dataclass(frozen=True, slots=True)
class _Tally:
    """One officer of an agency: visits, findings, and the share in every stratum."""

    officer: str
    visits: int
    findings: int
    shares: tuple[Share, ...]

    @property
    def expected(self) -> float:
        return sum(share.expected for share in self.shares)

    @property
    def variance(self) -> float:
        return sum(share.variance for share in self.shares)


def compare(
    attendances: Sequence[Attendance], generator: Callable[[], np.random.Generator]
) -> tuple[AgencyComparison, ...]:
    """The officers of every agency, agencies and officers in the order of their codes.

    `generator` gives a fresh generator for each agency, so that one agency's numbers do not hang on which others are
    shown. Marks are over all officers given, because that is how many are looked at.
    """
    by_agency: dict[str, list[Attendance]] = defaultdict(list)
    for attendance in sorted(attendances, key=lambda one: (one.agency, one.stratum, one.visit, one.officer)):
        by_agency[attendance.agency].append(attendance)
    tallies = {agency: _tally(rows) for agency, rows in by_agency.items()}
    p_values = [p_value(one.findings, one.shares) for found in tallies.values() for one in found]
    marks = iter(zip(p_values, mark(p_values), strict=True))
    compared = []
    for agency, rows in by_agency.items():
        found = tallies[agency]
        gaps = [(one.findings - one.expected) / one.visits for one in found]
        variances = [one.variance / one.visits**2 for one in found]
        between = between_variance(gaps, variances)
        officers = tuple(
            _rate(agency, one, gap, variance, between, *next(marks))
            for one, gap, variance in zip(found, gaps, variances, strict=True)
        )
        alone = _count_alone(rows)
        spread_p = spread_p_value(rows, found, generator()) if len(found) > 1 and alone < len(rows) else None
        compared.append(AgencyComparison(agency, len(rows), alone, sqrt(between), spread_p, officers))
    return tuple(compared)


def _tally(rows: Sequence[Attendance]) -> list[_Tally]:
    outcomes = {(one.stratum, one.visit): one.found for one in rows}
    visits = Counter(stratum for stratum, _ in outcomes)
    findings = Counter(stratum for (stratum, _), found in outcomes.items() if found)
    own: dict[str, Counter[str]] = defaultdict(Counter)
    hits: Counter[str] = Counter()
    for one in rows:
        own[one.officer][one.stratum] += 1
        hits[one.officer] += one.found
    return [
        _Tally(
            officer,
            own[officer].total(),
            hits[officer],
            tuple(
                Share(count, visits[stratum], findings[stratum])
                for stratum, count in sorted(own[officer].items())
            ),
        )
        for officer in sorted(own)
    ]


def _rate(
    agency: str,
    tally: _Tally,
    gap: float,
    variance: float,
    between: float,
    probability: float,
    stands_out: bool,
) -> OfficerRate:
    low, high = wilson(tally.findings, tally.visits)
    estimate = tally.expected / tally.visits + shrink(gap, variance, between)
    return OfficerRate(
        tally.officer,
        agency,
        tally.visits,
        tally.findings,
        low,
        high,
        tally.expected,
        probability,
        min(1.0, max(0.0, estimate)),
        stands_out,
    )


def _count_alone(rows: Sequence[Attendance]) -> int:
    """Attendances in strata where every visit had the same crew: nobody to compare with."""
    crews: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in rows:
        crews[one.stratum][one.visit].add(one.officer)
    same = {
        stratum
        for stratum, visits in crews.items()
        if len({frozenset(crew) for crew in visits.values()}) == 1
    }
    return sum(one.stratum in same for one in rows)


def spread_p_value(
    rows: Sequence[Attendance], tallies: Sequence[_Tally], generator: np.random.Generator
) -> float:
    """How often officers who do not differ would lie as far apart as these: outcomes shuffled within strata.

    The distance is the sum over officers of (findings − expected)² over the variance of chance.
    """
    visits = sorted({(one.stratum, one.visit): one.found for one in rows}.items())
    place = {key: index for index, (key, _) in enumerate(visits)}
    number = {tally.officer: index for index, tally in enumerate(tallies)}
    who: Whole = np.array([number[one.officer] for one in rows], dtype=np.int64)
    where: Whole = np.array([place[one.stratum, one.visit] for one in rows], dtype=np.int64)
    strata = np.unique([stratum for (stratum, _), _ in visits], return_inverse=True)[1]
    outcome = np.array([found for _, found in visits], dtype=np.float64)
    expected = np.array([tally.expected for tally in tallies])
    variance = np.array([tally.variance for tally in tallies])
    scale = np.divide(1.0, variance, out=np.zeros_like(variance), where=variance > 0)

    def distance(found: Real) -> float:
        findings = np.bincount(who, weights=found[where], minlength=len(tallies))
        return float((((findings - expected) ** 2) * scale).sum())

    really = distance(outcome) * (1 - 1e-9)
    shuffles = max(200, min(SHUFFLES, _WORK // len(outcome)))
    farther = 0
    for _ in range(shuffles):
        shuffled = outcome[np.argsort(strata + generator.random(len(outcome)))]
        farther += distance(shuffled) >= really
    return (farther + 1) / (shuffles + 1)
