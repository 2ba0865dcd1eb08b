"""Minds the processes of a running product: the web server (granian, WSGI) and the worker of long jobs.

A child that ends by itself is started again, unless it keeps ending. On SIGTERM or SIGINT both are asked to
finish, then ended. Each child leads a process group of its own: a terminal's Ctrl-C reaches only this process,
and what a child leaves behind when it is killed can be ended with it. A child ends when this process is killed
(Linux sends it SIGTERM), so nothing keeps the port.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from django.conf import settings

from yicha.kernel.refusal import Reason, Refused

FINISH_SECONDS = 20
"""How long running requests and jobs may take to finish after a signal."""
STARTS = 5
"""How often a child may be started within a minute; each time later after the last than before."""
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process that is minded, and when it was started (seconds of a clock that only counts on)."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    starts: list[float] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.starts = [at for at in self.starts if at > time.monotonic() - 60] + [time.monotonic()]
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """To the leader to finish, to the whole group to end."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            elif self.process.poll() is None:
                self.process.send_signal(number)


def serve(host: str, port: int, workers: int) -> int:
    """Serve until a signal comes; 0 if it came, 1 if a child could not be kept alive."""
    require_free(host, port)
    environment = {**os.environ, "YICHA_STATIC_ROOT": str(collect_static())}
    _let_go_of_connections()
    children = [
        Child("web", web_command(host, port, workers), environment),
        Child("jobs", [sys.executable, "-m", "yicha.doors.cli.main", "jobs"], environment),
    ]
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        for child in children:
            child.start()
        if _wait_until_answering(host, port, children[0], stopped):
            print(f"yicha serves http://{_shown(host)}:{port}/ (stop with Ctrl-C).", flush=True)
        return _mind(children, stopped)
    finally:
        _finish(children)
        for number, handler in before.items():
            signal.signal(number, handler)


def web_command(host: str, port: int, workers: int) -> list[str]:
    """The command of the web server. Threads: one database connection each, see the pool in settings."""
    return [
        *(sys.executable, "-m", "granian", "yicha.site.wsgi:application"),
        *("--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers)),
        *("--blocking-threads", "4", "--http", "1", "--no-ws", "--log-level", "error"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10s"),
    ]


def require_free(host: str, port: int) -> None:
    """Refuse a port that something else listens on, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except PermissionError:
        sentence = "This user may not listen on port %(port)s: choose one above 1023 with --port."
    except socket.gaierror:
        sentence = "“%(host)s” is no address of this machine: choose one with --host."
    except OSError as error:
        sentence = (
            "Port %(port)s of %(host)s is in use: stop the program that uses it, or choose another with --port."
            if error.errno == 98
            else "“%(host)s” is no address of this machine: choose one with --host."
        )
    else:
        return
    raise Refused([Reason("serve.port", sentence, "docs/guide/run.md", {"host": host, "port": port})])


def collect_static() -> Path:
    """Gather the pages' files under names with their hashes; returns the folder. Quick when nothing changed."""
    from django.core.management import call_command
    from django.test.utils import override_settings

    root = Path(settings.YICHA.static_root or settings.YICHA.var / "static")
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=root):
        call_command("collectstatic", verbosity=0, interactive=False)
    return root


def _let_go_of_connections() -> None:
    """The children have their own; this process needs none from here on."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _wait_until_answering(host: str, port: int, web: Child, stopped: list[int]) -> bool:
    deadline = time.monotonic() + 60
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    while time.monotonic() < deadline and not stopped and not web.ended():
        with contextlib.suppress(OSError), socket.create_connection((target, port), timeout=1):
            return True
        time.sleep(0.05)
    return False


def _mind(children: Sequence[Child], stopped: list[int]) -> int:
    while not stopped:
        time.sleep(0.2)
        for child in children:
            if stopped or not child.ended():
                continue
            child.signal(signal.SIGKILL)  # what it left behind
            if len(child.starts) > STARTS:
                print(f"The process “{child.name}” keeps ending; see the log above.", file=sys.stderr)
                return 1
            if time.monotonic() > child.starts[-1] + 2 ** (len(child.starts) - 1):
                child.start()
    return 0


def _finish(children: Sequence[Child]) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + FINISH_SECONDS
    while time.monotonic() < deadline and not all(child.ended() for child in children):
        time.sleep(0.05)
    for child in children:
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()
