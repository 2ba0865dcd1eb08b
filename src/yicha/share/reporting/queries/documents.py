"""Documents of steps: finding and printing them. The same facts give the same bytes, so nothing but facts is kept."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from django.db.models import QuerySet
from django.utils import translation

from yicha.base.documents import services as documents
from yicha.kernel import clock
from yicha.share.reporting.models import STEPS, StepDocument
from yicha.share.reporting.terms import EightStep, Facts


def list_documents(round_: Any) -> QuerySet[StepDocument]:
    """All documents of a round's steps, the newest first."""
    return StepDocument.objects.filter(round=round_).order_by("-signed_at", "-pk")


def find_document(uuid: str) -> StepDocument | None:
    """One document with its round."""
    return StepDocument.objects.select_related("round").filter(uuid=uuid).first()


def print_document(document: StepDocument) -> bytes:
    """The PDF; its hash is `sha256`."""
    return set_pages(
        EightStep(document.step), document.facts, document.words, document.version, document.signed_at
    )


def set_pages(step: EightStep, facts: Facts, words: str, version: int, signed_at: datetime) -> bytes:
    """The PDF of a step that is being signed."""
    day = clock.today(signed_at)
    with translation.override("zh-hans"):
        steps = {key.value: str(name) for key, name in STEPS.items()}
    data = {
        **facts,
        "step": step.value,
        "names": steps,
        "words": words,
        "version": version,
        "signed_on": f"{day.year} 年 {day.month} 月 {day.day} 日",
    }
    return documents.typeset(_template(), data, now=signed_at)


@cache
def _template() -> bytes:
    return resources.files(__package__ or "").joinpath("step.typ").read_bytes()
