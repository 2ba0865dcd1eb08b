"""What everybody may see of a draw, and what nobody may."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from yicha.decide.drawing import queries, services, verify_draw
from yicha.decide.drawing.tests import factories

pytestmark = pytest.mark.django_db


def body(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_draw_is_shown_from_its_publication_on(client: Client) -> None:
    hidden = factories.committed(factories.opened())
    assert hidden.draw_id not in body(client, "/draws/")
    assert client.get(f"/draws/{hidden.draw_id}/").status_code == 404
    assert client.get(f"/draws/{hidden.draw_id}/manifest.json").status_code == 404
    services.void(actor="a", now=factories.NOW, draw=hidden, agency=factories.AGENCIES[0], reason="错了")
    assert "错了" in body(client, f"/draws/{hidden.draw_id}/")
    draw = factories.published()
    assert draw.draw_id in body(client, "/draws/")
    page = body(client, f"/draws/{draw.draw_id}/")
    assert draw.manifest_hash in page
    assert "result.json" not in page
    assert client.get(f"/draws/{draw.draw_id}/result.json").status_code == 404


def test_files_are_those_of_the_export(client: Client, tmp_path: Path) -> None:
    draw = factories.drawn(factories.published())
    for name, content in queries.list_public_files(draw).items():
        answer = client.get(f"/draws/{draw.draw_id}/{name}")
        assert answer.content == content
        (tmp_path / name).write_bytes(answer.content)
    assert all(holds for holds, _, _ in verify_draw.verify(tmp_path, draw.manifest_hash))


def test_reasons_of_officers_are_never_shown(client: Client) -> None:
    draw = factories.drawn(factories.published_officers())
    assert "reasons" not in body(client, f"/draws/{draw.draw_id}/")
    assert client.get(f"/draws/{draw.draw_id}/reasons.tsv").status_code == 404


def test_the_list_is_searched_and_says_when_nothing_is_there(client: Client) -> None:
    draw = factories.published()
    assert draw.draw_id in body(client, "/draws/?q=餐饮")
    assert draw.draw_id in body(client, f"/draws/?q={draw.draw_id}")
    assert draw.draw_id not in body(client, "/draws/?q=nothing")
    assert client.get("/draws/?page=x").status_code == 200


def test_replacements_and_void_are_shown(client: Client) -> None:
    draw = factories.drawn(factories.published())
    key = queries.list_selection(draw)[0].key
    proposal = services.propose_replacement(
        actor="o", now=factories.AFTER, draw=draw, key=key, code="closed", evidence="photo of the gate"
    )
    for person in "ab":
        services.approve_replacement(actor=person, now=factories.AFTER, replacement=proposal)
    services.void(actor="a", now=factories.AFTER, draw=draw, agency=factories.AGENCIES[0], reason="总体有误")
    page = body(client, f"/draws/{draw.draw_id}/")
    assert "总体有误" in page
    assert key in page
    assert "photo of the gate" not in page
