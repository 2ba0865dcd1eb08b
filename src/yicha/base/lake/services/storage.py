"""Where files of the lake are: a folder of this machine, or a bucket of a storage that speaks S3."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings

from yicha.base.lake.rules.statements import SOURCE, require_path
from yicha.base.lake.terms import Dataset, Place
from yicha.kernel.refusal import Reason, Refused


class Storage(Protocol):
    """Files by their paths below the lake. A file is written where `stage` says, and is there after `publish`."""

    def stage(self, path: str) -> Path:
        """The place on this machine where the file is to be written; its folder is there."""
        ...

    def publish(self, path: str, sha256: str) -> None:
        """The staged file is complete: keep it."""
        ...

    def fetch(self, path: str, sha256: str) -> Path:
        """The file on this machine, whose content has this hash. Refused when it has not."""
        ...

    def measure(self, path: str) -> tuple[int, str] | None:
        """Bytes and SHA-256 of what is kept now; None if there is no such file."""
        ...

    def list(self, folder: str) -> list[tuple[str, float]]:
        """Paths of all files below a folder (empty: of all) and when they were written, in seconds."""
        ...

    def remove(self, folder: str) -> int:
        """Remove everything below a folder; how many files that were."""
        ...

    def tidy(self, oldest: float) -> int:
        """Remove what was only kept on this machine to be quick and is older than this; how many files."""
        ...


def open_storage() -> Storage:
    """The storage that the settings name."""
    place: Place = settings.YICHA.lake
    if place.bucket:
        from yicha.base.lake.services.bucket import Bucket

        return Bucket(place)
    return Folder(place.folder)


class Folder:
    """A folder of this machine. For a cluster it must be one that every machine of it sees."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def stage(self, path: str) -> Path:
        target = self._at(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def publish(self, path: str, sha256: str) -> None:
        flush(self._at(path))

    def fetch(self, path: str, sha256: str) -> Path:
        target = self._at(path)
        if not target.is_file():
            raise missing(path)
        return target

    def measure(self, path: str) -> tuple[int, str] | None:
        target = self._at(path)
        return (target.stat().st_size, hash_file(target)) if target.is_file() else None

    def list(self, folder: str) -> list[tuple[str, float]]:
        start = self._at(folder) if folder else self.root
        return sorted(
            (str(path.relative_to(self.root)), path.stat().st_mtime)
            for path in start.rglob("*")
            if path.is_file()
        )

    def remove(self, folder: str) -> int:
        count = len(self.list(folder))
        shutil.rmtree(self._at(folder), ignore_errors=True)
        return count

    def tidy(self, oldest: float) -> int:
        return 0

    def _at(self, path: str) -> Path:
        return self.root / require_path(path)


def local_files(storage: Storage, dataset: Dataset) -> list[Path]:
    """The files of a dataset on this machine, fetched where they are not yet."""
    hashes = dataset.hashes or ("",) * len(dataset.uris)
    return [
        Path(uri) if uri.startswith("/") else storage.fetch(uri, sha256)
        for uri, sha256 in zip(dataset.uris, hashes, strict=True)
    ]


def missing(path: str) -> Refused:
    """The refusal of who asks for a file that is not there."""
    return Refused(
        [Reason("lake.missing", "The lake has no file %(path)s any more.", SOURCE, {"path": path})]
    )


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(path: Path) -> None:
    """What was written survives a power cut from here on."""
    for target in (path, path.parent):
        handle = os.open(target, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for what spills out of memory; gone afterwards."""
    import tempfile

    root: Path = settings.YICHA.var / "lake-work"
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root) as name:
        yield Path(name)
