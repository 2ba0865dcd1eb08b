"""A large population lies in the lake from the freeze on, and the draw says to the byte what a small one would."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from yicha.base.lake import queries as lake_queries
from yicha.base.lake import services as lake
from yicha.base.lake.terms import SnapshotState
from yicha.base.ledger import queries as ledger
from yicha.decide.drawing import queries, services, verify_draw
from yicha.decide.drawing.models import Draw
from yicha.decide.drawing.services import engine
from yicha.decide.drawing.terms import BeaconKind, BeaconSpec
from yicha.decide.drawing.tests import factories
from yicha.decide.drawing.tests.factories import ACTOR, AFTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten objects count as many."""
    monkeypatch.setattr(engine, "FROM_ROWS", 10)


def whole_story(folder: Path) -> bytes:
    """A draw, replacements until the cap stops them, and a supplement; its `result.json`, after a stranger's check."""
    draw = factories.drawn(factories.published())
    key = next(row.key for row in queries.list_selection(draw) if row.stratum == "110112-1")
    while key:
        replacement = services.propose_replacement(
            actor="officer", now=AFTER, draw=draw, key=key, code="closed", evidence="photo 7"
        )
        for person in ("approver-1", "approver-2"):
            replacement = services.approve_replacement(actor=person, now=AFTER, replacement=replacement)
        key = replacement.by
    supplement = services.announce_supplement(
        actor=ACTOR, now=AFTER, draw=draw, beacon=BeaconSpec(BeaconKind.DICE, "dice at the office")
    )
    services.run_supplement(actor=ACTOR, now=AFTER, supplement=supplement, beacon="01234567890123456789")
    services.export(draw=draw, folder=folder)
    assert all(holds for holds, _, _ in verify_draw.verify(folder, draw.manifest_hash))
    return queries.find_result(draw) or b""


def test_the_same_draw_has_the_same_bytes_in_the_lake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        small = whole_story(tmp_path / "small")
        assert not Draw.objects.exclude(snapshot=None).exists()
        transaction.set_rollback(True)
    monkeypatch.setattr(engine, "FROM_ROWS", 10)
    assert whole_story(tmp_path / "large") == small
    assert Draw.objects.exclude(snapshot=None).count() == 1


@pytest.mark.usefixtures("large")
def test_freezing_writes_the_population_and_no_selection() -> None:
    draw = factories.published()
    assert draw.snapshot is not None and draw.snapshot.state == SnapshotState.READY
    dataset = lake_queries.get_dataset(draw.snapshot, "population")
    assert dataset.rows == len(factories.population())
    with lake.open_engine() as computing:
        rows = computing.fetch("SELECT k, s FROM population ORDER BY n", {"population": dataset})
    names = [row.code for row in queries.list_strata(draw)]
    assert [(key, names[int(str(s))]) for key, s in rows] == sorted(factories.population())
    kept = {path.relative_to(settings.YICHA.lake.folder).parts[1] for path in _files()}
    assert f"draw-{draw.uuid}" not in kept
    taken = ledger.list_entries_of(f"snapshot:{draw.snapshot.uuid}").get()
    assert taken.body["manifest"] == draw.snapshot.manifest_sha256


def _files() -> list[Path]:
    folder: Path = settings.YICHA.lake.folder
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.usefixtures("large")
def test_what_was_changed_in_the_lake_is_made_anew_from_the_sealed_file(tmp_path: Path) -> None:
    draw = factories.published()
    former = draw.snapshot
    assert former is not None
    first = lake_queries.get_dataset(former, "population").uris[0]
    (settings.YICHA.lake.folder / first).write_bytes(b"nothing of a population")
    draw = factories.drawn(draw)
    assert draw.snapshot is not None and draw.snapshot != former
    services.export(draw=draw, folder=tmp_path)
    assert all(holds for holds, _, _ in verify_draw.verify(tmp_path, draw.manifest_hash))
