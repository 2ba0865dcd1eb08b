"""Spark as the engine: the same statements in its words, on a cluster. Nothing else imports pyspark."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from yicha.base.lake.rules.statements import SOURCE, require_name, require_types, result_columns
from yicha.base.lake.rules.translation import to_spark
from yicha.base.lake.services.results import gather
from yicha.base.lake.services.storage import local_files, open_storage
from yicha.base.lake.terms import NO_SMALL, Column, ColumnType, Dataset, Small
from yicha.kernel.refusal import Reason, refuse_if

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

OLDEST_JAVA = 17
_TYPES = {
    ColumnType.BIGINT: "bigint",
    ColumnType.INTEGER: "int",
    ColumnType.SMALLINT: "smallint",
    ColumnType.VARCHAR: "string",
    ColumnType.BOOLEAN: "boolean",
}
_BACK = {name: kind.value for kind, name in _TYPES.items()}
_LOGS = "log4j2.properties"


class Spark:
    """A session of Spark. Files of the lake must be on a path that every machine of the cluster sees."""

    name = "spark"

    def __init__(self, session: SparkSession) -> None:
        self._session = session

    def compute(
        self,
        statement: str,
        inputs: Mapping[str, Dataset],
        small: Mapping[str, Small] = NO_SMALL,
        *,
        into: str,
        by_part: bool = False,
    ) -> Dataset:
        """`by_part` says nothing here: the cluster divides the work itself."""
        storage = open_storage()
        storage.remove(into)
        frame = self._frame(statement, inputs, small)
        columns = result_columns(_described(frame))
        folder = storage.stage(f"{into}/00000.parquet").parent
        fresh = folder / "fresh"
        frame.write.mode("overwrite").option("compression", "zstd").parquet(fresh.as_uri())
        files = []
        for number, part in enumerate(sorted(fresh.glob("*.parquet"))):
            files.append(part.rename(folder / f"{number:05d}.parquet"))
        shutil.rmtree(fresh)
        return gather(storage, into, files, columns)

    def fetch(
        self, statement: str, inputs: Mapping[str, Dataset], small: Mapping[str, Small] = NO_SMALL
    ) -> list[tuple[object, ...]]:
        frame = self._frame(statement, inputs, small)
        require_types(_described(frame))
        return [tuple(row) for row in frame.collect()]

    def describe(self) -> str:
        context = self._session.sparkContext
        return f"Spark {self._session.version}, {self.count_executors()} executors at {context.master}"

    @property
    def application(self) -> str:
        """The cluster's name for this session."""
        return str(self._session.sparkContext.applicationId)

    def count_executors(self) -> int:
        """How many executors, each a process of its own, have reported so far."""
        running: int = self._session.sparkContext._jsc.sc().getExecutorMemoryStatus().size()
        return running - 1  # the driver reports too

    def _frame(self, statement: str, inputs: Mapping[str, Dataset], small: Mapping[str, Small]) -> DataFrame:
        """The statement over its tables, in a session of its own: names of one statement are not those of another."""
        said = to_spark(statement)
        session = self._session.newSession()
        for name, dataset in inputs.items():
            files = [path.as_uri() for path in local_files(open_storage(), dataset)]
            schema = _schema(dataset.columns)
            frame = (
                session.read.schema(schema).parquet(*files) if files else session.createDataFrame([], schema)
            )
            frame.createOrReplaceTempView(require_name(name))
        for name, table in small.items():
            rows = [tuple(row) for row in table.rows]
            session.createDataFrame(rows, _schema(table.columns)).createOrReplaceTempView(require_name(name))
        return session.sql(said)


def _schema(columns: Sequence[Column]) -> str:
    return ", ".join(f"{require_name(column.name)} {_TYPES[column.type]}" for column in columns)


def _described(frame: DataFrame) -> list[tuple[str, str]]:
    return [(name, _BACK.get(kind, kind.upper())) for name, kind in frame.dtypes]


@contextmanager
def open_spark(master: str) -> Iterator[Spark]:
    """The session that is open already, or one of our own that ends with us. Refused without pyspark or Java."""
    refuse_if(_missing())
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None:
        yield Spark(running)
        return
    session = _start(master)
    try:
        yield Spark(session)
    finally:
        application = session.sparkContext.applicationId
        session.stop()
        _sweep(application)


def _start(master: str) -> SparkSession:
    from pyspark.sql import SparkSession

    work: Path = settings.YICHA.var / "lake-work" / "spark"
    work.mkdir(parents=True, exist_ok=True)
    logs = work / _LOGS
    logs.write_text(_QUIET, encoding="ascii")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    chosen = {
        "spark.ui.enabled": "false",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={logs.as_uri()}",
        "spark.ui.showConsoleProgress": "false",
    }
    if master.startswith("local"):
        chosen |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
        chosen |= {"spark.local.dir": str(work), "spark.sql.shuffle.partitions": "8"}
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.appName("yicha").master(master)
    for name, value in chosen.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


_QUIET = """rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = Spark: %p %m%n
"""


def _sweep(application: str) -> None:
    """A local cluster leaves its executors' logs beside Spark's own files."""
    import pyspark

    home = Path(os.environ.get("SPARK_HOME") or Path(pyspark.__file__).parent)
    shutil.rmtree(home / "work" / application, ignore_errors=True)


def _missing() -> list[Reason]:
    reasons = []
    if find_spec("pyspark") is None:
        reasons.append(
            Reason(
                "lake.no-pyspark",
                "YICHA_ENGINE names a Spark, and pyspark is not installed: pip install 'yicha[spark]'.",
                SOURCE,
                at_field="YICHA_ENGINE",
            )
        )
    version = java_version()
    if version < OLDEST_JAVA:
        reasons.append(
            Reason(
                "lake.no-java",
                "YICHA_ENGINE names a Spark, which needs Java %(least)s or newer, and there is %(found)s: "
                "on Debian, apt-get install openjdk-17-jre-headless, or set JAVA_HOME.",
                SOURCE,
                {"least": OLDEST_JAVA, "found": f"Java {version}" if version else "none"},
                at_field="YICHA_ENGINE",
            )
        )
    return reasons


def java_version() -> int:
    """The first number of the version of the Java that Spark would start; 0 if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else shutil.which("java")
    if not java:
        return 0
    try:
        said = subprocess.run(
            [str(java), "-version"], capture_output=True, text=True, check=False, timeout=60
        )
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', said.stderr + said.stdout)
    return int(found.group(1)) if found else 0
