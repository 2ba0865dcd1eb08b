"""A report as JSON: what other programs read."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from yicha.kernel.refusal import Reason
from yicha.share.evaluation.terms.officers import OfficerReport
from yicha.share.evaluation.terms.ordering import OrderingReport


def dump(report: OrderingReport | OfficerReport) -> str:
    """The whole report. Reasons are their code and sentence; days are ISO dates."""
    return json.dumps(_plain(asdict(report)), ensure_ascii=False, indent=1, default=_say)


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
