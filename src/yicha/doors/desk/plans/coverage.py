"""Coverage: what is planned and drawn of all enterprises in a year, against the floor."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from yicha.decide.planning import queries
from yicha.decide.planning.terms import CoverageReport
from yicha.doors.desk.pages import DeskView
from yicha.doors.desk.plans.asked import year_of, years_around
from yicha.kernel import clock

BAR = 1000
"""Width of a bar of coverage in its own units."""


class Coverage(DeskView):
    """What is planned and drawn of all enterprises in a year, against the floor."""

    action = "plan.view"
    title = _("Coverage")
    template_name = "desk/plans/coverage.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today, year = clock.today(clock.now()), year_of(request)
        report = queries.get_coverage(year, today)
        *bars, (_total, total_bar) = list_bars(report)
        return self.show(
            context={
                "report": report,
                "year": str(year),
                "years": years_around(today.year),
                "bars": bars,
                "total_bar": total_bar,
            }
        )


def list_bars(report: CoverageReport) -> list[tuple[Any, dict[str, int]]]:
    """The rows of a report, the total last, each with the lengths of planned, drawn and floor on its bar.

    A bar ends at the largest share that is shown.
    """
    rows = [*report.regions, report.total]
    widest = max(max(row.floor * 2, row.share, row.drawn_share) for row in rows)
    lengths = [
        {name: int(BAR * getattr(row, share) / widest) if widest else 0 for name, share in SHARES.items()}
        for row in rows
    ]
    return list(zip(rows, lengths, strict=True))


SHARES = {"planned": "share", "drawn": "drawn_share", "floor": "floor"}
"""The parts of a bar, by what of a row they show."""
