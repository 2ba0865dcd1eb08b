"""From the YAML of a model to `terms.model.Model`, or everything that is wrong with it.

The method is that of 国市监信发〔2022〕6号: general and trade-specific indicators, levels, a matrix of the two. The
document's grammar is described in docs/guide/classes.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from yaml.nodes import MappingNode, Node, SequenceNode

from yicha.kernel.refusal import refuse_if
from yicha.know.credit.rules.documents import Reader, compose
from yicha.know.credit.terms.model import (
    AmountBand,
    Attribute,
    CutBy,
    FactKind,
    Indicator,
    Levels,
    Measure,
    Model,
    Part,
    RedLine,
)
from yicha.know.credit.terms.records import GRADED_KINDS, Severity

MOST_INDICATORS = 64
MOST_RED_LINES = 32
MOST_DECAYS = 16
MOST_STEPS = 240
MOST_POINTS = 10_000
MOST_SCORE = 1_000_000
"""Bounds of a document, so that no sum of a model can outgrow a whole number of 64 bits in any engine."""

_TOP = ("code", "title", "source", "decay", "indicators", "red-lines", "levels", "matrix")
_COMMON = ("code", "words", "part", "measure", "points", "source")
_OF_MEASURE: Mapping[Measure, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Measure.RECORDS: (("kinds", "domains", "amounts", "window", "decay", "cap", "lowers"), ("kinds",)),
    Measure.ABSENCE: (("kinds", "domains", "window", "lowers"), ("kinds",)),
    Measure.MISSING_YEARS: (("years", "cap"), ("years",)),
    Measure.ATTRIBUTE: (("attribute", "values", "lowers"), ("attribute", "values")),
}
"""What an indicator may say beside the common keys, and must, by its measure."""
_KINDS = {kind.value: kind for kind in FactKind}
_SEVERITIES = {severity.value: severity for severity in Severity}
_NEVER_GRADED = frozenset(
    {kind for kind in FactKind if kind.value not in {graded.value for graded in GRADED_KINDS}}
    - {FactKind.INSPECTION_PROBLEM, FactKind.RECTIFICATION_OVERDUE}
)


def sha256_of(text: str) -> str:
    """The hash of a document as it was written."""
    return hashlib.sha256(text.encode()).hexdigest()


def parse(text: str, version: int = 0) -> Model:
    """The model that a document describes; refused with every fault, each with its line and path.

    The version is not in the document: it is given when a version is drafted.
    """
    root, faults = compose(text)
    refuse_if(faults)
    assert root is not None
    reader = Reader()
    model = _model(reader, root, version)
    refuse_if(sorted(reader.faults, key=lambda fault: int(str(fault.facts["line"]))))
    return model


def _model(reader: Reader, root: Node, version: int) -> Model:
    parts = reader.mapping(root, "", _TOP, [key for key in _TOP if key not in ("decay", "red-lines")])
    decays = _decays(reader, parts["decay"]) if "decay" in parts else {}
    indicators = _indicators(reader, parts["indicators"], decays) if "indicators" in parts else ()
    red_lines = _red_lines(reader, parts["red-lines"]) if "red-lines" in parts else ()
    credit, risk = _both_levels(reader, parts.get("levels"))
    return Model(
        code=reader.code(parts["code"], "code") if "code" in parts else "",
        version=version,
        title=reader.text(parts["title"], "title", 200) if "title" in parts else "",
        source=reader.text(parts["source"], "source") if "source" in parts else "",
        indicators=indicators,
        red_lines=red_lines,
        credit_levels=credit,
        risk_levels=risk,
        matrix=_matrix(reader, parts["matrix"]) if "matrix" in parts else ("A", "B", "C", "D"),
        decays=decays,
    )


def _decays(reader: Reader, node: Node) -> dict[str, tuple[int, ...]]:
    """Tables of decay: parts of a thousand by step of age, never rising (what is older does not count more)."""
    if not isinstance(node, MappingNode):
        reader.mapping(node, "decay", ())
        return {}
    names = [str(key.value) for key, _ in node.value]
    tables: dict[str, tuple[int, ...]] = {}
    for name, table in reader.mapping(node, "decay", names[:MOST_DECAYS]).items():
        path = f"decay.{name}"
        values = [reader.integer(one, path, 0, 1000) for one in reader.sequence(table, path, MOST_STEPS)]
        if isinstance(table, SequenceNode) and not values:
            reader.fault("model.empty-list", "Line %(line)s, %(path)s: name at least one.", table, path)
        if values != sorted(values, reverse=True):
            reader.fault(
                "model.decay-rises",
                (
                    "Line %(line)s, %(path)s: a number is larger than the one before; what is older counts less."
                ),
                table,
                path,
            )
        tables[name] = tuple(values)
    return tables


def _indicators(reader: Reader, node: Node, decays: Mapping[str, object]) -> tuple[Indicator, ...]:
    nodes = reader.sequence(node, "indicators", MOST_INDICATORS)
    if isinstance(node, SequenceNode) and not nodes:
        reader.fault("model.empty-list", "Line %(line)s, %(path)s: name at least one.", node, "indicators")
    found = [
        _indicator(reader, one, _path("indicators", one, number), decays)
        for number, one in enumerate(nodes, start=1)
    ]
    _each_once(reader, nodes, [one.code for one in found], "indicators")
    return tuple(found)


def _indicator(reader: Reader, node: Node, path: str, decays: Mapping[str, object]) -> Indicator:
    measure = _measure(reader, node, path)
    own, needed = _OF_MEASURE[measure]
    parts = reader.mapping(
        node, path, (*_COMMON, *own), ("code", "words", "part", "measure", "points", *needed)
    )
    kinds = (
        reader.choices(parts["kinds"], f"{path}.kinds", _KINDS, "model.unknown-kind")
        if "kinds" in parts
        else ()
    )
    part = (
        reader.choice(parts["part"], f"{path}.part", {one.value: one for one in Part}, "model.unknown-part")
        if "part" in parts
        else None
    )
    attribute, values = _attribute(reader, parts, path)
    return Indicator(
        code=reader.code(parts["code"], f"{path}.code") if "code" in parts else "",
        words=reader.text(parts["words"], f"{path}.words", 200) if "words" in parts else "",
        part=part or Part.GENERAL,
        measure=measure,
        points=_points(reader, parts["points"], f"{path}.points", measure, kinds)
        if "points" in parts
        else {},
        kinds=kinds,
        domains=_domains(reader, parts, path),
        amounts=_amounts(reader, parts["amounts"], f"{path}.amounts") if "amounts" in parts else (),
        window=_number(reader, parts, path, "window", MOST_STEPS),
        decay=_decay_name(reader, parts, path, decays),
        cap=_number(reader, parts, path, "cap", MOST_SCORE),
        lowers=reader.flag(parts["lowers"], f"{path}.lowers") if "lowers" in parts else False,
        years=_number(reader, parts, path, "years", 10, least=1),
        attribute=attribute,
        values=values,
        source=reader.text(parts["source"], f"{path}.source") if "source" in parts else "",
    )


def _measure(reader: Reader, node: Node, path: str) -> Measure:
    """The measure, read first: it decides what else an indicator may say. RECORDS stands in for what is wrong."""
    for key, value in node.value if isinstance(node, MappingNode) else ():
        if key.value == "measure":
            choices = {one.value: one for one in Measure}
            return (
                reader.choice(value, f"{path}.measure", choices, "model.unknown-measure") or Measure.RECORDS
            )
    return Measure.RECORDS


def _points(
    reader: Reader, node: Node, path: str, measure: Measure, kinds: tuple[FactKind, ...]
) -> dict[Severity, int]:
    """Points by severity for RECORDS, one number for the other measures."""
    if measure is not Measure.RECORDS:
        return {Severity.NONE: reader.integer(node, path, 1, MOST_POINTS)}
    parts = reader.mapping(node, path, tuple(_SEVERITIES))
    points = {
        _SEVERITIES[name]: reader.integer(value, f"{path}.{name}", 0, MOST_POINTS)
        for name, value in parts.items()
    }
    if isinstance(node, MappingNode) and not any(points.values()):
        reader.fault("model.no-points", "Line %(line)s, %(path)s: it gives no points: name some.", node, path)
    if kinds and _NEVER_GRADED.issuperset(kinds):
        for name in parts:
            if name != Severity.NONE.value:
                _never_graded(reader, parts[name], f"{path}.{name}", name)
    return points


def _never_graded(reader: Reader, node: Node, path: str, severity: str) -> None:
    reader.fault(
        "model.never-graded",
        "Line %(line)s, %(path)s: none of these kinds is ever “%(severity)s”: write “none”.",
        node,
        path,
        severity=severity,
    )


def _amounts(reader: Reader, node: Node, path: str) -> tuple[AmountBand, ...]:
    bands = []
    for number, one in enumerate(reader.sequence(node, path, 8), start=1):
        here = f"{path}[{number}]"
        keys = ("at-least", "permille")
        parts = reader.mapping(one, here, keys, keys)
        if len(parts) == 2:
            at_least = reader.integer(parts["at-least"], f"{here}.at-least", 1, 999_999_999)
            permille = reader.integer(parts["permille"], f"{here}.permille", 0, 10_000)
            bands.append(AmountBand(at_least, permille))
    starts = [band.at_least for band in bands]
    if starts != sorted(set(starts)):
        reader.fault(
            "model.amounts-not-ascending",
            "Line %(line)s, %(path)s: the amounts do not ascend: put the smallest first, each once.",
            node,
            path,
        )
    return tuple(bands)


def _decay_name(reader: Reader, parts: Mapping[str, Node], path: str, decays: Mapping[str, object]) -> str:
    if "decay" not in parts:
        return ""
    name = reader.text(parts["decay"], f"{path}.decay", 64)
    if name and name not in decays:
        known = ", ".join(decays) or "—"
        reader.fault(
            "model.unknown-decay",
            ("Line %(line)s, %(path)s: there is no table “%(value)s” under “decay”; there are: %(known)s."),
            parts["decay"],
            f"{path}.decay",
            value=name,
            known=known,
        )
    return name


def _attribute(
    reader: Reader, parts: Mapping[str, Node], path: str
) -> tuple[Attribute | None, tuple[str, ...]]:
    if "attribute" not in parts:
        return None, ()
    choices = {one.value: one for one in Attribute}
    attribute = reader.choice(parts["attribute"], f"{path}.attribute", choices, "model.unknown-attribute")
    if "values" not in parts:
        return attribute, ()
    here = f"{path}.values"
    if attribute is Attribute.YOUNGER_THAN_STEPS:
        nodes = reader.sequence(parts["values"], here, 1)
        return attribute, tuple(str(reader.integer(one, here, 1, MOST_STEPS)) for one in nodes)
    nodes = reader.sequence(parts["values"], here, 100)
    if isinstance(parts["values"], SequenceNode) and not nodes:
        reader.fault("model.empty-list", "Line %(line)s, %(path)s: name at least one.", parts["values"], here)
    return attribute, tuple(reader.text(one, here, 16) for one in nodes)


def _domains(reader: Reader, parts: Mapping[str, Node], path: str) -> tuple[str, ...]:
    if "domains" not in parts:
        return ()
    here = f"{path}.domains"
    return tuple(reader.code(one, here) for one in reader.sequence(parts["domains"], here, 32))


def _number(reader: Reader, parts: Mapping[str, Node], path: str, key: str, most: int, least: int = 0) -> int:
    return reader.integer(parts[key], f"{path}.{key}", least, most) if key in parts else 0


def _red_lines(reader: Reader, node: Node) -> tuple[RedLine, ...]:
    nodes = reader.sequence(node, "red-lines", MOST_RED_LINES)
    found = [
        _red_line(reader, one, _path("red-lines", one, number)) for number, one in enumerate(nodes, start=1)
    ]
    _each_once(reader, nodes, [one.code for one in found], "red-lines")
    return tuple(found)


def _red_line(reader: Reader, node: Node, path: str) -> RedLine:
    needed = ("code", "words", "kinds", "severities")
    parts = reader.mapping(node, path, (*needed, "window", "domains", "source"), needed)
    kinds: tuple[FactKind, ...] = ()
    severities: tuple[Severity, ...] = ()
    if "kinds" in parts:
        kinds = reader.choices(parts["kinds"], f"{path}.kinds", _KINDS, "model.unknown-kind")
    if "severities" in parts:
        here = f"{path}.severities"
        severities = reader.choices(parts["severities"], here, _SEVERITIES, "model.unknown-severity")
        if kinds and _NEVER_GRADED.issuperset(kinds):
            for severity in severities:
                if severity is not Severity.NONE:
                    _never_graded(reader, parts["severities"], here, severity.value)
    return RedLine(
        code=reader.code(parts["code"], f"{path}.code") if "code" in parts else "",
        words=reader.text(parts["words"], f"{path}.words", 200) if "words" in parts else "",
        kinds=kinds,
        severities=severities,
        window=_number(reader, parts, path, "window", MOST_STEPS),
        domains=_domains(reader, parts, path),
        source=reader.text(parts["source"], f"{path}.source") if "source" in parts else "",
    )


def _both_levels(reader: Reader, node: Node | None) -> tuple[Levels, Levels]:
    empty = Levels(CutBy.SCORE, (1, 2, 3))
    if node is None:
        return empty, empty
    parts = reader.mapping(node, "levels", ("credit", "risk"), ("credit", "risk"))
    credit, risk = (
        _levels(reader, parts[name], f"levels.{name}") if name in parts else empty
        for name in ("credit", "risk")
    )
    return credit, risk


def _levels(reader: Reader, node: Node, path: str) -> Levels:
    parts = reader.mapping(node, path, ("by", "cuts"), ("by", "cuts"))
    by = None
    if "by" in parts:
        choices = {one.value: one for one in CutBy}
        by = reader.choice(parts["by"], f"{path}.by", choices, "model.unknown-cut")
    if "cuts" not in parts:
        return Levels(by or CutBy.SCORE, (1, 2, 3))
    here = f"{path}.cuts"
    most = 1000 if by is CutBy.QUANTILE else MOST_SCORE
    least = 0 if by is CutBy.QUANTILE else 1
    cuts = [reader.integer(one, here, least, most) for one in reader.sequence(parts["cuts"], here, 3)]
    if isinstance(parts["cuts"], SequenceNode) and (len(cuts) != 3 or cuts != sorted(set(cuts))):
        reader.fault(
            "model.cuts",
            ("Line %(line)s, %(path)s: three numbers that ascend are needed, where levels 2, 3 and 4 begin."),
            parts["cuts"],
            here,
        )
        return Levels(by or CutBy.SCORE, (1, 2, 3))
    return Levels(by or CutBy.SCORE, (cuts[0], cuts[1], cuts[2]) if len(cuts) == 3 else (1, 2, 3))


def _matrix(reader: Reader, node: Node) -> tuple[str, str, str, str]:
    nodes = reader.sequence(node, "matrix", 5)
    rows = [reader.text(one, "matrix", 4) for one in nodes]
    if len(rows) != 4 or any(len(row) != 4 or set(row) - set("ABCD") for row in rows):
        reader.fault(
            "model.matrix",
            (
                "Line %(line)s, %(path)s: four rows of four letters A to D are needed: a row for each credit level, "
                "a letter for each risk level."
            ),
            node,
            "matrix",
        )
        return ("A", "B", "C", "D")
    columns = ["".join(row[at] for row in rows) for at in range(4)]
    for line in (*rows, *columns):
        if line != "".join(sorted(line)):
            reader.fault(
                "model.matrix-improves",
                "Line %(line)s, %(path)s: “%(row)s” improves; a worse level never gives a better class.",
                node,
                "matrix",
                row=line,
            )
    return (rows[0], rows[1], rows[2], rows[3])


def _path(name: str, node: Node, number: int) -> str:
    """A path that a reader finds: by the code that the entry gives itself, else by its place."""
    for key, value in node.value if isinstance(node, MappingNode) else ():
        if key.value == "code" and isinstance(value.value, str) and value.value:
            return f"{name}[{value.value[:64]}]"
    return f"{name}[{number}]"


def _each_once(reader: Reader, nodes: list[Node], codes: list[str], path: str) -> None:
    seen: set[str] = set()
    for node, code in zip(nodes, codes, strict=True):
        if code and code in seen:
            reader.fault(
                "model.duplicate-code",
                "Line %(line)s, %(path)s: the code “%(value)s” is there twice: choose another.",
                node,
                path,
                value=code,
            )
        seen.add(code)
