"""A bucket of a storage that speaks S3. Engines read files of this machine: what is fetched is kept by its hash."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from yicha.base.lake.rules.statements import SOURCE, require_path
from yicha.base.lake.services.storage import hash_file, missing
from yicha.base.lake.terms import Place
from yicha.kernel.refusal import Reason, Refused

CHUNK = 8 << 20


class Bucket:
    """Staged files lie in `staged`, fetched ones in `fetched/<first two digits>/<hash>.parquet`."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._staged = place.folder / "staged"
        self._fetched = place.folder / "fetched"
        self._store = S3Store(
            place.bucket,
            prefix=place.prefix or None,
            endpoint=place.endpoint or None,
            region=place.region,
            access_key_id=place.key,
            secret_access_key=place.secret,
            virtual_hosted_style_request=False,
            client_options={"allow_http": place.endpoint.startswith("http://"), "timeout": "120s"},
            retry_config={"max_retries": 3},
        )

    def stage(self, path: str) -> Path:
        target = self._staged / require_path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def publish(self, path: str, sha256: str) -> None:
        staged = self._staged / require_path(path)
        with self._asked(path):
            obstore.put(self._store, path, staged)
        kept = self._kept(sha256)
        kept.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(kept)

    def fetch(self, path: str, sha256: str) -> Path:
        kept = self._kept(sha256)
        if kept.exists():
            os.utime(kept)  # still needed
            return kept
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_name(f".{uuid4().hex}")
        try:
            self._download(path, fresh)
            found = hash_file(fresh)
            if found != sha256:
                raise Refused(
                    [
                        Reason(
                            "lake.changed",
                            "%(path)s in the bucket is not what was kept: its SHA-256 is %(found)s, not %(sha256)s.",
                            SOURCE,
                            {"path": path, "found": found, "sha256": sha256},
                        )
                    ]
                )
            fresh.replace(kept)
        finally:
            fresh.unlink(missing_ok=True)
        return kept

    def measure(self, path: str) -> tuple[int, str] | None:
        found, size = hashlib.sha256(), 0
        try:
            for chunk in self._chunks(path):
                found.update(chunk)
                size += len(chunk)
        except Refused as refused:
            if refused.codes == ("lake.missing",):
                return None
            raise
        return size, found.hexdigest()

    def list(self, folder: str) -> list[tuple[str, float]]:
        with self._asked(folder):
            return sorted(
                (str(meta["path"]), meta["last_modified"].timestamp())
                for batch in obstore.list(self._store, prefix=folder or None)
                for meta in batch
            )

    def remove(self, folder: str) -> int:
        paths = [path for path, _ in self.list(require_path(folder))]
        if paths:
            with self._asked(folder):
                obstore.delete(self._store, paths)
        shutil.rmtree(self._staged / folder, ignore_errors=True)
        return len(paths)

    def tidy(self, oldest: float) -> int:
        stale = [
            path
            for root in (self._staged, self._fetched)
            for path in root.rglob("*")
            if path.is_file() and path.stat().st_mtime < oldest
        ]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _kept(self, sha256: str) -> Path:
        return self._fetched / require_path(sha256)[:2] / f"{sha256}.parquet"

    def _download(self, path: str, target: Path) -> None:
        with target.open("wb") as file:
            for chunk in self._chunks(path):
                file.write(chunk)

    def _chunks(self, path: str) -> Iterator[bytes]:
        with self._asked(path):
            for chunk in obstore.get(self._store, require_path(path)).stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    @contextmanager
    def _asked(self, path: str) -> Iterator[None]:
        """Errors of the storage as refusals. Their text may hold addresses and keys: only their kind is said."""
        try:
            yield
        except FileNotFoundError:
            raise missing(path) from None
        except (BaseError, OSError) as problem:
            raise Refused(
                [
                    Reason(
                        "lake.storage",
                        "The storage of the lake did not do as asked (bucket %(bucket)s, %(path)s: %(kind)s). "
                        "See to YICHA_LAKE and what belongs to it.",
                        SOURCE,
                        {"bucket": self._place.bucket, "path": path or "/", "kind": type(problem).__name__},
                    )
                ]
            ) from None
