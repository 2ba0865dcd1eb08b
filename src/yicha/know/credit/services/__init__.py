"""The only writers of credit and risk."""

from __future__ import annotations

from yicha.know.credit.services.records import correct, end, publish, record

__all__ = ["correct", "end", "publish", "record"]
