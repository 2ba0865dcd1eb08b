"""A certificate on paper: one page of A4, made from what was signed and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import segno
from django.conf import settings
from django.utils import translation

from yicha.base.documents import services as documents
from yicha.base.documents.terms import Form
from yicha.kernel import clock
from yicha.know.agreement import queries as agreements
from yicha.know.visits import queries as visits
from yicha.share.recognition.models import Certificate
from yicha.share.recognition.verify_certificate import read_payload

MODULE_MM = 0.42
"""The side of one module of the code on paper; the fullest code is a little denser."""
SMALLEST_MM, LARGEST_MM = 42, 64


def certificate_pdf(certificate: Certificate) -> bytes:
    """The page as PDF."""
    return _compile(certificate, "pdf")


def certificate_png(certificate: Certificate, dots: int = 144) -> bytes:
    """The page as a picture of so many dots per inch."""
    return _compile(certificate, "png", dots)


def code_of(token: str) -> segno.QRCode:
    """The code on the paper: the address at which a browser checks the token, which stays in the browser."""
    return segno.make(f"{settings.YICHA.url}/certificate/#{token}", error="l", micro=False)


@cache
def _source() -> bytes:
    return resources.files(__package__ or "").joinpath("certificate.typ").read_bytes()


def _compile(certificate: Certificate, form: Form, dots: int = 144) -> bytes:
    code = code_of(certificate.token)
    return documents.typeset(
        _source(),
        _data(certificate, code),
        now=certificate.issued_at,
        images={"qr": documents.draw_code(code)},
        form=form,
        dots=dots,
    )


def _data(certificate: Certificate, code: segno.QRCode) -> dict[str, Any]:
    """What the page shows: the signed text, with words for its codes."""
    payload = read_payload(certificate.token)
    with translation.override("zh-hans"):
        words = {key: str(text) for key, text in visits.list_result_choices()}
    issued_on = clock.today(datetime.fromtimestamp(payload["nbf"], clock.BEIJING))
    return {
        "number": payload["number"],
        "agency": payload["agency_name"],
        "enterprise": payload["enterprise"],
        "uscc": " ".join(_fours(payload["uscc"])),
        "issued_on": issued_on.isoformat(),
        "issued_words": f"{issued_on.year} 年 {issued_on.month} 月 {issued_on.day} 日",
        "simulated": bool(payload.get("simulated")),
        "results": [{**one, "words": words[one["code"]]} for one in payload["results"]],
        "agreements": [_agreement(one) for one in payload["agreements"]],
        "address": settings.YICHA.url,
        "kid": certificate.kid,
        "qr_mm": min(max(SMALLEST_MM, round(code.symbol_size(border=2)[0] * MODULE_MM)), LARGEST_MM),
    }


def _agreement(named: dict[str, Any]) -> dict[str, Any]:
    """An agreement with its name and its members, as it was signed in this version."""
    found = agreements.find_agreement(named["code"], named["version"])
    regions: Iterable[str] = [region.name for region in found.regions.all()] if found else []
    return {**named, "name": found.name if found else named["code"], "regions": list(regions)}


def _fours(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]
