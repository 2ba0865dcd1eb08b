"""Files as they come: made on the spot for tests."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from yicha.ingest.exchange import queries, services
from yicha.ingest.exchange.queries import problems_of
from yicha.ingest.exchange.services import Source
from yicha.kernel import clock, uscc

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=clock.BEIJING)
HEADERS = ("企业名称", "统一社会信用代码", "注册日期", "企业类型", "注册地址")


def code(number: int, authority: str = "110112") -> str:
    """A valid code."""
    body = f"91{authority}MA{number:07d}"
    return body + uscc.check_character(body)


def row(number: int, **cells: str) -> list[str]:
    """A good row of enterprises; `cells` by place: name, uscc, date, kind, address."""
    good = {
        "name": f"北京第{number}号商贸有限公司",
        "uscc": code(number),
        "date": "2003-08-14",
        "kind": "有限责任公司",
        "address": f"北京市通州区马驹桥镇{number}号",
    }
    return list({**good, **cells}.values())


def text(rows: Sequence[Sequence[str]], delimiter: str = ",", headers: Sequence[str] = HEADERS) -> str:
    """The text of a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    return out.getvalue()


def put(folder: Path, content: str | bytes, name: str = "list.csv") -> Source:
    """A file in a folder."""
    path = folder / f"file-{name}"
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return Source(path, name)


def check(source: Source, kind: str = "enterprises", **options: object):  # type: ignore[no-untyped-def]
    """Receive and check a file."""
    mapping = options.pop("mapping", None)
    entry = services.receive(kind, source, actor="test", now=NOW, mapping=mapping)  # type: ignore[arg-type]
    return services.check(entry, source, actor="test", now=NOW)


def load(source: Source, kind: str = "enterprises"):  # type: ignore[no-untyped-def]
    """Receive, check and apply a file."""
    return services.apply(check(source, kind), actor="test", now=NOW)


def bad_cells(entry) -> list[tuple[int, str, str]]:  # type: ignore[no-untyped-def]
    """Row, column and code of every bad cell."""
    return [
        (found.row_no, problem.column, problem.reason.code)
        for found in queries.list_rejected(entry)
        for problem in problems_of(found)
    ]


def noted(entry) -> dict[tuple[str, str], int]:  # type: ignore[no-untyped-def]
    """How often what was put right."""
    return {(note.column, note.code): note.count for note in queries.notes_of(entry)}


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def workbook(
    path: Path, rows_xml: str, *, prologue: str = "", members: dict[str, bytes] | None = None
) -> Path:
    """A workbook with raw XML of rows, for what no decent program writes."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>'
        f'<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="r1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": prologue + SHEET.format(rows_xml),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**{k: v.encode() for k, v in parts.items()}, **(members or {})}.items():
            archive.writestr(name, content)
    return path


def cells_xml(rows: Sequence[Sequence[str]]) -> str:
    """Rows of texts as XML."""
    return "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"
        for cells in rows
    )
