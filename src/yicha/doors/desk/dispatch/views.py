"""What is on its way, what may be prepared, one of them with its documents."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.act.dispatch import queries
from yicha.base.accounts import queries as accounts
from yicha.base.ledger import queries as ledger
from yicha.base.workdays import queries as workdays
from yicha.decide.gate import queries as gate
from yicha.doors.desk.acts import act_in_words
from yicha.doors.desk.dispatch import rights
from yicha.doors.desk.dispatch.tables import DispatchFilter, DispatchTable, ToPrepareFilter, ToPrepareTable
from yicha.doors.desk.dispatch.words import TONES, clock_of, say_left
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import DeskView, ObjectPage, Tab
from yicha.doors.templatetags.look import at, on
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound


class Dispatches(ListPage):
    """Everything that is on its way or was."""

    action = "dispatch.view"
    title = gettext_lazy("Dispatch")
    table_class = DispatchTable
    filterset_class = DispatchFilter
    template_name = "desk/dispatch/list.html"
    extra_columns = ("uscc", "region", "approval_due_on", "notice_due_on", "notified_at")
    empty_title = gettext_lazy("Nothing is on its way yet")
    empty_icon = "send"

    def rows(self) -> QuerySet[Any]:
        return queries.list_from(clock.today(clock.now()))

    def context(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        given = self.request.GET.copy()
        for name in ("page", "sort", "export", "columns"):
            given.pop(name, None)
        chosen = f"?{given.urlencode()}"
        mine = accounts.scoped(queries.list_to_notify(), self.person, "dispatch.prepare")
        ahead = accounts.scoped(queries.list_to_prepare(today), self.person, "dispatch.prepare")
        return {
            "to_prepare": ahead.order_by().values("pk").count() if self.may("dispatch.prepare") else 0,
            "may_prepare": self.may("dispatch.prepare"),
            "to_approve": rights.list_waiting_for(self.person).count(),
            "to_notify": mine.count(),
            "late": accounts.scoped(queries.list_overdue(today), self.person, self.action).count(),
            "approve_url": reverse("desk:dispatch:approve_many") + chosen,
            "notify_url": reverse("desk:dispatch:notify_many") + chosen,
        }


class ToPrepare(ListPage):
    """Visits that every agency accepted and nobody has sent out."""

    action = "dispatch.prepare"
    title = gettext_lazy("Visits to prepare")
    table_class = ToPrepareTable
    filterset_class = ToPrepareFilter
    template_name = "desk/dispatch/to_prepare.html"
    extra_columns = ("uscc",)
    empty_title = gettext_lazy("No visit may be prepared now")
    empty_icon = "calendar-event"

    def rows(self) -> QuerySet[Any]:
        return queries.list_to_prepare(clock.today(clock.now()))

    def context(self) -> dict[str, Any]:
        given = self.request.GET.urlencode()
        return {"prepare_url": f"{reverse('desk:dispatch:prepare_many')}?{given}"}


class OneDispatch(ObjectPage):
    """One visit on its way: what was approved and sent, the documents, the ledger."""

    action = "dispatch.view"
    url_name = "desk:dispatch:object"
    tab_url_name = "desk:dispatch:tab"
    tabs = (
        Tab("way", gettext_lazy("On its way"), "desk/dispatch/way.html"),
        Tab("papers", gettext_lazy("Documents"), "desk/dispatch/papers.html"),
        Tab("ledger", gettext_lazy("Ledger"), "desk/dispatch/ledger.html"),
    )

    def find(self) -> Any:
        return queries.find_dispatch(self.kwargs["uuid"])

    def context(self) -> dict[str, Any]:
        row, today = self.object, clock.today(clock.now())
        found = clock_of(row)
        acts = queries.list_acts(row)
        may_prepare = self.may("dispatch.prepare", row)
        parts = queries.list_agencies_of(row)
        return {
            "title": row.contact.enterprise.name,
            "head_code": row.number,
            "crumb": _("Dispatch"),
            "crumb_url": reverse("desk:dispatch:list"),
            "tone": TONES[row.state],
            "contact": row.contact,
            "parts": parts,
            "may_approve": rights.list_may_approve(self.person, row, parts),
            "may_notify": may_prepare and "notify" in acts,
            "may_withdraw": may_prepare and "withdraw" in acts,
            "clock": f"{found[0]} {on(found[1])} · {say_left(found[1], today, workdays.get_calendar())}"
            if found
            else "",
            "is_late": found is not None and found[1] < today,
        }

    def context_way(self) -> dict[str, Any]:
        row = self.object
        (facts,) = queries.read_visits([row.contact_id])
        given = {one.agency.code: one for one in queries.list_approvals(row)}
        return {
            "facts": facts,
            "steps": _Steps(row, given, queries.list_agencies_of(row), _list_joined(row)).all(),
            "papers": row.papers,
            "officers": [(facts.agencies.get(one.agency, one.agency), one) for one in facts.officers],
            "items": [(facts.agencies[one.agency], one) for one in facts.items],
        }

    def context_papers(self) -> dict[str, Any]:
        code = gate.find_live_code(self.object.contact)
        return {"notices": queries.list_notices(self.object), "code": code}

    def context_ledger(self) -> dict[str, Any]:
        entries = ledger.list_entries_of(f"visit:{self.object.contact.uuid}")[:200]
        return {"entries": [(entry, act_in_words(entry.act)) for entry in entries]}


def _list_joined(row: Any) -> dict[str, str]:
    """Who approved what agencies asked for at the gate that became part of this visit, by agency."""
    asked = gate.list_applications().filter(contact=row.contact).order_by("asked_at", "pk")
    return dict(asked.values_list("agency__code", "approved_by"))


class _Steps:
    """The way as a rail: (title, state, owner, clock, lines) of every step, done, present and ahead."""

    def __init__(
        self, row: Any, given: dict[str, Any], parts: dict[str, str], joined: dict[str, str]
    ) -> None:
        self.row, self.given, self.parts, self.joined = row, given, parts, joined

    def all(self) -> list[dict[str, Any]]:
        steps = [self._prepared(), self._approved(), self._told()]
        if self.row.state == "withdrawn":
            steps.append(_step(_("Withdrawn"), "stopped", lines=[(_("Reason"), self.row.withdrawn_because)]))
        for number, step in enumerate(steps, start=1):
            step["number"] = number
        return steps

    def _prepared(self) -> dict[str, Any]:
        lines = [(_("Unannounced because"), self.row.unannounced_because)]
        return _step(_("Prepared"), "done", _name(self.row.prepared_by), at(self.row.prepared_at), lines)

    def _approved(self) -> dict[str, Any]:
        lines = [(name, self._approval(code)) for code, name in self.parts.items()]
        done = self.row.approved_at is not None
        when = at(self.row.approved_at) if done else _("by %(day)s") % {"day": on(self.row.approval_due_on)}
        state = "done" if done else self._present("prepared")
        return _step(_("Approved by every agency's head"), state, "、".join(self.parts.values()), when, lines)

    def _approval(self, code: str) -> str:
        """Who approved an agency's part: its head here, or at the gate if it came in after all had approved."""
        if code in self.given:
            return f"{_name(self.given[code].approved_by)} · {at(self.given[code].approved_at)}"
        if self.row.approved_at is not None and code in self.joined:
            return _("joined by the gate") + (f" · {self.joined[code]}" if self.joined[code] else "")
        return _("waits")

    def _told(self) -> dict[str, Any]:
        row = self.row
        if row.contact.unannounced:
            state = "done" if row.state == "ready" else self._present("approved")
            return _step(_("Ready, without notice"), state, "", "", [])
        done = row.notified_at is not None
        when = at(row.notified_at) if done else _("by %(day)s") % {"day": on(row.notice_due_on)}
        lines = [(_("Late because"), row.late_because)]
        if row.running:
            lines.append((_("Visits this year"), str(row.running)))
        state = "done" if done else self._present("approved")
        return _step(_("Notice to the enterprise"), state, row.contact.lead_agency.name, when, lines)

    def _present(self, state: str) -> str:
        return "now" if self.row.state == state else "next"


def _step(
    title: str, state: str, owner: str = "", when: str = "", lines: list[tuple[str, str]] | None = None
) -> dict[str, Any]:
    return {
        "title": title,
        "state": state,
        "owner": owner,
        "clock": when,
        "lines": [line for line in lines or [] if line[1]],
    }


def _name(username: str) -> str:
    """A person's name; of one who is gone, the sign-in name."""
    user = accounts.find_user(username)
    return user.display_name or username if user is not None else username


class _Paper(DeskView):
    """A document of one of them, to look at in the browser."""

    action = "dispatch.view"

    def dispatched(self) -> Any:
        """The one of this address."""
        return rights.get_dispatch(self.kwargs["uuid"], self.person, self.action)

    def back(self) -> str:
        return reverse("desk:dispatch:object", args=[self.kwargs["uuid"]])


class ApprovalPaper(_Paper):
    """The approval form as it stands."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.dispatched()
        return pdf_response(queries.approval_pdf(row, clock.now()), f"{row.number}-approval.pdf")


class NoticePaper(_Paper):
    """A notice, the very bytes that were sent."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.dispatched()
        notice = queries.find_notice(row, self.kwargs["version"])
        if notice is None:
            raise NotFound
        return pdf_response(queries.notice_pdf(notice), f"{row.number}-{notice.version}.pdf")


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF, shown in the browser; no cache keeps it."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
