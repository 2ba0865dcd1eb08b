"""Asking the gate, which writes nothing, and reading what it said before."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from yicha.decide.gate import models, rules
from yicha.decide.gate.queries.facts import get_facts
from yicha.decide.gate.queries.lists import list_triggers_in_force
from yicha.decide.gate.rules import forms
from yicha.decide.gate.rules.case import EMERGENCY
from yicha.decide.gate.terms import Application, Change, Facts, TriggerFacts, Verdict


def preview(application: Application, now: datetime) -> tuple[Verdict, Facts]:
    """May this visit happen, and what was looked at. Nothing is written."""
    facts = get_facts([application], now)[0]
    return rules.judge(facts), facts


def preview_many(
    applications: Sequence[Application], now: datetime, without: Collection[str] = ()
) -> list[Verdict]:
    """The verdict on each application by itself, in their order; read in one statement.

    `without`: visits (uuids) that are left out, as if they were not planned.
    """
    found = get_facts(applications, now)
    if without:
        found = [
            replace(facts, contacts=tuple(one for one in facts.contacts if one.uuid not in without))
            for facts in found
        ]
    return [rules.judge(facts) for facts in found]


def to_form(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON, for whoever keeps verdicts beside applications."""
    form: dict[str, Any] = forms.to_form(verdict)
    return form


def from_form(form: Mapping[str, Any]) -> Verdict:
    """The verdict again."""
    return forms.from_form(Verdict, form)


def read_verdict(application: models.Application) -> Verdict:
    """The verdict that was stored with an application."""
    return forms.from_form(Verdict, application.verdict)


def read_facts(application: models.Application) -> Facts:
    """The facts from which its verdict was found, as they were then."""
    return forms.from_form(Facts, application.facts)


def read_asked(application: models.Application) -> Application:
    """What was asked, as `preview` takes it."""
    return read_facts(application).application


def list_changes(facts: Facts) -> list[Change]:
    """Why not? Every single change that would give another answer, with that answer; the best first."""
    return rules.what_would_change(facts, _triggers(facts))


def judge_changed(facts: Facts, change: Change) -> Verdict | None:
    """The verdict with one fact changed; None when the change makes no sense of these facts."""
    try:
        return rules.judge(rules.vary(facts, change, _triggers(facts)))
    except ValueError:
        return None


def _triggers(facts: Facts) -> list[TriggerFacts]:
    """The triggers that could be named instead, as they were in force; an emergency is entered, not applied for."""
    names = [one.name for one in fields(TriggerFacts)]
    rows = list_triggers_in_force(facts.today)
    return [
        TriggerFacts(**{name: getattr(row, name) for name in names}) for row in rows if row.code != EMERGENCY
    ]


def read_code(code: models.VisitCode) -> dict[str, Any]:
    """What a visit code says: visit, items, officers, agencies, days. Our own token, so nothing is verified."""
    body = code.token.split(".")[1]
    said: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return said
