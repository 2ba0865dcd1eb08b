"""Tags and filters of the look, for every door: how codes, dates, reasons and modes are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from yicha.kernel.clock import BEIJING
from yicha.kernel.refusal import Reason

register = template.Library()

THEMES = ("auto", "light", "dark")
TYPES = ("normal", "large")


@register.filter
def fours(code: object) -> list[str]:
    """A code cut into groups of four, for reading aloud; a code with separators of its own stays whole."""
    text = str(code or "")
    if not text.isalnum():
        return [text]
    return [text[at : at + 4] for at in range(0, len(text), 4)]


@register.filter
def on(day: date | datetime | None) -> str:
    """A date as 2026-07-01, in China; an instant gives the day it falls on there."""
    if day is None or day == "":
        return ""
    if isinstance(day, datetime):
        day = day.astimezone(BEIJING).date()
    return day.isoformat()


@register.filter
def at(moment: datetime | None) -> str:
    """An instant as 2026-07-01 14:05, in China."""
    if not moment:
        return ""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


@register.filter
def sentence(reason: Reason | str) -> str:
    """A reason in the reader's language, its places filled; facts that are words are translated too."""
    if isinstance(reason, str):
        return gettext(reason) if reason else ""
    facts = {name: _word(fact) for name, fact in reason.facts.items()}
    return gettext(reason.sentence) % facts if facts else gettext(reason.sentence)


@register.filter
def word(value: object) -> str:
    """A word of the terms (a state, a role) in the reader's language."""
    return str(_word(value))


@register.filter
def get(mapping: Mapping[Any, Any] | None, key: object) -> object:
    """The value of a mapping under a key that only the page knows."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def thousands(number: int | str | None) -> str:
    """A count with commas: 23,000, in every language of the product."""
    return f"{int(number):,}" if number not in (None, "") else ""


@register.filter
def percent(share: Decimal | float | None) -> str:
    """A share as a percentage without needless zeros: 0.0250 is 2.5 %."""
    if share is None or share == "":
        return ""
    return f"{(Decimal(str(share)) * 100).normalize():f} %"


@register.filter
def readable_json(value: object) -> str:
    """Facts of the ledger as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


@register.simple_tag
def icons() -> SafeString | str:
    """The address of the sprite."""
    return static("icons.svg")


@register.simple_tag(takes_context=True)
def chosen(context: Mapping[str, Any], name: str) -> str:
    """The reader's mode (`theme`: auto, light, dark; `type`: normal, large), from the cookie."""
    request = context.get("request")
    allowed = THEMES if name == "theme" else TYPES
    value = request.COOKIES.get(f"yicha_{name}", "") if request is not None else ""
    return value if value in allowed else allowed[0]


def icon_html(name: str) -> SafeString:
    """An icon beside a word. Tables draw thousands of cells, where a component would take ten times as long."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("icons.svg"),
        name,
    )


def state_html(words: str, tone: str, icon: str) -> SafeString:
    """The component `state`, for cells of tables."""
    return format_html('<span class="state tone-{}">{}{}</span>', tone, icon_html(icon), words)


def code_html(code: str) -> SafeString:
    """The component `code` without its button, for cells of tables."""
    parts = format_html_join("", "<span>{}</span>", ((part,) for part in fours(code)))
    return format_html('<span class="code"><span class="code-text">{}</span></span>', parts)


def _word(value: object) -> object:
    if isinstance(value, str) and value:
        return gettext(value)
    return value
