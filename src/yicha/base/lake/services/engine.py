"""The engine that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from yicha.base.lake.services.duck import open_duck
from yicha.base.lake.terms import Engine


@contextmanager
def open_engine() -> Iterator[Engine]:
    """The engine of YICHA_ENGINE. Refused when it is Spark and Spark or Java is not on this machine."""
    master: str = settings.YICHA.engine
    if master == "duckdb":
        with open_duck() as duck:
            yield duck
    else:
        from yicha.base.lake.services.spark import open_spark

        with open_spark(master) as spark:
            yield spark
