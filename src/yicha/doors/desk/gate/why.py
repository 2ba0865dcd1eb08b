"""Why not? One fact is changed, and the verdict stands beside the one that was given. Nothing is written."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from yicha.base.accounts import queries as accounts
from yicha.decide.gate import queries
from yicha.decide.gate.terms import Change, ChangeKind
from yicha.doors.desk.pages import DeskView
from yicha.doors.templatetags.gate import code_names

BY_VALUE = {
    ChangeKind.TRIGGER,
    ChangeKind.DAY,
    ChangeKind.WITHOUT_ITEM,
    ChangeKind.REASON,
    ChangeKind.RISK_CLASS,
}
"""Changes that need a value; the others are on or off."""


def read_change(given: Any) -> Change | None:
    """The change that a form asks for; None when it asks for nothing that makes sense."""
    kind, value = str(given.get("kind", "")), str(given.get("value", ""))[:200]
    if ":" in kind:
        kind, value = kind.split(":", 1)
    if kind not in {one.value for one in ChangeKind}:
        return None
    wanted = ChangeKind(kind)
    if wanted in BY_VALUE and not value:
        return None
    if wanted is ChangeKind.DAY:
        try:
            date.fromisoformat(value)
        except ValueError:
            return None
    return Change(wanted, value)


class Vary(DeskView):
    """The verdict with one fact changed, on the facts that were kept."""

    action = "gate.view"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = queries.find_application(kwargs["uuid"])
        row = accounts.get_allowed(found, self.person, self.action)
        change = read_change(request.POST)
        verdict = None
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            facts = queries.read_facts(row)
            if change is not None:
                verdict = queries.judge_changed(facts, change)
        context = {"verdict": verdict, "names": code_names(facts)}
        return self.show("desk/gate/varied.html", context)
