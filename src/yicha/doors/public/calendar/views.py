"""An officer's calendar (RFC 5545) for whoever knows its secret address; asked for, it writes nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from yicha.act.dispatch import queries
from yicha.base.ledger import queries as ledger
from yicha.doors.public.pages import PublicPage
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound


class OfficerCalendar(PublicPage):
    """The file. A secret that was revoked and one that never was get the same answer."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        officer = queries.find_feed_officer(self.kwargs["secret"])
        if officer is None:
            raise NotFound
        headers = {
            "Cache-Control": "private, no-store",
            "X-Robots-Tag": "noindex",
            "Content-Disposition": 'inline; filename="yicha.ics"',
        }
        text = queries.write_feed(officer, clock.now(), ledger.count_by_subject)
        return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)
