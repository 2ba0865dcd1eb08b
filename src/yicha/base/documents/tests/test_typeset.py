"""Pages: what is said is on them, the same each time, and never a page of boxes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import segno
import typst
from django.utils.translation import gettext_lazy as _

from yicha.base.documents import services
from yicha.base.documents.terms import NotPrintable, Sheet
from yicha.share.recognition.tests.reading import words_of

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
TEMPLATE = b"""
#let data = json("data.json")
#set document(title: data.title)
#set page(width: 100mm, height: 60mm)
#set text(font: "Noto Serif SC", size: 10pt)
#data.title #data.at("on", default: "")
"""


def test_a_page_says_what_it_was_given() -> None:
    pdf = services.typeset(TEMPLATE, {"title": "入企检查通知书", "on": "第一季度"}, now=NOW)
    assert pdf.startswith(b"%PDF-")
    assert "入企检查通知书" in words_of(pdf) and "第一季度" in words_of(pdf)


def test_dates_codes_and_translated_words_stand_in_the_data_as_they_are() -> None:
    data = {"title": _("message"), "on": date(2026, 7, 1), "key": UUID(int=7)}
    assert "2026-07-01" in words_of(services.typeset(TEMPLATE, data, now=NOW))


def test_the_same_input_is_the_same_file_and_another_moment_is_not() -> None:
    one = services.typeset(TEMPLATE, {"title": "通知"}, now=NOW)
    assert one == services.typeset(TEMPLATE, {"title": "通知"}, now=NOW)
    assert one != services.typeset(TEMPLATE, {"title": "通知"}, now=NOW + timedelta(days=1))


def test_a_file_for_the_archives_says_so() -> None:
    pdf = services.typeset(TEMPLATE, {"title": "通知"}, now=NOW)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf and b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf


def test_an_image_is_given_as_text_of_svg() -> None:
    template = TEMPLATE + b'#image("code.svg", width: 20mm)'
    drawn = services.draw_code(segno.make("https://example.org/v/1", micro=False))
    with_code = services.typeset(template, {"title": "通知"}, now=NOW, images={"code": drawn})
    assert len(with_code) > len(services.typeset(TEMPLATE, {"title": "通知"}, now=NOW))


def test_a_picture_is_made_too() -> None:
    assert services.typeset(TEMPLATE, {"title": "通知"}, now=NOW, form="png").startswith(b"\x89PNG")


def test_a_picture_of_several_pages_is_refused() -> None:
    template = TEMPLATE + b"#pagebreak()\n2"
    with pytest.raises(NotPrintable, match="one page"):
        services.typeset(template, {"title": "通知"}, now=NOW, form="png")


def test_a_missing_font_is_an_error_and_not_a_page_of_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    embedded = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[])
    monkeypatch.setattr(services, "_fonts", lambda: embedded)
    with pytest.raises(NotPrintable, match="unknown font family"):
        services.typeset(TEMPLATE, {"title": "Notice"}, now=NOW)
    with pytest.raises(NotPrintable, match="could not be displayed"):
        services.typeset(TEMPLATE, {"title": "通知"}, now=NOW)


def test_a_character_that_no_font_has_is_an_error_too() -> None:
    with pytest.raises(NotPrintable, match="could not be displayed"):
        services.typeset(TEMPLATE, {"title": "ሴ 面馆"}, now=NOW)


def test_what_must_be_printed_has_another_sign_for_what_no_font_has_and_names_it() -> None:
    said = {"title": "北京𠮷野家，㙦䶮𬭎", "rows": [{"on": "ก"}, 7, None], "tuple": ("\u200b葛\U000e0100",)}
    spelled = services.replace_missing(said)
    assert spelled["title"] == "北京〓野家，㙦䶮𬭎" and spelled["rows"] == [{"on": "〓"}, 7, None]
    assert spelled["tuple"] == ["\u200b葛\U000e0100"] and spelled["missing"] == ["U+20BB7", "U+0E01"]
    assert "〓野家" in words_of(services.typeset(TEMPLATE, spelled, now=NOW))
    assert services.replace_missing({"title": "通知"}) == {"title": "通知", "missing": []}


def test_a_wrong_template_is_told_as_one_sentence() -> None:
    with pytest.raises(NotPrintable, match="unknown variable"):
        services.typeset(b"#nowhere()", {}, now=NOW)


def test_a_template_reads_nothing_of_the_machine() -> None:
    with pytest.raises(NotPrintable):
        services.typeset(b'#read("/etc/hostname")', {}, now=NOW)


def test_many_are_set_in_their_order_and_each_as_if_alone() -> None:
    names = [f"企业{number}" for number in range(25)]
    made = list(services.typeset_many(TEMPLATE, (Sheet({"title": name}) for name in names), now=NOW))
    assert made == [services.typeset(TEMPLATE, {"title": name}, now=NOW) for name in names]


def test_many_are_read_a_few_ahead_and_not_all_at_once() -> None:
    read = 0

    def sheets() -> Iterator[Sheet]:
        nonlocal read
        for number in range(1000):
            read += 1
            yield Sheet({"title": f"企业{number}"})

    made = services.typeset_many(TEMPLATE, sheets(), now=NOW)
    next(made)
    assert read < 1000
    made.close()


def test_one_of_many_that_cannot_be_printed_is_told() -> None:
    with pytest.raises(NotPrintable):
        list(services.typeset_many(TEMPLATE, [Sheet({"title": "好"}), Sheet({})], now=NOW))
