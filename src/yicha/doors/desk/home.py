"""The home of the desk: what waits for me, what I started, my region in four numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.pages import DeskView
from yicha.doors.desk.waiting import list_waiting
from yicha.kernel import clock
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits


@dataclass(frozen=True)
class Number:
    """A tile: what it counts, how many, and the list behind it."""

    label: str | Promise
    value: int
    url: str = ""
    note: str | Promise = ""


class Home(DeskView):
    """The first page after sign-in."""

    action = "home.view"
    title = gettext_lazy("What waits for me")
    template_name = "desk/home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        waiting = list_waiting(self.person)
        today = clock.today(clock.now())
        context = {
            "waiting": [one for one in waiting if one.mine],
            "started": [one for one in waiting if not one.mine],
            "today": today,
            "numbers": _numbers(self.person, today) if self.may("registry.view") else [],
        }
        return self.show(context=context)


def _numbers(person: Person, today: date) -> list[Number]:
    """Four numbers of what this person may see."""
    enterprises = accounts.scoped(registry.list_enterprises(), person, "registry.view")
    officers = accounts.scoped(registry.list_fit_officers(today), person, "registry.view")
    contacts = accounts.scoped(visits.list_contacts(), person, "visit.view")
    this_year = contacts.filter(planned_on__year=today.year)
    planned = this_year.filter(state="planned").order_by().count()
    made = this_year.filter(state="made").order_by().count()
    listed = reverse("desk:visits:list")
    return [
        Number(
            _("active enterprises"),
            enterprises.filter(status="active").order_by().count(),
            f"{reverse('desk:enterprises:list')}?status=active",
        ),
        Number(
            _("officers whose certificate holds"),
            officers.order_by().count(),
            reverse("desk:officers:list"),
        ),
        Number(_("visits planned"), planned, f"{listed}?state=opened", str(today.year)),
        Number(_("visits made"), made, f"{listed}?state=closed", str(today.year)),
    ]
