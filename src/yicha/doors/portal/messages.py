"""What an enterprise was told: the messages, one of them, and its document. Opening a page marks nothing as read."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.base.messages import queries, services
from yicha.doors.portal import seeing
from yicha.doors.portal.pages import PortalView, audience_of
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound

ROWS = 30


class Inbox(PortalView):
    """Everything that was said, the latest first."""

    title = _("Messages")
    part = "messages"
    template_name = "portal/messages.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = queries.list_messages([audience_of(self.enterprise)])
        page = Paginator(found, ROWS).get_page(request.GET.get("page"))
        return self.show(context={"page": page})


class OneMessage(PortalView):
    """One message, and what can be done with it."""

    part = "messages"
    template_name = "portal/message.html"

    @property
    def message(self) -> Any:
        """The message of this address, if it is for this enterprise."""
        found = queries.find_message(self.kwargs["uuid"], [audience_of(self.enterprise)])
        if found is None:
            raise NotFound
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        message = self.message
        return self.show(
            context={
                "message": message,
                "title": message.title,
                "back": self.back(),
                "is_of_visit": self._is_of_visit(message.subject_key),
            }
        )

    def _is_of_visit(self, subject: str) -> bool:
        """Whether it is about a visit that is to come."""
        kind, _colon, uuid = subject.partition(":")
        return kind == "visit" and seeing.list_announced(self.enterprise.uscc).filter(uuid=uuid).exists()

    def own_page(self) -> str:
        """The address of the message."""
        return reverse("portal:message", args=[self.enterprise.uscc, self.kwargs["uuid"]])


class Read(OneMessage):
    """Say that it was read: from then on the enterprise knows it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        services.mark_read(actor=self.actor, now=clock.now(), message=self.message)
        return redirect(self.own_page())


class Download(OneMessage):
    """Take the document; who has it has read the message."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        message = self.message
        if not message.document:
            raise NotFound
        services.mark_read(actor=self.actor, now=clock.now(), message=message)
        file = BytesIO(message.document)
        return FileResponse(
            file, as_attachment=True, filename=message.document_name, content_type="application/pdf"
        )
