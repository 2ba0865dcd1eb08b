"""Reading the ledger: for pages, export and evaluation. Nothing decides from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Count, QuerySet

from yicha.base.ledger.models import Checkpoint, Entry
from yicha.base.ledger.rules import ORIGIN
from yicha.base.ledger.terms import CheckpointFacts


def list_entries() -> QuerySet[Entry]:
    """All entries, the newest first, without their bytes."""
    return Entry.objects.defer("leaf").order_by("-seq")


def list_entries_of(subject: str) -> QuerySet[Entry]:
    """What happened to one subject (`draw:110302-2026-0007`), the newest first."""
    return list_entries().filter(subject=subject)


def count_by_subject(subjects: Iterable[str]) -> dict[str, int]:
    """How many acts there are about each of these; about which there is none is left out."""
    found = Entry.objects.filter(subject__in=list(subjects)).order_by()
    return dict(found.values("subject").annotate(count=Count("seq")).values_list("subject", "count"))


def iterate_leaves(size: int | None = None) -> Iterator[bytes]:
    """The exact bytes of every entry, or of the first `size`, in order, in constant memory."""
    entries = (
        Entry.objects.order_by("seq") if size is None else Entry.objects.filter(seq__lt=size).order_by("seq")
    )
    for leaf in entries.values_list("leaf", flat=True).iterator(chunk_size=2000):
        yield bytes(leaf)


def list_checkpoints() -> list[CheckpointFacts]:
    """Every signed tree head, the smallest first."""
    return [
        CheckpointFacts(ORIGIN, row.size, row.root, row.key, row.signature)
        for row in Checkpoint.objects.order_by("size")
    ]


def count_entries() -> int:
    """How many acts the ledger holds."""
    newest = Entry.objects.order_by("-seq").values_list("seq", flat=True).first()
    return 0 if newest is None else newest + 1
