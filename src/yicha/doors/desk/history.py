"""What changed in a row, when, by whom: from the events that pghistory keeps (each holds the row as it was before)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pghistory.models
from django.db.models import DateTimeField, Field, ForeignKey, Model

from yicha.base.accounts import queries as accounts
from yicha.doors.templatetags.look import at

MOST = 200
"""Events read for a page; older ones are in the database."""


@dataclass(frozen=True)
class Change:
    """One field that changed. `by` is who was signed in, or empty for a program."""

    at: datetime
    by: str
    field: str
    before: str
    after: str


def list_changes(obj: Model) -> list[Change]:
    """The changes of a tracked row, the newest first."""
    kept = pghistory.models.Events.objects.tracks(obj)  # type: ignore[no-untyped-call]
    events = kept.filter(pgh_label="update").order_by("-pgh_created_at")
    after = {field.attname: field.value_from_object(obj) for field in _fields(obj)}
    changes: list[Change] = []
    found = list(events[:MOST])
    names = _names(found)
    for event in found:
        before: Mapping[str, Any] = event.pgh_data
        by = names.get((event.pgh_context or {}).get("user"), "")
        for field in _fields(obj):
            name = field.attname
            if name not in before or _plain(before[name]) == _plain(after.get(name)):
                continue
            words = (_words(field, before[name]), _words(field, after.get(name)))
            changes.append(Change(event.pgh_created_at, by, str(field.verbose_name), *words))
        after = {**after, **before}
    return changes


def _fields(obj: Model) -> list[Field[Any, Any]]:
    hidden = {"id", "uuid", "initials"}
    return [field for field in obj._meta.concrete_fields if field.name not in hidden]


def _names(events: Iterable[Any]) -> dict[Any, str]:
    """Who was signed in at each event, by the key that the request's middleware kept."""
    keys = [key for event in events if (key := (event.pgh_context or {}).get("user")) is not None]
    return {user.pk: str(user) for user in accounts.list_users().filter(pk__in=keys)}


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()  # as events keep an instant
    return "" if value is None else str(value)


def _words(field: Field[Any, Any], value: Any) -> str:
    """A value as people read it: a choice by its label, a foreign key by its object."""
    if value is None or value == "":
        return ""
    if isinstance(field, ForeignKey):
        found = field.related_model._default_manager.filter(pk=value).first()
        return str(found or value)
    if isinstance(field, DateTimeField):
        return at(datetime.fromisoformat(_plain(value)))
    labels = {str(key): str(label) for key, label in field.flatchoices}
    return labels.get(str(value), _plain(value))
