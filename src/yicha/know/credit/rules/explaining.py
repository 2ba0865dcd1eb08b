"""Why a class is what it is, and what would make it better: searched with the rule itself, so that it is true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

from yicha.kernel.refusal import Reason
from yicha.know.credit.rules import scoring
from yicha.know.credit.terms.classes import Assessment, Contribution, Cuts, Fact, Subject
from yicha.know.credit.terms.explaining import Way, WayKind
from yicha.know.credit.terms.model import STEP_DAYS, Attribute, Indicator, Model

EXACT = 10
"""Of so many facts every combination is tried; of more, the one that helps most is taken, again and again."""
HORIZON = 3660
"""Days ahead that are looked at for ageing."""


class Case:
    """One enterprise under one model: what is asked of `scoring.assess` again and again."""

    def __init__(self, model: Model, subject: Subject, facts: Sequence[Fact], on: date, cuts: Cuts) -> None:
        self.model, self.subject, self.facts, self.on, self.cuts = model, subject, list(facts), on, cuts
        self.now = self.assess(self.facts, on)

    def assess(self, facts: Iterable[Fact], on: date) -> Assessment:
        return scoring.assess(self.model, self.subject, facts, on, self.cuts)

    def is_better(self, found: Assessment) -> bool:
        return found.letter < self.now.letter


def find_reasons(case: Case) -> tuple[Reason, ...]:
    """Why the class is what it is: red lines, else the two levels; then every indicator, the weightiest first."""
    now, source = case.now, case.model.source
    words = {line.code: line.words for line in case.model.red_lines}
    found = [
        Reason(
            "class.red-line",
            "“%(words)s” is a red line: it leads straight to class %(letter)s.",
            source,
            {"words": words[code], "letter": now.letter},
        )
        for code in now.red_lines
    ]
    if not now.red_lines:
        found.append(
            Reason(
                "class.matrix",
                "Credit level %(credit)s and risk level %(risk)s make class %(letter)s.",
                source,
                {"credit": now.credit_level, "risk": now.risk_level, "letter": now.letter},
            )
        )
    found.append(_say_general(now.general, now.credit_level, case.cuts.credit))
    found.append(_say_specific(now.specific, now.risk_level, case.cuts.risk))
    pairs = zip(case.model.indicators, now.contributions, strict=True)
    weighty = sorted((pair for pair in pairs if pair[1].points), key=lambda pair: -pair[1].points)
    return (*found, *(_say_points(indicator, one) for indicator, one in weighty))


def _say_general(points: int, level: int, cuts: Sequence[int]) -> Reason:
    facts = {"score": points, "level": level, "cut": cuts[max(level - 2, 0)]}
    if level == 1:
        return Reason(
            "class.general-level",
            "The general score is %(score)s: below %(cut)s it is credit level 1, the best.",
            facts=facts,
        )
    return Reason(
        "class.general-level",
        "The general score is %(score)s: credit level %(level)s begins at %(cut)s.",
        facts=facts,
    )


def _say_specific(points: int, level: int, cuts: Sequence[int]) -> Reason:
    facts = {"score": points, "level": level, "cut": cuts[max(level - 2, 0)]}
    if level == 1:
        return Reason(
            "class.specific-level",
            "The trade's score is %(score)s: below %(cut)s it is risk level 1, the best.",
            facts=facts,
        )
    return Reason(
        "class.specific-level",
        "The trade's score is %(score)s: risk level %(level)s begins at %(cut)s.",
        facts=facts,
    )


def _say_points(indicator: Indicator, one: Contribution) -> Reason:
    code, source = f"class.{indicator.part.value}-points", indicator.source
    facts = {"words": indicator.words, "points": one.points}
    if one.lowers:
        return Reason(code, "“%(words)s” takes %(points)s points off.", source, facts)
    if indicator.cap and one.points == indicator.cap:
        return Reason(code, "“%(words)s” adds %(points)s points, the most that it can.", source, facts)
    return Reason(code, "“%(words)s” adds %(points)s points.", source, facts)


def find_ways(case: Case) -> tuple[Way, ...]:
    """What would make the class better; none where nothing that is looked at would."""
    return tuple(way for way in (by_ending(case), by_ageing(case), by_points(case)) if way is not None)


def by_ending(case: Case) -> Way | None:
    """The fewest facts whose end makes the class better; of very many facts a set of which none can be spared."""
    against = _facts_against(case)
    found = _fewest(case, against) if len(against) <= EXACT else _greedily(case, against)
    if found is None:
        return None
    return Way(WayKind.ENDING, case.assess(_without(case, found), case.on).letter, facts=tuple(found))


def _facts_against(case: Case) -> list[Fact]:
    """Facts that give points or cross a red line, the weightiest first."""
    weights: dict[Fact, int] = {}
    for one in case.now.contributions:
        for given in one.facts:
            if not one.lowers:
                weights[given.fact] = weights.get(given.fact, 0) + given.points
    seen = [fact for fact in case.facts if fact.day <= case.on]
    for line in case.model.red_lines:
        for fact in scoring.crossing(line, seen, case.on):
            weights[fact] = weights.get(fact, 0) + 1_000_000  # nothing else matters while it is there
    return sorted(weights, key=lambda fact: (-weights[fact], fact.day, fact.source))


def _fewest(case: Case, against: Sequence[Fact]) -> list[Fact] | None:
    for size in range(1, len(against) + 1):
        for some in combinations(against, size):
            if case.is_better(case.assess(_without(case, some), case.on)):
                return list(some)
    return None


def _greedily(case: Case, against: Sequence[Fact]) -> list[Fact] | None:
    taken: list[Fact] = []
    left = list(against)
    while left:
        best = min(left, key=lambda fact: _distance(case, [*taken, fact]))
        taken.append(best)
        left.remove(best)
        if case.is_better(case.assess(_without(case, taken), case.on)):
            break
    else:
        return None
    for fact in tuple(taken):  # spare whatever need not end
        fewer = [one for one in taken if one is not fact]
        if case.is_better(case.assess(_without(case, fewer), case.on)):
            taken = fewer
    return taken


def _distance(case: Case, ended: Sequence[Fact]) -> tuple[str, int, int]:
    found = case.assess(_without(case, ended), case.on)
    return found.letter, len(found.red_lines), found.general + found.specific


def _without(case: Case, ended: Iterable[Fact]) -> list[Fact]:
    gone = set(ended)
    return [fact for fact in case.facts if fact not in gone]


def by_ageing(case: Case) -> Way | None:
    """The first day on which the class is better if nothing happens until then: no new fact, no new report."""
    for day in _days_of_change(case):
        found = case.assess(case.facts, day)
        if case.is_better(found):
            return Way(WayKind.AGEING, found.letter, on=day)
    return None


def _days_of_change(case: Case) -> list[date]:
    """The days on which an assessment can change by itself, within the horizon."""
    ends = [one.window for one in case.model.indicators] + [line.window for line in case.model.red_lines]
    steps = max([*ends, *(len(table) for table in case.model.decays.values())], default=0)
    last = case.on + timedelta(days=HORIZON)
    days = {date(year, month, 1) for year in range(case.on.year, last.year + 1) for month in (1, 7)}
    for fact in case.facts:
        days.update(fact.day + timedelta(days=STEP_DAYS * step) for step in range(steps + 1))
        if fact.until is not None and fact.until < last:
            days.add(fact.until + timedelta(days=1))
    days.update(_days_of_growing_up(case))
    return sorted(day for day in days if case.on < day <= last)


def _days_of_growing_up(case: Case) -> Iterator[date]:
    if case.subject.registered_on is None:
        return
    for one in case.model.indicators:
        if one.attribute is Attribute.YOUNGER_THAN_STEPS:
            yield case.subject.registered_on + timedelta(days=STEP_DAYS * int(one.values[0]))


def by_points(case: Case) -> Way | None:
    """How many points less would do: the fewest in all. None while a red line is crossed."""
    now = case.now
    if now.red_lines:
        return None
    found = []
    for general in _reachable(now.general, case.cuts.credit):
        for specific in _reachable(now.specific, case.cuts.risk):
            row = case.model.matrix[scoring.level_of(general, case.cuts.credit) - 1]
            letter = row[scoring.level_of(specific, case.cuts.risk) - 1]
            if letter < now.letter:
                less = (now.general - general, now.specific - specific)
                found.append((sum(less), less, letter))
    if not found:
        return None
    _, (general, specific), letter = min(found)
    return Way(WayKind.POINTS, letter, general=general, specific=specific)


def _reachable(points: int, cuts: Sequence[int]) -> list[int]:
    """The score as it is, and the highest score of every better level."""
    return [points, *(cut - 1 for cut in cuts if 0 < cut <= points)]


def say(way: Way, named: str = "") -> Reason:
    """A way in a sentence. `named`: the facts of ENDING as the reader knows them."""
    match way.kind:
        case WayKind.ENDING:
            return Reason(
                "class.way-ending",
                "Class %(letter)s, once these have ended: %(facts)s.",
                facts={"letter": way.letter, "facts": named},
            )
        case WayKind.AGEING:
            return Reason(
                "class.way-ageing",
                "Class %(letter)s on %(on)s by time alone, if nothing happens until then.",
                facts={"letter": way.letter, "on": way.on.isoformat() if way.on else ""},
            )
        case WayKind.POINTS:
            return Reason(
                "class.way-points",
                "Class %(letter)s with %(general)s points less in general and %(specific)s less of its trade.",
                facts={"letter": way.letter, "general": way.general, "specific": way.specific},
            )
