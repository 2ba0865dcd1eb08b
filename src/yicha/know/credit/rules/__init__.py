"""Rules of credit and risk. What is here are those of records; the others have their own modules."""

from __future__ import annotations

from yicha.know.credit.rules.records import LIFE, code_of, complete, find_faults, is_sha256, says_the_same

__all__ = ["LIFE", "code_of", "complete", "find_faults", "is_sha256", "says_the_same"]
