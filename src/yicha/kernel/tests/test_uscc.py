from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from yicha.kernel import uscc

REGION = st.text("0123456789", min_size=6, max_size=6)
BODY = st.text(uscc.ALPHABET, min_size=9, max_size=9)


@given(st.text("0123456789", min_size=2, max_size=2), REGION, BODY)
def test_a_code_with_its_check_character_is_accepted_as_by_stdnum(head: str, region: str, body: str) -> None:
    code = head + region + body
    code += uscc.check_character(code)
    assert uscc.parse(code) == uscc.Uscc(code, uscc.Form.USCC)
    assert stdnum_uscc.is_valid(code)


@given(st.sampled_from(["N2", "Y1", "A1", "GA"]), REGION, BODY)
def test_a_code_with_letters_in_front_is_accepted(head: str, region: str, body: str) -> None:
    code = head + region + body
    assert isinstance(uscc.parse(code + uscc.check_character(code)), uscc.Uscc)


@given(REGION, BODY, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_one_wrong_character_is_always_found(region: str, body: str, place: int, other: str) -> None:
    code = "91" + region + body
    code += uscc.check_character(code)
    wrong = code[:place] + other + code[place + 1 :]
    if wrong != code:
        assert isinstance(uscc.parse(wrong), uscc.Problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", uscc.Problem.EMPTY),
        ("  \u3000", uscc.Problem.EMPTY),
        ("9111011510111541", uscc.Problem.LENGTH),
        ("91110115101115413D", uscc.Problem.CHECK),
        ("9111011510111541OC", uscc.Problem.CHARACTER),
        ("91A10115101115413C", uscc.Problem.AUTHORITY),
        ("11010500000000A", uscc.Problem.CHARACTER),
    ],
)
def test_what_is_wrong_with_a_code_has_a_name(text: str, problem: uscc.Problem) -> None:
    assert uscc.parse(text) is problem


def test_full_width_digits_and_stray_spaces_are_the_same_code() -> None:
    assert uscc.parse("９１１１０１１５ 101115413c\u200b") == uscc.Uscc("91110115101115413C", uscc.Form.USCC)


def test_an_old_number_has_fifteen_digits_and_an_authority() -> None:
    found = uscc.parse("110000001234567")
    assert found == uscc.Uscc("110000001234567", uscc.Form.REGISTRATION)
    assert isinstance(found, uscc.Uscc) and found.authority == "110000"


def test_the_check_digit_of_an_old_number() -> None:
    assert uscc.check_digit_15("11010800000001") == "6"
