"""A model in words: what an indicator looks at, what it gives, for how long, and what a version changes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from yicha.know.credit.queries import models as queries
from yicha.know.credit.terms.differences import Difference, Subject
from yicha.know.credit.terms.model import STEP_DAYS, Attribute, Indicator, Measure, Model, Part, RedLine
from yicha.know.credit.terms.records import Severity
from yicha.know.registry import queries as registry

TONES = {
    "draft": ("plain", "edit"),
    "submitted": ("due", "writing-sign"),
    "signed": ("action", "hourglass"),
    "in-force": ("done", "circle-check"),
    "superseded": ("spared", "versions"),
    "withdrawn": ("spared", "arrow-back-up"),
}
"""How a version's state looks: (tone, icon)."""
PARTS = {
    Part.GENERAL: gettext_lazy("General indicators"),
    Part.SPECIFIC: gettext_lazy("Trade-specific indicators"),
}
FIELDS = {
    "": "",
    "title": gettext_lazy("title"),
    "source": gettext_lazy("source"),
    "words": gettext_lazy("name"),
    "part": pgettext_lazy("model", "part"),
    "measure": pgettext_lazy("model", "measure"),
    "kinds": gettext_lazy("kinds of record"),
    "severities": gettext_lazy("severity"),
    "domains": gettext_lazy("kinds of agency"),
    "points": pgettext_lazy("model", "points"),
    "amounts": gettext_lazy("amounts"),
    "window": pgettext_lazy("model", "window"),
    "decay": pgettext_lazy("model", "decay"),
    "cap": pgettext_lazy("model", "cap"),
    "lowers": pgettext_lazy("model", "lowers"),
    "years": gettext_lazy("years"),
    "attribute": gettext_lazy("attribute"),
    "values": gettext_lazy("values"),
    "by": gettext_lazy("levels begin by"),
    "cuts": gettext_lazy("levels begin at"),
}
"""The keys of a document in words."""
SUBJECTS = {
    Subject.INDICATOR: gettext_lazy("indicator"),
    Subject.RED_LINE: gettext_lazy("red line"),
    Subject.DECAY: gettext_lazy("table of decay"),
    Subject.CREDIT_LEVELS: gettext_lazy("credit level"),
    Subject.RISK_LEVELS: gettext_lazy("risk level"),
    Subject.MATRIX: gettext_lazy("matrix"),
    Subject.DOCUMENT: gettext_lazy("document"),
}
SPARK_WIDTH, SPARK_HEIGHT = 72, 20


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """A line of the table of indicators."""

    code: str
    name: str
    looks_at: str
    points: tuple[str, ...]
    amounts: str
    window: str
    decay: str
    spark: str
    cap: str
    lowers: bool
    source: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the table of red lines."""

    code: str
    name: str
    looks_at: str
    severities: str
    window: str
    source: str


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of the difference between two texts: kind is `same`, `added`, `removed` or `gap`."""

    kind: str
    mark: str
    before: int | None
    after: int | None
    text: str


def list_indicators(model: Model, part: Part) -> list[IndicatorRow]:
    """The indicators of a part, as people read them."""
    agencies = {kind.code: kind.name for kind in registry.list_agency_kinds()}
    return [_row(model, one, agencies) for one in model.indicators if one.part is part]


def list_red_lines(model: Model) -> list[LineRow]:
    """The red lines, as people read them."""
    agencies = {kind.code: kind.name for kind in registry.list_agency_kinds()}
    return [
        LineRow(
            line.code,
            line.words,
            _kinds(line, agencies),
            "、".join(queries.name_severity(one) for one in line.severities),
            window_words(line.window),
            line.source,
        )
        for line in model.red_lines
    ]


def window_words(steps: int) -> str:
    """For how long facts count."""
    if not steps:
        return _("as long as it has effect")
    days = steps * STEP_DAYS
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": f"{days:,}"}


def spark(table: Sequence[int]) -> str:
    """A table of decay as the points of a line, in a box of `SPARK_WIDTH` × `SPARK_HEIGHT`."""
    last = max(len(table) - 1, 1)
    return " ".join(
        f"{at * SPARK_WIDTH / last:.1f},{SPARK_HEIGHT - 1 - share * (SPARK_HEIGHT - 2) / 1000:.1f}"
        for at, share in enumerate(table)
    )


def _row(model: Model, one: Indicator, agencies: dict[str, str]) -> IndicatorRow:
    has_window = one.measure in (Measure.RECORDS, Measure.ABSENCE)
    return IndicatorRow(
        code=one.code,
        name=one.words,
        looks_at=_looks_at(one, agencies),
        points=_points(one),
        amounts="；".join(
            _("from %(amount)s yuan × %(factor)s")
            % {"amount": f"{band.at_least:,}", "factor": f"{band.permille / 1000:g}"}
            for band in one.amounts
        ),
        window=window_words(one.window) if has_window else "",
        decay=one.decay,
        spark=spark(model.decays[one.decay]) if one.decay else "",
        cap=str(one.cap) if one.cap else "",
        lowers=one.lowers,
        source=one.source,
    )


def _points(one: Indicator) -> tuple[str, ...]:
    sign = "−" if one.lowers else "+"
    if one.measure is Measure.RECORDS:
        return tuple(
            f"{queries.name_severity(severity)} {sign}{points}"
            if severity is not Severity.NONE
            else f"{sign}{points}"
            for severity, points in one.points.items()
            if points
        )
    points = one.points.get(Severity.NONE, 0)
    if one.measure is Measure.MISSING_YEARS:
        return (_("%(points)s for each year") % {"points": f"{sign}{points}"},)
    return (f"{sign}{points}",)


def _looks_at(one: Indicator, agencies: dict[str, str]) -> str:
    match one.measure:
        case Measure.RECORDS:
            return _kinds(one, agencies)
        case Measure.ABSENCE:
            return _("there is none: %(kinds)s") % {"kinds": _kinds(one, agencies)}
        case Measure.MISSING_YEARS:
            return ngettext(
                "no annual report of the last %(years)s year that is due",
                "no annual report of the last %(years)s years that are due",
                one.years,
            ) % {"years": one.years}
        case Measure.ATTRIBUTE:
            return _attribute(one)


def _attribute(one: Indicator) -> str:
    values = "、".join(one.values)
    match one.attribute:
        case Attribute.INDUSTRY:
            return _("industry code begins with %(values)s") % {"values": values}
        case Attribute.YOUNGER_THAN_STEPS:
            return _("registered less than %(days)s days ago") % {"days": int(values or 0) * STEP_DAYS}
        case _other:
            return _("kind of enterprise is %(values)s") % {"values": values}


def _kinds(one: Indicator | RedLine, agencies: dict[str, str]) -> str:
    kinds = "、".join(queries.name_kind(kind) for kind in one.kinds)
    if not one.domains:
        return kinds
    named = "、".join(agencies.get(code, code) for code in one.domains)
    return pgettext("model", "%(kinds)s (by %(agencies)s)") % {"kinds": kinds, "agencies": named}


@dataclass(frozen=True, slots=True)
class Changed:
    """A difference in words."""

    subject: str
    name: str
    what: str
    before: str
    after: str


def change_words(found: Iterable[Difference]) -> list[Changed]:
    """Differences as people read them: “行政处罚 · 严重 150 → 180”."""
    return [
        Changed(
            str(SUBJECTS[one.subject]), one.name, _field(one), _said(one, one.before), _said(one, one.after)
        )
        for one in found
    ]


def _field(one: Difference) -> str:
    name, _dot, severity = one.field.partition(".")
    words = str(FIELDS.get(name, name))
    if severity and severity != Severity.NONE:
        return f"{words} · {queries.name_severity(Severity(severity))}"
    return words


def _said(one: Difference, value: str) -> str:
    """A value as a page writes it."""
    if one.field == "window":
        return window_words(int(value or 0))
    if one.field == "cap" and value == "0":
        return _("none")
    if one.field == "lowers":
        return _("yes") if value == "true" else _("no")
    return value


def diff_lines(before: str, after: str, around: int = 3) -> list[DiffLine]:
    """The lines that two texts have differently, with some around them."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[DiffLine] = []
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(around)
    for group in groups:
        if lines or group[0][1] or group[0][3]:
            lines.append(DiffLine("gap", "", None, None, "…"))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += [
                    DiffLine("same", " ", i1 + n + 1, j1 + n + 1, text) for n, text in enumerate(old[i1:i2])
                ]
                continue
            lines += [DiffLine("removed", "−", i1 + n + 1, None, text) for n, text in enumerate(old[i1:i2])]
            lines += [DiffLine("added", "+", None, j1 + n + 1, text) for n, text in enumerate(new[j1:j2])]
    return lines
