"""The lock files of a data folder, and what they tell. Why there are three: see the package's docstring."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from yicha.base.database.terms import SOURCE, Location
from yicha.kernel.refusal import Reason, Refused

STOP_SECONDS = 60
"""How long a server may take to write everything down and stop."""
STAYS = " stays"
"""Behind the process id in the file `keeper`: it keeps the server though nobody uses it."""


def refusal(code: str, sentence: str, **facts: object) -> Refused:
    return Refused([Reason(f"database.{code}", sentence, SOURCE, facts)])


def make_control(location: Location) -> None:
    try:
        make_folders(location.control)
        (location.control / "starting").touch()
    except OSError as error:
        raise refusal(
            "var",
            "The data folder %(var)s cannot be written (%(reason)s): "
            "set YICHA_VAR to a folder that this user may write.",
            var=location.var,
            reason=error.strerror,
        ) from None


def open_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    descriptor = open_file(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def share(location: Location) -> int:
    """A shared lock on `in-use`; waits while the keeper stops a server that nobody used."""
    descriptor = open_file(location.control / "in-use")
    deadline = time.monotonic() + STOP_SECONDS + 30
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise refusal(
                    "stopping", "The database has been stopping for too long; see its log."
                ) from None
            time.sleep(0.02)


def is_locked(path: Path) -> bool:
    """Whether somebody holds a lock that excludes ours."""
    descriptor = open_file(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def in_use(location: Location) -> bool:
    """Whether some process holds the server: a shared lock is possible, an exclusive one is not."""
    descriptor = open_file(location.control / "in-use")
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


def keeper_alive(location: Location) -> bool:
    return location.control.is_dir() and is_locked(location.control / "keeper")


def keeper_pid(location: Location) -> int | None:
    """The keeper's process id; None if no keeper lives."""
    until(lambda: not keeper_alive(location) or bool(keeper_says(location)), seconds=5)
    said = keeper_says(location).removesuffix(STAYS)
    return int(said) if said and keeper_alive(location) else None


def keeper_says(location: Location) -> str:
    return (location.control / "keeper").read_text("ascii") if location.control.is_dir() else ""


def keeper_stays(location: Location) -> bool:
    return keeper_says(location).endswith(STAYS)


def until(done: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until something is so; False if it was not in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def make_folders(path: Path) -> None:
    """Make a folder and its missing parents so that the server's user can enter them, whatever the umask."""
    if path.is_dir():
        return
    make_folders(path.parent)
    path.mkdir(exist_ok=True)
    path.chmod(0o755)
