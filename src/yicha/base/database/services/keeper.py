"""The keeper: a small process that runs one server for as long as somebody uses it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

from yicha.base.database import queries, rules
from yicha.base.database.services.cluster import as_server
from yicha.base.database.services.locks import STAYS, STOP_SECONDS, open_file, refusal, share, until
from yicha.base.database.terms import PORT, Location

RESTARTS = 5
"""How often the keeper starts a server that died, while somebody uses it."""
STEADY_SECONDS = 300
"""A server that ran for so long was well: what happens now is a new trouble."""


def spawn(location: Location) -> None:
    """Start the keeper, detached: neither a terminal's interrupt nor the end of this process reaches it."""
    log = location.control / "start.log"
    log.unlink(missing_ok=True)
    code = "import sys; from yicha.base.database.services.keeper import keep; keep(sys.argv[1])"
    with log.open("ab") as output:
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, str(location.var)],
            check=False,
            cwd="/",
            env={
                **rules.server_environment(os.environ),
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    if done.returncode:
        raise refusal("keeper", "The process that minds the database could not be started.")


def keep(var: str) -> NoReturn:
    """The keeper's whole life; runs in a process of its own."""
    location = queries.get_location(Path(var))
    lock = open_file(location.control / "keeper")

    def taken() -> bool:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    if not until(taken, seconds=2):  # somebody who only looks holds it for an instant; a keeper, for good
        os._exit(0)
    if os.fork():
        os._exit(0)  # the caller waits for this; the child keeps the lock
    (location.control / "keeper").write_text(str(os.getpid()), "ascii")  # the same file: the lock is on it
    os._exit(_Keeper(location).run())


_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""To the keeper. TERM: do not stay. INT: stop now. HUP: stay though nobody uses the server."""


class _Keeper:
    """Runs one server for as long as somebody uses it."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.wake_read, self.wake_write = os.pipe()
        self.stay: int | None = None
        self.starts = 0

    def run(self) -> int:
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)
        process = self._adopt_or_start()
        signal.pthread_sigmask(
            signal.SIG_BLOCK, _SIGNALS
        )  # inherited by the thread: they reach this one only
        threading.Thread(target=self._wait_until_unused, daemon=True).start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        while process is not None:
            ended = self._wait(process)
            if not ended:
                end_server(process, self.location)
                return 0
            if self.starts > RESTARTS:
                return 1
            process = self._adopt_or_start()
        return 1

    def _on_signal(self, number: int, _frame: object) -> None:
        file = self.location.control / "keeper"
        if number == signal.SIGHUP and self.stay is None:
            self.stay = share(self.location)  # at once: who sent the signal holds the server
            file.write_text(f"{os.getpid()}{STAYS}", "ascii")
        elif number == signal.SIGTERM and self.stay is not None:
            os.close(self.stay)  # first: who reads the file then sees whether others use the server
            self.stay = None
            file.write_text(str(os.getpid()), "ascii")
        elif number == signal.SIGINT:
            os.write(self.wake_write, b"x")

    def _wait_until_unused(self) -> None:
        descriptor = open_file(self.location.control / "in-use")
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # kept until this process ends: who comes now waits for it
        os.write(self.wake_write, b"x")

    def _adopt_or_start(self) -> int | None:
        running = queries.find_postmaster(self.location.data)
        if running is not None:
            return running
        self.starts += 1
        _clear_leftovers(self.location)
        return _start_server(self.location)

    def _wait(self, process: int) -> bool:
        """True when the server has ended, False when it is to be stopped."""
        begun = time.monotonic()
        watched, patience = [self.wake_read], None
        try:
            handle = os.pidfd_open(process)
            watched.append(handle)
        except ProcessLookupError:
            return True
        except OSError:  # not in every container: then look twice a second
            handle, patience = None, 0.5
        try:
            while True:
                ready, _, _ = select.select(watched, [], [], patience)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(process, os.WNOHANG)
                if self.wake_read in ready:
                    return False
                if ready or process not in queries.list_server_processes(self.location.data):
                    break
        finally:
            if handle is not None:
                os.close(handle)
        if time.monotonic() > begun + STEADY_SECONDS:
            self.starts = 0
        return True


def _start_server(location: Location) -> int:
    """Start the server and return its process id; it may still be replaying its log."""
    try:
        memory = os.statvfs("/dev/shm")  # noqa: S108 - only measured
        small = memory.f_bavail * memory.f_frsize < 256 * 1024 * 1024
    except OSError:
        small = True
    with (location.control / "start.log").open("ab") as output:
        process = subprocess.Popen(
            rules.postgres_arguments(location, small_shared_memory=small, memory=_memory()),
            stdout=output,
            stderr=output,
            start_new_session=True,
            **as_server(location),
        )
    return process.pid


def _memory() -> int:
    """Bytes of the machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _clear_leftovers(location: Location) -> None:
    """End what a killed server left behind; a new one refuses to start beside it."""
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for pid in queries.list_server_processes(location.data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        until(lambda: not queries.list_server_processes(location.data), seconds=5)
    # Their process ids may belong to something else by now, or to a dead process that nobody has fetched yet:
    # a new server would take them for a living one's.
    socket = location.socket / f".s.PGSQL.{PORT}"
    for path in (location.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
        path.unlink(missing_ok=True)


def end_server(pid: int, location: Location) -> None:
    """Stop a server: fast (clients are cut off, transactions rolled back), and harder if it does not end."""

    def gone() -> bool:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        return pid not in queries.list_server_processes(location.data)

    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if until(gone, seconds=seconds):
            return
