"""Decisions for many: choose by filters, see how many there are, decide once."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_filters import FilterSet

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.pages import FormPage
from yicha.doors.desk.undisturbed.tables import CandidateFilter, ListingFilter
from yicha.kernel import clock
from yicha.know.undisturbed import queries, services
from yicha.know.undisturbed.terms import ListingState

EXAMPLES = 8


class ManyForm(forms.Form):
    """How many the person was shown: the service refuses when it is another number by then."""

    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ManyPage(FormPage):
    """All rows that fit the filters in the address, and one button."""

    form_class = ManyForm
    template_name = "desk/undisturbed/many.html"
    filterset_class: ClassVar[type[FilterSet]]
    lead: ClassVar[Any] = ""

    def rows(self) -> QuerySet[Any]:
        """What the person may decide on."""
        raise NotImplementedError

    def chosen(self) -> QuerySet[Any]:
        """The rows that fit the filters."""
        found: QuerySet[Any] = self.filterset_class(
            self.request.GET, queryset=self.rows(), request=self.request
        ).qs
        return found

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"expected": self.chosen().order_by().count()}}

    def context(self) -> dict[str, Any]:
        chosen = self.chosen()
        count = chosen.order_by().count()
        return {
            "count": count,
            "lead": self.lead,
            "examples": [row.enterprise for row in chosen[:EXAMPLES]],
            "more": max(0, count - EXAMPLES),
            "filters": [(name, value) for name, value in self.request.GET.items() if value],
        }


class NominateMany(ManyPage):
    """Nominate all candidates that fit the filters."""

    action = "undisturbed.nominate"
    title = gettext_lazy("Nominate all that fit")
    submit = gettext_lazy("Nominate them all")
    filterset_class = CandidateFilter
    lead = gettext_lazy(
        "Each is checked again; who no longer meets the criteria is left out. Every enterprise is told."
    )

    def rows(self) -> QuerySet[Any]:
        return accounts.scoped(queries.list_candidates(), self.person, self.action)

    def back(self) -> str:
        return f"{reverse('desk:undisturbed:candidates')}?{self.request.GET.urlencode()}"

    def act(self, form: Any) -> str:
        done = services.nominate_many(
            actor=self.actor,
            now=clock.now(),
            candidates=self.chosen(),
            expected=form.cleaned_data["expected"],
        )
        self.done(
            ngettext("%(count)s enterprise nominated", "%(count)s enterprises nominated", done.count)
            % {"count": done.count}
            + _(", %(left)s left out. They wait for the review at home.") % {"left": done.left}
        )
        return f"{reverse('desk:undisturbed:list')}?state=nominated"


class ReviewMany(ManyPage):
    """Agree to all listings that fit the filters and wait for the review at home."""

    action = "undisturbed.review"
    title = gettext_lazy("Review all that fit")
    submit = gettext_lazy("Agree to them all")
    filterset_class = ListingFilter
    lead = gettext_lazy(
        "Each is checked again; who does not meet the criteria stays for a decision of its own. The objection window "
        "of the other regions opens; where no agreement shares the list, they are listed at home."
    )

    def rows(self) -> QuerySet[Any]:
        waiting = [ListingState.NOMINATED.value, ListingState.APPLIED.value]
        return accounts.scoped(queries.list_listings().filter(state__in=waiting), self.person, self.action)

    def back(self) -> str:
        return f"{reverse('desk:undisturbed:list')}?{self.request.GET.urlencode()}"

    def act(self, form: Any) -> str:
        done = services.review_many(
            actor=self.actor, now=clock.now(), listings=self.chosen(), expected=form.cleaned_data["expected"]
        )
        self.done(
            ngettext("%(count)s enterprise reviewed", "%(count)s enterprises reviewed", done.count)
            % {"count": done.count}
            + _(", %(left)s left for a decision of their own.") % {"left": done.left}
        )
        return f"{reverse('desk:undisturbed:list')}?waiting=me"
