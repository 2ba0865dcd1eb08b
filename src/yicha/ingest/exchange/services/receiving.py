"""Taking files in, and remembering what their headers mean."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction

from yicha.ingest.exchange import queries
from yicha.ingest.exchange.models import HeaderMapping, Import, RejectedRow
from yicha.ingest.exchange.rules import headers as header_rules
from yicha.ingest.exchange.rules.statements import checked
from yicha.ingest.exchange.services.files import Source
from yicha.ingest.exchange.terms import IMPORT_STEPS, ImportKind, ImportState
from yicha.kernel.refusal import Reason, Refused


def register(kind: ImportKind) -> None:
    """Declare a kind; called by an app's `intake.py` while the apps get ready."""
    if kind.name in queries.KINDS and queries.KINDS[kind.name] is not kind:
        raise ValueError(f"two kinds are called {kind.name!r}")
    queries.KINDS[kind.name] = kind


def receive(
    kind: str,
    source: Source,
    *,
    actor: str,
    now: datetime,
    mapping: Mapping[str, str] | None = None,
    path: str = "",
) -> Import:
    """Take note of a file. Nothing of it is read yet but its hash."""
    queries.get_kind(kind)
    if not source.path.is_file():
        raise Refused([Reason("import.no-file", "There is no file “%(name)s”.", facts={"name": source.name})])
    return Import.objects.create(
        kind=kind,
        file_name=source.name[-255:],
        file_size=source.path.stat().st_size,
        file_hash=hash_of(source),
        path=path,
        encoding_forced=source.encoding[:16],
        mapping=dict(mapping or {}),
        state=ImportState.RECEIVED.value,
        received_at=now,
        received_by=actor,
    )


def hash_of(source: Source) -> str:
    """SHA-256 of a file, in hexadecimal: by it a file is known again."""
    with source.path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def receive_upload(
    kind: str, name: str, pieces: Iterable[bytes], *, actor: str, now: datetime, encoding: str = ""
) -> Import:
    """Keep an uploaded file in the data folder until its import is applied or discarded."""
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / uuid4().hex
    with path.open("wb") as out:
        for piece in pieces:
            out.write(piece)
    try:
        plain_name = name.replace("\\", "/").rpartition("/")[2]
        return receive(kind, Source(path, plain_name, encoding), actor=actor, now=now, path=path.name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def source_of(entry: Import) -> Source:
    """Where the uploaded file of an import lies; raises `Refused` if it is gone."""
    path = Path(settings.MEDIA_ROOT) / "imports" / entry.path
    if not entry.path or not path.is_file():
        raise Refused(
            [
                Reason(
                    "import.file-gone",
                    "The file “%(name)s” is no longer here. Upload it again.",
                    facts={"name": entry.file_name},
                )
            ]
        )
    return Source(path, entry.file_name, entry.encoding_forced)


@transaction.atomic
def remember_mapping(
    kind: str,
    headers: Sequence[str],
    mapping: Mapping[str, str],
    *,
    actor: str,
    now: datetime,
    name: str = "",
) -> None:
    """Keep what the headers of a set mean, for the next file with the same ones; under a name if one is given."""
    if name:
        HeaderMapping.objects.filter(kind=kind, name=name).update(name="")
    HeaderMapping.objects.update_or_create(
        kind=kind,
        fingerprint=header_rules.fingerprint(headers),
        defaults={"mapping": dict(mapping), "remembered_at": now, "remembered_by": actor, "name": name},
    )


@transaction.atomic
def discard(entry: Import) -> Import:
    """Give an import up: the file and the checked rows go, the note that it was here stays."""
    entry = Import.objects.select_for_update().get(pk=entry.pk)
    entry.state = IMPORT_STEPS.after(ImportState(entry.state), "discard").value
    drop_staging(entry)
    RejectedRow.objects.filter(source=entry).delete()
    drop_file(entry)
    entry.save()
    return entry


@transaction.atomic
def map_headers(
    entry: Import, headers: Sequence[str], mapping: Mapping[str, str], *, actor: str, now: datetime
) -> Import:
    """Say what the headers of a file mean, and remember it."""
    entry = Import.objects.select_for_update().get(pk=entry.pk)
    IMPORT_STEPS.after(ImportState(entry.state), "check")
    entry.mapping = dict(mapping)
    entry.save(update_fields=["mapping"])
    remember_mapping(entry.kind, headers, mapping, actor=actor, now=now)
    return entry


def drop_staging(entry: Import) -> None:
    """Drop the table in which an import's rows wait; the caller saves the import."""
    if entry.staging:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {checked(entry.staging)}")
        entry.staging = ""


def drop_file(entry: Import) -> None:
    """Remove the uploaded file once the transaction has held; the caller saves the import."""
    if entry.path:
        path = Path(settings.MEDIA_ROOT) / "imports" / entry.path
        transaction.on_commit(lambda: path.unlink(missing_ok=True))
        entry.path = ""
