"""Documents of steps: finding them, and setting the pages of one."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from django.db.models import QuerySet

from yicha.base.documents import services as documents
from yicha.kernel import clock
from yicha.share.reporting.models import StepDocument
from yicha.share.reporting.queries.facts import gather_facts
from yicha.share.reporting.terms import EightStep, Facts


def list_documents(round_: Any) -> QuerySet[StepDocument]:
    """All documents of a round's steps, the newest first; their pages are left in the database."""
    return StepDocument.objects.filter(round=round_).defer("facts", "pages").order_by("-signed_at", "-pk")


def find_document(uuid: str) -> StepDocument | None:
    """One document with its round and its pages."""
    return StepDocument.objects.select_related("round").filter(uuid=uuid).first()


def set_pages(step: EightStep, facts: Facts, words: str, version: int, signed_at: datetime) -> bytes:
    """The PDF of a step that is being signed; the same for the same facts."""
    day = clock.today(signed_at)
    data = {
        **facts,
        "step": step.value,
        "words": words,
        "version": version,
        "signed_on": f"{day.year} 年 {day.month} 月 {day.day} 日",
    }
    return documents.typeset(_template(), documents.replace_missing(data), now=signed_at)


def set_draft(round_: Any, step: EightStep, now: datetime) -> bytes:
    """What would be signed now, marked as a draft."""
    facts = gather_facts(round_, step, clock.today(now))
    return set_pages(step, {**facts, "draft": True}, "", 0, now)


@cache
def _template() -> bytes:
    return resources.files(__package__ or "").joinpath("step.typ").read_bytes()
