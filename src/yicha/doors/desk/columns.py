"""Columns that lists share: how a name, a code, a state, a date and a number stand in a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from types import FunctionType, MethodType
from typing import Any, cast

import django_tables2 as tables
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django_tables2 import utils as table_utils
from django_tables2.utils import AttributeDict

from yicha.doors.templatetags.look import at, code_html, on, state_html

_read_signature = table_utils.signature


@lru_cache(maxsize=512)
def _signature_of(function: FunctionType) -> tuple[tuple[str, ...], str | None]:
    found: tuple[tuple[str, ...], str | None] = _read_signature(function)
    return found


def _signature(function: Any) -> tuple[tuple[str, ...], str | None]:
    """What a render method takes, read once. Read at every cell it is half the time of a page, most of an export."""
    if isinstance(function, MethodType) and isinstance(function.__func__, FunctionType):
        arguments, keywords = _signature_of(function.__func__)
        return arguments[1:], keywords
    if isinstance(function, FunctionType):
        return _signature_of(function)
    return cast("tuple[tuple[str, ...], str | None]", _read_signature(function))


table_utils.signature = _signature


def _cell(kind: str) -> dict[str, dict[str, str]]:
    return {"td": {"class": kind}, "th": {"class": kind}}


class MainColumn(tables.Column):
    """The name of the row, linked to its page. `linkify` as in django-tables2."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("attrs", _cell("main"))
        super().__init__(**options)


class CodeColumn(tables.Column):
    """A code: monospaced, in groups of four."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("attrs", _cell("tight"))
        super().__init__(**options)

    def render(self, value: Any) -> str:
        return code_html(str(value))

    def value(self, **options: Any) -> Any:
        return options["value"]


class WordColumn(tables.Column):
    """A code made of words (`110112-market`): monospaced and never broken."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("attrs", _cell("tight mono"))
        super().__init__(**options)


class DateColumn(tables.Column):
    """A day, or with `moment=True` an instant."""

    def __init__(self, *, moment: bool = False, **options: Any) -> None:
        options.setdefault("attrs", _cell("date tight"))
        super().__init__(**options)
        self.moment = moment

    def render(self, value: date | datetime) -> str:
        return at(value) if self.moment and isinstance(value, datetime) else on(value)


class NumberColumn(tables.Column):
    """A number, at the right edge."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("attrs", _cell("num"))
        super().__init__(**options)


class StateColumn(tables.Column):
    """A state as icon, word and colour. `tones` maps the stored value to (tone, icon)."""

    def __init__(self, tones: Mapping[str, tuple[str, str]], **options: Any) -> None:
        options.setdefault("attrs", _cell("tight"))
        super().__init__(**options)
        self.tones = tones

    def render(self, value: Any, record: Any, bound_column: Any) -> str:
        stored = tables.A(bound_column.accessor).resolve(record, quiet=True)
        tone, icon = self.tones.get(str(stored), ("plain", "circle"))
        return state_html(str(value), tone, icon)

    def value(self, **options: Any) -> Any:
        return str(options["value"])


class ClassColumn(tables.Column):
    """The internal class A to D. Never on a public page."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("attrs", _cell("tight"))
        super().__init__(**options)

    def render(self, value: Any) -> str:
        return format_html('<span class="class-letter">{}</span>', value)

    def value(self, **options: Any) -> Any:
        return options["value"]


class PickColumn(tables.Column):
    """A box to tick, for the bulk bar. `field` names the record's key."""

    def __init__(self, label: str | Promise, key: str = "pk", **options: Any) -> None:
        options.setdefault("attrs", _cell("tight pick"))
        super().__init__(accessor=key, orderable=False, verbose_name=label, **options)
        self.label = label

    def render(self, value: Any, record: Any) -> str:
        return format_html(
            '<input type="checkbox" data-pick form="bulk" name="picked" value="{}" aria-label="{}: {}">',
            value,
            self.label,
            record,
        )


class ListTable(tables.Table):
    """A table of the desk: dense, sortable, stacked at phone width."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("template_name", "desk/table.html")
        options.setdefault("attrs", {"class": "rows"})
        options.setdefault("default", "")
        super().__init__(*args, **options)

    def body(self) -> SafeString:
        """The rows of the page as HTML, written in one go: a template would take three times as long."""
        filled, empty = {}, {}
        for column in self.columns:
            given = {**column.attrs.get("td", {}), "data-label": column.header}
            filled[column.name] = f"<td {AttributeDict(given).as_html()}>"
            # Where rows stand as small cards, a label without a value would only take room.
            given["class"] = f"{given.get('class', '')} is-empty".strip()
            empty[column.name] = f"<td {AttributeDict(given).as_html()}></td>"
        lines = []
        for row in self.paginated_rows:
            shown = ((column.name, conditional_escape(cell)) for column, cell in row.items())
            cells = (f"{filled[name]}{cell}</td>" if cell else empty[name] for name, cell in shown)
            lines.append(f"<tr>{''.join(cells)}</tr>")
        return mark_safe("\n".join(lines))  # noqa: S308 - every cell was escaped above
