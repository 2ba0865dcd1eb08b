"""`yicha serve` with real processes: it answers, ends cleanly, and leaves nothing behind when it is killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from yicha.base.database import queries

PATIENCE = 300
"""Seconds that a busy machine may take to lay a database and to begin to serve; a good one needs ten."""


def eventually(so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_of(var: Path) -> set[int]:
    """Every process that was started with this data folder in its environment (the servers of the product)."""
    mark = f"YICHA_VAR={var}".encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
    return found


def answers(port: int, path: str = "/account/login/") -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="yicha-serving-"))
    folder.chmod(0o755)
    yield folder / "var"
    shutil.rmtree(folder)


@contextlib.contextmanager
def serving(var: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "YICHA_VAR": str(var)}
    for name in ("DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE"):
        environment.pop(name, None)
    with subprocess.Popen(
        [sys.executable, "-m", "yicha.doors.cli.main", "serve", "--port", str(port), "--workers", "1"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert eventually(lambda: answers(port) or process.poll() is not None)
            assert process.poll() is None, "it serves"
            yield process
        finally:
            process.kill()
    assert eventually(lambda: not processes_of(var)), "no process stays behind"
    assert eventually(lambda: not queries.list_server_processes(queries.get_location(var).data))


def test_it_answers_and_ends_cleanly_when_told(var: Path) -> None:
    port = free_port()
    with serving(var, port) as process:
        second = subprocess.run(
            [sys.executable, "-m", "yicha.doors.cli.main", "serve", "--port", str(port)],
            env={**os.environ, "YICHA_VAR": str(var)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 1
        assert str(port) in second.stderr and len(second.stderr.splitlines()) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert not processes_of(var), "they had ended before it did"
        assert not queries.list_server_processes(queries.get_location(var).data)


def test_a_killed_server_process_is_started_again(var: Path) -> None:
    port = free_port()
    with serving(var, port) as process:
        before = processes_of(var) - {process.pid}
        for pid in before:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: bool(processes_of(var) - {process.pid} - before) and answers(port))


def test_a_killed_database_is_started_again_under_the_server(var: Path) -> None:
    port = free_port()
    with serving(var, port):
        for pid in queries.list_server_processes(queries.get_location(var).data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: answers(port, "/"))


def test_a_killed_product_leaves_no_process(var: Path) -> None:
    port = free_port()
    with serving(var, port) as process:
        process.kill()
        process.wait()
    assert not answers(port)
