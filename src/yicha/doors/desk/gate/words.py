"""How the states of applications look."""

from __future__ import annotations

from yicha.decide.gate.terms import ApplicationState

STATES = {
    ApplicationState.WAITING.value: ("due", "writing-sign"),
    ApplicationState.GRANTED.value: ("allow", "circle-check"),
    ApplicationState.SPARED.value: ("recognise", "link"),
    ApplicationState.DEFERRED.value: ("defer", "clock"),
    ApplicationState.REFUSED.value: ("refuse", "ban"),
    ApplicationState.PAPERS_DUE.value: ("due", "clock-exclamation"),
    ApplicationState.WITHDRAWN.value: ("spared", "circle-x"),
    ApplicationState.REOPENED.value: ("due", "rotate-2"),
}
