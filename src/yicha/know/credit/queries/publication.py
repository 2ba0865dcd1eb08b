"""What the public may see of records, over all enterprises."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from yicha.know.credit.models import CreditRecord
from yicha.know.credit.queries.clocks import Clocks
from yicha.know.credit.queries.records import list_records
from yicha.know.credit.rules.publication import last_over
from yicha.know.credit.terms import RecordState
from yicha.know.credit.terms.repairs import MAXIMUM_KINDS


def list_public(today: date) -> QuerySet[CreditRecord]:
    """What the public may see on a day: nothing that has ended, or is past its maximum and waits for the night.

    The same as `list_published` says of one enterprise.
    """
    shown = (
        list_records()
        .filter(state=RecordState.IN_EFFECT.value, is_published=True, published_on__lte=today)
        .filter(Q(publish_until=None) | Q(publish_until__gte=today))
        .filter(Q(effective_until=None) | Q(effective_until__gte=today))
    )
    for severity, since, before, months in Clocks().maxima():
        over = Q(published_on__gte=since, published_on__lt=before, published_on__lte=last_over(today, months))
        shown = shown.exclude(over, kind__in=sorted(MAXIMUM_KINDS), severity=severity)
    return shown
