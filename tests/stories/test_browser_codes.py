"""The gate in a real browser: the answer changes while one types; a code is checked without a network."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser import PHONE, WIDE, follow, resize, serious, sign_in, width_beyond
from tests.cast import Cast, person
from yicha.act.inspection.tests import factories
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.keys import services as keys
from yicha.base.keys.terms import Purpose
from yicha.decide.gate import services
from yicha.decide.gate.models import Application, VisitCode
from yicha.decide.gate.terms import Application as Asked
from yicha.kernel import clock
from yicha.know.visits.terms import ContactKind
from yicha.share.recognition import services as recognition
from yicha.share.recognition.terms import RevocationKind
from yicha.share.recognition.tests.factories import scene

pytestmark = pytest.mark.browser
CODE = "/code/"


def grant_visit(cast: Cast) -> VisitCode:
    """An approved visit to the noodle shop, from today on, and its code."""
    factories.item_versions()
    now = clock.now()
    today = clock.today(now)
    asked = Asked(
        agency="110112-market",
        uscc=cast.noodle_shop.uscc,
        items=("market-001", "market-002"),
        kind=ContactKind.DAILY,
        trigger="initiative",
        from_on=today,
        until_on=today + timedelta(days=10),
        officers=("T-0001", "T-0002"),
        approved_by="王局长",
    )
    services.apply("officer-a", now, asked)
    return VisitCode.objects.get()


def found(page: Page, token: str) -> str:
    """What the page finds of a token that is opened by its address."""
    page.goto("about:blank")
    page.goto(f"{CODE}#{token}")
    page.wait_for_selector("[data-answer][data-found]:visible")
    page.wait_for_load_state("networkidle")
    return str(page.get_attribute("[data-answer]", "data-found"))


def other(token: str, part: int, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    """The token with its header (0) or payload (1) changed and its signature left as it was."""
    parts = token.split(".")
    body = json.loads(urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4)))
    parts[part] = urlsafe_b64encode(json.dumps(change(body)).encode()).rstrip(b"=").decode()
    return ".".join(parts)


def signed(purpose: Purpose, begins: datetime, ends: datetime) -> str:
    """A token of ours with these days."""
    payload: dict[str, Any] = {
        "visit": "x",
        "uscc": "91110112MA00000016",
        "nbf": int(begins.timestamp()),
        "exp": int(ends.timestamp()),
    }
    return keys.sign(purpose, payload, clock.now())


def tokens(token: str) -> dict[str, str]:
    """One token for each thing that can be found of it."""
    now, day = clock.now(), timedelta(days=1)
    return {
        "genuine": token,
        "forged": other(token, 1, lambda body: {**body, "officers": ["X-0001"]}),
        "foreign": other(token, 0, lambda head: {**head, "kid": "x" * 43}),
        "other-kind": signed(Purpose.CERTIFICATE, now - day, now + day),
        "early": signed(Purpose.VISIT_CODE, now + day, now + 2 * day),
        "expired": signed(Purpose.VISIT_CODE, now - 2 * day, now - day),
        "unknown": signed(Purpose.VISIT_CODE, now - day, now + day),
        "malformed": "not.a.token",
    }


def test_the_answer_changes_while_the_form_is_filled_in(cast: Cast, browser_page: Page) -> None:
    factories.item_versions()
    page = browser_page
    sign_in(page, "officer-a")
    page.goto("/desk/gate/new/")
    page.fill("[name=q]", "老面馆")
    page.click("#found a:has-text('老面馆')")
    page.wait_for_selector("#answer:has-text('还缺')")
    choose(page, "items", "食品经营许可")
    page.wait_for_selector("#answer [data-ground='gate.officers-too-few']")
    choose(page, "officers", "甲一")
    choose(page, "officers", "甲二")
    page.wait_for_selector("#answer .verdict-word:has-text('待批准')")
    page.select_option("[name=trigger]", "complaint")
    page.wait_for_selector("#answer [data-ground='gate.evidence-missing']")
    page.fill("[name=evidence]", "12345-2026-001")
    page.wait_for_selector("#answer .verdict-word:has-text('待批准')")
    assert not Application.objects.exists(), "nothing is kept until it is sent"
    for size in (WIDE, PHONE):
        resize(page, size)
        assert serious(page) == [] and width_beyond(page) == 0
    page.click("form.gate-form button[type=submit]")
    page.wait_for_url("**/desk/gate/*-*/")
    assert serious(page) == [] and width_beyond(page) == 0
    assert Application.objects.get().state == "waiting"


def choose(page: Page, name: str, words: str) -> None:
    """Pick from a searchable list as a person does: by typing."""
    field = page.locator(f"[name={name}] ~ .ts-wrapper input")
    field.click()
    field.type(words)
    page.locator(f".ts-dropdown .option:has-text('{words}')").first.click()
    page.keyboard.press("Escape")


def test_the_pages_of_the_gate_are_for_everybody(cast: Cast, browser_page: Page) -> None:
    grant_visit(cast)
    row = Application.objects.get()
    person("head", "王局长", GrantFacts(Role.APPROVER, "110112-market", "110112"))
    page = browser_page
    sign_in(page, "head")
    addresses = [reverse(f"desk:gate:{name}", args=[row.uuid]) for name in ("object", "code", "revoke")]
    addresses += [reverse("desk:gate:tab", args=[row.uuid, tab]) for tab in ("why", "happened")]
    for address in addresses:
        for size in (WIDE, PHONE):
            resize(page, size)
            page.goto(address)
            assert serious(page) == [], address
            assert width_beyond(page) == 0, address


def test_every_wrong_code_gets_its_own_sentence(cast: Cast, browser_page: Page) -> None:
    page, code = browser_page, grant_visit(cast)
    sentences = {}
    for expected, token in tokens(code.token).items():
        assert found(page, token) == expected
        sentences[expected] = page.inner_text("[data-sentence]")
    assert len(set(sentences.values())) == len(sentences)
    services.revoke_code(actor="officer-a", now=clock.now(), code=code, because="人员变动")
    assert found(page, code.token) == "withdrawn"
    assert "不得凭此入企" in page.inner_text("[data-sentence]")


def test_the_server_finds_the_same_as_the_browser(cast: Cast, browser_page: Page) -> None:
    """Without scripts a pasted code is checked by the server, in a transaction that can only read."""
    code = grant_visit(cast)
    browser_page.goto(CODE)
    answer = Client().get(CODE)
    for expected, token in tokens(code.token).items():
        answer = Client().post(CODE, {"token": f"https://yicha.example/code/#{token}"})
        assert f'data-found="{expected}"' in answer.content.decode(), expected
    assert "T-0001" in Client().post(CODE, {"token": code.token}).content.decode()


def test_a_code_is_pasted_and_answered_above_the_fold(cast: Cast, browser_page: Page) -> None:
    page, code = browser_page, grant_visit(cast)
    for size in (WIDE, PHONE):
        resize(page, size)
        page.goto("about:blank")
        page.goto(CODE)
        assert serious(page) == [] and width_beyond(page) == 0
        page.fill("#token", f"  http://example.com/code/#{code.token}\n")
        page.click("[data-paste] button")
        page.wait_for_selector("[data-found=genuine]")
        page.wait_for_selector("[data-facts]:has-text('通州区市场监督管理局')")
        box = page.locator("[data-verdict] .verdict-word").bounding_box()
        assert box is not None and box["y"] < size[1] / 2, "answered above the fold"
        assert serious(page) == [] and width_beyond(page) == 0


def test_a_code_is_checked_off_line_after_one_visit(cast: Cast, browser_page: Page) -> None:
    page, code = browser_page, grant_visit(cast)
    page.goto(CODE)
    page.wait_for_selector("[data-kept]:visible")
    kept = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async name => "
        "(await (await caches.open(name)).keys()).map(one => new URL(one.url).pathname)))).flat()"
    )
    assert CODE in kept and "/.well-known/jwks.json" in kept
    assert all(path in (CODE, "/.well-known/jwks.json") or path.startswith("/static/") for path in kept)

    page.context.set_offline(True)
    page.goto("about:blank")
    page.goto(f"{CODE}#{code.token}")
    page.wait_for_selector("[data-found=genuine]")
    page.wait_for_selector("[data-note]:has-text('离线核验')")
    assert "T-0001" in page.inner_text("[data-facts]")
    forged = other(code.token, 1, lambda body: {**body, "officers": ["X-0001"]})
    page.fill("#token", forged)
    page.click("[data-paste] button")
    page.wait_for_selector("[data-found=forged]")
    page.context.set_offline(False)


def test_an_owner_reads_the_budget_and_why(cast: Cast, browser_page: Page) -> None:
    page = browser_page
    grant_visit(cast)
    sign_in(page, "owner", f"**{reverse('portal:home', args=[cast.noodle_shop.uscc])}")
    assert "1 / 4 次" in page.inner_text(".budget >> nth=0")
    parts = [
        reverse(f"portal:{name}", args=[cast.noodle_shop.uscc]) for name in ("home", "visits", "undisturbed")
    ]
    parts += [
        reverse(f"portal:{name}", args=[cast.noodle_shop.uscc]) for name in ("apply", "conflicts", "file")
    ]
    for size in (WIDE, PHONE):
        resize(page, size)
        for address in parts:
            page.goto(address)
            assert serious(page) == [], address
            assert width_beyond(page) == 0, address
        page.goto(parts[1])
        follow(page, "table.rows td.main a")
        page.wait_for_selector(".verdict-word:has-text('准予入企')")
        assert serious(page) == [] and width_beyond(page) == 0


def test_a_certificate_is_checked_and_its_revocation_is_seen(cast: Cast, browser_page: Page) -> None:
    now = clock.now()
    world = scene(cast, now)
    certificate = recognition.issue_all(actor="planner", now=now, uscc=cast.noodle_shop.uscc)[0]
    page = browser_page
    assert found(page, certificate.token) == "other-kind", "a certificate opens no door"
    for size in (WIDE, PHONE):
        resize(page, size)
        page.goto("about:blank")
        page.goto(f"/certificate/#{certificate.token}")
        page.wait_for_selector("[data-found=genuine]")
        facts = page.inner_text("[data-facts]")
        assert certificate.number in facts and "消防安全责任制" in facts and "未发现问题" in facts
        assert serious(page) == [] and width_beyond(page) == 0
    pasted = Client().post("/certificate/", {"token": certificate.token}).content.decode()
    assert 'data-found="genuine"' in pasted and certificate.number in pasted

    recognition.revoke(
        actor="approver", now=now, result=world.result, because="记录有误", kind=RevocationKind.CORRECTED
    )
    page.reload()
    page.wait_for_selector("[data-found=withdrawn]")
    assert "已撤销" in page.inner_text("[data-facts]")
    pasted = Client().post("/certificate/", {"token": certificate.token}).content.decode()
    assert 'data-found="withdrawn"' in pasted


def test_one_fact_is_changed_on_the_page(cast: Cast, browser_page: Page) -> None:
    factories.item_versions()
    now = clock.now()
    today = clock.today(now)
    row = services.apply(
        "officer-a",
        now,
        Asked(
            agency="110112-market",
            uscc=cast.noodle_shop.uscc,
            items=("market-001",),
            kind=ContactKind.DAILY,
            trigger="initiative",
            from_on=today,
            until_on=today + timedelta(days=10),
            officers=("T-0001", "T-0002"),
        ),
    )
    page = browser_page
    sign_in(page, "officer-a")
    page.goto(reverse("desk:gate:tab", args=[row.uuid, "why"]))
    assert page.inner_text("#varied .verdict-word").strip() == "待批准"
    page.click(".gate-changes button >> nth=0")
    page.wait_for_selector("#varied .verdict-word:has-text('准予入企')")
    page.select_option("#try-trigger", "complaint")
    page.wait_for_selector("#varied [data-ground='gate.budget-free']")
    row.refresh_from_db()
    assert (row.state, row.trigger) == ("waiting", "initiative"), "nothing is changed"
