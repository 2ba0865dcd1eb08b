"""A document says everything that is wrong with it at once, each fault with its line."""
# ruff: noqa: E501 - a table of refusals is read by its lines

from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yicha.kernel.refusal import Refused
from yicha.know.credit.rules.models import parse, sha256_of
from yicha.know.credit.terms.model import Attribute, CutBy, FactKind, Measure, Part
from yicha.know.credit.terms.records import Severity

SHIPPED = resources.files("yicha.know.credit.rules").joinpath("default_model.yaml").read_text("utf-8")
SMALL = """\
code: small
title: 小模型
source: 试验
decay:
  year: [1000, 500, 0]
indicators:
  - code: penalty
    words: 行政处罚
    part: general
    measure: records
    kinds: [penalty]
    domains: [fire]
    points: {general: 60, serious: 150}
    amounts: [{at-least: 1000, permille: 1500}]
    window: 12
    decay: year
    cap: 200
  - code: missing
    words: 未报年报
    part: general
    measure: missing-years
    points: 20
    years: 2
  - code: trade
    words: 行业
    part: specific
    measure: attribute
    attribute: industry
    values: [C26, "01"]
    points: 30
  - code: unseen
    words: 未检查
    part: specific
    measure: absence
    kinds: [inspection-clean]
    points: 5
  - code: honour
    words: 荣誉
    part: general
    measure: records
    kinds: [honour]
    points: {none: 5}
    lowers: true
red-lines:
  - {code: accident, words: 事故, kinds: [accident], severities: [serious], window: 12}
levels:
  credit: {by: score, cuts: [10, 60, 200]}
  risk: {by: quantile, cuts: [700, 900, 1000]}
matrix: [AABB, BBBC, CCCD, DDDD]
"""


def faults_of(text: str) -> list[tuple[str, object, object]]:
    """Code, line and path of every fault."""
    with pytest.raises(Refused) as caught:
        parse(text)
    for reason in caught.value.reasons:
        assert str(reason) and reason.at_field == "text"
    return [
        (
            one.code,
            one.facts.get("line"),
            str(one.facts["path"]) if "path" in one.facts else None,
        )
        for one in caught.value.reasons
    ]


def test_a_sound_document_is_read_as_it_stands() -> None:
    model = parse(SMALL, version=7)
    assert (model.code, model.version, model.title) == ("small", 7, "小模型")
    penalty, missing, trade, unseen, honour = model.indicators
    assert penalty.points == {Severity.GENERAL: 60, Severity.SERIOUS: 150}
    assert (penalty.window, penalty.decay, penalty.cap, penalty.domains) == (12, "year", 200, ("fire",))
    assert [(band.at_least, band.permille) for band in penalty.amounts] == [(1000, 1500)]
    assert (missing.measure, missing.years, missing.points) == (
        Measure.MISSING_YEARS,
        2,
        {Severity.NONE: 20},
    )
    assert (trade.attribute, trade.values, trade.part) == (Attribute.INDUSTRY, ("C26", "01"), Part.SPECIFIC)
    assert (unseen.measure, unseen.kinds, unseen.window) == (
        Measure.ABSENCE,
        (FactKind.INSPECTION_CLEAN,),
        0,
    )
    assert honour.lowers and not penalty.lowers
    assert model.red_lines[0].window == 12
    assert model.risk_levels.by is CutBy.QUANTILE
    assert model.decays == {"year": (1000, 500, 0)}
    assert model.matrix == ("AABB", "BBBC", "CCCD", "DDDD")


def test_the_shipped_model_is_sound_and_looks_at_every_kind_of_fact() -> None:
    model = parse(SHIPPED)
    assert model.code == "general"
    seen = {kind for one in model.indicators for kind in one.kinds}
    assert seen | {FactKind.ANNUAL_REPORT} == set(FactKind)  # annual reports are looked at by their absence
    assert any(one.measure is Measure.MISSING_YEARS for one in model.indicators)
    assert sum(one.part is Part.GENERAL for one in model.indicators) >= 14
    assert sum(one.part is Part.SPECIFIC for one in model.indicators) >= 6


CHANGES = [
    ("an unknown key", "source: 试验", "source: 试验\ncolour: red", "model.unknown-key", 4, "model"),
    ("a key twice", "title: 小模型", "title: 小模型\ntitle: 又一个", "model.duplicate-key", 3, "model"),
    ("a missing key", "source: 试验\n", "", "model.missing-key", 1, "model"),
    ("a key of another measure", "    years: 2", "    years: 2\n    decay: year", "model.unknown-key", 24, "indicators[missing]"),
    ("a fraction", "general: 60", "general: 6.5", "model.float", 13, "indicators[penalty].points.general"),
    ("a number below zero", "general: 60", "general: -60", "model.negative", 13, "indicators[penalty].points.general"),
    ("a number in quotes", "cap: 200", 'cap: "200"', "model.not-integer", 17, "indicators[penalty].cap"),
    ("an octal number", "cap: 200", "cap: 0200", "model.not-integer", 17, "indicators[penalty].cap"),
    ("a sexagesimal number", "window: 12\n    decay", "window: 1:30\n    decay", "model.not-integer", 15, "indicators[penalty].window"),
    ("a number with underscores", "cap: 200", "cap: 2_00", "model.not-integer", 17, "indicators[penalty].cap"),
    ("a word for a number", "cap: 200", "cap: yes", "model.not-integer", 17, "indicators[penalty].cap"),
    ("too large a number", "cap: 200", "cap: 2000000", "model.bounds", 17, "indicators[penalty].cap"),
    ("an unknown kind of fact", "kinds: [penalty]", "kinds: [penlaty]", "model.unknown-kind", 11, "indicators[penalty].kinds"),
    ("a kind twice", "kinds: [penalty]", "kinds: [penalty, penalty]", "model.named-twice", 11, "indicators[penalty].kinds"),
    ("no kind at all", "kinds: [penalty]", "kinds: []", "model.empty-list", 11, "indicators[penalty].kinds"),
    ("an unknown severity", "general: 60", "grave: 60", "model.unknown-key", 13, "indicators[penalty].points"),
    ("an unknown severity of a red line", "severities: [serious]", "severities: [grave]", "model.unknown-severity", 45, "red-lines[accident].severities"),
    ("a severity that the kind never has", "{none: 5}", "{serious: 5}", "model.never-graded", 42, "indicators[honour].points.serious"),
    ("an unknown table of decay", "decay: year", "decay: decade", "model.unknown-decay", 16, "indicators[penalty].decay"),
    ("a decay that rises", "[1000, 500, 0]", "[500, 1000, 0]", "model.decay-rises", 5, "decay.year"),
    ("a decay above a whole", "[1000, 500, 0]", "[1001, 500, 0]", "model.bounds", 5, "decay.year"),
    ("an empty table of decay", "[1000, 500, 0]", "[]", "model.empty-list", 5, "decay.year"),
    ("an unknown attribute", "attribute: industry", "attribute: colour", "model.unknown-attribute", 28, "indicators[trade].attribute"),
    ("an unknown measure", "measure: absence", "measure: presence", "model.unknown-measure", 34, "indicators[unseen].measure"),
    ("an unknown part", "part: specific\n    measure: absence", "part: special\n    measure: absence", "model.unknown-part", 33, "indicators[unseen].part"),
    ("a value read as a number", '"01"', "01", "model.text-is-number", 29, "indicators[trade].values"),
    ("a text read as yes or no", "words: 荣誉", "words: no", "model.text-is-flag", 38, "indicators[honour].words"),
    ("a text read as a date", "source: 试验", "source: 2022-01-13", "model.text-is-date", 3, "source"),
    ("a text that is not there", "words: 荣誉", "words:", "model.text-is-empty", 38, "indicators[honour].words"),
    ("a list for a text", "words: 荣誉", "words: [荣誉]", "model.not-text", 38, "indicators[honour].words"),
    ("a text for a list", "kinds: [honour]", "kinds: honour", "model.not-list", 41, "indicators[honour].kinds"),
    ("a text for a mapping", "points: {none: 5}", "points: five", "model.not-mapping", 42, "indicators[honour].points"),
    ("a flag in other words", "lowers: true", "lowers: yes", "model.flag", 43, "indicators[honour].lowers"),
    ("a code with capitals", "code: unseen", "code: Unseen", "model.code", 31, "indicators[Unseen].code"),
    ("a code twice", "code: unseen", "code: trade", "model.duplicate-code", 31, "indicators"),
    ("no points at all", "{none: 5}", "{none: 0}", "model.no-points", 42, "indicators[honour].points"),
    ("no points of a measure of one number", "points: 30", "points: 0", "model.bounds", 30, "indicators[trade].points"),
    ("amounts that do not ascend", "[{at-least: 1000, permille: 1500}]", "[{at-least: 9, permille: 1}, {at-least: 9, permille: 2}]", "model.amounts-not-ascending", 14, "indicators[penalty].amounts"),
    ("cuts that do not ascend", "[10, 60, 200]", "[60, 10, 200]", "model.cuts", 47, "levels.credit.cuts"),
    ("two cuts", "[10, 60, 200]", "[10, 60]", "model.cuts", 47, "levels.credit.cuts"),
    ("a share above all", "[700, 900, 1000]", "[700, 900, 1001]", "model.bounds", 48, "levels.risk.cuts"),
    ("an unknown way of cutting", "by: quantile", "by: percentile", "model.unknown-cut", 48, "levels.risk.by"),
    ("three rows of a matrix", "[AABB, BBBC, CCCD, DDDD]", "[AABB, BBBC, CCCD]", "model.matrix", 49, "matrix"),
    ("a row of three letters", "AABB, BBBC", "AAB, BBBC", "model.matrix", 49, "matrix"),
    ("a letter beyond D", "AABB, BBBC", "AABE, BBBE", "model.matrix", 49, "matrix"),
    ("a matrix that improves along a row", "AABB, BBBC", "ABAB, BBBC", "model.matrix-improves", 49, "matrix"),
    ("a matrix that improves down a column", "BBBC, CCCD, DDDD", "CCCC, BCCD, DDDD", "model.matrix-improves", 49, "matrix"),
    ("a second document", "matrix:", "---\nmatrix:", "model.second-document", 49, None),
    ("an anchor", "[1000, 500, 0]", "&year [1000, 500, 0]", "model.anchor", 5, None),
    ("an alias", "decay: year", "decay: *year", "model.alias", 16, None),
    ("a tag", "code: small", "code: !!python/name:os.system small", "model.tag", 1, None),
    ("a merge key", "    years: 2", "    years: 2\n    <<: {cap: 3}", "model.unknown-key", 24, "indicators[missing]"),
    ("a tab", "    years: 2", "\tyears: 2", "model.tab", 23, None),
    ("what is no YAML", "code: small", "code: small: large", "model.not-yaml", 1, None),
    ("a character that no text has", "words: 荣誉", "words: 荣\x07誉", "model.unprintable", 38, None),
    ("such a character behind a backslash", "words: 荣誉", 'words: "荣\\0誉"', "model.unprintable", 38, "indicators[honour].words"),
    ("half a character behind a backslash", "words: 荣誉", 'words: "荣\\ud800"', "model.unprintable", 38, "indicators[honour].words"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "code", "line", "path"), [one[1:] for one in CHANGES], ids=[one[0] for one in CHANGES]
)
def test_a_document_is_refused_for(before: str, after: str, code: str, line: int, path: str | None) -> None:
    assert SMALL.count(before) >= 1
    assert (code, line, path) in faults_of(SMALL.replace(before, after, 1))


def test_all_faults_come_at_once_in_the_order_of_lines() -> None:
    text = (
        SMALL.replace("general: 60", "general: -1")
        .replace("title: 小模型\n", "")
        .replace("year\n", "decade\n")
    )
    found = faults_of(text.replace("AABB", "BABB"))
    assert [one[0] for one in found] == [
        "model.missing-key",
        "model.negative",
        "model.unknown-decay",
        "model.matrix-improves",
    ]
    assert [one[1] for one in found] == sorted(int(str(one[1])) for one in found)


def test_an_empty_document_is_refused() -> None:
    assert faults_of("# nothing\n")[0][0] == "model.empty"


def test_a_document_that_is_too_long_is_refused() -> None:
    assert faults_of(SMALL + "#" * 70_000)[0][0] == "model.too-long"


def test_lists_within_lists_without_end_are_refused() -> None:
    assert faults_of("[" * 30_000)[0][0] == "model.too-deep"


def test_a_bomb_of_aliases_is_refused_before_it_unfolds() -> None:
    lines = ['a0: &a0 ["x"]'] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 60)]
    assert {one[0] for one in faults_of("\n".join(lines))} == {"model.anchor", "model.alias"}


def test_more_than_a_page_of_indicators_is_refused() -> None:
    one = "  - {code: x%d, words: x, part: general, measure: absence, kinds: [honour], points: 1}\n"
    many = "".join(one % number for number in range(65))
    text = SMALL.replace("indicators:\n", f"indicators:\n{many}")
    assert "model.too-many" in {fault[0] for fault in faults_of(text)}


def test_the_hash_is_of_the_text_as_it_is_written() -> None:
    assert sha256_of("a\n") != sha256_of("a\n\n")


@given(st.text(alphabet="abc:-[]{}&*!#|>'\"%@`,? \n012.~\\<=é一\x85\ufeff", max_size=60))
def test_any_text_is_either_a_model_or_refused_with_reasons(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(text)
    assert caught.value.reasons and all(str(reason) for reason in caught.value.reasons)


@given(st.integers(0, len(SMALL) - 1), st.sampled_from(list(":-[]{}&*!#\"' \n0x,?")))
def test_a_document_with_one_letter_changed_is_a_model_or_refused(at: int, letter: str) -> None:
    try:
        parse(SMALL[:at] + letter + SMALL[at + 1 :])
    except Refused as refused:
        assert all(str(reason) for reason in refused.reasons)
