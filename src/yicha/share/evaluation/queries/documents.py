"""A report as a document: as JSON for other programs, and to be shown again without the table that it was made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from yicha.kernel.refusal import Reason
from yicha.share.evaluation.terms.officers import OfficerReport
from yicha.share.evaluation.terms.ordering import (
    Added,
    Chance,
    Measured,
    Ordering,
    OrderingReport,
    Role,
    Section,
    Ties,
)


def dump(report: OrderingReport | OfficerReport) -> str:
    """The whole report as JSON. Reasons are their code and sentence; days are ISO dates."""
    return json.dumps(_plain(asdict(report)), ensure_ascii=False, indent=1, default=_say)


def keep(report: OrderingReport) -> dict[str, Any]:
    """The report as plain values, from which `restore` makes it again."""
    kept: dict[str, Any] = json.loads(json.dumps(asdict(report), default=_say))
    return kept


def restore(kept: Mapping[str, Any]) -> OrderingReport:
    """What `keep` has kept."""
    until = kept["train_until"]
    more = {
        "columns": {Role(role): header for role, header in kept["columns"].items()},
        "train_until": date.fromisoformat(until) if until else None,
        "sections": tuple(_section(one) for one in kept["sections"]),
        "features": tuple(kept["features"]),
        "left_out": tuple((header, Reason(**reason)) for header, reason in kept["left_out"]),
        "added": tuple(Added(**{**one, "ordering": Ordering(one["ordering"])}) for one in kept["added"]),
        "notes": tuple(Reason(**note) for note in kept["notes"]),
        "ties": Ties(kept["ties"]),
    }
    return OrderingReport(**{**kept, **more})


def _section(kept: Mapping[str, Any]) -> Section:
    more = {
        "first_on": date.fromisoformat(kept["first_on"]),
        "last_on": date.fromisoformat(kept["last_on"]),
        "chance": Chance(**kept["chance"]),
        "measured": tuple(
            Measured(**{**one, "ordering": Ordering(one["ordering"]), "curve": tuple(one["curve"])})
            for one in kept["measured"]
        ),
    }
    return Section(**{**kept, **more})


def _plain(value: Any) -> Any:
    """Reasons, which `asdict` has taken apart, as code and sentence."""
    if isinstance(value, dict):
        if value.keys() == {"code", "sentence", "source", "facts", "at_field"}:
            return {"code": value["code"], "sentence": str(Reason(**value))}
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def _say(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
