"""The page of a certificate: its words, its code, one page, and no page of boxes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from tests.cast import NOW, TODAY, Cast
from yicha.base.keys import services as keys
from yicha.base.keys.terms import Purpose
from yicha.share.recognition import queries, rules, services, verify_certificate
from yicha.share.recognition.models import Certificate
from yicha.share.recognition.queries import paper
from yicha.share.recognition.terms import (
    MOST_AGREEMENTS,
    MOST_RESULTS,
    AgreementNamed,
    CertificateDraft,
    CertifiedResult,
)
from yicha.share.recognition.tests.factories import scene
from yicha.share.recognition.tests.reading import squares_in, squares_of, words_of


@pytest.fixture
def certificate(cast: Cast) -> Certificate:
    return services.issue(actor="planner", now=NOW, results=[scene(cast).result])


def test_the_page_says_who_found_what_and_how_to_check_it(certificate: Certificate) -> None:
    pdf = queries.certificate_pdf(certificate)
    words = words_of(pdf).replace(" ", "")
    evidence = queries.read_payload(certificate)["results"][0]["evidence"]
    for said in (
        "检查结果互认证明",
        "编号：HR-110112-fire-2026-0001",
        "通州区消防救援支队",
        "北京马驹桥老面馆",
        certificate.enterprise.uscc,
        "消防安全责任制",
        "未发现问题",
        "2026-12-28",
        evidence,
        "亦庄新城三地检查结果互认协议",
        "经济技术开发区",
        certificate.kid,
        "第1页，共1页",
    ):
        assert said in words, said
    assert pdf.startswith(b"%PDF-") and "演示数据" not in words


def test_the_code_on_the_page_is_the_address_of_the_token(certificate: Certificate) -> None:
    code = paper.code_of(certificate.token)
    printed = squares_of(queries.certificate_png(certificate), len(code.matrix))
    assert printed == [[bool(square) for square in row] for row in code.matrix]
    assert f"{settings.YICHA.url}/certificate/#{certificate.token}".endswith(certificate.token)


def test_a_code_is_read_whole_where_two_rows_of_squares_meet_in_grey() -> None:
    """A row of points between two rows of squares is dark only where both are; it does not end the code."""
    square = [[(x * 7 + y * 5) % 3 == 0 or x == 0 for x in range(20)] for y in range(20)]
    rows = [[dot for dot in row for _ in range(3)] for row in square for _ in range(3)]
    rows[30] = [x < 2 for x in range(60)]
    assert squares_in([[False] * 60, *rows, [False] * 60], 20) == square


def test_the_same_certificate_is_the_same_file(certificate: Certificate) -> None:
    assert queries.certificate_pdf(certificate) == queries.certificate_pdf(certificate)


def test_the_fullest_certificate_fits_on_one_page_and_into_a_code(certificate: Certificate) -> None:
    name = "龘" * 200
    line = CertifiedResult("i" * 64, name, 99, "02", TODAY, TODAY + timedelta(days=999), "ab" * 32)
    pact = AgreementNamed("A" * 32, 9, name, ("110112", "110115", "110302"), TODAY)
    agency = "110112-" + "m" * 32
    draft = CertificateDraft(
        id=str(certificate.uuid),
        number=f"HR-{agency}-2026-0001",
        uscc=certificate.enterprise.uscc,
        enterprise=name,
        agency=agency,
        agency_name=name,
        issued_on=TODAY,
        results=(line,) * MOST_RESULTS,
        agreements=(pact,) * (MOST_AGREEMENTS + 1),
        simulated=True,
    )
    certificate.token = keys.sign(Purpose.CERTIFICATE, rules.payload(draft), NOW)
    words = words_of(queries.certificate_pdf(certificate))
    assert "共1页" in words.replace(" ", "") and "演示数据" in words


def test_the_file_beside_the_page_holds_the_same(certificate: Certificate) -> None:
    text = queries.signed_file(certificate).decode()
    assert verify_certificate.read_token(text) == certificate.token
    assert certificate.enterprise.name in text
