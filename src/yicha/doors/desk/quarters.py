"""Quarters in words, for forms that ask for one."""

from __future__ import annotations

from django.utils.translation import gettext as _

NUMBERS = (1, 2, 3, 4)


def name_quarter(number: int) -> str:
    """What people call a quarter: `Q1`."""
    return _("Q%(number)s") % {"number": number}


def list_quarters() -> list[tuple[int, str]]:
    """The choices of a form; give the function itself, so that they are in the reader's language."""
    return [(number, name_quarter(number)) for number in NUMBERS]
