"""Public pages of results. Everything shown was frozen when it was published."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.public.pages import PublicPage
from yicha.kernel import canonical, clock
from yicha.kernel.refusal import NotFound
from yicha.know.visits.terms import PROBLEM_CODES
from yicha.share.publicity import queries

PER_PAGE = 30
LONGEST_SEARCH = 100
PROBLEMS = frozenset(code.value for code in PROBLEM_CODES)


def searched(request: HttpRequest) -> str:
    """What was typed, without ends and no longer than a name."""
    return request.GET.get("q", "").strip()[:LONGEST_SEARCH]


def results_of(publication: Any) -> list[dict[str, Any]]:
    """The items of a published result with the words of their codes."""
    words = queries.list_result_words()
    return [
        {
            "agency": row["agency"],
            "item": row["item"],
            "words": words.get(row["code"], row["code"]),
            "is_problem": row["code"] in PROBLEMS,
        }
        for row in publication.content["results"]
    ]


class Results(PublicPage):
    """The newest results, a search, and how the clock is kept."""

    title = gettext_lazy("Published results")
    template_name = "public/results/list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = searched(request)
        today = clock.today(clock.now())
        rows = queries.search_published(text) if text else queries.list_published()
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "q": text,
            "page": page,
            "numbers": queries.get_clock_numbers(today),
            "within": queries.get_publish_within(today),
            "simulated": any(one.simulated for one in page),
        }
        return self.show(context=context)


class OneResult(PublicPage):
    """One result: what was found, by whom, when; below it the proof."""

    template_name = "public/results/object.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = queries.find_published(self.kwargs["uuid"])
        if found is None:
            raise NotFound
        context = {"title": _("Result of a visit"), "result": found, "items": results_of(found)}
        return self.show(context=context)


class ResultJson(PublicPage):
    """Exactly the bytes whose SHA-256 is in the ledger."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = queries.find_published(self.kwargs["uuid"])
        if found is None:
            raise NotFound
        return HttpResponse(canonical.dumps(found.content), content_type="application/json")


class ResultsFile(PublicPage):
    """The results of a search as CSV (UTF-8 with BOM, so that spreadsheets read it), a row per item."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        text = searched(request)
        rows = queries.search_published(text) if text else queries.list_published()
        response = StreamingHttpResponse(
            _lines(rows.iterator(chunk_size=500)), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = 'attachment; filename="results.csv"'
        return response


HEADER = (
    gettext_lazy("unified social credit code"),
    gettext_lazy("name"),
    gettext_lazy("region"),
    gettext_lazy("visited on"),
    gettext_lazy("published on"),
    gettext_lazy("lead agency"),
    gettext_lazy("agency"),
    gettext_lazy("item"),
    gettext_lazy("code of the result"),
    gettext_lazy("result"),
    gettext_lazy("simulated"),
)


def _lines(publications: Iterable[Any]) -> Iterator[bytes]:
    words = queries.list_result_words()
    yield "\ufeff".encode() + _line([str(name) for name in HEADER])
    for found in publications:
        head = [
            found.uscc,
            found.name,
            found.region,
            str(found.visited_on),
            str(found.published_on),
            found.lead,
        ]
        for row in found.content["results"]:
            result = [row["agency"], row["item"], row["code"], str(words.get(row["code"], ""))]
            yield _line([*head, *result, "1" if found.simulated else ""])


def _line(cells: list[str]) -> bytes:
    """A line of CSV; a cell that a spreadsheet would take for a formula is made a text."""
    out = io.StringIO()
    csv.writer(out).writerow(
        [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells]
    )
    return out.getvalue().encode()
