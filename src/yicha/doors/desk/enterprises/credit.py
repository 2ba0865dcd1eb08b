"""Why an enterprise is of its class: everything that counts, in one line of time, with its points today. Internal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.doors.desk.classes import words
from yicha.doors.templatetags.look import on
from yicha.know.credit import queries
from yicha.know.credit.queries import classes
from yicha.know.credit.queries.models import get_document
from yicha.know.credit.terms.classes import Contribution
from yicha.know.credit.terms.explaining import Explanation
from yicha.know.credit.terms.model import Indicator
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ResultCode

MOST = 200
"""Of each kind so many of the latest are shown."""
SHOWN_REASONS = 3
"""Reasons for a class are the red lines and the levels; the points of every indicator stand in their own table."""
LOUD = {"serious": "refuse", "general": "due", "minor": "plain", "none": "plain"}
QUIET = "spared"


@dataclass(frozen=True)
class Effect:
    """What a fact gives to an indicator today, before the indicator's cap."""

    words: str
    points: int
    lowers: bool

    @property
    def sign(self) -> str:
        return "−" if self.lowers else "+"


@dataclass(frozen=True)
class Happening:
    """One thing on the line of time. `effects`: what it gives today; empty: nothing."""

    day: date
    title: str
    tone: str
    icon: str
    url: str = ""
    details: tuple[str, ...] = ()
    words: str = ""
    effects: tuple[Effect, ...] = ()

    @property
    def when(self) -> str:
        return on(self.day)


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator: what it gives after its cap, and what its facts would give without."""

    indicator: Indicator
    contribution: Contribution

    @property
    def uncapped(self) -> int:
        """What its facts come to; the same as its points where it does not look at facts."""
        points = sum(one.points for one in self.contribution.facts)
        return points if self.contribution.facts else self.contribution.points

    @property
    def is_capped(self) -> bool:
        return self.uncapped > self.contribution.points


def explain(enterprise: Any, today: date) -> dict[str, Any]:
    """What the page shows: the class with its reasons, the indicators, and the line of time."""
    found = classes.explain(enterprise.uscc, today)
    run = classes.find_last_run()
    rows: list[IndicatorRow] = []
    if found is not None and run is not None:
        indicators = get_document(run.model).indicators
        pairs = zip(indicators, found.assessment.contributions, strict=True)
        rows = [IndicatorRow(indicator, one) for indicator, one in pairs]
    effects = _effects(rows)
    happened = sorted(_happened(enterprise, today, effects), key=lambda one: one.day, reverse=True)
    return {
        "explanation": found,
        "run": run,
        "reasons": _main_reasons(found),
        "parts": _parts(rows),
        "happened": happened,
        "counting": sum(1 for one in happened if one.effects),
    }


def _main_reasons(found: Explanation | None) -> Sequence[Any]:
    if found is None:
        return ()
    return [reason for reason in found.reasons if not reason.code.endswith("-points")][
        : SHOWN_REASONS + len(found.assessment.red_lines)
    ]


def _parts(rows: Sequence[IndicatorRow]) -> list[tuple[str, list[IndicatorRow], int]]:
    """The indicators that give anything, by part: general ones and those of the trade; and how many give nothing."""
    named = (("general", _("General indicators")), ("specific", _("Indicators of the trade")))
    shown = []
    for part, label in named:
        of_part = [row for row in rows if row.indicator.part == part]
        giving = [row for row in of_part if row.contribution.points or row.uncapped]
        giving.sort(key=lambda row: (row.contribution.lowers, -row.contribution.points))
        shown.append((label, giving, len(of_part) - len(giving)))
    return shown


def _effects(rows: Sequence[IndicatorRow]) -> Mapping[str, tuple[Effect, ...]]:
    """What each fact gives, by its source."""
    found: dict[str, list[Effect]] = defaultdict(list)
    for row in rows:
        for one in row.contribution.facts:
            if one.points:
                effect = Effect(row.indicator.words, one.points, row.contribution.lowers)
                found[one.fact.source].append(effect)
    return {source: tuple(effects) for source, effects in found.items()}


def _happened(enterprise: Any, today: date, effects: Mapping[str, tuple[Effect, ...]]) -> Iterator[Happening]:
    uscc = enterprise.uscc
    for record in queries.list_of_enterprise(uscc)[:MOST]:
        yield _record(record, effects.get(f"credit:{record.code}", ()))
    yield from _inspections(uscc, visits.list_results_of(uscc)[:MOST], effects)
    for item in visits.list_orders_of(uscc)[:MOST]:
        yield _order(item, today, effects.get(f"item:{item.pk}", ()))
    changes = list(classes.list_changes().filter(enterprise=enterprise)[:MOST])
    runs = words.find_runs(change.because for change in changes)
    for change in changes:
        yield _change(change, runs)


def _record(record: Any, effects: tuple[Effect, ...]) -> Happening:
    graded = record.severity != "none"
    title = record.get_kind_display()
    if graded:
        title = f"{title} · {record.get_severity_display()}"
    details = [str(record.agency), record.reference]
    if record.amount is not None:
        details.append(_("%(amount)s yuan") % {"amount": f"{record.amount:,.2f}"})
    if record.state == "ended":
        details.append(_("ended on %(day)s") % {"day": on(record.ended_on)})
    elif record.effective_until is not None:
        details.append(_("effective until %(day)s") % {"day": on(record.effective_until)})
    runs = record.state == "in-effect"
    return Happening(
        record.happened_on,
        title,
        LOUD[record.severity] if runs else QUIET,
        "file-description" if graded else "file-check",
        reverse("desk:credit:object", args=[record.uuid]),
        tuple(details),
        record.words,
        effects,
    )


def _inspections(
    uscc: str, results: Iterable[Any], effects: Mapping[str, tuple[Effect, ...]]
) -> Iterator[Happening]:
    """What one agency found on one day, items with the same result together: nobody reads four equal lines."""
    together: dict[tuple[date, str, str, str], list[Any]] = defaultdict(list)
    for result in results:
        together[result.found_on, result.agency.code, result.result_code, result.state].append(result)
    for same in together.values():
        given = [effect for one in same for effect in effects.get(f"result:{one.uuid}", ())]
        yield _inspection(uscc, same, _summed(given))


def _inspection(uscc: str, same: Sequence[Any], effects: tuple[Effect, ...]) -> Happening:
    first = same[0]
    offered = first.state == "offered"
    details = [str(first.agency), "、".join(one.item_version.name for one in same)]
    if not offered:
        details.append(first.get_state_display())
    tone = QUIET if not offered else "done" if first.result_code == ResultCode.NO_PROBLEM else "due"
    page = reverse("desk:recognition:object", args=[first.uuid])
    return Happening(
        first.found_on,
        _("Inspected: %(result)s") % {"result": first.get_result_code_display()},
        tone,
        "clipboard-check",
        page if len(same) == 1 else f"{reverse('desk:recognition:list')}?{urlencode({'q': uscc})}",
        tuple(details),
        "",
        effects,
    )


def _summed(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """What several facts give to each indicator together."""
    sums: dict[tuple[str, bool], int] = defaultdict(int)
    for effect in effects:
        sums[effect.words, effect.lowers] += effect.points
    return tuple(Effect(name, points, lowers) for (name, lowers), points in sums.items())


def _order(item: Any, today: date, effects: tuple[Effect, ...]) -> Happening:
    details = (str(item.agency), item.item_version.name)
    by = {"day": on(item.correct_by)}
    if item.corrected_on is not None:
        late = item.corrected_on > item.correct_by
        title = _("Corrected, late: it was due on %(day)s") if late else _("Corrected in time, by %(day)s")
        tone, day = ("due" if late else "done"), item.corrected_on
    elif item.correct_by < today:
        title, tone, day = _("Not corrected by %(day)s"), "overdue", item.correct_by
    else:
        title, tone = _("To be corrected by %(day)s"), "action"
        day = item.result_on or item.correct_by
    return Happening(day, title % by, tone, "clipboard-list", "", details, "", effects)


def _change(change: Any, runs: Mapping[str, Any]) -> Happening:
    because, url = words.say_because(change.because, runs)
    title = _("Class %(before)s became %(after)s") % {
        "before": change.from_class,
        "after": change.to_class,
    }
    return Happening(change.on, title, "recognise", "affiliate", url, (because,))
