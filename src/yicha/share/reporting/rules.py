"""What a step needs to be signed, where a round stands, and the check-up of a trade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from yicha.kernel.refusal import Reason
from yicha.share.reporting.terms import (
    SIGNED,
    Counted,
    EightRow,
    EightStep,
    Finding,
    Share,
    StepState,
    TradeCheckUp,
)


def rail(
    counted: Mapping[EightStep, Counted],
    documents: Mapping[EightStep, tuple[str, int]],
    today: date,
) -> list[EightRow]:
    """The eight rows. A step with a document of its own is done when that is signed, the others by their count."""
    rows: list[EightRow] = []
    present = False
    for step in EightStep:
        count = counted[step]
        uuid, version = documents.get(step, ("", 0))
        done = bool(uuid) if step in SIGNED else bool(count.of) and count.done >= count.of
        state = StepState.DONE if done else StepState.AHEAD if present else StepState.PRESENT
        present = present or not done
        late = not done and count.due_on is not None and count.due_on < today
        rows.append(EightRow(step, state, count, uuid, version, late))
    return rows


def check_signing(step: EightStep, rows: Sequence[EightRow], words: str) -> list[Reason]:
    """Why a step's document cannot be signed now.

    Tasks go out when there is something to do; a trade is checked up when there are results; a round is reported when
    all its other steps are done, or when the words say why they are not.
    """
    if step not in SIGNED:
        return [Reason("report.no-document", "This step has its document elsewhere; it is not signed here.")]
    by_step = {row.step: row for row in rows}
    if not by_step[step].counted.of:
        return [_NOTHING[step]]
    undone = [
        row
        for row in rows
        if row.state is not StepState.DONE and row.step not in (EightStep.REPORT, EightStep.CHECK_UP)
    ]
    if step is EightStep.REPORT and not by_step[EightStep.CHECK_UP].document:
        return [
            Reason(
                "report.check-up-first",
                "The trades of this round have not been checked up; sign that first.",
                at_field="words",
            )
        ]
    if step is EightStep.REPORT and undone and not words.strip():
        return [
            Reason(
                "report.unfinished",
                "%(count)s steps of this round are not done; say in the report why it ends all the same.",
                facts={"count": len(undone)},
                at_field="words",
            )
        ]
    return []


_NOTHING = {
    EightStep.DISPATCH: Reason(
        "report.no-task", "No published plan has an entry for this quarter; there is no task to send."
    ),
    EightStep.CHECK_UP: Reason(
        "report.no-result", "No result of this round is in; there is nothing to check up."
    ),
    EightStep.REPORT: Reason("report.no-visit", "This round has no visit; there is nothing to report."),
}


def check_up(findings: Iterable[Finding]) -> list[TradeCheckUp]:
    """The check-up of every trade, the trade with most checks first; names break ties."""
    by_trade: dict[str, list[Finding]] = defaultdict(list)
    for one in findings:
        by_trade[one.trade].append(one)
    made = [_trade(trade, rows) for trade, rows in by_trade.items()]
    return sorted(made, key=lambda one: (-sum(row.checked for row in one.items), one.trade))


def _trade(trade: str, rows: Sequence[Finding]) -> TradeCheckUp:
    checked = [row for row in rows if row.has_result]
    return TradeCheckUp(
        trade=trade,
        enterprises=len({row.enterprise for row in checked}),
        with_problem=len({row.enterprise for row in checked if row.found}),
        agencies=len({row.agency for row in checked}),
        open=len(rows) - len(checked),
        items=_shares(checked, lambda row: row.item),
        regions=_shares(checked, lambda row: row.region),
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
