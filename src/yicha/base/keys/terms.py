"""Words of keys: what is signed, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

ALGORITHM = "EdDSA"
"""RFC 8037, with Ed25519."""
TYPES = "yicha-%s+jws"
"""The header `typ` of a token, by its purpose: a certificate never passes for a visit code."""

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]
Payload = Mapping[str, JSON]
"""What a token says. `exp` (seconds, when it ends) must be there; `nbf` (when it begins) may be."""
JWK = dict[str, str | int]
JWKS = dict[str, list[JWK]]
"""RFC 7517; each key has the additional members `purpose` and, once retired, `exp`: when it is no longer believed."""


class Purpose(StrEnum):
    """What a key signs. Every purpose has keys of its own."""

    VISIT_CODE = "visit-code"
    CERTIFICATE = "certificate"


LONGEST_LIFE = {Purpose.VISIT_CODE: timedelta(days=400), Purpose.CERTIFICATE: timedelta(days=1100)}
"""So long may a token hold at most. A retired key is believed for as long, and then forgotten: so no list of tokens
has to be kept to know when the last one has ended. Ours; a visit's window and a result's validity are far shorter.
"""
