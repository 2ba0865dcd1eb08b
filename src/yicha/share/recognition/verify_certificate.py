"""Checks a recognition certificate with nothing but public keys: no database, no settings, no network.

A certificate is a compact JWS (RFC 7515) signed with Ed25519 (RFC 8037) by a key of the purpose "certificate"; the
keys are the ones that the product publishes at /.well-known/jwks.json (RFC 7517). What cannot be known this way is
whether a result was revoked since: the page to which the code on the paper leads says that.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SPEC = "yicha-certificate/1"
TYPE = "yicha-certificate+jws"
LONGEST = 20_000
"""Characters of a token. Longer input is nothing of ours."""


class NotGenuine(ValueError):
    """The certificate cannot be believed; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A certificate whose signature holds. `still_valid` says of each result, in order, whether its day is not over."""

    payload: dict[str, Any]
    kid: str
    still_valid: tuple[bool, ...]

    @property
    def is_good(self) -> bool:
        """Whether a result on it is valid."""
        return any(self.still_valid)


def read_token(text: str) -> str:
    """The signed text in a certificate's file; also from the bare text, or the address in the code on the paper."""
    text = text.strip()
    if not text.startswith("{"):
        return text.rpartition("#")[2]
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise NotGenuine("This file is no certificate: it is not JSON.") from None
    token = body.get("token")
    if not isinstance(token, str):
        raise NotGenuine("This file is no certificate: it has no signed text.")
    if "certificate" in body and body["certificate"] != read_payload(token):
        raise NotGenuine("What the file says is not what was signed.")
    return token


def read_payload(token: str) -> dict[str, Any]:
    """What a token says, whether or not it can be believed."""
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != 3:
        raise NotGenuine("This is no certificate: it cannot be read.")
    return _object(parts[1])


def digest_of(token: str) -> str:
    """SHA-256 of a token: under this name its issuer knows how it stands."""
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def read_kid(token: str) -> str:
    """The name of the key that a token says it was signed with; empty: it names none."""
    return str(_object(token.partition(".")[0]).get("kid", ""))


def check(token: str, jwks: Mapping[str, Any], at: datetime) -> Checked:
    """What a certificate says, if one of these keys signed it; raises `NotGenuine`. `at` has a time zone."""
    payload = read_payload(token)
    head, _, signature = token.rpartition(".")
    header = _object(head.partition(".")[0])
    if header.get("alg") != "EdDSA" or header.get("typ") != TYPE or payload.get("spec") != SPEC:
        raise NotGenuine("The code was made for something else than a certificate.")
    kid = read_kid(token)
    try:
        _key(jwks, kid, at).verify(_bytes(signature), head.encode("ascii"))
    except (InvalidSignature, UnicodeEncodeError):
        raise NotGenuine("The signature does not fit: it was changed, or made by somebody else.") from None
    if at.timestamp() < _number(payload, "nbf"):
        raise NotGenuine("The certificate does not hold yet.")
    _number(payload, "exp")
    today = at.date().isoformat()
    results = payload.get("results")
    ends = [str(one.get("until", "")) for one in results] if isinstance(results, list) else []
    return Checked(payload, kid, tuple(today <= until for until in ends))


def _key(jwks: Mapping[str, Any], kid: str, at: datetime) -> Ed25519PublicKey:
    keys = jwks.get("keys")
    for key in keys if isinstance(keys, list) else []:
        if not isinstance(key, dict) or key.get("kid") != kid or key.get("crv") != "Ed25519":
            continue
        if key.get("purpose", "certificate") != "certificate":
            continue
        forgotten = key.get("exp")
        if isinstance(forgotten, int) and at.timestamp() >= forgotten:
            continue
        try:
            return Ed25519PublicKey.from_public_bytes(_bytes(str(key.get("x", ""))))
        except ValueError:
            continue
    raise NotGenuine(f"None of these keys signed it (it names {kid or 'none'}).")


def _number(payload: Mapping[str, Any], name: str) -> int:
    value = payload.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotGenuine("This is no certificate: it does not say when it holds.")
    return value


def _object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        raise NotGenuine("This is no certificate: it cannot be read.") from None
    if not isinstance(value, dict):
        raise NotGenuine("This is no certificate: it cannot be read.")
    return value


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotGenuine("This is no certificate: it cannot be read.") from None
