"""Signing and believing tokens: compact JWS (RFC 7515) with Ed25519 (RFC 8037). Pure: the instant is handed in."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt import PyJWS
from jwt.exceptions import InvalidSignatureError, PyJWTError

from yicha.base.keys.terms import ALGORITHM, JWK, JWKS, LONGEST_LIFE, TYPES, Payload, Purpose
from yicha.kernel.refusal import Reason, Refused

SOURCE = "docs/decisions/0017-visit-codes.md"
LONGEST_TOKEN = 20_000
"""Characters. Longer input is nothing of ours, and is not looked at."""
_JWS = PyJWS(algorithms=[ALGORITHM])


def thumbprint(public: bytes) -> str:
    """The name of a public key: the SHA-256 of its required members in their order (RFC 7638, RFC 8037)."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": in_base64url(public)}
    return in_base64url(hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest())


def in_base64url(data: bytes) -> str:
    """Without padding, as RFC 7515 has it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def sign(key: Ed25519PrivateKey, kid: str, purpose: Purpose, payload: Payload) -> str:
    """A token. What it says is written in one way (keys sorted, no spaces), so that the same gives the same token."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    headers = {"kid": kid, "typ": TYPES % purpose.value}
    return _JWS.encode(body.encode("utf-8"), key, algorithm=ALGORITHM, headers=headers, sort_headers=True)


def refuse_life(purpose: Purpose, payload: Payload, now: datetime) -> list[Reason]:
    """Why a token may not be signed: it would have no end, or one after its key is forgotten."""
    ends = payload.get("exp")
    if not isinstance(ends, int) or isinstance(ends, bool):
        return [Reason("keys.no-end", "A token says when it ends (exp).", SOURCE)]
    if ends > (now + LONGEST_LIFE[purpose]).timestamp():
        days = LONGEST_LIFE[purpose].days
        return [
            Reason("keys.too-long", "A token may hold for %(days)s days at most.", SOURCE, {"days": days})
        ]
    return []


def verify_with(jwks: Mapping[str, Any], token: str, purpose: Purpose | str, at: datetime) -> dict[str, Any]:
    """What a token says, when one of the public keys signed it for this purpose and it holds at this instant.

    Needs no database: `jwks` is what /.well-known/jwks.json answers. Raises `Refused` with one of: keys.malformed,
    keys.wrong-purpose, keys.unknown-key, keys.bad-signature, keys.not-yet, keys.over.
    """
    purpose = Purpose(purpose)
    token = token.strip()
    header = _header(token)
    if header.get("typ") != TYPES % purpose.value:
        _refuse("keys.wrong-purpose", sentence="The code was made for something else.")
    key = _find(jwks, header.get("kid"), at)
    if key.get("purpose", purpose.value) != purpose.value:
        _refuse("keys.wrong-purpose", sentence="The code was made for something else.")
    try:
        public = Ed25519PublicKey.from_public_bytes(_from_base64url(str(key.get("x", ""))))
        body = _JWS.decode(token, public, algorithms=[ALGORITHM])
    except InvalidSignatureError:
        _refuse(
            "keys.bad-signature",
            sentence="The signature does not fit: the code was changed or made by somebody else.",
        )
    except (PyJWTError, ValueError):
        _refuse_malformed()
    return _within(_payload(body), at)


def _header(token: str) -> dict[str, Any]:
    if len(token) > LONGEST_TOKEN or not token.isascii():
        _refuse_malformed()
    try:
        header = _JWS.get_unverified_header(token)
    except (PyJWTError, ValueError, RecursionError):
        _refuse_malformed()
    if header.get("alg") != ALGORITHM:
        _refuse_malformed()
    return header


def _find(jwks: Mapping[str, Any], kid: object, at: datetime) -> JWK:
    keys = jwks.get("keys")
    for key in keys if isinstance(keys, list) else []:
        if isinstance(key, dict) and key.get("kid") == kid and kid:
            forgotten = key.get("exp")
            if not isinstance(forgotten, int) or at.timestamp() < forgotten:
                return key
    raise Refused([Reason("keys.unknown-key", "The code was not signed by a key of ours.", SOURCE)])


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        _refuse_malformed()
    if not isinstance(payload, dict) or not isinstance(payload.get("exp"), int):
        _refuse_malformed()
    if not isinstance(payload.get("nbf", 0), int):
        _refuse_malformed()
    return payload


def _within(payload: dict[str, Any], at: datetime) -> dict[str, Any]:
    if at.timestamp() < payload.get("nbf", 0):
        _refuse("keys.not-yet", sentence="The code does not hold yet.")
    if at.timestamp() >= payload["exp"]:
        _refuse("keys.over", sentence="The code does not hold any more.")
    return payload


def list_jwks(keys: list[tuple[str, Purpose, str, datetime | None]], at: datetime | None = None) -> JWKS:
    """Public keys in the form of RFC 7517, from (kid, purpose, base64url, retired at); forgotten ones left out."""
    found: list[JWK] = []
    for kid, purpose, public, retired_at in keys:
        key: JWK = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": ALGORITHM}
        key |= {"kid": kid, "x": public, "purpose": purpose.value}
        if retired_at is not None:
            forgotten = retired_at + LONGEST_LIFE[purpose]
            if at is not None and at >= forgotten:
                continue
            key["exp"] = int(forgotten.timestamp())
        found.append(key)
    return {"keys": found}


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _refuse(code: str, sentence: str) -> NoReturn:
    raise Refused([Reason(code, sentence=sentence, source=SOURCE)])


def _refuse_malformed() -> NoReturn:
    raise Refused([Reason("keys.malformed", "This is no code of ours: it cannot be read.", SOURCE)])
