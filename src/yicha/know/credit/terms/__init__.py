"""Words of credit and risk: records, models, classes, repair, warnings."""

from __future__ import annotations

from yicha.know.credit.terms.records import GRADED_KINDS, RecordFacts, RecordKind, RecordState, Severity

__all__ = ["GRADED_KINDS", "RecordFacts", "RecordKind", "RecordState", "Severity"]
