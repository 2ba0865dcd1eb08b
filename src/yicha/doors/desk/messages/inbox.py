"""What a person was told: as an officer, and as somebody of an agency."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.accounts.terms import Role
from yicha.base.messages import queries, services
from yicha.doors.desk.pages import DeskView
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.visits import queries as visits

ROWS = 50
ACTING = (Role.PLANNER, Role.APPROVER, Role.OFFICER, Role.COORDINATOR)
"""Who reads what an agency is told; who only watches it does not open its letters."""


def list_audiences(person: Person) -> list[str]:
    """As whom a person is told something: the officer of the own certificate, and the agencies one acts for."""
    certificate = getattr(person, "certificate", "")
    own = [queries.audience_of("officer", certificate)] if certificate else []
    agencies = dict.fromkeys(
        code for role in ACTING for code in accounts.list_agencies_of(person, role) if code
    )
    return [*own, *(queries.audience_of("agency", code) for code in agencies)]


class Inbox(DeskView):
    """Everything that was said, the latest first."""

    action = "dispatch.view"
    title = _("Messages")
    template_name = "desk/messages/inbox.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = queries.list_messages(list_audiences(self.person))
        return self.show(context={"page": Paginator(found, ROWS).get_page(request.GET.get("page"))})


class OneMessage(DeskView):
    """One message, and the visit that it is about."""

    action = "dispatch.view"
    template_name = "desk/messages/object.html"

    @property
    def message(self) -> Any:
        """The message of this address, if it is for this person."""
        found = queries.find_message(self.kwargs["uuid"], list_audiences(self.person))
        if found is None:
            raise NotFound
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        message = self.message
        kind, _colon, key = message.subject_key.partition(":")
        contact = visits.list_contacts().filter(uuid=key).first() if kind == "visit" else None
        seen = contact is not None and self.may("visit.view", contact)
        return self.show(
            context={
                "message": message,
                "title": message.title,
                "visit_url": reverse("desk:visits:object", args=[key]) if seen else "",
            }
        )


class Read(OneMessage):
    """Say that it was read."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        message = self.message
        services.mark_read(actor=self.actor, now=clock.now(), message=message)
        return redirect(reverse("desk:messages:object", args=[message.uuid]))
