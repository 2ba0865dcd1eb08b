"""What a row of a file says beyond its cells, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext_noop as _

from yicha.ingest.exchange.terms import CellProblem, Completed, Values
from yicha.kernel.refusal import Reason
from yicha.know.credit import rules
from yicha.know.credit.intake.columns import PUBLICATION
from yicha.know.credit.rules import records
from yicha.know.credit.terms import GRADED_KINDS, RecordKind
from yicha.know.credit.terms.records import UNPUBLISHED_KINDS


def complete(
    values: Values, size: int, enterprises: Mapping[str, int], agencies: Mapping[str, int]
) -> Completed:
    """Who and from whom; the name of the record; and what a cell alone does not show to be wrong."""
    named, given = values["uscc"], [agency or "" for agency in values["agency"]]
    done = Completed(
        {
            "enterprise_id": [_text(enterprises.get(code or "")) for code in named],
            "agency_id": [_text(agencies.get(code)) for code in given],
            "reference": list(values["code"]),
            "code": [
                rules.code_of(agency, code or "") for agency, code in zip(given, values["code"], strict=True)
            ],
        }
    )
    for name in ("effective_from", "effective_until", "severity"):
        if name not in values:
            done.fields[name] = [None] * size
    if not values.keys().isdisjoint(PUBLICATION):
        _complete_publication(values, size, done)
    for position in range(size):
        problems = _find_problems(values, position, enterprises, agencies)
        if problems:
            done.problems[position] = problems
    return done


def _complete_publication(values: Values, size: int, done: Completed) -> None:
    """As `rules.complete`: a day says that it is published; without a day it is since it has effect."""
    nothing: list[str | None] = [None] * size
    said, days = values.get("is_published", nothing), values.get("published_on", nothing)
    begun = [
        own or happened
        for own, happened in zip(values.get("effective_from", nothing), values["happened_on"], strict=True)
    ]
    since = [
        None if says == "false" else day or (first if says else None)
        for says, day, first in zip(said, days, begun, strict=True)
    ]
    done.fields["published_on"] = since
    done.fields["is_published"] = ["true" if day else "false" for day in since]
    done.fields["publish_until"] = values.get("publish_until", nothing)


def _text(found: int | None) -> str | None:
    return None if found is None else str(found)


def _find_problems(
    values: Values, position: int, enterprises: Collection[str], agencies: Collection[str]
) -> list[CellProblem]:
    cell = {name: column[position] for name, column in values.items()}
    found = []
    if cell["uscc"] and cell["uscc"] not in enterprises:
        found.append(
            _problem("uscc", cell["uscc"], "unknown-enterprise", "“%(code)s” is not in the registry.")
        )
    if cell["agency"] and cell["agency"] not in agencies:
        found.append(_problem("agency", cell["agency"], "agency-unknown", "There is no agency “%(code)s”."))
    year = cell.get("year") or ""
    if cell["kind"] and (cell["kind"] == RecordKind.ANNUAL_REPORT) != bool(year):
        column = "year" if "year" in values else "kind"
        found.append(
            _problem(column, year, "credit-year", "An annual report names its year, and nothing else does.")
        )
    begin, end = cell.get("effective_from") or cell["happened_on"], cell.get("effective_until")
    if begin and end and begin > end:
        found.append(
            _problem("effective_until", end, "credit-ends-first", "The effect ends before it begins.")
        )
    digest = cell.get("evidence_hash") or ""
    if digest and not rules.is_sha256(digest):
        sentence = "The hash of the evidence is a SHA-256: 64 characters 0-9 and a-f."
        found.append(_problem("evidence_hash", digest, "credit-evidence-hash", sentence))
    severity = cell.get("severity") or ""
    if severity and cell["kind"] and cell["kind"] not in GRADED_KINDS:
        sentence = "Only what speaks against an enterprise is minor, general or serious."
        found.append(_problem("severity", severity, "credit-severity", sentence))
    return found + _find_publication_problems(cell)


def _find_publication_problems(cell: Mapping[str, str | None]) -> list[CellProblem]:
    """The same as `rules.find_publication_faults`, cell by cell."""
    said, day, until = (cell.get(name) or "" for name in PUBLICATION)
    if not day and said != "true":
        sentence = "It is said until when the record is public, but not that it is."
        return [_problem("publish_until", until, "credit-not-published", sentence)] if until else []
    found, column = [], "published_on" if day else "is_published"
    if said == "false":
        sentence = _("The record is said not to be public, and since when it is.")
        found.append(_problem("published_on", day, "credit-published-or-not", sentence))
    if cell["kind"] in UNPUBLISHED_KINDS:
        sentence = "Complaints and notices of tax and social insurance are not published here."
        found.append(_problem(column, day or said, "credit-unpublished-kind", sentence))
    since = day or cell.get("effective_from") or cell["happened_on"] or ""
    if until and until < since:
        found.append(
            _problem(
                "publish_until",
                until,
                "credit-publication-ends-first",
                "Publication ends before it begins.",
            )
        )
    for name in ("words", "evidence"):
        if records.has_personal(cell.get(name) or ""):
            found.append(CellProblem(name, "…", records.personal_reason(name)))
    return found


def _problem(column: str, value: str, code: str, sentence: str) -> CellProblem:
    facts = {"code": value} if "%(code)s" in sentence else {}
    return CellProblem(column, value, Reason(code, sentence, facts=facts))
