"""What waits for a person. Areas tell it: a module `waiting.py` in an area, with functions marked `@provider`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from yicha.base.accounts.queries import Person
from yicha.doors.desk.navigation import area_modules


@dataclass(frozen=True)
class Waiting:
    """One thing to do: what, where, until when (None: no deadline), and the page on which it is done.

    `do` is the verb on the button; `mine` is False for what the person started and others must go on with.
    """

    what: str
    url: str
    due_on: date | None = None
    where: str = ""
    do: str | Promise = ""
    mine: bool = True


Provider = Callable[[Person], Iterable[Waiting]]
_PROVIDERS: dict[str, Provider] = {}


def provider(function: Provider) -> Provider:
    """Mark a function that answers, for a person, what waits for them. It is asked on every opening of the home."""
    _PROVIDERS[f"{function.__module__}.{function.__qualname__}"] = function
    return function


def list_waiting(person: Person) -> list[Waiting]:
    """Everything that waits, the nearest deadline first, what has none last."""
    area_modules("waiting")
    found = [one for ask in _PROVIDERS.values() for one in ask(person)]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.what))
