"""The stored form of facts and verdicts: JSON out of frozen dataclasses, and the dataclasses out of JSON."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_form(value: Any) -> Any:
    """JSON without floats: dates in ISO 8601, decimals as texts, sets in their order."""
    if value is None or isinstance(value, StrEnum | str | bool):
        return value.value if isinstance(value, StrEnum) else value
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: to_form(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(to_form(one) for one in value)
    if isinstance(value, tuple):
        return [to_form(one) for one in value]
    return {one.name: to_form(getattr(value, one.name)) for one in fields(value)}


def from_form(kind: type[T], form: Any) -> T:
    """The dataclass again. A field that is not in the form takes its default: earlier forms stay readable."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind} is no dataclass")
    hints = _hints(kind)
    known = {name: _read(hint, form[name]) for name, hint in hints.items() if name in form}
    return kind(**known)


_hints = cache(get_type_hints)


def _read(hint: Any, form: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if form is None or any(isinstance(form, one) for one in arguments if one in (str, int)):
            return form
        return _read(next(one for one in arguments if one is not types.NoneType), form)
    if origin is tuple:
        return tuple(_read(arguments[0], one) for one in form)
    if origin is frozenset:
        return frozenset(_read(arguments[0], one) for one in form)
    if origin is not None and issubclass(origin, Mapping):
        return {key: _read(arguments[1], one) for key, one in form.items()}
    if is_dataclass(hint) and isinstance(hint, type):
        return from_form(hint, form)
    return _read_plain(hint, form)


def _read_plain(hint: Any, form: Any) -> Any:
    if hint is date:
        return date.fromisoformat(form)
    if hint is Decimal:
        return Decimal(form)
    if issubclass(hint, StrEnum):
        return hint(form)
    if issubclass(hint, Enum):
        return hint[form]
    return form
