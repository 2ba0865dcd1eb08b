"""A visitor recomputes a draw in a real Chromium; what a forger changes on the way is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from yicha.decide.drawing import services
from yicha.decide.drawing.tests import factories
from yicha.decide.drawing.tests.test_verify_draw import (
    OBJECTS,
    OFFICERS,
    edits_of,
    is_earlier_state,
    paths_of,
    with_edit,
)
from yicha.kernel import canonical

pytestmark = pytest.mark.browser

VECTORS = Path(__file__).parents[3] / "decide" / "drawing" / "tests" / "vectors"
BUTTON = "[data-verify-button]"
STATE = "[data-status][data-state=holds], [data-status][data-state=fails], [data-status][data-state=failed]"


def verified(page: Page) -> tuple[str, str]:
    """Press the button; how it ended, and the name of the last check."""
    page.locator("[data-status]").evaluate("element => delete element.dataset.state")
    page.click(BUTTON)
    page.wait_for_selector(STATE)
    last = page.locator("[data-check]").last
    return str(page.get_attribute("[data-status]", "data-state")), str(last.get_attribute("data-check"))


def test_a_draw_and_its_officers_hold(browser_page: Page) -> None:
    for draw in (factories.drawn(factories.published()), factories.drawn(factories.published_officers())):
        browser_page.goto(f"/draws/{draw.draw_id}/")
        assert verified(browser_page) == ("holds", "selection" if draw.kind == "objects" else "assignment")
        assert draw.seed in browser_page.inner_text("[data-checks]")


def test_a_published_draw_and_a_void_one_hold(browser_page: Page) -> None:
    draw = factories.published()
    browser_page.goto(f"/draws/{draw.draw_id}/")
    assert verified(browser_page) == ("holds", "result")
    draw = factories.drawn(draw)
    services.void(actor="a", now=factories.AFTER, draw=draw, agency=factories.AGENCIES[0], reason="总体有误")
    browser_page.goto(f"/draws/{draw.draw_id}/")
    assert verified(browser_page) == ("holds", "selection")
    assert "总体有误" in browser_page.inner_text("[data-check=void]")


@pytest.fixture
def lies(browser_page: Page) -> Iterator[Callable[[factories.Files], tuple[str, str]]]:
    """Shows the browser other files than the server has, on the page of a real draw."""
    draw = factories.drawn(factories.published())
    browser_page.goto(f"/draws/{draw.draw_id}/")

    def show(files: factories.Files) -> tuple[str, str]:
        names = json.dumps({name: f"lie/{name}" for name in files})
        manifest_hash = sha256(files.get("manifest.json", b"")).hexdigest()
        browser_page.evaluate(
            "([names, hash]) => { document.getElementById('verify-files').textContent = names;"
            " document.querySelector('[data-verify]').dataset.manifestHash = hash; }",
            [names, manifest_hash],
        )
        browser_page.unroute("**/lie/*")
        browser_page.route("**/lie/*", lambda route: answer(route, files))
        return verified(browser_page)

    yield show


def answer(route: Route, files: factories.Files) -> None:
    route.fulfill(body=files[route.request.url.rpartition("/")[2]])


def test_the_pinned_vectors_hold(lies: Callable[[factories.Files], tuple[str, str]]) -> None:
    for name, last in (("objects", "selection"), ("officers", "assignment")):
        pinned = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
        files = factories.with_sums({file: text.encode() for file, text in pinned.items()})
        assert lies(files) == ("holds", last)


def test_one_changed_byte_in_any_file_is_refused(
    lies: Callable[[factories.Files], tuple[str, str]],
) -> None:
    for files in (OBJECTS, OFFICERS):
        for name, content in files.items():
            changed = bytearray(content)
            changed[len(changed) // 2] ^= 1
            assert lies({**files, name: bytes(changed)})[0] == "fails", name


def test_a_changed_field_is_refused_although_the_sums_are_corrected(
    lies: Callable[[factories.Files], tuple[str, str]],
) -> None:
    for files, name in ((OBJECTS, "result.json"), (OBJECTS, "supplement-1.json"), (OFFICERS, "result.json")):
        original = json.loads(files[name])
        for number, path in enumerate(paths_of(original)):
            value = original
            for step in path:
                value = value[step]
            edits = [other for other in edits_of(value) if other != value]
            copy = with_edit(original, path, edits[number % len(edits)])
            # every field of the document, every fourth of what stands deeper: verify_draw.py is tried with all
            if (number % 4 and len(path) > 1) or copy == original or is_earlier_state(original, copy):
                continue
            changed = factories.with_sums({**files, name: canonical.dumps(copy)})
            assert lies(changed)[0] == "fails", (path, copy)
