"""The class of an enterprise by a model: the reference that every engine must agree with (国市监信发〔2022〕6号).

Whole numbers only; every step rounds down. Nothing here knows a database or an engine: `rules.statement` says the
same in SQL, and a test holds both against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from yicha.know.credit.terms.classes import Assessment, Contribution, Cuts, Fact, FactPoints, Subject
from yicha.know.credit.terms.model import (
    STEP_DAYS,
    AmountBand,
    Attribute,
    CutBy,
    FactKind,
    Indicator,
    Levels,
    Measure,
    Model,
    Part,
    RedLine,
)
from yicha.know.credit.terms.records import Severity

WORST = "D"
"""Where a red line leads."""
_WHOLE = 1000


def assess(model: Model, subject: Subject, facts: Iterable[Fact], on: date, cuts: Cuts) -> Assessment:
    """Where an enterprise stands on a day. What is still to come, or has ended, is no fact; order does not matter."""
    seen = [fact for fact in facts if fact.day <= on and (fact.until is None or fact.until >= on)]
    contributions = tuple(contribute(model, one, subject, seen, on) for one in model.indicators)
    general, specific = (score(model, contributions, part) for part in (Part.GENERAL, Part.SPECIFIC))
    red_lines = tuple(line.code for line in model.red_lines if any(crossing(line, seen, on)))
    credit_level, risk_level = level_of(general, cuts.credit), level_of(specific, cuts.risk)
    return Assessment(
        letter=WORST if red_lines else model.matrix[credit_level - 1][risk_level - 1],
        general=general,
        specific=specific,
        credit_level=credit_level,
        risk_level=risk_level,
        contributions=contributions,
        red_lines=red_lines,
    )


def step_of(fact_day: date, on: date) -> int:
    """How old something is, in steps of thirty days; the first thirty days are step 0."""
    return (on - fact_day).days // STEP_DAYS


def contribute(
    model: Model, indicator: Indicator, subject: Subject, facts: Sequence[Fact], on: date
) -> Contribution:
    """What one indicator gives, after its cap, with what each fact gave before it."""
    given: tuple[FactPoints, ...] = ()
    match indicator.measure:
        case Measure.RECORDS:
            given = tuple(
                FactPoints(fact, points)
                for fact in facts
                if (
                    points := points_of(
                        model,
                        indicator,
                        fact.kind,
                        fact.severity,
                        fact.domain,
                        fact.amount,
                        step_of(fact.day, on),
                    )
                )
            )
            total = sum(one.points for one in given)
        case Measure.ABSENCE:
            total = 0 if any(_within(indicator, fact, on) for fact in facts) else _flat(indicator)
        case Measure.MISSING_YEARS:
            total = _flat(indicator) * len(missing_years(indicator.years, subject, facts, on))
        case Measure.ATTRIBUTE:
            total = _flat(indicator) if has_attribute(indicator, subject, on) else 0
    points = min(total, indicator.cap) if indicator.cap else total
    return Contribution(indicator.code, points, indicator.lowers, given)


def points_of(
    model: Model,
    indicator: Indicator,
    kind: FactKind,
    severity: Severity,
    domain: str,
    amount: int,
    step: int,
) -> int:
    """What a fact of `step` steps gives to a RECORDS indicator: severity × amount × decay, rounded down each time."""
    if not _looks_at(indicator, kind, domain) or (indicator.window and step >= indicator.window):
        return 0
    points = indicator.points.get(severity, 0) * amount_permille(indicator.amounts, amount) // _WHOLE
    return points * decay_permille(model.decays, indicator.decay, step) // _WHOLE


def amount_permille(bands: Sequence[AmountBand], amount: int) -> int:
    """The multiplier of the highest band that an amount reaches; below all bands a whole."""
    reached = [band for band in bands if band.at_least <= amount]
    return max(reached, key=lambda band: band.at_least).permille if reached else _WHOLE


def decay_permille(decays: Mapping[str, tuple[int, ...]], name: str, step: int) -> int:
    """What is left at an age; without a table everything, beyond its end nothing."""
    if not name:
        return _WHOLE
    table = decays[name]
    return table[step] if step < len(table) else 0


def last_due_year(on: date) -> int:
    """The last year whose annual report is due: by 30 June of the next (企业信息公示暂行条例)."""
    return on.year - 1 if (on.month, on.day) >= (7, 1) else on.year - 2


def missing_years(years: int, subject: Subject, facts: Iterable[Fact], on: date) -> tuple[int, ...]:
    """Of the last `years` years whose report is due and that began after registration, those without one.

    Who says no day of registration was always there.
    """
    reported = {fact.year for fact in facts if fact.kind is FactKind.ANNUAL_REPORT}
    last = last_due_year(on)
    since = subject.registered_on.year if subject.registered_on else 0
    return tuple(year for year in range(last - years + 1, last + 1) if year > since and year not in reported)


def has_attribute(indicator: Indicator, subject: Subject, on: date) -> bool:
    """Whether an ATTRIBUTE indicator's values fit the enterprise; who has not registered yet is young."""
    match indicator.attribute:
        case Attribute.INDUSTRY:
            return any(subject.industry.startswith(value) for value in indicator.values)
        case Attribute.ENTERPRISE_KIND:
            return subject.kind in indicator.values
        case Attribute.YOUNGER_THAN_STEPS:
            since = subject.registered_on
            return since is not None and (on - since).days < int(indicator.values[0]) * STEP_DAYS
        case None:
            return False


def crossing(line: RedLine, facts: Iterable[Fact], on: date) -> Iterator[Fact]:
    """The facts that cross a red line."""
    for fact in facts:
        if crosses(line, fact.kind, fact.severity, fact.domain, step_of(fact.day, on)):
            yield fact


def crosses(line: RedLine, kind: FactKind, severity: Severity, domain: str, step: int) -> bool:
    """Whether a fact of `step` steps crosses a red line; a window of 0 never closes."""
    return (
        kind in line.kinds
        and severity in line.severities
        and (not line.domains or domain in line.domains)
        and (not line.window or step < line.window)
    )


def score(model: Model, contributions: Sequence[Contribution], part: Part) -> int:
    """What adds minus what lowers, of one part; never below 0."""
    total = 0
    for indicator, one in zip(model.indicators, contributions, strict=True):
        if indicator.part is part:
            total += -one.points if one.lowers else one.points
    return max(0, total)


def level_of(points: int, cuts: Sequence[int]) -> int:
    """1 to 4: who has a cut's score is in the level that begins there."""
    return 1 + sum(cut <= points for cut in cuts)


def find_cuts(
    model: Model, general: Mapping[int, int] | None = None, specific: Mapping[int, int] | None = None
) -> Cuts:
    """The scores where levels begin; histograms (enterprises by score) are needed where a model cuts by share."""
    return Cuts(_cuts(model.credit_levels, general), _cuts(model.risk_levels, specific))


def needs_histogram(model: Model) -> bool:
    """Whether the scores of everybody must be known before levels can be."""
    return CutBy.QUANTILE in (model.credit_levels.by, model.risk_levels.by)


def _cuts(levels: Levels, histogram: Mapping[int, int] | None) -> tuple[int, int, int]:
    if levels.by is CutBy.SCORE:
        return levels.cuts
    assert histogram is not None, "a model that cuts by shares needs the scores of everybody"
    first, second, third = (cut_at_share(histogram, share) for share in levels.cuts)
    return first, second, third


def cut_at_share(histogram: Mapping[int, int], permille: int) -> int:
    """The least score that at least so many parts of a thousand of the enterprises stay below.

    With n enterprises it is the least s with 1000 × (enterprises whose score is < s) ≥ permille × n and s ≥ 1. So
    equals always share a level, the better one. Nobody at all: 1.
    """
    everybody = sum(histogram.values())
    below = 0
    cut = 1
    for points in sorted(histogram):
        if below * _WHOLE >= permille * everybody:
            break
        below += histogram[points]
        cut = points + 1
    return cut


def _looks_at(indicator: Indicator, kind: FactKind, domain: str) -> bool:
    return kind in indicator.kinds and (not indicator.domains or domain in indicator.domains)


def _within(indicator: Indicator, fact: Fact, on: date) -> bool:
    """Whether an ABSENCE indicator sees a fact."""
    return sees(indicator, fact.kind, fact.domain, step_of(fact.day, on))


def sees(indicator: Indicator, kind: FactKind, domain: str, step: int) -> bool:
    """Whether a fact of `step` steps lies within an ABSENCE indicator's window; 0 never closes."""
    return _looks_at(indicator, kind, domain) and (not indicator.window or step < indicator.window)


def _flat(indicator: Indicator) -> int:
    return indicator.points.get(Severity.NONE, 0)
