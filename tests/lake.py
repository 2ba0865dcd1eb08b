"""Fixtures for tests that freeze and compute: a lake of this run of tests, and one Spark for all of them.

`spark_engine` is a local cluster of two processes beside the driver, started once. It takes seconds and memory: tests
that want it stand in tests/stories/test_spark_says_the_same.py, so that one process of tests has it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings

from tools import java
from yicha.base.lake.services.spark import Spark, open_spark
from yicha.base.lake.terms import Place

MASTER = "local-cluster[2,1,1024]"
SECONDS = 90
"""So long may executors take to report."""


@pytest.fixture(scope="session", autouse=True)
def _lake_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests freeze does not stay in the folder for data."""
    with pytest.MonkeyPatch.context() as patch:
        lake = Place(tmp_path_factory.mktemp("lake"))
        patch.setattr(settings, "YICHA", replace(settings.YICHA, lake=lake))
        yield


@pytest.fixture(scope="session")
def spark_engine(_lake_of_this_run: None) -> Iterator[Spark]:
    """A Spark of several processes. Skips where there is no Java."""
    if java.find() is None:
        pytest.skip(java.MISSING)
    with open_spark(MASTER) as spark:
        until = time.monotonic() + SECONDS
        while spark.count_executors() < 2 and time.monotonic() < until:
            time.sleep(0.2)
        yield spark
