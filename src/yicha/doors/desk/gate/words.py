"""How the states of applications look and what they are called."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yicha.decide.gate.terms import ApplicationState

STATES: dict[str, tuple[str, str, str | Promise]] = {
    ApplicationState.WAITING.value: ("due", "writing-sign", _("Waiting")),
    ApplicationState.GRANTED.value: ("allow", "circle-check", _("Code issued")),
    ApplicationState.SPARED.value: ("recognise", "link", _("No visit needed")),
    ApplicationState.DEFERRED.value: ("defer", "clock", _("Deferred")),
    ApplicationState.REFUSED.value: ("refuse", "ban", _("May not enter")),
    ApplicationState.PAPERS_DUE.value: ("due", "clock-exclamation", _("Papers due")),
    ApplicationState.WITHDRAWN.value: ("spared", "circle-x", _("Taken back")),
    ApplicationState.REOPENED.value: ("due", "rotate-2", _("Reopened")),
}
"""By state: tone, icon, word."""


def state_words(state: str) -> str:
    """The word of a state."""
    return str(STATES[state][2])
