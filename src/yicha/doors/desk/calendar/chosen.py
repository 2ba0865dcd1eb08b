"""What of the calendar is shown: a week or a month, and the filters of the address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.planning import queries as planning
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState

SHOWN = [ContactState.PLANNED.value, ContactState.MADE.value]
"""What stands in a calendar: spared and cancelled visits take nobody's day."""
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


class Narrowing(forms.Form):
    """The filters of the calendar. What the address says wrongly narrows nothing."""

    region = forms.ModelChoiceField(
        registry.list_regions(), to_field_name="code", required=False, label=_("region"), empty_label=_("all")
    )
    agency = forms.ModelChoiceField(
        registry.list_agencies(),
        to_field_name="code",
        required=False,
        label=_("agency that takes part"),
        empty_label=_("all"),
        widget=forms.Select(attrs={"data-choose": ""}),
    )
    officer = forms.ModelChoiceField(
        registry.list_officers(),
        to_field_name="certificate",
        required=False,
        label=_("officer"),
        empty_label=_("all"),
        widget=forms.Select(attrs={"data-choose": ""}),
    )

    def __init__(self, given: QueryDict, person: Person) -> None:
        super().__init__(given, auto_id="filter-%s")
        agencies = accounts.scoped(registry.list_agencies(), person, "schedule.view")
        officers = accounts.scoped(registry.list_officers(), person, "schedule.view").filter(active=True)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        if agency := given.get("agency"):
            officers = officers.filter(agency__code=agency)
        self.fields["officer"].queryset = officers  # type: ignore[attr-defined]
        self.is_valid()

    def chosen(self, name: str) -> Any:
        """What a filter is set to, or None."""
        return self.cleaned_data.get(name)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The visits that the filters leave."""
        if region := self.chosen("region"):
            rows = rows.filter(enterprise__region=region)
        if agency := self.chosen("agency"):
            # As a subquery: joined with who goes, a visit would come once for each of its items.
            rows = rows.filter(pk__in=rows.order_by().filter(items__agency=agency).values("pk"))
        if officer := self.chosen("officer"):
            rows = rows.filter(visit_officers__officer=officer)
        return rows

    def address(self, **more: str) -> str:
        """The query of the same filters with something added."""
        given = {name: self.data.get(name, "") for name in self.fields} | more
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True)
class Period:
    """Days that are shown together. `first` is a Monday (week) or the first of a month."""

    name: str
    first: date
    last: date

    @property
    def before(self) -> date:
        """A day of the period before."""
        return max(EARLIEST, self.first - timedelta(days=1))

    @property
    def after(self) -> date:
        """A day of the period after."""
        return min(LATEST, self.last + timedelta(days=1))

    @property
    def days(self) -> Iterator[date]:
        """Every day of it."""
        return (self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))


def read_day(text: str, default: date) -> date:
    """A day of the address, or the default where it says none that calendars have."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return default
    return found if EARLIEST <= found <= LATEST else default


def period_of(name: str, day: date) -> Period:
    """The week or the month that a day lies in."""
    if name == "month":
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return Period("month", day.replace(day=1), following - timedelta(days=1))
    monday = day - timedelta(days=day.weekday())
    return Period("week", monday, monday + timedelta(days=6))


def working_days(period: Period) -> set[date]:
    """The working days among them."""
    return set(planning.list_working_days(period.first, period.last))


def list_planned(person: Person, first: date, last: date) -> QuerySet[Any]:
    """The visits of these days that a person may see, in the order of the calendar, with all that a card shows."""
    rows = visits.list_contacts().filter(planned_on__range=(first, last), state__in=SHOWN)
    return (
        accounts.scoped(rows, person, "schedule.view")
        .select_related("pin")
        .prefetch_related("items__agency", "visit_officers__officer__agency")
        .order_by("planned_on", "planned_part", "enterprise__region__code", "enterprise__uscc", "pk")
    )


def first_shown(person: Person, today: date) -> date:
    """The day at which a calendar opens: the next one with a visit, the last one when none is ahead, else today."""
    rows = accounts.scoped(visits.list_contacts().filter(state__in=SHOWN), person, "schedule.view")
    days = rows.exclude(planned_on=None).values_list("planned_on", flat=True)
    ahead = days.filter(planned_on__gte=today).order_by("planned_on").first()
    return ahead or days.order_by("-planned_on").first() or today
