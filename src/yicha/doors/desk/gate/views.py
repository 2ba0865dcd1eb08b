"""The queues of the gate, the list of applications, one verdict with its reasons, and its code on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import segno
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.ledger import queries as ledger
from yicha.decide.gate import queries
from yicha.decide.gate.terms import ApplicationState
from yicha.doors.desk.acts import act_in_words
from yicha.doors.desk.gate.apply import asked_of
from yicha.doors.desk.gate.tables import ApplicationFilter, ApplicationTable
from yicha.doors.desk.gate.triggers import choices_to_try, trigger_words
from yicha.doors.desk.gate.words import STATES
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import DeskView, ObjectPage, Tab, Words
from yicha.doors.templatetags.gate import APPROVALS, LOOKS, code_names, verdict_look
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits

SHOWN = 8
"""Rows of a queue on the page of queues; the list has the rest."""
SCANNED = 400
"""Waiting applications that are told apart into reasons and approvals."""


def wants_approval_only(application: Any) -> bool:
    """Whether nothing but the approval of the agency's head is missing."""
    return set(application.verdict.get("wants", ())) <= APPROVALS


@dataclass(frozen=True)
class Queue:
    """Applications that wait for the same thing. `count` None: more than were looked at."""

    title: Words
    note: Words
    icon: str
    tone: str
    rows: list[Any]
    count: int
    url: str


class Queues(DeskView):
    """What waits at the gate, by what it waits for."""

    action = "gate.view"
    title = gettext_lazy("The gate")
    template_name = "desk/gate/queues.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = clock.today(clock.now())
        queues = list(self._queues(today))
        context = {
            "queues": queues,
            "has_rows": any(queue.rows for queue in queues),
            "today": today,
            "may_apply": self.may("gate.apply"),
            "may_enter": self.may("gate.enter"),
        }
        return self.show(context=context)

    def _scoped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        # The copy of the facts is long, and no list shows it.
        return accounts.scoped(rows.defer("facts"), self.person, self.action)

    def _queues(self, today: date) -> Iterator[Queue]:
        waiting = list(self._scoped(queries.list_waiting())[:SCANNED])
        for_approval = [one for one in waiting if wants_approval_only(one)]
        for_reason = [one for one in waiting if not wants_approval_only(one)]
        listed = reverse("desk:gate:list")
        yield self._queue(
            _("Waiting for approval"),
            _("The head of the agency approves, or withdraws."),
            "rubber-stamp",
            for_approval,
            f"{listed}?state=waiting",
        )
        yield self._queue(
            _("Waiting for a reason"),
            _("A ground asks why; the answer is judged at once."),
            "writing-sign",
            for_reason,
            f"{listed}?state=waiting",
        )
        for title, note, icon, rows, state in (
            (
                _("Papers due"),
                _("Entered in an emergency; approval and papers follow."),
                "clock-exclamation",
                queries.list_papers_due(),
                "papers-due",
            ),
            (
                _("Reopened"),
                _("A result that stood in was revoked: ask again, or withdraw."),
                "rotate-2",
                queries.list_applications().filter(state=ApplicationState.REOPENED.value),
                "reopened",
            ),
            (
                _("Deferred"),
                _("Ask again when the day has come."),
                "clock",
                queries.list_deferred(),
                "deferred",
            ),
        ):
            found = self._scoped(rows)
            yield self._queue(title, note, icon, found, f"{listed}?state={state}")

    def _queue(self, title: str, note: str, icon: str, rows: Any, url: str) -> Queue:
        whole = isinstance(rows, list)
        count = len(rows) if whole else rows.order_by().count()
        return Queue(title, note, icon, "due" if count else "plain", list(rows[:SHOWN]), count, url)


class Applications(ListPage):
    """All applications of the person's agencies, or of those they oversee."""

    action = "gate.view"
    title = gettext_lazy("All applications")
    table_class = ApplicationTable
    filterset_class = ApplicationFilter
    template_name = "desk/gate/list.html"
    extra_columns = ("uscc", "kind", "window_until", "until_on", "papers_due_on")
    empty_title = gettext_lazy("No applications yet")
    empty_icon = "door-enter"

    def rows(self) -> QuerySet[Any]:
        return queries.list_applications().defer("facts")

    def context(self) -> dict[str, Any]:
        return {"may_apply": self.may("gate.apply")}


def code_address(token: str) -> str:
    """Where a code is checked; the token is in the fragment, which no server is sent."""
    return f"{settings.YICHA.url}{reverse('public:tokens:code')}#{token}"


def code_image(token: str) -> str:
    """The QR code as a data address (SVG)."""
    image: str = segno.make(code_address(token), error="m", micro=False).svg_data_uri(
        scale=4, border=2, dark="#000", light="#fff"
    )
    return image


class OneApplication(ObjectPage):
    """One verdict: the word, its reasons, the facts; what would change it; what happened."""

    action = "gate.view"
    url_name = "desk:gate:object"
    tab_url_name = "desk:gate:tab"
    tabs = (
        Tab("verdict", gettext_lazy("Verdict"), "desk/gate/verdict.html"),
        Tab("why", gettext_lazy("What would change it"), "desk/gate/why.html"),
        Tab("happened", gettext_lazy("Course of the application"), "desk/gate/happened.html"),
    )

    def find(self) -> Any:
        return queries.find_application(self.kwargs["uuid"])

    def context(self) -> dict[str, Any]:
        row = self.object
        verdict, facts = queries.read_verdict(row), queries.read_facts(row)
        waiting = row.state == ApplicationState.WAITING.value
        acts = queries.list_acts(row)
        may_apply = accounts.may(self.person, "gate.apply", row.scope)
        return {
            "title": row.enterprise.name,
            "crumb": _("All applications"),
            "crumb_url": reverse("desk:gate:list"),
            "verdict": verdict,
            "facts": facts,
            "seen": verdict_look(verdict) if waiting else LOOKS[verdict.outcome],
            "names": code_names(facts),
            "tone": STATES[row.state],
            "trigger_words": trigger_words().get(row.trigger, row.trigger),
            "may_answer": waiting and may_apply and bool(asked_of(verdict)),
            "may_approve": waiting
            and bool(APPROVALS & set(verdict.wants))
            and accounts.may(self.person, "gate.approve", row.scope),
            "may_ask_again": may_apply and row.state in ("deferred", "reopened"),
            "may_complete_papers": row.state == "papers-due" and (may_apply or self.may("gate.enter", row)),
            "may_withdraw": "withdraw" in acts and may_apply,
            "code": queries.find_live_code(row.contact) if row.contact else None,
        }

    def context_verdict(self) -> dict[str, Any]:
        code = queries.find_live_code(self.object.contact) if self.object.contact else None
        return {
            "image": code_image(code.token) if code else "",
            "address": code_address(code.token) if code else "",
            "may_revoke": code is not None and accounts.may(self.person, "gate.apply", self.object.scope),
        }

    def context_why(self) -> dict[str, Any]:
        facts = queries.read_facts(self.object)
        return {
            "changes": queries.list_changes(facts),
            "triggers": choices_to_try(),
            "today": clock.today(clock.now()),
        }

    def context_happened(self) -> dict[str, Any]:
        entries = list(ledger.list_entries_of(f"gate:{self.object.uuid}")[:200])
        if self.object.contact is not None:
            entries += list(ledger.list_entries_of(f"visit:{self.object.contact.uuid}")[:200])
        entries.sort(key=lambda entry: (entry.at, entry.pk), reverse=True)
        return {"happened": [(entry, act_in_words(entry.act)) for entry in entries]}


class PrintedCode(DeskView):
    """The visit code on paper: who may enter, when, what for, with its number."""

    action = "gate.view"
    title = gettext_lazy("Visit code")
    template_name = "desk/gate/code.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = queries.find_application(kwargs["uuid"])
        row = accounts.get_allowed(found, self.person, self.action)
        contact = row.contact
        code = queries.find_live_code(contact) if contact else None
        if contact is None or code is None:
            raise NotFound
        items = list(visits.list_items_of(contact))
        certificates = queries.read_code(code)["officers"]
        names = dict(
            registry.list_officers().filter(certificate__in=certificates).values_list("certificate", "name")
        )
        context = {
            "object": row,
            "code": code,
            "image": code_image(code.token),
            "items": items,
            "agencies": list(dict.fromkeys(one.agency.name for one in items)),
            "officers": [(names.get(one, ""), one) for one in certificates],
        }
        return self.show(context=context)
