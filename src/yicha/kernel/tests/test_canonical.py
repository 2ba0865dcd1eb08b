"""RFC 8785: its own examples where they hold no floats, and its refusals."""

from __future__ import annotations

import json
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yicha.kernel import canonical

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-canonical.LARGEST_INTEGER, canonical.LARGEST_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


class Word(StrEnum):
    ONE = "one"


def test_keys_are_sorted_by_utf16_code_units() -> None:
    # RFC 8785 3.2.3, the example of property sorting.
    source = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    order = list(json.loads(canonical.dumps(source)).values())
    assert order == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_strings_are_escaped_as_in_the_rfc() -> None:
    # RFC 8785 3.2.2.2 and the sample of 3.2.3 without its numbers.
    assert canonical.dumps("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/") == (
        b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'
    )
    assert canonical.dumps("\x7f\b\f\n\r\t\x00") == b'"\x7f\\b\\f\\n\\r\\t\\u0000"'
    assert canonical.dumps([None, True, False]) == b"[null,true,false]"


def test_plain_values() -> None:
    value = {"b": [1, -0, {"d": "四", "c": ()}], "a": Word.ONE}
    assert canonical.dumps(value) == '{"a":"one","b":[1,0,{"c":[],"d":"四"}]}'.encode()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.0, "float"),
        ({"a": [0.1]}, r"\$\.a\[0\].*float"),
        (float("nan"), "float"),
        (2**53, "2\\^53"),
        (-(2**53), "2\\^53"),
        ("\ud800", "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        ({1: 2}, "not a string"),
        (b"bytes", "bytes"),
        ({1, 2}, "set"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: object, words: str) -> None:
    with pytest.raises(canonical.NotCanonical, match=words):
        canonical.dumps(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'"\\u0041"',
        b"1.0",
        b"1e3",
        b"NaN",
        b"-0",
        b"\xef\xbb\xbf1",
        b'"\xff"',
        b'"\\ud800"',
        b"",
    ],
)
def test_bytes_in_another_form_are_refused(data: bytes) -> None:
    with pytest.raises(canonical.NotCanonical):
        canonical.loads(data)


@given(VALUES)
def test_written_and_read_again(value: object) -> None:
    data = canonical.dumps(value)
    assert canonical.loads(data) == value
    assert json.loads(data) == value
