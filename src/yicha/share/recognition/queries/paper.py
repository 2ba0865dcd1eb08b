"""A certificate on paper: one page of A4, made from what was signed and nothing else."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import pylopdf_fonts_zh_cn
import segno
import typst
from django.conf import settings
from django.utils import translation

from yicha.kernel import clock
from yicha.know.agreement import queries as agreements
from yicha.know.visits import queries as visits
from yicha.share.recognition.models import Certificate
from yicha.share.recognition.verify_certificate import read_payload

MODULE_MM = 0.42
"""The side of one module of the code on paper; the fullest code is a little denser."""
SMALLEST_MM, LARGEST_MM = 42, 64


class NotPrintable(RuntimeError):
    """The page cannot be set as it should: a missing font prints boxes, so any warning is an error."""


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
def _fonts() -> typst.Fonts:
    """The fonts of every page, read once; nothing of the machine, so that a page looks the same everywhere."""
    folder = resources.files(pylopdf_fonts_zh_cn)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])


@cache
def _source() -> bytes:
    return resources.files(__package__ or "").joinpath("certificate.typ").read_bytes()


def _compile(certificate: Certificate, form: Any, dots: int = 144) -> bytes:
    code = code_of(certificate.token)
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", border=2, xmldecl=False, svgns=True)
    made, warnings = typst.compile_with_warnings(
        _source(),
        font_paths=_fonts(),
        format=form,
        ppi=dots,
        sys_inputs={
            "data": json.dumps(_data(certificate, code), ensure_ascii=False),
            "qr": drawn.getvalue().decode(),
        },
        timestamp=int(certificate.issued_at.timestamp()),
    )
    if warnings:
        raise NotPrintable("; ".join(warning.message for warning in warnings))
    if not isinstance(made, bytes):
        raise NotPrintable("a certificate has one page")
    return made


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
