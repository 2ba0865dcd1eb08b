"""A certificate is believed for its signature alone: without a database and without settings."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW, TODAY
from yicha.share.recognition import rules
from yicha.share.recognition.verify_certificate import NotGenuine, check, read_token

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PAYLOAD: dict[str, Any] = {
    "spec": "yicha-certificate/1",
    "number": "HR-110112-fire-2026-0001",
    "uscc": "91110112MA0000001X",
    "enterprise": "北京马驹桥老面馆",
    "results": [{"item": "fire-001", "until": "2026-12-28"}, {"item": "fire-002", "until": "2026-06-30"}],
    "nbf": rules.seconds(TODAY),
    "exp": rules.seconds(TODAY + timedelta(days=181)),
}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(payload: dict[str, Any] = PAYLOAD, *, key: Ed25519PrivateKey = KEY, **header: str) -> str:
    head = {"alg": "EdDSA", "kid": "k1", "typ": "yicha-certificate+jws", **header}
    signed = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(payload).encode())}"
    return f"{signed}.{b64(key.sign(signed.encode()))}"


def jwks(**more: Any) -> dict[str, Any]:
    public = b64(KEY.public_key().public_bytes_raw())
    return {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": public, **more}]}


def test_a_certificate_that_was_not_touched_is_believed() -> None:
    checked = check(token(), jwks(purpose="certificate"), NOW)
    assert (checked.payload["uscc"], checked.kid) == ("91110112MA0000001X", "k1")
    assert checked.still_valid == (True, False) and checked.is_good
    later = check(token(), jwks(), NOW + timedelta(days=400))
    assert not later.is_good


@pytest.mark.parametrize(
    ("bad", "keys", "why"),
    [
        (token(key=Ed25519PrivateKey.generate()), jwks(), "signature does not fit"),
        (token({**PAYLOAD, "spec": "yicha-visit/1"}), jwks(), "something else"),
        (token(typ="yicha-visit-code+jws"), jwks(), "something else"),
        (token(alg="none"), jwks(), "something else"),
        (token(kid="k2"), jwks(), "None of these keys"),
        (token(), jwks(purpose="visit-code"), "None of these keys"),
        (token(), jwks(exp=int(NOW.timestamp())), "None of these keys"),
        (token(), {"keys": "none"}, "None of these keys"),
        (token({**PAYLOAD, "nbf": rules.seconds(TODAY + timedelta(days=1))}), jwks(), "not hold yet"),
        (token({k: v for k, v in PAYLOAD.items() if k != "exp"}), jwks(), "does not say when"),
        ("a.b", jwks(), "cannot be read"),
        ("x" * 30_000, jwks(), "cannot be read"),
    ],
)
def test_anything_else_is_not_believed_and_says_why(bad: str, keys: dict[str, Any], why: str) -> None:
    with pytest.raises(NotGenuine, match=why):
        check(bad, keys, NOW)


def test_every_changed_character_is_noticed() -> None:
    good = token()
    for at in range(0, len(good) - 1, 7):  # the last character holds two bits that mean nothing
        changed = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
        with pytest.raises(NotGenuine):
            check(changed, jwks(), NOW)


@given(text=st.text(max_size=200))
def test_no_text_makes_it_stumble(text: str) -> None:
    with pytest.raises(NotGenuine):
        check(read_token(text), jwks(), NOW)


def test_a_file_must_say_what_was_signed() -> None:
    good = token()
    assert read_token(json.dumps({"certificate": PAYLOAD, "token": good})) == good
    assert read_token(f"http://127.0.0.1:8000/certificate/#{good}\n") == good
    forged = {"certificate": {**PAYLOAD, "enterprise": "别人"}, "token": good}
    with pytest.raises(NotGenuine, match="not what was signed"):
        read_token(json.dumps(forged))
    with pytest.raises(NotGenuine, match="no signed text"):
        read_token("{}")


def test_it_needs_neither_django_nor_settings(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps({"token": token()}))
    (tmp_path / "keys.json").write_text(json.dumps(jwks()))
    program = (
        "import sys; from yicha.doors.cli.main import main\n"
        f"code = main(['certificate', 'verify', {str(tmp_path / 'c.json')!r}, "
        f"'--keys', {str(tmp_path / 'keys.json')!r}, '--on', '2026-07-01'])\n"
        "assert 'django' not in sys.modules, 'Django was needed'\n"
        "raise SystemExit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "91110112MA0000001X" in done.stdout and "fire-001" in done.stdout
