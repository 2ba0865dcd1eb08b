"""What a step needs to be signed, where a round stands, and the check-up of a trade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from yicha.kernel.refusal import Reason
from yicha.share.reporting.terms import (
    SIGNED,
    Advice,
    Advised,
    CheckUp,
    Counted,
    EightRow,
    EightStep,
    Finding,
    Limits,
    Share,
    Signed,
    StepState,
    Trade,
    TradeCheckUp,
)

MOST_GUIDED = 3
"""Of so many items guidance is advised, those in which most was found."""


def rail(
    counted: Mapping[EightStep, Counted],
    documents: Mapping[EightStep, Signed],
    today: date,
) -> list[EightRow]:
    """The eight rows. A step with a document of its own is done when that is signed, the others by their count."""
    rows: list[EightRow] = []
    present = False
    for step in EightStep:
        count = counted[step]
        signed = documents.get(step)
        done = bool(signed) if step in SIGNED else bool(count.of) and count.done >= count.of
        state = StepState.DONE if done else StepState.AHEAD if present else StepState.PRESENT
        present = present or not done
        late = not done and count.due_on < today
        row = EightRow(step, state, count, is_late=late)
        if signed:
            now = count.of if step is EightStep.DISPATCH else count.done
            row = replace(row, document=signed.uuid, version=signed.version, newer=max(0, now - signed.about))
        rows.append(row)
    return rows


def check_signing(step: EightStep, rows: Sequence[EightRow], words: str) -> list[Reason]:
    """Why a step's document cannot be signed now.

    Tasks go out when there is something to do; a trade is checked up when there are results, and a round is reported
    when its trades are checked up. Both come after the visits: earlier, the words must say why.
    """
    if step not in SIGNED:
        return [Reason("report.no-document", "This step has its document elsewhere; it is not signed here.")]
    by_step = {row.step: row for row in rows}
    counted = by_step[step].counted
    if not (counted.done if step is EightStep.CHECK_UP else counted.of):
        return [_NOTHING[step]]
    if step is EightStep.REPORT and not by_step[EightStep.CHECK_UP].document:
        return [
            Reason(
                "report.check-up-first",
                "The trades of this round have not been checked up; sign that first.",
                at_field="words",
            )
        ]
    undone = [row for row in rows if row.state is not StepState.DONE and row.step in _BEFORE[step]]
    if undone and not words.strip():
        return [
            Reason(
                "report.unfinished",
                "%(count)s steps of this round are not done; say in the report why it ends all the same.",
                facts={"count": len(undone)},
                at_field="words",
            )
        ]
    return []


_BEFORE: dict[EightStep, tuple[EightStep, ...]] = {
    EightStep.DISPATCH: (),
    EightStep.CHECK_UP: (EightStep.INSPECT,),
    EightStep.REPORT: tuple(one for one in EightStep if one not in (EightStep.CHECK_UP, EightStep.REPORT)),
}
"""By step, those that are done before it is signed."""
_NOTHING = {
    EightStep.DISPATCH: Reason(
        "report.no-task", "No published plan has an entry for this quarter; there is no task to send."
    ),
    EightStep.CHECK_UP: Reason(
        "report.no-result", "No result of this round is in; there is nothing to check up."
    ),
    EightStep.REPORT: Reason("report.no-visit", "This round has no visit; there is nothing to report."),
}


def check_up(findings: Iterable[Finding], trades: Mapping[str, Trade], limits: Limits) -> CheckUp:
    """The check-up of every trade, the one with most enterprises with a problem first; names break ties."""
    rows = list(findings)
    checked = [row for row in rows if row.has_result]
    by_trade: dict[str, list[Finding]] = defaultdict(list)
    for one in rows:
        by_trade[one.trade].append(one)
    whole = _enterprises("", checked)
    made = [_trade(trades[code], own, whole, limits) for code, own in by_trade.items()]
    return CheckUp(
        whole=whole,
        checks=Share("", len(checked), sum(row.found for row in checked)),
        open=len(rows) - len(checked),
        regions=_shares(checked, lambda row: row.region),
        trades=tuple(
            sorted(
                made, key=lambda one: (-one.whole.found, -one.whole.checked, one.trade.name, one.trade.code)
            )
        ),
    )


def _trade(trade: Trade, rows: Sequence[Finding], everybody: Share, limits: Limits) -> TradeCheckUp:
    checked = [row for row in rows if row.has_result]
    made = TradeCheckUp(
        trade=trade,
        whole=_enterprises(trade.name, checked),
        agencies=len({row.agency for row in checked}),
        open=len(rows) - len(checked),
        items=_shares(checked, lambda row: row.item),
        regions=_shares(checked, lambda row: row.region),
    )
    return replace(made, advised=(*_advise_whole(made, everybody, limits), *_advise_parts(made, limits)))


def _advise_whole(made: TradeCheckUp, everybody: Share, limits: Limits) -> Iterator[Advised]:
    """What a trade's enterprises advise, beside those of all trades and of the round before; ours, as all advice.

    On fewer enterprises than `least` nothing is advised.
    """
    whole, former = made.whole, made.trade.former
    if whole.checked < limits.least:
        return
    if not whole.found:
        yield Advised(Advice.CLEAN, whole)
    if whole.permille - everybody.permille >= 10 * limits.change:
        yield Advised(Advice.OFTEN, whole)
    if former and former.checked >= limits.least:
        points = whole.permille - former.permille
        if abs(points) >= 10 * limits.change:
            yield Advised(Advice.WORSE if points > 0 else Advice.BETTER, former)


def _advise_parts(made: TradeCheckUp, limits: Limits) -> Iterator[Advised]:
    """Items in which something is often found; a region with more than half of it in less than half of the checks."""
    often = [
        item
        for item in made.items
        if item.checked >= limits.least and 100 * item.found >= limits.share * item.checked
    ]
    yield from (Advised(Advice.GUIDE, item) for item in often[:MOST_GUIDED])
    found, checked = (
        sum(one.found for one in made.regions),
        sum(one.checked for one in made.regions),
    )
    for one in made.regions:
        if found >= limits.least and 2 * one.found > found and 2 * one.checked < checked:
            yield Advised(Advice.REGION, one)


def _enterprises(name: str, checked: Iterable[Finding]) -> Share:
    rows = list(checked)
    return Share(
        name, len({row.enterprise for row in rows}), len({row.enterprise for row in rows if row.found})
    )


def _shares(rows: Iterable[Finding], name_of: Callable[[Finding], str]) -> tuple[Share, ...]:
    """By name: where most was found first."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        own = counts[name_of(row)]
        own[0] += 1
        own[1] += row.found
    shares = [Share(name, checked, found) for name, (checked, found) in counts.items()]
    return tuple(sorted(shares, key=lambda one: (-one.found, -one.checked, one.name)))
