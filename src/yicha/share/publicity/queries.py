"""What the public may read, and the clock for those who must publish."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, F, Q, QuerySet

from yicha.base.workdays import queries as workdays
from yicha.base.workdays.terms import Calendar
from yicha.kernel import uscc as codes
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import NumberFacts
from yicha.share.publicity.models import Publication
from yicha.share.publicity.terms import PUBLISH_WITHIN, ClockNumbers, PublicationState


def list_published() -> QuerySet[Publication]:
    """Everything public, the latest first. Only frozen columns: nothing is joined that is not public."""
    return Publication.objects.filter(state=PublicationState.PUBLISHED.value).order_by(
        "-published_on", "-visited_on", "pk"
    )


def search_published(text: str) -> QuerySet[Publication]:
    """Public results whose published name or code contains every word that was typed; a whole code, however spaced."""
    whole = codes.normalise(text)
    if len(whole) in (15, 18) and whole.isascii() and whole.isalnum():
        return list_published_of(whole)
    found = list_published()
    for word in text.split():
        code = codes.normalise(word)
        matches = Q(name__contains=word)
        if code.isascii() and code.isalnum():
            matches |= Q(uscc__contains=code)
        found = found.filter(matches)
    return found


def list_published_of(uscc: str) -> QuerySet[Publication]:
    """What was published of one enterprise, the latest visit first."""
    return list_published().filter(uscc=codes.normalise(uscc)).order_by("-visited_on", "-published_on")


def find_published(uuid: str) -> Publication | None:
    """One published result."""
    return list_published().filter(uuid=uuid).first()


def list_publications() -> QuerySet[Publication]:
    """Everything with its clock, for officials: what is due first comes first."""
    return Publication.objects.select_related(
        "visit__contact__enterprise__region",
        "visit__contact__enterprise__zone",
        "visit__contact__lead_agency",
    ).order_by("due_on", "pk")


def list_due() -> QuerySet[Publication]:
    """What is closed and not public yet, for officials."""
    return list_publications().filter(state=PublicationState.DUE.value)


def list_late(today: date) -> QuerySet[Publication]:
    """What is not public although its last day is over."""
    return list_due().filter(due_on__lt=today)


def get_clock_numbers(today: date) -> ClockNumbers:
    """How the clock is kept, over all results."""
    published = Q(state=PublicationState.PUBLISHED.value)
    due = Q(state=PublicationState.DUE.value)
    return ClockNumbers(
        **Publication.objects.aggregate(
            published=Count("pk", filter=published),
            published_in_time=Count("pk", filter=published & Q(published_on__lte=F("due_on"))),
            due=Count("pk", filter=due),
            late=Count("pk", filter=due & Q(due_on__lt=today)),
        )
    )


def get_publish_within(on: date) -> NumberFacts:
    """Within how many working days results must be public, with the source."""
    return catalogue.get_number(PUBLISH_WITHIN, on)


def count_days_left(due_on: date, today: date, calendar: Calendar) -> int:
    """Working days left until a result must be public; negative: working days late."""
    return workdays.count_left(today, due_on, calendar)
