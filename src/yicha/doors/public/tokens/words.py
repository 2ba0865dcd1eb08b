"""What is said of a code and of a certificate; the browser and the server say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from yicha.base.keys.terms import Purpose
from yicha.know.visits import queries as visits

_LOOKS = {
    "genuine": ("allow", "circle-check"),
    "early": ("defer", "clock"),
    "expired": ("defer", "clock-exclamation"),
    "withdrawn": ("refuse", "ban"),
    "superseded": ("refuse", "replace"),
    "changed": ("defer", "alert-triangle"),
    "forged": ("refuse", "shield-x"),
    "foreign": ("refuse", "shield-x"),
    "other-kind": ("refuse", "help-circle"),
    "malformed": ("refuse", "help-circle"),
    "unknown": ("refuse", "help-circle"),
    "unsupported": ("defer", "info-circle"),
    "no-keys": ("defer", "info-circle"),
}


def answers(purpose: Purpose) -> dict[str, dict[str, str]]:
    """Per finding: the word, how it looks, and the sentence."""
    own = _of_codes() if purpose is Purpose.VISIT_CODE else _of_certificates()
    words, sentences = _words(), {**_same(), **own}
    return {
        found: {"word": words[found], "tone": tone, "icon": icon, "sentence": sentences[found]}
        for found, (tone, icon) in _LOOKS.items()
    }


def _words() -> dict[str, str]:
    return {
        "genuine": _("Genuine"),
        "early": _("Genuine, not valid yet"),
        "expired": _("Expired"),
        "withdrawn": _("Withdrawn"),
        "superseded": _("Replaced"),
        "changed": _("Partly revoked"),
        "forged": _("Not genuine"),
        "foreign": _("Not issued here"),
        "other-kind": _("Something else"),
        "malformed": _("Not readable"),
        "unknown": _("Not known here"),
        "unsupported": _("This browser cannot check it"),
        "no-keys": _("Not checked"),
    }


def _same() -> dict[str, str]:
    """Sentences that hold for codes and certificates alike."""
    return {
        "changed": _("Some results on it were revoked since; those that still hold are named below."),
        "forged": _("The signature does not fit: something in it was changed, or somebody else made it."),
        "foreign": _("It was signed with a key that this platform has never published."),
        "unknown": _(
            "The signature fits, but this platform has no record of it. Ask the agency that showed it."
        ),
        "unsupported": _("This browser cannot check signatures. Press “Check it”, and the server checks it."),
        "no-keys": _(
            "The published keys could not be fetched, and none are kept on this device. Open this page once with a "
            "network, then try again."
        ),
    }


def _of_codes() -> dict[str, str]:
    return {
        "genuine": _(
            "The gate issued this visit code, and it is valid today. Compare the certificates below."
        ),
        "early": _(
            "The gate issued this visit code, but its days have not come yet. Nobody may enter with it today."
        ),
        "expired": _(
            "The gate issued this visit code, but its days are over. Nobody may enter with it today."
        ),
        "withdrawn": _("The gate issued this visit code and withdrew it since. Nobody may enter with it."),
        "superseded": _("A newer visit code took the place of this one. Ask to see the newer one."),
        "other-kind": _(
            "This was made for something else: it is no visit code, and nobody may enter with it."
        ),
        "malformed": _(
            "This is no visit code, or a part of it is missing. Scan it again, or paste all of it."
        ),
    }


def _of_certificates() -> dict[str, str]:
    return {
        "genuine": _("This certificate was issued here, and its result may be recognised."),
        "early": _("This certificate was issued here, but it is not valid yet."),
        "expired": _(
            "This certificate was issued here, but the time for which its result is recognised is over."
        ),
        "withdrawn": _(
            "This certificate was issued here and revoked since: its result may not be recognised any more."
        ),
        "superseded": _("A newer certificate took the place of this one."),
        "other-kind": _("This was made for something else: it is no certificate of recognition."),
        "malformed": _(
            "This is no certificate, or a part of it is missing. Scan it again, or paste all of it."
        ),
    }


def rows(purpose: Purpose) -> list[dict[str, str]]:
    """What of the payload is shown as facts, in order: label, claim, and how a claim that is a day is written."""
    if purpose is Purpose.VISIT_CODE:
        return [
            {"label": _("enterprise"), "key": "uscc"},
            {"label": _("who may enter: agencies"), "key": "agencies"},
            {"label": _("who may enter: certificates of officers"), "key": "officers"},
            {"label": _("from"), "key": "nbf", "kind": "day"},
            {"label": _("until, included"), "key": "exp", "kind": "last-day"},
            {"label": _("what for"), "key": "items"},
        ]
    return [
        {"label": _("number"), "key": "number"},
        {"label": _("enterprise"), "key": "enterprise"},
        {"label": _("code"), "key": "uscc"},
        {"label": _("found by"), "key": "agency_name"},
        {"label": "", "key": "results", "kind": "results"},
    ]


def codes() -> dict[str, str]:
    """Result codes in words."""
    return {code: str(found) for code, found in visits.list_result_choices()}


def line() -> str:
    """How a result stands on a certificate; places are filled by whoever shows it."""
    return _("%(result)s; found on %(on)s, recognised until %(until)s")


def words(purpose: Purpose) -> Mapping[str, Any]:
    """Everything that the program in the browser says."""
    return {
        "purpose": purpose.value,
        "answers": answers(purpose),
        "rows": rows(purpose),
        "offline": _(
            "Checked without the server, with the keys of %(day)s: whether it was withdrawn since is not known."
        ),
        "kept": _("This page is kept on this device and works without a network."),
        "between": "、",
        "codes": codes(),
        "line": line(),
    }
