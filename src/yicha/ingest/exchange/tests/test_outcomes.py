"""Every oddity of a file has its named outcome, and no row is lost."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.cast import Cast
from yicha.ingest.exchange import queries
from yicha.ingest.exchange.models import Import
from yicha.ingest.exchange.queries import problems_of
from yicha.ingest.exchange.services import Source
from yicha.ingest.exchange.tests.files import (
    HEADERS,
    bad_cells,
    cells_xml,
    check,
    code,
    load,
    noted,
    put,
    row,
    text,
    workbook,
)
from yicha.kernel.refusal import Refused
from yicha.know.registry.models import Enterprise


def refusal(source: Source, kind: str = "enterprises") -> tuple[str, ...]:
    with pytest.raises(Refused) as refused:
        check(source, kind)
    assert Import.objects.latest("id").state == "refused"
    return refused.value.codes


def test_full_width_digits_are_read_and_noted(cast: Cast, tmp_path: Path) -> None:
    wide = code(11).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHJKLMNPQRTUWXY"})
    entry = load(
        put(tmp_path, text([row(11, uscc=wide, date="２００３－０８－１４", name="北京１２号Ａ公司")]))
    )
    assert Enterprise.objects.get(uscc=code(11)).name == "北京12号A公司"
    assert noted(entry) == {
        ("uscc", "full-width"): 1,
        ("registered_on", "full-width"): 1,
        ("name", "full-width"): 1,
    }


def test_stray_spaces_seen_and_unseen_are_removed_and_noted(cast: Cast, tmp_path: Path) -> None:
    entry = load(
        put(
            tmp_path, text([row(11, name="\u3000北京\u200b十一\u00a0\u00a0公司 ", uscc=f" {code(11)}\u200b")])
        )
    )
    assert Enterprise.objects.get(uscc=code(11)).name == "北京十一 公司"
    assert noted(entry)[("name", "spaces")] == noted(entry)[("uscc", "spaces")] == 1


def test_the_first_of_equal_rows_is_taken_and_the_others_name_it(cast: Cast, tmp_path: Path) -> None:
    entry = check(put(tmp_path, text([row(11), row(12), row(11)])))
    assert bad_cells(entry) == [(4, "uscc", "repeated")]
    assert (entry.rows, entry.rows_new, entry.rows_rejected) == (3, 2, 1)


def test_of_rows_that_contradict_each_other_none_is_taken(cast: Cast, tmp_path: Path) -> None:
    entry = load(put(tmp_path, text([row(11), row(11, name="北京另一家公司"), row(12)])))
    assert bad_cells(entry) == [(2, "uscc", "contradicted"), (3, "uscc", "contradicted")]
    assert not Enterprise.objects.filter(uscc=code(11)).exists()


def test_an_old_15_digit_code_is_taken_and_noted(cast: Cast, tmp_path: Path) -> None:
    entry = load(put(tmp_path, text([row(11, uscc="110112005123456")])))
    assert Enterprise.objects.get(uscc="110112005123456").kind == "company"
    assert noted(entry) == {("uscc", "old-code"): 1}


@pytest.mark.parametrize("mark", ["N/A", "无", "-", "——", "NULL", "000(万元人民币)"])
def test_marks_of_emptiness_are_empty_and_noted(cast: Cast, tmp_path: Path, mark: str) -> None:
    entry = load(put(tmp_path, text([row(11, date=mark, kind=mark)])))
    found = Enterprise.objects.get(uscc=code(11))
    assert (found.registered_on, found.kind) == (None, "company")
    assert noted(entry) == {("registered_on", "empty-mark"): 1, ("kind", "empty-mark"): 1}


def test_a_mark_of_emptiness_where_a_value_is_needed_is_a_bad_cell(cast: Cast, tmp_path: Path) -> None:
    entry = check(put(tmp_path, text([row(11, name="N/A"), row(12, uscc=" ")])))
    assert bad_cells(entry) == [(2, "name", "empty-mark-required"), (3, "uscc", "empty")]


def test_broken_bytes_are_named_by_row_and_column_and_the_rest_is_taken(cast: Cast, tmp_path: Path) -> None:
    content = text([row(11), row(12, name="北京十二公司"), row(13)]).encode()
    broken = content.replace("十二".encode(), "十".encode() + b"\xe4\xba")
    entry = check(put(tmp_path, broken))
    assert (entry.encoding, bad_cells(entry)) == ("utf-8", [(3, "name", "broken-bytes")])
    assert (entry.rows, entry.rows_new, entry.rows_rejected) == (3, 2, 1)


def test_a_character_lost_before_is_named(cast: Cast, tmp_path: Path) -> None:
    assert bad_cells(check(put(tmp_path, text([row(11, name="北京�公司")])))) == [
        (2, "name", "character-lost")
    ]


def test_what_is_text_in_no_encoding_is_refused(cast: Cast, tmp_path: Path) -> None:
    noise = bytes((index * 37) % 256 for index in range(4000)).replace(b"\x00", b"\xff")
    assert refusal(put(tmp_path, b"\xff\xff" + noise)) == ("import.undecodable",)


def test_a_wrong_check_character_is_named_with_the_right_one(cast: Cast, tmp_path: Path) -> None:
    good = code(11)
    wrong = good[:17] + ("0" if good[17] != "0" else "1")
    entry = check(put(tmp_path, text([row(11, uscc=wrong)])))
    assert bad_cells(entry) == [(2, "uscc", "code-check")]
    (problem,) = problems_of(queries.list_rejected(entry)[0])
    assert (problem.value, problem.reason.facts["expected"]) == (wrong, good[17])


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|x"])
def test_a_formula_in_a_csv_cell_is_named(cast: Cast, tmp_path: Path, cell: str) -> None:
    assert bad_cells(check(put(tmp_path, text([row(11, name=cell)])))) == [(2, "name", "formula")]


def test_a_formula_in_a_workbook_is_named_even_with_a_value(cast: Cast, tmp_path: Path) -> None:
    xml = cells_xml([HEADERS]) + (
        f"<row><c t='str'><f>A1&amp;B1</f><v>北京甲公司</v></c><c t='inlineStr'><is><t>{code(11)}</t></is></c></row>"
    )
    path = workbook(tmp_path / "a.xlsx", xml)
    assert bad_cells(check(Source(path, "a.xlsx"))) == [(2, "name", "formula")]


def test_a_zip_bomb_is_refused_from_its_directory(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    workbook(path, cells_xml([HEADERS]))
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/bomb.bin", "w") as member,
    ):
        for _ in range(64):
            member.write(bytes(1 << 20))
    assert refusal(Source(path, "bomb.xlsx")) == ("import.zip-bomb",)


def test_a_zip_whose_directory_lies_is_refused(cast: Cast, tmp_path: Path) -> None:
    path = workbook(tmp_path / "lie.xlsx", cells_xml([HEADERS, *(row(n) for n in range(11, 4000))]))
    data = path.read_bytes()
    size = zipfile.ZipFile(path).getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(data.replace(size.to_bytes(4, "little"), (2000).to_bytes(4, "little")))
    assert refusal(Source(path, "lie.xlsx")) == ("import.zip-damaged",)


def test_entities_are_refused(cast: Cast, tmp_path: Path) -> None:
    laughs = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>"
    path = workbook(tmp_path / "a.xlsx", cells_xml([HEADERS, row(11)]), prologue=laughs)
    assert refusal(Source(path, "a.xlsx")) == ("import.document-type",)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("list.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("list.csv", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("list.xls", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("list.csv", b"%PDF-1.7"),
        ("list.xlsx", text([]).encode()),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    cast: Cast, tmp_path: Path, name: str, content: bytes
) -> None:
    assert refusal(put(tmp_path, content, name)) == ("import.not-what-its-name-says",)


def test_a_workbook_named_csv_and_an_ods_named_xlsx_are_refused(cast: Cast, tmp_path: Path) -> None:
    book = workbook(tmp_path / "a.xlsx", cells_xml([HEADERS]))
    assert refusal(Source(book, "a.csv")) == ("import.not-what-its-name-says",)
    ods = tmp_path / "b.ods"
    with zipfile.ZipFile(ods, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert refusal(Source(ods, "b.xlsx")) == ("import.not-what-its-name-says",)


def test_an_empty_file_and_a_header_alone_are_refused(cast: Cast, tmp_path: Path) -> None:
    assert refusal(put(tmp_path, b"")) == ("import.file-empty",)
    assert refusal(put(tmp_path, "\n\n")) == ("import.file-blank",)
    assert refusal(put(tmp_path, text([]))) == ("import.no-rows",)


def test_headers_that_repeat_clash_or_lack_are_refused_by_name(cast: Cast, tmp_path: Path) -> None:
    assert refusal(
        put(tmp_path, text([row(11)], headers=("企业名称", "统一社会信用代码", "甲", "甲", "乙")))
    ) == ("import.header-repeated",)
    assert refusal(
        put(tmp_path, text([row(11)], headers=("企业名称", "统一社会信用代码", "单位名称", "a", "b")))
    ) == ("import.headers-clash",)
    assert refusal(put(tmp_path, text([row(11)], headers=("企业名称", "代号", "a", "b", "c")))) == (
        "import.column-absent",
    )


def test_rows_with_too_many_or_too_few_cells_are_named(cast: Cast, tmp_path: Path) -> None:
    entry = check(put(tmp_path, text([row(11), [*row(12), "x"], row(13)[:3], [*row(14), "", ""]])))
    assert bad_cells(entry) == [(3, "", "too-many-cells"), (4, "", "too-few-cells")]
    assert (entry.rows, entry.rows_new) == (4, 2)


def test_nul_bytes_and_control_characters_are_named(cast: Cast, tmp_path: Path) -> None:
    entry = check(put(tmp_path, text([row(11, name="北京\x00公司"), row(12, address="北京\x07市")])))
    assert bad_cells(entry) == [(2, "name", "control-character"), (3, "address", "control-character")]


def test_a_cell_that_is_too_long_is_named(cast: Cast, tmp_path: Path) -> None:
    assert bad_cells(check(put(tmp_path, text([row(11, name="京" * 201)])))) == [(2, "name", "too-long")]


def test_a_quote_that_is_never_closed_is_refused_with_its_row(cast: Cast, tmp_path: Path) -> None:
    content = text([row(11), row(12), row(13)]).replace("北京第12号", '"北京第12号')
    with pytest.raises(Refused) as refused:
        check(put(tmp_path, content))
    (reason,) = refused.value.reasons
    assert (reason.code, reason.facts["row"]) == ("import.quote-open", 3)


def test_a_lone_quote_inside_a_cell_is_just_a_character(cast: Cast, tmp_path: Path) -> None:
    content = text([row(11), row(12)]).replace("北京第12号", '北京5"管')
    assert check(put(tmp_path, content)).rows_new == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters_are_found(
    cast: Cast, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    entry = check(put(tmp_path, text([row(11), row(12)], delimiter).encode(encoding)))
    assert (entry.encoding, entry.delimiter, entry.rows_new) == (encoding, delimiter, 2)


def test_an_encoding_can_be_forced(cast: Cast, tmp_path: Path) -> None:
    source = put(tmp_path, text([row(11)]).encode("gb18030"))
    assert check(Source(source.path, source.name, "GBK")).encoding == "gb18030"
    assert refusal(Source(source.path, source.name, "koi8-r")) == ("import.encoding",)


def test_blank_rows_are_counted_and_keep_the_numbers_of_the_others(cast: Cast, tmp_path: Path) -> None:
    content = text([row(11), ["", "", "", "", ""], row(12, date="x")]).replace(",,,,", "\n,,,,")
    entry = check(put(tmp_path, content))
    assert (entry.rows, entry.rows_blank, bad_cells(entry)) == (2, 2, [(5, "registered_on", "date")])


def test_small_letters_of_a_code_are_noted(cast: Cast, tmp_path: Path) -> None:
    entry = load(put(tmp_path, text([row(11, uscc=code(11).lower())])))
    assert noted(entry) == {("uscc", "case"): 1}


def test_a_region_that_nobody_knows_is_a_bad_cell_and_a_silent_address_a_note(
    cast: Cast, tmp_path: Path
) -> None:
    headers = (*HEADERS, "行政区划代码")
    rows = [[*row(11), "999999"], [*row(12, address="某地1号"), ""], [*row(13, address="某地"), "110115"]]
    entry = load(put(tmp_path, text(rows, headers=headers)))
    assert bad_cells(entry) == [(2, "region", "region-unknown")]
    assert noted(entry) == {("address", "no-region"): 1}
    found = Enterprise.objects.get(uscc=code(13)).region
    assert found is not None and found.code == "110115"


def test_the_address_and_the_zone_decide_not_the_code(cast: Cast, tmp_path: Path) -> None:
    rows = [
        row(11, uscc=code(11, "110115"), address="北京市北京经济技术开发区荣华中路1号"),
        row(12, uscc=code(12, "110302"), address="北京市大兴区魏善庄镇1号"),
        row(13, address="北京市大兴区瀛海镇1号"),
    ]
    load(put(tmp_path, text(rows)))
    places = {
        found.uscc: (found.region.code if found.region else "", found.zone.code if found.zone else "")
        for found in Enterprise.objects.filter(uscc__in=[each[1] for each in rows])
    }
    assert places == {
        code(11, "110115"): ("110302", "yizhuang"),
        code(12, "110302"): ("110115", ""),
        code(13): ("110115", "yizhuang"),
    }
