"""A chart on a page: its table is there without a script, its numbers are data, its download is the table."""

from __future__ import annotations

import json
import re
from io import BytesIO

import pytest
from django.template import RequestContext, Template
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler
from python_calamine import CalamineWorkbook

from yicha.doors import charts

BAR = charts.bar(
    "by-region",
    "地区",
    ["通州区", "大兴区 </script><b>"],
    [
        charts.Series("A", [1200, 3], "jade", ["/list/?a=1", ""]),
        charts.Series("D", [4, None], "seal"),
    ],
    unit="家",
    stacked=True,
)
FLOWS = charts.sankey(
    "flows",
    ["六月", "七月"],
    [charts.Flow("A", "A", 10), charts.Flow("A", "B", 3, href="/x/"), charts.Flow("B", "C", 0)],
    unit="家",
    tones=charts.CLASS_TONES,
)


def drawn(chart: charts.Chart) -> str:
    """The component as a page has it."""
    source = '<c-chart :data="chart" title="分布" source="登记" at="2026-07-01" />'
    page = Template(CottonCompiler().process(source))
    request = RequestFactory().get("/desk/classes/", {"kind": "company"})
    return page.render(RequestContext(request, {"chart": chart}))


def payload(html: str) -> dict[str, object]:
    """What the browser draws from."""
    found = re.search(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])  # type: ignore[no-any-return]


def test_a_chart_is_a_table_first() -> None:
    html = drawn(BAR)
    assert "<th" in html
    assert ">1,200</a>" in html
    assert "1,204" in html, "stacked bars say their sum"
    assert 'href="/list/?a=1"' in html
    assert "登记" in html
    assert "2026-07-01" in html


def test_its_data_cannot_end_its_script_and_nothing_runs_inline() -> None:
    html = drawn(BAR)
    assert "</script><b>" not in html
    assert payload(html)["categories"] == ["通州区", "大兴区 </script><b>"]
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all("src=" in one or "application/json" in one for one in scripts)
    assert not re.search(r"\son\w+=|style=", html)


def test_a_chart_keeps_the_filters_of_its_page_in_the_download() -> None:
    html = drawn(BAR)
    assert "kind=company&amp;chart=by-region&amp;file=xlsx" in html


def test_a_flow_of_nothing_is_not_drawn() -> None:
    assert len(FLOWS.rows) == 2
    assert [one["count"] for one in FLOWS.payload["flows"]] == [10, 3]


def test_of_three_stages_the_table_names_each() -> None:
    chart = charts.sankey("flows", ["五月", "六月", "七月"], [charts.Flow("A", "B", 2, stage=1)], unit="家")
    assert [cell.shown for cell in chart.rows[0]] == ["六月", "A", "七月", "B", "2"]


def test_a_long_picture_is_cut_and_its_table_is_whole() -> None:
    many = charts.bar("many", "x", [str(n) for n in range(50)], [charts.Series("y", range(50))])
    assert len(many.rows) == 50
    assert len(many.payload["categories"]) == charts.MOST_BARS
    assert many.is_cut


def test_a_chart_without_rows_says_so() -> None:
    html = drawn(charts.bar("none", "x", [], []))
    assert "<figure" not in html
    assert "分布" in html


def test_the_download_is_the_table() -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(charts.table_response(BAR, "xlsx").content))
    assert book.get_sheet_by_index(0).to_python()[1] == ["通州区", 1200.0, 4.0, 1204.0]
    text = charts.table_response(BAR, "csv").content.decode("utf-8-sig").splitlines()
    assert text[1] == "通州区,1200,4,1204"


@pytest.mark.parametrize("begins", ["=", "+", "-", "@"])
def test_no_cell_of_the_csv_is_a_formula(begins: str) -> None:
    chart = charts.bar("x", "x", [f"{begins}1+1"], [charts.Series("y", [1])])
    assert f"'{begins}1+1,1" in charts.table_response(chart, "csv").content.decode()
