"""What a step's document says, as it is when it is signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from yicha.decide.drawing import queries as drawing
from yicha.decide.planning import queries as planning
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.share.reporting.models import StepDocument
from yicha.share.reporting.queries.check_ups import find_round_before, get_check_up
from yicha.share.reporting.queries.eight import describe, list_eight
from yicha.share.reporting.terms import (
    Advice,
    Advised,
    CheckUp,
    EightRow,
    EightStep,
    Facts,
    Share,
    TradeCheckUp,
)

MOST = 10
"""So many items of a trade are printed, those in which most was found."""


def gather_facts(round_: Any, step: EightStep, today: date) -> Facts:
    """Numbers and words of a step; only of the steps that are signed. Nothing in it names a class or a person.

    `about`: how many tasks, results or visits it is about.
    """
    gather: Callable[[Any, date], dict[str, object]] = {
        EightStep.DISPATCH: _tasks,
        EightStep.CHECK_UP: _check_up,
        EightStep.REPORT: _report,
    }[step]
    with translation.override("zh-hans"):  # official documents are Chinese, whoever signs them
        return {
            "round": round_.code,
            "year": round_.year,
            "quarter": round_.quarter,
            "organiser": registry.get_place_name(round_.organiser),
            "simulated": round_.simulated,
            **gather(round_, today),
        }


def _tasks(round_: Any, today: date) -> dict[str, object]:
    """Every entry that is due, with who takes part."""
    rows = []
    for entry in planning.list_due_entries(round_.year, round_.quarter):
        items = entry.joint_list.items.all() if entry.joint_list else entry.items.all()
        rows.append(
            {
                "title": entry.title,
                "kind": str(entry.get_kind_display()),
                "list": str(entry.joint_list) if entry.joint_list else "",
                "items": len(items),
                "directory": str(entry.directory),
                "place": entry.plan.place_name,
                "from": entry.window_from.isoformat(),
                "to": entry.window_to.isoformat(),
                "expected": entry.expected,
                "agencies": sorted(str(agency) for agency in entry.plan.agencies.all()),
            }
        )
    agencies = {name for row in rows for name in row["agencies"]}  # type: ignore[attr-defined]
    return {
        "about": len(rows),
        "tasks": rows,
        "agencies": sorted(agencies),
        "draw_by": planning.get_clocks(round_)["draw"].isoformat(),
    }


def _check_up(round_: Any, today: date) -> dict[str, object]:
    """All trades beside each other, then each with where something was found."""
    made = get_check_up(round_, today)
    return {
        "about": made.checks.checked,
        **_sum_up(made),
        "trades": [{**_trade_row(one), **_trade(one)} for one in made.trades if one.whole.checked],
    }


def _sum_up(made: CheckUp) -> dict[str, object]:
    return {
        "enterprises": made.whole.checked,
        "with_problem": made.whole.found,
        "share": made.whole.percent,
        "checks": made.checks.checked,
        "found": made.checks.found,
        "open": made.open,
        "regions": [_share(row) for row in made.regions],
    }


def _trade_row(one: TradeCheckUp) -> dict[str, object]:
    former = one.trade.former
    return {
        "trade": one.trade.name,
        "size": one.trade.size,
        "enterprises": one.whole.checked,
        "with_problem": one.whole.found,
        "share": one.whole.percent,
        "former": former.percent if former else "",
        "agencies": one.agencies,
    }


def _trade(one: TradeCheckUp) -> dict[str, object]:
    found = [row for row in one.items if row.found]
    return {
        "open": one.open,
        "items": [_share(row) for row in found[:MOST]],
        "more_items": max(0, len(found) - MOST),
        "clean_items": len(one.items) - len(found),
        "regions": [_share(row) for row in one.regions],
        "advice": [say_advice(advised) for advised in one.advised],
    }


def say_advice(one: Advised) -> str:
    """A piece of advice as a sentence, with the numbers that it rests on."""
    words = {
        Advice.OFTEN: _("A problem at %(share)s of the enterprises, well above all trades; come here next."),
        Advice.GUIDE: _("%(name)s: found in %(found)s of %(checked)s checks; guide the whole trade in it."),
        Advice.REGION: _(
            "%(name)s: more than half of what was found, in less than half of the checks; "
            "look at the reasons there together."
        ),
        Advice.WORSE: _("More enterprises with a problem than in the round before, %(share)s; come again."),
        Advice.BETTER: _("Fewer enterprises with a problem than in the round before, %(share)s."),
        Advice.CLEAN: _("Nothing was found at %(checked)s enterprises; a lower rate next time is possible."),
    }
    return words[one.advice] % {
        "name": one.on.name,
        "found": one.on.found,
        "checked": one.on.checked,
        "share": one.on.percent,
    }


def _share(row: Share) -> dict[str, object]:
    return {"name": row.name, "checked": row.checked, "found": row.found, "share": row.percent}


def _report(round_: Any, today: date) -> dict[str, object]:
    """The round in numbers, what was found, and the documents that it rests on."""
    funnel, screen = planning.get_funnel(round_), planning.get_screen_funnel(round_)
    made = get_check_up(round_, today)
    before = find_round_before(round_)
    return {
        "about": funnel["made"],
        "targets": funnel["targets"],
        "drawn": funnel["enterprises"],
        "demands": screen.demands,
        "recognised": screen.recognised,
        "offsite": screen.offsite,
        "deferred": screen.deferred,
        "refused": screen.refused,
        "alone": round_.visits_without,
        "planned": round_.visits_with,
        "saved": round_.saved,
        "made": funnel["made"],
        **_sum_up(made),
        "before": before.code if before else "",
        "trades": [_trade_row(one) for one in made.trades if one.whole.checked],
        "results": _results(round_),
        "steps": [_step(row) for row in list_eight(round_, today)],
        "draws": _draws(round_),
        "documents": [
            {"paper": describe(EightStep(one.step)).paper, "version": one.version, "sha256": one.sha256}
            for one in StepDocument.objects.filter(round=round_).defer("pages").order_by("signed_at")
        ],
    }


def _results(round_: Any) -> list[dict[str, object]]:
    """How many checks ended with each result."""
    rows = visits.list_items_of_round(round_.code).exclude(result_code="").order_by()
    counts = Counter(rows.values_list("result_code", flat=True))
    return [
        {"name": str(words), "count": counts[code]}
        for code, words in visits.list_result_choices()
        if counts[code]
    ]


def _step(row: EightRow) -> dict[str, object]:
    words = describe(row.step)
    return {
        "name": words.name,
        "owner": words.owner,
        "paper": words.paper,
        "done": row.counted.done,
        "of": row.counted.of,
        "state": "signed" if row.document else row.state.value,
        "due": row.counted.due_on.isoformat(),
    }


def _draws(round_: Any) -> list[dict[str, object]]:
    """Numbers of the draws, by which anybody can find and recompute them."""
    numbers = list(planning.list_entry_draws(round_).values_list("draw_id", flat=True))
    rows = drawing.list_draws().filter(draw_id__in=numbers).order_by("draw_id")
    return [{"draw": row.draw_id, "title": row.title, "state": str(row.get_state_display())} for row in rows]
