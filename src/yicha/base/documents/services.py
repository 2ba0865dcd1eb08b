"""Setting pages: a template of typst and data in, a document out. Nothing is read from the machine or the network.

A template reads its data by `json(bytes(sys.inputs.data))`, and an image of the name N by
`image(bytes(sys.inputs.N), format: "svg")`. Dates, UUIDs, decimals and translated words may stand in the data as they
are.
"""

from __future__ import annotations

import io
import json
import os
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import cache

import pylopdf_fonts_zh_cn
import segno
import typst
from django.core.serializers.json import DjangoJSONEncoder

from yicha.base.documents.terms import Form, NotPrintable, Sheet

AHEAD = 4
"""Documents for each thread that may be under way: enough that none waits, few enough that memory does not grow."""


def typeset(
    template: bytes,
    data: Mapping[str, object],
    *,
    now: datetime,
    images: Mapping[str, str] | None = None,
    form: Form = "pdf",
    dots: int = 144,
) -> bytes:
    """The document; the same bytes for the same input. `now` is its time of making, `dots` those of an inch of a PNG.

    Raises `NotPrintable` when the template is wrong, a font is missing, or a PNG would have several pages.
    """
    return _compile(template, _inputs(Sheet(data, images or {})), now, form, dots)


def typeset_many(template: bytes, sheets: Iterable[Sheet], *, now: datetime) -> Generator[bytes, None, None]:
    """A PDF for every sheet, in their order, set by as many threads as there are cores.

    typst holds no lock of Python while it works. `sheets` is read in the caller's thread, a few ahead, so that it may
    come from the database; the rest waits until what is ready is taken.
    """
    threads = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(threads, thread_name_prefix="typeset") as pool:
        running: deque[Future[bytes]] = deque()
        for sheet in sheets:
            running.append(pool.submit(_compile, template, _inputs(sheet), now, "pdf", 144))
            if len(running) >= threads * AHEAD:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def draw_code(code: segno.QRCode) -> str:
    """A two-dimensional code as SVG, for `images`, with a quiet border of two modules."""
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", border=2, xmldecl=False, svgns=True)
    return drawn.getvalue().decode()


@cache
def _fonts() -> typst.Fonts:
    """The fonts of every page, read once; nothing of the machine, so that a page looks the same everywhere."""
    folder = str(pylopdf_fonts_zh_cn.sans_path().parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _inputs(sheet: Sheet) -> dict[str, str]:
    return {"data": json.dumps(sheet.data, ensure_ascii=False, cls=DjangoJSONEncoder), **sheet.images}


def _compile(template: bytes, inputs: dict[str, str], now: datetime, form: Form, dots: int) -> bytes:
    try:
        made, warnings = typst.compile_with_warnings(
            template,
            font_paths=_fonts(),
            format=form,
            ppi=dots,
            sys_inputs=inputs,
            timestamp=int(now.timestamp()),
            pdf_standards="a-2b" if form == "pdf" else [],
        )
    except typst.TypstError as error:
        raise NotPrintable(error.message) from error
    if warnings:
        raise NotPrintable("; ".join(warning.message for warning in warnings))
    if not isinstance(made, bytes):
        raise NotPrintable("a picture has one page")
    return made
