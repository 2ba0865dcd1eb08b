"""An OS pipe between PostgreSQL's COPY and DuckDB: one side works in a thread while the other waits for it."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

PIPE_BYTES = 1 << 20
BLOCK = 1 << 18
"""So many bytes are handed over at once: PostgreSQL sends a row at a time."""


class Side(Thread):
    """A thread that works on one end of a pipe and keeps what went wrong."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self.error = error


@contextmanager
def pipe() -> Iterator[tuple[io.FileIO, io.FileIO]]:
    """Both ends, the reading one first; what is still open is closed at the end."""
    reading, writing = os.pipe()
    with io.FileIO(reading, "rb") as source, io.FileIO(writing, "wb") as target:
        with contextlib.suppress(OSError):  # where a system allows less: in smaller portions
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        yield source, target


def name_of(end: io.FileIO) -> str:
    """The name under which another part of this process opens the end."""
    return f"/dev/fd/{end.fileno()}"
