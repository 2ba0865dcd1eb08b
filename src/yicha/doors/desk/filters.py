"""Filters that lists share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class SearchFilter(django_filters.CharFilter):
    """What was typed, looked for in several columns. Each word must be found in one of them."""

    def __init__(
        self, paths: tuple[str, ...] = (), *, label: Words = _("search"), hint: Words = "", **options: Any
    ):
        widget = forms.TextInput(attrs={"type": "search", "placeholder": hint, "autocomplete": "off"})
        super().__init__(label=label, widget=widget, **options)
        self.paths = paths

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        for word in (value or "").split():
            found = Q()
            for path in self.paths:
                found |= Q(**{f"{path}__icontains": word})
            qs = qs.filter(found)
        return qs


def choices_of(query: Callable[[], QuerySet[Any]], field: str) -> Callable[[], list[tuple[str, str]]]:
    """The choices of a field of what a query lists, read when the form is drawn."""

    def read() -> list[tuple[str, str]]:
        found = query().model._meta.get_field(field)
        return [(str(key), str(words)) for key, words in found.flatchoices]

    return read


class ChoiceFilter(django_filters.ChoiceFilter):
    """One of the choices of a field."""

    def __init__(self, query: Callable[[], QuerySet[Any]], field: str, label: Words, **options: Any) -> None:
        super().__init__(
            field_name=options.pop("field_name", field),
            choices=choices_of(query, field),
            label=label,
            empty_label=_("all"),
            **options,
        )


class ObjectFilter(django_filters.ModelChoiceFilter):
    """One of the objects that a query lists, in the address by its code. `long` makes it searchable."""

    def __init__(
        self,
        query: Callable[[], QuerySet[Any]],
        label: Words,
        *,
        key: str = "code",
        long: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(
            queryset=lambda _request: query(),
            to_field_name=key,
            label=label,
            empty_label=_("all"),
            widget=forms.Select(attrs={"data-choose": ""} if long else {}),
            **options,
        )


class DayInput(forms.DateInput):
    """A date as browsers offer it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")
