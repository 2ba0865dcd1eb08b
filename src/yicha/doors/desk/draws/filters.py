"""Filters of the list of draws."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from yicha.decide.drawing.queries import list_draws
from yicha.doors.desk.filters import ChoiceFilter, SearchFilter


class DrawFilter(django_filters.FilterSet):
    """What narrows the list of draws."""

    q = SearchFilter(("title", "draw_id", "plan_id"), hint=_("title or number"))
    state = ChoiceFilter(list_draws, "state", _("state"))
    kind = ChoiceFilter(list_draws, "kind", _("what is drawn"))
