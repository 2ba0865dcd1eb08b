"""Files that take longer than two seconds to make: made beside the request, with their progress in a small file.

Any worker of the server can answer how far it is, because the progress lies where all of them can read it.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from django.db import connections
from django.utils import translation

KEPT_SECONDS = 24 * 60 * 60
"""Made files are removed when the next one is begun after this time."""
log = logging.getLogger("yicha.desk.making")

Write = Callable[[IO[bytes], Callable[[int], None]], None]


@dataclass(frozen=True)
class Progress:
    """How far the making is. `state` is making, made or failed."""

    state: str
    done: int
    total: int


def begin(folder: Path, write: Write, total: int) -> tuple[str, threading.Thread]:
    """Begin to make a file; returns its key, and the thread for who must wait for it (tests)."""
    folder.mkdir(parents=True, exist_ok=True)
    _tidy(folder)
    key = uuid.uuid4().hex
    _note(folder, key, Progress("making", 0, total))
    language = translation.get_language()
    thread = threading.Thread(
        target=_make, args=(folder, key, write, total, language), name=f"making-{key}", daemon=True
    )
    thread.start()
    return key, thread


def find_progress(folder: Path, key: str) -> Progress | None:
    """How far a file is, or None when there is no such."""
    note = folder / f"{key}.json"
    if not (key.isalnum() and note.exists()):
        return None
    return Progress(**json.loads(note.read_text("utf-8")))


def file_of(folder: Path, key: str) -> Path:
    """Where a made file lies."""
    return folder / f"{key}.xlsx"


def _make(folder: Path, key: str, write: Write, total: int, language: str | None) -> None:
    part = folder / f"{key}.part"
    try:
        with translation.override(language), part.open("w+b") as place:
            write(place, lambda done: _note(folder, key, Progress("making", done, total)))
        part.rename(file_of(folder, key))
        _note(folder, key, Progress("made", total, total))
    except Exception:
        log.exception("a file could not be made")
        part.unlink(missing_ok=True)
        _note(folder, key, Progress("failed", 0, total))
    finally:
        connections.close_all()


def _note(folder: Path, key: str, progress: Progress) -> None:
    fresh = folder / f"{key}.json.new"
    fresh.write_text(json.dumps(asdict(progress)), "utf-8")
    fresh.rename(folder / f"{key}.json")


def _tidy(folder: Path) -> None:
    oldest = time.time() - KEPT_SECONDS
    for file in folder.iterdir():
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
