"""The list of draws, one draw along its steps, and its files."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from yicha.decide.drawing import queries
from yicha.decide.drawing.terms import DrawKind, DrawState
from yicha.doors.public.draws.words import file_words, words
from yicha.doors.public.pages import PublicPage
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry

ROWS = 50
SHOWN = 200
"""Objects that a page shows; `result.json` beside it has all."""

TONES = {
    DrawState.PUBLISHED: "due",
    DrawState.REVEALED: "due",
    DrawState.DRAWN: "done",
    DrawState.VOID: "refuse",
}
TYPES = {
    "json": "application/json",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "py": "text/x-python; charset=utf-8",
}


def agency_names() -> dict[str, str]:
    """Names of agencies by code."""
    return dict(registry.list_agencies().values_list("code", "name"))


def name_organiser(code: str, names: dict[str, str]) -> str:
    """The name of an agency, a region or a zone; the code when it is none of these."""
    if code in names:
        return names[code]
    found = registry.find_region(code) or registry.list_zones().filter(code=code).first()
    return found.name if found else code


class Draws(PublicPage):
    """All draws from their publication on, void ones too."""

    title = _("Draws")
    template_name = "public/draws/list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "").strip()[:80]
        draws = queries.list_public_draws()
        if text:
            draws = draws.filter(Q(draw_id__icontains=text) | Q(title__icontains=text))
        page = Paginator(draws, ROWS).get_page(request.GET.get("page"))
        rows = [(draw, TONES.get(DrawState(draw.state), "plain")) for draw in page]
        return self.show(context={"page": page, "rows": rows, "q": text})


class Draw(PublicPage):
    """Was this draw fair? Answered by the visitor's own browser; the evidence is below."""

    template_name = "public/draws/draw.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draw = queries.find_public_draw(kwargs["draw_id"])
        if draw is None:
            raise NotFound
        names = agency_names()
        participants = [(names.get(row.agency, row.agency), row) for row in queries.list_participants(draw)]
        files = queries.list_public_names(draw)
        selection = queries.list_selection(draw)
        context = {
            "title": draw.title,
            "draw": draw,
            "tone": TONES.get(DrawState(draw.state), "plain"),
            "organiser": name_organiser(draw.organiser, names),
            "is_of_officers": draw.kind == DrawKind.OFFICERS.value,
            "is_demonstration": draw.beacon_kind == "demonstration",
            "participants": participants,
            "counts": queries.count_participation(draw),
            "strata": queries.list_strata(draw),
            "selection": selection[:SHOWN],
            "selected": len(selection),
            "drawn": sum(row.origin == "drawn" for row in selection),
            "assigned": len(queries.list_assignment(draw)),
            "replacements": queries.list_replacements(draw).filter(state="done"),
            "signatures": [
                (names.get(row.agency, row.agency), row) for row in draw.void_signatures.order_by("signed_at")
            ],
            "files": [(name, file_words(name)) for name in files],
            "urls": dict(zip(files, files, strict=True)),
            "words": words(),
            "steps": self.steps(draw),
        }
        return self.show(context=context)

    def steps(self, draw: Any) -> dict[str, str]:
        """What is done, now, next or stopped: freeze, reveal, beacon, result."""
        reached = [
            draw.frozen_at is not None,
            draw.state in ("revealed", "drawn") or bool(draw.seed),
            bool(draw.beacon),
            bool(draw.seed),
        ]
        found: dict[str, str] = {}
        for name, done in zip(("freeze", "reveal", "beacon", "result"), reached, strict=True):
            if done:
                found[name] = "done"
            elif draw.state == DrawState.VOID.value:
                found[name] = "stopped"
            else:
                found[name] = "next" if "now" in found.values() else "now"
        return found


class File(PublicPage):
    """One published file, exactly as it stands in the export."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draw = queries.find_public_draw(kwargs["draw_id"])
        content = queries.find_public_file(draw, kwargs["name"]) if draw else None
        if content is None:
            raise NotFound
        kind = TYPES.get(kwargs["name"].rpartition(".")[2], "text/plain; charset=utf-8")
        headers = {"Cache-Control": "no-cache", "Content-Disposition": f'inline; filename="{kwargs["name"]}"'}
        return HttpResponse(content, content_type=kind, headers=headers)
