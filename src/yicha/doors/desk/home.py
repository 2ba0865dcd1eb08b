"""The home of the desk: what waits for me, what I started, my region in four numbers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.pages import DeskView
from yicha.doors.desk.waiting import list_waiting
from yicha.kernel import clock


class Home(DeskView):
    """The first page after sign-in."""

    action = "home.view"
    title = _("What waits for me")
    template_name = "desk/home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        waiting = list_waiting(self.person)
        context = {
            "waiting": [one for one in waiting if one.mine],
            "started": [one for one in waiting if not one.mine],
            "today": clock.today(clock.now()),
        }
        return self.show(context=context)
