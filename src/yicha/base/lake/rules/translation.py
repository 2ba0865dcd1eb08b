"""DuckDB's SQL said in Spark's words. Apart from the other rules, so that SQLGlot is loaded by nobody else."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from yicha.base.lake.rules.statements import SOURCE
from yicha.kernel.refusal import Reason, Refused

_SAME_IN_SPARK = {"sum_no_overflow": "SUM"}
"""Functions that SQLGlot does not know and that Spark has under another name (ANSI mode refuses an overflow)."""


def to_spark(statement: str) -> str:
    """The statement in Spark's words. Refused when SQLGlot cannot say it, or does not know a function of it."""
    try:
        tree = sqlglot.parse_one(statement, read="duckdb")
        unknown = sorted({node.name.lower() for node in tree.find_all(exp.Anonymous)} - set(_SAME_IN_SPARK))
        if unknown:
            raise _untranslatable(f"it knows no {', '.join(unknown)}")
        for node in list(tree.find_all(exp.Anonymous)):
            node.set("this", _SAME_IN_SPARK[node.name.lower()])
        return tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)
    except SqlglotError as problem:
        raise _untranslatable(str(problem)) from None


def _untranslatable(why: str) -> Refused:
    return Refused(
        [
            Reason(
                "lake.untranslatable",
                "The statement cannot be said in Spark's words: %(why)s.",
                SOURCE,
                {"why": why},
            )
        ]
    )
