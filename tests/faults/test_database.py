"""The embedded PostgreSQL when things go wrong: real processes, really killed. Bounded, and cleaned up after."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from yicha.base.database import queries, services
from yicha.base.database.services import locks
from yicha.base.database.terms import Location
from yicha.kernel.refusal import Refused

PATIENCE = 300
"""Seconds after which a fault counts as not overcome; nothing is asserted about how quick it was."""

HOLD = """
import sys
from pathlib import Path
from yicha.base.database import queries, services
var = Path(sys.argv[1])
services.ensure_running(var)
print(queries.find_postmaster(queries.get_location(var).data), flush=True)
sys.stdin.read()
services.release(var)
"""
"""A product's process: starts or joins the server, says its number, holds it until told to end."""

WRITE = """
import sys
from pathlib import Path
import psycopg
from yicha.base.database import services
parameters = services.connection_parameters(services.connection_facts(Path(sys.argv[1])))
with psycopg.connect(**parameters, autocommit=True) as connection:
    for number in range(1_000_000):
        connection.execute("INSERT INTO act VALUES (%s)", [number])
        print(number, flush=True)
"""
"""Commits row by row, and says each number once the server has acknowledged it."""

CALCULATE = (
    WRITE.split("    for")[0]
    + """
    print("connected", flush=True)
    connection.execute("SELECT count(*) FROM generate_series(1, 20000000000)")
"""
)
"""Keeps a process of the server so busy that it does not notice the end of its postmaster."""


@contextlib.contextmanager
def started(code: str, var: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own; at the end its input is closed, which tells it to end."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(var)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    assert process.stdin and process.stdout
    process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    process.kill()
    process.wait()
    process.stdout.close()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def eventually(so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def connect(var: Path) -> psycopg.Connection[tuple[object, ...]]:
    parameters = services.connection_parameters(services.connection_facts(var))
    return psycopg.connect(**parameters, autocommit=True)


def answers(var: Path) -> bool:
    try:
        connect(var).close()
    except psycopg.OperationalError:
        return False
    return True


def calculates(var: Path) -> bool:
    """Whether the long statement has begun."""
    asked = """
        SELECT count(*) FROM pg_stat_activity
        WHERE state = 'active' AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()
    """
    with connect(var) as connection:
        found = connection.execute(asked).fetchone()
    return found is not None and found[0] == 1


def kill_server(location: Location) -> None:
    for pid in queries.list_server_processes(location.data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def keeper_pid(location: Location) -> int:
    pid = locks.keeper_pid(location)
    assert pid is not None
    return pid


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data folder with a cluster that every test of this module finds stopped."""
    folder = Path(tempfile.mkdtemp(prefix="yicha-faults-"))
    folder.chmod(0o755)
    yield folder / "var"
    shutil.rmtree(folder)


@pytest.fixture
def var(made: Path) -> Iterator[Path]:
    yield made
    services.release(made)
    assert eventually(lambda: not queries.list_server_processes(queries.get_location(made).data))


def test_what_was_acknowledged_is_there_after_the_server_was_killed(var: Path) -> None:
    services.ensure_running(var)
    location = queries.get_location(var)
    with connect(var) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS act (number integer)")
        connection.execute("TRUNCATE act")
    with started(WRITE, var) as writer:
        assert writer.stdout
        acknowledged = [int(writer.stdout.readline()) for _ in range(300)]
        kill_server(location)
        acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]
    assert eventually(lambda: answers(var)), "the keeper starts a server that died while it was used"
    with connect(var) as connection:
        there = {row[0] for row in connection.execute("SELECT number FROM act").fetchall()}
    assert set(acknowledged) <= there
    assert len(there) <= len(acknowledged) + 1, "at most the row whose acknowledgement was on its way"


def test_processes_that_start_at_once_share_one_server(var: Path) -> None:
    location = queries.get_location(var)
    with started(HOLD, var) as one, started(HOLD, var) as two, started(HOLD, var) as three:
        pids = {first_line(one), first_line(two), first_line(three)}
        assert len(pids) == 1 and pids != {""}
        end(one)
        end(two)
        assert queries.find_postmaster(location.data) == int(pids.pop()), "it stays while others use it"
    assert queries.find_postmaster(location.data) is None, "who leaves last stops it"


def test_a_killed_product_leaves_no_server(var: Path) -> None:
    location = queries.get_location(var)
    with started(HOLD, var) as process:
        assert first_line(process)
        process.kill()
    assert eventually(lambda: not queries.list_server_processes(location.data))
    assert eventually(lambda: not locks.keeper_alive(location))


def test_a_killed_keeper_is_replaced_and_the_server_goes_on(var: Path) -> None:
    services.ensure_running(var)
    location = queries.get_location(var)
    before = queries.find_postmaster(location.data)
    os.kill(keeper_pid(location), signal.SIGKILL)
    assert eventually(lambda: not locks.keeper_alive(location))
    services.ensure_running(var)
    assert queries.find_postmaster(location.data) == before
    services.release(var)
    assert queries.find_postmaster(location.data) is None


def test_leftovers_of_a_killed_server_do_not_hinder_the_next(var: Path) -> None:
    services.ensure_running(var)
    location = queries.get_location(var)
    with started(CALCULATE, var) as busy:
        assert first_line(busy)
        assert eventually(lambda: calculates(var))
        os.kill(keeper_pid(location), signal.SIGKILL)
        postmaster = queries.find_postmaster(location.data)
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)
        assert queries.list_server_processes(location.data), "the statement goes on without its postmaster"
        services.ensure_running(var)
        assert answers(var)
        busy.kill()


def test_a_stale_process_file_is_not_believed(var: Path) -> None:
    location = queries.get_location(var)
    services.ensure_running(var)
    services.release(var)
    (location.data / "postmaster.pid").write_text(f"{os.getpid()}\n{location.data}\n1\n5432\n", "ascii")
    assert queries.find_postmaster(location.data) is None
    services.ensure_running(var)
    assert answers(var)
    assert queries.find_postmaster(location.data) != os.getpid()


def test_a_half_made_cluster_is_made_anew(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="yicha-faults-"))
    folder.chmod(0o755)
    location = queries.get_location(folder)
    (location.home / "data.new").mkdir(parents=True)
    (location.home / "data.new" / "PG_VERSION").write_text("18\n")
    try:
        services.ensure_running(folder)
        assert answers(folder)
        services.release(folder)
        (location.data / "PG_VERSION").write_text("16\n")
        with pytest.raises(Refused) as caught:
            services.ensure_running(folder)
        assert caught.value.codes == ("database.major",)
    finally:
        services.release(folder)
        shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root runs the server as somebody else.")
def test_where_the_servers_user_cannot_enter_nothing_of_others_is_changed(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    var = private / "var"
    location = queries.get_location(var)
    assert not location.home.is_relative_to(private)
    try:
        services.ensure_running(var)
        assert answers(var)
        assert private.stat().st_mode & 0o777 == 0o700
        services.release(var)
        shutil.rmtree(var)
        services.ensure_running(var)  # a new folder at the same place is a new database
        with connect(var) as connection:
            assert connection.execute("SELECT to_regclass('act')").fetchone() == (None,)
        services.release(var)
        aside = [
            path
            for path in location.home.parent.iterdir()
            if path.name.startswith(f"{location.home.name}-left-")
        ]
        assert len(aside) == 1
    finally:
        services.release(var)
        for path in location.home.parent.glob(f"{location.home.name}*"):
            shutil.rmtree(path)


def test_a_path_that_is_too_long_for_a_socket_works(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="yicha-faults-"))
    folder.chmod(0o755)
    deep = folder / ("监" * 20) / ("d" * 60)
    deep.mkdir(parents=True)
    try:
        services.ensure_running(deep)
        assert answers(deep)
        services.release(deep)
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(queries.get_location(deep).socket, ignore_errors=True)


def test_a_folder_that_cannot_be_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        services.ensure_running(Path("/proc/yicha"))
    assert caught.value.codes == ("database.var",)
    assert "YICHA_VAR" in str(caught.value)
