"""Setting pages: a template of typst and data in, a document out. Nothing is read from the machine or the network.

A template reads its data by `json("data.json")`, and an image of the name N by `image("N.svg")`. Dates, UUIDs, decimals
and translated words may stand in the data as they are.

Files, and not `sys.inputs`: typst keeps what it has laid out, and sets it again from there in the next document, as
long as neither the library (of which the inputs are a part) nor the file that holds it is another one. A template
given as bytes would be another file each time, and a process has 65,535 of them.
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
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import segno
import typst
from django.core.serializers.json import DjangoJSONEncoder

from yicha.base.documents import rules
from yicha.base.documents.terms import Form, NotPrintable, Sheet

AHEAD = 32
"""Documents for each thread that may be under way: enough that none waits while the caller writes down what is ready,
few enough that memory does not grow."""


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
    return _compile(_files(template, Sheet(data, images or {})), now, form, dots)


def typeset_many(template: bytes, sheets: Iterable[Sheet], *, now: datetime) -> Generator[bytes, None, None]:
    """A PDF for every sheet, in their order, set by as many threads as there are cores.

    typst holds no lock of Python while it works. `sheets` is read in the caller's thread, a few ahead, so that it may
    come from the database; the rest waits until what is ready is taken.
    """
    threads = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(threads, thread_name_prefix="typeset") as pool:
        running: deque[Future[bytes]] = deque()
        for sheet in sheets:
            running.append(pool.submit(_compile, _files(template, sheet), now, "pdf", 144))
            if len(running) >= threads * AHEAD:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def draw_code(code: segno.QRCode) -> str:
    """A two-dimensional code as SVG, for `images`, with a quiet border of two modules."""
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", border=2, xmldecl=False, svgns=True)
    return drawn.getvalue().decode()


def replace_missing(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with 〓 for every sign that no font has, and under `missing` their code points, for the page to name.

    For documents that must be made whatever a name is written with; others are refused (`NotPrintable`).
    """
    return rules.replace_missing(data, _characters())


def _folder() -> Path:
    """Where the fonts lie, and nothing else that a template could read."""
    return pylopdf_fonts_zh_cn.sans_path().parent


@cache
def _fonts() -> typst.Fonts:
    """The fonts of every page, read once; nothing of the machine, so that a page looks the same everywhere."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_folder())])


@cache
def _characters() -> frozenset[str]:
    """What can be printed: typst takes a sign from the other font when the one asked for lacks it."""
    return frozenset().union(
        *(rules.read_characters(path.read_bytes()) for path in sorted(_folder().glob("*.otf")))
    )


def _files(template: bytes, sheet: Sheet) -> dict[str, bytes]:
    data = json.dumps(sheet.data, ensure_ascii=False, cls=DjangoJSONEncoder).encode()
    images = {f"{name}.svg": drawn.encode() for name, drawn in sheet.images.items()}
    return {"main.typ": template, "data.json": data, **images}


def _compile(files: dict[str, bytes], now: datetime, form: Form, dots: int) -> bytes:
    several: Any = files  # typst's manual has them, its stubs do not
    try:
        made, warnings = typst.compile_with_warnings(
            several,
            root=_folder(),
            font_paths=_fonts(),
            format=form,
            ppi=dots,
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
