"""Steps for many: choose by filters, see how many there are, do it once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_filters import FilterSet

from yicha.act.dispatch import jobs, queries, services
from yicha.base.accounts import queries as accounts
from yicha.doors.desk.dispatch import rights
from yicha.doors.desk.dispatch.acts import LateForm, ManyForm, narrow_to_prepare
from yicha.doors.desk.dispatch.tables import DispatchFilter, ToPrepareFilter
from yicha.doors.desk.pages import FormPage
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused

EXAMPLES = 8
AT_ONCE = 100
"""So many notices are sent while the page waits; more are a job, and the list shows how far it is."""


class ManyPage(FormPage):
    """All rows that fit the filters in the address, and one button."""

    form_class = ManyForm
    template_name = "desk/dispatch/many.html"
    filterset_class: ClassVar[type[FilterSet]] = DispatchFilter
    lead: ClassVar[Any] = ""

    def rows(self) -> QuerySet[Any]:
        """What the person may act on."""
        raise NotImplementedError

    def chosen(self) -> QuerySet[Any]:
        """The rows that fit the filters."""
        found: QuerySet[Any] = self.filterset_class(
            self.request.GET, queryset=self.rows(), request=self.request
        ).qs
        return found

    def back(self) -> str:
        return f"{reverse('desk:dispatch:list')}?{self.request.GET.urlencode()}"

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"expected": self.chosen().order_by().values("pk").count()}}

    def context(self) -> dict[str, Any]:
        count = self.chosen().order_by().values("pk").count()
        names = [getattr(row, "contact", row).enterprise.name for row in self.chosen()[:EXAMPLES]]
        return {
            "count": count,
            "lead": self.lead,
            "examples": names,
            "more": max(0, count - EXAMPLES),
            "crumb_url": self.back(),
        }

    def take(self, form: Any) -> list[Any]:
        """The rows; refused when they are not as many as the person was shown."""
        rows = list(self.chosen())
        if not rows or len(rows) != form.cleaned_data["expected"]:
            raise Refused(
                [
                    Reason(
                        "dispatch.other-number",
                        "There are %(count)s now: look again, then decide.",
                        facts={"count": len(rows)},
                    )
                ]
            )
        return rows


class PrepareMany(ManyPage):
    """Prepare all visits that fit the filters, announced."""

    action = "dispatch.prepare"
    title = gettext_lazy("Prepare all that fit")
    submit = gettext_lazy("Prepare them all")
    filterset_class = ToPrepareFilter
    lead = gettext_lazy("Each gets its number, its clocks and one list of papers. All are prepared, or none.")

    def rows(self) -> QuerySet[Any]:
        found: QuerySet[Any] = narrow_to_prepare(self.person)
        return found

    def back(self) -> str:
        return f"{reverse('desk:dispatch:to_prepare')}?{self.request.GET.urlencode()}"

    def act(self, form: Any) -> str:
        rows = services.prepare(actor=self.actor, now=clock.now(), contacts=self.take(form))
        self.done(
            ngettext("%(count)s visit is prepared.", "%(count)s visits are prepared.", len(rows))
            % {"count": len(rows)}
        )
        return f"{reverse('desk:dispatch:list')}?state=prepared"


class ApproveMany(ManyPage):
    """Approve one's own agency's part of all that fit the filters."""

    action = rights.APPROVE
    title = gettext_lazy("Approve all that fit")
    submit = gettext_lazy("Approve them all")
    lead = gettext_lazy(
        "Your agency's part of each. Where you are the last, the visit gets its code at once."
    )

    def rows(self) -> QuerySet[Any]:
        found: QuerySet[Any] = rights.list_waiting_for(self.person)
        return found

    def act(self, form: Any) -> str:
        rows, done = self.take(form), 0
        for agency in rights.agencies_of_head(self.person):
            own = queries.list_waiting_for([agency]).filter(pk__in=[row.pk for row in rows])
            found = list(accounts.scoped(own, self.person, self.action))
            if found:
                services.approve(actor=self.actor, now=clock.now(), dispatches=found, agency=agency)
                done += len(found)
        self.done(ngettext("%(count)s part approved.", "%(count)s parts approved.", done) % {"count": done})
        return reverse("desk:dispatch:list")


class NotifyMany(ManyPage):
    """Send the notices of all approved visits that fit the filters."""

    action = "dispatch.prepare"
    title = gettext_lazy("Send all notices that fit")
    submit = gettext_lazy("Send them all")
    form_class = LateForm
    lead = gettext_lazy("Each enterprise gets its notice inside and at the addresses that it gave.")

    def rows(self) -> QuerySet[Any]:
        return accounts.scoped(queries.list_to_notify(), self.person, self.action)

    def act(self, form: Any) -> str:
        rows, because = self.take(form), form.cleaned_data["late_because"]
        today = clock.today(clock.now())
        if not because.strip() and any(today > row.notice_due_on for row in rows):
            raise Refused(
                [
                    Reason(
                        "dispatch.late-reason-many",
                        "Some of these notices are late: say why.",
                        at_field="late_because",
                    )
                ]
            )
        if len(rows) <= AT_ONCE:
            services.notify(actor=self.actor, now=clock.now(), dispatches=rows, late_because=because)
            words = ngettext("%(count)s notice is sent.", "%(count)s notices are sent.", len(rows))
        else:
            jobs.start_notify([row.number for row in rows], self.actor, because)
            words = _("%(count)s notices are being set and sent; this list shows what is left.")
        self.done(words % {"count": len(rows)})
        return f"{reverse('desk:dispatch:list')}?state=approved" if len(rows) > AT_ONCE else self._sent()

    def _sent(self) -> str:
        return f"{reverse('desk:dispatch:list')}?state=notified"
