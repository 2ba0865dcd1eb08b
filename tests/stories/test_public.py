"""Anybody, without signing in: what was found at this firm, is it on time, what is planned; and what nobody learns."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import NOW, Cast, code
from yicha.base.ledger import queries as ledger
from yicha.decide.drawing import queries as draws
from yicha.decide.drawing import services as drawing
from yicha.decide.drawing.terms import BeaconKind, BeaconSpec, DrawKind, StratumSpec
from yicha.decide.planning.models import AnnualPlan
from yicha.know.registry.models import Officer
from yicha.know.visits.terms import ResultCode
from yicha.share.publicity import queries, services
from yicha.share.publicity.models import Publication
from yicha.share.publicity.tests.factories import SECRET_WORDS, closed

ID_CARD = re.compile(
    r"(?<![0-9A-Za-z])[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d{4}[\dXx](?![0-9A-Za-z])"
)
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


@pytest.fixture
def published(cast: Cast) -> Cast:
    """The noodle shop (a sole proprietor) and the paint factory were visited; both results are public."""
    closed(cast.noodle_shop)
    closed(cast.paint_factory, ("110115-fire",), code=ResultCode.NO_PROBLEM)
    services.publish_due(actor="planner", now=NOW)
    closed(cast.chip_maker, ("110112-market",), code=ResultCode.NO_PROBLEM)
    services.register_closed(now=NOW)
    return cast


@pytest.fixture
def drawn(published: Cast) -> str:
    """A draw of the paint factory and two more, run and public; its number."""
    secrets = {"110112-market": "a1" * 32, "110115-fire": "b2" * 32}
    known: dict[str, Any] = {"actor": "planner", "now": NOW}
    draw = drawing.open_draw(
        **known,
        organiser="110115-fire",
        kind=DrawKind.OBJECTS,
        title="消防双随机抽查",
        plan_id="fire-2026",
        participants=list(secrets),
        beacon=BeaconSpec(BeaconKind.DEMONSTRATION, "a test"),
        reveal_deadline=NOW + timedelta(days=1),
    )
    commitments = {
        agency: drawing.commitment_of(draw.draw_id, agency, secret) for agency, secret in secrets.items()
    }
    drawing.commit_all(**known, draw=draw, commitments=commitments)
    population = [(row.uscc, "110115-1") for row in (published.paint_factory, published.chip_maker)]
    strata = [StratumSpec("110115-1", "大兴区 第1层", "region=110115;class-commitment=sha256:0", "0.5")]
    drawing.freeze_objects(
        **known, draw=draw, population=population, exclusions=[(code(9), "cancelled")], strata=strata
    )
    drawing.publish(**known, draw=draws.get_draw(draw.draw_id))
    drawing.reveal_all(**known, draw=draws.get_draw(draw.draw_id), reveals=secrets)
    drawing.run(**known, draw=draws.get_draw(draw.draw_id), beacon="2026-07-02 314159")
    return str(draw.draw_id)


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return content(response)


def content(response: object) -> str:
    streaming = getattr(response, "streaming", False)
    data = b"".join(response.streaming_content) if streaming else response.content  # type: ignore[attr-defined]
    return bytes(data).decode("utf-8-sig")


def walk(client: Client, start: str) -> Iterator[tuple[str, str]]:
    """Every page and file that can be reached from the public home without leaving the site."""
    seen, queue = {start}, [start]
    while queue:
        url = queue.pop(0)
        response = client.get(url)
        if response.status_code in {301, 302}:
            links = [response["Location"]]
        else:
            assert response.status_code == 200, (url, response.status_code)
            body = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r'\1""', content(response))
            yield url, body
            links = re.findall(r'(?:href|src)="([^"#]+)', body) if "html" in response["Content-Type"] else []
        for link in links:
            target = urljoin(url, link.replace("&amp;", "&"))
            outside = ("/desk", "/account", "/static", "/language", "http", "data:")
            if not target.startswith(outside) and target not in seen:
                seen.add(target)
                queue.append(target)


def test_what_was_found_at_this_firm(published: Cast, client: Client) -> None:
    """One field, the name or the code; one hit goes straight to the answer."""
    search = reverse("public:enterprises:list")
    answer = client.get(search, {"q": "油漆"})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("public:enterprises:object", args=[published.paint_factory.uscc])
    page = text(client, answer["Location"])
    assert "北京红星油漆厂有限公司" in page and "消防安全责任制" in page
    assert page.index("verdict-word") < page.index("消防安全责任制"), "the answer stands above the evidence"


def test_a_sole_proprietor_is_found_by_code_alone_and_has_no_name(published: Cast, client: Client) -> None:
    search = reverse("public:enterprises:list")
    assert "老面馆" not in content(client.get(search, {"q": "马驹桥"})).replace("马驹桥", "")
    page = text(client, client.get(search, {"q": published.noodle_shop.uscc})["Location"])
    assert "老面馆" not in page and published.noodle_shop.uscc[:4] in page


def test_what_is_not_public_looks_like_what_does_not_exist(published: Cast, client: Client) -> None:
    for uscc in (published.chip_maker.uscc, "91110112MA9999999X"):
        assert client.get(reverse("public:enterprises:object", args=[uscc])).status_code == 404
    waiting = queries.list_due().get()
    for name in ("object", "json"):
        assert client.get(reverse(f"public:results:{name}", args=[waiting.uuid])).status_code == 404
    for query in (published.chip_maker.uscc, "91110112MA9999999X"):
        page = content(client.get(reverse("public:enterprises:list"), {"q": query}))
        assert "list-search" in page, "the same empty answer"


def test_the_clock_is_public(published: Cast, client: Client) -> None:
    """The chip maker's visit was closed on 2026-07-01 and is not public; today that is late."""
    page = text(client, reverse("public:results:list"))
    assert "20" in page and "双随机" in page
    assert queries.get_clock_numbers(NOW.date() + timedelta(days=60)).late == 1


def test_a_result_can_be_checked_against_the_ledger(published: Cast, client: Client) -> None:
    found = Publication.objects.get(uscc=published.paint_factory.uscc)
    file = client.get(reverse("public:results:json", args=[found.uuid])).content
    digest = hashlib.sha256(file).hexdigest()
    assert digest in text(client, reverse("public:results:object", args=[found.uuid]))
    assert ledger.list_entries_of(f"result:{found.uuid}")[0].body["content_sha256"] == digest


def test_the_table_is_the_search(published: Cast, client: Client) -> None:
    file = text(client, reverse("public:results:file") + "?q=油漆")
    assert len(file.strip().splitlines()) == 2 and published.paint_factory.uscc in file
    everything = text(client, reverse("public:results:file"))
    assert len(everything.strip().splitlines()) == 5, "a head, three items of the shop, one of the factory"


def test_a_plan_is_public_when_it_is_published(published: Cast, client: Client) -> None:
    AnnualPlan.objects.create(
        code="market-2026", year=2026, title="市场监管年度抽查计划", owner=published.agency_a,
        region=published.agency_a.region, state="draft",
    )  # fmt: skip
    url = reverse("public:plans:object", args=["market-2026"])
    assert "市场监管年度抽查计划" not in text(client, reverse("public:plans:list"))
    assert client.get(url).status_code == 404
    AnnualPlan.objects.update(state="published", published_on=NOW.date())
    assert "市场监管年度抽查计划" in text(client, reverse("public:plans:list"))
    assert "通州区市场监督管理局" in text(client, url)


def test_no_page_and_no_file_says_anything_personal(published: Cast, drawn: str, client: Client) -> None:
    names = {officer.name for officer in Officer.objects.all()} | {SECRET_WORDS, "老面馆", "13800138000"}
    certificates = set(Officer.objects.values_list("certificate", flat=True))
    walked = []
    for url, body in walk(client, reverse("public:home")):
        walked.append(url)
        for secret in names | certificates | {"officer-a", "planner", "T-0001"}:
            assert secret not in body, (url, secret)
        assert not MOBILE.search(body), url
        assert not ID_CARD.search(body), url
    for file in ("results.csv", "result.json", "population.tsv", "manifest.json", "verify_draw.py"):
        assert any(url.endswith(file) for url in walked), (file, walked)
    assert len(walked) >= 16, (
        "home, search, results, plans, draws, two results, two enterprises, a draw, files"
    )


def test_chinese_by_default_and_english_by_switch(published: Cast, client: Client) -> None:
    url = reverse("public:enterprises:object", args=[published.paint_factory.uscc])
    page = text(client, url)
    assert 'lang="zh-Hans"' in page and "未发现问题" in page
    client.post(reverse("set_language"), {"language": "en", "next": url})
    page = text(client, url)
    assert '<html lang="en"' in page and "No problem found" in page
