"""The year that a page of plans is asked for."""

from __future__ import annotations

from django.http import HttpRequest

from yicha.kernel import clock
from yicha.kernel.refusal import NotFound


def year_of(request: HttpRequest) -> int:
    """The year that a page is asked for; without one, this year."""
    said = request.GET.get("year") or request.POST.get("year") or str(clock.today(clock.now()).year)
    if not said.isdecimal() or not 2000 <= int(said) <= 2100:
        raise NotFound
    return int(said)


def years_around(year: int) -> list[str]:
    """The years that a page offers."""
    return [str(number) for number in range(year - 2, year + 2)]
