"""What a step's document says, as it is when it is signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import translation

from yicha.decide.drawing import queries as drawing
from yicha.decide.planning import queries as planning
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import PROBLEM_CODES
from yicha.share.reporting.models import StepDocument
from yicha.share.reporting.queries.eight import list_check_ups, list_eight
from yicha.share.reporting.terms import EightStep, Facts, Share, TradeCheckUp

MOST = 10
"""So many items of a trade are printed, those in which most was found."""


def gather_facts(round_: Any, step: EightStep, today: date) -> Facts:
    """Numbers and words of a step; only of the steps that are signed. Nothing in it names a class or a person."""
    gather: Callable[[Any, date], dict[str, object]] = {
        EightStep.DISPATCH: _tasks,
        EightStep.CHECK_UP: _check_up,
        EightStep.REPORT: _report,
    }[step]
    head = {
        "round": round_.code,
        "year": round_.year,
        "quarter": round_.quarter,
        "organiser": registry.get_place_name(round_.organiser),
    }
    with translation.override("zh-hans"):  # official documents are Chinese, whoever signs them
        return {**head, "simulated": round_.simulated, **gather(round_, today)}


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
        "tasks": rows,
        "agencies": sorted(agencies),
        "draw_by": planning.get_clocks(round_)["draw"].isoformat(),
    }


def _check_up(round_: Any, today: date) -> dict[str, object]:
    return {"trades": [_trade(one) for one in list_check_ups(round_)]}


def _trade(one: TradeCheckUp) -> dict[str, object]:
    return {
        "trade": one.trade,
        "enterprises": one.enterprises,
        "with_problem": one.with_problem,
        "agencies": one.agencies,
        "open": one.open,
        "items": [_share(row) for row in one.items[:MOST]],
        "more_items": max(0, len(one.items) - MOST),
        "regions": [_share(row) for row in one.regions],
    }


def _share(row: Share) -> dict[str, object]:
    whole, tenth = divmod(row.permille, 10)
    return {"name": row.name, "checked": row.checked, "found": row.found, "share": f"{whole}.{tenth} %"}


def _report(round_: Any, today: date) -> dict[str, object]:
    """The round in numbers, and the documents that it rests on."""
    funnel, screen = planning.get_funnel(round_), planning.get_screen_funnel(round_)
    results = Counter(
        visits.list_items_of_round(round_.code).exclude(result_code="").values_list("result_code", flat=True)
    )
    rows = list_eight(round_, today)
    return {
        "targets": funnel["targets"],
        "enterprises": funnel["enterprises"],
        "demands": screen.demands,
        "recognised": screen.recognised,
        "offsite": screen.offsite,
        "deferred": screen.deferred,
        "refused": screen.refused,
        "alone": round_.visits_without,
        "planned": round_.visits_with,
        "saved": round_.saved,
        "made": funnel["made"],
        "checked": results.total(),
        "problems": sum(count for code, count in results.items() if code in PROBLEM_CODES),
        "steps": [
            {
                "step": row.step.value,
                "done": row.counted.done,
                "of": row.counted.of,
                "state": row.state.value,
                "due": row.counted.due_on.isoformat() if row.counted.due_on else "",
            }
            for row in rows
        ],
        "draws": _draws(round_),
        "documents": [
            {"step": one.step, "version": one.version, "sha256": one.sha256}
            for one in StepDocument.objects.filter(round=round_).order_by("signed_at")
        ],
    }


def _draws(round_: Any) -> list[dict[str, object]]:
    """Numbers of the draws, by which anybody can find and recompute them."""
    numbers = list(planning.list_entry_draws(round_).values_list("draw_id", flat=True))
    rows = drawing.list_draws().filter(draw_id__in=numbers).order_by("draw_id")
    return [{"draw": row.draw_id, "title": row.title, "state": str(row.get_state_display())} for row in rows]
