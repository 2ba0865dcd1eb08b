"""Tokens: what is signed is believed, and everything else is refused by name."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from yicha.base.keys import rules
from yicha.base.keys.terms import JWKS, LONGEST_LIFE, Purpose
from yicha.kernel import clock
from yicha.kernel.refusal import Refused

NOW = datetime(2026, 7, 1, 9, tzinfo=clock.BEIJING)
HOUR = timedelta(hours=1)
# RFC 8037, appendix A.1 and A.3
SEED = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
KID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def payload(**more: Any) -> dict[str, Any]:
    return {
        "visit": "一",
        "nbf": int((NOW - HOUR).timestamp()),
        "exp": int((NOW + HOUR).timestamp()),
        **more,
    }


def jwks(retired_at: datetime | None = None, key: Ed25519PrivateKey = KEY, kid: str = KID) -> JWKS:
    public = rules.in_base64url(key.public_key().public_bytes_raw())
    return rules.list_jwks([(kid, Purpose.VISIT_CODE, public, retired_at)])


def token(**more: Any) -> str:
    return rules.sign(KEY, KID, Purpose.VISIT_CODE, payload(**more))


def why(text: str, at: datetime = NOW, keys: JWKS | None = None, purpose: str = "visit-code") -> str:
    with pytest.raises(Refused) as error:
        rules.verify_with(jwks() if keys is None else keys, text, purpose, at)
    return error.value.codes[0]


def test_the_name_of_a_key_is_that_of_rfc_8037() -> None:
    assert rules.thumbprint(KEY.public_key().public_bytes_raw()) == KID


def test_what_was_signed_is_read_back_by_the_public_key_alone() -> None:
    assert rules.verify_with(jwks(), f" {token()}\n", "visit-code", NOW) == payload()


def test_the_same_words_give_the_same_token() -> None:
    assert token() == token()


def test_a_changed_token_is_refused() -> None:
    head, _, signature = token().split(".")
    body = rules.in_base64url(json.dumps(payload(visit="二")).encode())
    assert why(f"{head}.{body}.{signature}") == "keys.bad-signature"


def test_a_key_of_somebody_else_is_refused() -> None:
    stranger = Ed25519PrivateKey.generate()
    assert why(rules.sign(stranger, KID, Purpose.VISIT_CODE, payload())) == "keys.bad-signature"
    assert why(rules.sign(stranger, "other", Purpose.VISIT_CODE, payload())) == "keys.unknown-key"


def test_a_certificate_never_passes_for_a_visit_code() -> None:
    certificate = rules.sign(KEY, KID, Purpose.CERTIFICATE, payload())
    assert why(certificate) == "keys.wrong-purpose"
    assert why(certificate, purpose="certificate") == "keys.wrong-purpose", "the key is of another purpose"


def test_it_holds_from_its_first_second_to_before_its_last() -> None:
    assert why(token(), NOW - HOUR - timedelta(seconds=1)) == "keys.not-yet"
    assert rules.verify_with(jwks(), token(), "visit-code", NOW - HOUR)
    assert rules.verify_with(jwks(), token(), "visit-code", NOW + HOUR - timedelta(seconds=1))
    assert why(token(), NOW + HOUR) == "keys.over"


def test_a_retired_key_is_believed_until_everything_it_signed_has_ended() -> None:
    life = LONGEST_LIFE[Purpose.VISIT_CODE]
    signed = token(exp=int((NOW + life).timestamp()))
    retired = jwks(retired_at=NOW)
    assert rules.verify_with(retired, signed, "visit-code", NOW + life - HOUR)
    assert why(signed, NOW + life, retired) == "keys.unknown-key"


def test_a_token_may_not_outlive_its_key() -> None:
    life = LONGEST_LIFE[Purpose.VISIT_CODE]
    assert rules.refuse_life(Purpose.VISIT_CODE, {"exp": int((NOW + life).timestamp())}, NOW) == []
    too_long = rules.refuse_life(Purpose.VISIT_CODE, {"exp": int((NOW + life + HOUR).timestamp())}, NOW)
    endless = rules.refuse_life(Purpose.VISIT_CODE, {}, NOW)
    assert [one.code for one in (*too_long, *endless)] == ["keys.too-long", "keys.no-end"]


def test_no_other_algorithm_is_taken() -> None:
    import jwt

    assert why(jwt.encode(payload(), "x" * 40, headers={"kid": KID})) == "keys.malformed"
    assert why(jwt.encode(payload(), "", algorithm="none")) == "keys.malformed"


@pytest.mark.parametrize("body", [b"[]", b"x", b"{}", b'{"exp":"x"}', b'{"exp":9999999999,"nbf":"x"}'])
def test_a_signed_body_that_says_nothing_is_refused(body: bytes) -> None:
    from jwt import PyJWS

    headers = {"kid": KID, "typ": "yicha-visit-code+jws"}
    assert why(PyJWS().encode(body, KEY, algorithm="EdDSA", headers=headers)) == "keys.malformed"


@given(text=st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_=-]*(\.[A-Za-z0-9_=-]*){2}")))
def test_whatever_is_typed_gets_a_name(text: str) -> None:
    assert why(text).startswith("keys.")


@given(st.integers(min_value=0), st.sampled_from("AZaz09_-."))
def test_no_letter_of_a_token_can_be_changed(place: int, letter: str) -> None:
    signed = token()
    place %= len(signed) - 1  # the last letter holds bits that mean nothing
    changed = signed[:place] + letter + signed[place + 1 :]
    if changed != signed:
        assert why(changed).startswith("keys.")


def test_a_broken_list_of_keys_knows_no_key() -> None:
    broken: tuple[dict[str, Any], ...] = ({}, {"keys": None}, {"keys": ["x"]}, {"keys": [{}]})
    for keys in broken:
        assert why(token(), keys=keys) == "keys.unknown-key"
    assert why(token(), keys={"keys": [{"kid": KID, "x": "short"}]}) == "keys.malformed"
