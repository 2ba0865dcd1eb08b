"""Fixtures for tests that freeze and compute: a lake of this run of tests, a bucket, and one Spark for all of them.

`spark_engine` is a local cluster of two processes beside the driver, started once. It takes seconds and memory: tests
that want it stand in tests/stories/test_spark_says_the_same.py, so that one process of tests has it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from django.conf import settings

from tools import java
from yicha.base.lake.services.spark import Spark, open_spark
from yicha.base.lake.terms import Place

SECRET = "a-secret-that-nobody-may-see"
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


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """A server on this machine that speaks S3 over HTTP."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket_lake(s3_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty bucket of its own, which the settings name."""
    bucket = f"lake-{uuid4().hex}"
    asked = Request(f"{s3_endpoint}/{bucket}", method="PUT")  # what obstore does not do: make a bucket
    urlopen(asked).close()
    found = Place(tmp_path / "cache", bucket, "city/lake", s3_endpoint, "us-east-1", "key", SECRET)
    monkeypatch.setattr(settings, "YICHA", replace(settings.YICHA, lake=found))
    return found
